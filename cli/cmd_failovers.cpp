#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/output.h"
#include "cli/watched_run.h"
#include "run/failovers_table.h"

namespace longhaul {
namespace {

// "policy.failover.patroni.ttl=15s,20s"
Result<VariedParameter> parse_varied(const std::string& text) {
  VariedParameter varied;
  const std::size_t equals = text.find('=');
  if (equals != text.npos) {
    varied.path = text.substr(0, equals);
    for (std::size_t at = equals + 1; at <= text.size();) {
      const std::size_t comma = std::min(text.find(',', at), text.size());
      varied.values.push_back(text.substr(at, comma - at));
      at = comma + 1;
    }
  }
  if (!varied.path.empty() && !varied.values.front().empty()) return varied;
  Error error;
  error.path = "--vary";
  error.value = '"' + text + '"';
  error.expected = "a parameter and its values, such as policy.failover.patroni.ttl=15s,20s,30s";
  return std::vector<Error>{error};
}

}  // namespace

int cmd_failovers(const FailoversArgs& args, Terminal& terminal) {
  FailoversAsked asked;
  asked.seeds = args.seeds;
  for (const std::string& text : args.vary) {
    const Result<VariedParameter> varied = parse_varied(text);
    if (!varied) return refuse(varied.errors(), terminal);
    asked.vary.push_back(varied.value());
  }
  asked.load = [&](const Variant& variant) {
    ScenarioArgs with = args.with;
    with.sets.insert(with.sets.end(), variant.sets.begin(), variant.sets.end());
    return load(args.scenario, with);
  };
  RunOptions run_options;
  run_options.permute_ties = args.with.permute_ties;
  SweepOptions options;
  options.jobs = args.jobs.value_or(default_jobs());
  options.run_seed = [&](const Scenario& scenario, std::uint64_t seed) {
    return watched_run(scenario, seed, run_options);
  };
  options.progress = [&](std::uint64_t finished, std::uint64_t whole) {
    terminal.progress(fmt::format("{} of {} runs", finished, whole));
  };
  const Result<FailoversTable> table = failovers_table(asked, options);
  if (!table) return refuse(table.errors(), terminal);
  terminal.out(args.json ? failovers_json(table.value())
                         : failovers_text(table.value(), terminal.out_colour()));
  if (!args.svg.empty()) {
    const std::optional<std::string> error = write_file(args.svg, failovers_svg(table.value()));
    if (error) {
      terminal.error("error: " + *error + "\n");
      return exit_code::fault;
    }
  }
  const std::size_t settings = asked.vary.empty() ? 1 : asked.vary.front().values.size();
  return table.value().rows.size() < settings ? exit_code::interrupted : exit_code::ok;
}

}  // namespace longhaul
