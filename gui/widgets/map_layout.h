// Where everything of a map goes on the screen: cards beside their regions, ways over the globe.
#pragma once

#include <imgui.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gui/model/geo.h"
#include "gui/model/labels.h"
#include "gui/widgets/map_canvas.h"
#include "gui/widgets/map_ground.h"

namespace longhaul {

constexpr std::size_t card_rows_max = 9;

// How much of its items a card tells; less where there is no room beside its neighbours.
enum class CardDetail : std::uint8_t { full, names, signs, title };

std::string card_title(const MapPlace& place, CardDetail detail);

struct MapCard {
  std::size_t place = 0;  // in the content
  CardDetail detail = CardDetail::full;
  LabelBox box;
  ImVec2 marker;
  std::vector<LabelBox> items;  // the first of the place's, as many as are shown
};

// What a way says, beside it.
struct MapTag {
  std::size_t way = 0;  // in the content
  std::string text;
  LabelBox box;
  ImVec2 at;          // on the way
  bool away = false;  // from there: a line must lead to it
};

// On the screen, in pieces where the map's edge cuts it; none when a region is not known.
struct MapCurve {
  std::vector<std::vector<ImVec2>> pieces;
  const std::vector<ImVec2>& longest() const;
};

struct MapLayout {
  std::vector<MapCard> cards;
  std::vector<MapCurve> ways;  // as in the content
  std::vector<MapTag> tags;
  // What there was no room for, and places outside the view.
  std::vector<std::size_t> hidden_places;
  std::vector<std::size_t> hidden_ways;
};

// Cards stand still while the figures on them change: `memory` is of the frames before.
MapLayout lay_out_map(const MapContent& content, const MapView& view, MapMemory& memory,
                      double now_s);

// Where something of that size stands in a corner of the area and on no card; absent without one.
std::optional<ImVec2> free_corner(const MapLayout& layout, Area area, ImVec2 size);

// The view that has all places with something in them, with room for their cards.
MapView fitting_view(const MapContent& content, Area area);

// Moved so that no more than a little beyond the world's edge is seen.
MapView within_world(MapView view);

ImVec2 pixel_of(const MapPlace& place, const MapView& view);
float row_height();                     // of a card
constexpr float map_zoom_least = 0.8f;  // of the world's width in the area
constexpr float map_zoom_most = 60;
constexpr float world_width = 2 * plane_half_width;

float length_of(const std::vector<ImVec2>& line);
ImVec2 along(const std::vector<ImVec2>& line, float share);  // of its length
float distance_to(const std::vector<ImVec2>& line, ImVec2 point);

ImVec2 text_size(Face with, std::string_view text);

}  // namespace longhaul
