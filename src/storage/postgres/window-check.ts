// The daily comparison of windows with scores, a slice at a time: one rule, asset and profile. What has been
// compared stands in `window_checks`, so a worker that ends in the middle leaves the rest to the next.

import type { WindowComparison } from '../../domain/board.ts';
import type { Window } from '../../domain/game.ts';
import type { Session } from '../connect.ts';
import { dayOf } from './days.ts';
import { compareWindows, type Place, type RuleWindows } from './windows.ts';

export interface WindowCheck {
  /** Whether nothing is left to compare on the UTC day of `asOf`, as far as this worker knows. */
  isDone(asOf: number): boolean;
  /** Compares the next slice; null when none is left. The caller holds the lock of boards. */
  compareNext(
    session: Session,
    targets: readonly RuleWindows[],
    board: { readonly asOf: number; readonly windows: readonly Window[] },
  ): Promise<WindowComparison | null>;
}

export function createWindowCheck(): WindowCheck {
  let doneDay: string | null = null; // saves asking again each turn
  return {
    isDone(asOf) {
      return dayOf(asOf) === doneDay;
    },

    async compareNext(session, targets, { asOf, windows }) {
      const next = await readNext(session, targets, asOf, windows);
      if (next === null) {
        doneDay = dayOf(asOf);
        return null;
      }
      const { target, place } = next;
      const differences = await compareWindows(session, target, place, { asOf, windows });
      await note(session, target, place, asOf, differences.length);
      return { rule: target.rule, ...place, asOf, differences };
    },
  };
}

/** The first slice with a settled round or a sum, in order, that has not been compared on the day of `asOf`. */
async function readNext(
  session: Session,
  targets: readonly RuleWindows[],
  asOf: number,
  windows: readonly Window[],
): Promise<{ readonly target: RuleWindows; readonly place: Place } | null> {
  const from = asOf - Math.max(...windows.map(({ seconds }) => seconds));
  const [slice] = await session.query<Place & { readonly rule: string }>(
    `with places as (
       select r.asset, r.profile from settlements s join rounds r using (round_id)
         where s.folded_at is not null and s.state = 'settled' and s.resolvable_at >= to_timestamp($3)
       union select asset, profile from model_windows
       union select asset, profile from shadow_windows)
     select n.rule, p.asset, p.profile from unnest($1::text[]) with ordinality as n(rule, place) cross join places p
     where not exists (select from window_checks c where c.rule = n.rule and c.asset = p.asset
       and c.profile = p.profile and c.compared_at >= $2::date)
     order by n.place, p.profile, p.asset limit 1`,
    [targets.map(({ rule }) => rule), dayOf(asOf), from],
  );
  const target = targets.find(({ rule }) => rule === slice?.rule);
  return slice && target ? { target, place: { asset: slice.asset, profile: slice.profile } } : null;
}

async function note(
  session: Session,
  { rule }: RuleWindows,
  { asset, profile }: Place,
  asOf: number,
  differences: number,
): Promise<void> {
  await session.query(
    `insert into window_checks as c (rule, asset, profile, compared_at, differences)
     values ($1, $2, $3, to_timestamp($4), $5)
     on conflict (rule, asset, profile) do update
       set compared_at = excluded.compared_at, differences = c.differences + excluded.differences`,
    [rule, asset, profile, asOf, differences],
  );
}
