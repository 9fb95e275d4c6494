#include "models/app/answers.h"

#include <algorithm>

#include "models/app/cache.h"
#include "models/app/pages.h"
#include "models/app/shards.h"
#include "models/app/witness.h"

namespace longhaul {

namespace {

// Whether the router's reason is the freshness rule's.
bool is_of_freshness(Reason reason) {
  switch (reason) {
    case Reason::pinned_after_write:
    case Reason::writing_request:
    case Reason::token_unknown:
    case Reason::token_not_covered:
    case Reason::token_other_timeline:
    case Reason::wait_expired:
    case Reason::wait_pointless:
      return true;
    default:
      return false;
  }
}

// The primary serves a read that a replica would have served but for the freshness rule. Its share
// is of all reads that were decided.
void note_moved(World& world, const Request& request, std::uint32_t region) {
  const Decision& decision = request.decision;
  const bool is_final =
      decision.kind == DecisionKind::serve || decision.kind == DecisionKind::refuse;
  const Call& call = current_call(world, request);
  const bool reads =
      call.transaction ? !call.writes : current_step(world, request).verb == Verb::read;
  if (!is_final || !reads) return;
  const Router& router = router_of(world, request);
  const auto order = router.preference_order();
  const bool is_moved = decision.kind == DecisionKind::serve &&
                        decision.database == router.primary() && !order.empty() &&
                        order.front() != router.primary() && is_of_freshness(decision.reason);
  Counter& moved = world.measures.counter(Metric::freshness_moved_reads, region, 0);
  moved.count += is_moved ? 1 : 0;
  moved.population += 1;
}

}  // namespace

void note_decision(World& world, const Request& request) {
  const Session& session = world.sessions[request.session.value];
  const PopulationPlan& population = world.plan->populations[session.population.value];
  if (population.canary) return;
  const bool queues_still =
      request.decision.kind == DecisionKind::queue && request.queued_at != TimePoint::never();
  if (queues_still) return;
  const auto reason = static_cast<std::uint32_t>(request.decision.reason);
  Counter& decisions = world.measures.counter(Metric::decisions, population.region, reason);
  decisions.count += 1;
  decisions.population += 1;
  note_moved(world, request, population.region);
}

void note_freshness_wait(World& world, const Request& request) {
  const Session& session = world.sessions[request.session.value];
  const PopulationPlan& population = world.plan->populations[session.population.value];
  if (population.canary) return;
  const TimePoint since = request.wait_until - request.decision.wait;
  world.measures.distribution(Metric::freshness_wait, population.region, 0)
      .record((world.now() - since).ns);
}

void note_answer(World& world, Request& request, const Call& call, const Step& step) {
  const Session& session = world.sessions[request.session.value];
  const PopulationPlan& population = world.plan->populations[session.population.value];
  if (population.canary) return;
  const std::uint32_t region = population.region;
  const std::uint32_t page = world.plan->pages[request.page].label;
  const std::uint32_t node = request.node.value;
  const auto latency = [&](Metric metric, TimePoint since) {
    world.measures.distribution(metric, region, page, node, Outcome::ok)
        .record((world.now() - since).ns);
  };
  Counter& reads = world.measures.counter(Metric::reads, region, node);
  Counter& writes = world.measures.counter(Metric::writes, region, node);
  const bool reads_rows = step.verb == Verb::read || step.verb == Verb::locking_read;
  if (reads_rows) {
    reads.count += 1;
    reads.population += 1;
  }
  if (call.transaction) {
    if (step.verb != Verb::commit) return;
    latency(Metric::transaction_latency, request.began);
    if (!call.writes) return;
  } else if (reads_rows) {
    latency(Metric::read_latency, request.wanted);
    return;
  } else {
    if (request.duty != Duty::drain) latency(Metric::write_latency, request.wanted);
  }
  writes.count += 1;
  writes.population += 1;
}

void note_read(World& world, const Request& request, std::uint32_t served_by) {
  const Session& session = world.sessions[request.session.value];
  const std::uint32_t region = world.plan->populations[session.population.value].region;
  Counter& reads = world.measures.counter(Metric::reads, region, served_by);
  reads.count += 1;
  reads.population += 1;
  world.measures
      .distribution(Metric::read_latency, region, world.plan->pages[request.page].label, served_by,
                    Outcome::ok)
      .record((world.now() - request.wanted).ns);
}

void merge(RowVerdict& worst, const RowVerdict& row) {
  worst.stale |= row.stale;
  worst.own_write_missed |= row.own_write_missed;
  worst.own_write_lost |= row.own_write_lost;
  worst.went_back |= row.went_back;
  worst.staleness = std::max(worst.staleness, row.staleness);
}

void note_verdict(World& world, const Request& request, std::uint32_t served_by,
                  const RowVerdict& worst) {
  witness_read(world, request, served_by, worst);
  const Session& session = world.sessions[request.session.value];
  const std::uint32_t region = world.plan->populations[session.population.value].region;
  Measures& measures = world.measures;
  Counter& stale = measures.counter(Metric::stale_reads, region, served_by);
  Counter& own = measures.counter(Metric::read_your_writes_violations, region, 0);
  Counter& back = measures.counter(Metric::monotonic_reads_violations, region, 0);
  stale.population += 1;
  own.population += 1;
  back.population += 1;
  if (worst.went_back) back.count += 1;
  if (world.plan->primary_may_fail) {
    Counter& lost = measures.counter(Metric::lost_own_writes, region, 0);
    lost.population += 1;
    if (worst.own_write_lost) lost.count += 1;
  }
  if (!worst.stale) return;
  stale.count += 1;
  measures.distribution(Metric::read_staleness, region, served_by).record(worst.staleness.ns);
  if (!worst.own_write_missed) return;
  own.count += 1;
  User& user = world.users[session.user.value];
  if (!user.hit) measures.counter(Metric::users_hit, region, 0).count += 1;
  user.hit = true;
}

void note_commit(World& world, const Request& request) {
  witness_acknowledged(world, request);
  const bool merged =
      world.plan->primaries == Primaries::active_active && !is_canary(world, request);
  for (std::uint32_t i = 0; i < request.version_count; ++i) {
    world.truth.acknowledge(request.first_version + i, world.now());
    if (merged) note_acknowledged(world, request.first_version + i);
  }
  if (!world.caches.empty()) invalidate_caches(world, request);
}

void remember_rows(World& world, const Request& request, const Step& step) {
  if (step.verb != Verb::write) return;
  const std::uint64_t row = row_of(world, request, step, 0);
  const DataSetPlan& set = world.plan->sets[step.set.value];
  const UserId user = world.sessions[request.session.value].user;
  if (set.shard_rows > 0 && request.group != world.users[user.value].group) return;
  world.last_rows[user.value * world.plan->sets.size() + step.set.value] =
      static_cast<std::uint32_t>(row_in_set(set, row));
}

void note_failure(World& world, const Request& request) {
  const Session& session = world.sessions[request.session.value];
  const PopulationPlan& population = world.plan->populations[session.population.value];
  if (population.canary) return;
  const Call& call = current_call(world, request);
  const Verb verb = current_step(world, request).verb;
  const Metric metric = call.transaction      ? Metric::transaction_latency
                        : verb == Verb::write ? Metric::write_latency
                                              : Metric::read_latency;
  const NodeId node = request.node.valid() ? request.node : primary_of(world, request.group);
  world.measures
      .distribution(metric, population.region, world.plan->pages[request.page].label, node.value,
                    Outcome::error)
      .record((world.now() - (call.transaction ? request.began : request.wanted)).ns);
}

}  // namespace longhaul
