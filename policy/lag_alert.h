// A lag alert as monitoring systems raise it: the reported lag has been above a threshold in every
// sample for longer than a time. One sample that is not above ends it.
//
// It believes what it is told. now() - pg_last_xact_replay_timestamp() of an idle primary raises it
// though nothing is missing; a lag that stands still during a partition does not raise it. NULL is
// no number above anything, as in a comparison of SQL: it ends the alert.
//
// Sources: Prometheus alerting rules ("for"); PostgreSQL manual, pg_last_xact_replay_timestamp().
// Left out: a sample that does not arrive at all.
#pragma once

#include <limits>
#include <optional>

#include "base/fields.h"
#include "policy/types.h"

namespace longhaul {

struct LagAlertConfig {
  Duration above = seconds(5);
  Duration lasting = minutes(1);

  static const FieldTable& fields();
  friend constexpr bool operator==(const LagAlertConfig&, const LagAlertConfig&) = default;
};

enum class LagAlertChange : std::uint8_t { none, raised, ended };

class LagAlert {
 public:
  LagAlert() = default;
  explicit LagAlert(const LagAlertConfig& config) : config_(config) {}

  LagAlertChange handle(TimePoint now, std::optional<Duration> lag);

  bool is_raised() const { return raised_; }

 private:
  LagAlertConfig config_;
  TimePoint now_ = TimePoint{std::numeric_limits<std::int64_t>::min()};
  std::optional<TimePoint> above_since_;
  bool raised_ = false;
};

}  // namespace longhaul
