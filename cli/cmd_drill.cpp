#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/units_text.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/output.h"
#include "run/drill/runbook.h"
#include "run/drill/screen.h"
#include "run/sweep.h"

namespace longhaul {
namespace {

// Lines of standard input, for somebody who cannot wait for them for ever.
class LineReader {
 public:
  // The next line; nothing when the time is over or the input is. Negative: no bound.
  std::optional<std::string> next(int milliseconds) {
    while (true) {
      if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return line;
      }
      if (closed_) return rest();
      pollfd input{STDIN_FILENO, POLLIN, 0};
      if (poll(&input, 1, milliseconds) <= 0) return std::nullopt;
      char bytes[4096];
      const ssize_t count = read(STDIN_FILENO, bytes, sizeof(bytes));
      if (count <= 0) closed_ = true;
      if (count > 0) buffer_.append(bytes, static_cast<std::size_t>(count));
    }
  }
  bool over() const { return closed_ && buffer_.empty(); }

 private:
  std::optional<std::string> rest() {
    if (buffer_.empty()) return std::nullopt;
    return std::exchange(buffer_, {});
  }

  std::string buffer_;
  bool closed_ = false;
};

// How many seconds of the drill pass in one of the clock on the wall; 0: it stands still.
std::optional<std::int64_t> parse_clock(const std::string& text) {
  if (text == "paused" || text == "pause") return 0;
  if (text == "real" || text == "resume") return 1;
  if (text.size() < 2 || text.back() != 'x') return std::nullopt;
  std::int64_t speed = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9' || speed > 1'000) return std::nullopt;
    speed = speed * 10 + (c - '0');
  }
  return speed >= 1 && speed <= 1'000 ? std::optional(speed) : std::nullopt;
}

// Somebody who types.
class Sitting {
 public:
  Sitting(const DrillSetup& setup, DrillPlay& play, std::int64_t speed, Terminal& terminal)
      : setup_(setup),
        play_(play),
        terminal_(terminal),
        session_(begin_play(setup, play)),
        typed_by_hand_(isatty(STDIN_FILENO) != 0) {
    set_speed(speed);
  }

  // False when they gave up.
  bool sit() {
    const bool colour = terminal_.out_colour();
    terminal_.out(briefing_text(setup_, colour));
    terminal_.out(dashboard_text(session_, colour));
    while (!over_ && now() < setup_.ends) {
      if (interrupted()) return false;
      if (speed_ == 0) prompt();
      const std::optional<std::string> line = reader_.next(speed_ == 0 ? -1 : 100);
      if (speed_ > 0) run_clock();
      if (line) take(*line);
      if (!line && reader_.over()) break;
    }
    if (!over_ && now() >= setup_.ends) terminal_.out("Time is over.\n");
    return !gave_up_;
  }

 private:
  Duration now() const { return session_.now() - TimePoint{}; }

  void prompt() {
    if (typed_by_hand_) terminal_.out(clock_text(now()) + "> ");
  }

  void set_speed(std::int64_t speed) {
    speed_ = speed;
    clock_began_ = std::chrono::steady_clock::now();
    clock_from_ = now();
  }

  void run_clock() {
    using std::chrono::duration_cast;
    const auto passed = std::chrono::steady_clock::now() - clock_began_;
    const std::int64_t ms = duration_cast<std::chrono::milliseconds>(passed).count();
    const Duration to = clock_from_ + seconds(ms * speed_ / 1'000);
    if (to > now()) advance(std::min(to, setup_.ends));
  }

  // Whether something came up.
  bool advance(Duration to) {
    session_.advance(TimePoint{} + to);
    const std::size_t before = told_;
    bool alarmed = false;
    for (; told_ < session_.shown().size(); ++told_) {
      const Shown& shown = session_.shown()[told_];
      alarmed = alarmed || shown.kind == ShownKind::alarm || shown.kind == ShownKind::cleared;
      terminal_.out(shown_text(shown, terminal_.out_colour()));
    }
    if (alarmed && speed_ > 0) terminal_.out(dashboard_text(session_, terminal_.out_colour()));
    return told_ > before;
  }

  void wait(Duration at_most) {
    const Duration until = std::min(now() + at_most, setup_.ends);
    while (now() < until && !advance(std::min(now() + seconds(1), until))) {
    }
    if (speed_ > 0) return set_speed(speed_);  // the clock goes on from here
    terminal_.out(dashboard_text(session_, terminal_.out_colour()));
  }

  void take(std::string line) {
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.pop_back();
    line.erase(0, line.find_first_not_of(' '));
    if (line.empty()) return;
    if (!typed_by_hand_) terminal_.out(clock_text(now()) + "> " + line + "\n");
    if (line == "help") return terminal_.out(actions_text(setup_, terminal_.out_colour()));
    if (line == "look") return terminal_.out(dashboard_text(session_, terminal_.out_colour()));
    if (line == "quit") {
      over_ = gave_up_ = true;
      return;
    }
    if (line == "wait") return wait(setup_.ends);
    if (line.starts_with("wait ")) {
      const Result<Duration> time = parse_text<Duration>(line.substr(5));
      const bool whole = time && time.value() > Duration{} && time.value().ns % 1'000'000'000 == 0;
      if (whole) return wait(time.value());
      return terminal_.out("wait TIME, in whole seconds, such as: wait 30s\n");
    }
    if (const auto speed = parse_clock(line)) return set_speed(*speed);
    std::optional<DrillCommand> command = parse_command(setup_, line);
    if (!command) {
      const std::string nearest = nearest_of(line, command_names(setup_));
      return terminal_.out("no such command" +
                           (nearest.empty() ? "; help lists them" : "; " + nearest + "?") + "\n");
    }
    command->at = now();
    session_.enter(*command);
    play_.commands.push_back(*command);
    over_ = command->kind == CommandKind::done;
    advance(now());
    if (command->kind == CommandKind::action && speed_ == 0) {
      terminal_.out("ordered; it takes its time: wait\n");
    }
  }

  const DrillSetup& setup_;
  DrillPlay& play_;
  Terminal& terminal_;
  DrillSession session_;
  LineReader reader_;
  bool typed_by_hand_ = false;
  bool over_ = false;
  bool gave_up_ = false;
  std::size_t told_ = 0;
  std::int64_t speed_ = 0;
  std::chrono::steady_clock::time_point clock_began_;
  Duration clock_from_;
};

Error about(const std::string& option, const std::string& value, std::string expected,
            std::string nearest = {}) {
  Error error;
  error.path = option;
  error.value = value;
  error.expected = std::move(expected);
  error.nearest = std::move(nearest);
  return error;
}

Result<DrillPlay> play_of(const DrillSetup& setup, const DrillArgs& args) {
  DrillPlay play;
  const DrillConfig& drill = setup.drill();
  play.luck = args.seed.value_or(static_cast<std::uint64_t>(setup.scenario->config.seeds.first));
  play.hidden = {drawn_variant(drill, play.luck), play.luck};
  if (args.variant.empty()) return play;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < drill.variants.size(); ++i) {
    names.push_back(drill.variants[i].name);
    if (drill.variants[i].name != args.variant) continue;
    play.hidden.variant = i;
    return play;
  }
  return about("--variant", args.variant, "a variant of the drill",
               nearest_of(args.variant, names));
}

// Plays the file, or lets somebody play. Nothing when they gave up.
std::optional<Result<DrillPlay>> played(const DrillSetup& setup, DrillPlay play,
                                        const DrillArgs& args, Terminal& terminal) {
  if (args.actions.empty()) {
    const std::int64_t speed = parse_clock(args.clock).value_or(0);
    if (!Sitting(setup, play, speed, terminal).sit()) return std::nullopt;
    return Result<DrillPlay>(play);
  }
  const Result<std::string> text = read_text_file(args.actions);
  if (!text) return Result<DrillPlay>(text.errors());
  Result<std::vector<ScriptRule>> rules = parse_script(setup, args.actions, text.value());
  if (!rules) return Result<DrillPlay>(rules.errors());
  const DrillSession session = play_script(setup, std::move(rules).value(), play);
  terminal.out(briefing_text(setup, terminal.out_colour()));
  terminal.out(transcript_text(session, play, terminal.out_colour()) + "\n");
  return Result<DrillPlay>(play);
}

int keep(const std::string& option, const std::string& path, const std::string& text,
         Terminal& terminal) {
  if (path.empty()) return exit_code::ok;
  const auto wrong = write_file(path, text);
  if (wrong) terminal.error(option + " " + *wrong);
  return wrong ? exit_code::fault : exit_code::ok;
}

}  // namespace

int cmd_drill(const DrillArgs& args, Terminal& terminal) {
  if (!can_write("--record", args.record, terminal)) return exit_code::usage;
  if (!can_write("--runbook", args.runbook, terminal)) return exit_code::usage;
  const Result<Scenario> loaded = load(args.scenario, args.with);
  if (!loaded) return refuse(loaded.errors(), terminal);
  if (!loaded.value().config.drill) {
    return refuse({about("drill", args.scenario, "a scenario with a \"drill\"")}, terminal);
  }
  if (!parse_clock(args.clock)) {
    terminal.error(to_text(about("--clock", args.clock, "paused, real, or a speed such as 20x")));
    return exit_code::usage;
  }
  const DrillSetup setup(loaded.value());
  const Result<DrillPlay> prepared = play_of(setup, args);
  if (!prepared) {
    for (const Error& error : prepared.errors()) terminal.error(to_text(error));
    return exit_code::usage;
  }
  const auto result = played(setup, prepared.value(), args, terminal);
  if (!result) return exit_code::interrupted;
  if (!*result) return refuse(result->errors(), terminal);
  const DrillPlay& play = result->value();
  if (const int code = keep("--record", args.record, script_text(setup, play.commands), terminal)) {
    return code;
  }
  const DrillVerdict verdict =
      judge_play(setup, play, args.jobs.value_or(default_jobs()), [&](std::size_t decisions) {
        terminal.progress(fmt::format("{} decisions judged", decisions));
      });
  terminal.clear_progress();
  terminal.out(debrief_text(setup, play, verdict, terminal.out_colour()));
  if (!args.runbook.empty()) {
    DrillSession session = begin_play(setup, play);
    for (const DrillCommand& command : play.commands) {
      session.advance(TimePoint{} + command.at);
      session.enter(command);
    }
    session.advance(TimePoint{} + setup.ends);
    const int code =
        keep("--runbook", args.runbook, runbook_markdown(session, play, verdict), terminal);
    if (code != exit_code::ok) return code;
  }
  return verdict.score >= setup.drill().pass ? exit_code::ok : exit_code::missed;
}

}  // namespace longhaul
