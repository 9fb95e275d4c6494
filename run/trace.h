// A run as a timeline: Chrome's Trace Event Format, which Perfetto (ui.perfetto.dev) opens.
//
// Regions are processes. Their tracks are the databases, with a lane more for each statement that
// is there at the same time; the log on its way to each standby; and the sessions whose pages fell
// into the window. A page is a slice, in it are its statements, in those the parts of their time.
// Arrows lead from a session to the database and back. Counters show the lag of each standby: the
// truth, and what the apps believed. Faults, steps of failovers and moves of lag breakers are
// instants.
//
// Pages, statements, log and breakers are there for the window only, and no more than `pages_max`
// pages; lag, faults and failovers for the whole run. Format: docs/tracing of Chromium, "Trace
// Event Format": X complete, s and f flows, C counters, i instants, M names. Times are whole
// microseconds; what takes less is not shown. Left out: probes, positions asked for, caches, the
// canary.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/app/witness.h"
#include "run/runner.h"

namespace longhaul {

struct TraceWindow {
  TimePoint from;
  TimePoint until;
};

constexpr Duration trace_length = seconds(10);
constexpr std::uint64_t trace_pages_max = 2'000;

// Ten seconds, from one before the first fault after the warm-up; without one from its end.
TraceWindow default_trace_window(const ClusterConfig& config);

// What a run has to be watched for to be traced.
Witness trace_witness(const TraceWindow& window);

// Sees the run as it goes: give it to the run as its observer while trace_witness() watches.
class TraceRecorder : public EventObserver {
 public:
  explicit TraceRecorder(const TraceWindow& window) : window_(window) {}
  void before(const World& world, const Event& event) override;

  struct LagSample {
    TimePoint at;
    NodeId node;
    std::optional<Duration> truth;       // absent: it is measured nowhere now
    std::vector<std::int64_t> believed;  // by app, of its first instance; below zero: unknown
  };
  struct BreakerMove {
    TimePoint at;
    InstanceId instance;
    NodeId node;
    BreakerState to = BreakerState::open;
    Reason reason = Reason::not_observed;
    friend bool operator==(const BreakerMove&, const BreakerMove&) = default;
  };
  struct LogPiece {
    TimePoint sent;
    TimePoint arrives;
    NodeId standby;
    Lsn from;
    Lsn to;
  };

  const TraceWindow& window() const { return window_; }
  const Plan* plan() const { return plan_.get(); }  // null before the first event
  const std::vector<WitnessedPage>& pages() const { return pages_; }
  const std::vector<LagSample>& lag() const { return lag_; }
  const std::vector<BreakerMove>& moves() const { return moves_; }
  const std::vector<LogPiece>& pieces() const { return pieces_; }

 private:
  bool is_inside(TimePoint at) const { return at >= window_.from && at < window_.until; }
  void sample(const World& world, TimePoint at);
  void watch_breakers(const World& world, TimePoint at);

  TraceWindow window_;
  std::shared_ptr<const Plan> plan_;
  std::vector<WitnessedPage> pages_;
  TimePoint next_sample_;
  std::vector<LagSample> lag_;
  std::vector<BreakerMove> now_;   // by instance and node
  std::optional<TimePoint> told_;  // of an event that may have moved one
  std::vector<BreakerMove> moves_;
  std::vector<LogPiece> pieces_;
};

// The trace of a run as JSON.
std::string trace_json(const Scenario& scenario, const RunResult& result,
                       const TraceRecorder& recorder);

}  // namespace longhaul
