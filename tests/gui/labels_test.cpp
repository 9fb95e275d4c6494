#include "gui/model/labels.h"

#include <cmath>
#include <cstdint>

#include "tests/catch.h"

using namespace longhaul;

TEST_CASE("labels: they make way for one another", "[labels]") {
  std::uint64_t dice = 7;
  const auto roll = [&](float below) {
    dice = dice * 6364136223846793005U + 1442695040888963407U;
    return static_cast<float>(dice >> 40) / static_cast<float>(1 << 24) * below;
  };
  const LabelBox bounds{0, 0, 1000, 700};
  for (int round = 0; round < 50; ++round) {
    // At most 12 labels of 120 by 60: an eighth of the room.
    std::vector<LabelWish> wishes;
    for (int i = 0; i < 12; ++i) wishes.push_back({{roll(1000), roll(700)}, 120, 60});
    const auto boxes = place_labels(wishes, {}, {}, bounds, 12).boxes;
    REQUIRE(boxes.size() == wishes.size());
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      CHECK(boxes[i].x >= 0);
      CHECK(boxes[i].y >= 0);
      CHECK(boxes[i].x + boxes[i].width <= 1000);
      CHECK(boxes[i].y + boxes[i].height <= 700);
      for (std::size_t j = 0; j < i; ++j) CHECK(overlap(boxes[i], boxes[j]) == 0);
    }
  }
  // Alone it stands beside its anchor and leaves the obstacle free.
  const auto alone =
      place_labels({{{500, 350}, 100, 40}}, {}, {{510, 300, 200, 100}}, bounds, 12).boxes;
  CHECK(overlap(alone[0], {510, 300, 200, 100}) == 0);
  CHECK(std::abs(alone[0].x + 50 - 500) < 80);
  CHECK(std::abs(alone[0].y + 20 - 350) < 80);
}

TEST_CASE("labels: those of neighbours cover no dot and say when there is no room", "[labels]") {
  // Ireland, London, Paris and Frankfurt on a map of the Atlantic, and a few far away.
  const std::vector<PlanePoint> places{{520, 180}, {545, 190}, {556, 205}, {585, 200},
                                       {180, 240}, {150, 250}, {900, 300}};
  std::vector<LabelWish> wishes;
  std::vector<LabelBox> dots;
  for (const PlanePoint& at : places) {
    wishes.push_back({at, 150, 110});
    dots.push_back({at.x - 9, at.y - 9, 18, 18});
  }
  const LabelBox bounds{0, 0, 1000, 600};
  const LabelPlaces placed = place_labels(wishes, dots, {}, bounds, 16);
  CHECK(placed.free);
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    for (const LabelBox& dot : dots) CHECK(overlap(placed.boxes[i], dot) == 0);
    for (std::size_t j = 0; j < i; ++j) CHECK(overlap(placed.boxes[i], placed.boxes[j]) == 0);
  }
  // Seven of 150 by 110 are more than a window of 300 by 300 has.
  CHECK_FALSE(place_labels(wishes, dots, {}, {400, 100, 300, 300}, 16).free);
}

TEST_CASE("labels: only those that collide say less, and each by itself", "[labels]") {
  // One anchor far at the right and two beside one another at the left; the room is as high as
  // one label.
  const std::vector<LabelSize> sizes{{200, 90}, {60, 40}};
  ShrinkingWish wish;
  wish.labels = {{{830, 50}, sizes}, {{40, 50}, sizes}, {{42, 50}, sizes}};
  wish.bounds = {0, 0, 920, 125};
  wish.gap = 10;
  const ShrunkLabels roomy = place_shrinking(wish);
  CHECK(roomy.places.free);
  CHECK((roomy.sizes == std::vector<std::size_t>{0, 0, 0}));

  // Dots all over the middle leave 250 pixels at the left: one of 200 and one of 60 are too much
  // for them with a gap, two of 60 are not.
  for (float x = 250; x < 700; x += 20) wish.dots.push_back({x, 0, 19, 125});
  const ShrunkLabels tight = place_shrinking(wish);
  CHECK(tight.places.free);
  CHECK((tight.sizes == std::vector<std::size_t>{0, 1, 1}));

  // 280 pixels hold 200, 10 between and 60.
  wish.dots.erase(wish.dots.begin(), wish.dots.begin() + 2);
  const ShrunkLabels one = place_shrinking(wish);
  CHECK(one.places.free);
  CHECK(one.sizes[1] + one.sizes[2] == 1);
  CHECK(one.sizes[0] == 0);
}

TEST_CASE("labels: the largest shrink first where together they take too much", "[labels]") {
  // 300 x 50 + 100 x 50 = 20,000 of 400 x 100 = 40,000: half. A share of 0.4 leaves 16,000, so
  // the first shrinks, to 50 x 50, and 7,500 are left.
  ShrinkingWish wish;
  wish.labels = {{{100, 50}, {{300, 50}, {50, 50}}}, {{300, 50}, {{100, 50}, {50, 50}}}};
  wish.bounds = {0, 0, 400, 100};
  wish.share = 0.4f;
  CHECK((place_shrinking(wish).sizes == std::vector<std::size_t>{1, 0}));
  // 50 are more than three quarters of 60; both have but one size less, of the same height.
  wish.bounds.height = 60;
  CHECK((place_shrinking(wish).sizes == std::vector<std::size_t>{1, 1}));
}

TEST_CASE("labels: a width grows at once and shrinks when its room is not needed", "[labels]") {
  SteadyWidth width;
  CHECK(width.of(100, 0) == 100);
  CHECK(width.of(140, 1) == 140);
  CHECK(width.of(100, 2) == 140);
  CHECK(width.of(140, 4) == 140);  // needed again
  CHECK(width.of(100, 7.9) == 140);
  CHECK(width.of(100, 8.1) == 100);
}
