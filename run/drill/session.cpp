#include "run/drill/session.h"

#include <algorithm>

#include "base/units_text.h"
#include "models/event_kinds.h"
#include "sim/rng.h"

namespace longhaul {
namespace {

// What is drawn of a work, and of a sample.
enum Draw : std::uint32_t { draw_approval, draw_takes, draw_fails, draw_lost, draw_false };

// Whole seconds, rounded up: a drill's clock has no smaller ones.
Duration whole_seconds(Duration time) { return seconds(div_ceil(time.ns, seconds(1).ns)); }

std::string percent_text(std::int64_t count, std::int64_t of) {
  return of == 0 ? std::string("-") : std::to_string(div_ceil(count * Int128{100}, of)) + "%";
}

}  // namespace

DrillSetup::DrillSetup(const Scenario& of)
    : scenario(&of), begins(of.config.warmup), ends(of.cluster.duration) {}

ClusterConfig DrillSetup::cluster_of(std::size_t variant) const {
  ClusterConfig cluster = scenario->cluster;
  cluster.interactive = true;
  cluster.faults = scenario->config.faults;
  const std::vector<FaultConfig>& hidden = drill().variants[variant].faults;
  cluster.faults.insert(cluster.faults.end(), hidden.begin(), hidden.end());
  return cluster;
}

DrillSession::DrillSession(const DrillSetup& setup, Hidden hidden, std::uint64_t luck)
    : setup_(&setup),
      config_(setup.cluster_of(hidden.variant)),
      hidden_(hidden),
      luck_(luck),
      signal_luck_(luck),
      cluster_(build(config_, hidden.seed)) {
  const DrillSignals& signals = setup.drill().signals;
  const std::string& region =
      signals.region ? *signals.region : setup.scenario->config.topology.regions.front();
  post_ = watchpost(plan(), place_in(plan(), region), signals.lag_source);
  alarms_ = quiet_alarms(plan(), post_);
  came_.resize(setup.drill().injects.size(), TimePoint::never());
  next_frame_ = TimePoint{} + (setup.begins - signals.interval);
  advance(TimePoint{} + setup.begins);
}

std::uint64_t DrillSession::draw(std::uint64_t number, std::uint32_t what) const {
  const std::uint64_t seed = what >= draw_lost ? signal_luck_ : luck_;
  return draw_bits(stream(seed, "drill"), number, what);
}

void DrillSession::show(ShownKind kind, std::string text) {
  shown_.push_back({now(), kind, std::move(text)});
}

bool DrillSession::any_alarm() const {
  return std::any_of(alarms_.begin(), alarms_.end(), [](const Alarm& a) { return a.raised; });
}

bool DrillSession::any_change_under_way() const {
  return std::any_of(works_.begin(), works_.end(), [this](const Work& work) {
    return work.is_open() && !setup_->drill().actions[work.action].is_question();
  });
}

void DrillSession::advance(TimePoint to) {
  const DrillConfig& drill = setup_->drill();
  while (true) {
    const TimePoint shows =
        pending_.empty() ? TimePoint::never() : pending_.front().taken + drill.signals.delay;
    TimePoint next = std::min(next_frame_, shows);
    for (const Work& work : works_) {
      if (work.state == WorkState::approval) next = std::min(next, work.approved);
      if (work.state == WorkState::under_way) next = std::min(next, work.approved + work.takes);
    }
    for (std::size_t i = 0; i < came_.size(); ++i) {
      const bool waits = came_[i] == TimePoint::never() && drill.injects[i].at.has_value();
      if (waits) next = std::min(next, TimePoint{} + *drill.injects[i].at);
    }
    if (next > to) break;
    run_until(next);
    for (std::size_t i = 0; i < came_.size(); ++i) {
      const bool waits = came_[i] == TimePoint::never() && drill.injects[i].at.has_value();
      if (waits && TimePoint{} + *drill.injects[i].at <= next) fire(i);
    }
    for (std::size_t i = 0; i < works_.size(); ++i) work_due(i);
    if (shows == next) show_frame();
    if (next_frame_ == next) take_frame();
  }
  run_until(to);
}

void DrillSession::run_until(TimePoint to) {
  if (to <= now_) return;
  cluster_.run_until(to);
  now_ = to;
}

void DrillSession::take_frame() {
  pending_.push_back(sampler_.take(cluster_.world(), post_));
  pending_.back().taken = now();
  next_frame_ = next_frame_ + setup_->drill().signals.interval;
}

void DrillSession::raise_falsely(const Frame& frame) {
  const DrillSignals& signals = setup_->drill().signals;
  if (signals.false_alarms.milli_per_day == 0) return;
  const auto number = static_cast<std::uint64_t>(frame.taken.ns);
  const std::uint64_t gap = static_cast<std::uint64_t>(mean_interval(signals.false_alarms).ns);
  if (below(draw(number, draw_false), gap) >= static_cast<std::uint64_t>(signals.interval.ns)) {
    return;
  }
  Alarm& alarm = alarms_[below(draw(number + 1, draw_false), plan().nodes.size())];
  alarm.is_false = true;
  alarm.false_until = frame.taken + signals.interval * 2;
}

void DrillSession::show_frame() {
  const Frame frame = pending_.front();
  pending_.erase(pending_.begin());
  const DrillSignals& signals = setup_->drill().signals;
  const auto number = static_cast<std::uint64_t>(frame.taken.ns);
  if (below(draw(number, draw_lost), 1'000'000) < static_cast<std::uint64_t>(signals.lost.ppm)) {
    return;
  }
  raise_falsely(frame);
  frames_.push_back(frame);
  for (Alarm& alarm : alarms_) {
    if (!hear(alarm, frame, signals)) continue;
    show(alarm.raised ? ShownKind::alarm : ShownKind::cleared, alarm_text(plan(), post_, alarm));
  }
}

void DrillSession::enter(const DrillCommand& command) {
  const DrillConfig& drill = setup_->drill();
  const auto first_waiting = std::find_if(works_.begin(), works_.end(), [](const Work& work) {
    return work.state == WorkState::approval;
  });
  switch (command.kind) {
    case CommandKind::action: {
      const DrillAction& action = drill.actions[command.of];
      const std::uint64_t number = works_.size();
      Work work;
      work.action = command.of;
      work.ordered = work.approved = now();
      work.takes = whole_seconds(sample(action.takes, draw(number, draw_takes)));
      work.fails =
          below(draw(number, draw_fails), 1'000'000) < static_cast<std::uint64_t>(action.fails.ppm);
      if (action.approval) {
        work.state = WorkState::approval;
        const Duration wait = sample(*action.approval, draw(number, draw_approval));
        work.approved = now() + whole_seconds(wait);
      }
      works_.push_back(work);
      return;
    }
    case CommandKind::acknowledge:
      if (!any_alarm()) show(ShownKind::outcome, "ack: no alarm is up");
      return;
    case CommandKind::approve:
    case CommandKind::reject:
      if (first_waiting == works_.end()) {
        const bool approves = command.kind == CommandKind::approve;
        show(ShownKind::outcome,
             std::string(approves ? "approve" : "reject") + ": nothing waits for approval");
        return;
      }
      if (command.kind == CommandKind::approve) {
        first_waiting->approved = now();
        return;
      }
      first_waiting->state = WorkState::rejected;
      first_waiting->ended = now();
      show(ShownKind::outcome, drill.actions[first_waiting->action].command + ": not approved");
      return;
    case CommandKind::inject:
      if (came_[command.of] == TimePoint::never()) fire(command.of);
      return;
    default:
      return;  // said, and nothing happens
  }
}

void DrillSession::work_due(std::size_t number) {
  Work& work = works_[number];
  if (work.state == WorkState::approval && work.approved <= now()) {
    work.state = WorkState::under_way;
    show(ShownKind::outcome,
         setup_->drill().actions[work.action].command + ": approved, under way");
  }
  if (work.state == WorkState::under_way && work.approved + work.takes <= now()) {
    finish_work(number);
  }
}

void DrillSession::finish_work(std::size_t number) {
  const DrillAction& action = setup_->drill().actions[works_[number].action];
  Work& work = works_[number];
  work.ended = now();
  if (work.fails) {
    work.state = WorkState::failed;
    show(ShownKind::outcome, action.command + ": failed; nothing was changed");
    return;
  }
  if (action.is_question()) {
    work.answer = answer_of(action);
    work.state = WorkState::done;
    show(ShownKind::answer, action.command + ": " + work.answer);
    return;
  }
  if (!way_is_open(action)) {
    work.state = WorkState::unreachable;
    show(ShownKind::outcome, action.command + ": timed out; no way to where it is done");
    return;
  }
  work.state = WorkState::done;
  show(ShownKind::outcome, action.command + ": done");
  apply(action);
}

bool DrillSession::way_is_open(const DrillAction& action) const {
  const std::uint32_t from = action.from ? place_in(plan(), *action.from) : post_.place;
  if (action.from && !is_reachable(cluster_.world(), post_.place, from)) return false;
  if (action.reaches) {
    return action.reaches->empty() ||
           is_reachable(cluster_.world(), from, place_in(plan(), *action.reaches));
  }
  for (const FaultConfig& fault : action.faults) {
    // A command to a failover manager travels by itself.
    if (!fault.node || !is_about_node(rule_of(fault.kind).subject)) continue;
    for (const NodePlan& node : plan().nodes) {
      if (node.config.name != *fault.node) continue;
      if (!is_reachable(cluster_.world(), from, node.place)) return false;
    }
  }
  return true;
}

std::string DrillSession::state_of(NodeId node, std::uint32_t from) const {
  Watchpost post = post_;
  post.place = from;
  const NodeSignal signal = look_at(cluster_.world(), post, node);
  if (signal.seen == NodeSignal::Seen::no_data) return "no answer, connection timed out";
  if (signal.seen == NodeSignal::Seen::refused) {
    return "the host answers, PostgreSQL does not: connection refused";
  }
  const Node& state = cluster_.world().node(node);
  if (signal.primary) return "up, primary, timeline " + std::to_string(state.timeline);
  std::string text = "up, replica of timeline " + std::to_string(state.timeline);
  if (signal.lag_ns >= 0) text += ", lag " + to_short_text(Duration{signal.lag_ns});
  if (state.replay.pauses > 0) text += ", replay is paused";
  if (state.replay.speed < percent(100)) text += ", the startup process is short of processor";
  if (state.promoting) text += ", promoting";
  const bool streams = state.feed != no_stream && cluster_.world().streams[state.feed].has_receiver;
  return text + (streams ? "" : ", receives no log");
}

std::string DrillSession::news_from(const std::string& region) const {
  if (!anybody_there(cluster_.world(), post_, region)) {
    return "nobody and nothing answers; the provider's page says the region is down";
  }
  Sampler sampler = sampler_;
  Watchpost post = post_;
  post.place = place_in(plan(), region);
  const Frame frame = sampler.take(cluster_.world(), post);
  std::string text = "alive";
  for (std::size_t i = 0; i < post.users.size(); ++i) {
    const Place& place = plan().places[post.users[i].place];
    if (plan().labels[Label::region][place.region] != region || frame.users[i].pages == 0) continue;
    text += ", " + percent_text(frame.users[i].failed, frame.users[i].pages) + " of pages fail";
  }
  for (std::uint32_t i = 0; i < plan().nodes.size(); ++i) {
    const NodePlan& node = plan().nodes[i];
    if (node.config.region != region) continue;
    text += "; " + node.config.name + " seen from there: " + state_of({i}, post.place);
  }
  return text;
}

std::string DrillSession::answer_of(const DrillAction& action) const {
  if (action.asks) return news_from(*action.asks);
  const std::uint32_t from = action.from ? place_in(plan(), *action.from) : post_.place;
  if (action.from && !is_reachable(cluster_.world(), post_.place, from)) {
    return "no way to the jump host in " + *action.from;
  }
  for (std::uint32_t i = 0; i < plan().nodes.size(); ++i) {
    if (plan().nodes[i].config.name == *action.checks) return state_of({i}, from);
  }
  return {};
}

void DrillSession::apply(const DrillAction& action) {
  plan_faults(action.faults);
  if (action.ends) end_faults(*action.ends, action.node);
}

void DrillSession::plan_faults(const std::vector<FaultConfig>& faults) {
  for (FaultConfig fault : faults) {
    fault.at = now() - TimePoint{} + fault.at;
    if (fault.at < setup_->ends) inject(cluster_, config_, fault);
  }
}

void DrillSession::end_faults(FaultKind kind, const std::optional<std::string>& node) {
  const std::vector<FaultPlan>& faults = plan().faults;
  for (std::uint32_t i = 0; i < faults.size(); ++i) {
    const FaultPlan& fault = faults[i];
    const bool open = fault.begins <= now() && fault.ends == TimePoint::never();
    if (fault.kind != kind || !open) continue;
    if (node && plan().nodes[fault.node.value].config.name != *node) continue;
    if (std::find(healed_.begin(), healed_.end(), i) != healed_.end()) continue;
    healed_.push_back(i);
    cluster_.world().scheduler.at(now(), EventClass::fault, target(TargetKind::fault, i),
                                  static_cast<std::uint16_t>(EventKind::fault_ends), 0, 0);
  }
}

void DrillSession::fire(std::size_t number) {
  const DrillInject& inject = setup_->drill().injects[number];
  came_[number] = now();
  show(ShownKind::inject, inject.text);
  plan_faults(inject.faults);
}

std::size_t drawn_variant(const DrillConfig& drill, std::uint64_t seed) {
  std::int64_t sum = 0;
  for (const DrillVariant& variant : drill.variants) sum += variant.weight;
  const std::uint64_t bits = draw_bits(stream(seed, "drill/variant"), 0, 0);
  auto left = static_cast<std::int64_t>(below(bits, static_cast<std::uint64_t>(sum)));
  for (std::size_t i = 0; i < drill.variants.size(); ++i) {
    left -= drill.variants[i].weight;
    if (left < 0) return i;
  }
  return 0;
}

std::int64_t DrillCost::total() const {
  std::int64_t sum = 0;
  for (const Part& part : parts) sum += part.points;
  return sum;
}

DrillCost cost_of(DrillSession session) {
  const DrillCosts& costs = session.setup().drill().costs;
  session.advance(TimePoint{} + session.setup().ends);
  Cluster cluster = session.cluster();
  // Of the log: a promotion by a player alone has no metric, which the plan registers beforehand.
  const std::vector<PromotionNote>& log = cluster.world().control.log.promotions;
  const auto promotions = static_cast<std::int64_t>(log.size());
  const auto needless = static_cast<std::int64_t>(std::count_if(
      log.begin(), log.end(), [](const PromotionNote& note) { return note.needless; }));
  cluster.finish();
  const Measures& measures = cluster.world().measures;
  const auto count = [&measures](Metric metric) {
    std::int64_t sum = 0;
    for (std::size_t cell = 0; cell < measures.cells(metric); ++cell) {
      sum += measures.counter_at(metric, cell).count;
    }
    return sum;
  };
  std::int64_t outage = 0;
  for (std::size_t cell = 0; cell < measures.cells(Metric::write_outage); ++cell) {
    outage += narrow(measures.distribution_at(Metric::write_outage, cell).sum());
  }
  DrillCost cost;
  const auto add = [&cost](const char* what, std::int64_t amount, std::int64_t weight) {
    cost.parts.push_back({what, amount, false, amount * weight});
  };
  cost.parts.push_back({"users' regions without writes", outage, true,
                        narrow(Int128{outage} * costs.write_outage_minute / minutes(1).ns)});
  add("lost transactions", count(Metric::lost_transactions), costs.lost_transaction);
  add("writes on the wrong side of a split brain", count(Metric::split_brain_writes),
      costs.split_brain_write);
  add("promotions", promotions, costs.failover);
  add("needless promotions", needless, costs.needless_failover);
  add("failed pages", count(Metric::errors), costs.failed_page);
  add("stale reads", count(Metric::stale_reads), costs.stale_read);
  return cost;
}

}  // namespace longhaul
