// Judges a play by what its trainee could know.
//
// From the start on, continuations are simulated beside the play: every variant with
// drill.samples seeds, under the same commands, which take as long as they took in the play. At
// each decision those count whose dashboards, answers and outcomes were the same so far. For each
// of them and each option (wait, a question, an action) the rest of the run is simulated, and its
// cost is what it would have been with the best that one could do next on what one would see then
// (run/drill/outlook.h):
//
//   Q(option) = sum over what may be seen then of
//               P(seen) * min over (nothing more, ask on, one more action) of E[cost | seen]
//   regret    = Q(what was chosen) - min Q
//
// So a decision is worth the same whatever was the matter: luck earns nothing. What it was, and
// what would have been best for who knew it, is told apart from the score.
//
//   score = 1 - sum of regrets / max(that of who does nothing, a quarter of the stake)
//
// Doing nothing is played and judged in the same way. So who does nothing scores nothing where
// something had to be done, and everything where waiting was best; anybody else is measured by how
// much of what waiting throws away they kept. The stake is dearest - best option of the decision
// where most was at stake: it keeps the score from hanging on a few points where waiting is nearly
// right.
//
// Waiting is a decision from the first alarm on, every drill.decide_every at most, while an alarm
// is up and no action is under way. Sources: expected regret of decision theory; particle filters
// for the continuations; QMDP-like look-ahead of one more action (Littman et al. 1995). Left out:
// plans of more than two questions or two actions ahead; what a question costs whom it disturbs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/drill/script.h"

namespace longhaul {

struct DrillDecision {
  struct Option {
    std::string what;
    std::int64_t expected = 0;  // points at the end of the run
  };
  struct Belief {
    std::size_t variant = 0;
    Ratio probability;
  };
  Duration at;
  std::string alarms;  // that were up
  std::size_t chosen = 0;
  std::vector<Option> options;
  std::vector<Belief> beliefs;  // of the variants that were possible still
  std::int64_t regret() const;
  std::int64_t stake() const;  // dearest minus best
  std::size_t best() const;
};

// From the first alarm; absent: it did not come to that.
struct DrillTimes {
  std::optional<Duration> alarm;  // from the start of the run
  std::optional<Duration> detect;
  std::optional<Duration> acknowledge;
  std::optional<Duration> decide;
  std::optional<Duration> mitigate;
  std::optional<Duration> verify;
  bool had_outage = false;
  std::vector<std::string> still_out;  // regions that could not write at the end of the run
};

struct DrillVerdict {
  std::vector<DrillDecision> decisions;
  std::int64_t regret = 0;
  std::int64_t idle_regret = 0;  // of who does nothing
  std::int64_t stake = 0;
  Ratio score;
  DrillTimes times;
  // Hindsight.
  DrillCost cost;
  std::int64_t best_cost = 0;
  std::string best;           // what would have cost that
  bool closest_only = false;  // nothing simulated looked quite like the play
};

// `progress` is called with decisions that are judged. Once `stop` says so, it ends soon, and the
// verdict is none.
DrillVerdict judge_play(const DrillSetup& setup, const DrillPlay& play, unsigned jobs,
                        const std::function<void(std::size_t)>& progress = {},
                        const std::function<bool()>& stop = {});

}  // namespace longhaul
