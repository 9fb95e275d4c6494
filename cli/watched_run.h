// A run that somebody waits for: it can be interrupted, says how far it is, and a failed CHECK
// finds out what was going on.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "run/grid.h"
#include "run/runner.h"

namespace longhaul {

// What a thread simulates at the moment.
struct RunningNow {
  const Scenario* scenario = nullptr;
  std::uint64_t seed = 0;
  const RunOptions* options = nullptr;
  const Cluster* cluster = nullptr;
  std::string cell = {};  // of a sweep: which one
};

// Null while nobody has announced anything.
const RunningNow* running_now();

// Announces what this thread simulates until it goes out of scope.
class Announced {
 public:
  explicit Announced(const RunningNow& running);
  ~Announced();
  Announced(const Announced&) = delete;
  Announced& operator=(const Announced&) = delete;

 private:
  const RunningNow* before_;
};

// A cell of a sweep, announced while it is worked on.
void announced_cell(const RunningCell& cell, const std::function<void()>& work);

using ShowProgress = std::function<void(Duration done, Duration whole)>;

// The same result as run(), or nothing when the user interrupted it. `prepare` gets the world
// before its first event, `at_end` behind its last.
std::optional<RunResult> watched_run(const Scenario& scenario, std::uint64_t seed,
                                     const RunOptions& options, const ShowProgress& show = {},
                                     const std::function<void(World&)>& prepare = {},
                                     const std::function<void(const World&)>& at_end = {});

}  // namespace longhaul
