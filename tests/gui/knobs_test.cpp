// Sliders, and texts of instants and seeds.
#include "gui/model/knobs.h"

#include <cmath>
#include <string>

#include "gui/model/clock_text.h"
#include "gui/model/document.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

const std::string flagship =
    std::string(LONGHAUL_ROOT) + "/scenarios/patterns/three_regions_read_replicas.json";

Document opened(const std::string& path) {
  Result<Document> document = Document::open(path);
  REQUIRE(document);
  return std::move(document).value();
}

TEST_CASE("knobs: what a slider gives is within the bounds, and comes back", "[gui]") {
  const Document document = opened(flagship);
  const std::vector<Knob> knobs = knobs_of(document.scenario()->config);
  std::size_t sliders = 0;
  for (const Knob& knob : knobs) {
    INFO(knob.path);
    REQUIRE(knob.field != nullptr);
    if (knob.is_choice()) continue;
    sliders += 1;
    REQUIRE(knob.least >= knob.field->min);
    REQUIRE(knob.most <= knob.field->max);
    REQUIRE(knob.value >= knob.least);
    REQUIRE(knob.value <= knob.most);
    REQUIRE(value_at(knob, 0) == knob.least);
    REQUIRE(value_at(knob, 1) == knob.most);
    REQUIRE(position_of(knob, knob.least) == 0);
    REQUIRE(position_of(knob, knob.most) == 1);
    std::int64_t before = knob.least;
    for (int i = 0; i <= 200; ++i) {
      const std::int64_t value = value_at(knob, i / 200.0);
      REQUIRE(value >= before);  // a slider never turns back
      before = value;
      // Two digits: the position comes back to within a twentieth, on a scale of six decades.
      if (i > 4) REQUIRE(std::abs(position_of(knob, value) - i / 200.0) < 0.01);
      // Its text is one that the field reads as the same value.
      REQUIRE(parse_value(knob, value_text(knob, value)) == value);
    }
  }
  REQUIRE(sliders >= 6);  // two of the breaker, the wait, three rates, bandwidths
}

TEST_CASE("knobs: only what acts on the design is offered", "[gui]") {
  const auto paths = [](const char* name) {
    const Document document = opened(std::string(LONGHAUL_ROOT) + "/scenarios/" + name);
    std::string all;
    for (const Knob& knob : knobs_of(document.scenario()->config)) all += knob.path + " ";
    return all;
  };
  const std::string one = paths("patterns/single_region.json");  // a primary and no replica
  REQUIRE(one.find("breaker") == one.npos);
  REQUIRE(one.find("freshness") == one.npos);
  REQUIRE(one.find("postgres.synchronous_commit") != one.npos);
  REQUIRE(one.find("workload.us.rate") != one.npos);
  const std::string three = paths("patterns/three_regions_read_replicas.json");
  REQUIRE(three.find("policy.lag_breaker.open_above") != three.npos);
  REQUIRE(three.find("policy.freshness.rule") != three.npos);

  // The same three regions when nobody reads from replicas.
  Document document =
      opened(std::string(LONGHAUL_ROOT) + "/scenarios/patterns/three_regions_read_replicas.json");
  REQUIRE(!document.set("policy.router.use_replica_reads", "false"));
  REQUIRE(document.sound());
  for (const Knob& knob : knobs_of(document.scenario()->config)) {
    REQUIRE(knob.path.find("breaker") == knob.path.npos);
  }
}

TEST_CASE("knobs: every value of a slider makes a sound document", "[gui]") {
  Document document = opened(flagship);
  for (const Knob& knob : knobs_of(document.scenario()->config)) {
    if (knob.is_choice() || knob.path == "policy.lag_breaker.close_below") continue;
    for (const double position : {0.2, 0.5, 0.8}) {
      const std::string json = value_json(knob, value_at(knob, position));
      INFO(knob.path << " " << json);
      REQUIRE(!document.set(knob.path, json));
      const Knob now = knob_at(document.scenario()->config, knob.path);
      // One rule ties two knobs: a breaker closes below what it opens above.
      if (document.sound()) REQUIRE(value_json(now, now.value) == json);
      document.undo();
    }
  }
  REQUIRE(knob_at(document.scenario()->config, "policy.no_such").field == nullptr);
  REQUIRE(knob_at(document.scenario()->config, "workload.eu.rate").value == 50LL * 86'400'000);
}

TEST_CASE("instants: as a clock, and back", "[gui]") {
  REQUIRE(clock_text(TimePoint{151'482'900'000}) == "2:31.482");
  REQUIRE(clock_text(TimePoint{} + minutes(62)) == "1:02:00.000");
  REQUIRE(short_clock_text(TimePoint{} + seconds(151)) == "2:31");
  REQUIRE(short_clock_text(TimePoint{} + milliseconds(151'500)) == "2:31.5");
  const auto parsed = [](const char* text) { return parse_clock(text).value_or(TimePoint{-1}).ns; };
  REQUIRE(parsed("2:31.5") == 151'500'000'000);
  REQUIRE(parsed("1:02:00") == 3'720'000'000'000);
  REQUIRE(parsed("151.5") == 151'500'000'000);
  REQUIRE(parsed(" 2.5min ") == 150'000'000'000);
  for (const char* wrong :
       {"", "x", "1:", ":5", "1.5:00", "-3s", "99999999999:00", "1::2", "99:99", "1:60"}) {
    REQUIRE(parsed(wrong) == -1);
  }
}

TEST_CASE("seeds: whole numbers, nothing is bent to one", "[gui]") {
  REQUIRE(parse_seed("17") == 17u);
  REQUIRE(parse_seed(" 0 ") == 0u);
  REQUIRE(parse_seed("18446744073709551615") == 18446744073709551615u);
  for (const char* wrong : {"", "-5", "1.5", "x", "1 2", "18446744073709551616", "99:99"}) {
    INFO(wrong);
    REQUIRE_FALSE(parse_seed(wrong));
  }
}

}  // namespace

TEST_CASE("knobs: what follows from another value has few digits", "[gui]") {
  const Document document =
      opened(std::string(LONGHAUL_ROOT) + "/scenarios/patterns/three_regions_read_replicas.json");
  const Knob knob = knob_at(document.scenario()->config, "policy.lag_breaker.close_below");
  REQUIRE(knob.field != nullptr);
  // A third of 8 ms is 2,666,666 ns: two digits of it in a unit that suits are 2,700 us.
  REQUIRE(in_few_digits(knob, 8'000'000 / 3) == 2'700'000);
  REQUIRE(in_few_digits(knob, 1'000'000'000) == 1'000'000'000);
}

}  // namespace longhaul
