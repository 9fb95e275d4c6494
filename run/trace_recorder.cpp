#include <algorithm>

#include "models/net/mail.h"
#include "run/report.h"
#include "run/trace.h"

namespace longhaul {
namespace {

constexpr Duration sampled_inside = milliseconds(100);
constexpr std::int64_t samples_outside = 600;   // over the whole run
constexpr std::int64_t samples_inside = 2'000;  // at most, over the window

bool tells_a_breaker(EventKind kind) {
  return kind == EventKind::probe_at_app || kind == EventKind::probe_deadline ||
         kind == EventKind::policy_due;
}

}  // namespace

TraceWindow default_trace_window(const ClusterConfig& config) {
  Duration from = config.warmup;
  bool found = false;
  for (const FaultConfig& fault : config.faults) {
    if (fault.at < config.warmup || fault.at >= config.duration) continue;
    if (found && fault.at >= from + seconds(1)) continue;
    from = std::max(config.warmup, fault.at - seconds(1));
    found = true;
  }
  return {TimePoint{} + from, TimePoint{} + std::min(from + trace_length, config.duration)};
}

Witness trace_witness(const TraceWindow& window) {
  Witness what;
  what.from = window.from;
  what.until = window.until;
  what.left = trace_pages_max;
  return what;
}

void TraceRecorder::before(const World& world, const Event& event) {
  if (!plan_) plan_ = world.plan;
  take_ended(world);
  while (event.at >= next_sample_) {
    sample(world, next_sample_);
    const Duration outside{std::max<std::int64_t>(1, world.plan->duration.ns / samples_outside)};
    const Duration inside =
        std::max(sampled_inside, Duration{(window_.until - window_.from).ns / samples_inside});
    const TimePoint later = next_sample_ + (is_inside(next_sample_) ? inside : outside);
    const bool enters = next_sample_ < window_.from && later > window_.from;
    next_sample_ = enters ? window_.from : later;
  }
  if (!is_inside(event.at)) return;
  const auto kind = static_cast<EventKind>(event.kind);
  if (now_.empty() || told_) watch_breakers(world, told_.value_or(event.at));
  told_.reset();
  if (tells_a_breaker(kind)) told_ = event.at;
  if (kind != EventKind::wal_at_standby) return;
  const std::uint32_t slot = MessageArg::unpack(event.arg).slot;
  if (slot >= world.mail.slots.size()) return;
  const Mail& mail = world.mail.slots[slot];
  const NodeId standby{target_index(event.target)};
  if (mail.flush <= mail.write) return;
  if (pieces_.size() == trace_pieces_max) {
    more_pieces_ += 1;
    return;
  }
  pieces_.push_back({mail.sent_at, event.at, standby, mail.write, mail.flush});
}

void TraceRecorder::take_ended(const World& world) {
  const std::vector<WitnessedPage>& ended = world.witness.ended;
  while (pages_.size() < ended.size()) pages_.push_back(ended[pages_.size()]);
}

void TraceRecorder::finish(const World& world) {
  if (!plan_) plan_ = world.plan;
  take_ended(world);
  answered_ = pages_.size();
  for (const WitnessedPage& page : world.witness.by_slot) {
    if (!page.watched) continue;
    pages_.push_back(page);
    pages_.back().ended = TimePoint{} + world.plan->duration;
  }
  more_pages_ = world.witness.left == 0;
  if (told_) watch_breakers(world, *told_);
  told_.reset();
}

std::string TraceRecorder::left_out() const {
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  if (more_pages_) {
    add("pages behind the first " + count_text(static_cast<std::int64_t>(trace_pages_max)));
  }
  if (more_pieces_ > 0) {
    add(counted(static_cast<std::int64_t>(more_pieces_), "piece") + " of log");
  }
  if (more_moves_ > 0) {
    add(counted(static_cast<std::int64_t>(more_moves_), "move") + " of breakers");
  }
  return text;
}

void TraceRecorder::sample(const World& world, TimePoint at) {
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    const Node& node = world.nodes[i];
    if (node.is_primary || node.feed == no_stream) continue;
    LagSample sample{at, {i}, std::nullopt, {}};
    const StageLag& replay =
        world.streams[node.feed].lag[static_cast<std::size_t>(LagStage::replay)];
    if (!replay.away()) sample.truth = std::max(Duration{}, replay.lag(at));
    const NodePlan& plan = world.plan->nodes[i];
    for (const AppPlan& app : world.plan->apps) {
      const Router& router = world.instances[app.first_instance.value].routers[plan.group.value];
      const std::optional<Duration> lag = router.breaker({plan.member}).lag();
      sample.believed.push_back(lag ? lag->ns : -1);
    }
    lag_.push_back(std::move(sample));
  }
}

// Called before the event behind one that may have moved some.
void TraceRecorder::watch_breakers(const World& world, TimePoint at) {
  const bool first = now_.empty();
  const std::size_t nodes = world.nodes.size();
  if (first) now_.resize(world.instances.size() * nodes);
  for (std::uint32_t i = 0; i < world.instances.size(); ++i) {
    for (std::uint32_t n = 0; n < nodes; ++n) {
      const NodePlan& plan = world.plan->nodes[n];
      const LagBreaker& breaker =
          world.instances[i].routers[plan.group.value].breaker({plan.member});
      BreakerMove& known = now_[i * nodes + n];
      const bool moved = !first && known.to != breaker.state();
      known = {at, {i}, {n}, breaker.state(), breaker.reason()};
      if (!moved) continue;
      if (moves_.size() < trace_moves_max) {
        moves_.push_back(known);
      } else {
        more_moves_ += 1;
      }
    }
  }
}

}  // namespace longhaul
