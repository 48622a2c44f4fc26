-- Everything one competition is kept in. Instants are market time, written by the workers; `received_at`
-- and leases alone are wall time. Ids order by their bytes (collate "C"), so that every machine lists
-- them alike.

-- Predict's tables -------------------------------------------------------------------------------------

create table competition (
  single boolean primary key default true check (single),
  game text not null,
  world text not null,
  seed bigint not null,
  board_every_seconds double precision not null check (board_every_seconds > 0),
  always_open text[] not null
);

create table market_clock (
  single boolean primary key default true check (single),
  now timestamptz not null,
  speed double precision not null check (speed > 0),
  mode text not null check (mode in ('live', 'warmup', 'replay', 'ended')),
  started_at timestamptz not null
);

-- `json`, not `jsonb`: the text is kept as written, so its hash can be taken again.
create table game_versions (
  game_version text collate "C" primary key,
  data json not null
);

create table models (
  model_id text collate "C" primary key,
  model_name text not null,
  cruncher_key text not null,
  cruncher_id text not null,
  cruncher_name text not null,
  seen_at timestamptz not null
);

create table deployments (
  model_id text collate "C" not null,
  deployment_id text collate "C" not null,
  seen_at timestamptz not null,
  primary key (model_id, deployment_id)
);

create table memberships (
  model_id text collate "C" not null,
  joined_at timestamptz not null,
  gone_at timestamptz,
  left_at timestamptz,
  primary key (model_id, joined_at)
);

-- A round is open until its answers are in: then `closed_at` is the market instant of the last of them.
-- `closed_xid` is the transaction that closed it. Score asks for rounds closed by transactions that its
-- last look could not see; an instant or a sequence would miss those that commit out of order.
create table rounds (
  round_id text collate "C" primary key,
  profile text collate "C" not null,
  asset text collate "C" not null,
  started_at timestamptz not null,
  resolvable_at timestamptz not null,
  game_version text not null,
  rule text not null,
  rule_version integer not null,
  asked_at timestamptz not null,
  last_priced_at timestamptz,
  scored_steps json not null,
  context json not null,
  member_ids text[] not null,
  warmup boolean not null,
  closed_at timestamptz,
  closed_xid xid8,
  fault text check (fault in ('interrupted', 'stalled', 'operator')),
  fault_reason text
);
create index rounds_open on rounds (started_at, round_id) where closed_at is null;
create index rounds_closed on rounds (closed_xid) where closed_xid is not null;
create index rounds_started on rounds (started_at, round_id);

create table skips (
  profile text collate "C" not null,
  asset text collate "C" not null,
  from_slot timestamptz not null,
  to_slot timestamptz not null,
  slots integer not null check (slots > 0),
  reason text not null,
  primary key (profile, asset, from_slot)
);

-- One row for every member of a round. `day` is the UTC day of the round's `resolvable_at`. Payloads are
-- compressed by the client, so the server must not try again: storage external.
create table predictions (
  day date not null,
  round_id text collate "C" not null,
  model_id text collate "C" not null,
  deployment_id text,
  status text not null check (status in ('success', 'failed', 'timeout', 'absent')),
  cause text,
  detail text,
  asked_at timestamptz not null,
  answered_at timestamptz,
  latency_us bigint,
  queued_us bigint,
  variant_type text,
  codec text,
  payload bytea,
  payload_bytes integer not null,
  -- Fencing epoch of the predict worker that wrote the row; 0 while there is but one worker.
  epoch bigint not null default 0,
  primary key (day, round_id, model_id)
) partition by range (day);
alter table predictions alter column payload set storage external;

-- Predict and score --------------------------------------------------------------------------------------

create table prices (
  asset text collate "C" not null,
  priced_at timestamptz not null,
  source text collate "C" not null,
  price double precision not null check (price > 0 and price < 'Infinity'),
  received_at timestamptz not null,
  primary key (asset, priced_at, source)
);

-- Score's tables -----------------------------------------------------------------------------------------

-- One row for every round whose answers are in. `waiting` rounds may be leased; a lease is a token and an
-- instant of the database's clock, and decides who works, never a number. `folded_at` is the board that
-- took the round into its windows and counts.
create table settlements (
  round_id text collate "C" primary key,
  resolvable_at timestamptz not null,
  state text not null default 'waiting' check (state in ('waiting', 'settled', 'void')),
  checked boolean not null default false,
  lease_token text,
  lease_until timestamptz,
  settled_at timestamptz,
  source text,
  baseline_score double precision,
  price_at_start double precision,
  price_at_end double precision,
  first_priced_at timestamptz,
  last_priced_at timestamptz,
  reason text,
  ours boolean,
  folded_at timestamptz,
  check ((state = 'waiting') = (settled_at is null)),
  check (state <> 'settled' or settled_at >= resolvable_at),
  check (folded_at is null or state <> 'waiting')
) with (fillfactor = 80);
create index settlements_waiting on settlements (resolvable_at, round_id) where state = 'waiting';
create index settlements_unchecked on settlements (resolvable_at, round_id) where state = 'waiting' and not checked;
create index settlements_unfolded on settlements (settled_at) where folded_at is null;
create index settlements_folded on settlements (resolvable_at) where folded_at is not null;

create table verdicts (
  day date not null,
  round_id text collate "C" not null,
  model_id text collate "C" not null,
  verdict text not null check (verdict in ('valid', 'invalid')),
  reason text,
  primary key (day, round_id, model_id)
) partition by range (day);

-- Points are summed exactly, so they must be numbers: a NaN would spoil a window for ever.
create table scores (
  day date not null,
  round_id text collate "C" not null,
  model_id text collate "C" not null,
  rule text collate "C" not null,
  rule_version integer not null,
  score double precision,
  points double precision not null check (points > '-Infinity' and points < 'Infinity'),
  answered boolean not null,
  primary key (day, round_id, model_id, rule)
) partition by range (day);

create table model_windows (
  model_id text collate "C" not null,
  asset text collate "C" not null,
  profile text collate "C" not null,
  window_name text collate "C" not null,
  sum numeric not null,
  count bigint not null,
  answered bigint not null,
  primary key (model_id, asset, profile, window_name)
) with (fillfactor = 70);

create table leaderboards (
  as_of timestamptz primary key,
  snapshot boolean not null,
  leaderboard json not null
);

create table snapshots (
  as_of timestamptz not null,
  model_id text collate "C" not null,
  standing json not null,
  primary key (as_of, model_id)
);
create index snapshots_of_model on snapshots (model_id, as_of);

-- How far boards have come, what their windows mean, and what all folded rounds add up to (counts of
-- rounds by state, of predictions by status, cause and verdict), so that no board ever counts history again. `swept_xid`: closed rounds of older transactions have a settlements row.
create table score_progress (
  single boolean primary key default true check (single),
  passed_until timestamptz not null,
  rule text not null,
  windows jsonb not null,
  counts jsonb not null,
  last_warmup_at timestamptz,
  swept_xid xid8 not null
);

-- Partitions ---------------------------------------------------------------------------------------------

-- Makes the three partitions of one UTC day. It runs as its owner, so that no worker needs the right to
-- make tables, and attaches instead of `partition of`, which would lock out everybody who is reading.
create function ensure_day(wanted date) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  parent text;
  child text;
begin
  -- A prediction of the far past or future is a mistake somewhere; refuse to litter the catalog.
  if wanted not between date '2000-01-01' and date '2200-01-01' then
    raise exception 'Cannot make partitions for day %: days are between 2000-01-01 and 2200-01-01', wanted;
  end if;
  perform pg_advisory_xact_lock(hashtext('condor.ensure_day'));
  foreach parent in array array['predictions', 'verdicts', 'scores'] loop
    child := format('%s_%s', parent, to_char(wanted, 'YYYYMMDD'));
    if to_regclass(format('public.%I', child)) is null then
      execute format('create table public.%I (like public.%I including all)', child, parent);
      execute format(
        'alter table public.%I attach partition public.%I for values from (%L) to (%L)',
        parent, child, wanted, wanted + 1);
    end if;
  end loop;
end
$$;
revoke all on function ensure_day(date) from public;
