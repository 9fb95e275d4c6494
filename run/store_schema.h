// The tables of a sweep's file; docs/store.md describes them.
#pragma once

namespace longhaul {

inline constexpr const char* store_schema = R"sql(
CREATE TABLE sweep (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE axis (
  axis INTEGER NOT NULL PRIMARY KEY,
  path TEXT NOT NULL
) STRICT;
CREATE TABLE setting (
  setting INTEGER NOT NULL,
  axis INTEGER NOT NULL REFERENCES axis,
  value TEXT NOT NULL,
  PRIMARY KEY (setting, axis)
) STRICT, WITHOUT ROWID;
CREATE TABLE cell (
  cell INTEGER NOT NULL PRIMARY KEY,
  setting INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  crash_ns INTEGER,
  holds INTEGER NOT NULL,
  cost_micro_usd INTEGER NOT NULL,
  unfinished_pages INTEGER NOT NULL,
  events INTEGER NOT NULL,
  digest TEXT NOT NULL
) STRICT;
CREATE TABLE figure (
  cell INTEGER NOT NULL REFERENCES cell,
  metric TEXT NOT NULL,
  labels TEXT NOT NULL,
  unit TEXT NOT NULL,
  count INTEGER NOT NULL,
  population INTEGER,
  min INTEGER, avg INTEGER, med INTEGER, p90 INTEGER, p95 INTEGER, p99 INTEGER, p999 INTEGER,
  max INTEGER,
  PRIMARY KEY (cell, metric, labels)
) STRICT, WITHOUT ROWID;
CREATE TABLE verdict (
  cell INTEGER NOT NULL REFERENCES cell,
  metric TEXT NOT NULL,
  expectation TEXT NOT NULL,
  holds INTEGER NOT NULL,
  value INTEGER,
  PRIMARY KEY (cell, metric, expectation)
) STRICT, WITHOUT ROWID;
CREATE TABLE failover (
  cell INTEGER NOT NULL REFERENCES cell,
  failover INTEGER NOT NULL,
  old_primary TEXT NOT NULL,
  new_primary TEXT NOT NULL,
  reason TEXT NOT NULL,
  needless INTEGER NOT NULL,
  ordered_ns INTEGER NOT NULL,
  opened_ns INTEGER,
  region TEXT,
  outage_began_ns INTEGER,
  outage_ended_ns INTEGER,
  censored INTEGER,
  PRIMARY KEY (cell, failover)
) STRICT, WITHOUT ROWID;
CREATE TABLE phase (
  cell INTEGER NOT NULL REFERENCES cell,
  failover INTEGER NOT NULL,
  position INTEGER NOT NULL,
  phase TEXT NOT NULL,
  duration_ns INTEGER NOT NULL,
  PRIMARY KEY (cell, failover, position)
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace longhaul
