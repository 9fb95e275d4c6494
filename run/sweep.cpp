#include "run/sweep.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace longhaul {
namespace {

constexpr std::uint64_t ahead_per_thread = 16;

// What stays of a run until those before it are taken over.
struct Finished {
  SeedResult result;
  std::vector<Figure> figures;  // by expectation
  Duration measured;
  Figures all;  // if they are kept
};

struct TaskState {
  std::uint64_t first_item = 0;  // items are numbered through all tasks
  std::uint64_t items = 0;
  SweepResult result;
  std::vector<Figure> pooled;
  Duration measured;
};

class Sweep {
 public:
  Sweep(const std::vector<SweepTask>& tasks, const SweepOptions& options)
      : tasks_(tasks), options_(options) {
    for (const SweepTask& task : tasks) {
      TaskState state;
      state.first_item = items_;
      state.items = static_cast<std::uint64_t>(task.seeds.last - task.seeds.first + 1);
      items_ += state.items;
      states_.push_back(std::move(state));
    }
  }

  void run(const std::function<void(std::size_t, SweepResult)>& done) {
    const auto threads = std::min<std::uint64_t>(std::max(1u, options_.jobs), items_);
    ahead_ = threads * ahead_per_thread;
    std::vector<std::thread> workers;
    for (std::uint64_t i = 0; i < threads; ++i) workers.emplace_back([this] { work(); });
    std::exception_ptr thrown;
    try {
      hand_out(done);
    } catch (...) {
      thrown = std::current_exception();
      stop();
    }
    for (std::thread& worker : workers) worker.join();
    if (thrown) std::rethrow_exception(thrown);
    if (failure_) std::rethrow_exception(failure_);
    if (stopped_) hand_out_partial(done);
  }

 private:
  std::size_t task_of(std::uint64_t item) const {
    const auto after = std::upper_bound(
        states_.begin(), states_.end(), item,
        [](std::uint64_t value, const TaskState& state) { return value < state.first_item; });
    return static_cast<std::size_t>(after - states_.begin()) - 1;
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

  std::optional<std::uint64_t> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopped_ || next_ == items_ || next_ < merged_ + ahead_; });
    if (stopped_ || next_ == items_) return std::nullopt;
    return next_++;
  }

  void work() {
    try {
      while (const std::optional<std::uint64_t> item = take()) {
        std::optional<Finished> finished = run_item(*item);
        if (!finished) return stop();
        const std::lock_guard lock(mutex_);
        waiting_.emplace(*item, std::move(*finished));
        merge();
        changed_.notify_all();
      }
    } catch (...) {
      {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
      }
      stop();
    }
  }

  std::optional<Finished> run_item(std::uint64_t item) const {
    const std::size_t index = task_of(item);
    const Scenario& scenario = *tasks_[index].scenario;
    const std::uint64_t seed =
        static_cast<std::uint64_t>(tasks_[index].seeds.first) + item - states_[index].first_item;
    std::optional<RunResult> run =
        options_.run_seed ? options_.run_seed(scenario, seed) : longhaul::run(scenario, seed);
    if (!run) return std::nullopt;
    Finished finished;
    finished.measured = run->figures.measured;
    finished.result.seed = seed;
    finished.result.events = run->events;
    finished.result.digest = run->digest;
    for (const Expectation& expectation : scenario.expectations) {
      finished.figures.push_back(run->figures.select(expectation.selector));
      finished.result.verdicts.push_back(
          judge(expectation, finished.figures.back(), finished.measured));
    }
    if (options_.keep_figures) finished.all = std::move(run->figures);
    return finished;
  }

  // Takes over what is next in line. The mutex is held.
  void merge() {
    for (auto first = waiting_.begin(); first != waiting_.end() && first->first == merged_;
         first = waiting_.erase(first)) {
      TaskState& state = states_[task_of(merged_)];
      Finished& finished = first->second;
      if (state.pooled.empty()) {
        state.pooled = std::move(finished.figures);
      } else {
        for (std::size_t i = 0; i < state.pooled.size(); ++i) {
          state.pooled[i].merge(finished.figures[i]);
        }
      }
      state.measured += finished.measured;
      if (options_.keep_figures) state.result.figures.add(finished.all);
      state.result.seeds.push_back(std::move(finished.result));
      merged_ += 1;
    }
  }

  SweepResult result_of(std::size_t index) {
    TaskState& state = states_[index];
    SweepResult result = std::move(state.result);
    result.complete = result.seeds.size() == state.items;
    const std::vector<Expectation>& expectations = tasks_[index].scenario->expectations;
    for (std::size_t i = 0; i < expectations.size(); ++i) {
      result.pooled.push_back(judge(expectations[i], state.pooled[i], state.measured));
    }
    state.pooled = {};
    return result;
  }

  void hand_out(const std::function<void(std::size_t, SweepResult)>& done) {
    while (handed_out_ < tasks_.size()) {
      std::unique_lock lock(mutex_);
      const std::uint64_t needed = states_[handed_out_].first_item + states_[handed_out_].items;
      const std::uint64_t seen = merged_;
      changed_.wait(lock, [&] { return stopped_ || merged_ != seen || merged_ >= needed; });
      const std::uint64_t merged = merged_;
      if (merged < needed && stopped_) return;
      lock.unlock();
      if (options_.progress) options_.progress(merged, items_);
      if (merged < needed) continue;
      // Nobody else touches a task that is merged.
      done(handed_out_, result_of(handed_out_));
      handed_out_ += 1;
    }
  }

  // The workers are gone.
  void hand_out_partial(const std::function<void(std::size_t, SweepResult)>& done) {
    for (; handed_out_ < tasks_.size(); ++handed_out_) {
      if (states_[handed_out_].result.seeds.empty()) return;
      done(handed_out_, result_of(handed_out_));
    }
  }

  const std::vector<SweepTask>& tasks_;
  const SweepOptions& options_;
  std::uint64_t items_ = 0;
  std::uint64_t ahead_ = 0;
  std::size_t handed_out_ = 0;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<TaskState> states_;
  std::map<std::uint64_t, Finished> waiting_;  // by item
  std::uint64_t next_ = 0;                     // item that the next free worker takes
  std::uint64_t merged_ = 0;                   // items before it are taken over
  bool stopped_ = false;
  std::exception_ptr failure_;
};

}  // namespace

void sweep(const std::vector<SweepTask>& tasks, const SweepOptions& options,
           const std::function<void(std::size_t, SweepResult)>& done) {
  Sweep(tasks, options).run(done);
}

SweepResult run_seeds(const Scenario& scenario, SeedRange seeds, unsigned jobs) {
  SweepResult whole;
  sweep({{&scenario, seeds}}, {.jobs = jobs},
        [&](std::size_t, SweepResult result) { whole = std::move(result); });
  return whole;
}

unsigned default_jobs() { return std::max(1u, std::thread::hardware_concurrency()); }

}  // namespace longhaul
