// Predict's repository: what it journals goes into its own tables, in one transaction a batch.

import type { Competition, MarketClock } from '../../domain/clock.ts';
import type { Membership, Model } from '../../domain/model.ts';
import type { JournalEntry, PredictRepository, PredictState } from '../../domain/repositories.ts';
import type { Round } from '../../domain/round.ts';
import { refuseOther } from '../competition.ts';
import type { Database, Session, Transaction } from '../connect.ts';
import { createDays } from './days.ts';
import { writeAnswers } from './predictions.ts';
import { insertPrices } from './prices.ts';
import { insertRounds, roundColumns } from './rounds.ts';
import { storable } from './text.ts';

type EntryOf<T extends JournalEntry['type']> = Extract<JournalEntry, { type: T }>;

export function createPredictRepository(db: Database): PredictRepository {
  const ensureDays = createDays(db);
  return {
    async openCompetition(wanted) {
      await db.query(
        `insert into competition (game, world, seed, board_every_seconds, always_open)
         values ($1, $2, $3, $4, $5) on conflict do nothing`,
        [wanted.game, wanted.world, wanted.seed, wanted.boardEverySeconds, [...wanted.alwaysOpen]],
      );
      const there = (await readCompetition(db)) ?? wanted;
      refuseOther(there, wanted);
      return there;
    },

    async saveGameVersion(gameVersion, data) {
      await db.query('insert into game_versions (game_version, data) values ($1, $2) on conflict do nothing', [
        gameVersion,
        JSON.stringify(data),
      ]);
    },

    async load() {
      const [clock, models, memberships, openRounds, slots] = await Promise.all([
        readClock(db),
        db.query<Model>(
          `select model_id as "modelId", model_name as "modelName", cruncher_key as "cruncherKey",
             cruncher_id as "cruncherId", cruncher_name as "cruncherName" from models order by model_id`,
        ),
        db.query<Membership>(
          `select model_id as "modelId", joined_at as "joinedAt", gone_at as "goneAt", left_at as "leftAt"
           from memberships where left_at is null order by model_id, joined_at`,
        ),
        db.query<Round>(`select ${roundColumns} from rounds r where closed_at is null order by started_at, round_id`),
        db.query<{ profile: string; asset: string; lastSlot: number }>(
          `select profile, asset, max(slot) as "lastSlot" from (
             select profile, asset, max(started_at) as slot from rounds group by profile, asset
             union all
             select profile, asset, max(to_slot) from skips group by profile, asset
           ) as slots group by profile, asset order by profile, asset`,
        ),
      ]);
      const lastSlots = Object.fromEntries(
        slots.map(({ profile, asset, lastSlot }) => [`${profile}.${asset}`, lastSlot]),
      );
      return { clock, models, memberships, openRounds, lastSlots } satisfies PredictState;
    },

    async write(entries) {
      if (entries.length === 0) return;
      await ensureDays(entriesOf(entries, 'answers').map(({ resolvableAt }) => resolvableAt));
      await db.transaction((transaction) => writeEntries(transaction, entries));
    },
  };
}

/** The competition of a database, null before predict has written one. */
export async function readCompetition(session: Session): Promise<Competition | null> {
  const [row] = await session.query<Competition>(
    `select game, world, seed, board_every_seconds as "boardEverySeconds", always_open as "alwaysOpen" from competition`,
  );
  return row ?? null;
}

export async function readClock(session: Session): Promise<MarketClock | null> {
  const [row] = await session.query<MarketClock>({
    name: 'read_clock',
    text: 'select now, speed, mode, started_at as "startedAt" from market_clock',
  });
  return row ?? null;
}

/**
 * Entries of one type go together: their order matters only within a type, and a round comes before its
 * answers. The newest entry about one thing wins.
 */
async function writeEntries(transaction: Transaction, entries: readonly JournalEntry[]): Promise<void> {
  await upsertModels(transaction, entriesOf(entries, 'model'));
  await upsertDeployments(transaction, entriesOf(entries, 'deployment'));
  await upsertMemberships(transaction, entriesOf(entries, 'membership'));
  await insertPrices(transaction, entriesOf(entries, 'prices'));
  await insertRounds(
    transaction,
    entriesOf(entries, 'round').map(({ round }) => round),
  );
  await writeAnswers(transaction, entriesOf(entries, 'answers'));
  await upsertSkips(transaction, entriesOf(entries, 'skip'));
  await upsertClock(transaction, entriesOf(entries, 'clock').at(-1)?.clock);
  await transaction.query('notify condor_predict');
}

function entriesOf<T extends JournalEntry['type']>(entries: readonly JournalEntry[], type: T): EntryOf<T>[] {
  return entries.filter((entry): entry is EntryOf<T> => entry.type === type);
}

/** The last of each key: one statement may touch a row once. */
function lastByKey<T>(values: readonly T[], keyOf: (value: T) => string): string {
  return JSON.stringify([...new Map(values.map((value) => [keyOf(value), value])).values()]);
}

async function upsertModels(session: Session, entries: readonly EntryOf<'model'>[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(({ model, seenAt }) => ({
    ...model,
    modelName: storable(model.modelName),
    cruncherKey: storable(model.cruncherKey),
    cruncherId: storable(model.cruncherId),
    cruncherName: storable(model.cruncherName),
    seenAt,
  }));
  await session.query(
    `insert into models as m (model_id, model_name, cruncher_key, cruncher_id, cruncher_name, seen_at)
     select "modelId", "modelName", "cruncherKey", "cruncherId", "cruncherName", to_timestamp("seenAt")
     from json_to_recordset($1) as e("modelId" text, "modelName" text, "cruncherKey" text, "cruncherId" text,
       "cruncherName" text, "seenAt" float8)
     on conflict (model_id) do update set model_name = excluded.model_name, cruncher_key = excluded.cruncher_key,
       cruncher_id = excluded.cruncher_id, cruncher_name = excluded.cruncher_name, seen_at = excluded.seen_at
     where m.seen_at <= excluded.seen_at`,
    [lastByKey(rows, ({ modelId }) => modelId)],
  );
}

async function upsertDeployments(session: Session, entries: readonly EntryOf<'deployment'>[]): Promise<void> {
  if (entries.length === 0) return;
  await session.query(
    `insert into deployments as d (model_id, deployment_id, seen_at)
     select "modelId", "deploymentId", to_timestamp("seenAt")
     from json_to_recordset($1) as e("modelId" text, "deploymentId" text, "seenAt" float8)
     on conflict (model_id, deployment_id) do update set seen_at = excluded.seen_at
     where d.seen_at < excluded.seen_at`,
    [
      lastByKey(
        entries.map(({ deployment }) => deployment),
        ({ modelId, deploymentId }) => JSON.stringify([modelId, deploymentId]),
      ),
    ],
  );
}

async function upsertMemberships(session: Session, entries: readonly EntryOf<'membership'>[]): Promise<void> {
  if (entries.length === 0) return;
  await session.query(
    `insert into memberships as m (model_id, joined_at, gone_at, left_at)
     select "modelId", to_timestamp("joinedAt"), to_timestamp("goneAt"), to_timestamp("leftAt")
     from json_to_recordset($1) as e("modelId" text, "joinedAt" float8, "goneAt" float8, "leftAt" float8)
     on conflict (model_id, joined_at) do update set gone_at = excluded.gone_at, left_at = excluded.left_at
     where m.left_at is null`,
    [
      lastByKey(
        entries.map(({ membership }) => membership),
        ({ modelId, joinedAt }) => JSON.stringify([modelId, joinedAt]),
      ),
    ],
  );
}

/** A gap is one row from its first slot on, extended as it grows. */
async function upsertSkips(session: Session, entries: readonly EntryOf<'skip'>[]): Promise<void> {
  if (entries.length === 0) return;
  await session.query(
    `insert into skips as s (profile, asset, from_slot, to_slot, slots, reason)
     select profile, asset, to_timestamp("fromSlot"), to_timestamp("toSlot"), slots, reason
     from json_to_recordset($1) as e(profile text, asset text, "fromSlot" float8, "toSlot" float8, slots int,
       reason text)
     on conflict (profile, asset, from_slot) do update set to_slot = excluded.to_slot, slots = excluded.slots,
       reason = excluded.reason
     where s.to_slot < excluded.to_slot`,
    [
      lastByKey(
        entries.map(({ skip }) => skip).sort((a, b) => a.toSlot - b.toSlot),
        ({ profile, asset, fromSlot }) => `${profile}.${asset}.${fromSlot}`,
      ),
    ],
  );
}

/** Market time never goes back, whatever is written again after a crash. */
async function upsertClock(session: Session, clock: MarketClock | undefined): Promise<void> {
  if (clock === undefined) return;
  await session.query(
    {
      name: 'upsert_clock',
      text: `insert into market_clock as c (now, speed, mode, started_at)
        values (to_timestamp($1), $2, $3, to_timestamp($4))
        on conflict (single) do update set now = excluded.now, speed = excluded.speed, mode = excluded.mode,
          started_at = excluded.started_at
        where c.now <= excluded.now`,
    },
    [clock.now, clock.speed, clock.mode, clock.startedAt],
  );
}
