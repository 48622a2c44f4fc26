// Everything a game or a model author may import, and nothing else.

export type { Calendar, Weekday } from './domain/calendar.ts';
export { defineGame } from './domain/define-game.ts';
export type * from './domain/game.ts';
