#include "run/sweep.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace longhaul {
namespace {

constexpr std::uint64_t ahead_per_thread = 16;

class OrderedJobs {
 public:
  OrderedJobs(std::uint64_t items, unsigned jobs,
              const std::function<bool(std::uint64_t item)>& work)
      : items_(items),
        threads_(std::min<std::uint64_t>(std::max(1u, jobs), items)),
        is_finished_(items, false),
        work_(work) {}

  bool run(const std::function<void(std::uint64_t)>& take) {
    std::vector<std::thread> workers;
    for (std::uint64_t i = 0; i < threads_; ++i) workers.emplace_back([this] { work(); });
    try {
      while (wait_for_next()) {
        take(taken_);
        const std::lock_guard lock(mutex_);
        taken_ += 1;
        changed_.notify_all();
      }
    } catch (...) {
      fail();
    }
    stop();
    for (std::thread& worker : workers) worker.join();
    if (failure_) std::rethrow_exception(failure_);
    for (; taken_ < items_ && is_finished_[taken_]; ++taken_) take(taken_);
    return taken_ == items_;
  }

 private:
  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

  void fail() {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    stopped_ = true;
    changed_.notify_all();
  }

  // False when there is nothing more to take.
  bool wait_for_next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopped_ || taken_ == items_ || is_finished_[taken_]; });
    return !stopped_ && taken_ < items_;
  }

  std::optional<std::uint64_t> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
      return stopped_ || next_ == items_ || next_ < taken_ + threads_ * ahead_per_thread;
    });
    if (stopped_ || next_ == items_) return std::nullopt;
    return next_++;
  }

  void work() {
    try {
      while (const std::optional<std::uint64_t> item = next()) {
        if (!work_(*item)) return stop();
        const std::lock_guard lock(mutex_);
        is_finished_[*item] = true;
        changed_.notify_all();
      }
    } catch (...) {
      fail();
    }
  }

  const std::uint64_t items_;
  const std::uint64_t threads_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<bool> is_finished_;
  std::uint64_t next_ = 0;   // item that the next free worker takes
  std::uint64_t taken_ = 0;  // items before it are taken
  bool stopped_ = false;
  std::exception_ptr failure_;

  const std::function<bool(std::uint64_t)>& work_;
};

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
    finished_.resize(items_);
  }

  void run(const std::function<void(std::size_t, SweepResult)>& done) {
    const bool complete = run_in_order(
        items_, options_.jobs,
        [this](std::uint64_t item) {
          finished_[item] = run_item(item);
          return finished_[item].has_value();
        },
        [&](std::uint64_t item) {
          merge(item);
          if (options_.progress) options_.progress(item + 1, items_);
          const std::size_t task = task_of(item);
          if (states_[task].result.seeds.size() == states_[task].items) done(task, result_of(task));
        });
    if (complete) return;
    for (std::size_t task = 0; task < tasks_.size(); ++task) {
      if (!states_[task].result.seeds.empty()) done(task, result_of(task));
    }
  }

 private:
  std::size_t task_of(std::uint64_t item) const {
    const auto after = std::upper_bound(
        states_.begin(), states_.end(), item,
        [](std::uint64_t value, const TaskState& state) { return value < state.first_item; });
    return static_cast<std::size_t>(after - states_.begin()) - 1;
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
    finished.result.unfinished_pages = run->unfinished_pages;
    for (const Expectation& expectation : scenario.expectations) {
      finished.figures.push_back(run->figures.select(expectation.selector));
      finished.result.verdicts.push_back(
          judge(expectation, finished.figures.back(), finished.measured));
    }
    if (options_.keep_figures) finished.all = std::move(run->figures);
    return finished;
  }

  void merge(std::uint64_t item) {
    TaskState& state = states_[task_of(item)];
    Finished finished = *std::exchange(finished_[item], std::nullopt);
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
  }

  SweepResult result_of(std::size_t index) {
    TaskState& state = states_[index];
    SweepResult result = std::exchange(state.result, {});
    result.complete = result.seeds.size() == state.items;
    const std::vector<Expectation>& expectations = tasks_[index].scenario->expectations;
    for (std::size_t i = 0; i < expectations.size(); ++i) {
      result.pooled.push_back(judge(expectations[i], state.pooled[i], state.measured));
    }
    state.pooled = {};
    return result;
  }

  const std::vector<SweepTask>& tasks_;
  const SweepOptions& options_;
  std::uint64_t items_ = 0;
  std::vector<TaskState> states_;
  std::vector<std::optional<Finished>> finished_;  // by item, until merged
};

}  // namespace

bool run_in_order(std::uint64_t items, unsigned jobs,
                  const std::function<bool(std::uint64_t)>& work,
                  const std::function<void(std::uint64_t)>& take) {
  return OrderedJobs(items, jobs, work).run(take);
}

void sweep(const std::vector<SweepTask>& tasks, const SweepOptions& options,
           const std::function<void(std::size_t, SweepResult)>& done) {
  Sweep(tasks, options).run(done);
}

std::uint64_t SweepResult::unfinished_pages() const {
  std::uint64_t pages = 0;
  for (const SeedResult& seed : seeds) pages += seed.unfinished_pages;
  return pages;
}

SweepResult run_seeds(const Scenario& scenario, SeedRange seeds, unsigned jobs) {
  SweepResult whole;
  sweep({{&scenario, seeds}}, {.jobs = jobs},
        [&](std::size_t, SweepResult result) { whole = std::move(result); });
  return whole;
}

unsigned default_jobs() { return std::max(1u, std::thread::hardware_concurrency()); }

}  // namespace longhaul
