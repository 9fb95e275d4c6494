#include "cli/site_loss_options.h"

namespace longhaul {
namespace {

std::optional<Duration> parse_loss(const std::string& text) {
  const auto list = parse_durations(text);
  if (!list || list->size() != 1 || list->front() <= Duration{0}) return std::nullopt;
  return list->front();
}

void add_options(CLI::App& sub, SiteLossArgs& args) {
  sub.add_option("SCENARIO", args.scenario, "The scenario file")->required()->type_name("");
  add_seeds(sub, args.seeds, "Instead of the scenario's own");
  add_jobs(sub, args.jobs);
  add_json(sub, args.json);
  add_scenario_options(sub, args.with);
  sub.get_option("--until")->group("");  // refused with a reason, so not offered
}

}  // namespace

void add_site_loss(CLI::App& app, Common& parsed) {
  SiteLossArgs& args = parsed.keep<SiteLossArgs>();
  CLI::App& sub = add_command(app, parsed, "site-loss",
                              "Loses each host, zone, region, pair of regions and link in turn",
                              [&](Terminal& terminal) { return cmd_site_loss(args, terminal); });
  add_parsed<Duration>(sub, "--for", args.lasts, "TIME", "a duration up to 7d such as 5min",
                       parse_loss, "How long each is lost; 5min unless given");
  sub.add_option("--svg", args.svg, "Draws the matrix there")->type_name("FILE");
  add_options(sub, args);
  sub.footer("Example: longhaul site-loss scenarios/drills/third_vote_in_a_third_region.json");
}

void add_sla(CLI::App& app, Common& parsed) {
  SiteLossArgs& args = parsed.keep<SiteLossArgs>();
  CLI::App& sub = add_command(app, parsed, "sla",
                              "Failure rates times simulated outages: the downtime of a year",
                              [&](Terminal& terminal) { return cmd_sla(args, terminal); });
  add_options(sub, args);
  sub.footer(
      "The rates are the block \"sla\" of the scenario. Example:\n"
      "  longhaul sla scenarios/drills/third_vote_in_a_third_region.json \\\n"
      "           --set sla.region.every=1825d");
}

}  // namespace longhaul
