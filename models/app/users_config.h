// What a scenario may say about users and the pages that they ask for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/units.h"
#include "models/app/cache_config.h"
#include "models/pg/config.h"
#include "sim/distributions.h"

namespace longhaul {

// One statement of a transaction, a round trip by itself.
struct StatementConfig {
  std::optional<std::string> read;
  std::optional<std::string> locking_read;
  std::optional<std::string> write;
  std::optional<std::string> sql;   // as written; classified before a world is built
  std::optional<std::string> data;  // beside sql
  std::int64_t times = 1;
  std::int64_t rows = 1;
  bool own = false;
  bool in_order = false;
  std::vector<std::string> needs;  // columns

  static const FieldTable& fields();
  friend bool operator==(const StatementConfig&, const StatementConfig&) = default;
};

// One call of a page: a statement by itself, or a transaction of several.
struct CallConfig {
  std::optional<std::string> read;
  std::optional<std::string> locking_read;
  std::optional<std::string> write;
  std::optional<std::string> sql;   // as written; classified before a world is built
  std::optional<std::string> data;  // beside sql
  std::optional<std::string> enqueue;
  std::optional<std::vector<StatementConfig>> transaction;
  std::int64_t times = 1;
  std::int64_t rows = 1;
  bool own = false;
  bool in_order = false;
  std::vector<std::string> needs;  // columns
  bool idempotency_key = false;
  bool optimistic = false;
  std::optional<SynchronousCommit> synchronous_commit;
  std::optional<Duration> max_staleness;
  bool cached = false;
  std::int64_t from_version = 1;
  std::optional<std::int64_t> until_version;

  static const FieldTable& fields();
  friend bool operator==(const CallConfig&, const CallConfig&) = default;
};

// What a user asks for at once: calls in sequence.
struct PageConfig {
  std::string name;
  std::int64_t weight = 1;
  std::vector<CallConfig> calls;
  std::optional<Duration> max_staleness{};
  std::optional<EdgeConfig> cdn{};

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
  std::optional<std::string> home;
  Ratio travelling;
  Ratio spanning;
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
