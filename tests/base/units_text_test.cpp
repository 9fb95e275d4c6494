#include "base/units_text.h"

#include "tests/catch.h"

namespace longhaul {

TEST_CASE("units_text: a duration prints in the largest unit that suits it", "[base][units_text]") {
  REQUIRE(to_text(milliseconds(250)) == "250ms");
  REQUIRE(to_text(milliseconds(1500)) == "1.5s");
}

}  // namespace longhaul
