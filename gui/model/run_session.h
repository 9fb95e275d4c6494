// A scenario that is simulated in the background, and a cursor that moves through its time.
//
//   session.start(scenario, seed);      // replaces what was running; the newest wins
//   session.view();                     // all that is known so far, immutable
//   session.seek(TimePoint{...});       // the cursor; session.scene() follows
//
// One thread works. It runs the scenario to its end as fast as it can, keeps copies of the world on
// the way (a world is a value), and afterwards serves questions: the cursor starts from the last
// copy before its instant. All functions may be called at any time from the thread that made the
// session; none waits. Whoever waits for news is woken by `wake`.
//
// The result is that of `longhaul run` for the same scenario and seed: looks at the series post no
// event, and nothing else touches the world.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gui/model/order_outcomes.h"
#include "gui/model/range_figures.h"
#include "gui/model/scene.h"
#include "run/cost.h"
#include "run/explain.h"
#include "run/explain_find.h"
#include "run/report.h"
#include "run/series.h"

namespace longhaul {

// A run as far as it is known. Never changes once it is handed out.
struct RunView {
  std::shared_ptr<const Scenario> scenario;
  std::uint64_t seed = 1;
  std::uint64_t number = 0;  // of start(): views of one run share it
  TimePoint reached;         // simulated up to here
  TimePoint end;
  RunSeries series;                 // up to `reached`
  std::optional<RunResult> result;  // these four when it is complete
  std::optional<Report> report;
  std::optional<MonthlyCost> cost;
  std::vector<OrderOutcome> orders;  // of the cluster's faults
  std::int64_t took_us = 0;          // of wall time, until complete
  bool complete() const { return result.has_value(); }
};

class RunSession {
 public:
  explicit RunSession(std::function<void()> wake = {});
  ~RunSession();
  RunSession(const RunSession&) = delete;
  RunSession& operator=(const RunSession&) = delete;

  void start(std::shared_ptr<const Scenario> scenario, std::uint64_t seed);
  void cancel();                  // keeps what is known
  std::uint64_t started() const;  // how often start() was called: RunView::number of the newest
  bool running() const;           // its run is not complete, and not cancelled
  bool working() const;           // it is doing anything

  // Null before the first news of the first run. While a new run is young, still the view before.
  std::shared_ptr<const RunView> view() const;

  void seek(TimePoint instant);      // behind all events of that instant
  void seek_event(std::uint64_t n);  // behind the n-th event
  std::shared_ptr<const Scene> scene() const;

  void measure(TimePoint from, TimePoint to);
  std::shared_ptr<const RangeFigures> range() const;

  void find(const FindOptions& options);  // requests that are worth asking about
  std::shared_ptr<const FoundRequests> found() const;
  void follow(const std::string& request);  // its name, as in run/request_id.h
  // Without a page when this run has no such request.
  std::shared_ptr<const Explanation> followed() const;

 private:
  struct Order;
  struct Kept;
  template <class Change>
  void ask(Change change);
  template <class T>
  void hand_out(std::shared_ptr<const T>& place, T value);
  void work();
  void simulate(const Order& order);
  void answer(const Order& order);
  void move_cursor(const Order& order);
  void measure_range(TimePoint from, TimePoint to);
  Cluster from_copy_before(TimePoint instant, std::uint64_t event) const;

  std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Order> order_;  // the newest wishes, not taken yet
  std::shared_ptr<const RunView> view_;
  std::shared_ptr<const Scene> scene_;
  std::shared_ptr<const RangeFigures> range_;
  std::shared_ptr<const FoundRequests> found_;
  std::shared_ptr<const Explanation> followed_;
  bool running_ = false;
  bool busy_ = false;                // the worker has taken wishes, and is not done with them
  std::atomic<bool> stop_ = false;   // what is being simulated is not wanted any more
  std::atomic<bool> hurry_ = false;  // somebody wants something else of the worker
  bool ends_ = false;
  std::uint64_t starts_ = 0;

  std::unique_ptr<Kept> kept_;  // the worker's alone
  std::thread thread_;
};

}  // namespace longhaul
