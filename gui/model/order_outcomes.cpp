#include "gui/model/order_outcomes.h"

#include <algorithm>
#include <optional>
#include <set>

#include "gui/model/clock_text.h"
#include "models/control/manager.h"

namespace longhaul {
namespace {

bool is_order(FaultKind kind) {
  return kind == FaultKind::switchover || kind == FaultKind::failback ||
         kind == FaultKind::failover;
}

// So that a failover manager may promote another.
bool takes_down(const FaultConfig& fault, const NodeConfig& node) {
  switch (fault.kind) {
    case FaultKind::crash:
    case FaultKind::node_loss:
    case FaultKind::disk_full:
    case FaultKind::vm_stall:
    case FaultKind::kill_agent:
    case FaultKind::data_directory_lost:
      return fault.node == node.name;
    case FaultKind::zone_loss:
      return fault.region == node.region && fault.zone == node.zone;
    case FaultKind::region_loss:
    case FaultKind::region_isolated:
      return fault.region == node.region;
    default:
      return false;
  }
}

// So that a leader may lose its lease, or its followers the sight of it: what cuts its region off.
bool cuts_off(const FaultConfig& fault, const NodeConfig& node) {
  if (fault.kind != FaultKind::cut_link && fault.kind != FaultKind::flapping) return false;
  const bool between = fault.between && std::find(fault.between->begin(), fault.between->end(),
                                                  node.region) != fault.between->end();
  return between || fault.from == node.region || fault.to == node.region;
}

class Reader {
 public:
  Reader(const std::vector<FaultConfig>& faults, const World& world)
      : faults_(faults), world_(world), log_(world.control.log) {}

  OrderOutcome outcome_of(std::size_t number) const {
    const FaultConfig& order = faults_[number];
    OrderOutcome outcome{number, OrderResult::nothing, ""};
    const NodeId named = node_called(order.node);
    if (order.kind == FaultKind::promote) {
      by_hand(outcome, order, named);
      return outcome;
    }
    const TimePoint from = TimePoint{} + order.at;
    const TimePoint next = next_order(from);
    TimePoint lost = leader_lost(from, named);
    const TimePoint deposed = leader_deposed(from, named);
    lost = std::min(lost, deposed);
    const TimePoint until = std::min(next, lost);
    const PromotionNote* promotion = promotion_within(from, until, named);
    const TimePoint given_up = given_up_within(from, until, named);
    const TimePoint told =
        given_up == TimePoint::never() ? until : std::min(until, given_up + nanoseconds(1));
    const std::string why = reasons(from, told, named);
    if (promotion != nullptr && promotion->ordered <= given_up) {
      outcome.result = OrderResult::done;
      outcome.text =
          name_of(promotion->to) + " was promoted at " + short_clock_text(promotion->ordered);
    } else if (!why.empty()) {
      outcome.result = OrderResult::refused;
      const TimePoint at =
          given_up == TimePoint::never() ? last_refusal(from, until, named) : given_up;
      outcome.text = "refused at " + short_clock_text(at) + ": " + why;
    } else {
      outcome.text =
          is_frozen(from) ? "not carried out: " + std::string(explain(FailoverReason::frozen))
          : until == TimePoint::never()    ? "not carried out by the end of the run"
          : lost < next && lost == deposed ? "not carried out before the primary was cut off"
          : lost < next                    ? "not carried out before the primary went down"
                                           : "not carried out before the next order";
    }
    return outcome;
  }

 private:
  void by_hand(OrderOutcome& outcome, const FaultConfig& order, NodeId node) const {
    for (const PromotionNote& note : log_.promotions) {
      const bool is_it =
          note.to == node && !note.agent.valid() && note.ordered == TimePoint{} + order.at;
      if (!is_it) continue;
      const bool opened = note.opened != TimePoint::never();
      outcome.result = opened ? OrderResult::done : OrderResult::nothing;
      outcome.text = opened ? *order.node + " takes writes from " + short_clock_text(note.opened)
                            : *order.node + " did not take writes before the end";
      if (opened && note.needless) outcome.text += ", beside " + name_of(note.from) + ", which did";
    }
  }

  NodeId node_called(const std::optional<std::string>& name) const {
    const auto& nodes = world_.plan->nodes;
    for (std::uint32_t i = 0; name && i < nodes.size(); ++i) {
      if (nodes[i].config.name == *name) return {i};
    }
    return {};
  }

  std::string name_of(NodeId node) const { return world_.plan->nodes[node.value].config.name; }

  TimePoint next_order(TimePoint after) const {
    TimePoint next = TimePoint::never();
    for (const FaultConfig& fault : faults_) {
      const TimePoint at = TimePoint{} + fault.at;
      if (is_order(fault.kind) && at > after) next = std::min(next, at);
    }
    return next;
  }

  // When a fault takes down one whose place an order may give to another: who is promoted after
  // that is not promoted for the order.
  TimePoint leader_lost(TimePoint after, NodeId named) const {
    const auto& nodes = world_.plan->nodes;
    TimePoint lost = TimePoint::never();
    for (const FaultConfig& fault : faults_) {
      const TimePoint at = TimePoint{} + fault.at;
      if (at <= after || at >= lost) continue;
      for (std::uint32_t i = 0; i < nodes.size(); ++i) {
        const bool counts = concerns(named, nodes[i].group) && takes_down(fault, nodes[i].config);
        if (counts && leader_at(at, nodes[i].group) == NodeId{i}) lost = at;
      }
    }
    return lost;
  }

  // When a leader that goes on living has lost its place to a fault.
  TimePoint leader_deposed(TimePoint after, NodeId named) const {
    const auto& nodes = world_.plan->nodes;
    TimePoint deposed = TimePoint::never();
    for (const FaultConfig& fault : faults_) {
      const TimePoint at = TimePoint{} + fault.at;
      if (at <= after || at >= deposed) continue;
      for (std::uint32_t i = 0; i < nodes.size(); ++i) {
        const bool counts = concerns(named, nodes[i].group) &&
                            (cuts_off(fault, nodes[i].config) || stops_the_store(fault));
        if (counts && leader_at(at, nodes[i].group) == NodeId{i}) deposed = at;
      }
    }
    return deposed == TimePoint::never() ? deposed : deposed + lease_left();
  }

  // So many members are down that the others are no majority.
  bool stops_the_store(const FaultConfig& fault) const {
    if (fault.kind != FaultKind::lease_store_down) return false;
    std::set<std::string> down;
    const std::size_t all = world_.plan->lease_store.config.members.size();
    for (const FaultConfig& other : faults_) {
      const bool then = other.kind == FaultKind::lease_store_down && other.at <= fault.at &&
                        (!other.lasts || other.at + *other.lasts > fault.at);
      if (then && !other.member) return true;
      if (then) down.insert(*other.member);
    }
    return (all - std::min(all, down.size())) * 2 <= all;
  }

  // For so long after it was cut off a leader still has its lease, and nobody is elected because of
  // that: of managers without leases, no time.
  Duration lease_left() const {
    const auto& failover = world_.plan->policy.failover;
    if (failover.manager != FailoverManager::patroni) return {};
    return std::max(Duration{}, failover.patroni.ttl - failover.patroni.loop_wait);
  }

  NodeId leader_at(TimePoint at, GroupId shard) const {
    const auto& nodes = world_.plan->nodes;
    NodeId leader;
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i].group == shard && nodes[i].config.role == NodeRole::primary) leader = {i};
    }
    for (const PromotionNote& note : log_.promotions) {
      if (note.shard == shard && note.ordered < at) leader = note.to;
    }
    return leader;
  }

  // Whether what happens in a shard may be about an order that names that server, or nobody.
  bool concerns(NodeId named, GroupId shard) const {
    return !named.valid() || world_.plan->nodes[named.value].group == shard;
  }

  bool concerns(NodeId named, const RefusalNote& note) const {
    return note.agent.valid() && note.reason != FailoverReason::not_asked_for &&
           concerns(named, world_.control.agents[note.agent.value].shard);
  }

  const PromotionNote* promotion_within(TimePoint from, TimePoint until, NodeId named) const {
    for (const PromotionNote& note : log_.promotions) {
      const bool is_it =
          note.agent.valid() && concerns(named, note.shard) && (!named.valid() || note.to == named);
      if (is_it && note.ordered >= from && note.ordered < until) return &note;
    }
    return nullptr;
  }

  // When those who were to carry it out said that they do not. A service and people at a runbook
  // look for a candidate until there is one.
  TimePoint given_up_within(TimePoint from, TimePoint until, NodeId named) const {
    const FailoverManager manager = world_.plan->policy.failover.manager;
    const bool tries_again =
        places_of(manager).controllers && manager != FailoverManager::pg_auto_failover;
    for (const RefusalNote& note : log_.refusals) {
      const bool ends_it = note.reason == FailoverReason::no_candidate ||
                           note.reason == FailoverReason::primary_still_seen ||
                           note.reason == FailoverReason::frozen;
      const bool is_it = !tries_again && ends_it && concerns(named, note);
      if (is_it && note.at >= from && note.at < until) return note.at;
    }
    return TimePoint::never();
  }

  TimePoint last_refusal(TimePoint from, TimePoint until, NodeId named) const {
    TimePoint last = from;
    for (const RefusalNote& note : log_.refusals) {
      if (concerns(named, note) && note.at >= from && note.at < until) last = note.at;
    }
    return last;
  }

  // Each sentence once; of a server with its name.
  std::string reasons(TimePoint from, TimePoint until, NodeId named) const {
    std::string text;
    const auto add = [&](NodeId node, FailoverReason reason) {
      const std::string_view sentence = explain(reason);
      const bool of_it = node.valid() && sentence.starts_with("It");
      const std::string one = (of_it ? name_of(node) + ": " : "") + std::string(sentence);
      if (text.find(one) == text.npos) text += (text.empty() ? "" : " ") + one;
    };
    for (const RefusalNote& note : log_.refusals) {
      if (concerns(named, note) && note.at >= from && note.at < until) add(note.node, note.reason);
    }
    if (text.empty()) return text;
    for (const CandidateNote& note : log_.candidates) {
      const bool is_it = !note.eligible && note.at >= from && note.at < until &&
                         concerns(named, world_.control.agents[note.agent.value].shard);
      if (is_it) add(note.node, note.reason);
    }
    return text;
  }

  bool is_frozen(TimePoint at) const {
    bool frozen = world_.plan->policy.failover.guards.frozen;
    TimePoint decided{-1};
    const auto say = [&](TimePoint since, bool value) {
      if (since > at || since < decided) return;
      decided = since;
      frozen = value;
    };
    for (const FaultConfig& fault : faults_) {
      const TimePoint begins = TimePoint{} + fault.at;
      if (fault.kind == FaultKind::pause_failover) say(begins, true);
      if (fault.kind == FaultKind::pause_failover && fault.lasts) say(begins + *fault.lasts, false);
      if (fault.kind == FaultKind::resume_failover) say(begins, false);
    }
    return frozen;
  }

  const std::vector<FaultConfig>& faults_;
  const World& world_;
  const ControlLog& log_;
};

}  // namespace

std::vector<OrderOutcome> outcomes_of(const std::vector<FaultConfig>& faults, const World& world) {
  const Reader reader(faults, world);
  std::vector<OrderOutcome> outcomes;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const bool counts = is_order(faults[i].kind) || faults[i].kind == FaultKind::promote;
    if (counts) outcomes.push_back(reader.outcome_of(i));
  }
  return outcomes;
}

}  // namespace longhaul
