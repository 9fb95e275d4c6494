#include "gui/model/labels.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

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
    const auto boxes = place_labels(wishes, {{}, {}, bounds, 12}).boxes;
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
      place_labels({{{500, 350}, 100, 40}}, {{}, {{510, 300, 200, 100}}, bounds, 12}).boxes;
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
  const LabelPlaces placed = place_labels(wishes, {dots, {}, bounds, 16});
  CHECK(placed.free);
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    for (const LabelBox& dot : dots) CHECK(overlap(placed.boxes[i], dot) == 0);
    for (std::size_t j = 0; j < i; ++j) CHECK(overlap(placed.boxes[i], placed.boxes[j]) == 0);
  }
  // Seven of 150 by 110 are more than a window of 300 by 300 has.
  CHECK_FALSE(place_labels(wishes, {dots, {}, {400, 100, 300, 300}, 16}).free);
}

namespace {

// By label: which of its sizes it has.
std::vector<std::optional<std::size_t>> sizes_of(const ShrinkingWish& wish) {
  std::vector<std::optional<std::size_t>> sizes;
  for (const auto& label : place_shrinking(wish)) {
    sizes.push_back(label ? std::optional(label->size) : std::nullopt);
  }
  return sizes;
}

using Sizes = std::vector<std::optional<std::size_t>>;

}  // namespace

TEST_CASE("labels: only those that collide say less, and each by itself", "[labels]") {
  // One anchor far at the right and two at the left; the room is as high as one label.
  const std::vector<LabelSize> sizes{{200, 90}, {60, 40}};
  ShrinkingWish wish;
  wish.labels = {{{830, 50}, sizes}, {{40, 50}, sizes}, {{280, 50}, sizes}};
  wish.room.bounds = {0, 0, 920, 125};
  wish.room.gap = 10;
  CHECK((sizes_of(wish) == Sizes{0, 0, 0}));

  // Dots all over the middle leave 250 pixels at the left: one of 200 and one of 60 are too much
  // for them with a gap, two of 60 are not.
  for (float x = 250; x < 700; x += 20) wish.room.dots.push_back({x, 0, 19, 125});
  CHECK((sizes_of(wish) == Sizes{0, 1, 1}));

  // 280 pixels hold 200, 10 between and 60.
  wish.room.dots.erase(wish.room.dots.begin(), wish.room.dots.begin() + 2);
  const Sizes one = sizes_of(wish);
  CHECK(one[1].value() + one[2].value() == 1);
  CHECK(one[0].value() == 0);
}

TEST_CASE("labels: the largest shrink first where together they take too much", "[labels]") {
  // 300 x 50 + 100 x 50 = 20,000. Of 16,000 the first shrinks, to 50 x 50, and 7,500 are left.
  ShrinkingWish wish;
  wish.labels = {{{100, 50}, {{300, 50}, {50, 50}}}, {{300, 50}, {{100, 50}, {50, 50}}}};
  wish.room.bounds = {0, 0, 400, 100};
  wish.most = 16'000;
  CHECK((sizes_of(wish) == Sizes{1, 0}));
  // 50 are more than three quarters of 60; both have but one size less, of the same height.
  wish.room.bounds.height = 60;
  CHECK((sizes_of(wish) == Sizes{1, 1}));
}

TEST_CASE("labels: a line is no longer than it may be and leads behind no label", "[labels]") {
  // Ashburn, Dublin, Tokyo and Sydney in Run's map of 820 by 330, each with a card of three items.
  const std::vector<PlanePoint> places{{288, 80}, {407, 50}, {652, 88}, {673, 255}};
  ShrinkingWish wish;
  wish.room.bounds = {0, 0, 820, 330};
  wish.room.gap = 16;
  wish.room.reach = 90;
  for (const PlanePoint& at : places) {
    wish.labels.push_back({at, {{208, 90}, {128, 90}, {70, 27}}});
    wish.room.dots.push_back({at.x - 9, at.y - 9, 18, 18});
  }
  const ShrunkLabels made = place_shrinking(wish);
  for (std::size_t i = 0; i < made.size(); ++i) {
    REQUIRE(made[i]);
    const LabelLine line = line_to(made[i]->box, places[i]);
    CHECK(length_of(line) <= 90);
    for (std::size_t j = 0; j < made.size(); ++j) {
      if (i != j) CHECK_FALSE(crosses(line, made[j]->box));
    }
  }
  // Two dots beside one another: no line leads over the other's, as if the label were its.
  wish.labels = {{{361, 165}, {{128, 50}}}, {{396, 170}, {{128, 50}}}};
  wish.room.dots = {{352, 156, 18, 18}, {387, 161, 18, 18}};
  const ShrunkLabels pair = place_shrinking(wish);
  CHECK_FALSE(crosses(line_to(pair[0].value().box, {361, 165}), wish.room.dots[1]));
  CHECK_FALSE(crosses(line_to(pair[1].value().box, {396, 170}), wish.room.dots[0]));
  // Ten pixels between the dots of a wall all around leave no room for anything.
  wish.labels = {{{400, 165}, {{208, 90}, {70, 27}}}, {{700, 165}, {{208, 90}, {70, 27}}}};
  wish.room.dots.clear();
  for (float x = 200; x < 600; x += 20) {
    for (float y = 0; y < 330; y += 20) wish.room.dots.push_back({x, y, 10, 10});
  }
  CHECK((sizes_of(wish) == Sizes{std::nullopt, 0}));
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
