// What a scenario may say about applications.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/fields.h"
#include "base/units.h"
#include "models/app/connect_config.h"
#include "models/app/outbox_config.h"
#include "models/app/pgbouncer_config.h"
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
  std::optional<Duration> lifetime;
  std::optional<Duration> idle_timeout;

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
  ConnectConfig connect;
  TcpConfig tcp;
  std::optional<PgBouncerConfig> pgbouncer;
  OutboxConfig outbox;
  Duration statement_timeout = seconds(30);
  std::optional<Duration> page_timeout;
  LagSource lag_source = LagSource::replay_timestamp;
  Duration position_poll = milliseconds(2);
  std::optional<DurationDistribution> token_store_delay;

  static const FieldTable& fields();
  friend bool operator==(const AppConfig&, const AppConfig&) = default;
};

}  // namespace longhaul
