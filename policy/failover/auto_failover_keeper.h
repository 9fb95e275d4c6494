// The keeper of pg_auto_failover v2.1: beside each server, it tells the monitor every keeper_period
// what it sees and brings its server into the state that the monitor assigns. It decides two things
// by itself: it starts a server that has crashed again, and it stops a primary that is alone.
//
// Alone is a primary (in state primary only) whose keeper has not reached the monitor and has seen
// no standby in pg_stat_replication for network_partition_timeout, both. A silent standby stays
// listed until wal_sender_timeout, 30 s as pg_auto_failover sets it, so a primary that is cut off
// without a word stops after about 50 s, one whose connections were reset after about 20 s. When
// the monitor alone is away everything stays as it is.
//
// A crashed server is reported as running until restart_retries or restart_timeout are used up.
//
// A keeper that begins again goes on from its state file: what it had reached and been assigned.
//
// The table is the keeper's own state machine: from the state reached to the one assigned. A pair
// that it does not name is left until the monitor assigns another.
//
// Source: pg_auto_failover v2.1, fsm.c, fsm_transition.c, service_keeper.c, state.c.
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

enum class KeeperGuard : std::uint8_t { always };
enum class KeeperOrder : std::uint8_t {
  nothing,
  wait_for_none,   // commits wait for no standby
  wait_for_some,   // they wait for those that the monitor names
  stop,            // in order, with a checkpoint
  resume,          // runs as a primary again
  follow,          // receives from the primary; a server that has diverged is rewound or copied
  rejoin,          // pg_rewind, and a base backup when that does not work
  stop_receiving,  // follows nobody, so that its position stands still
  fetch,           // what the monitor's source has
  promote_read_only,
  open  // read only no more
};

std::string_view to_text(KeeperGuard guard);
std::string_view to_text(KeeperOrder order);

// The input of a row is the state assigned.
using KeeperRow = Transition<NodeState, NodeState, KeeperGuard, KeeperOrder>;
constexpr std::size_t auto_failover_keeper_row_count = 27;
extern const std::array<KeeperRow, auto_failover_keeper_row_count> auto_failover_keeper_table;

// What a keeper and its server have on disk.
struct KeeperFile {
  NodeState state = NodeState::none;
  NodeState goal = NodeState::none;
  MemberIndex follows{};      // primary_conninfo
  MemberSet synchronous = 0;  // synchronous_standby_names
  std::uint32_t quorum = 0;
};

class AutoFailoverKeeper {
 public:
  AutoFailoverKeeper(const AutoFailoverConfig& config, MemberIndex self,
                     std::span<const MemberInfo> members, TimePoint now);

  void handle(TimePoint now, const FailoverEvent& event);
  void on_timer(TimePoint now);
  std::optional<FailoverAction> poll() { return actions_.pop(); }
  std::optional<TimePoint> next_deadline() const { return due_; }

  KeeperFile file() const { return {state_, goal_, follows_, synchronous_, quorum_}; }
  void go_on_from(const KeeperFile& file);  // before anything has been handled

  MemberStatus describe(TimePoint now, const ServerStatus& server) const;

  NodeState state() const { return state_; }
  NodeState goal() const { return goal_; }
  const std::bitset<auto_failover_keeper_row_count>& rows_taken() const { return rows_taken_; }

 private:
  void converge(TimePoint now);
  void advance(FailoverReason reason);  // the next operation of the order
  void operate(FailoverAction action);
  void finish(bool done, TimePoint now);
  void look_at_server(TimePoint now);
  void look_at_network(TimePoint now);
  void report(TimePoint now);
  bool should_run() const;

  AutoFailoverConfig config_;
  Roster roster_;
  MemberIndex self_{};
  ActionQueue actions_;
  NodeState state_ = NodeState::secondary;
  NodeState goal_ = NodeState::secondary;
  NodeState next_ = NodeState::secondary;  // where the order under way leads
  MemberIndex upstream_{};                 // as the monitor last said
  MemberIndex follows_{};                  // as last ordered
  MemberSet wanted_ = 0;                   // synchronous standbys, as the monitor last said
  std::uint32_t wanted_quorum_ = 0;
  MemberSet synchronous_ = 0;  // as last ordered
  std::uint32_t quorum_ = 0;
  ServerStatus own_{};
  std::optional<KeeperOrder> order_;  // under way
  std::uint32_t step_ = 0;
  std::uint32_t number_ = 0;  // of its operation
  std::uint32_t restart_number_ = 0;
  std::uint32_t look_number_ = 0;    // of the last look at the server
  std::uint32_t report_number_ = 0;  // of the last report
  TimePoint due_{};
  TimePoint monitor_seen_{};
  TimePoint standby_seen_{};
  std::optional<TimePoint> crashed_at_;
  std::int32_t restarts_ = 0;
  std::bitset<auto_failover_keeper_row_count> rows_taken_;
};

}  // namespace longhaul
