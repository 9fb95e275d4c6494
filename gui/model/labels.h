// Room for labels on the map: beside what they belong to, and not on one another.
#pragma once

#include <cstddef>
#include <optional>
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

// The line from a label to its anchor.
struct LabelLine {
  PlanePoint anchor;
  PlanePoint end;  // on the label's edge
};
LabelLine line_to(const LabelBox& box, PlanePoint anchor);
float length_of(const LabelLine& line);
bool crosses(const LabelLine& line, const LabelBox& box);

struct LabelRoom {
  std::vector<LabelBox> dots;
  std::vector<LabelBox> obstacles;
  LabelBox bounds;
  float gap = 0;      // between labels
  float reach = 1e9;  // of the longest line to an anchor

  bool operator==(const LabelRoom&) const = default;
};

struct LabelPlaces {
  std::vector<LabelBox> boxes;  // by wish
  std::vector<bool> misplaced;  // by wish: for want of room
  bool free = true;             // none is
};

// A place for each label: inside of the bounds and within reach of its anchor, on no other label,
// no dot and no other's line; if it can be, near the anchor and on no obstacle. The first ones
// choose first, and each once more when all stand; the same wishes get the same places.
LabelPlaces place_labels(const std::vector<LabelWish>& wishes, const LabelRoom& room);

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

struct ShrunkLabel {
  LabelBox box;
  std::size_t size = 0;  // which of its sizes it has

  bool operator==(const ShrunkLabel&) const = default;
};

struct ShrinkingWish {
  std::vector<ShrinkingLabel> labels;
  LabelRoom room;
  float most = 1e9;  // area that they may take together

  bool operator==(const ShrinkingWish&) const = default;
};

// By label; absent without a place. Shrinks one after another until each has a place of its own:
// the largest of all as long as together they take too much, then of those that are misplaced, then
// of those that stand around such a one; what helps no more goes. None stays taller than three
// quarters of the bounds that can be less.
using ShrunkLabels = std::vector<std::optional<ShrunkLabel>>;
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
