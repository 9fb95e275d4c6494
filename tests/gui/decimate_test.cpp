#include "gui/model/decimate.h"

#include <algorithm>

#include "tests/catch.h"

namespace longhaul {
namespace {

std::int64_t least_of(const std::vector<PlotSample>& samples, std::int64_t from, std::int64_t to) {
  std::int64_t least = INT64_MAX;
  for (const PlotSample& sample : samples) {
    if (sample.x >= from && sample.x < to && sample.y) least = std::min(least, *sample.y);
  }
  return least;
}

std::int64_t most_of(const std::vector<PlotSample>& samples, std::int64_t from, std::int64_t to) {
  std::int64_t most = INT64_MIN;
  for (const PlotSample& sample : samples) {
    if (sample.x >= from && sample.x < to && sample.y) most = std::max(most, *sample.y);
  }
  return most;
}

TEST_CASE("a line of few samples is drawn as it is", "[gui][decimate]") {
  const std::vector<PlotSample> samples{{0, 3}, {10, std::nullopt}, {20, 7}};
  const std::vector<PlotSample> drawn = decimated(samples, 0, 20, 100);
  REQUIRE(drawn.size() == 3);
  REQUIRE(drawn[0].y == 3);
  REQUIRE_FALSE(drawn[1].y);
  REQUIRE(drawn[2].y == 7);
}

TEST_CASE("each column of pixels keeps its least, its most and its last value", "[gui][decimate]") {
  // 100,000 samples of a scrambled sequence over 100 columns of 1,000 each.
  std::vector<PlotSample> samples;
  for (std::int64_t i = 0; i < 100'000; ++i) samples.push_back({i, i * 7'919 % 10'007});
  const std::vector<PlotSample> drawn = decimated(samples, 0, 99'999, 100);
  REQUIRE(drawn.size() <= 300);
  REQUIRE(std::is_sorted(drawn.begin(), drawn.end(),
                         [](const PlotSample& a, const PlotSample& b) { return a.x < b.x; }));
  for (std::int64_t column = 0; column < 100; ++column) {
    const std::int64_t from = column * 1'000;
    REQUIRE(least_of(drawn, from, from + 1'000) == least_of(samples, from, from + 1'000));
    REQUIRE(most_of(drawn, from, from + 1'000) == most_of(samples, from, from + 1'000));
    const bool has_last = std::any_of(drawn.begin(), drawn.end(), [&](const PlotSample& sample) {
      return sample.x == from + 999;
    });
    REQUIRE(has_last);
  }
}

TEST_CASE("gaps of a line stay gaps, one for many", "[gui][decimate]") {
  std::vector<PlotSample> samples;
  for (std::int64_t i = 0; i < 10'000; ++i) {
    const bool missing = i >= 4'000 && i < 6'000;
    samples.push_back({i, missing ? std::optional<std::int64_t>{} : i});
  }
  const std::vector<PlotSample> drawn = decimated(samples, 0, 9'999, 10);
  const auto gaps =
      std::count_if(drawn.begin(), drawn.end(), [](const PlotSample& sample) { return !sample.y; });
  REQUIRE(gaps == 1);
  // The values on both sides of it are still there.
  const auto gap =
      std::find_if(drawn.begin(), drawn.end(), [](const PlotSample& sample) { return !sample.y; });
  REQUIRE((gap - 1)->y == 3'999);
  REQUIRE((gap + 1)->y == 6'000);
}

TEST_CASE("a part of a line reaches the edges of what is seen", "[gui][decimate]") {
  std::vector<PlotSample> samples;
  for (std::int64_t i = 0; i <= 100; ++i) samples.push_back({i * 10, i});
  const std::vector<PlotSample> drawn = decimated(samples, 305, 395, 100);
  REQUIRE(drawn.front().x == 300);
  REQUIRE(drawn.back().x == 400);
  REQUIRE(drawn.size() == 11);
}

}  // namespace
}  // namespace longhaul
