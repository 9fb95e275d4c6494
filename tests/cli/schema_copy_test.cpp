#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "run/scenario.h"
#include "run/schema.h"
#include "tests/catch.h"

namespace longhaul {

// LONGHAUL_REWRITE=1 writes it anew.
TEST_CASE("schema: scenarios/scenario.schema.json is what `longhaul schema` prints",
          "[cli][schema]") {
  const std::string printed = json_schema(ScenarioConfig::fields(), true).dump(2) + "\n";
  const std::string path = LONGHAUL_ROOT "/scenarios/scenario.schema.json";
  if (std::getenv("LONGHAUL_REWRITE") != nullptr) std::ofstream(path) << printed;
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  const bool same = text.str() == printed;
  INFO("LONGHAUL_REWRITE=1 rewrites " << path);
  REQUIRE(same);
}

}  // namespace longhaul
