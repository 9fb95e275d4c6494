// A failover manager that is highly available itself and fences nobody: voters in several places,
// as Orchestrator runs them.
//
// Each voter polls all servers and asks the other voters. When its own polls of the primary have
// failed often enough, and a majority of all voters says the same, the lowest-numbered voter of
// those that see one another acts for the group: it promotes the most advanced standby that it
// reaches, wherever it is, tells the others that it reaches to follow, and moves the clients. A
// voter that sees a primary on a higher timeline takes that for the primary.
//
// A majority on the other side of a cut therefore promotes while the old primary is alive and
// writes on: GitHub, 2018-10-21, after a cut of 43 s. The guards (policy/failover/guards.h) change
// that: a hold-down longer than the cut, or no promotion across regions.
//
// Sources: Orchestrator, docs/failure-detection.md, docs/topology-recovery.md,
// RecoveryPeriodBlockSeconds 3600; GitHub's analysis of 2018-10-30. Left out: how the group elects
// its leader by Raft (the lowest number stands for it), and that replicas' own view counts.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "policy/failover/action_queue.h"
#include "policy/failover/config.h"
#include "policy/failover/guards.h"
#include "policy/failover/roster.h"
#include "policy/failover/status_round.h"
#include "policy/failover/table.h"

namespace longhaul {

constexpr std::size_t voters_max = 16;

enum class VoterState : std::uint8_t { watching, promoting };
enum class VoterInput : std::uint8_t { polled, done, failed, time_is_up, clients_moved };
enum class VoterGuard : std::uint8_t {
  always,
  other_leads,    // somebody is a primary on a higher timeline
  primary_alive,  // its last poll was answered
  too_few,        // not as often missed as it takes
  no_majority,
  another_acts,
  blocked,  // too soon after the last recovery
  nobody
};
enum class VoterOrder : std::uint8_t {
  nothing,
  adopt,
  calm,
  refuse,
  promote,
  point_all,
  page,
  end
};

std::string_view to_text(VoterState state);
std::string_view to_text(VoterInput input);
std::string_view to_text(VoterGuard guard);
std::string_view to_text(VoterOrder order);

using VoterRow = Transition<VoterState, VoterInput, VoterGuard, VoterOrder>;
constexpr std::size_t consensus_row_count = 12;
extern const std::array<VoterRow, consensus_row_count> consensus_table;

class ConsensusVoter {
 public:
  ConsensusVoter(const ConsensusConfig& config, const FailoverGuards& guards, VoterIndex self,
                 std::uint32_t voters, std::span<const MemberInfo> members, TimePoint now);

  void handle(TimePoint now, const FailoverEvent& event);
  void on_timer(TimePoint now);
  std::optional<FailoverAction> poll() { return actions_.pop(); }
  std::optional<TimePoint> next_deadline() const;

  // What it tells another voter.
  bool sees_primary_dead() const { return missed_ >= config_.polls.failures; }

  VoterState state() const { return state_; }
  MemberIndex primary() const { return primary_; }
  const std::bitset<consensus_row_count>& rows_taken() const { return rows_taken_; }

 private:
  struct Vote {
    std::optional<TimePoint> heard_at;
    bool is_dead = false;
  };

  void fire(TimePoint now, VoterInput input);
  bool holds(TimePoint now, VoterGuard guard) const;
  void carry_out(TimePoint now, const VoterRow& row);
  void begin_round(TimePoint now);
  void end_round(TimePoint now);
  bool is_fresh(TimePoint now, const Vote& vote) const;
  bool primary_answers() const;
  MemberIndex other_primary() const;
  FailoverReason objection_to(TimePoint now, MemberIndex member) const;
  MemberIndex candidate(TimePoint now) const;
  void announce(TimePoint now, MemberIndex winner);
  void refuse(TimePoint now, FailoverReason reason);
  void take_over(TimePoint now, MemberIndex member);

  ConsensusConfig config_;
  FailoverGuards guards_;
  VoterIndex self_{};
  std::uint32_t voters_ = 0;
  Roster roster_;
  ActionQueue actions_;
  VoterState state_ = VoterState::watching;
  MemberIndex primary_{};
  MemberIndex candidate_{};
  std::uint32_t timeline_ = 0;  // of the primary, as last seen
  Lsn primary_position_{};
  StatusRound round_;
  bool is_polling_ = false;
  std::int32_t missed_ = 0;
  std::optional<TimePoint> away_since_;
  std::optional<TimePoint> last_failover_;
  std::array<Vote, voters_max> votes_{};
  std::uint32_t number_ = 0;  // of the promotion
  TimePoint round_began_{};
  TimePoint poll_due_{};  // the next round, or the end of this one
  TimePoint vote_due_{};
  TimePoint order_due_{};
  bool is_frozen_ = false;
  bool is_approved_ = false;
  bool is_rejected_ = false;
  FailoverReason refused_ = FailoverReason::none;  // told already
  std::bitset<consensus_row_count> rows_taken_;
};

}  // namespace longhaul
