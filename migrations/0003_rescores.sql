-- Score's: history computed again under another rule, beside what ranks. Nothing here ever reaches a board.

create table rescores (
  rescore_id text collate "C" primary key,
  rule text not null,
  rule_version integer not null,
  game_version text not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  check (from_at < to_at)
);

create table rescored_rounds (
  rescore_id text collate "C" not null references rescores on delete cascade,
  round_id text collate "C" not null,
  -- Null when the rule could score it; else why not.
  reason text,
  primary key (rescore_id, round_id)
);

create table rescored_scores (
  rescore_id text collate "C" not null references rescores on delete cascade,
  round_id text collate "C" not null,
  model_id text collate "C" not null,
  score double precision,
  points double precision not null check (points > '-Infinity' and points < 'Infinity'),
  answered boolean not null,
  primary key (rescore_id, round_id, model_id)
);
