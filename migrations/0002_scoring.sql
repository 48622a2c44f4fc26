-- Why a prediction scored as it did, and windows of the rules that rank nobody. Only additions: workers of the
-- release before go on writing scores without these columns.

alter table scores
  add column first_hour integer,
  add column hour_points real[],
  add column steps integer,
  add column pit_counts integer[],
  add column covered integer[],
  add column dispersion double precision,
  add column over_prediction double precision,
  add column under_prediction double precision;

-- As model_windows, for each shadow rule.
create table shadow_windows (
  rule text collate "C" not null,
  model_id text collate "C" not null,
  asset text collate "C" not null,
  profile text collate "C" not null,
  window_name text collate "C" not null,
  sum numeric not null,
  count bigint not null,
  answered bigint not null,
  primary key (rule, model_id, asset, profile, window_name)
) with (fillfactor = 70);

-- Which shadow rules the windows are kept for (name and version), and the board that last moved all of them: null,
-- or not `passed_until`, makes the next board compute every window anew. So a worker of the release before, which
-- moves fewer windows, and whoever changes scores that windows hold, spoil nothing. `windows_xid` is the transaction
-- that changed any window last: a worker that made it still knows all sums and need not read them.
alter table score_progress
  add column shadow_rules jsonb not null default '[]',
  add column moved_until timestamptz,
  add column windows_xid xid8;

-- The daily comparison of the windows with what `scores` say, slice by slice: the board at which each slice was
-- last compared, and how many of its sums have been found wrong (and put right) since the competition's start.
create table window_checks (
  rule text collate "C" not null,
  asset text collate "C" not null,
  profile text collate "C" not null,
  compared_at timestamptz not null,
  differences bigint not null,
  primary key (rule, asset, profile)
);
