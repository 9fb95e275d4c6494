// All that a failover manager sees and says: what a status request finds, what the lease store
// holds, what an operator orders, and the orders it gives with their reasons.
//
// A manager is a pure state machine like every policy (policy/types.h): time is an argument, it
// owns values only, and sees nothing but what arrived as an event. Agents (patroni, repmgr, the
// keeper of pg_auto_failover) run beside one server each and order things of it; controllers (an
// operator with a runbook, a monitor, a managed service) run elsewhere and name the member that an
// order is for. All of them have the same four methods:
//
//   void handle(TimePoint now, const FailoverEvent& event);
//   void on_timer(TimePoint now);
//   std::optional<FailoverAction> poll();                   // drain after each of both
//   std::optional<TimePoint> next_deadline() const;         // then arm this
//
// The host carries an action out and brings its outcome as an event with the action's number.
// Observation and store actions may stay unanswered for ever: the manager's own deadline ends the
// wait. Operations (promote, stop, rewind, ...) end with done or failed.
//
// Left out: how members find one another (the host numbers them), credentials, bootstrapping.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/units.h"
#include "policy/failover/node_state.h"

namespace longhaul {

// The servers of one cluster, numbered by the host in an order that all its agents share.
using MemberIndex = StrongId<struct MemberTag>;
constexpr std::size_t members_max = 16;
using MemberSet = std::uint16_t;  // a bit for each index

constexpr bool contains(MemberSet set, MemberIndex member) {
  return member.valid() && (set >> member.value & 1u) != 0;
}
constexpr MemberSet set_of(MemberIndex member) {
  return member.valid() ? static_cast<MemberSet>(1u << member.value) : MemberSet{0};
}
constexpr std::uint32_t size_of(MemberSet set) {
  std::uint32_t count = 0;
  for (; set != 0; set = static_cast<MemberSet>(set & (set - 1))) count += 1;
  return count;
}

// Those who vote on whether the primary is alive and are no members themselves (the nodes of
// Orchestrator), numbered by the host.
using VoterIndex = StrongId<struct VoterTag>;

// ---- What is seen ------------------------------------------------------------------------------

enum class ServerState : std::uint8_t {
  unknown,
  stopped,   // no process; clean_stop says how it went
  starting,  // recovers from a crash, or not consistent yet: refuses connections
  standby,
  primary,
  busy,      // pg_rewind or a base backup works on its files
  stopping,  // a fast shutdown has ended all sessions and waits for its walsenders
};

// A PostgreSQL server as a status request finds it.
struct ServerStatus {
  ServerState state = ServerState::unknown;
  std::uint32_t timeline = 0;
  Lsn fork{};               // where its timeline left its parent; zero: it has none
  Lsn received{};           // standby: flushed WAL; primary: the end of its log
  Lsn replayed{};           // likewise
  bool clean_stop = false;  // stopped: by an orderly shutdown
  bool read_only = false;   // primary: default_transaction_read_only
  bool streaming = false;   // standby: its walreceiver is connected
  bool diverged = false;    // standby: refused, its WAL is not on its upstream's history
  MemberIndex upstream{};   // standby: primary_conninfo
  MemberSet standbys = 0;   // primary: in pg_stat_replication
  // Of these, sync_state sync or quorum, and they have flushed all that the primary had when
  // synchronous_standby_names last changed.
  MemberSet synchronous = 0;

  friend constexpr bool operator==(const ServerStatus&, const ServerStatus&) = default;
};

// The further of what it has received and replayed.
constexpr Lsn position_of(const ServerStatus& status) {
  return status.received > status.replayed ? status.received : status.replayed;
}

// What an agent tells another about itself and its server.
struct MemberStatus {
  ServerStatus server;
  bool nofailover = false;
  std::int32_t priority = 1;
  bool watchdog_failed = false;            // required, and not healthy
  std::optional<Duration> primary_seen{};  // how long ago its agent saw the primary alive

  friend constexpr bool operator==(const MemberStatus&, const MemberStatus&) = default;
};

// The keys of a cluster in the lease store, as of one read.
struct ClusterView {
  MemberIndex leader{};        // who holds the leader key; none: nobody
  Lsn leader_position{};       // as it last reported; older than the view
  std::uint32_t timeline = 0;  // of the last promotion, by the history key
  MemberIndex sync_leader{};   // whose synchronous standbys these are
  MemberSet sync_standbys = 0;
  std::uint32_t sync_quorum = 0;  // votes that a candidate needs; 0: not by quorum
  std::uint64_t sync_revision = 0;
  MemberSet failsafe = 0;       // members that were known to the last leader
  bool switchover = false;      // a planned one is asked for
  MemberIndex switchover_to{};  // none: whoever is best
  bool paused = false;
  bool promoted = false;                            // the configuration names no remote primary
  MemberSet alive = 0;                              // whose member key has not expired
  std::array<MemberStatus, members_max> members{};  // as they last reported
};

// What an operator or a tool orders.
enum class OperatorCommand : std::uint8_t {
  switchover,  // to `member`, or to the best
  failover,    // to `member` without asking the primary
  approve,     // the promotion that waits for approval
  reject,
  pause,  // no automatic failover until resume: a maintenance freeze
  resume,
  fail_back,  // a switchover to the home region
};

// How a fast or an immediate shutdown ends a server (pg_ctl stop -m).
enum class StopMode : std::uint8_t { fast, immediate };

enum class FailoverEventKind : std::uint8_t {
  server_status,    // the answer to check_server: `status.server`
  member_status,    // the answer of a member to probe_server or poll_member: `member`, `status`
  member_refused,   // its host answered for it: no such process is running
  store_view,       // the answer to read_store
  store_done,       // a write to the store took place
  store_refused,    // it did not: somebody else was first, or the lease is gone
  store_failed,     // the store did not answer in time, or has no leader
  told_primary,     // a message: `member` is the primary now
  node_report,      // a keeper calls its monitor: `member`, `status`, `node_state`
  node_goal,        // the monitor's answer: `node_state`, `upstream`, `members`, `quorum`
  voter_status,     // the answer of `voter` to poll_voter: `primary_is_dead`
  leader_key_gone,  // a watch saw the leader key expire or be deleted
  operation_done,   // an order has been carried out: `action`, `member`
  operation_failed,
  command,            // of an operator
  leader_key_set,     // a watch saw somebody create the leader key
  failsafe_asked,     // `member` leads without the store and asks whether this member accepts it
  leader_status_set,  // a watch saw the leader write its position
};

enum class FailoverActionKind : std::uint8_t {
  // Observations.
  check_server,  // the agent's own server
  probe_server,  // a connection to the server of `member` and a query
  poll_member,   // a request to the agent of `member`; `on`: it is asked to accept this leader
  poll_voter,    // a request to `voter`
  // The lease store.
  read_store,
  acquire_leader,  // creates the leader key under a lease of `ttl`, if there is none
  renew_leader,    // keeps the lease alive; with that gone, writes the key under another, if it
                   // still names this member or is absent (`on`), or whatever it says
  release_leader,  // deletes it
  write_status,    // the leader's `position` and `timeline`
  write_sync,      // `member` (the leader), `members`, `quorum`; refused if not as last read
  touch_member,    // this member's `status`, under a lease of its own
  write_failsafe,  // `members`
  delete_switchover,
  write_switchover,  // asks for one to `member`
  // Operations on the server of `member`; an agent names itself.
  promote,
  start_primary,
  start_standby,    // starts, or makes a running standby follow: `upstream`
  stop,             // `stop_mode`
  rewind,           // pg_rewind from `upstream`
  rebuild,          // base backup from `upstream`
  set_read_only,    // `on`
  set_synchronous,  // synchronous_standby_names: `quorum` of `members`; 0: none
  fetch_wal,        // gets what `upstream` has and it lacks (pg_auto_failover's fast_forward)
  feed_watchdog,    // the host is reset unless fed again within `ttl`; zero: switched off
  keep_slots,       // replication slots for `members` and nobody else, those in use excepted
  // Outside of the servers.
  fence,          // power `member` off, or cut it off
  move_clients,   // DNS, proxy or address: from now on `member` is the primary
  report_node,    // a keeper calls its monitor: `status`, `node_state`
  answer_node,    // the monitor answers `member`: `node_state`, `upstream`, `members`, `quorum`
  tell_member,    // a message to the agent of `member`: `upstream` is the new primary
  page_operator,  // somebody has to act
  // Nothing to do but to know.
  refuse,     // `member` (or nobody) is not promoted, and why
  candidate,  // the verdict on one candidate of an election: `member`, `status`, `eligible`
  phase,      // a new phase of the failover begins: `phase`
};

constexpr bool is_for_store(FailoverActionKind kind) {
  return kind >= FailoverActionKind::read_store && kind <= FailoverActionKind::write_switchover;
}

// The phases that an outage is divided into; their order differs by manager.
enum class FailoverPhase : std::uint8_t {
  detect,
  lease,
  elect,
  fence,
  promote,
  reroute,
  reconnect
};
constexpr std::size_t failover_phase_count = 7;

// ---- Why ---------------------------------------------------------------------------------------

enum class FailoverReason : std::uint8_t {
  none,
  routine,
  // Detection.
  leader_key_expired,
  leader_key_released,
  leader_key_lost,  // somebody else has it, or it is gone
  store_unreachable,
  failsafe_refused,  // not every member accepts the leader without the store
  failsafe_accepted,
  server_crashed,
  server_start_too_long,
  primary_unreachable,
  primary_reported_down,
  primary_still_seen,  // by another member
  heartbeats_missed,
  alarm_raised,
  health_check_failed,
  planned_switchover,
  planned_failback,
  // Who may not be promoted.
  is_not_running,
  is_unreachable,
  has_nofailover,
  priority_zero,
  watchdog_not_working,
  not_synchronous,  // not among the synchronous standbys of the last leader
  not_in_failsafe,
  lags_too_much,  // behind the leader's last known position
  timeline_too_old,
  another_is_ahead,
  another_has_priority,
  another_has_lower_id,
  another_is_primary,
  quorum_not_reached,  // too few synchronous standbys are at or below its position
  votes_missing,       // no majority of the voters is seen
  reports_missing,     // a member whose report is needed has not reported
  other_location,      // nobody in the primary's location is seen
  other_region_forbidden,
  awaits_approval,
  awaits_hold_down,
  in_cool_down,
  loss_above_limit,
  too_small,      // capacity of the candidate
  frozen,         // maintenance: paused
  not_asked_for,  // the switchover names another
  no_candidate,
  // Who is.
  most_advanced,
  highest_priority,
  same_region_first,
  lowest_id,
  only_candidate,
  is_primary,    // already
  first_answer,  // it answered first, nobody looked at its position
  named_by_operator,
  lock_acquired,
  lock_taken_by_other,
  // Fencing and return.
  fenced,
  fencing_failed,
  fencing_timed_out,
  lost_leadership,
  isolated,  // sees neither its peers nor the store
  new_primary_seen,
  diverged,
  rewind_refused,
  old_primary_returns,
  standby_missing,  // a synchronous standby is gone
  standby_back,
  approved,
  rejected,
  primary_back,       // it answers again while a failover is being prepared
  operator_mistaken,  // a person took it for the most advanced
  step_failed,        // of a runbook
  fetches_missing_log,
  another_voter_acts,
  awaits_notification,  // of who the new primary is
  goal_assigned,        // by a monitor
  leads_standby_cluster,
  operation_failed,
};
constexpr std::size_t failover_reason_count =
    static_cast<std::size_t>(FailoverReason::operation_failed) + 1;

std::string_view to_text(ServerState state);
std::string_view to_text(FailoverEventKind kind);
std::string_view to_text(FailoverActionKind kind);
std::string_view to_text(FailoverPhase phase);
std::string_view to_text(OperatorCommand command);
std::string_view to_text(FailoverReason reason);
std::string_view explain(FailoverReason reason);  // a sentence for people

// ---- Events and actions ------------------------------------------------------------------------

struct FailoverEvent {
  FailoverEventKind kind = FailoverEventKind::server_status;
  std::uint32_t number = 0;  // of the action that this answers
  MemberIndex member{};
  MemberIndex upstream{};        // node_goal: the primary
  MemberSet members = 0;         // node_goal: synchronous standbys
  std::uint32_t quorum = 0;      // node_goal: how many of them a commit waits for
  NodeState node_state{};        // node_report, node_goal
  VoterIndex voter{};            // voter_status
  bool primary_is_dead = false;  // voter_status
  FailoverActionKind action = FailoverActionKind::check_server;  // operation_done and _failed
  OperatorCommand command = OperatorCommand::switchover;
  FailoverReason reason = FailoverReason::none;  // operation_failed: why
  MemberStatus status{};
  ClusterView view{};  // store_view
  // Luck of the host, evenly spread over 64 bits: durations of people and of services are drawn
  // from distributions with it (policy/failover/durations.h).
  std::uint64_t luck = 0;
};

struct FailoverAction {
  FailoverActionKind kind = FailoverActionKind::check_server;
  FailoverReason reason = FailoverReason::routine;
  std::uint32_t number = 0;  // counts the manager's actions; its answer carries it
  MemberIndex member{};
  MemberIndex upstream{};
  MemberSet members = 0;
  std::uint32_t quorum = 0;
  Duration ttl{};
  Duration patience{};  // with the store, for all attempts together; 0: as its host thinks
  Lsn position{};
  std::uint32_t timeline = 0;
  StopMode stop_mode = StopMode::fast;
  FailoverPhase phase = FailoverPhase::detect;
  NodeState node_state{};     // report_node, answer_node
  VoterIndex voter{};         // poll_voter
  std::uint32_t answers = 0;  // answer_node: the number of the report
  bool on = false;            // set_read_only
  bool eligible = false;      // candidate
  MemberStatus status{};      // candidate, touch_member

  friend constexpr bool operator==(const FailoverAction&, const FailoverAction&) = default;
};

// What the host knows of a member before anything is observed.
struct MemberInfo {
  std::uint32_t region = 0;  // equal numbers: the same region
  std::uint32_t zone = 0;    // within the region
  std::int32_t priority = 1;
  bool nofailover = false;
  bool starts_as_primary = false;
  bool is_witness = false;  // votes, holds no data
  bool may_be_synchronous = true;
  bool is_remote =
      false;  // of another cluster, which this one is a standby of: a host to stream from
  std::int32_t capacity = 100;  // of the first primary's, in percent
};

}  // namespace longhaul
