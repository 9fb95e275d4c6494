#include "run/drill/outlook.h"

#include <algorithm>

#include "run/drill/consistent.h"
#include "run/sweep.h"

namespace longhaul {
namespace {

constexpr Duration margin = seconds(15);  // an answer comes a little late, an effect is seen

DrillSession ordered(DrillSession session, std::size_t action) {
  DrillCommand command;
  command.kind = CommandKind::action;
  command.of = action;
  session.enter(command);
  return session;
}

std::vector<std::vector<std::size_t>> split(const std::vector<std::size_t>& group,
                                            const std::vector<std::string>& seen) {
  std::map<std::string, std::vector<std::size_t>> parts;
  for (const std::size_t i : group) parts[seen[i]].push_back(i);
  std::vector<std::vector<std::size_t>> result;
  for (auto& [key, part] : parts) result.push_back(std::move(part));
  return result;
}

}  // namespace

template <class Work>
void Outlook::for_each(const Work& work) const {
  const auto item = [&work](std::uint64_t i) {
    work(static_cast<std::size_t>(i));
    return true;
  };
  run_in_order(possible_.size(), jobs_, item, [](std::uint64_t) {});
}

Outlook::Outlook(std::vector<const Particle*> possible, Duration now, std::vector<std::size_t> open,
                 unsigned jobs)
    : drill_(possible.front()->session.setup().drill()),
      now_(now),
      ends_(possible.front()->session.setup().ends),
      possible_(std::move(possible)),
      jobs_(jobs) {
  for (const std::size_t action : open) {
    (drill_.actions[action].is_question() ? questions_ : changes_).push_back(action);
  }
  for (std::size_t i = 0; i < possible_.size(); ++i) {
    all_.push_back(i);
    weight_ += possible_[i]->weight;
  }
  Moment& moment = moments_[now.ns];
  for (const Particle* particle : possible_) {
    moment.sessions.push_back(particle->session);
    moment.sessions.back().reseed(particle->luck);
  }
}

Duration Outlook::typical(std::size_t action) const {
  Duration time = longhaul::mean(drill_.actions[action].takes);
  if (drill_.actions[action].approval) time += longhaul::mean(*drill_.actions[action].approval);
  return seconds(div_ceil(time.ns, seconds(1).ns)) + margin;
}

std::int64_t Outlook::mean(Int128 sum) const { return div_floor(sum, weight_); }

// Nothing more, and each change, from where a session stands; `done` is one of them already.
std::vector<std::int64_t> Outlook::costs_from(const DrillSession& session, std::size_t done) const {
  std::vector<std::int64_t> costs{cost_of(session).total()};
  for (const std::size_t change : changes_) {
    costs.push_back(change == done ? costs.front() : cost_of(ordered(session, change)).total());
  }
  return costs;
}

Outlook::Moment& Outlook::at(Duration time) {
  Moment& moment = moments_[time.ns];
  if (moment.sessions.empty()) moment.sessions = moments_[now_.ns].sessions;
  if (!moment.costs.empty()) return moment;
  moment.costs.resize(possible_.size());
  for_each([&](std::size_t i) {
    moment.sessions[i].advance(TimePoint{} + time);
    moment.costs[i] = costs_from(moment.sessions[i], no_action);
  });
  return moment;
}

Int128 Outlook::least(const Group& group,
                      const std::vector<std::vector<std::int64_t>>& costs) const {
  Int128 least = 0;
  for (std::size_t follow = 0; follow <= changes_.size(); ++follow) {
    Int128 sum = 0;
    for (const std::size_t i : group) sum += Int128{costs[i][follow]} * possible_[i]->weight;
    if (follow == 0 || sum < least) least = sum;
  }
  return least;
}

// What is seen at `until` of an action, or of nothing, that was ordered at `time`.
std::vector<std::string> Outlook::seen_after(Duration time, std::size_t action, Duration until) {
  std::vector<std::string> seen(possible_.size());
  const std::vector<DrillSession>& from = at(time).sessions;
  const std::size_t works = moments_[now_.ns].sessions.front().works().size();
  for_each([&](std::size_t i) {
    DrillSession session = action == no_action ? from[i] : ordered(from[i], action);
    session.advance(TimePoint{} + until);
    seen[i] = seen_since(session, works);
  });
  return seen;
}

Int128 Outlook::after_question(const Group& group, Duration time, std::size_t question,
                               int questions, bool looks_on) {
  const Duration until = time + typical(question);
  if (until >= ends_) return value(group, time, 0, false);
  std::vector<std::string>& seen = answers_[{time.ns, question}];
  if (seen.empty()) seen = seen_after(time, question, until);
  Int128 sum = 0;
  for (const Group& part : split(group, seen)) sum += value(part, until, questions, looks_on);
  return sum;
}

// Fills looks_ and looks_like_.
void Outlook::look_on() {
  if (!looks_.empty()) return;
  const DrillSignals& signals = drill_.signals;
  const Duration begins = possible_.front()->session.setup().begins;
  for (Duration taken = begins; taken + signals.delay < ends_; taken += signals.interval) {
    const Duration shown = seconds(div_ceil((taken + signals.delay).ns, seconds(1).ns));
    if (shown > now_ && shown < ends_) looks_.push_back(shown);
  }
  looks_like_.assign(looks_.size(), std::vector<std::string>(possible_.size()));
  const std::vector<DrillSession>& from = moments_[now_.ns].sessions;
  const std::size_t works = from.front().works().size();
  for_each([&](std::size_t i) {
    DrillSession session = from[i];
    for (std::size_t look = 0; look < looks_.size(); ++look) {
      session.advance(TimePoint{} + looks_[look]);
      looks_like_[look][i] = seen_since(session, works);
    }
  });
}

Int128 Outlook::after_looking_on(const Group& group, Duration time) {
  look_on();
  for (std::size_t look = 0; look < looks_.size(); ++look) {
    if (looks_[look] <= time) continue;
    const std::vector<Group> parts = split(group, looks_like_[look]);
    if (parts.size() == 1) continue;
    Int128 sum = 0;
    for (const Group& part : parts) sum += value(part, looks_[look], 1, false);
    return sum;
  }
  return value(group, time, 0, false);  // nothing ever tells them apart
}

Int128 Outlook::value(const Group& group, Duration time, int questions, bool looks_on) {
  Int128 best = least(group, at(time).costs);
  const auto variant = [this](std::size_t i) { return possible_[i]->session.hidden().variant; };
  const bool known = std::all_of(group.begin(), group.end(), [&](std::size_t i) {
    return variant(i) == variant(group.front());
  });
  if (known) return best;  // nothing to ask for
  if (looks_on) best = std::min(best, after_looking_on(group, time));
  if (questions == 0) return best;
  for (const std::size_t question : questions_) {
    best = std::min(best, after_question(group, time, question, questions - 1, looks_on));
  }
  return best;
}

std::int64_t Outlook::of_waiting(Duration until) {
  Int128 sum = 0;
  for (const Group& part : split(all_, seen_after(now_, no_action, until))) {
    sum += value(part, until, 1, true);
  }
  return mean(sum);
}

std::int64_t Outlook::of_nothing() {
  Int128 sum = 0;
  const Moment& moment = at(now_);
  for (const std::size_t i : all_) sum += Int128{moment.costs[i].front()} * possible_[i]->weight;
  return mean(sum);
}

std::int64_t Outlook::of(std::size_t action) {
  return drill_.actions[action].is_question() ? of_question(action) : of_change(action);
}

std::int64_t Outlook::of_question(std::size_t question) {
  return mean(after_question(all_, now_, question, 1, true));
}

std::int64_t Outlook::of_change(std::size_t change) {
  const Duration until = std::min(now_ + std::max(drill_.decide_every, typical(change)), ends_);
  const std::vector<DrillSession>& from = moments_[now_.ns].sessions;
  const std::size_t works = from.front().works().size();
  std::vector<std::string> seen(possible_.size());
  std::vector<std::vector<std::int64_t>> costs(possible_.size());
  for_each([&](std::size_t i) {
    DrillSession session = ordered(from[i], change);
    session.advance(TimePoint{} + until);
    seen[i] = seen_since(session, works);
    costs[i] = costs_from(session, change);
  });
  Int128 sum = 0;
  for (const Group& part : split(all_, seen)) sum += least(part, costs);
  return mean(sum);
}

}  // namespace longhaul
