#include "models/control/failovers.h"

#include <algorithm>

#include "models/world.h"

namespace longhaul {
namespace {

// The promotion that ended an outage: the last one to open before its end. None: it has no phases.
const PromotionNote* promotion_of(const World& world, const CanaryWatch::Outage& outage) {
  const PromotionNote* found = nullptr;
  for (const PromotionNote& note : world.control.log.promotions) {
    if (note.opened > outage.began && note.opened <= outage.ended) found = &note;
  }
  return found;
}

// When the apps of a region first knew the new primary; the end of the outage at the latest.
TimePoint found_by(const World& world, std::uint32_t region, const PromotionNote& promotion,
                   TimePoint ended) {
  for (const ReroutingNote& note : world.control.log.reroutings) {
    const Instance& instance = world.instances[note.instance.value];
    const bool serves = std::any_of(world.plan->populations.begin(), world.plan->populations.end(),
                                    [&](const PopulationPlan& population) {
                                      return population.canary && population.region == region &&
                                             population.app == instance.app;
                                    });
    if (serves && note.node == promotion.to && note.at >= promotion.opened) {
      return std::min(note.at, ended);
    }
  }
  return ended;
}

std::vector<FailoverPart> divide(const World& world, std::uint32_t region,
                                 const CanaryWatch::Outage& outage,
                                 const PromotionNote& promotion) {
  std::vector<FailoverPart> parts;
  FailoverPart part{first_phase(world.plan->policy.failover.manager), FailoverReason::none,
                    outage.began, outage.began};
  const auto next = [&](TimePoint at, FailoverPhase phase, FailoverReason reason) {
    at = std::clamp(at, part.began, outage.ended);
    part.ended = at;
    if (part.ended > part.began) parts.push_back(part);
    part = {phase, reason, at, at};
  };
  for (const PhaseNote& note : world.control.log.phases) {
    const bool counts =
        note.agent == promotion.agent && note.at > outage.began && note.at <= promotion.opened;
    if (counts) next(note.at, note.phase, note.reason);
  }
  if (part.phase != FailoverPhase::promote && promotion.ordered > outage.began) {
    next(promotion.ordered, FailoverPhase::promote, promotion.reason);
  }
  next(promotion.opened, FailoverPhase::reroute, FailoverReason::none);
  next(found_by(world, region, promotion, outage.ended), FailoverPhase::reconnect,
       FailoverReason::none);
  next(outage.ended, FailoverPhase::reconnect, FailoverReason::none);
  return parts;
}

// The last verdict of the promoting manager, or of anybody, on each server.
std::vector<CandidateNote> candidates_of(const World& world, const PromotionNote& promotion) {
  std::vector<CandidateNote> last;
  for (const CandidateNote& note : world.control.log.candidates) {
    const bool counts = note.at <= promotion.ordered && note.agent == promotion.agent;
    if (!counts) continue;
    const auto same = std::find_if(last.begin(), last.end(), [&](const CandidateNote& other) {
      return other.node == note.node;
    });
    if (same == last.end()) {
      last.push_back(note);
    } else {
      *same = note;
    }
  }
  std::sort(last.begin(), last.end(),
            [](const CandidateNote& a, const CandidateNote& b) { return a.node < b.node; });
  return last;
}

// In (after, until]: of each server, or of nobody, every reason once, where it was given last. A
// verdict on a candidate says the same of those.
std::vector<RefusalNote> refusals_between(const World& world, GroupId shard, TimePoint after,
                                          TimePoint until,
                                          const std::vector<CandidateNote>& candidates) {
  std::vector<RefusalNote> refusals;
  for (const RefusalNote& note : world.control.log.refusals) {
    const bool counts = note.at > after && note.at <= until && note.agent.valid() &&
                        world.control.agents[note.agent.value].shard == shard;
    const bool is_said =
        std::any_of(candidates.begin(), candidates.end(), [&](const CandidateNote& candidate) {
          return candidate.node == note.node && candidate.reason == note.reason;
        });
    if (!counts || is_said) continue;
    const auto same = std::find_if(refusals.begin(), refusals.end(), [&](const RefusalNote& other) {
      return other.node == note.node && other.reason == note.reason;
    });
    if (same == refusals.end()) {
      refusals.push_back(note);
    } else {
      *same = note;
    }
  }
  return refusals;
}

TimePoint last_promotion(const World& world, GroupId shard, TimePoint before) {
  TimePoint last{-1};
  for (const PromotionNote& note : world.control.log.promotions) {
    if (note.shard == shard && note.ordered < before) last = std::max(last, note.ordered);
  }
  return last;
}

}  // namespace

std::vector<RefusalNote> refusals_without_promotion(const World& world) {
  std::vector<RefusalNote> all;
  for (std::uint32_t shard = 0; shard < world.plan->groups.size(); ++shard) {
    const TimePoint after = last_promotion(world, {shard}, TimePoint::never());
    for (const RefusalNote& note :
         refusals_between(world, {shard}, after, TimePoint::never(), {})) {
      all.push_back(note);
    }
  }
  return all;
}

std::vector<FailoverRecord> failovers(const World& world) {
  std::vector<FailoverRecord> records;
  for (const PromotionNote& promotion : world.control.log.promotions) {
    FailoverRecord record;
    record.promotion = promotion;
    record.candidates = candidates_of(world, promotion);
    record.refusals = refusals_between(world, promotion.shard,
                                       last_promotion(world, promotion.shard, promotion.ordered),
                                       promotion.ordered, record.candidates);
    for (std::uint32_t region = 0; region < world.canaries.size(); ++region) {
      for (const CanaryWatch::Outage& outage : world.canaries[region].outages()) {
        const PromotionNote* ended_by = promotion_of(world, outage);
        const bool belongs = ended_by != nullptr && ended_by->opened == promotion.opened &&
                             ended_by->to == promotion.to;
        const bool longer = !record.has_outage ||
                            outage.ended - outage.began > record.outage.ended - record.outage.began;
        if (!belongs || !longer) continue;
        record.has_outage = true;
        record.region = region;
        record.outage = outage;
      }
    }
    if (record.has_outage) {
      record.parts = divide(world, record.region, record.outage, promotion);
    }
    records.push_back(std::move(record));
  }
  return records;
}

void measure_failovers(World& world) {
  Measures& measures = world.measures;
  if (measures.cells(Metric::failover_duration) == 0) return;
  for (const PromotionNote& note : world.control.log.promotions) {
    if (note.ordered >= world.measured_from && note.needless) {
      measures.counter(Metric::needless_failovers, note.to.value).count += 1;
    }
  }
  for (const PopulationPlan& population : world.plan->populations) {
    if (!population.canary || population.canary_reads) continue;
    const std::uint32_t region = population.region;
    bool any = false;
    for (const CanaryWatch::Outage& outage : world.canaries[region].outages()) {
      const PromotionNote* promotion = promotion_of(world, outage);
      if (promotion == nullptr) continue;
      any = true;
      std::array<std::int64_t, failover_phase_count> spent{};
      for (const FailoverPart& part : divide(world, region, outage, *promotion)) {
        spent[static_cast<std::size_t>(part.phase)] += (part.ended - part.began).ns;
      }
      for (std::uint32_t phase = 0; phase < failover_phase_count; ++phase) {
        measures.distribution(Metric::failover_duration, phase).record(spent[phase]);
      }
    }
    if (any) continue;
    for (std::uint32_t phase = 0; phase < failover_phase_count; ++phase) {
      measures.distribution(Metric::failover_duration, phase).record(0);
    }
  }
}

}  // namespace longhaul
