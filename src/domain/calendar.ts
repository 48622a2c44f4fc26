// When an asset's market is open: weekly intervals in an IANA zone, plus dated exceptions. The instant of
// closing counts as open; the instant of opening does not, since its first price comes one candle later.

export type Weekday = 'Sunday' | 'Monday' | 'Tuesday' | 'Wednesday' | 'Thursday' | 'Friday' | 'Saturday';

export interface Calendar {
  /** IANA zone, for example `America/New_York`. */
  readonly zone: string;
  /** Open intervals of a week in local time, `HH:MM`; `to` may lie on a later day. */
  readonly weekly: readonly { readonly from: `${Weekday} ${string}`; readonly to: `${Weekday} ${string}` }[];
  /** Extra closures in local time, `YYYY-MM-DD HH:MM`. */
  readonly closed?: readonly { readonly from: string; readonly to: string }[];
}
