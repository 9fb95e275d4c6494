// What the kinds of experiments share: a scenario to run, samples to take figures from, curves.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/groundtruth/experiments.h"
#include "tests/groundtruth/quantile.h"
#include "tests/groundtruth/recording.h"

namespace longhaul::groundtruth {

inline double in_seconds(Duration duration) { return static_cast<double>(duration.ns) / 1e9; }
inline double in_ms(Duration duration) { return static_cast<double>(duration.ns) / 1e6; }
inline double in_bytes(Bytes bytes) { return static_cast<double>(bytes.value); }
inline TimePoint at(Duration since_start) { return TimePoint{} + since_start; }

struct Case {
  const Experiment& experiment;
  std::string folder;
  Scenario scenario;

  Recording recorded(const std::string& replica, Pace pace = {}) const {
    return record(scenario, replica, pace);
  }
  TimePoint measured_from() const { return at(scenario.config.warmup); }
  const FaultConfig& fault(std::size_t index = 0) const { return scenario.config.faults.at(index); }
  const PopulationConfig& population(const std::string& name) const;

  // A measured curve; the simulated one goes beside it.
  Chart chart(const std::string& name, const std::string& column, double scale,
              const std::string& what, const std::string& unit, Points simulated) const;
};

double mean(const std::vector<double>& sample);

// The good pages of a population that were answered in [from, to). The client is the first one.
std::vector<Answer> answers_of(const Recording& recording, std::uint32_t population, TimePoint from,
                               TimePoint to = TimePoint::never());
std::vector<double> latencies_ms(const std::vector<Answer>& answers);

// From each acknowledgement to the instant at which the commit is visible: on the replica, or on
// the primary to others.
std::vector<double> visible_minus_ack_ms(const Recording& recording,
                                         const std::vector<Answer>& answers, Lsn Step::*position);
double peak_visible_lag_s(const Case& now, const Recording& recording);

// The first instant at which the poller found what `reached` asks for, or never.
TimePoint first(const Recording& recording, TimePoint from,
                const std::function<bool(const Step&)>& reached);

// The last reading up to `until`.
const Reading& reading_at(const Recording& recording, TimePoint until);

// The readings from `from` on, with their time since `zero`.
Points curve(const Recording& recording, TimePoint zero, TimePoint from,
             const std::function<double(const Reading&)>& value);
double peak_of(const Points& points);
double peak_at(const Points& points);

double receive_lag(const Reading& reading);
double replay_lag(const Reading& reading);
double time_lag_s(const Reading& reading);

// ---- kinds ------------------------------------------------------------------------------------

Simulated commit_latency(const Case& now);
Simulated connect(const Case& now);
Simulated sync_throughput(const Case& now);
Simulated sync_visibility_order(const Case& now);
Simulated steady_lag(const Case& now);
Simulated storm(const Case& now);
Simulated checkpoint_spike(const Case& now);
Simulated window_limited(const Case& now);
Simulated replay_pause(const Case& now);
Simulated link_cut(const Case& now);
Simulated replica_conflict(const Case& now);
Simulated base_backup(const Case& now);
Simulated manual_failover(const Case& now);

}  // namespace longhaul::groundtruth
