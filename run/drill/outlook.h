// What a decision is worth, over the continuations that are possible still.
//
// While nothing is changed, a continuation goes the same way whatever is asked. So the cost of
// acting at a time is simulated once for each continuation, and what a plan of waiting and asking
// is worth follows from who looks alike then:
//
//   V(group, t, 0)  = min over (nothing more, a change at t) of E[cost]
//   V(group, t, n)  = min of that and, for each question, E[V(those of one answer, t', n - 1)],
//                     and E[V(those that look alike, t'', 1)]
//
// t' is when a question that is asked at t is usually answered; t'' when the dashboards first tell
// the group apart, for who looks on till then: before that, nobody has to act on what has not
// happened yet. Of a wait or a question now, one question more is looked ahead, and looking on
// once; of a change now, one change more.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "run/drill/session.h"

namespace longhaul {

// A continuation that is simulated beside the play.
struct Particle {
  DrillSession session;
  std::int64_t weight = 1;
  std::uint64_t luck = 0;  // of what is only thought of
};

constexpr std::size_t no_action = ~std::size_t{0};

class Outlook {
 public:
  // From `now`, with the actions that are `open` to the trainee.
  Outlook(std::vector<const Particle*> possible, Duration now, std::vector<std::size_t> open,
          unsigned jobs);

  // Expected points of doing nothing but looking until then, and of nothing ever.
  std::int64_t of_waiting(Duration until);
  std::int64_t of_nothing();
  // Expected points of an action that is ordered now.
  std::int64_t of(std::size_t action);

  // From the order to the answer, or to where its effect is seen.
  Duration typical(std::size_t action) const;

 private:
  using Group = std::vector<std::size_t>;  // of possible_
  struct Moment {
    std::vector<DrillSession> sessions;            // by continuation
    std::vector<std::vector<std::int64_t>> costs;  // nothing more, then changes_; by continuation
  };

  Moment& at(Duration time);
  std::int64_t of_question(std::size_t question);
  std::int64_t of_change(std::size_t change);
  Int128 value(const Group& group, Duration time, int questions, bool looks_on);
  Int128 after_looking_on(const Group& group, Duration time);
  Int128 least(const Group& group, const std::vector<std::vector<std::int64_t>>& costs) const;
  Int128 after_question(const Group& group, Duration time, std::size_t question, int questions,
                        bool looks_on);
  void look_on();
  std::vector<std::string> seen_after(Duration time, std::size_t action, Duration until);
  std::vector<std::int64_t> costs_from(const DrillSession& session, std::size_t done) const;
  std::int64_t mean(Int128 sum) const;
  template <class Work>
  void for_each(const Work& work) const;

  const DrillConfig& drill_;
  Duration now_;
  Duration ends_;
  std::vector<const Particle*> possible_;
  std::vector<std::size_t> questions_;
  std::vector<std::size_t> changes_;
  unsigned jobs_;
  Group all_;
  std::int64_t weight_ = 0;
  std::map<std::int64_t, Moment> moments_;
  std::vector<Duration> looks_;  // when samples arrive from now on ...
  std::vector<std::vector<std::string>>
      looks_like_;  // ... and what is seen then, if nothing is done
  std::map<std::pair<std::int64_t, std::size_t>, std::vector<std::string>> answers_;
};

}  // namespace longhaul
