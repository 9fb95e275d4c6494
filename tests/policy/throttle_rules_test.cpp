// What a throttle asks of the probes that it goes by.
#include "policy/config.h"
#include "tests/catch.h"

namespace longhaul {

TEST_CASE("throttle: replicas must count from one answer to the next", "[policy][throttle]") {
  PolicyConfig config;
  config.write_throttle.above = milliseconds(500);
  config.write_throttle.heard_within = seconds(2);  // probes: 1 s apart, 1 s to answer
  REQUIRE(validate(config).empty());
  config.write_throttle.heard_within = milliseconds(1999);
  REQUIRE(validate(config).size() == 1);
  REQUIRE(validate(config).front().path == "write_throttle.heard_within");
  config.write_throttle.above.reset();
  REQUIRE(validate(config).empty());
}

}  // namespace longhaul
