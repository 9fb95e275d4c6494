// Room for labels on the map: beside what they belong to, and not on one another.
#pragma once

#include <cstddef>
#include <vector>

#include "gui/model/geo.h"

namespace longhaul {

// A rectangle of the screen, for labels.
struct LabelBox {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;

  bool operator==(const LabelBox&) const = default;
};

struct LabelWish {
  PlanePoint anchor;  // what it belongs to
  float width = 0;
  float height = 0;
};

float overlap(const LabelBox& a, const LabelBox& b);  // area

struct LabelPlaces {
  std::vector<LabelBox> boxes;  // by wish
  std::vector<bool> collides;   // by wish: lies on another label or on a dot
  bool free = true;             // no label lies on another or on a dot
};

// A place for each label: near its anchor, inside of `bounds`, on no other label, on no dot and, if
// it can be, on no obstacle and no line from another label to its anchor. The first ones choose
// first, and each once more when all stand; the same wishes get the same places. Labels lie on one
// another or on a dot only if there is no room for them.
LabelPlaces place_labels(const std::vector<LabelWish>& wishes, const std::vector<LabelBox>& dots,
                         const std::vector<LabelBox>& obstacles, const LabelBox& bounds, float gap);

struct LabelSize {
  float width = 0;
  float height = 0;

  bool operator==(const LabelSize&) const = default;
};

// A label that can say less in less room: from its largest size to its smallest, at least one.
struct ShrinkingLabel {
  PlanePoint anchor;
  std::vector<LabelSize> sizes;

  bool operator==(const ShrinkingLabel&) const = default;
};

struct ShrunkLabels {
  LabelPlaces places;
  std::vector<std::size_t> sizes;  // by label: which of its sizes it has
};

struct ShrinkingWish {
  std::vector<ShrinkingLabel> labels;
  std::vector<LabelBox> dots;
  std::vector<LabelBox> obstacles;
  LabelBox bounds;
  float gap = 0;
  float share = 1;

  bool operator==(const ShrinkingWish&) const = default;
};
// Shrinks one label after another until each has a place of its own: the largest of those that
// collide, or of all, as long as together they take more than `share` of the bounds. None
// stays taller than three quarters of them that can be less.
ShrunkLabels place_shrinking(const ShrinkingWish& wish);

// The width of a label whose figures change: it grows at once and shrinks only when the room has
// not been needed for four seconds, so that its neighbours stand still.
class SteadyWidth {
 public:
  float of(float width, double now_s);

 private:
  float width_ = 0;
  double needed_at_ = 0;
};

}  // namespace longhaul
