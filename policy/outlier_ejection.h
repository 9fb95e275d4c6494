// Leaves databases out for a while that fail several times in a row: Envoy's outlier detection.
//
//   healthy   gets calls; consecutive_failures in a row eject it at once, unless so many are out
//             already that max_ejected is reached
//   ejected   gets none; a sweep lets it back in when base_ejection_time × times ejected is over,
//             max_ejection_time at most
//
// Each sweep that finds a database healthy takes one from its times ejected. The share is compared
// before the ejection, as Envoy does: one may always be ejected unless max_ejected is 0. What an
// ejected database still answers does not count, and it comes back with a clean record.
//
// Other than a breaker it watches all databases of one process together, so that they are never all
// out; when most of them are, the router's panic threshold decides. Ejection is about reads: the
// only primary takes writes as long as it is the primary, as a host alone in its cluster does.
//
// The host calls handle() with the result of each call, drains poll() and arms next_deadline().
// Sweeps happen at whole intervals after `begins`, and need a timer only while there is something
// to sweep.
//
// Sources: Envoy, outlier_detection_impl.cc and "Outlier detection (proto)". Left out: success rate
// and failure percentage, which need five hosts of a hundred calls each in an interval; jitter.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "base/fields.h"
#include "policy/types.h"

namespace longhaul {

struct OutlierEjectionConfig {
  bool enabled = false;
  std::int32_t consecutive_failures = 5;
  Duration interval = seconds(10);
  Duration base_ejection_time = seconds(30);
  Duration max_ejection_time = seconds(300);
  Ratio max_ejected = percent(10);

  static const FieldTable& fields();
  friend constexpr bool operator==(const OutlierEjectionConfig&,
                                   const OutlierEjectionConfig&) = default;
};

enum class EjectionState : std::uint8_t { healthy, ejected };
enum class EjectionEvent : std::uint8_t { failure, sweep };

enum class EjectionGuard : std::uint8_t {
  failing_with_room,     // consecutive_failures in a row, and the share of ejected allows one more
  failing_without_room,  // the same, but it does not
  served,                // ejected for its time
};

struct EjectionRow {
  EjectionState from;
  EjectionEvent event;
  EjectionGuard guard;
  EjectionState to;
  Reason reason;
  std::string_view sentence;
};

constexpr std::size_t ejection_row_count = 3;
extern const std::array<EjectionRow, ejection_row_count> ejection_table;

std::string_view to_text(EjectionState state);
std::string_view to_text(EjectionEvent event);
std::string_view to_text(EjectionGuard guard);

// An action: a row was taken for that database.
struct EjectionMove {
  DatabaseIndex database{};
  EjectionState from = EjectionState::healthy;
  EjectionState to = EjectionState::healthy;
  Reason reason = Reason::failing_in_a_row;

  friend constexpr bool operator==(const EjectionMove&, const EjectionMove&) = default;
};

class OutlierEjection {
 public:
  OutlierEjection() = default;  // watches nothing
  OutlierEjection(const OutlierEjectionConfig& config, std::size_t databases, TimePoint begins);

  void handle(TimePoint now, DatabaseIndex database, bool failed);
  void on_timer(TimePoint now);
  std::optional<EjectionMove> poll();  // drain after each of the above
  std::optional<TimePoint> next_deadline() const;

  bool is_ejected(DatabaseIndex database) const { return (ejected_ >> database.value & 1) != 0; }
  DatabaseSet ejected_set() const { return ejected_; }
  // How long the database is out this time.
  Duration ejection_time(DatabaseIndex database) const;
  const OutlierEjectionConfig& config() const { return config_; }

 private:
  struct Host {
    std::int32_t failures_in_a_row = 0;
    std::int32_t times_ejected = 0;  // less one for each sweep that found it healthy
    TimePoint ejected_at{};
    std::optional<Reason> moved{};  // not polled yet
  };

  void advance(TimePoint now);
  bool has_records() const { return record_count_ > 0; }
  bool holds(EjectionGuard guard, DatabaseIndex database) const;
  void fire(EjectionEvent event, DatabaseIndex database);
  void sweep();

  OutlierEjectionConfig config_;
  std::size_t count_ = 0;
  DatabaseSet ejected_ = 0;
  std::int64_t ejected_count_ = 0;
  std::int64_t record_count_ = 0;  // hosts whose times_ejected is not 0
  TimePoint next_sweep_{};
  TimePoint now_ = TimePoint{std::numeric_limits<std::int64_t>::min()};
  std::array<Host, databases_max> hosts_{};
};

}  // namespace longhaul
