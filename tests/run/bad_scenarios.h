// The files of tests/bad_scenarios with what they expect.
#pragma once

#include <string>
#include <vector>

namespace longhaul {

enum class BadKind {
  syntax,      // not JSON, or what JSON parsers drop silently: the schema never sees it
  structural,  // the schema refuses it too
  semantic,    // only the loader knows: bounds with units, names of other things
};

struct ExpectedError {
  std::string place;  // "12:18 topology.nodes.db-eu.follows"
  std::string piece;
};

struct BadScenario {
  std::string name;  // of the file, without ".json"
  BadKind kind = BadKind::syntax;
  std::vector<ExpectedError> expected;
};

std::string bad_scenarios_dir();  // ends in a slash
std::vector<BadScenario> bad_scenarios();

}  // namespace longhaul
