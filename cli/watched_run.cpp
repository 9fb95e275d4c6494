#include "cli/watched_run.h"

#include <algorithm>
#include <utility>

#include "cli/interrupt.h"

namespace longhaul {
namespace {

constexpr std::int64_t slices = 200;

// check_failed() gets no argument that could carry it, and each worker of a sweep has its own.
thread_local const RunningNow* current = nullptr;

}  // namespace

Announced::Announced(const RunningNow& running) : before_(std::exchange(current, &running)) {}
Announced::~Announced() { current = before_; }

const RunningNow* running_now() { return current; }

void announced_cell(const RunningCell& cell, const std::function<void()>& work) {
  const RunningNow running{cell.scenario, cell.seed, cell.options, cell.cluster, cell.name};
  const Announced announced(running);
  work();
}

std::optional<RunResult> watched_run(const Scenario& scenario, std::uint64_t seed,
                                     const RunOptions& options, const ShowProgress& show,
                                     const std::function<void(World&)>& prepare,
                                     const std::function<void(const World&)>& at_end) {
  RunningNow running{&scenario, seed, &options, nullptr};
  const Announced announced(running);
  Cluster cluster = build_run(scenario, seed, options);
  if (prepare) prepare(cluster.world());
  running.cluster = &cluster;
  const Duration whole = cluster.end() - TimePoint{};
  const Duration slice{std::max<std::int64_t>(1, whole.ns / slices)};
  for (TimePoint until = TimePoint{} + slice; until < cluster.end(); until = until + slice) {
    if (interrupted()) return std::nullopt;
    if (show) show(until - TimePoint{}, whole);
    if (!advance(cluster, until, options)) break;
  }
  if (interrupted()) return std::nullopt;
  // From here on the world is on its way through finish_run(), so the last slice is run before.
  advance(cluster, cluster.end(), options);
  if (at_end) at_end(cluster.world());
  return finish_run(std::move(cluster), scenario, options);
}

}  // namespace longhaul
