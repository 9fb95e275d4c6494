#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/loading.h"
#include "cli/watched_run.h"
#include "run/claims.h"

namespace longhaul {

int cmd_claims(const ClaimsArgs& args, Terminal& terminal) {
  const Result<Catalogue> catalogue = load_catalogue(args.rtt_csv);
  if (!catalogue) return refuse(catalogue.errors(), terminal);
  RunOptions run_options;
  run_options.time_pages = true;
  ClaimOptions options;
  options.catalogue = &catalogue.value();
  options.sweep.jobs = args.jobs.value_or(default_jobs());
  options.sweep.run_seed = [&](const Scenario& scenario, std::uint64_t seed) {
    return watched_run(scenario, seed, run_options);
  };
  options.sweep.progress = [&](std::uint64_t finished, std::uint64_t whole) {
    terminal.progress(fmt::format("{} of {} runs", finished, whole));
  };
  const Result<std::vector<ClaimResult>> claims = judge_claims(args.file, options);
  if (!claims) return refuse(claims.errors(), terminal);
  if (interrupted()) return exit_code::interrupted;
  terminal.out(claims_markdown(claims.value()));
  return exit_code::ok;
}

}  // namespace longhaul
