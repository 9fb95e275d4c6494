// The schema of scenarios, the loader and the files in the tree agree: what the schema refuses the
// loader refuses, what the loader takes the schema takes, and what is wrong in form alone an editor
// shows before anything is run.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "run/scenario.h"
#include "run/schema.h"
#include "tests/catch.h"
#include "tests/run/bad_scenarios.h"

using namespace longhaul;
using nlohmann::json;

namespace {

class Schema {
 public:
  Schema() : text_(json::parse(json_schema(ScenarioConfig::fields(), true).dump())) {
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(text_), schema_);
  }

  bool accepts(const std::string& path) const {
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const json document = json::parse(text, nullptr, false, true);
    REQUIRE_FALSE(document.is_discarded());
    // Types are judged as written: "5" is no number.
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    return validator.validate(schema_, valijson::adapters::NlohmannJsonAdapter(document), nullptr);
  }

 private:
  json text_;
  valijson::Schema schema_;
};

}  // namespace

TEST_CASE("scenario_schema: mistakes of form are refused, others are left to the loader",
          "[run][schema][bad_scenarios]") {
  const Schema schema;
  int structural = 0;
  int semantic = 0;
  for (const BadScenario& bad : bad_scenarios()) {
    if (bad.kind == BadKind::syntax) continue;
    CAPTURE(bad.name);
    const bool accepted = schema.accepts(bad_scenarios_dir() + bad.name + ".json");
    REQUIRE(accepted == (bad.kind == BadKind::semantic));
    ++(bad.kind == BadKind::semantic ? semantic : structural);
  }
  REQUIRE(structural >= 60);
  REQUIRE(semantic >= 60);
}

TEST_CASE("scenario_schema: every scenario of the tree is taken by schema and loader",
          "[run][schema]") {
  const Schema schema;
  int scenarios = 0;
  const std::string root = std::string(LONGHAUL_ROOT) + "/scenarios";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string path = entry.path().string();
    if (!path.ends_with(".json") || path.ends_with(".schema.json")) continue;
    CAPTURE(path);
    REQUIRE(schema.accepts(path));
    const Result<Scenario> scenario = load_scenario(path);
    for (const Error& error : scenario.errors()) UNSCOPED_INFO(to_text(error));
    REQUIRE(scenario.ok());
    ++scenarios;
  }
  REQUIRE(scenarios >= 10);
}
