// A run in which a CHECK fails at event 1000, as one of ours would: on the way through
// watched_run(). With an argument: a sweep in which one fails. fault.sh looks at what they leave.
#include <optional>

#include "base/check.h"
#include "cli/watched_run.h"
#include "tests/run/tiny_scenario.h"

namespace {

using namespace longhaul;

class Breaks : public EventObserver {
 public:
  void before(const World& world, const Event&) override { CHECK(world.scheduler.events() < 1000); }
};

// While the fifth cell is under way.
int sweep_that_breaks() {
  GridAsked asked;
  asked.axes = {{"workload.eu.rate", {"10/s", "20/s"}}};
  asked.load = [](const std::vector<std::string>& sets) -> Result<Scenario> {
    return load_tiny(sets);
  };
  const Grid grid = make_grid(asked).value();
  int left = -1;
  for (std::int64_t stem = 0; stem < 6; ++stem) {
    if (stem == 4) left = 2;
    run_stem(
        grid, stem,
        [&] {
          CHECK(left != 0);
          return left-- != 0;
        },
        announced_cell);
  }
  return 1;
}

}  // namespace

int main(int argc, char**) {
  if (argc > 1) return sweep_that_breaks();
  const Scenario scenario = load_tiny();
  Breaks breaks;
  RunOptions options;
  options.observer = &breaks;
  return watched_run(scenario, 3, options) ? 0 : 1;
}
