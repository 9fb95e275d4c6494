// A run as a timeline: Chrome's Trace Event Format, which Perfetto (ui.perfetto.dev) opens.
//
// Regions are processes. Their tracks are the databases, with a lane more for each statement that
// is there at the same time; the log on its way to each standby; and the sessions whose pages fell
// into the window. A page is a slice, in it are its statements, in those the parts of their time.
// Arrows lead from a session to the database and back. Counters show the lag of each standby: the
// truth, and what the apps believed. Faults, steps of failovers and moves of lag breakers are
// instants.
//
// Pages, statements, log and breakers are there for the window only; lag, faults and failovers for
// the whole run. However long the window is, there are at most so many pages, pieces of log and
// moves of breakers, and some thousand looks at the lag; "otherData" says what was left out. Pages
// that still wait when the run ends last until then and have the outcome "open". Format:
// docs/tracing of Chromium, "Trace Event Format": X complete, s and f flows, C counters, i
// instants, M names. Times are whole microseconds; what takes less is not shown. Left out: probes,
// positions asked for, caches, the canary.
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
constexpr std::size_t trace_pieces_max = 20'000;  // of log
constexpr std::size_t trace_moves_max = 20'000;   // of breakers

// Ten seconds, from one before the first fault after the warm-up; without one from its end.
TraceWindow default_trace_window(const ClusterConfig& config);

// What a run has to be watched for to be traced.
Witness trace_witness(const TraceWindow& window);

// Sees the run as it goes: give it to the run as its observer while trace_witness() watches.
class TraceRecorder : public EventObserver {
 public:
  explicit TraceRecorder(const TraceWindow& window) : window_(window) {}
  void before(const World& world, const Event& event) override;
  // Behind the last event: what that brought, and what is still open then.
  void finish(const World& world);

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
  bool is_open(std::size_t page) const { return page >= answered_; }
  // "3 pieces of log, pages behind the first 2,000"; empty: nothing.
  std::string left_out() const;
  const std::vector<LagSample>& lag() const { return lag_; }
  const std::vector<BreakerMove>& moves() const { return moves_; }
  const std::vector<LogPiece>& pieces() const { return pieces_; }

 private:
  bool is_inside(TimePoint at) const { return at >= window_.from && at < window_.until; }
  void take_ended(const World& world);
  void sample(const World& world, TimePoint at);
  void watch_breakers(const World& world, TimePoint at);

  TraceWindow window_;
  std::shared_ptr<const Plan> plan_;
  std::vector<WitnessedPage> pages_;  // those that are open come last
  std::size_t answered_ = ~std::size_t{0};
  bool more_pages_ = false;
  std::uint64_t more_moves_ = 0;
  std::uint64_t more_pieces_ = 0;
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
