// What a scenario may say about applications and their users.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/units.h"
#include "models/pg/config.h"
#include "sim/distributions.h"

namespace longhaul {

// How a new connection proves who it is.
enum class Authentication : std::uint8_t { scram, trust };

// libpq's sslmode: whether TLS is asked for, and insisted on.
enum class SslMode : std::uint8_t { prefer, disable, require };

template <>
const EnumNames& enum_names<Authentication>();
template <>
const EnumNames& enum_names<SslMode>();

// The connections that one instance keeps to each database.
struct PoolConfig {
  std::int64_t size = 10;
  Authentication authentication = Authentication::scram;
  SslMode sslmode = SslMode::prefer;
  Duration connect_timeout = seconds(10);
  Duration wait_timeout = seconds(30);
  std::int64_t queue = 10'000;

  static const FieldTable& fields();
  friend bool operator==(const PoolConfig&, const PoolConfig&) = default;
};

// Where a probe takes a replica's lag from.
enum class LagSource : std::uint8_t {
  replay_timestamp,
  replay_timestamp_unless_caught_up,
  write_lag,
  flush_lag,
  replay_lag,
  heartbeat,
  replay_lag_bytes,
  position_difference,
};
constexpr std::uint32_t time_lag_sources = 6;  // the first of them; the others know bytes only

constexpr bool gives_time(LagSource source) {
  return static_cast<std::uint32_t>(source) < time_lag_sources;
}

// Asked of the node that the replica streams from, whose answer covers all that stream from it.
constexpr bool asks_upstream(LagSource source) {
  return source == LagSource::write_lag || source == LagSource::flush_lag ||
         source == LagSource::replay_lag || source == LagSource::replay_lag_bytes;
}

template <>
const EnumNames& enum_names<LagSource>();

// An application in a region: users enter it, it talks to databases.
struct AppConfig {
  std::string name;
  std::string region;
  std::string zone = "a";
  std::int64_t instances = 1;
  PoolConfig pool;
  Duration statement_timeout = seconds(30);
  LagSource lag_source = LagSource::replay_timestamp;
  Duration position_poll = milliseconds(2);

  static const FieldTable& fields();
  friend bool operator==(const AppConfig&, const AppConfig&) = default;
};

// One statement of a transaction, a round trip by itself.
struct StatementConfig {
  std::optional<std::string> read;
  std::optional<std::string> locking_read;
  std::optional<std::string> write;
  std::int64_t times = 1;
  std::int64_t rows = 1;
  bool own = false;
  bool in_order = false;

  static const FieldTable& fields();
  friend bool operator==(const StatementConfig&, const StatementConfig&) = default;
};

// One call of a page: a statement by itself, or a transaction of several.
struct CallConfig {
  std::optional<std::string> read;
  std::optional<std::string> locking_read;
  std::optional<std::string> write;
  std::optional<std::vector<StatementConfig>> transaction;
  std::int64_t times = 1;
  std::int64_t rows = 1;
  bool own = false;
  bool in_order = false;
  std::optional<SynchronousCommit> synchronous_commit;

  static const FieldTable& fields();
  friend bool operator==(const CallConfig&, const CallConfig&) = default;
};

// What a user asks for at once: calls in sequence.
struct PageConfig {
  std::string name;
  std::int64_t weight = 1;
  std::vector<CallConfig> calls;

  static const FieldTable& fields();
  friend bool operator==(const PageConfig&, const PageConfig&) = default;
};

// Users of one region. Open: pages arrive at "rate" whatever the answers take. Closed: each session
// thinks for "think" after each answer. Nobody asks for anything outside [begins, ends).
struct PopulationConfig {
  std::string name;
  std::string from;
  Duration last_mile = milliseconds(20);
  std::string enters = "nearest";
  std::int64_t sessions = 1;
  std::int64_t sessions_per_user = 1;
  std::optional<EventRate> rate;
  std::optional<DurationDistribution> think;
  Duration begins;
  std::optional<Duration> ends;
  std::optional<std::int64_t> pages_max;   // of each session
  std::optional<Duration> throttle_above;  // a session pauses while a replica lags by more
  std::int64_t in_flight_max = 64;
  std::vector<PageConfig> pages;

  static const FieldTable& fields();
  friend bool operator==(const PopulationConfig&, const PopulationConfig&) = default;
};

}  // namespace longhaul
