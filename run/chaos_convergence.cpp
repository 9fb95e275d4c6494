#include "run/chaos_convergence.h"

#include <algorithm>

#include "models/control/manager.h"
#include "models/pg/history.h"
#include "models/pg/serving.h"

namespace longhaul {
namespace {

const char* const is_frozen = "frozen: nothing is started nor promoted until somebody ends it";
const char* const is_paused =
    "patroni: the order to resume did not reach the store; a paused agent starts nothing";
const char* const needs_log = "a standby needs log that is removed";
const char* const no_store = "patroni: the lease store has no majority for good";
const char* const lost_primary_agent = "the agent of a primary is lost for good";
const char* const behind_the_monitor =
    "pg_auto_failover: a standby was promoted behind the monitor's back";

// A fault that never ends keeps it down, or a fence that somebody has to lift.
bool is_lost_for_good(const Node& node) { return node.outages > 0 || node.full_disks > 0; }

bool has_no_data(const Node& node) { return node.consistent_from == no_data; }

bool has_lost_agent(const World& world, NodeId node) {
  if (world.control.agents.empty()) return false;
  const AgentId id = world.control.agent_of_node[node.value];
  return id.valid() && world.control.agents[id.value].kills > 0;
}

// Of those servers that are not lost themselves.
bool has_lost_all_agents(const World& world) {
  if (world.control.agents.empty()) return false;
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    if (!is_lost_for_good(world.nodes[i]) && !has_lost_agent(world, {i})) return false;
  }
  return true;
}

const FailoverConfig& manager_of(const World& world) { return world.plan->policy.failover; }

// Managers that bring an old primary back by themselves.
bool rejoins(FailoverManager manager) {
  return manager == FailoverManager::patroni || manager == FailoverManager::pg_auto_failover;
}

std::string unlike(const World& world, NodeId id, LogId log, Lsn shown) {
  const Node& node = world.node(id);
  if (node.liveness != Liveness::up) return "is not up";
  if (node.is_primary) return "accepts writes beside another";
  if (node.diverged != Divergence::none) return "cannot follow";
  if (node.log != log) return "is on another timeline";
  if (node.replayed < shown) return "is behind";
  return {};
}

// ---- Why people are needed ---------------------------------------------------------------------

bool store_has_majority(const World& world) {
  std::size_t up = 0;
  for (const StoreMember& member : world.lease_store.members) {
    up += member.liveness == StoreLiveness::up ? 1 : 0;
  }
  return up * 2 > world.lease_store.members.size();
}

bool was_promoted_by_hand(const World& world) {
  const std::vector<PromotionNote>& notes = world.control.log.promotions;
  return std::any_of(notes.begin(), notes.end(),
                     [](const PromotionNote& note) { return !note.agent.valid(); });
}

// Somebody's last word is that nobody is promoted for that reason.
bool has_refused(const World& world, FailoverReason reason) {
  const std::vector<RefusalNote>& notes = world.control.log.refusals;
  for (std::uint32_t i = 0; i < world.control.agents.size(); ++i) {
    const auto last = std::find_if(notes.rbegin(), notes.rend(), [i](const RefusalNote& note) {
      return note.agent == AgentId{i};
    });
    if (last != notes.rend() && last->reason == reason) return true;
  }
  return false;
}

// What the lease store has got to: of members that are lost for good it is old.
const StoreData& newest_data(const World& world) {
  const std::vector<StoreMember>& members = world.lease_store.members;
  const auto end = members.begin() + members[0].count;
  return std::max_element(members.begin(), end, [](const StoreMember& a, const StoreMember& b) {
           return a.data.applied < b.data.applied;
         })->data;
}

bool is_switchover_pending(const World& world) {
  const StoreData& data = newest_data(world);
  return data.items[data.at({0, StoreName::failover, 0})].present;
}

// The leader has gone before it could take up or give up the request, all yield to the member that
// is named, and that one may not be promoted: nobody deletes the request (Patroni ha.py,
// manual_failover_process_no_leader).
bool waits_for_named(const World& world) {
  return is_switchover_pending(world) && has_refused(world, FailoverReason::not_asked_for);
}

// The pause has ended, and the tool that was to say so found no store. While it lasts an agent
// neither starts nor promotes a server (Patroni ha.py, _run_cycle).
bool is_paused_in_store(const World& world) {
  const StoreData& data = newest_data(world);
  return data.items[data.at({0, StoreName::config, 0})].value[0] != 0;
}

// Likewise: members that are not synchronous may not be promoted, but hold back those that may if
// they are ahead of them, and by quorum the old leader if they are well (Patroni ha.py,
// is_healthiest_node, is_failover_possible).
bool waits_for_synchronous(const World& world) {
  const bool is_held_back = has_refused(world, FailoverReason::another_is_ahead) ||
                            has_refused(world, FailoverReason::leader_key_released);
  return is_switchover_pending(world) && is_held_back &&
         has_refused(world, FailoverReason::not_synchronous);
}

// A crash cut the last promotion short: Patroni's agent takes its server for promoted (patroni
// issue 3603), and repmgrd orders it once.
bool was_cut_short(const World& world) {
  const std::vector<PromotionNote>& notes = world.control.log.promotions;
  if (notes.empty() || !notes.back().agent.valid()) return false;
  const Node& node = world.node(notes.back().to);
  const bool stands = node.liveness == Liveness::up && !node.is_primary && !node.promoting;
  return stands && notes.back().opened == TimePoint::never();
}

// It, or one that it gets its log through.
bool needs_removed_log(const World& world, NodeId id) {
  for (std::size_t step = 0; step < world.nodes.size() && id.valid(); ++step) {
    const Node& node = world.node(id);
    const bool is_lost = node.feed != no_stream && world.streams[node.feed].lost;
    if (is_lost && node.diverged == Divergence::none) return true;
    id = node.upstream;
  }
  return false;
}

// Nobody is promoted.
std::string who_promotes(const World& world) {
  const FailoverConfig& failover = manager_of(world);
  const NodeId last = world.primary();
  const bool is_gone = is_lost_for_good(world.node(last)) || has_no_data(world.node(last));
  if (is_gone && failover.manager == FailoverManager::none) {
    return "the primary is lost for good and nobody is told to promote another";
  }
  if (failover.guards.frozen) return is_frozen;
  if (has_lost_all_agents(world)) return "the agents of all servers are lost for good";
  if (failover.manager == FailoverManager::repmgr && !failover.repmgr.automatic) {
    return "repmgr: failover is manual";
  }
  if (failover.manager == FailoverManager::repmgr && was_cut_short(world)) {
    return "repmgr: a crash cut a promotion short, which is ordered once";
  }
  if (failover.manager == FailoverManager::patroni) {
    if (!store_has_majority(world)) return no_store;
    if (is_paused_in_store(world)) return is_paused;
    const PatroniWatchdog& watchdog = failover.patroni.watchdog;
    if (watchdog.mode == WatchdogMode::required && !watchdog.device) {
      return "patroni: a watchdog is required and there is none";
    }
    if (was_cut_short(world)) {
      return "patroni: a crash cut a promotion short, and its agent takes the server for promoted";
    }
    if (waits_for_named(world)) {
      return "patroni: a switchover is pending to a member that may not be promoted";
    }
    if (waits_for_synchronous(world)) {
      return "patroni: a switchover is pending, and who is not synchronous holds the others back";
    }
  }
  std::size_t lost = 0;
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    const Node& node = world.nodes[i];
    lost += is_lost_for_good(node) || has_no_data(node) || has_lost_agent(world, {i}) ? 1 : 0;
    const bool is_down = node.liveness == Liveness::stopped && !is_lost_for_good(node);
    if (is_down && !node.is_primary && failover.manager == FailoverManager::pg_auto_failover) {
      return "pg_auto_failover: the monitor waits for a candidate whose server does not run";
    }
  }
  if (lost > 0) {
    return std::string(enum_text(failover.manager)) +
           ": servers or agents are lost for good and none of the others may be promoted";
  }
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    if (needs_removed_log(world, {i})) return needs_log;
  }
  if (has_refused(world, FailoverReason::lags_too_much)) {
    return std::string(enum_text(failover.manager)) + ": every standby lacks too much of the log";
  }
  const bool unknown_to_monitor =
      failover.manager == FailoverManager::pg_auto_failover && was_promoted_by_hand(world);
  return unknown_to_monitor ? behind_the_monitor : "";
}

// Likewise.
bool follows_lost_server(const World& world, NodeId id) {
  NodeId up = world.node(id).upstream;
  for (std::size_t step = 0; step < world.nodes.size() && up.valid(); ++step) {
    const Node& upstream = world.node(up);
    if (is_lost_for_good(upstream) || has_no_data(upstream)) return true;
    up = upstream.upstream;
  }
  return false;
}

// It was repointed to a server that was promoted and given up, and got the history file of its
// timeline, but no log: pg_rewind finds both servers on the same timeline and does nothing, and the
// file sends the standby to that timeline again (patroni issues 753, 1323).
bool has_only_history_file(const World& world, NodeId id) {
  const Node& node = world.node(id);
  const Node& primary = world.node(world.primary());
  return node.timeline > primary.timeline &&
         node.flushed <= shared_up_to(world, node.log, primary.log);
}

// An old primary is rewound; of a standby its keeper takes for granted that it may follow whoever
// is promoted (pg_auto_failover fsm_transition.c, fsm_follow_new_primary).
bool has_been_primary(const World& world, NodeId id) {
  return std::any_of(world.groups.begin(), world.groups.end(),
                     [id](const Group& group) { return group.primary == id; });
}

// A server does not come back to the others.
std::string who_rejoins(const World& world, NodeId id) {
  const Node& node = world.node(id);
  const FailoverConfig& failover = manager_of(world);
  if (has_lost_agent(world, id)) return "its agent is lost for good";
  if (failover.guards.frozen && rejoins(failover.manager)) return is_frozen;
  if (has_no_data(node)) return "a data directory is lost and nobody builds the server anew";
  if (world.plan->standby_leader.valid()) {
    return "the standby cluster is a cluster of its own by now";
  }
  if (needs_removed_log(world, id)) return needs_log;
  if (!rejoins(failover.manager) && follows_lost_server(world, id)) {
    return "a standby follows a server that is lost for good";
  }
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    if (is_serving_primary(world, {i}) && has_lost_agent(world, {i})) {
      return lost_primary_agent;
    }
  }
  const bool has_forked = world.groups.size() > world.plan->groups.size();
  if (has_forked && !rejoins(failover.manager)) {
    return std::string(enum_text(failover.manager)) +
           ": nobody stops or rewinds an old primary, nor those who follow it";
  }
  if (failover.manager == FailoverManager::pg_auto_failover) {
    if (was_promoted_by_hand(world)) return behind_the_monitor;
    if (node.diverged == Divergence::ahead_of_fork && !has_been_primary(world, id)) {
      return "pg_auto_failover: nobody rewinds a standby that is ahead of the one that was "
             "promoted";
    }
  }
  if (failover.manager == FailoverManager::patroni) {
    const PatroniConfig& patroni = failover.patroni;
    const PostgresConfig& postgres = world.plan->postgres;
    if (!store_has_majority(world)) return no_store;
    if (is_paused_in_store(world)) return is_paused;
    if (has_only_history_file(world, id)) {
      return "patroni: pg_rewind does nothing for a timeline of which there is only the history "
             "file";
    }
    const bool may_rewind =
        patroni.use_pg_rewind && (postgres.wal_log_hints || postgres.data_checksums);
    if (!may_rewind && !patroni.remove_data_directory_on_diverged_timelines) {
      return "patroni: it may neither rewind nor rebuild a server that has diverged";
    }
    if (patroni.use_pg_rewind && !patroni.remove_data_directory_on_rewind_failure) {
      return "patroni: it may not rebuild a server whose rewind failed";
    }
  }
  return {};
}

Convergence judge(const World& world, Lsn shown) {
  const NodeId primary = world.primary();
  if (!is_serving_primary(world, primary)) return {"nobody accepts writes", who_promotes(world)};
  if (world.node(primary).read_only) {
    return {"the primary is read only", has_lost_agent(world, primary) ? lost_primary_agent : ""};
  }
  const LogId log = world.node(primary).log;
  Convergence result;
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    const NodeId id{i};
    const NodePlan& plan = world.plan->nodes[i];
    if (id == primary || plan.config.role == NodeRole::logical) continue;
    if (is_lost_for_good(world.nodes[i])) continue;
    const std::string what = unlike(world, id, log, shown);
    if (what.empty()) continue;
    Convergence found{plan.config.name + " " + what, who_rejoins(world, id)};
    if (found.waits_for.empty()) return found;
    if (result.missing.empty()) result = found;
  }
  return result;
}

}  // namespace

Convergence convergence_of(const World& world, Lsn shown) { return judge(world, shown); }

}  // namespace longhaul
