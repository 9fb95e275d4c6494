// A managed service that fails over, as a customer sees it: an alarm or a health check that has to
// fail `failures` periods in a row, a time to decide (a person, or nothing), the operation of the
// control plane with the promotion in it, and the endpoint that moves.
//
//   watching -alarm-> deciding -> checking -> operating -> promoting -> moving -> watching
//
// The services differ only in these times and in whom they may promote; presets hold what is
// published (policy/failover/managed_presets.h). A planned switchover begins at checking: it stops
// the old primary in order and promotes when that has ended, so nothing is lost. With shared
// storage or a rebuilt instance the old primary cannot write once the operation begins: fences.
//
// A primary that answers again before the decision ends the attempt. Guards do not apply: a service
// has its own rules. Luck comes from the host as one number (luck_sequence.h).
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "policy/failover/action_queue.h"
#include "policy/failover/luck_sequence.h"
#include "policy/failover/managed_config.h"
#include "policy/failover/roster.h"
#include "policy/failover/status_round.h"
#include "policy/failover/table.h"

namespace longhaul {

enum class ManagedState : std::uint8_t {
  watching,
  deciding,
  checking,
  operating,
  promoting,
  moving,
  paused
};
enum class ManagedInput : std::uint8_t {
  alarm,
  primary_back,
  ordered,
  time_is_up,
  answers_in,
  done,
  failed,
  pause,
  resume
};
enum class ManagedGuard : std::uint8_t { always, by_itself, has_nobody, still_stopping };
enum class ManagedOrder : std::uint8_t {
  nothing,
  decide,
  ask_all,
  refuse,
  begin,
  wait,
  promote,
  move,
  finish
};

std::string_view to_text(ManagedState state);
std::string_view to_text(ManagedInput input);
std::string_view to_text(ManagedGuard guard);
std::string_view to_text(ManagedOrder order);

using ManagedRow = Transition<ManagedState, ManagedInput, ManagedGuard, ManagedOrder>;
constexpr std::size_t managed_row_count = 18;
extern const std::array<ManagedRow, managed_row_count> managed_table;

class ManagedService {
 public:
  ManagedService(const ManagedConfig& config, std::span<const MemberInfo> members, TimePoint now,
                 std::uint64_t luck);

  void handle(TimePoint now, const FailoverEvent& event);
  void on_timer(TimePoint now);
  std::optional<FailoverAction> poll() { return actions_.pop(); }
  std::optional<TimePoint> next_deadline() const;

  ManagedState state() const { return state_; }
  MemberIndex primary() const { return primary_; }
  const std::bitset<managed_row_count>& rows_taken() const { return rows_taken_; }

 private:
  void fire(TimePoint now, ManagedInput input);
  bool holds(ManagedGuard guard) const;
  void carry_out(TimePoint now, const ManagedRow& row);
  MemberIndex candidate() const;
  bool may_be_promoted(MemberIndex member) const;
  void announce();
  void point_all();
  void enter_phase(FailoverPhase phase, FailoverReason reason);

  ManagedConfig config_;
  Roster roster_;
  Heartbeat probes_;
  LuckSequence luck_;
  StatusRound round_;
  ActionQueue actions_;
  ManagedState state_ = ManagedState::watching;
  MemberIndex primary_{};
  MemberIndex home_{};
  MemberIndex candidate_{};
  MemberIndex old_{};
  MemberIndex named_{};
  bool is_planned_ = false;
  bool is_ordered_ = false;        // by a customer: the primary is not asked
  bool is_stopping_ = false;       // planned, and the old primary has not stopped yet
  std::uint32_t stop_number_ = 0;  // of that order
  std::uint32_t number_ = 0;       // of the order whose end is awaited
  std::optional<TimePoint> due_;
  std::bitset<managed_row_count> rows_taken_;
};

}  // namespace longhaul
