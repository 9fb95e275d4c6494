// Prints one line for every shipped scenario: its file, seed, number of events and digest, over its
// first simulated minute. Compared with golden/digests.txt for both compilers.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "run/runner.h"

namespace longhaul {
namespace {

int print_digests() {
  const std::filesystem::path root = LONGHAUL_ROOT;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "scenarios")) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".json") && !name.ends_with(".schema.json")) {
      files.push_back(entry.path().lexically_relative(root).generic_string());
    }
  }
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    const Result<Scenario> scenario = load_scenario((root / file).string());
    if (!scenario) {
      std::printf("%s %s\n", file.c_str(), to_text(scenario.errors().front()).c_str());
      return 65;
    }
    Cluster cluster = build_run(scenario.value(), 1);
    cluster.run_until(TimePoint{} + seconds(60));
    const Scheduler& scheduler = cluster.world().scheduler;
    std::printf("%s seed 1 events %llu ties %llu digest %016llx\n", file.c_str(),
                static_cast<unsigned long long>(scheduler.events()),
                static_cast<unsigned long long>(scheduler.ties()),
                static_cast<unsigned long long>(scheduler.digest()));
  }
  return 0;
}

}  // namespace
}  // namespace longhaul

int main() { return longhaul::print_digests(); }
