// Prices: append-only and idempotent, written by predict and score alike.

import type { Price } from '../../domain/price.ts';
import type { PriceRepository } from '../../domain/repositories.ts';
import type { Database, Session } from '../connect.ts';

const batchMax = 10_000; // rows a statement: about 1 MB of parameters

export function createPriceRepository(db: Database): PriceRepository {
  return {
    async append(prices, receivedAt) {
      if (prices.length <= batchMax) return await insertPrices(db, [{ prices, receivedAt }]);
      return await db.transaction((transaction) => insertPrices(transaction, [{ prices, receivedAt }]));
    },

    async range(asset, source, from, to) {
      return await db.query<Price>(
        {
          name: 'price_range',
          text: `select asset, priced_at as "pricedAt", price, source from prices
            where asset = $1 and source = $2 and priced_at > to_timestamp($3) and priced_at <= to_timestamp($4)
            order by priced_at`,
        },
        [asset, source, from, to],
      );
    },

    async latest(source) {
      // One probe of the index an asset, from one asset to the next; a plain \`group by\` would read it all.
      const rows = await db.query<{ asset: string; pricedAt: number | null }>(
        `with recursive assets as (
           (select asset from prices order by asset limit 1)
           union all
           select (select p.asset from prices p where p.asset > a.asset order by p.asset limit 1)
           from assets a where a.asset is not null
         )
         select a.asset, (select p.priced_at from prices p where p.asset = a.asset and p.source = $1
                          order by p.priced_at desc limit 1) as "pricedAt"
         from assets a where a.asset is not null order by a.asset`,
        [source],
      );
      const newest: Record<string, number> = {};
      for (const { asset, pricedAt } of rows) if (pricedAt !== null) newest[asset] = pricedAt;
      return newest;
    },
  };
}

/** Inserts what is new of `batches`; returns how many prices that were. */
export async function insertPrices(
  session: Session,
  batches: readonly { readonly prices: readonly Price[]; readonly receivedAt: number }[],
): Promise<number> {
  // In the order of the key, so that predict and score, appending the same prices, can't wait for each other.
  const rows = batches
    .flatMap(({ prices, receivedAt }) => prices.map((price) => ({ ...price, receivedAt })))
    .sort((a, b) => order(a.asset, b.asset) || a.pricedAt - b.pricedAt || order(a.source, b.source));
  let inserted = 0;
  for (let start = 0; start < rows.length; start += batchMax) {
    const batch = rows.slice(start, start + batchMax);
    const [row] = await session.query<{ count: number }>(
      {
        name: 'insert_prices',
        text: `with fresh as (
            insert into prices (asset, priced_at, source, price, received_at)
            select p.asset, to_timestamp(p.priced_at), p.source, p.price, to_timestamp(p.received_at)
            from unnest($1::text[], $2::float8[], $3::text[], $4::float8[], $5::float8[])
              as p(asset, priced_at, source, price, received_at)
            on conflict do nothing
            returning 1
          )
          select count(*) as count from fresh`,
      },
      [
        batch.map(({ asset }) => asset),
        batch.map(({ pricedAt }) => pricedAt),
        batch.map(({ source }) => source),
        batch.map(({ price }) => price),
        batch.map(({ receivedAt }) => receivedAt),
      ],
    );
    inserted += row?.count ?? 0;
  }
  return inserted;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
