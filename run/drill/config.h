// What a scenario says about a drill: what its trainee is told, sees and may do, what is hidden
// from them, and what their decisions are judged by.
//
// The scenario's own faults happen in every variant. A variant adds what is hidden; the seed draws
// which one is played. `run` and `test` play the first variant with nobody acting.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/units.h"
#include "models/app/config.h"
#include "models/faults.h"
#include "sim/distributions.h"

namespace longhaul {

struct DrillVariant {
  std::string name;
  std::int64_t weight = 1;
  std::string reveals;
  std::vector<FaultConfig> faults;

  static const FieldTable& fields();
  friend bool operator==(const DrillVariant&, const DrillVariant&) = default;
};

// What the trainee may do: a question (`checks`, `asks`) or something that changes the system.
struct DrillAction {
  std::string command;
  std::optional<std::string> checks;
  std::optional<std::string> asks;
  std::vector<FaultConfig> faults;
  std::optional<FaultKind> ends;
  std::optional<std::string> node;
  std::optional<std::string> from;
  std::optional<std::string> reaches;
  DurationDistribution takes = DurationDistribution::constant(seconds(30));
  Ratio fails;
  std::optional<DurationDistribution> approval;
  std::string how;
  std::string abort_when;
  std::string rollback;

  bool is_question() const { return checks || asks; }

  static const FieldTable& fields();
  friend bool operator==(const DrillAction&, const DrillAction&) = default;
};

// Something that happens to the trainee: at a time, or when the facilitator says so.
struct DrillInject {
  std::string name;
  std::optional<Duration> at;
  std::string text;
  std::vector<FaultConfig> faults;

  static const FieldTable& fields();
  friend bool operator==(const DrillInject&, const DrillInject&) = default;
};

struct DrillSignals {
  std::optional<std::string> region;  // absent: the first of topology.regions
  Duration interval = seconds(15);
  Duration delay = seconds(5);
  Ratio lost;
  EventRate false_alarms;
  LagSource lag_source = LagSource::replay_lag;
  Duration lasting = seconds(30);
  Ratio errors_above = percent(5);
  Duration lag_above = seconds(30);
  Duration slow_above = seconds(2);

  static const FieldTable& fields();
  friend bool operator==(const DrillSignals&, const DrillSignals&) = default;
};

// In points; one unit for everything that a drill may cost.
struct DrillCosts {
  std::int64_t write_outage_minute = 100;
  std::int64_t lost_transaction = 1;
  std::int64_t split_brain_write = 2;
  std::int64_t failover = 50;
  std::int64_t needless_failover = 100;
  std::int64_t failed_page = 0;
  std::int64_t stale_read = 0;

  static const FieldTable& fields();
  friend bool operator==(const DrillCosts&, const DrillCosts&) = default;
};

struct DrillConfig {
  std::string role;
  std::string briefing;
  std::string failback;
  Ratio pass = percent(70);
  Duration decide_every = seconds(60);
  std::int64_t samples = 2;
  DrillSignals signals;
  DrillCosts costs;
  std::vector<DrillVariant> variants;
  std::vector<DrillAction> actions;
  std::vector<DrillInject> injects;

  static const FieldTable& fields();
  friend bool operator==(const DrillConfig&, const DrillConfig&) = default;
};

// Kinds of faults that an action may end.
bool can_be_ended(FaultKind kind);

}  // namespace longhaul
