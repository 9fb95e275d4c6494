// The agent of Patroni: runs beside one server, and promotes it when the leader key of the lease
// store is its own.
//
// Two machines, both tables in patroni_table.cpp. The round begins every loop_wait, or at once when
// a watch sees the leader key go: look at the own server and at the store; the holder renews its
// key, writes its position, feeds its watchdog and manages synchronous standbys; without a leader
// those who may be promoted ask all others for their positions (2 s, no second try) and the best
// creates the key; everybody else follows the leader. Beside it the work on the server, one
// operation at a time, some of which end in the next one: stop fast, then start read-only.
//
//   holds the key, server crashed     starts it again; gives the key up when the start fails, and,
//                                     if somebody may be promoted, when it goes on for longer than
//                                     primary_start_timeout, or at once if that is 0
//   holds the key, not primary        promotes
//   the key is another's, primary     stops immediately, starts as a standby
//   the store is silent               its host repeats a request for retry_timeout; then a primary
//                                     stops fast and starts read-only, unless in failsafe mode
//                                     every member that the store knew accepts it
//   holds the key of a standby        follows a host of the other cluster, and the next one when it
//   cluster                           has not streamed for a loop_wait; promotes when an operator
//                                     has taken the other cluster out of the configuration
//   nobody holds the key, primary     takes it without asking anybody, unless its timeline is older
//                                     than the cluster's
//
// The last rule, with a store view from before its own key expired, is how an old leader can come
// back between two others. A promotion is ordered only after the store has confirmed the key.
//
// The agent believes its server status until the next round, which begins loop_wait after the last
// one did, but not before that one's last write is answered. The host answers check_server and
// poll_member with what the server says at that moment, repeats store requests as it thinks best,
// reports them as failed after retry_timeout or not much later, and delivers leader_key_gone, _set
// and leader_status_set to all but the holder, each of which begins a round. Rewind and rebuild
// include stopping a running server and, after a crash, recovering it in single-user mode first.
//
// Source: Patroni 4.1 ha.py (_run_cycle and what it calls), __main__.py (schedule_next_run),
// dcs/etcd3.py (KVCache._process_event). Left out: bootstrapping, restarts and reinitialisation by
// request, permanent slots, scheduled actions, callbacks, pre_promote.
#pragma once

#include <array>
#include <bitset>
#include <optional>
#include <span>

#include "policy/failover/action_queue.h"
#include "policy/failover/config.h"
#include "policy/failover/election.h"
#include "policy/failover/patroni_table.h"
#include "policy/failover/sync_standbys.h"

namespace longhaul {

class PatroniAgent {
 public:
  // The first round begins at `first_round`: agents do not run in step.
  PatroniAgent(const PatroniConfig& config, const FailoverGuards& guards, MemberIndex self,
               std::span<const MemberInfo> members, TimePoint first_round);

  void handle(TimePoint now, const FailoverEvent& event);
  void on_timer(TimePoint now);
  std::optional<FailoverAction> poll() { return actions_.pop(); }
  std::optional<TimePoint> next_deadline() const;

  // What it answers to poll_member, its server being in this state.
  MemberStatus describe(const ServerStatus& server) const;
  // What it answers to GET /primary, which load balancers ask: whether it has held the leader key
  // within ttl, by its own clock, and has not stepped down since. Its server may be down, or not be
  // promoted yet. Paused and without the store it is what the server says (api.py, do_GET; ha.py,
  // set_is_leader).
  bool answers_as_primary(TimePoint now, const ServerStatus& server) const;
  // It begins with a cluster that is well: whoever starts as the primary has just renewed its key.
  void begin_well(TimePoint now);

  PatroniState state() const { return state_; }
  ServerWork work() const { return work_; }
  bool holds_key() const { return view_.leader == self_ && has_view_; }
  const PatroniConfig& config() const { return config_; }
  // Rows taken so far, in the order of the tables.
  const std::bitset<patroni_row_count>& rows_taken() const { return rows_taken_; }
  const std::bitset<work_row_count>& work_rows_taken() const { return work_rows_taken_; }

 private:
  // A request to the store, which its host repeats until retry_timeout is over.
  struct Request {
    bool is_open = false;
    FailoverActionKind kind = FailoverActionKind::read_store;
    std::uint32_t number = 0;
    TimePoint given_up_at{};  // should the host be silent
  };

  // The machines.
  void fire(TimePoint now, PatroniInput input);
  bool holds(TimePoint now, PatroniGuard guard) const;
  bool holds_led(PatroniGuard guard) const;
  void carry_out(TimePoint now, const PatroniRow& row);
  void fire_work(TimePoint now, WorkInput input, FailoverReason reason);
  bool holds(WorkGuard guard) const;
  void carry_out_work(TimePoint now, const WorkRow& row, FailoverReason reason);

  // Events.
  void handle_status(TimePoint now, const FailoverEvent& event);
  void handle_answer(TimePoint now, const FailoverEvent& event);
  void handle_store(TimePoint now, const FailoverEvent& event);
  void handle_operation(TimePoint now, const FailoverEvent& event);
  void handle_command(TimePoint now, const FailoverEvent& event);
  void fail_back(FailoverReason reason);
  void drive_sync();
  void wake(TimePoint now);
  void note_view(TimePoint now, const ClusterView& view);
  void note_leader(TimePoint now);
  void close_switchover();
  void note_status(TimePoint now, const ServerStatus& status);
  void note_phase();
  // Waits for the next round; the last one is over with its last write.
  bool is_resting() const { return state_ == PatroniState::waiting && touch_number_ == 0; }

  // Orders.
  std::uint32_t push(FailoverAction action);
  void begin_round(TimePoint now);
  void end_round(TimePoint now);
  void rest(TimePoint now);
  void request(TimePoint now, FailoverActionKind kind);
  void look_at_server(TimePoint now);
  void ask(TimePoint now, MemberSet members, bool for_failsafe);
  void operate(FailoverAction action);
  void make_primary(TimePoint now, FailoverReason reason);
  void stop(TimePoint now, StopMode mode, FailoverReason reason);
  void release(FailoverReason reason);
  void publish();
  void lead();
  void stand_back(TimePoint now, const PatroniRow& row);
  void refuse(FailoverReason reason);
  void page(FailoverReason reason);
  void report_candidates(TimePoint now, MemberSet members);
  void enter_phase(FailoverPhase phase, FailoverReason reason);
  void feed_watchdog();
  void stop_watchdog();
  void keep_slots(TimePoint now);

  // What is known.
  Election election(TimePoint now) const;
  MemberIndex other_leader() const { return holds_key() ? MemberIndex{} : view_.leader; }
  MemberSet known() const;
  MemberSet gone() const;
  bool is_standby_cluster() const { return remote_ != 0 && !view_.promoted; }
  bool is_astray(TimePoint now) const;
  MemberIndex next_remote() const;
  bool has_diverged() const;
  bool recovers_past_fork() const;
  bool may_rewind() const { return config_.use_pg_rewind && !rewind_failed_; }
  bool may_rebuild() const;
  bool is_paused() const { return view_.paused || is_frozen_; }
  bool is_in(ServerState state) const { return status_.state == state; }
  bool has_crashed() const;
  bool all_accept() const;
  bool watchdog_fails() const;

  PatroniConfig config_;
  FailoverGuards guards_;
  MemberIndex self_;
  std::array<MemberInfo, members_max> infos_{};
  std::uint32_t member_count_ = 0;
  MemberSet remote_ = 0;  // hosts of the cluster that this one is a standby of
  ActionQueue actions_;

  PatroniState state_ = PatroniState::waiting;
  TimePoint now_{};
  TimePoint round_at_;
  bool is_woken_ = false;
  std::uint32_t touch_number_ = 0;  // of the order that ends the round; 0: it has ended
  TimePoint touch_given_up_at_{};
  bool has_status_ = false;  // in this round
  bool has_fresh_view_ = false;
  std::uint32_t check_number_ = 0;
  TimePoint looked_at_{};
  Request request_;

  ServerStatus status_;
  bool was_primary_ = false;  // when it was last seen running
  bool has_view_ = false;
  ClusterView view_;
  TimePoint leads_until_{};  // as it answers to load balancers
  bool store_is_silent_ = false;
  MemberIndex last_leader_{};
  MemberSet last_alive_ = 0;  // when there last was a leader
  MemberSet met_ = 0;         // whose member keys it has seen
  std::optional<TimePoint> away_since_;
  std::optional<TimePoint> last_failover_;
  std::optional<TimePoint> released_at_;
  std::optional<TimePoint> turned_at_;       // to a host of the other cluster
  std::optional<TimePoint> starting_since_;  // its server, while it holds the key
  std::optional<TimePoint> failsafe_seen_;
  MemberIndex failsafe_leader_{};
  bool is_frozen_ = false;
  bool is_approved_ = false;
  bool is_rejected_ = false;
  FailoverReason paged_ = FailoverReason::none;
  std::uint32_t switchover_number_ = 0;  // of the order that writes one

  MemberSet asked_ = 0;
  MemberSet awaited_ = 0;
  MemberSet answered_ = 0;  // itself included
  std::array<std::uint32_t, members_max> ask_numbers_{};
  std::array<MemberStatus, members_max> answers_{};
  std::optional<TimePoint> answers_due_;
  FailoverReason seeking_ = FailoverReason::none;  // why a successor is sought

  ServerWork work_ = ServerWork::none;
  std::uint32_t work_number_ = 0;
  bool rewind_failed_ = false;
  std::optional<TimePoint> rested_at_;
  std::optional<TimePoint> stop_given_up_at_;
  std::optional<TimePoint> stop_look_at_;
  std::uint32_t stop_look_number_ = 0;
  bool is_watchdog_on_ = false;

  SyncChooser sync_;
  std::array<TimePoint, members_max> seen_{};  // its member key was there
  std::optional<MemberSet> slots_;             // on the own server; unknown at first
  std::optional<FailoverPhase> phase_;
  FailoverReason refused_ = FailoverReason::none;
  std::array<CandidateVerdict, members_max> reported_{};
  std::bitset<patroni_row_count> rows_taken_;
  std::bitset<work_row_count> work_rows_taken_;
};

}  // namespace longhaul
