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

float length_of(const LabelLine& line) {
  return std::hypot(line.end.x - line.anchor.x, line.end.y - line.anchor.y);
}

LabelLine line_to(const LabelBox& box, PlanePoint p) {
  return {p,
          {std::clamp(p.x, box.x, box.x + box.width), std::clamp(p.y, box.y, box.y + box.height)}};
}

// Liang and Barsky's test.
bool crosses(const LabelLine& line, const LabelBox& box) {
  const PlanePoint a = line.anchor;
  const PlanePoint b = line.end;
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

namespace {

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

// Lines from labels to their anchors that lead through a label: its own through others, and the
// others' through it.
int lines_through(const std::vector<LabelWish>& wishes, const LabelBox& box,
                  const std::vector<LabelBox>& placed, std::size_t own) {
  const LabelLine line = line_to(box, wishes[own].anchor);
  int count = 0;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (i == own) continue;
    count += crosses(line, placed[i]) ? 1 : 0;
    count += crosses(line_to(placed[i], wishes[i].anchor), box) ? 1 : 0;
  }
  return count;
}

bool holds(const LabelBox& box, PlanePoint p) {
  return p.x >= box.x && p.x <= box.x + box.width && p.y >= box.y && p.y <= box.y + box.height;
}

int dots_through(const LabelLine& line, const std::vector<LabelBox>& dots) {
  return static_cast<int>(std::count_if(dots.begin(), dots.end(), [&](const LabelBox& dot) {
    return !holds(dot, line.anchor) && crosses(line, dot);
  }));
}

bool is_misplaced(const std::vector<LabelWish>& wishes, const LabelBox& box,
                  const std::vector<LabelBox>& placed, std::size_t own, const LabelRoom& room) {
  return taken_by(box, placed, own, room) > 0 || lines_through(wishes, box, placed, own) > 0 ||
         length_of(line_to(box, wishes[own].anchor)) > room.reach;
}

// Where a label may stand.
LabelBox around(const LabelWish& wish, const LabelRoom& room) {
  const float x = std::min(room.reach, room.bounds.width) + wish.width;
  const float y = std::min(room.reach, room.bounds.height) + wish.height;
  const LabelBox& all = room.bounds;
  const float left = std::max(all.x, wish.anchor.x - x);
  const float top = std::max(all.y, wish.anchor.y - y);
  return {left, top, std::min(all.x + all.width, wish.anchor.x + x) - left,
          std::min(all.y + all.height, wish.anchor.y + y) - top};
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
    // In order of weight: reach, that it is misplaced and how much, dots on the line, obstacles,
    // how far away it is.
    const float ring = 0.02f * wish.width * wish.height;
    float cost = far * ring;
    if (least >= 0 && cost >= least) return;
    const LabelLine line = line_to(box, wish.anchor);
    const float taken = taken_by(box, placed, own, room);
    if (length_of(line) > room.reach) cost += 1e12f;
    if (taken > 0 || lines_through(wishes, box, placed, own) > 0) cost += 1e9f + 1000 * taken;
    cost += 1000 * ring * static_cast<float>(dots_through(line, room.dots));
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
  if (!is_misplaced(wishes, best, placed, own, room)) return best;
  const LabelBox all = around(wish, room);
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

LabelPlaces place_labels(const std::vector<LabelWish>& wishes, const LabelRoom& room) {
  LabelPlaces places;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    places.boxes.push_back(best_place(wishes, places.boxes, i, room));
  }
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    places.boxes[i] = best_place(wishes, places.boxes, i, room);
  }
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    places.misplaced.push_back(is_misplaced(wishes, places.boxes[i], places.boxes, i, room));
    places.free = places.free && !places.misplaced.back();
  }
  return places;
}

namespace {

float area_of(LabelSize size) { return size.width * size.height; }

class Shrinking {
 public:
  explicit Shrinking(const ShrinkingWish& wish)
      : wish_(wish), sizes_(wish.labels.size(), 0), gone_(wish.labels.size(), false) {}

  ShrunkLabels run() {
    const auto any = [](std::size_t) { return true; };
    const auto too_tall = [&](std::size_t i) {
      return size_of(i).height > wish_.room.bounds.height * 0.75f;
    };
    while (shrink_largest(too_tall)) continue;
    while (taken() > wish_.most && shrink_largest(any)) continue;
    for (;;) {
      place();
      if (places_.free) return made();
      const auto misplaced = [&](std::size_t i) { return is_misplaced(i); };
      if (!shrink_largest(misplaced) && !make_room()) gone_[last_misplaced()] = true;
    }
  }

 private:
  LabelSize size_of(std::size_t i) const { return wish_.labels[i].sizes[sizes_[i]]; }

  LabelWish wish_of(std::size_t i) const {
    return {wish_.labels[i].anchor, size_of(i).width, size_of(i).height};
  }

  float taken() const {
    float area = 0;
    for (std::size_t i = 0; i < sizes_.size(); ++i) area += area_of(size_of(i));
    return area;
  }

  // Of those that may be said in fewer words; false if there is none.
  template <class Chosen>
  bool shrink_largest(Chosen chosen) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < sizes_.size(); ++i) {
      const bool can = !gone_[i] && sizes_[i] + 1 < wish_.labels[i].sizes.size();
      if (!can || !chosen(i)) continue;
      if (!found || area_of(size_of(i)) > area_of(size_of(*found))) found = i;
    }
    if (found) sizes_[*found] += 1;
    return found.has_value();
  }

  void place() {
    std::vector<LabelWish> wishes;
    shown_.clear();
    for (std::size_t i = 0; i < sizes_.size(); ++i) {
      if (gone_[i]) continue;
      shown_.push_back(i);
      wishes.push_back(wish_of(i));
    }
    places_ = place_labels(wishes, wish_.room);
  }

  std::size_t position(std::size_t label) const {
    return static_cast<std::size_t>(std::find(shown_.begin(), shown_.end(), label) -
                                    shown_.begin());
  }
  bool is_misplaced(std::size_t label) const { return places_.misplaced[position(label)]; }

  // Shrinks a label that stands where a misplaced one could.
  bool make_room() {
    return shrink_largest([&](std::size_t i) {
      const LabelBox& box = places_.boxes[position(i)];
      return std::any_of(shown_.begin(), shown_.end(), [&](std::size_t other) {
        return is_misplaced(other) && overlap(box, around(wish_of(other), wish_.room)) > 0;
      });
    });
  }

  std::size_t last_misplaced() const {
    return *std::find_if(shown_.rbegin(), shown_.rend(),
                         [&](std::size_t i) { return is_misplaced(i); });
  }

  ShrunkLabels made() const {
    ShrunkLabels labels(sizes_.size());
    for (std::size_t i = 0; i < shown_.size(); ++i) {
      labels[shown_[i]] = ShrunkLabel{places_.boxes[i], sizes_[shown_[i]]};
    }
    return labels;
  }

  const ShrinkingWish& wish_;
  std::vector<std::size_t> sizes_;  // by label
  std::vector<bool> gone_;
  std::vector<std::size_t> shown_;  // the labels that `places_` is of
  LabelPlaces places_;
};

}  // namespace

ShrunkLabels place_shrinking(const ShrinkingWish& wish) { return Shrinking(wish).run(); }

float SteadyWidth::of(float width, double now_s) {
  constexpr double kept_s = 4;
  if (width >= width_ || now_s - needed_at_ > kept_s || now_s < needed_at_) {
    width_ = width;
    needed_at_ = now_s;
  }
  return width_;
}

}  // namespace longhaul
