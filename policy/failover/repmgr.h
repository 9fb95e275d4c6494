// The daemon of repmgr (repmgrd): one beside each standby and each witness, and nothing above them.
//
// Each finds out by itself that the primary is gone: a check each monitor_interval, then
// reconnect_attempts with reconnect_interval between them, so about 50 s when connections are
// refused and a connect_timeout more for each attempt when nothing answers. Then it holds an
// election by asking its siblings one after the other, and decides alone; the order of the checks
// is the order of the rows. The winner promotes its own server and tells the others, who wait for
// that word for primary_notification_timeout. Whoever cancels monitors on in degraded mode until
// the old primary answers again or another one is seen.
//
// A switchover (repmgr standby switchover --siblings-follow) is ordered beside the server that
// takes over: it stops the primary over SSH, sees that it has received all of its log, promotes
// itself and makes the old primary its standby. If it has not, the tool gives up and leaves the old
// primary stopped. `repmgr standby promote` is refused while the primary is seen.
//
// There is no store, no lease and no fence: a primary that is only cut off goes on writing, so a
// cut with a majority on the far side ends in two primaries. An old primary rejoins only by hand.
//
// Source: repmgr 5.x repmgrd-physical.c (do_election, do_primary_failover, try_reconnect). Left
// out: cascaded standbys, standby_disconnect_on_failover, failover_validation_command and its
// reruns, child_nodes_disconnect_command, replay that is paused.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "policy/failover/action_queue.h"
#include "policy/failover/repmgr_config.h"
#include "policy/failover/roster.h"
#include "policy/failover/table.h"

namespace longhaul {

enum class RepmgrState : std::uint8_t {
  monitoring,
  reconnecting,
  electing,
  promoting,
  awaiting_notification,
  following,
  degraded,
  handing_over,  // the old primary is being stopped
  comparing,     // it has stopped: was everything received?
  leading        // beside the primary: there is nothing to fail over to
};
enum class RepmgrInput : std::uint8_t {
  primary_answers,
  primary_missed,
  own_server_seen,
  sibling_asked,  // it has answered, or connect_timeout is over
  done,
  failed,
  time_is_up,
  told_primary,  // by the winner
  demoted_by_hand,
  switchover_ordered,
  promotion_ordered,
};
enum class RepmgrGuard : std::uint8_t {
  always,
  attempts_left,
  is_paused,
  is_witness,
  is_manual,
  no_priority,
  not_running,
  alone_near,  // no siblings, and in the location of the primary
  alone,
  sibling_leads,
  siblings_left,
  location_not_seen,
  still_visible,
  no_majority,
  is_behind,
  lower_priority,
  higher_number,
  lacks_log  // that the stopped primary has
};
enum class RepmgrOrder : std::uint8_t {
  nothing,
  try_again,
  look_at_self,
  ask_next,
  promote,
  await_word,
  follow,
  notify,
  page,
  go_on,
  stop_old,
  compare,
  refuse
};

std::string_view to_text(RepmgrState state);
std::string_view to_text(RepmgrInput input);
std::string_view to_text(RepmgrGuard guard);
std::string_view to_text(RepmgrOrder order);

using RepmgrRow = Transition<RepmgrState, RepmgrInput, RepmgrGuard, RepmgrOrder>;
constexpr std::size_t repmgr_row_count = 44;
extern const std::array<RepmgrRow, repmgr_row_count> repmgr_table;

class Repmgr {
 public:
  Repmgr(const RepmgrConfig& config, MemberIndex self, std::span<const MemberInfo> members,
         TimePoint now);

  void handle(TimePoint now, const FailoverEvent& event);
  void on_timer(TimePoint now);
  std::optional<FailoverAction> poll() { return actions_.pop(); }
  std::optional<TimePoint> next_deadline() const { return due_; }

  // What this daemon tells one that asks.
  MemberStatus describe(TimePoint now, const ServerStatus& server) const;

  RepmgrState state() const { return state_; }
  MemberIndex primary() const { return primary_; }
  const std::bitset<repmgr_row_count>& rows_taken() const { return rows_taken_; }

 private:
  struct Sibling {
    bool is_visible = false;
    bool has_daemon = false;
    MemberStatus status{};
  };

  void fire(TimePoint now, RepmgrInput input);
  bool holds(RepmgrGuard guard) const;
  bool loses_by(RepmgrGuard guard) const;
  void carry_out(TimePoint now, const RepmgrRow& row);
  void handle_answer(TimePoint now, const FailoverEvent& event);
  void handle_sibling(TimePoint now, const FailoverEvent& event);
  void check(TimePoint now);
  void ask_next(TimePoint now);
  void scan(TimePoint now);
  void handle_command(TimePoint now, const FailoverEvent& event);
  void announce(FailoverReason reason, bool wins);
  void enter_phase(FailoverPhase phase, FailoverReason reason);
  bool in_location(MemberIndex member) const;
  bool competes(MemberIndex member) const;

  RepmgrConfig config_;
  Roster roster_;
  MemberIndex self_{};
  ActionQueue actions_;
  RepmgrState state_ = RepmgrState::monitoring;
  MemberIndex primary_{};
  MemberIndex next_primary_{};  // to be followed
  std::optional<TimePoint> due_;
  TimePoint sent_at_{};
  std::uint32_t number_ = 0;         // of the question or order under way; 0: none
  std::uint32_t daemon_number_ = 0;  // electing: of the question to the sibling's daemon
  std::int32_t attempts_ = 0;
  bool is_paused_ = false;
  std::optional<TimePoint> primary_seen_;
  ServerStatus own_{};
  Lsn stopped_at_{};             // where the log of the stopped primary ends
  bool is_handed_over_ = false;  // the old primary is to become a standby
  MemberSet to_ask_ = 0;
  MemberSet siblings_ = 0;
  MemberIndex asked_{};
  std::array<Sibling, members_max> answers_{};
  std::bitset<repmgr_row_count> rows_taken_;
};

}  // namespace longhaul
