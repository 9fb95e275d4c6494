// The options of `longhaul explain`.
#include "cli/explain_request.h"
#include "cli/options.h"

namespace longhaul {

void add_explain(CLI::App& app, Common& parsed) {
  ExplainArgs& args = parsed.keep<ExplainArgs>();
  CLI::App& sub = add_command(app, parsed, "explain",
                              "Why one request went where it went, and what the truth was",
                              [&](Terminal& terminal) { return cmd_explain(args, terminal); });
  sub.add_option(
         "RUN", args.run,
         "A directory that `longhaul run --out` has written, its result.json, or a scenario")
      ->required()
      ->type_name("");
  CLI::Option* request =
      sub.add_option("--request", args.request, "Which one, such as eu/17#42")->type_name("ID");
  add_list(sub, "--find", args.finds, "KIND",
           "Lists the worst instead: stale, slowest, error, ryw_violation; region:NAME");
  sub.get_option("--find")->excludes(request);
  add_parsed<std::uint64_t>(sub, "--seed", args.seed, "N", "a whole number", parse_whole,
                            "Of a scenario, instead of its first");
  add_json(sub, args.json);
  add_scenario_options(sub, args.with);
  sub.footer(
      "Without --request it lists the ten worst of each kind. Exit code 65 when this program makes "
      "another run of a directory. Examples:\n"
      "  longhaul run x.json --out result && longhaul explain result\n"
      "  longhaul explain result --request eu/17#42\n"
      "  longhaul explain x.json --seed 3 --find stale --find region:aws:eu-west-1");
}

}  // namespace longhaul
