// A run in which a CHECK fails at event 1000, as one of ours would: on the way through
// watched_run(). fault.sh looks at what it leaves.
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

}  // namespace

int main() {
  const Scenario scenario = load_tiny();
  Breaks breaks;
  RunOptions options;
  options.observer = &breaks;
  return watched_run(scenario, 3, options) ? 0 : 1;
}
