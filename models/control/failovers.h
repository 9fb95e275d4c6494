// Outages divided into the phases of a failover, and each failover with those who were judged.
//
// The phases partition an outage as one region saw it, along the path that ended it: from the first
// missed write to the first phase that the promoting manager announced stands the phase that such a
// manager begins with (first_phase()); then each announced phase until the next; `promote` ends
// when the new primary accepts writes; `reroute` when the region's app knows the new primary by
// its probes, and at the end when it finds it otherwise;
// `reconnect` when writes are answered again. Phases that were over before the outage began count
// nothing, so the parts always sum to the outage.
//
// Sources: design of the metric failover_duration (docs/metrics.md). Left out: outages that end
// without a promotion; they have no phases.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/app/canary.h"
#include "models/control/state.h"

namespace longhaul {

struct World;

struct FailoverPart {
  FailoverPhase phase = FailoverPhase::detect;
  FailoverReason reason = FailoverReason::none;  // why it began
  TimePoint began;
  TimePoint ended;
};

struct FailoverRecord {
  PromotionNote promotion;
  bool has_outage = false;
  std::uint32_t region = 0;  // that was out the longest
  CanaryWatch::Outage outage;
  std::vector<FailoverPart> parts;        // of that outage
  std::vector<CandidateNote> candidates;  // the last verdict on each before the promotion
  std::vector<RefusalNote> refusals;      // of the shard's managers since the promotion before
};

// In the order of the promotions. Outages that end with the run count as they stand.
std::vector<FailoverRecord> failovers(const World& world);

// Who was refused after the last promotion of its shard, or without any.
std::vector<RefusalNote> refusals_without_promotion(const World& world);

// Fills the metrics of failovers at the end of a run.
void measure_failovers(World& world);

}  // namespace longhaul
