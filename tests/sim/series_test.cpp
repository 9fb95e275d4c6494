#include "sim/series.h"

#include <stdexcept>
#include <vector>

#include "tests/catch.h"

namespace longhaul {

using Bins = std::vector<Series::Bin>;

TEST_CASE("series: a bin keeps minimum, maximum and last", "[sim][series]") {
  Series series({100}, {10}, 4);
  series.add({100}, 5);
  series.add({105}, -2);
  series.add({109}, 3);
  series.add({125}, 8);
  // The second bin, [110, 120), has no sample.
  REQUIRE(series.bins() == Bins{{-2, 5, 3, 3}, {}, {8, 8, 8, 1}});
  REQUIRE(series.start() == TimePoint{100});
}

TEST_CASE("series: the width doubles when time passes the last bin", "[sim][series]") {
  Series series({0}, {10}, 4);
  for (std::int64_t i = 0; i < 4; ++i) series.add({i * 10}, i);
  REQUIRE(series.bin_width() == Duration{10});
  series.add({40}, 4);
  // [0, 20) saw 0 and 1, [20, 40) saw 2 and 3, [40, 60) has 4.
  REQUIRE(series.bin_width() == Duration{20});
  REQUIRE(series.bins() == Bins{{0, 1, 1, 2}, {2, 3, 3, 2}, {4, 4, 4, 1}});
  // 1000 ns need bins of 320 ns: 20 doubled four times.
  series.add({1'000}, -7);
  REQUIRE(series.bin_width() == Duration{320});
  REQUIRE(series.bins() == Bins{{0, 4, 4, 5}, {}, {}, {-7, -7, -7, 1}});
}

TEST_CASE("series: no spike disappears and the number of bins stays bounded", "[sim][series]") {
  Series series({0}, {1}, 8);
  for (std::int64_t at = 0; at < 10'000; ++at) series.add({at}, at == 777 ? 1'000 : 1);
  REQUIRE(series.bins().size() <= 8);
  std::uint64_t samples = 0;
  std::int64_t highest = 0;
  for (const Series::Bin& bin : series.bins()) {
    samples += bin.samples;
    highest = std::max(highest, bin.max);
  }
  REQUIRE(samples == 10'000);
  REQUIRE(highest == 1'000);
}

TEST_CASE("series: an odd number of bins and going back are mistakes", "[sim][series]") {
  REQUIRE_THROWS_AS(Series({0}, {1}, 3), std::logic_error);
  REQUIRE_THROWS_AS(Series({0}, {0}, 4), std::logic_error);
  Series series({0}, {1}, 4);
  series.add({3}, 1);
  REQUIRE_THROWS_AS(series.add({1}, 1), std::logic_error);
}

}  // namespace longhaul
