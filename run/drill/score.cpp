#include "run/drill/score.h"

#include <algorithm>

#include "base/stream_key.h"
#include "base/units_text.h"
#include "run/drill/consistent.h"
#include "run/drill/outlook.h"
#include "run/sweep.h"

namespace longhaul {
namespace {

void in_parallel(std::size_t count, unsigned jobs, const std::function<void(std::size_t)>& work) {
  const auto item = [&work](std::uint64_t i) {
    work(static_cast<std::size_t>(i));
    return true;
  };
  run_in_order(count, jobs, item, [](std::uint64_t) {});
}

DrillSession acted(DrillSession session, std::size_t action) {
  DrillCommand command;
  command.kind = CommandKind::action;
  command.of = action;
  session.enter(command);
  return session;
}

class Judge {
 public:
  Judge(const DrillSetup& setup, const DrillPlay& play, unsigned jobs,
        const std::function<void(std::size_t)>& progress, const std::function<bool()>& stop)
      : setup_(setup),
        drill_(setup.drill()),
        play_(play),
        jobs_(jobs),
        progress_(progress),
        stop_(stop),
        truth_(begin_play(setup, play)) {
    for (std::size_t i = 0; i < drill_.actions.size(); ++i) {
      if (!drill_.actions[i].is_question()) changes_.push_back(i);
    }
    begin_particles();
  }

  DrillVerdict verdict() {
    follow();
    if (stopped()) return {};
    hindsight();
    times();
    for (const DrillDecision& decision : verdict_.decisions) {
      verdict_.stake = std::max(verdict_.stake, decision.stake());
    }
    verdict_.regret = sum_of_regrets();
    return verdict_;
  }

  // Nothing but that.
  std::int64_t regret() {
    follow();
    return sum_of_regrets();
  }

 private:
  bool stopped() const { return stop_ && stop_(); }

  void begin_particles() {
    const auto samples = static_cast<std::size_t>(drill_.samples);
    const std::size_t count = drill_.variants.size() * samples;
    std::vector<std::optional<Particle>> made(count);
    in_parallel(count, jobs_, [&](std::size_t i) {
      const std::uint64_t luck = stream(play_.luck, "drill/continuation", i).value;
      const Hidden hidden{i / samples, stream(luck, "seed").value};
      made[i].emplace(Particle{DrillSession(setup_, hidden, play_.luck),
                               drill_.variants[hidden.variant].weight, luck});
    });
    for (std::optional<Particle>& particle : made) particles_.push_back(std::move(*particle));
  }

  std::int64_t sum_of_regrets() const {
    std::int64_t sum = 0;
    for (const DrillDecision& decision : verdict_.decisions) sum += decision.regret();
    return sum;
  }

  // ---- Along the play
  // ----------------------------------------------------------------------------

  void follow() {
    std::size_t next = 0;
    Duration waits_since;
    bool waits = false;
    for (Duration at = setup_.begins; at < setup_.ends; at += seconds(1)) {
      if (stopped()) return;
      truth_.advance(TimePoint{} + at);
      const bool free = !truth_.any_change_under_way() && !has_just_asked();
      if (!waits && truth_.any_alarm() && free) {
        waits = judge_wait(at, next);
        waits_since = at;
      }
      if (waits && at - waits_since >= drill_.decide_every) waits = false;
      bool decided = false;
      for (; next < play_.commands.size() && play_.commands[next].at <= at; ++next) {
        const DrillCommand& command = play_.commands[next];
        const bool done = command.kind == CommandKind::done;
        if (done || command.kind == CommandKind::action) {
          decide(at, done ? no_action : command.of, done ? std::optional<Duration>{} : look(at));
          decided = true;
        }
        catch_up(at);
        truth_.enter(command);
        for (Particle& particle : particles_) particle.session.enter(command);
        if (done) return;
      }
      if (decided) waits = false;
    }
  }

  // To wait for an answer is part of the decision to ask.
  bool has_just_asked() const {
    return std::any_of(truth_.works().begin(), truth_.works().end(), [this](const Work& work) {
      return work.is_open() && truth_.now() - work.ordered < drill_.decide_every;
    });
  }

  Duration look(Duration at) const { return std::min(at + drill_.decide_every, setup_.ends); }

  // The trainee waits from now on until they do something, for a round at most.
  bool judge_wait(Duration at, std::size_t next) {
    Duration until = look(at);
    for (std::size_t i = next; i < play_.commands.size(); ++i) {
      const DrillCommand& command = play_.commands[i];
      const bool acts = command.kind == CommandKind::action || command.kind == CommandKind::done;
      if (!acts) continue;
      until = std::min(until, command.at);
      break;
    }
    if (until - at < seconds(1)) return false;
    decide(at, no_action, until);
    return true;
  }

  void catch_up(Duration at) {
    in_parallel(particles_.size(), jobs_,
                [&](std::size_t i) { particles_[i].session.advance(TimePoint{} + at); });
  }

  // ---- One decision
  // ------------------------------------------------------------------------------

  // `chosen` is an action, or none: to wait until `until`, or for ever when that is absent.
  void decide(Duration at, std::size_t chosen, std::optional<Duration> until) {
    catch_up(at);
    const std::vector<std::size_t> possible = consistent();
    std::vector<const Particle*> particles;
    for (const std::size_t i : possible) particles.push_back(&particles_[i]);
    DrillDecision decision;
    decision.at = at;
    decision.alarms = alarms();
    note_beliefs(decision, possible);
    const bool is_known = decision.beliefs.size() == 1;  // nothing to ask for
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < drill_.actions.size(); ++i) {
      const bool useful = is_open_to(i) && !(is_known && drill_.actions[i].is_question());
      if (i == chosen || useful) open.push_back(i);
    }
    Outlook outlook(std::move(particles), at, open, jobs_);
    const bool waits = chosen == no_action && until.has_value();
    const Duration pause = waits ? *until : look(at);
    add(decision, waits ? "wait " + to_text(pause - at) : "wait", outlook.of_waiting(pause));
    if (chosen == no_action && !until) {
      decision.chosen = decision.options.size();
      add(decision, "done", outlook.of_nothing());
    }
    for (const std::size_t action : open) {
      if (action == chosen) decision.chosen = decision.options.size();
      add(decision, drill_.actions[action].command, outlook.of(action));
    }
    verdict_.decisions.push_back(decision);
    if (progress_) progress_(verdict_.decisions.size());
  }

  static void add(DrillDecision& decision, std::string what, std::int64_t expected) {
    decision.options.push_back({std::move(what), expected});
  }

  // What has been done need not be thought of again, nor what is under way.
  bool is_open_to(std::size_t action) const {
    const bool question = drill_.actions[action].is_question();
    return std::none_of(truth_.works().begin(), truth_.works().end(), [&](const Work& work) {
      const bool over = work.state == WorkState::done && !question;
      return work.action == action && (over || work.is_open());
    });
  }

  std::int64_t weight_of(const std::vector<std::size_t>& possible) const {
    std::int64_t sum = 0;
    for (const std::size_t i : possible) sum += particles_[i].weight;
    return sum;
  }

  // Those that look like the play; those that look most like it, if none does quite.
  std::vector<std::size_t> consistent() {
    std::vector<std::size_t> result;
    std::size_t least = ~std::size_t{0};
    for (std::size_t i = 0; i < particles_.size(); ++i) {
      const std::size_t differences = differences_between(truth_, particles_[i].session);
      if (differences < least) result.clear();
      if (differences <= least) result.push_back(i);
      least = std::min(least, differences);
    }
    verdict_.closest_only = verdict_.closest_only || least > 0;
    return result;
  }

  void note_beliefs(DrillDecision& decision, const std::vector<std::size_t>& possible) const {
    const std::int64_t all = weight_of(possible);
    for (std::size_t variant = 0; variant < drill_.variants.size(); ++variant) {
      std::int64_t weight = 0;
      for (const std::size_t i : possible) {
        if (particles_[i].session.hidden().variant == variant) weight += particles_[i].weight;
      }
      if (weight == 0) continue;
      decision.beliefs.push_back({variant, Ratio{div_floor(Int128{weight} * 1'000'000, all)}});
    }
  }

  std::string alarms() const {
    std::string text;
    for (const Alarm& alarm : truth_.alarms()) {
      if (!alarm.raised) continue;
      text += (text.empty() ? "" : ", ") + alarm_text(truth_.plan(), truth_.post(), alarm);
    }
    return text;
  }

  // ---- Afterwards
  // --------------------------------------------------------------------------------

  // The best single action at any decision, for who had known everything.
  void hindsight() {
    DrillSession whole = begin_play(setup_, play_);
    std::vector<Particle> moments;
    std::size_t decision = 0;
    std::size_t next = 0;
    Particle untouched{whole, 1, play_.luck};
    while (next < play_.commands.size() || decision < verdict_.decisions.size()) {
      const bool is_decision = decision < verdict_.decisions.size() &&
                               (next == play_.commands.size() ||
                                verdict_.decisions[decision].at <= play_.commands[next].at);
      if (is_decision) {
        const TimePoint at = TimePoint{} + verdict_.decisions[decision++].at;
        untouched.session.advance(at);
        if (moments.empty() || moments.back().session.now() < at) moments.push_back(untouched);
      } else {
        whole.advance(TimePoint{} + play_.commands[next].at);
        whole.enter(play_.commands[next++]);
      }
    }
    whole.advance(TimePoint{} + setup_.ends);
    verdict_.cost = cost_of(whole);
    verdict_.best_cost = cost_of(untouched.session).total();
    verdict_.best = "nothing";
    std::vector<std::int64_t> costs(moments.size() * changes_.size());
    in_parallel(costs.size(), jobs_, [&](std::size_t i) {
      const Particle& moment = moments[i / changes_.size()];
      costs[i] = cost_of(acted(moment.session, changes_[i % changes_.size()])).total();
    });
    for (std::size_t i = 0; i < costs.size(); ++i) {
      if (costs[i] >= verdict_.best_cost) continue;
      const Duration at = moments[i / changes_.size()].session.now() - TimePoint{};
      verdict_.best_cost = costs[i];
      verdict_.best = drill_.actions[changes_[i % changes_.size()]].command + " at " + to_text(at);
    }
    over_ = std::move(whole);
  }

  void times() {
    DrillTimes& times = verdict_.times;
    for (const Shown& shown : over_->shown()) {
      if (shown.kind != ShownKind::alarm) continue;
      times.alarm = shown.at - TimePoint{};
      break;
    }
    if (!times.alarm) return;
    const auto note = [&](std::optional<Duration>& time, Duration at) {
      if (!time && at >= *times.alarm) time = at - *times.alarm;
    };
    for (const DrillCommand& command : play_.commands) {
      const bool said = command.kind == CommandKind::acknowledge;
      const bool changes =
          command.kind == CommandKind::action && !drill_.actions[command.of].is_question();
      note(times.detect, command.at);
      if (said) note(times.acknowledge, command.at);
      if (changes || command.kind == CommandKind::done) note(times.decide, command.at);
    }
    note_recovery(times);
    if (times.had_outage && !times.mitigate) return;
    // Before those could write again who can, there was nothing to verify.
    const Duration mitigated = times.mitigate.value_or(Duration{});
    for (const DrillCommand& command : play_.commands) {
      if (command.kind != CommandKind::verify) continue;
      if (command.at >= *times.alarm + mitigated) note(times.verify, command.at);
    }
  }

  // When the last of those came back who did.
  void note_recovery(DrillTimes& times) const {
    Cluster cluster = over_->cluster();
    cluster.finish();
    const World& world = cluster.world();
    for (std::size_t region = 0; region < world.canaries.size(); ++region) {
      for (const CanaryWatch::Outage& outage : world.canaries[region].outages()) {
        times.had_outage = true;
        if (outage.censored) {
          times.still_out.push_back(world.plan->labels[Label::region][region]);
          continue;
        }
        const Duration ended = std::max(Duration{}, outage.ended - TimePoint{} - *times.alarm);
        times.mitigate = std::max(times.mitigate.value_or(Duration{}), ended);
      }
    }
  }

  const DrillSetup& setup_;
  const DrillConfig& drill_;
  const DrillPlay& play_;
  unsigned jobs_;
  const std::function<void(std::size_t)>& progress_;
  const std::function<bool()>& stop_;
  DrillSession truth_;
  std::vector<Particle> particles_;
  std::vector<std::size_t> changes_;  // actions that are no questions
  std::optional<DrillSession> over_;
  DrillVerdict verdict_;
};

bool is_idle(const DrillPlay& play) {
  return std::none_of(play.commands.begin(), play.commands.end(), [](const DrillCommand& command) {
    return command.kind == CommandKind::action || command.kind == CommandKind::done;
  });
}

// What the one regrets who sits in the same place with folded hands.
std::int64_t idle_regret(const DrillSetup& setup, const DrillPlay& play,
                         const DrillVerdict& verdict, unsigned jobs,
                         const std::function<bool()>& stop) {
  if (is_idle(play) || (stop && stop())) return verdict.regret;
  const DrillPlay idle{play.hidden, play.luck, {}};
  return Judge(setup, idle, jobs, {}, stop).regret();
}

Ratio score_of(const DrillVerdict& verdict) {
  if (verdict.regret == 0) return percent(100);
  const std::int64_t measure = std::max(verdict.idle_regret, verdict.stake / 4);
  const std::int64_t lost = std::min(verdict.regret, measure);
  return Ratio{1'000'000 - div_ceil(Int128{lost} * 1'000'000, measure)};
}

}  // namespace

std::size_t DrillDecision::best() const {
  std::size_t best = chosen;  // of several that are equal
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (options[i].expected < options[best].expected) best = i;
  }
  return best;
}

std::int64_t DrillDecision::regret() const {
  return options[chosen].expected - options[best()].expected;
}

std::int64_t DrillDecision::stake() const {
  std::int64_t dearest = options.front().expected;
  for (const Option& option : options) dearest = std::max(dearest, option.expected);
  return dearest - options[best()].expected;
}

DrillVerdict judge_play(const DrillSetup& setup, const DrillPlay& play, unsigned jobs,
                        const std::function<void(std::size_t)>& progress,
                        const std::function<bool()>& stop) {
  DrillVerdict verdict = Judge(setup, play, jobs, progress, stop).verdict();
  verdict.idle_regret = idle_regret(setup, play, verdict, jobs, stop);
  if (stop && stop()) return {};
  verdict.score = score_of(verdict);
  return verdict;
}

}  // namespace longhaul
