#include "gui/widgets/map_layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "gui/widgets/map_symbols.h"

namespace longhaul {
namespace {

GeoPoint geo_of(const MapPlace& place) {
  return {static_cast<double>(place.lon_udeg) / 1e6, static_cast<double>(place.lat_udeg) / 1e6};
}

float distance(ImVec2 a, ImVec2 b) { return std::hypot(a.x - b.x, a.y - b.y); }

const MapPlace* find(const MapContent& content, const std::string& region) {
  for (const MapPlace& place : content.places) {
    if (place.region == region) return &place;
  }
  return nullptr;
}

void bend(std::vector<ImVec2>& line, float side) {
  const std::vector<ImVec2> straight = line;
  const float last = static_cast<float>(line.size() - 1);
  for (std::size_t i = 1; i + 1 < line.size(); ++i) {
    const ImVec2 d{straight[i + 1].x - straight[i - 1].x, straight[i + 1].y - straight[i - 1].y};
    const float length = std::max(1e-3f, std::hypot(d.x, d.y));
    const float share = static_cast<float>(i) / last;
    const float by = side * std::min(1.0f, 6 * std::min(share, 1 - share));
    line[i] = {straight[i].x - d.y / length * by, straight[i].y + d.x / length * by};
  }
}

void make_ways(MapLayout& layout, const MapContent& content, const MapView& view) {
  for (std::size_t i = 0; i < content.ways.size(); ++i) {
    const MapWay& way = content.ways[i];
    MapCurve& made = layout.ways.emplace_back();
    const MapPlace* from = find(content, way.from);
    const MapPlace* to = find(content, way.to);
    if (from == nullptr || to == nullptr || from == to) continue;
    // Ways of one pair lie side by side.
    int before = 0;
    for (std::size_t j = 0; j < i; ++j) {
      const MapWay& other = content.ways[j];
      before += (other.from == way.from && other.to == way.to) ||
                        (other.from == way.to && other.to == way.from)
                    ? 1
                    : 0;
    }
    const float side = before == 0 ? 0
                                   : px(7) * static_cast<float>((before + 1) / 2) *
                                         (before % 2 == 1 ? 1.0f : -1.0f);
    const bool turned = way.from > way.to;
    for (const auto& piece : great_circle(geo_of(*from), geo_of(*to))) {
      std::vector<ImVec2> line;
      for (const GeoPoint& p : piece) line.push_back(view.at(project(p)));
      if (line.size() < 2) continue;
      if (side != 0) bend(line, turned ? -side : side);
      made.pieces.push_back(std::move(line));
    }
  }
}

float title_width(const MapPlace& place, CardDetail detail) {
  return text_size(Face::small, card_title(place, detail)).x + (place.dark ? px(22) : 0);
}

std::size_t rows_of(const MapPlace& place) { return std::min(place.items.size(), card_rows_max); }

// Of items that a card of signs has no room for.
std::string more_text(const MapPlace& place) {
  return place.items.size() > card_rows_max
             ? " +" + std::to_string(place.items.size() - card_rows_max)
             : "";
}

LabelSize card_size(const MapPlace& place, CardDetail detail) {
  const std::size_t rows = rows_of(place);
  float width = title_width(place, detail);
  if (detail == CardDetail::title) return {width + px(20), row_height() + px(8)};
  if (detail == CardDetail::signs) {
    const float signs = (row_height() + px(2)) * static_cast<float>(rows);
    return {width + signs + text_size(Face::small, more_text(place)).x + px(22),
            row_height() + px(8)};
  }
  for (std::size_t i = 0; i < rows; ++i) {
    const MapItem& item = place.items[i];
    const bool notes = detail == CardDetail::full && !item.note.empty();
    // A sign of trouble has room, whether or not there is any: the size does not change with it.
    const float note = notes ? px(12) + text_size(Face::small, item.note).x : px(20);
    width = std::max(width, px(24) + text_size(Face::small, item.text).x + note);
  }
  const bool more = place.items.size() > card_rows_max;
  const float height = row_height() * static_cast<float>(1 + rows + (more ? 1 : 0));
  // In steps: cards stay where they are while the figures on them change.
  const float step = px(16);
  return {std::ceil((width + px(18)) / step) * step, height + px(10)};
}

constexpr float cards_most = 0.4f;  // of the world's area on the screen
constexpr CardDetail details[] = {CardDetail::full, CardDetail::names, CardDetail::signs,
                                  CardDetail::title};

float world_area(const MapView& view) {
  const auto seen = [](float from, float to, float least, float most) {
    return std::max(0.0f, std::min(to, most) - std::max(from, least));
  };
  const ImVec2 from = view.at({-plane_half_width, plane_half_height});
  const ImVec2 to = view.at({plane_half_width, -plane_half_height});
  return seen(from.x, to.x, view.area.from.x, view.area.to.x) *
         seen(from.y, to.y, view.area.from.y, view.area.to.y);
}

// Whether there is no room even for the names of what is there.
bool is_cramped(const MapContent& content, Area area) {
  float taken = 0;
  float tallest = 0;
  for (const MapPlace& place : content.places) {
    if (place.faint) continue;
    const LabelSize size = card_size(place, CardDetail::names);
    taken += size.width * size.height;
    tallest = std::max(tallest, size.height);
  }
  return taken > area.width() * area.height() * cards_most || tallest > area.height() * 0.75f;
}

LabelLine line_of(const MapTag& tag) { return line_to(tag.box, {tag.at.x, tag.at.y}); }

// On the way, near its middle; else beside it.
std::optional<MapTag> place_tag(MapTag tag, const std::vector<ImVec2>& line, Area area,
                                const std::vector<LabelBox>& taken) {
  constexpr float shares[] = {0.5f, 0.42f, 0.58f, 0.34f, 0.66f, 0.26f, 0.74f, 0.18f, 0.82f};
  const ImVec2 size = pill_size(tag.text);
  const Area within = area.inset(px(4));
  for (const float off : {0.0f, 1.0f, -1.0f, 2.0f, -2.0f, 3.5f, -3.5f}) {
    for (const float share : shares) {
      tag.at = along(line, share);
      const ImVec2 behind = along(line, share - 0.02f);
      const ImVec2 before = along(line, share + 0.02f);
      const ImVec2 d{before.x - behind.x, before.y - behind.y};
      const float length = std::max(1e-3f, std::hypot(d.x, d.y));
      const float by = off * (size.y + px(4));
      const ImVec2 middle{tag.at.x - d.y / length * by, tag.at.y + d.x / length * by};
      tag.box = {middle.x - size.x / 2, middle.y - size.y / 2, size.x, size.y};
      tag.away = off != 0;
      const bool inside = within.has({tag.box.x, tag.box.y}) &&
                          within.has({tag.box.x + size.x, tag.box.y + size.y});
      const auto is_free = [&](const LabelBox& other) {
        return overlap(tag.box, other) == 0 && !(tag.away && crosses(line_of(tag), other));
      };
      if (inside && area.has(tag.at) && std::all_of(taken.begin(), taken.end(), is_free)) {
        return tag;
      }
    }
  }
  return std::nullopt;
}

bool is_seen(const std::vector<ImVec2>& line, Area area) {
  return std::any_of(line.begin(), line.end(), [&](ImVec2 p) { return area.has(p); });
}

void place_tags(MapLayout& layout, const MapContent& content, Area area,
                const std::vector<LabelBox>& dots) {
  std::vector<LabelBox> taken = dots;
  for (const MapCard& card : layout.cards) taken.push_back(card.box);
  for (std::size_t i = 0; i < layout.ways.size(); ++i) {
    const MapWay& way = content.ways[i];
    if (layout.ways[i].pieces.empty() || (way.text.empty() && !way.cut)) continue;
    const std::vector<ImVec2>& line = layout.ways[i].longest();
    if (!is_seen(line, area)) continue;
    const std::string text = way.cut ? std::string(icon::close) + " " + way.text : way.text;
    if (const auto tag = place_tag({i, text, {}, {}, false}, line, area, taken)) {
      taken.push_back(tag->box);
      layout.tags.push_back(*tag);
    } else {
      layout.hidden_ways.push_back(i);
    }
  }
}

std::vector<LabelBox> item_boxes(const MapPlace& place, const LabelBox& card, CardDetail detail) {
  std::vector<LabelBox> boxes;
  if (detail == CardDetail::title) return boxes;
  const float row = row_height();
  for (std::size_t i = 0; i < rows_of(place); ++i) {
    const float n = static_cast<float>(i);
    if (detail == CardDetail::signs) {
      boxes.push_back(
          {card.x + px(15) + title_width(place, detail) + (row + px(2)) * n, card.y + px(4),
                       row, row});
    } else {
      boxes.push_back({card.x + px(5), card.y + px(5) + row * (n + 1), card.width - px(10), row});
    }
  }
  return boxes;
}

}  // namespace

std::string card_title(const MapPlace& place, CardDetail detail) {
  const bool whole = detail == CardDetail::full || detail == CardDetail::names;
  return whole && !place.code.empty() ? place.title + "  " + place.code : place.title;
}

const std::vector<ImVec2>& MapCurve::longest() const {
  return *std::max_element(pieces.begin(), pieces.end(), [](const auto& a, const auto& b) {
    return length_of(a) < length_of(b);
  });
}

ImVec2 pixel_of(const MapPlace& place, const MapView& view) {
  return view.at(project(geo_of(place)));
}

float row_height() { return face(Face::small)->FontSize + px(6); }

float distance_to(const std::vector<ImVec2>& line, ImVec2 p) {
  float least = 1e9f;
  for (std::size_t i = 1; i < line.size(); ++i) {
    const ImVec2 a = line[i - 1];
    const ImVec2 ab{line[i].x - a.x, line[i].y - a.y};
    const float squared = std::max(1e-6f, ab.x * ab.x + ab.y * ab.y);
    const float t = std::clamp(((p.x - a.x) * ab.x + (p.y - a.y) * ab.y) / squared, 0.0f, 1.0f);
    least = std::min(least, distance(p, {a.x + ab.x * t, a.y + ab.y * t}));
  }
  return least;
}

float length_of(const std::vector<ImVec2>& line) {
  float length = 0;
  for (std::size_t i = 1; i < line.size(); ++i) length += distance(line[i - 1], line[i]);
  return length;
}

ImVec2 along(const std::vector<ImVec2>& line, float share) {
  float left = length_of(line) * share;
  for (std::size_t i = 1; i < line.size(); ++i) {
    const float part = distance(line[i - 1], line[i]);
    if (left <= part && part > 0) {
      const float t = left / part;
      return {line[i - 1].x + (line[i].x - line[i - 1].x) * t,
              line[i - 1].y + (line[i].y - line[i - 1].y) * t};
    }
    left -= part;
  }
  return line.back();
}

ImVec2 text_size(Face with, std::string_view text) {
  ImFont* font = face(with);
  return font->CalcTextSizeA(font->FontSize, 1e6f, 0, text.data(), text.data() + text.size());
}

MapLayout lay_out_map(const MapContent& content, const MapView& view, MapMemory& memory,
                      double now_s) {
  MapLayout layout;
  make_ways(layout, content, view);
  std::vector<LabelBox> dots;
  for (std::size_t i = 0; i < content.places.size(); ++i) {
    if (content.places[i].faint) continue;
    const ImVec2 at = pixel_of(content.places[i], view);
    if (!view.area.has(at)) {  // its card goes with it
      layout.hidden_places.push_back(i);
      continue;
    }
    dots.push_back({at.x - px(9), at.y - px(9), px(18), px(18)});
    layout.cards.push_back({i, CardDetail::full, {}, at, {}});
  }
  // Ways are what cards should not lie on if it can be helped.
  std::vector<LabelBox> obstacles;
  for (const MapCurve& way : layout.ways) {
    for (const auto& piece : way.pieces) {
      for (float share = 0.15f; share < 0.9f; share += 0.1f) {
        const ImVec2 p = along(piece, share);
        obstacles.push_back({p.x - px(8), p.y - px(8), px(16), px(16)});
      }
    }
  }
  const LabelBox bounds{view.area.from.x + px(8), view.area.from.y + px(8),
                        view.area.width() - px(16), view.area.height() - px(16)};
  const float reach = std::min(px(80), 0.25f * std::min(bounds.width, bounds.height));
  ShrinkingWish wish{{}, {dots, obstacles, bounds, px(16), reach}, cards_most * world_area(view)};
  for (const MapCard& card : layout.cards) {
    const MapPlace& place = content.places[card.place];
    ShrinkingLabel& label = wish.labels.emplace_back();
    label.anchor = {card.marker.x, card.marker.y};
    for (const CardDetail detail : details) label.sizes.push_back(card_size(place, detail));
    float& width = label.sizes.front().width;
    width = memory.widths[place.region].of(width, now_s);
  }
  if (memory.wish != wish) {
    memory.placed = place_shrinking(wish);
    memory.wish = std::move(wish);
  }
  std::vector<MapCard> placed;
  for (std::size_t i = 0; i < layout.cards.size(); ++i) {
    MapCard& card = layout.cards[i];
    if (const auto& label = memory.placed[i]) {
      card.box = label->box;
      card.detail = details[label->size];
      placed.push_back(std::move(card));
    } else {
      layout.hidden_places.push_back(card.place);
    }
  }
  layout.cards = std::move(placed);
  for (MapCard& card : layout.cards) {
    card.items = item_boxes(content.places[card.place], card.box, card.detail);
  }
  place_tags(layout, content, view.area, dots);
  return layout;
}

std::optional<ImVec2> free_corner(const MapLayout& layout, Area area, ImVec2 size) {
  const Area within = area.inset(px(8));
  const float right = within.to.x - size.x;
  const float low = within.to.y - size.y;
  const std::array<ImVec2, 4> corners{
      {{within.from.x, low}, {right, low}, {within.from.x, within.from.y}, {right, within.from.y}}};
  const auto is_free = [&](ImVec2 at) {
    const LabelBox box{at.x, at.y, size.x, size.y};
    const auto apart = [&](const auto& other) { return overlap(box, other.box) == 0; };
    return std::all_of(layout.cards.begin(), layout.cards.end(), apart) &&
           std::all_of(layout.tags.begin(), layout.tags.end(), apart);
  };
  const auto found = std::find_if(corners.begin(), corners.end(), is_free);
  return found != corners.end() ? std::optional(*found) : std::nullopt;
}

MapView within_world(MapView view) {
  const auto kept = [](float at, float half_seen, float half_world) {
    const float room = std::max(0.0f, half_world - half_seen);
    return std::clamp(at, -room, room);
  };
  const float x = view.area.width() / view.scale / 2;
  const float y = view.area.height() / view.scale / 2;
  view.centre = {kept(view.centre.x, x, plane_half_width + 0.1f),
                 kept(view.centre.y, y, plane_half_height + 0.1f)};
  return view;
}

MapView fitting_view(const MapContent& content, Area area) {
  const float whole = area.width() / world_width;
  PlanePoint least{1e9f, 1e9f};
  PlanePoint most{-1e9f, -1e9f};
  const auto take = [&](PlanePoint p) {
    least = {std::min(least.x, p.x), std::min(least.y, p.y)};
    most = {std::max(most.x, p.x), std::max(most.y, p.y)};
  };
  for (const MapPlace& place : content.places) {
    if (!place.faint) take(project(geo_of(place)));
  }
  for (const MapWay& way : content.ways) {
    const MapPlace* from = find(content, way.from);
    const MapPlace* to = find(content, way.to);
    if (from == nullptr || to == nullptr) continue;
    for (const auto& piece : great_circle(geo_of(*from), geo_of(*to), 5)) {
      for (const GeoPoint& p : piece) take(project(p));
    }
  }
  if (least.x > most.x) {
    least = {-plane_half_width, -plane_half_height * 0.75f};
    most = {plane_half_width, plane_half_height};
  }
  const float across = std::max(0.25f, most.x - least.x);
  const float up = std::max(0.2f, most.y - least.y);
  const bool signs = is_cramped(content, area);
  const float room_x = std::max(area.width() * 0.6f, area.width() - px(signs ? 120 : 170));
  const float room_y = std::max(area.height() * 0.5f, area.height() - px(signs ? 80 : 190));
  const float scale =
      std::clamp(std::min(room_x / across, room_y / up), whole * map_zoom_least, whole * 8);
  return within_world({area, {(least.x + most.x) / 2, (least.y + most.y) / 2}, scale});
}

}  // namespace longhaul
