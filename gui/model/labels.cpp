#include "gui/model/labels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace longhaul {

float overlap(const LabelBox& a, const LabelBox& b) {
  const float x = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const float y = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  return x > 0 && y > 0 ? x * y : 0;
}

namespace {

struct LabelRoom {
  const std::vector<LabelBox>& dots;
  const std::vector<LabelBox>& obstacles;
  const LabelBox& bounds;
  float gap;
};

LabelBox inside(LabelBox box, const LabelBox& bounds) {
  box.x = std::clamp(box.x, bounds.x, std::max(bounds.x, bounds.x + bounds.width - box.width));
  box.y = std::clamp(box.y, bounds.y, std::max(bounds.y, bounds.y + bounds.height - box.height));
  return box;
}

// Of what it must not lie on, the area.
float taken_by(const LabelBox& box, const std::vector<LabelBox>& placed, std::size_t own,
               const LabelRoom& room) {
  const float gap = room.gap;
  const LabelBox wide{box.x - gap / 2, box.y - gap / 2, box.width + gap, box.height + gap};
  float taken = 0;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (i != own) taken += overlap(wide, placed[i]);
  }
  for (const LabelBox& dot : room.dots) taken += overlap(box, dot);
  return taken;
}

PlanePoint nearest_in(const LabelBox& box, PlanePoint p) {
  return {std::clamp(p.x, box.x, box.x + box.width), std::clamp(p.y, box.y, box.y + box.height)};
}

// Liang and Barsky's test of a line that ends at a and b.
bool crosses(PlanePoint a, PlanePoint b, const LabelBox& box) {
  float from = 0;
  float to = 1;
  const auto cut = [&](float step, float room) {
    if (step == 0) return room >= 0;
    const float at = room / step;
    if (step < 0) {
      from = std::max(from, at);
    } else {
      to = std::min(to, at);
    }
    return from <= to;
  };
  return cut(a.x - b.x, a.x - box.x) && cut(b.x - a.x, box.x + box.width - a.x) &&
         cut(a.y - b.y, a.y - box.y) && cut(b.y - a.y, box.y + box.height - a.y);
}

bool holds(const LabelBox& box, PlanePoint p) {
  return p.x >= box.x && p.x <= box.x + box.width && p.y >= box.y && p.y <= box.y + box.height;
}

// Lines from labels to their anchors that lead through something: its own through others' labels
// and dots, and the others' through it.
int crossings(const std::vector<LabelWish>& wishes, const LabelBox& box,
              const std::vector<LabelBox>& placed, std::size_t own,
              const std::vector<LabelBox>& dots) {
  const PlanePoint anchor = wishes[own].anchor;
  const PlanePoint end = nearest_in(box, anchor);
  int count = 0;
  for (const LabelBox& dot : dots) {
    count += !holds(dot, anchor) && crosses(anchor, end, dot) ? 1 : 0;
  }
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (i == own) continue;
    const PlanePoint other = wishes[i].anchor;
    count += crosses(anchor, end, placed[i]) ? 1 : 0;
    count += crosses(other, nearest_in(placed[i], other), box) ? 1 : 0;
  }
  return count;
}

// The best place of one label beside the others that stand.
LabelBox best_place(const std::vector<LabelWish>& wishes, const std::vector<LabelBox>& placed,
                    std::size_t own, const LabelRoom& room) {
  const LabelWish& wish = wishes[own];
  constexpr std::array<PlanePoint, 8> sides = {
      {{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}}};
  constexpr int rings = 24;
  constexpr int grid = 24;  // places across and down, where none of the rings is free
  LabelBox best{};
  float least = -1;
  const auto consider = [&](const LabelBox& box, float far) {
    // In order of weight: labels and dots, obstacles, lines that are crossed, how far away it is.
    const float ring = 0.02f * wish.width * wish.height;
    float cost = far * ring;
    if (least >= 0 && cost >= least) return;
    cost += 4 * ring * static_cast<float>(crossings(wishes, box, placed, own, room.dots));
    cost += 1000 * taken_by(box, placed, own, room);
    for (const LabelBox& obstacle : room.obstacles) cost += 10 * overlap(box, obstacle);
    if (least >= 0 && cost >= least) return;
    least = cost;
    best = box;
  };
  const auto ring_distance = [&](int ring) {
    return room.gap * static_cast<float>(ring * ring + 3) / 4;
  };
  for (int ring = 1; ring <= rings; ++ring) {
    const float distance = ring_distance(ring);
    for (const PlanePoint& side : sides) {
      const LabelBox box{wish.anchor.x + side.x * (wish.width / 2 + distance) - wish.width / 2,
                         wish.anchor.y + side.y * (wish.height / 2 + distance) - wish.height / 2,
                         wish.width, wish.height};
      consider(inside(box, room.bounds), static_cast<float>(ring));
    }
  }
  if (taken_by(best, placed, own, room) == 0) return best;
  const LabelBox& all = room.bounds;
  for (int i = 0; i < grid * grid; ++i) {
    const float across = static_cast<float>(i % grid) / (grid - 1);
    const float down = static_cast<float>(i / grid) / (grid - 1);
    const LabelBox box =
        inside({all.x + across * (all.width - wish.width),
                all.y + down * (all.height - wish.height), wish.width, wish.height},
               all);
    const float x = box.x + box.width / 2 - wish.anchor.x;
    const float y = box.y + box.height / 2 - wish.anchor.y;
    // As far as a ring is that reaches there.
    consider(box, std::sqrt(4 * std::sqrt(x * x + y * y) / room.gap));
  }
  return best;
}

}  // namespace

LabelPlaces place_labels(const std::vector<LabelWish>& wishes, const std::vector<LabelBox>& dots,
                         const std::vector<LabelBox>& obstacles, const LabelBox& bounds,
                         float gap) {
  const LabelRoom room{dots, obstacles, bounds, gap};
  LabelPlaces places;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    places.boxes.push_back(best_place(wishes, places.boxes, i, room));
  }
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    places.boxes[i] = best_place(wishes, places.boxes, i, room);
  }
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    places.collides.push_back(taken_by(places.boxes[i], places.boxes, i, room) > 0);
    places.free = places.free && !places.collides.back();
  }
  return places;
}

namespace {

float area_of(LabelSize size) { return size.width * size.height; }

// The largest of those that may be said in fewer words; absent if there is none.
template <class Chosen>
std::optional<std::size_t> largest(const std::vector<ShrinkingLabel>& labels,
                                   const std::vector<std::size_t>& sizes, Chosen chosen) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (sizes[i] + 1 >= labels[i].sizes.size() || !chosen(i)) continue;
    const float area = area_of(labels[i].sizes[sizes[i]]);
    if (!found || area > area_of(labels[*found].sizes[sizes[*found]])) found = i;
  }
  return found;
}

}  // namespace

ShrunkLabels place_shrinking(const ShrinkingWish& wish) {
  const std::vector<ShrinkingLabel>& labels = wish.labels;
  ShrunkLabels made;
  made.sizes.assign(labels.size(), 0);
  const auto size_of = [&](std::size_t i) { return labels[i].sizes[made.sizes[i]]; };
  const auto any = [](std::size_t) { return true; };
  const auto too_tall = [&](std::size_t i) {
    return size_of(i).height > wish.bounds.height * 0.75f;
  };
  while (const auto one = largest(labels, made.sizes, too_tall)) made.sizes[*one] += 1;
  const auto crowded = [&] {
    float taken = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) taken += area_of(size_of(i));
    return taken > wish.share * wish.bounds.width * wish.bounds.height;
  };
  while (crowded()) {
    const auto one = largest(labels, made.sizes, any);
    if (!one) break;
    made.sizes[*one] += 1;
  }
  for (;;) {
    std::vector<LabelWish> wishes;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      wishes.push_back({labels[i].anchor, size_of(i).width, size_of(i).height});
    }
    made.places = place_labels(wishes, wish.dots, wish.obstacles, wish.bounds, wish.gap);
    if (made.places.free) return made;
    const auto collides = [&](std::size_t i) -> bool { return made.places.collides[i]; };
    auto one = largest(labels, made.sizes, collides);
    if (!one) one = largest(labels, made.sizes, any);  // it makes room, at least
    if (!one) return made;
    made.sizes[*one] += 1;
  }
}

float SteadyWidth::of(float width, double now_s) {
  constexpr double kept_s = 4;
  if (width >= width_ || now_s - needed_at_ > kept_s || now_s < needed_at_) {
    width_ = width;
    needed_at_ = now_s;
  }
  return width_;
}

}  // namespace longhaul
