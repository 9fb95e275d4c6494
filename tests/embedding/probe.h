// What one database says about itself, by libpq.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>

#include "policy/types.h"

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Rows = std::unique_ptr<PGresult, decltype(&PQclear)>;

inline longhaul::TimePoint now() {
  const std::chrono::nanoseconds time = std::chrono::steady_clock::now().time_since_epoch();
  return {time.count()};
}

// received_tli needs pg_read_all_stats; without it a replica's timeline is unknown, and tokens
// send its reads to the primary.
constexpr const char* probe_sql =
    "SELECT NOT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery()"
    " THEN (SELECT received_tli FROM pg_stat_wal_receiver)"
    " ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END,"
    " CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
    " ELSE pg_current_wal_insert_lsn() END - '0/0',"
    " (extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1e9)::bigint";

inline std::optional<longhaul::Observation> observe(PGconn* database) {
  longhaul::Observation seen{.measured_at = now()};
  if (PQstatus(database) != CONNECTION_OK) PQreset(database);
  if (PQstatus(database) != CONNECTION_OK) return std::nullopt;
  const Rows rows(PQexec(database, probe_sql), PQclear);
  if (PQresultStatus(rows.get()) != PGRES_TUPLES_OK) return std::nullopt;
  auto number = [&](int column) { return std::atoll(PQgetvalue(rows.get(), 0, column)); };
  seen.is_primary = *PQgetvalue(rows.get(), 0, 0) == 't';
  seen.timeline = static_cast<std::uint32_t>(number(1));
  seen.replay_lsn = {static_cast<std::uint64_t>(number(2))};
  if (!seen.is_primary && !PQgetisnull(rows.get(), 0, 3)) seen.lag = {number(3)};
  seen.round_trip = now() - seen.measured_at;
  return seen;
}
