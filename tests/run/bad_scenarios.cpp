#include "tests/run/bad_scenarios.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/catch.h"

namespace longhaul {
namespace {

std::ifstream opened(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.is_open());
  return file;
}

BadKind kind_of(const std::string& word) {
  if (word == "structural") return BadKind::structural;
  if (word == "semantic") return BadKind::semantic;
  REQUIRE(word == "syntax");
  return BadKind::syntax;
}

ExpectedError expected_in(const std::string& line) {
  const std::size_t bar = line.find(" | ");
  REQUIRE(bar != std::string::npos);
  return {line.substr(8, bar - 8), line.substr(bar + 3)};
}

BadScenario read_bad(const std::filesystem::path& path) {
  BadScenario bad;
  bad.name = path.stem().string();
  const std::filesystem::path beside = std::filesystem::path(path).replace_extension(".expect");
  const bool is_beside = std::filesystem::exists(beside);
  std::ifstream file = opened((is_beside ? beside : path).string());
  const std::string comment = is_beside ? "" : "// ";
  CAPTURE(bad.name);
  std::string line;
  std::getline(file, line);
  REQUIRE(line.starts_with(comment));
  bad.kind = kind_of(line.substr(comment.size()));
  while (std::getline(file, line) && line.starts_with(comment + "expect: ")) {
    bad.expected.push_back(expected_in(line.substr(comment.size())));
  }
  REQUIRE_FALSE(bad.expected.empty());
  return bad;
}

}  // namespace

std::string bad_scenarios_dir() { return std::string(LONGHAUL_ROOT) + "/tests/bad_scenarios/"; }

std::vector<BadScenario> bad_scenarios() {
  std::vector<BadScenario> all;
  for (const auto& entry : std::filesystem::directory_iterator(bad_scenarios_dir())) {
    if (entry.path().extension() == ".json") all.push_back(read_bad(entry.path()));
  }
  std::sort(all.begin(), all.end(),
            [](const BadScenario& a, const BadScenario& b) { return a.name < b.name; });
  return all;
}

}  // namespace longhaul
