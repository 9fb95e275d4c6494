// longhaul_groundtruth [--update] [--repetitions N] [EXPERIMENT...]
//
// Holds the simulator against the measured experiments, prints the tables, and ends with 1 when a
// bound is missed, docs/groundtruth.md says something else, a failover disagrees in a way that
// failovers.json does not list, or, with 100 repetitions and more, one disagrees more than chance
// explains without a word there (beyond_chance). Failovers are simulated N times for each measured
// one, else 12 times, and 200 times by --update, or LONGHAUL_REWRITE=1, which writes
// docs/groundtruth.md with its curves and docs/groundtruth-failovers.md. With names (or beginnings
// of names) only those experiments run, and nothing is written or compared.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/groundtruth/failover_table.h"
#include "tests/groundtruth/self_judging.h"
#include "tests/groundtruth/table.h"

namespace longhaul::groundtruth {
namespace {

const std::string root = LONGHAUL_ROOT;

bool is_chosen(const std::string& id, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (id.starts_with(name)) return true;
  }
  return names.empty();
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

bool is_current(const std::string& path, const std::string& text) {
  std::ostringstream held;
  held << std::ifstream(path, std::ios::binary).rdbuf();
  if (held.str() == text) return true;
  std::fprintf(stderr, "%s is not what this run says; --update writes it\n", path.c_str());
  return false;
}

struct Asked {
  bool update = false;
  int repetitions = 0;  // of failovers; 0: the usual number
  std::vector<std::string> names;
};

constexpr int repetitions_usual = 12;
constexpr int repetitions_written = 200;
constexpr int repetitions_calibrated = 100;  // with fewer their own luck is more than chance's
constexpr std::size_t pseudo_measurements = 1'000;

// Prints what was measured of lags and latencies beside the simulator, and keeps the page.
bool compare_figures(const Asked& asked, const std::string& folder) {
  std::vector<Experiment> experiments;
  std::vector<Row> rows;
  std::vector<Chart> charts;
  for (Experiment& experiment : read_experiments(folder + "/figures.json")) {
    if (!is_chosen(experiment.id, asked.names)) continue;
    const Simulated simulated = simulate(experiment, folder);
    for (Row& row : rows_of(experiment, simulated)) rows.push_back(std::move(row));
    for (const Chart& chart : simulated.charts) charts.push_back(chart);
    experiments.push_back(std::move(experiment));
  }
  if (experiments.empty()) return true;
  const std::string page = to_markdown(experiments, rows, charts);
  std::printf("%s", page.substr(0, page.find("## Curves")).c_str());
  bool good = judge(rows).broken.empty();
  if (!asked.names.empty()) return good;
  std::vector<std::pair<std::string, std::string>> files = {{"/docs/groundtruth.md", page}};
  for (const Chart& chart : charts) {
    files.emplace_back("/docs/groundtruth/" + chart.file, to_svg(chart));
  }
  for (const auto& [path, text] : files) {
    if (asked.update) {
      write(root + path, text);
    } else {
      good = is_current(root + path, text) && good;
    }
  }
  return good;
}

bool compare_failovers(const Asked& asked, const std::string& folder) {
  const int usual = asked.update ? repetitions_written : repetitions_usual;
  const int repetitions = asked.repetitions > 0 ? asked.repetitions : usual;
  const std::vector<FailoverExperiment> experiments = read_failovers(folder + "/failovers.json");
  std::vector<FailoverComparison> comparisons;
  std::vector<Chances> chances;
  bool good = true;
  for (const FailoverExperiment& experiment : experiments) {
    if (!is_chosen(experiment.id, asked.names)) continue;
    const SimulatedFailovers simulated = simulate_failovers(experiment, folder, repetitions);
    comparisons.push_back(compare(experiment, simulated));
    const std::vector<Disagreement> all = disagreements(comparisons.back());
    for (const Disagreement& one : all) good = good && one.known;
    if (repetitions < repetitions_calibrated) continue;
    chances.push_back(judge_itself(experiment, simulated, pseudo_measurements));
    const bool is_beyond = is_beyond_chance(chances.back(), all.size());
    good = good && (!is_beyond || !experiment.beyond_chance.empty());
  }
  if (comparisons.empty()) return true;
  const std::string page =
      failovers_page(comparisons, chances.empty() ? "" : chances_text(comparisons, chances));
  std::printf("%s", page.c_str());
  if (asked.update && asked.names.empty()) write(root + "/docs/groundtruth-failovers.md", page);
  return good;
}

int compare_all(const Asked& asked) {
  const std::string folder = root + "/tests/groundtruth";
  const bool figures = compare_figures(asked, folder);
  const bool failovers = compare_failovers(asked, folder);
  return figures && failovers ? 0 : 1;
}

}  // namespace
}  // namespace longhaul::groundtruth

int main(int count, char** arguments) {
  longhaul::groundtruth::Asked asked;
  const char* rewrite = std::getenv("LONGHAUL_REWRITE");
  asked.update = rewrite != nullptr && std::string(rewrite) == "1";
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--update") {
      asked.update = true;
    } else if (argument == "--repetitions" && i + 1 < count) {
      asked.repetitions = std::atoi(arguments[++i]);
    } else {
      asked.names.push_back(argument);
    }
  }
  try {
    return longhaul::groundtruth::compare_all(asked);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
