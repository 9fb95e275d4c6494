// The naive controller: a script that probes the primary, and when it is gone asks all standbys at
// once and promotes the first one that answers, wherever it stands in the log. Then it moves the
// clients and tells the others to follow.
//
// It exists to show what it costs. The nearest standby wins, not the one that has received most, so
// commits that another standby holds are lost, and that other one is ahead of its new primary and
// cannot follow. Nobody fences the old primary, so one that was only cut off still takes writes.
// The script is alone: what it cannot reach is dead.
//
// Left out on purpose: positions, quorum, fencing, the return of the old primary.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/fields.h"
#include "policy/failover/action_queue.h"
#include "policy/failover/heartbeat.h"
#include "policy/failover/roster.h"
#include "policy/failover/table.h"

namespace longhaul {

struct FirstToAnswerConfig {
  HeartbeatConfig probes;
  Duration ask_timeout = seconds(2);
  Duration promote_timeout = seconds(60);

  static const FieldTable& fields();
  friend constexpr bool operator==(const FirstToAnswerConfig&,
                                   const FirstToAnswerConfig&) = default;
};

enum class FirstState : std::uint8_t { watching, asking, promoting, paused };
enum class FirstInput : std::uint8_t {
  missed,
  standby_answered,
  time_is_up,
  promoted,
  promotion_failed,
  cannot_follow,
  clients_moved,
  ordered,
  pause,
  resume
};
enum class FirstGuard : std::uint8_t { always, too_many };
enum class FirstOrder : std::uint8_t {
  nothing,
  ask_all,
  promote_it,
  point_all,
  give_up,
  page,
  end
};

std::string_view to_text(FirstState state);
std::string_view to_text(FirstInput input);
std::string_view to_text(FirstGuard guard);
std::string_view to_text(FirstOrder order);

using FirstRow = Transition<FirstState, FirstInput, FirstGuard, FirstOrder>;
constexpr std::size_t first_to_answer_row_count = 13;
extern const std::array<FirstRow, first_to_answer_row_count> first_to_answer_table;

class FirstToAnswer {
 public:
  FirstToAnswer(const FirstToAnswerConfig& config, std::span<const MemberInfo> members,
                TimePoint now);

  void handle(TimePoint now, const FailoverEvent& event);
  void on_timer(TimePoint now);
  std::optional<FailoverAction> poll() { return actions_.pop(); }
  std::optional<TimePoint> next_deadline() const;

  FirstState state() const { return state_; }
  MemberIndex primary() const { return primary_; }

 private:
  void fire(TimePoint now, FirstInput input);
  bool holds(FirstGuard guard) const;
  void carry_out(TimePoint now, const FirstRow& row);
  void ask_all(TimePoint now);
  void point_all(TimePoint now, FailoverReason reason);

  FirstToAnswerConfig config_;
  Roster roster_;
  Heartbeat probes_;
  ActionQueue actions_;
  FirstState state_ = FirstState::watching;
  MemberIndex primary_{};
  FailoverEvent answer_{};          // of the standby that was first
  std::uint32_t asked_from_ = 0;    // number of the first question of this round
  std::uint32_t order_number_ = 0;  // of the promotion
  TimePoint due_{};                 // asking, promoting: when the wait ends
};

}  // namespace longhaul
