// Scenarios of texts that are being edited, and runs of them that can be stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "run/runner.h"
#include "run/scenario.h"

namespace longhaul {

// As load_scenario() would load the file at `path` if it held `text`.
Result<Scenario> load_text(const std::string& path, const std::string& text,
                           const std::vector<std::string>& sets = {});

// A run of one seed, nothing when `go_on` said no in between.
std::optional<RunResult> run_while(const Scenario& scenario, std::uint64_t seed,
                                   const std::function<bool()>& go_on);

// trace.json of `longhaul run --out`, from a run of its own; nothing likewise.
std::optional<std::string> trace_while(const Scenario& scenario, std::uint64_t seed,
                                       const std::function<bool()>& go_on);

// "longhaul compare a.json 'b c.json'": words as a shell takes them.
std::string shell_words(const std::vector<std::string>& words);

}  // namespace longhaul
