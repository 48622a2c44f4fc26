// Everything a game or a model author may import, and nothing else.

export type { Calendar, Weekday } from './domain/calendar.ts';
export { defineGame } from './domain/define-game.ts';
export type * from './domain/game.ts';
export { type DensitySpecification, laplace, mixture, normal, studentT } from './runner/densities.ts';
export { Model } from './runner/model.ts';
export { type PricePoint, type PriceSeries, PriceStore, type PriceStoreOptions } from './runner/price-store.ts';
