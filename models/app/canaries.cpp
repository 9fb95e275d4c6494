#include "models/app/canaries.h"

#include <algorithm>

namespace longhaul {
namespace {

// Whether a version that has left the window of the truth is lost.
bool is_lost(const World& world, std::uint64_t version) {
  const std::vector<LostVersion>& lost = world.truth.lost();
  const auto at = std::lower_bound(
      lost.begin(), lost.end(), version,
      [](const LostVersion& entry, std::uint64_t number) { return entry.number < number; });
  return at != lost.end() && at->number == version;
}

void judge(World& world, const CanaryAck& ack, bool survives) {
  CanaryWatch& watch = world.durable_canaries[ack.region];
  if (survives) {
    watch.answered(ack.number, ack.at);
  } else {
    watch.failed(ack.number);
  }
}

// The acknowledgements whose fate is known by now.
void judge_settled(World& world) {
  const std::uint64_t first = world.truth.versions().first();
  while (!world.canary_acks.empty() && world.canary_acks.front().version < first) {
    const CanaryAck ack = world.canary_acks.pop_front();
    judge(world, ack, !is_lost(world, ack.version));
  }
}

void judge_rest(World& world) {
  const Ring<Version>& window = world.truth.versions();
  while (!world.canary_acks.empty()) {  // in the order of their answers, not of their versions
    const CanaryAck ack = world.canary_acks.pop_front();
    const bool is_settled = ack.version < window.first();
    judge(world, ack,
          is_settled ? !is_lost(world, ack.version) : world.truth.survives(window.at(ack.version)));
  }
}

void note_durable(World& world, std::uint32_t region, const Request& request, bool ok) {
  if (ok && request.version_count > 0) {
    world.canary_acks.push_back({region, request.number, request.first_version, world.now()});
    return judge_settled(world);
  }
  judge(world, {region, request.number, 0, world.now()}, ok);
}

void record(World& world, Metric metric, std::uint32_t region,
            const std::vector<CanaryWatch::Outage>& outages) {
  Histogram& durations = world.measures.distribution(metric, region);
  for (const CanaryWatch::Outage& outage : outages) {
    durations.record((outage.ended - outage.began).ns);
  }
  if (outages.empty()) durations.record(0);
}

void finish(World& world, Metric metric, std::uint32_t region, CanaryWatch& watch) {
  watch.finish(TimePoint{} + world.plan->duration);
  record(world, metric, region, watch.outages());
}

}  // namespace

std::uint64_t note_canary_sent(World& world, const PopulationPlan& canary) {
  if (canary.canary_reads) return world.read_canaries[canary.region].sent(world.now());
  if (!world.durable_canaries.empty()) world.durable_canaries[canary.region].sent(world.now());
  return world.canaries[canary.region].sent(world.now());
}

void note_canary(World& world, const PopulationPlan& canary, const Request& request) {
  const bool ok = !request.failed;
  CanaryWatch& watch =
      canary.canary_reads ? world.read_canaries[canary.region] : world.canaries[canary.region];
  if (ok) {
    watch.answered(request.number, world.now());
  } else {
    watch.failed(request.number);
  }
  const bool may_be_lost = !canary.canary_reads && !world.durable_canaries.empty();
  if (may_be_lost) note_durable(world, canary.region, request, ok);
}

void restart_canaries(World& world) {
  for (std::vector<CanaryWatch>* watches :
       {&world.canaries, &world.read_canaries, &world.durable_canaries}) {
    for (CanaryWatch& watch : *watches) watch.restart(world.now());
  }
}

void finish_canaries(World& world) {
  judge_rest(world);
  for (const PopulationPlan& population : world.plan->populations) {
    if (!population.canary) continue;
    const std::uint32_t region = population.region;
    if (population.canary_reads) {
      finish(world, Metric::read_outage, region, world.read_canaries[region]);
      continue;
    }
    finish(world, Metric::write_outage, region, world.canaries[region]);
    if (world.durable_canaries.empty()) {  // nothing can be lost
      record(world, Metric::durable_write_outage, region, world.canaries[region].outages());
    } else {
      finish(world, Metric::durable_write_outage, region, world.durable_canaries[region]);
    }
  }
}

}  // namespace longhaul
