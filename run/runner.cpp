#include "run/runner.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "models/app/page_time.h"
#include "run/cost.h"
#include "run/series.h"

namespace longhaul {

Cluster build_run(const Scenario& scenario, std::uint64_t seed, const RunOptions& options) {
  Cluster cluster = build(scenario.cluster, seed, options.permute_ties);
  cluster.world().scheduler.set_event_limit(options.event_limit);
  if (options.time_pages) time_pages(cluster.world());
  return cluster;
}

bool advance(Cluster& cluster, TimePoint limit, const RunOptions& options) {
  while (options.sampler != nullptr && options.sampler->next() < limit) {
    if (!cluster.run_until(options.sampler->next(), options.observer)) return false;
    options.sampler->look(cluster.world());
  }
  return cluster.run_until(limit, options.observer);
}

RunResult finish_run(Cluster cluster, const Scenario& scenario, const RunOptions& options) {
  RunResult result;
  result.event_limit_reached = !advance(cluster, cluster.end(), options);
  cluster.finish();
  World& world = cluster.world();
  result.seed = world.plan->seed;
  result.events = world.scheduler.events();
  result.ties = world.scheduler.ties();
  result.statements = world.statements;
  result.digest = world.scheduler.digest();
  result.unfinished_pages = static_cast<std::uint64_t>(
      std::count_if(world.requests.begin(), world.requests.end(), [](const Request& request) {
        return request.phase != Phase::free && request.phase != Phase::abandoned;
      }));
  for (std::uint32_t region = 0; region < world.canaries.size(); ++region) {
    for (const CanaryWatch::Outage& outage : world.canaries[region].outages()) {
      result.write_outages.push_back({region, outage.began, outage.ended, outage.censored});
    }
  }
  for (const Node& node : world.nodes) {
    result.nodes.push_back({node.is_primary, node.liveness == Liveness::up});
  }
  result.failovers = failovers(world);
  result.refusals = refusals_without_promotion(world);
  result.figures.labels = world.plan->labels;
  result.figures.measured = world.plan->duration - (world.measured_from - TimePoint{});
  const auto measures = std::make_shared<Measures>(std::move(world.measures));
  result.figures.parts.push_back(measures);
  const std::int64_t micro_usd = monthly_cost(scenario, result.figures).total();
  measures->distribution(Metric::cost_usd_per_month)
      .record(div_floor(micro_usd + 500'000, 1'000'000));
  return result;
}

std::vector<Verdict> judge_all(const Scenario& scenario, const Figures& figures) {
  std::vector<Verdict> verdicts;
  for (const Expectation& expectation : scenario.expectations) {
    verdicts.push_back(judge(expectation, figures));
  }
  return verdicts;
}

}  // namespace longhaul
