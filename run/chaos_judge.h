// What a random world did to its users, and whether that was promised.
//
// The promise: no acknowledged commit is lost and no two servers accept writes at once, as long as
//   a manager that fences decides (Patroni), or nobody does, and nobody promotes by hand;
//   its watchdog works (mode not off, and a device);
//   commits wait for a quorum, strictly: synchronous_mode with _strict;
//   synchronous_commit is on or remote_apply;
//   no wait is cancelled, neither by pg_cancel_backend() nor by a new setting;
//   no more servers are lost for good than standbys are waited for;
//   clocks err by less than the lease's margin.
// Each that does not hold is an Assumption that broke. A loss outside of the promise is put down to
// the first of them, in the order of the enumeration, that can explain it; nothing is left out.
//
// Independent of all that, in every world:
//   the invariants of models/checks.h hold, each second of the run and at its end;
//   lost commits, as models/pg/losses.h counts them, are those above the fork of a timeline that
//     was given up and those acknowledged behind the cut, counted here once more from what clients
//     were told and where each timeline forked off;
//   chaos_converges after the last fault has ended, one server accepts writes, all others that
//     still exist stream from it, directly or not, and show what it had; or the reason why a
//     person is needed is one that is documented for the manager;
//   no request is left without an answer, and the run stays within its limit of events.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/cluster.h"
#include "models/measures.h"
#include "run/chaos_world.h"

namespace longhaul {

enum class Assumption : std::uint8_t {
  no_cancelled_wait,
  synchronous_commit,  // on or remote_apply
  fencing_manager,     // Patroni, or none
  no_promotion_by_hand,
  strict_quorum,
  enough_copies,  // no more losses for good than standbys that are waited for
  clocks,
  watchdog,
};
inline constexpr std::size_t assumption_count = 8;
inline constexpr std::size_t loss_count = static_cast<std::size_t>(Loss::restored_backup) + 1;

template <>
const EnumNames& enum_names<Assumption>();

// What must never happen.
enum class Violation : std::uint8_t {
  none,
  lost_commit,  // though every assumption held
  two_writers,  // likewise
  invariant,    // of models/checks.h
  miscounted,   // the loss is not what was told to clients and is not there
  not_converged,
  stuck,  // requests without an answer, or no end of events
};

template <>
const EnumNames& enum_names<Violation>();

using Assumptions = std::uint32_t;  // a bit for each
constexpr Assumptions bit(Assumption a) { return 1u << static_cast<std::uint32_t>(a); }

struct ChaosOutcome {
  std::uint64_t seed = 0;
  FailoverManager manager = FailoverManager::none;
  std::vector<FaultKind> kinds;
  Assumptions broken = 0;
  std::array<std::uint32_t, loss_count> lost{};           // acknowledged commits, by Loss
  std::array<std::uint32_t, assumption_count> lost_to{};  // likewise, by what is to blame
  Duration two_writers;                                   // how long two servers accepted writes
  std::uint32_t split_writes = 0;
  std::uint32_t promotions = 0;
  bool twins = false;  // two timelines of one number
  bool converged = false;
  std::string waits_for;  // not converged: the documented reason
  Violation violation = Violation::none;
  std::string what;  // of the violation, in a sentence
  std::uint64_t events = 0;
  std::uint64_t digest = 0;

  std::uint32_t lost_commits() const {
    std::uint32_t sum = 0;
    for (const std::uint32_t of_cause : lost) sum += of_cause;
    return sum;
  }
};

// Which assumptions the scenario itself breaks.
Assumptions broken_assumptions(const ScenarioConfig& config);

// Runs one seed of the scenario and judges it; `begins` is told of the cluster that is about to
// run.
ChaosOutcome judge_chaos(const Scenario& scenario, std::uint64_t seed,
                         const std::function<void(const Cluster&)>& begins = {});

// The world of that seed is no valid scenario, which is a violation, too.
ChaosOutcome refused(std::uint64_t seed, const Error& error);

// Draws the world of a seed, runs and judges it.
ChaosOutcome run_chaos(std::uint64_t seed);

}  // namespace longhaul
