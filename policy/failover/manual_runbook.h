// People with a runbook: an alarm pages somebody, who acknowledges, decides and works through the
// steps: find out who is most advanced, fence the old primary, promote, re-point the other
// standbys, move the clients, verify. Each takes a time between "at least" and "at most" and may
// fail and be done again; the person may take the wrong standby for the most advanced.
//
//   quiet -alarm-> paged -> deciding -> [awaiting_approval] -> checking -> fencing -> promoting
//         -> repointing -> moving -> verifying -> quiet
//
// The alarm counts periods in a row without an answer of the primary, so it sees an outage only
// after `failures` periods, and a shorter one never. Until the old primary is fenced an attempt is
// given up when the primary answers again (abandons_when_back), seen by the same alarm.
//
// A planned switchover, and a failback home, are the same steps from checking on, with an orderly
// stop instead of a fence.
//
// Guards (guards.h) object to candidates that nobody has named: forbidden and held-down regions,
// loss by the position that the alarm last saw, capacity, a cool-down. Approval is
// needs_approval's.
//
// Luck comes from the host as one number (luck_sequence.h): the same number, the same story.
//
// Sources: every duration is an order of magnitude, to be replaced by a team's own figures; facts
// sheet of the incidents: 5 to 30 min for a regional promotion by hand. Left out: shifts, several
// people who work at once, the rebuilding of the old primary.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/fields.h"
#include "policy/failover/action_queue.h"
#include "policy/failover/durations.h"
#include "policy/failover/guards.h"
#include "policy/failover/heartbeat.h"
#include "policy/failover/luck_sequence.h"
#include "policy/failover/roster.h"
#include "policy/failover/status_round.h"
#include "policy/failover/table.h"

namespace longhaul {

struct ManualRunbookConfig {
  HeartbeatConfig alarm{.interval = minutes(1), .timeout = seconds(5), .failures = 3};
  DurationRange acknowledge{minutes(1), minutes(4), minutes(20)};
  DurationRange decide{minutes(1), minutes(5), minutes(30)};
  bool needs_approval = false;
  DurationRange approval{minutes(1), minutes(5), minutes(30)};
  DurationRange check{seconds(30), minutes(2), minutes(10)};
  bool fences = true;
  DurationRange fence{seconds(30), minutes(1), minutes(5)};
  std::int32_t fence_attempts = 2;
  DurationRange promote{seconds(10), seconds(30), minutes(2)};
  DurationRange repoint{seconds(30), minutes(2), minutes(10)};
  DurationRange move_clients{seconds(30), minutes(2), minutes(10)};
  DurationRange verify{seconds(30), minutes(1), minutes(5)};
  Ratio wrong_candidate{};
  Ratio step_fails{};
  Duration ask_timeout = seconds(10);
  Duration operation_timeout = minutes(2);
  bool abandons_when_back = true;

  static const FieldTable& fields();
  friend constexpr bool operator==(const ManualRunbookConfig&,
                                   const ManualRunbookConfig&) = default;
};

enum class RunbookState : std::uint8_t {
  quiet,
  paged,
  deciding,
  awaiting_approval,
  checking,
  fencing,
  promoting,
  repointing,
  moving,
  verifying,
  frozen
};
enum class RunbookInput : std::uint8_t {
  alarm,         // as many periods in a row as it takes
  primary_back,  // the primary answers, or the new one does while verifying
  person_ready,  // the person has done their part of the step
  done,          // the world has: the answers are in, the operation has been carried out
  failed,
  ordered,  // a switchover, a failover or a failback
  approved,
  rejected,
  pause,
  resume
};
enum class RunbookGuard : std::uint8_t {
  always,
  slips,     // the person makes a mistake and has to begin the step again
  abandons,  // nobody has ordered it, and abandons_when_back
  needs_approval,
  has_nobody,  // no standby that may be promoted has answered
  stops_old,   // the old primary is fenced, or stopped because this was planned
  may_retry,   // fewer than fence_attempts
};
enum class RunbookOrder : std::uint8_t {
  nothing,
  page,
  begin,  // the person begins their part of the state entered
  ask_all,
  choose,
  refuse,
  stop_old,
  promote,
  take_over,  // the candidate is the primary now
  point_all,
  move,
  probe_new,
  give_up,
  finish
};

std::string_view to_text(RunbookState state);
std::string_view to_text(RunbookInput input);
std::string_view to_text(RunbookGuard guard);
std::string_view to_text(RunbookOrder order);

using RunbookRow = Transition<RunbookState, RunbookInput, RunbookGuard, RunbookOrder>;
constexpr std::size_t manual_runbook_row_count = 46;
extern const std::array<RunbookRow, manual_runbook_row_count> manual_runbook_table;

class ManualRunbook {
 public:
  ManualRunbook(const ManualRunbookConfig& config, std::span<const MemberInfo> members,
                TimePoint now, std::uint64_t luck, const FailoverGuards& guards = {});

  void handle(TimePoint now, const FailoverEvent& event);
  void on_timer(TimePoint now);
  std::optional<FailoverAction> poll() { return actions_.pop(); }
  std::optional<TimePoint> next_deadline() const;

  RunbookState state() const { return state_; }
  MemberIndex primary() const { return primary_; }

 private:
  void fire(TimePoint now, RunbookInput input);
  bool holds(RunbookGuard guard);
  void carry_out(TimePoint now, const RunbookRow& row);
  void handle_command(TimePoint now, const FailoverEvent& event);
  void handle_outcome(TimePoint now, const FailoverEvent& event);
  const DurationRange* step() const;  // of this state; null: no person works on it
  FailoverPhase phase() const;
  void begin_step(TimePoint now, FailoverReason reason);
  void await_world(TimePoint now, Duration limit);
  void ask_all();
  void choose(FailoverReason reason);
  MemberIndex most_advanced(MemberSet among) const;
  FailoverReason objection_to(MemberIndex member) const;
  bool is_better(MemberIndex member, MemberIndex best) const;
  void note_beat(const FailoverEvent& event, ProbeOutcome beat);
  void refuse(FailoverReason reason);
  void point_all(FailoverReason reason);
  void finish(TimePoint now);

  ManualRunbookConfig config_;
  FailoverGuards guards_;
  TimePoint now_{};
  Lsn primary_position_{};               // as the alarm last saw it
  std::optional<TimePoint> away_since_;  // missed by the alarm
  std::optional<TimePoint> last_failover_;
  Roster roster_;
  Heartbeat alarm_;
  LuckSequence luck_;
  StatusRound round_;
  ActionQueue actions_;
  RunbookState state_ = RunbookState::quiet;
  MemberIndex primary_{};
  MemberIndex old_primary_{};
  MemberIndex home_{};       // where a failback goes
  MemberIndex candidate_{};  // of this attempt
  MemberIndex named_{};      // by an operator
  bool is_planned_ = false;
  bool is_ordered_ = false;               // by an operator: the primary is not asked
  std::int32_t attempts_ = 0;             // of fencing
  MemberSet to_point_ = 0;                // repointing: whose order has not ended
  std::uint32_t number_ = 0;              // of the operation or probe whose outcome is awaited
  std::optional<TimePoint> person_due_;   // when the person is ready
  std::optional<TimePoint> world_due_;    // when the wait for an outcome ends
  std::optional<FailoverPhase> phase_{};  // last one told
};

}  // namespace longhaul
