#include <fmt/format.h>

#include <algorithm>

#include "base/units_text.h"
#include "cli/explain_request.h"
#include "cli/interrupt.h"
#include "cli/kept.h"
#include "cli/loading.h"
#include "run/explain.h"
#include "run/explain_find.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

Error wrong_find(const std::string& value, std::string expected, std::string nearest) {
  Error error;
  error.path = "--find";
  error.value = value;
  error.expected = std::move(expected);
  error.nearest = std::move(nearest);
  return error;
}

Result<FindOptions> what_to_find(const std::vector<std::string>& finds, const Plan& plan) {
  FindOptions options;
  const std::string by_region = "region:";
  const std::vector<std::string>& regions = plan.labels[Label::region];
  for (const std::string& find : finds) {
    if (find.starts_with(by_region)) {
      options.region = find.substr(by_region.size());
      if (std::find(regions.begin(), regions.end(), options.region) == regions.end()) {
        return wrong_find(find, "a region of the scenario", nearest_of(options.region, regions));
      }
      continue;
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < found_kinds; ++i) {
      names.emplace_back(to_text(static_cast<FoundKind>(i)));
      if (names.back() == find) options.kinds.push_back(static_cast<FoundKind>(i));
    }
    if (std::find(names.begin(), names.end(), find) == names.end()) {
      return wrong_find(find, "stale, slowest, error, ryw_violation or region:NAME",
                        nearest_of(find, names));
    }
  }
  return options;
}

std::function<bool(TimePoint)> progress(Terminal& terminal) {
  return [&terminal](TimePoint now) {
    terminal.progress(fmt::format("simulated {}", to_short_text(now - TimePoint{})));
    return !interrupted();
  };
}

int usage(const std::vector<Error>& errors, Terminal& terminal) {
  refuse(errors, terminal);
  return exit_code::usage;
}

std::string heading(const KeptRun& run, bool colour) {
  return fmt::format("{}  seed {}\n\n", toned(run.scenario.config.name, Tone::strong, colour),
                     run.seed);
}

// What was told is told of another run than the directory's.
int code_of(const KeptRun& run) { return run.other ? exit_code::bad_input : exit_code::ok; }

int find(const ExplainArgs& args, KeptRun& run, Cluster cluster, Terminal& terminal) {
  Result<FindOptions> options = what_to_find(args.finds, *cluster.world().plan);
  if (!options) return usage(options.errors(), terminal);
  options.value().go_on = progress(terminal);
  const FoundRequests found = find_requests(std::move(cluster), options.value());
  if (found.interrupted) return exit_code::interrupted;
  if (run.digest != 0 && run.digest != found.digest && args.with.sets.empty()) {
    terminal.error("warning: " + args.run + ": this program makes another run of it: digest " +
                   hex_text(found.digest) + ", and result.json has " + hex_text(run.digest));
    run.other = true;
  }
  if (args.json) {
    terminal.out(found_json(found));
    return code_of(run);
  }
  const bool colour = terminal.out_colour();
  terminal.out(heading(run, colour) + found_text(found, colour) + "\nlonghaul explain " +
               shell_word(args.run) + " --request ID tells one of them.\n");
  return code_of(run);
}

}  // namespace

int cmd_explain(const ExplainArgs& args, Terminal& terminal) {
  Result<KeptRun> loaded = load_run(args.run, args.with, args.seed);
  if (!loaded) return refuse(loaded.errors(), terminal);
  KeptRun& run = loaded.value();
  warn_of(args.run, run, terminal);
  Cluster cluster = build_kept_run(run);
  if (args.request.empty()) return find(args, run, std::move(cluster), terminal);

  const std::shared_ptr<const Plan> plan = cluster.world().plan;
  const Result<RequestName> name = parse_request(*plan, args.request);
  if (!name) return usage(name.errors(), terminal);
  ExplainOptions options;
  options.go_on = progress(terminal);
  const WatchedRequest watched = watch_request(cluster, name.value(), options);
  if (watched.interrupted) return exit_code::interrupted;
  if (watched.pages.empty()) {
    Error error;
    error.path = "--request";
    error.value = args.request;
    const std::string session = session_text(*plan, name.value().session);
    error.expected = watched.clicked == 0
                         ? fmt::format("another session: {} clicks nothing in this run", session)
                         : fmt::format("a page that {} clicks in this run, from {}#0 to {}#{}",
                                       session, session, session, watched.clicked - 1);
    return usage({error}, terminal);
  }
  const Explanation explanation = explain(*plan, run.scenario.config.name, watched);
  const bool colour = terminal.out_colour();
  terminal.out(args.json ? explanation_json(explanation)
                         : heading(run, colour) + explanation_text(explanation, colour));
  return code_of(run);
}

}  // namespace longhaul
