// A failed CHECK in the command line program: says what was going on and exits with 70.
//
// A run is a function of scenario and seed, so what led to the failure needs no record: the run is
// simulated once more with a trace, until it fails again.
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/check.h"
#include "base/units_text.h"
#include "cli/commands.h"
#include "cli/watched_run.h"
#include "run/diff.h"
#include "sim/trace.h"

namespace longhaul {
namespace {

constexpr std::size_t last_events = 8;

class Recorder : public EventObserver {
 public:
  explicit Recorder(EventObserver* next) : next_(next) {}
  void before(const World& world, const Event& event) override {
    trace.add(world.scheduler.events(), event);
    plan = world.plan;
    if (next_ != nullptr) next_->before(world, event);
  }
  Trace trace{last_events};
  std::shared_ptr<const Plan> plan;

 private:
  EventObserver* next_;
};

std::atomic<bool> failing{false};
thread_local const Recorder* replay = nullptr;

[[noreturn]] void end_replay() {
  std::fprintf(stderr, "  the last events, the failing one at the end:\n");
  for (std::size_t i = 0; i < replay->trace.size(); ++i) {
    const TraceRecord& record = replay->trace.at(i);
    const std::string text = event_text(*replay->plan, {record.number, record.event});
    std::fprintf(stderr, "    %s\n", text.c_str());
  }
  std::_Exit(exit_code::fault);
}

}  // namespace

void check_failed(const char* condition, const char* file, int line) {
  if (replay != nullptr) end_replay();
  while (failing.exchange(true)) pause();  // another thread reports and ends the program
  std::fprintf(stderr, "longhaul: internal fault: CHECK(%s) does not hold at %s:%d\n", condition,
               file, line);
  const RunningNow* running = running_now();
  if (running == nullptr || running->cluster == nullptr) std::_Exit(exit_code::fault);
  const World& world = running->cluster->world();
  std::fprintf(stderr, "  scenario %s (%s), seed %llu, at %s, event %llu\n",
               running->scenario->config.name.c_str(), running->scenario->file.c_str(),
               static_cast<unsigned long long>(running->seed),
               to_text(world.now() - TimePoint{}).c_str(),
               static_cast<unsigned long long>(world.scheduler.events()));
  if (!running->cell.empty()) std::fprintf(stderr, "  %s\n", running->cell.c_str());
  Recorder recorder(running->options->observer);
  replay = &recorder;
  RunOptions options = *running->options;
  options.observer = &recorder;
  run(*running->scenario, running->seed, options);
  std::fprintf(stderr, "  it did not happen again when the run was repeated\n");
  std::_Exit(exit_code::fault);
}

}  // namespace longhaul
