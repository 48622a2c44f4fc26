// Everything a game or a model author may import, and nothing else.

export type * from './domain/game.ts';
