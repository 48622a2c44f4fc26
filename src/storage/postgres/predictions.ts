// Answers of rounds: closing a round and keeping its predictions is one step, so a closed round has them all.

import type { JournalEntry, RoundPlace, StoredPrediction } from '../../domain/repositories.ts';
import type { Session, Transaction } from '../connect.ts';
import { bigintField, copyRows, dateField, type Field, instantField, integerField, textField } from './copy.ts';
import { dayOf } from './days.ts';
import { storable } from './text.ts';

export type AnswersEntry = Extract<JournalEntry, { type: 'answers' }>;

const copyDeadlineMs = 30_000; // 1,000 answers of 8 KB take 0.3 s

/**
 * Closes the rounds and copies their predictions. A round that is closed already has its predictions, so
 * its entry is passed over: no conflict can arise, and COPY goes straight into the table.
 * @throws Error when a round was never recorded.
 */
export async function writeAnswers(transaction: Transaction, entries: readonly AnswersEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const byRound = new Map<string, AnswersEntry>();
  for (const entry of entries) if (!byRound.has(entry.roundId)) byRound.set(entry.roundId, entry);

  const states = await closeRounds(transaction, [...byRound.values()]);
  const unknown = states.find(({ isKnown }) => !isKnown);
  if (unknown) throw new Error(`Cannot write answers of round "${unknown.roundId}": the round was never recorded`);
  const fresh = states.flatMap(({ roundId, askedAt }) => {
    const entry = byRound.get(roundId);
    return entry && askedAt !== null ? [{ entry, askedAt }] : [];
  });
  if (!fresh.some(({ entry }) => entry.predictions.length > 0)) return;
  await copyRows(
    transaction.client,
    `predictions (day, round_id, model_id, deployment_id, status, cause, detail, asked_at, answered_at, latency_us,
       queued_us, variant_type, codec, payload, payload_bytes)`,
    encodePredictions(fresh),
    copyDeadlineMs,
  );
}

const pageMax = { rows: 1_000, bytes: 4 * 1024 * 1024 }; // what the driver needs for it is five times as much

/**
 * All predictions of one round, in model-id order, page by page: at most 1,000, and as many as have 4 MiB of
 * payloads together, but at least one.
 */
export async function* readPredictions(
  session: Session,
  { roundId, resolvableAt }: RoundPlace,
): AsyncGenerator<readonly StoredPrediction[]> {
  const day = dayOf(resolvableAt);
  let page: readonly StoredPrediction[] = [];
  do {
    page = await readPage(session, day, roundId, page.at(-1)?.modelId ?? '');
    if (page.length > 0) yield page;
  } while (page.length > 0);
}

/** Sizes are summed before any payload is read: they stand in the rows, the payloads elsewhere. */
async function readPage(
  session: Session,
  day: string,
  roundId: string,
  after: string,
): Promise<readonly StoredPrediction[]> {
  return await session.query<StoredPrediction>(
    {
      name: 'read_predictions',
      text: `select round_id as "roundId", model_id as "modelId", deployment_id as "deploymentId", status, cause, detail,
          answered_at as "answeredAt", latency_us as "latencyUs", queued_us as "queuedUs",
          variant_type as "variantType", codec, payload, payload_bytes as "payloadBytes"
        from (
          select *, row_number() over rows as place, sum(octet_length(payload)) over rows as bytes
          from (select * from predictions where day = $1 and round_id = $2 and model_id > $3 order by model_id limit $4) p
          window rows as (order by model_id)
        ) sized
        where place = 1 or bytes <= $5 order by model_id`,
    },
    [day, roundId, after, pageMax.rows, pageMax.bytes],
  );
}

/** `askedAt` is null for rounds that were closed before. A round closes at its last answer. */
async function closeRounds(
  session: Session,
  entries: readonly AnswersEntry[],
): Promise<{ roundId: string; isKnown: boolean; askedAt: number | null }[]> {
  return await session.query(
    {
      name: 'close_rounds',
      text: `with answered as (
          select * from json_to_recordset($1)
            as a("roundId" text, "answeredAt" float8, fault text, "faultReason" text)
        ), closed as (
          update rounds r set closed_at = coalesce(to_timestamp(a."answeredAt"), r.asked_at),
            closed_xid = pg_current_xact_id(), fault = a.fault, fault_reason = a."faultReason"
          from answered a where r.round_id = a."roundId" and r.closed_at is null
          returning r.round_id, r.asked_at
        )
        select a."roundId", r.round_id is not null as "isKnown", c.asked_at as "askedAt"
        from answered a left join rounds r on r.round_id = a."roundId" left join closed c on c.round_id = a."roundId"`,
    },
    [
      JSON.stringify(
        entries.map(({ roundId, fault, faultReason = null, predictions }) => ({
          roundId,
          answeredAt: predictions.reduce<number | null>(
            (latest, { answeredAt }) => (answeredAt === null ? latest : Math.max(latest ?? answeredAt, answeredAt)),
            null,
          ),
          fault,
          faultReason: storable(faultReason),
        })),
      ),
    ],
  );
}

function* encodePredictions(
  rounds: readonly { readonly entry: AnswersEntry; readonly askedAt: number }[],
): Generator<readonly Field[]> {
  for (const { entry, askedAt } of rounds) {
    const day = dateField(dayOf(entry.resolvableAt));
    const roundId = textField(entry.roundId);
    const asked = instantField(askedAt);
    const seen = new Set<string>();
    for (const prediction of entry.predictions) {
      if (seen.has(prediction.modelId)) continue; // a prediction again: the first one stays
      seen.add(prediction.modelId);
      yield [
        day,
        roundId,
        textField(prediction.modelId),
        textField(prediction.deploymentId),
        textField(prediction.status),
        textField(prediction.cause),
        textField(storable(prediction.detail)),
        asked,
        instantField(prediction.answeredAt),
        bigintField(prediction.latencyUs),
        bigintField(prediction.queuedUs),
        textField(prediction.variantType),
        textField(prediction.codec),
        prediction.payload,
        integerField(prediction.payloadBytes),
      ];
    }
  }
}
