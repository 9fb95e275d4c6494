#include "gui/model/drill_play.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "gui/model/runs.h"
#include "run/drill/runbook.h"
#include "run/drill/screen.h"
#include "run/sweep.h"

namespace longhaul {
namespace {

constexpr std::int64_t news_pace = 120;
constexpr std::chrono::milliseconds slice{8};  // of a frame, for the world

// The setup points to the scenario, so they live together.
struct HeldSetup {
  explicit HeldSetup(std::shared_ptr<const Scenario> of) : scenario(std::move(of)) {}
  std::shared_ptr<const Scenario> scenario;
  DrillSetup setup{*scenario};
};

std::vector<DrillSpan> alarm_spans(const DrillSession& session) {
  std::vector<DrillSpan> spans;
  const Duration end = session.now() - TimePoint{};
  for (const Shown& shown : session.shown()) {
    const Duration at = shown.at - TimePoint{};
    if (shown.kind == ShownKind::alarm) spans.push_back({shown.text, at, end});
    if (shown.kind != ShownKind::cleared) continue;
    for (DrillSpan& span : spans) {
      if (span.name == shown.text && span.to == end) span.to = at;
    }
  }
  return spans;
}

std::vector<DrillSpan> outage_spans(const DrillSession& session) {
  std::vector<DrillSpan> spans;
  Cluster cluster = session.cluster();
  cluster.finish();
  const World& world = cluster.world();
  for (std::size_t region = 0; region < world.canaries.size(); ++region) {
    for (const CanaryWatch::Outage& outage : world.canaries[region].outages()) {
      spans.push_back({std::string(world.plan->labels[Label::region][region]),
                       outage.began - TimePoint{}, outage.ended - TimePoint{}});
    }
  }
  return spans;
}

std::vector<DrillSpan> work_spans(const DrillSession& session) {
  std::vector<DrillSpan> spans;
  for (const Work& work : session.works()) {
    const TimePoint ended = work.is_open() ? session.now() : work.ended;
    spans.push_back({session.setup().drill().actions[work.action].command,
                     work.ordered - TimePoint{}, ended - TimePoint{}});
  }
  return spans;
}

// As `longhaul drill` closes a play.
std::optional<DrillDebrief> judged(const DrillSetup& setup, const DrillPlay& play,
                                   BackgroundControl& control) {
  DrillDebrief debrief;
  debrief.verdict = judge_play(
      setup, play, default_jobs(), [&](std::size_t decisions) { control.progress(decisions, 0); },
      [&] { return control.cancelled(); });
  if (control.cancelled()) return std::nullopt;
  DrillSession session = begin_play(setup, play);
  for (const DrillCommand& command : play.commands) {
    session.advance(TimePoint{} + command.at);
    session.enter(command);
  }
  session.advance(TimePoint{} + setup.ends);
  debrief.alarms = alarm_spans(session);
  debrief.outages = outage_spans(session);
  debrief.works = work_spans(session);
  debrief.runbook = runbook_markdown(session, play, debrief.verdict);
  debrief.actions = script_text(setup, play.commands);
  debrief.text = debrief_text(setup, play, debrief.verdict, false);
  return debrief;
}

}  // namespace

DrillSitting::DrillSitting(std::function<void()> wake) : wake_(std::move(wake)) {}

void DrillSitting::open(std::shared_ptr<const Scenario> scenario, std::uint64_t seed) {
  CHECK(scenario != nullptr && scenario->config.drill.has_value());
  leave();
  scenario_ = std::move(scenario);
  const auto held = std::make_shared<HeldSetup>(scenario_);
  setup_ = std::shared_ptr<const DrillSetup>(held, &held->setup);
  choose(seed, std::nullopt);
  stage_ = Stage::briefing;
}

void DrillSitting::choose(std::uint64_t seed, std::optional<std::size_t> variant) {
  play_ = {};
  play_.luck = seed;
  play_.hidden = {variant.value_or(drawn_variant(setup_->drill(), seed)), seed};
}

void DrillSitting::start() {
  if (stage_ == Stage::nothing) return;
  const DrillPlay play{play_.hidden, play_.luck, {}};
  leave();
  play_ = play;
  stage_ = Stage::preparing;
  preparing_.forget();
  preparing_.start(
      [setup = setup_, play](BackgroundControl&) {
        return std::optional<DrillSession>(begin_play(*setup, play));
      },
      wake_);
}

void DrillSitting::leave() {
  preparing_.cancel();
  judging_.cancel();
  judging_.forget();
  session_.reset();
  play_.commands.clear();
  log_.clear();
  logged_ = 0;
  shown_before_.clear();
  owed_s_ = 0;
  reads_ = {};
  pace_ = last_pace_ = 1;
  to_news_ = false;
  if (stage_ != Stage::nothing) stage_ = Stage::briefing;
}

Duration DrillSitting::now() const {
  return session_ ? session_->now() - TimePoint{} : setup_->begins;
}

void DrillSitting::set_pace(std::int64_t pace) {
  if (pace_ > 0) last_pace_ = pace_;
  pace_ = pace;
  to_news_ = false;
  owed_s_ = 0;
}

void DrillSitting::toggle_pause() { set_pace(pace_ > 0 ? 0 : last_pace_); }

void DrillSitting::run_to_news() {
  set_pace(news_pace);
  last_pace_ = 1;
  to_news_ = true;
}

void DrillSitting::update(double elapsed_s) {
  if (stage_ == Stage::preparing && !preparing_.running()) {
    if (const auto made = preparing_.result()) {
      session_ = *made;
      preparing_.forget();
      stage_ = Stage::playing;
    }
  }
  if (stage_ == Stage::judging && !judging_.running() && judging_.result()) {
    stage_ = Stage::judged;
  }
  if (stage_ != Stage::playing || pace_ == 0) return;
  owed_s_ += elapsed_s * static_cast<double>(pace_);
  const auto began = std::chrono::steady_clock::now();
  const std::size_t shown = session_->shown().size();
  while (owed_s_ >= 1 && pace_ > 0 && std::chrono::steady_clock::now() - began < slice) {
    owed_s_ -= 1;
    session_->advance(TimePoint{} + std::min(now() + seconds(1), setup_->ends));
    reads_.look(session_->cluster().world());
    if (to_news_ && session_->shown().size() > shown) set_pace(0);
    if (now() >= setup_->ends) return finish();
  }
  // A world that cannot keep up slows the clock down, not the frames.
  owed_s_ = std::min(owed_s_, 1.0);
}

void DrillSitting::enter(DrillCommand command) {
  if (stage_ != Stage::playing) return;
  command.at = now();
  shown_before_.push_back(session_->shown().size());
  session_->enter(command);
  play_.commands.push_back(command);
  if (command.kind == CommandKind::done) return finish();
  session_->advance(session_->now());
}

void DrillSitting::finish() {
  stage_ = Stage::judging;
  pace_ = 0;
  judging_.forget();
  judging_.start([setup = setup_, play = play_](
                     BackgroundControl& control) { return judged(*setup, play, control); },
                 wake_);
}

bool DrillSitting::has_said(CommandKind kind) const {
  TimePoint since;
  for (std::size_t i = 0; session_ && i < session_->shown().size(); ++i) {
    const Shown& shown = session_->shown()[i];
    if (shown.kind == ShownKind::alarm) since = shown.at;
  }
  return std::any_of(play_.commands.begin(), play_.commands.end(),
                     [&](const DrillCommand& command) {
                       return command.kind == kind && TimePoint{} + command.at >= since;
                     });
}

bool DrillSitting::is_under_way(std::size_t action) const {
  if (!session_) return false;
  return std::any_of(
      session_->works().begin(), session_->works().end(),
      [action](const Work& work) { return work.action == action && work.is_open(); });
}

const std::vector<DrillLogLine>& DrillSitting::log() {
  const std::size_t shown = session_ ? session_->shown().size() : 0;
  if (shown + play_.commands.size() == logged_) return log_;
  logged_ = shown + play_.commands.size();
  log_.clear();
  std::size_t next = 0;
  for (std::size_t i = 0; i <= shown; ++i) {
    for (; next < play_.commands.size() && (i == shown || shown_before_[next] <= i); ++next) {
      const DrillCommand& command = play_.commands[next];
      log_.push_back(
          {TimePoint{} + command.at, ShownKind::command, command_text(*setup_, command)});
    }
    if (i == shown) break;
    const Shown& line = session_->shown()[i];
    log_.push_back({line.at, line.kind, line.text});
  }
  return log_;
}

std::int64_t progress_permille(const DrillAction& action, const Work& work, TimePoint now) {
  const Duration usual = std::max(mean(action.takes), seconds(1));
  if (work.state != WorkState::under_way) return 0;
  const std::int64_t done = (now - work.approved).ns;
  return std::clamp<std::int64_t>(div_floor(Int128{done} * 1000, usual.ns), 0, 950);
}

std::string drill_time_text(Duration time) {
  const std::int64_t all = div_ceil(time.ns, seconds(1).ns);
  if (all < 120) return std::to_string(all) + "s";
  return std::to_string(all / 60) + "min " + std::to_string(all % 60) + "s";
}

std::string points_text(std::int64_t points) {
  std::string text = std::to_string(points < 0 ? -points : points);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return (points < 0 ? "-" : "") + text;
}

std::string action_remark(const DrillAction& action) {
  std::string text;
  if (action.approval) {
    text = "needs approval, about " + drill_time_text(mean(*action.approval));
  }
  if (action.fails.ppm > 0) {
    text += (text.empty() ? "fails " : "; fails ") +
            std::to_string((action.fails.ppm + 5'000) / 10'000) + "% of the time";
  }
  return text;
}

std::string why_it_stays(const DrillConfig& drill, const Alarm& alarm) {
  if (alarm.kind != AlarmKind::two_primaries) return "";
  const auto stops_one = [](const FaultConfig& fault) {
    return fault.kind == FaultKind::crash || fault.kind == FaultKind::node_loss ||
           fault.kind == FaultKind::disk_full || fault.kind == FaultKind::data_directory_lost ||
           fault.kind == FaultKind::zone_loss || fault.kind == FaultKind::region_loss;
  };
  for (const DrillAction& action : drill.actions) {
    if (std::any_of(action.faults.begin(), action.faults.end(), stops_one)) return "";
  }
  return "No action of this drill stops a server, so none ends this.";
}

std::string points_meaning(const DrillCosts& costs) {
  const std::pair<std::int64_t, const char*> prices[] = {
      {costs.write_outage_minute, "a minute in which the users of a region cannot write"},
      {costs.lost_transaction, "a transaction that is lost"},
      {costs.split_brain_write, "a write on the wrong side of a split brain"},
      {costs.failover, "a promotion"},
      {costs.needless_failover, "one that was needless, on top"},
      {costs.failed_page, "a page that fails"},
      {costs.stale_read, "a stale read"}};
  std::string text;
  for (const auto& [points, what] : prices) {
    if (points == 0) continue;
    text += (text.empty() ? "" : ", ") + points_text(points) + " for " + what;
  }
  return text;
}

std::string drill_command_line(const std::string& scenario, const DrillSitting& sitting,
                               bool with_variant, const std::string& actions) {
  std::vector<std::string> words{"longhaul", "drill", scenario, "--seed",
                                 std::to_string(sitting.seed())};
  if (with_variant) {
    const DrillConfig& drill = sitting.setup().drill();
    words.insert(words.end(), {"--variant", drill.variants[sitting.play().hidden.variant].name});
  }
  if (!actions.empty()) words.insert(words.end(), {"--actions", actions});
  return shell_words(words);
}

std::string actions_file(const DrillSitting& sitting, const DrillDebrief& debrief) {
  const DrillVariant& variant = sitting.setup().drill().variants[sitting.play().hidden.variant];
  return "# " + sitting.scenario()->config.name + ", played with --seed " +
         std::to_string(sitting.seed()) + " --variant " + shell_words({variant.name}) + "\n" +
         debrief.actions;
}

}  // namespace longhaul
