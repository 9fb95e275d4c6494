// longhaul_groundtruth [--update] [EXPERIMENT...]
//
// Holds the simulator against the measured experiments, prints the table, and ends with 1 when a
// bound is missed or docs/groundtruth.md says something else. --update, or LONGHAUL_REWRITE=1,
// writes that page and its curves. With names (or beginnings of names) only those experiments run,
// and nothing is written or compared.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

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

int compare(bool update, const std::vector<std::string>& names) {
  const std::string folder = root + "/tests/groundtruth";
  std::vector<Experiment> experiments;
  std::vector<Row> rows;
  std::vector<Chart> charts;
  for (Experiment& experiment : read_experiments(folder + "/figures.json")) {
    if (!is_chosen(experiment.id, names)) continue;
    if (!experiment.figures.empty()) {
      const Simulated simulated = simulate(experiment, folder);
      for (Row& row : rows_of(experiment, simulated)) rows.push_back(std::move(row));
      for (const Chart& chart : simulated.charts) charts.push_back(chart);
    }
    experiments.push_back(std::move(experiment));
  }
  const std::string page = to_markdown(experiments, rows, charts);
  std::printf("%s", page.substr(0, page.find("## Curves")).c_str());
  bool good = judge(rows).broken.empty();
  if (!names.empty()) return good ? 0 : 1;
  std::vector<std::pair<std::string, std::string>> files = {{"/docs/groundtruth.md", page}};
  for (const Chart& chart : charts) {
    files.emplace_back("/docs/groundtruth/" + chart.file, to_svg(chart));
  }
  for (const auto& [path, text] : files) {
    if (update) {
      write(root + path, text);
    } else {
      good = is_current(root + path, text) && good;
    }
  }
  return good ? 0 : 1;
}

}  // namespace
}  // namespace longhaul::groundtruth

int main(int count, char** arguments) {
  const char* rewrite = std::getenv("LONGHAUL_REWRITE");
  bool update = rewrite != nullptr && std::string(rewrite) == "1";
  std::vector<std::string> names;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--update") {
      update = true;
    } else {
      names.push_back(argument);
    }
  }
  try {
    return longhaul::groundtruth::compare(update, names);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
