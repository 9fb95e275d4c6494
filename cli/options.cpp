#include "cli/options.h"

#include "base/units_text.h"

namespace longhaul {

std::optional<std::uint64_t> parse_whole(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return std::nullopt;
  try {
    return std::stoull(text);
  } catch (const std::out_of_range&) {
    return std::nullopt;
  }
}

std::optional<Duration> parse_duration(const std::string& text) {
  const Result<Duration> parsed = parse_text<Duration>(text);
  if (!parsed) return std::nullopt;
  return parsed.value();
}

// As far as recovery_min_apply_delay goes.
constexpr Duration longest_lag = minutes(60 * 24 * 7);

std::optional<std::vector<Duration>> parse_durations(const std::string& text) {
  std::vector<Duration> list;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::optional<Duration> duration = parse_duration(text.substr(begin, end - begin));
    if (!duration || *duration < Duration{0} || *duration > longest_lag) return std::nullopt;
    list.push_back(*duration);
    begin = end + 1;
  }
  return list;
}

std::optional<std::uint64_t> parse_tie_order(const std::string& text) {
  const std::string prefix = "permute:";
  return text.starts_with(prefix) ? parse_whole(text.substr(prefix.size())) : std::nullopt;
}

std::optional<SeedRange> parse_seed_range(const std::string& text) {
  SeedRange seeds;
  if (text_type<SeedRange>().parse(text, &seeds)) return std::nullopt;
  return seeds;
}

std::optional<std::pair<Duration, Duration>> parse_window(const std::string& text) {
  const std::size_t dots = text.find("..");
  if (dots == text.npos) return std::nullopt;
  const auto from = parse_duration(text.substr(0, dots));
  const auto until = parse_duration(text.substr(dots + 2));
  if (!from || !until || *from >= *until) return std::nullopt;
  return std::pair{*from, *until};
}

std::optional<unsigned> parse_jobs(const std::string& text) {
  const std::optional<std::uint64_t> jobs = parse_whole(text);
  if (!jobs || *jobs < 1 || *jobs > 1024) return std::nullopt;
  return static_cast<unsigned>(*jobs);
}

void add_list(CLI::App& app, const std::string& name, std::vector<std::string>& list,
              const std::string& type, const std::string& help) {
  app.add_option(name, list, help)->type_name(type)->allow_extra_args(false);
}

void add_scenario_options(CLI::App& app, ScenarioArgs& args) {
  add_list(app, "--set", args.sets, "PATH=VALUE",
           "Puts a value over the scenario's, such as workload.eu.rate=50/s; may be repeated");
  app.add_option("--rtt-csv", args.rtt_csv, "Your own round trips, rows of from,to,milliseconds")
      ->type_name("FILE");
  add_parsed<Duration>(app, "--until", args.until, "TIME", "a duration such as 5min",
                       parse_duration, "Ends the run at this simulated time, such as 5min");
  add_parsed<std::uint64_t>(app, "--tie-order", args.permute_ties, "permute:SEED",
                            "permute: and a whole number", parse_tie_order,
                            "Shuffles events of one instant between different targets");
}

void add_seeds(CLI::App& app, std::optional<SeedRange>& seeds, const std::string& help) {
  add_parsed<SeedRange>(app, "--seeds", seeds, "A..B", "seeds such as 1..20", parse_seed_range,
                        help);
}

void add_jobs(CLI::App& app, std::optional<unsigned>& jobs) {
  add_parsed<unsigned>(app, "--jobs", jobs, "N", "a number from 1 to 1024", parse_jobs,
                       "Threads; as many as the machine runs at once unless given");
}

void add_json(CLI::App& app, bool& json, const std::string& help) {
  app.add_flag("--json", json, help);
}

// A subcommand with what all have. `run` is called when it is chosen and everything is parsed.
CLI::App& add_command(CLI::App& app, Common& parsed, const std::string& name,
                      const std::string& help, std::function<int(Terminal&)> run) {
  CLI::App& sub = *app.add_subcommand(name, help);
  sub.add_flag("--quiet", parsed.quiet, "No progress, no log, nothing that is as it should be");
  sub.add_flag("--verbose", parsed.verbose, "The log also when standard error is no terminal");
  sub.callback([&parsed, run = std::move(run)] { parsed.command = run; });
  return sub;
}

}  // namespace longhaul
