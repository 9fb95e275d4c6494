// The monitor of pg_auto_failover v2.1, which alone decides: every keeper calls it once a second
// and is answered with the state that its node has to reach.
//
// A node is unhealthy when its keeper has not called for node_considered_unhealthy_timeout and the
// monitor's own health checks fail too, or when its keeper reports that the server does not run; a
// failing check alone says nothing. Rules are looked at when a node calls, so they take about a
// second a step.
//
//   one standby      secondary -> prepare_promotion -> stop_replication -> wait_primary, while the
//                    old primary is told to drain. At stop_replication it is promoted already but
//                    read only until the old primary reports that it has stopped, or
//                    primary_demote_timeout is over: then it cannot write, if its keeper works.
//   more standbys    all stop to receive and report (report_lsn). The election waits for every one
//                    that commits may have waited for, and for number_sync_standbys + 1 of them.
//                    Priority beats position: who is chosen fetches what it lacks (fast_forward).
//
// Nobody is promoted further behind the primary's last report than promote_wal_log_threshold. With
// number_sync_standbys 0 the primary writes alone when no standby is healthy.
//
// An operator's switchover (pg_autoctl perform switchover, or promotion with a name) tells a
// primary that is well to drain, and then the same rules run; the name counts as the highest
// priority. A failover by order is the same. Failover can be paused here, which pg_auto_failover
// itself cannot: it stands for its maintenance states.
//
// Source: pg_auto_failover v2.1, group_state_machine.c and node_metadata.c. Left out: maintenance,
// groups and formations, candidates that fail during their promotion, a standby that joins later.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "policy/failover/action_queue.h"
#include "policy/failover/auto_failover_config.h"
#include "policy/failover/roster.h"
#include "policy/failover/table.h"

namespace longhaul {

enum class MonitorInput : std::uint8_t {
  reports,             // the node calls
  is_unhealthy,        // a standby, seen while the primary calls
  candidate_assigned,  // to the old primary: somebody prepares to replace it
  candidate_promoted,
  candidate_opens,
  switchover_ordered  // of the primary
};
enum class MonitorGuard : std::uint8_t {
  always,
  alone_and_fit,      // the primary is gone, this is its only standby and near enough
  primary_gone_many,  // the primary is gone and there are several standbys
  caught_up,
  has_new_primary,  // somebody writes, or is about to
  is_chosen,
  is_chosen_behind,
  is_converged,  // it reports the state that it was assigned
  old_has_stopped,
  drain_expired,
  stands_alone,  // no standby is healthy, and commits need not wait for one
  has_secondary,
  has_successor  // the primary is well, and so is the standby that is named, or any
};
enum class MonitorOrder : std::uint8_t { nothing, drain, elect, prefer, wait_for_old, open };

std::string_view to_text(MonitorInput input);
std::string_view to_text(MonitorGuard guard);
std::string_view to_text(MonitorOrder order);

using MonitorRow = Transition<NodeState, MonitorInput, MonitorGuard, MonitorOrder>;
constexpr std::size_t auto_failover_monitor_row_count = 20;
extern const std::array<MonitorRow, auto_failover_monitor_row_count> auto_failover_monitor_table;

class AutoFailoverMonitor {
 public:
  AutoFailoverMonitor(const AutoFailoverConfig& config, std::span<const MemberInfo> members,
                      TimePoint now);

  void handle(TimePoint now, const FailoverEvent& event);
  void on_timer(TimePoint now);
  std::optional<FailoverAction> poll() { return actions_.pop(); }
  std::optional<TimePoint> next_deadline() const;

  NodeState goal(MemberIndex member) const { return nodes_[member.value].goal; }
  MemberIndex primary() const { return primary_; }
  const std::bitset<auto_failover_monitor_row_count>& rows_taken() const { return rows_taken_; }

 private:
  struct Node {
    NodeState goal = NodeState::secondary;
    NodeState reported = NodeState::none;
    std::optional<TimePoint> reported_at;
    MemberStatus status{};
    bool check_failed = false;
    std::int32_t attempts = 0;  // of this health check
    std::uint32_t number = 0;   // of the probe under way; 0: none
    TimePoint due{};            // next probe, or when the one under way has failed
  };

  void fire(TimePoint now, MemberIndex member, MonitorInput input);
  bool holds(TimePoint now, MemberIndex member, MonitorGuard guard) const;
  void carry_out(TimePoint now, MemberIndex member, const MonitorRow& row);
  void end_check(TimePoint now, Node& node, bool is_good);
  void answer(MemberIndex member, std::uint32_t number);
  void explain_refusal(TimePoint now);
  void handle_command(TimePoint now, const FailoverEvent& event);
  bool has_successor(TimePoint now) const;
  std::int32_t priority_of(MemberIndex member) const;
  bool is_unhealthy(TimePoint now, MemberIndex member) const;
  bool has_reported(MemberIndex member) const;
  bool writes(MemberIndex member) const;
  FailoverReason obstacle(TimePoint now) const;  // to the election
  MemberIndex chosen(TimePoint now) const;
  MemberIndex most_advanced(MemberSet among) const;
  FailoverReason verdict(TimePoint now, MemberIndex member) const;
  void announce(TimePoint now, MemberIndex winner, FailoverReason reason);
  MemberSet standbys() const { return without(roster_.servers(), primary_); }
  std::uint32_t sync_standbys() const;
  bool is_near(MemberIndex member, Bytes limit) const;
  void enter_phase(FailoverPhase phase, FailoverReason reason);

  AutoFailoverConfig config_;
  Roster roster_;
  ActionQueue actions_;
  std::array<Node, members_max> nodes_{};
  MemberIndex primary_{};
  MemberIndex candidate_{};  // that is being promoted
  MemberIndex source_{};     // from which it fetches
  MemberIndex named_{};      // by an operator
  TimePoint started_{};
  TimePoint drains_since_{};
  bool is_paused_ = false;
  FailoverReason refused_ = FailoverReason::none;  // told already
  std::bitset<auto_failover_monitor_row_count> rows_taken_;
};

}  // namespace longhaul
