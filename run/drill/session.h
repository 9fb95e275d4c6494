// A drill under way, as one value: a running world, what its dashboards have shown, and the work
// that its trainee has ordered. Copying it is a branch.
//
//   DrillSession session(setup, {variant, seed}, luck);
//   session.enter(command);        // now
//   session.advance(later);        // shows what comes up until then
//
// An action takes its time from when it is ordered, or approved: then it fails, or finds its way
// cut, or its faults are planned in the running world at that instant. How long it takes and
// whether it fails is drawn from `luck`, which is the same in all continuations of one play: what
// the trainee has seen of it has happened to all of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/drill/signals.h"
#include "run/scenario.h"

namespace longhaul {

// What a drill of a scenario has in common whatever is hidden.
struct DrillSetup {
  explicit DrillSetup(const Scenario& scenario);

  const DrillConfig& drill() const { return *scenario->config.drill; }
  // The cluster with what is hidden in that variant.
  ClusterConfig cluster_of(std::size_t variant) const;

  const Scenario* scenario = nullptr;
  Duration begins;  // the warm-up is over
  Duration ends;
};

struct Hidden {
  std::size_t variant = 0;
  std::uint64_t seed = 1;
};

enum class CommandKind : std::uint8_t {
  action,
  acknowledge,
  declare,
  verify,
  note,
  approve,  // the facilitator, as are the next two
  reject,
  inject,
  done,
};

struct DrillCommand {
  Duration at;  // from the start of the run
  CommandKind kind = CommandKind::note;
  std::size_t of = 0;  // action or inject
  std::string text;    // note
};

enum class WorkState : std::uint8_t { approval, under_way, done, failed, unreachable, rejected };

struct Work {
  std::size_t action = 0;
  WorkState state = WorkState::under_way;
  TimePoint ordered;
  TimePoint approved;  // when it is, or was
  Duration takes;
  bool fails = false;
  TimePoint ended = TimePoint::never();
  std::string answer;  // of a question, in words

  bool is_open() const { return state == WorkState::approval || state == WorkState::under_way; }
};

enum class ShownKind : std::uint8_t { alarm, cleared, answer, outcome, inject, command };

struct Shown {
  TimePoint at;
  ShownKind kind = ShownKind::alarm;
  std::string text;
};

class DrillSession {
 public:
  DrillSession(const DrillSetup& setup, Hidden hidden, std::uint64_t luck);

  void advance(TimePoint to);
  void enter(const DrillCommand& command);

  // From now on works have another luck: a continuation that is only thought of.
  void reseed(std::uint64_t luck) { luck_ = luck; }

  TimePoint now() const { return now_; }
  const DrillSetup& setup() const { return *setup_; }
  const Hidden& hidden() const { return hidden_; }
  const Cluster& cluster() const { return cluster_; }
  const Plan& plan() const { return *cluster_.world().plan; }
  const Watchpost& post() const { return post_; }
  const std::vector<Frame>& frames() const { return frames_; }  // that have arrived
  const std::vector<Alarm>& alarms() const { return alarms_; }
  const std::vector<Work>& works() const { return works_; }
  const std::vector<Shown>& shown() const { return shown_; }
  const std::vector<TimePoint>& came() const { return came_; }  // by inject; never: not yet
  bool any_alarm() const;
  bool any_change_under_way() const;  // by an action that is no question

 private:
  void run_until(TimePoint to);
  void take_frame();
  void show_frame();
  void raise_falsely(const Frame& frame);
  void work_due(std::size_t number);
  void finish_work(std::size_t number);
  std::string answer_of(const DrillAction& action) const;
  std::string state_of(NodeId node, std::uint32_t from) const;
  std::string news_from(const std::string& region) const;
  bool way_is_open(const DrillAction& action) const;
  void apply(const DrillAction& action);
  void plan_faults(const std::vector<FaultConfig>& faults);
  void end_faults(FaultKind kind, const std::optional<std::string>& node);
  void fire(std::size_t inject);
  void show(ShownKind kind, std::string text);
  std::uint64_t draw(std::uint64_t number, std::uint32_t what) const;

  const DrillSetup* setup_ = nullptr;
  ClusterConfig config_;
  Hidden hidden_;
  std::uint64_t luck_ = 0;
  std::uint64_t signal_luck_ = 0;
  Cluster cluster_;
  Watchpost post_;
  Sampler sampler_;
  std::vector<Frame> pending_;  // taken, not on the dashboard yet
  std::vector<Frame> frames_;
  std::vector<Alarm> alarms_;
  std::vector<Work> works_;
  std::vector<Shown> shown_;
  std::vector<TimePoint> came_;        // by inject
  std::vector<std::uint32_t> healed_;  // faults that were ended
  TimePoint next_frame_;
  TimePoint now_;  // the world's clock stands at its last event
};

// The variant that a seed draws.
std::size_t drawn_variant(const DrillConfig& drill, std::uint64_t seed);

// What a world has cost at the end of its run, in points, part by part.
struct DrillCost {
  struct Part {
    std::string what;
    std::int64_t amount = 0;  // nanoseconds, or a count
    bool is_time = false;
    std::int64_t points = 0;
  };
  std::vector<Part> parts;
  std::int64_t total() const;
};
DrillCost cost_of(DrillSession session);  // goes on to the end of the run first

}  // namespace longhaul
