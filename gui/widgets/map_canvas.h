// The world: land, regions with what runs there, ways between them.
//
// What is on it is told in plain values; what it looks like is decided here. Links are great
// circles, cut at the map's edge; labels make way for one another. The wheel zooms to the mouse,
// dragging moves, a double click on the sea shows everything.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gui/model/labels.h"
#include "gui/widgets/area.h"
#include "gui/widgets/theme.h"

namespace longhaul {

enum class MapSymbol : std::uint8_t {
  primary,
  replica,
  cascade,
  standby_leader,  // of a standby cluster
  standby,         // likewise, behind its leader
  app,
  users,
  witness,
  cache,
};

// One thing in a region: a line of text beside a symbol.
struct MapItem {
  std::string path;  // of the scenario: "topology.nodes.db-eu"; what a click selects
  MapSymbol symbol = MapSymbol::replica;
  std::string text;        // "db-eu"
  std::string note;        // "lag 36ms"; fainter
  Tint tint = Tint::text;  // bad: it is down
  bool struck = false;     // lost
  std::string hint;        // shown on hover
};

struct MapPlace {
  std::string region;  // "aws:eu-west-1"; its mark is "map.region." and this
  std::string title;   // "Ireland"
  std::string code;    // "eu-west-1", beside it where there is room; may be empty
  std::int64_t lon_udeg = 0;
  std::int64_t lat_udeg = 0;
  std::vector<MapItem> items;
  bool faint = false;  // of the catalogue, nothing runs there
  bool dark = false;   // lost or isolated
  std::string hint;    // shown on hover
};

struct MapWay {
  std::string path;  // "topology.links[0]", or empty
  std::string from;  // region
  std::string to;
  std::string text;          // "69.6ms"
  bool replication = false;  // thick
  bool estimate = false;     // dashed
  bool cut = false;
  float flow = 0;   // share of one: how full of WAL it is; draws moving dots
  float phase = 0;  // of the dots, 0 to 1
  std::size_t series = 0;
  std::string hint;  // shown on hover: where the figure comes from
};

struct MapContent {
  std::vector<MapPlace> places;
  std::vector<MapWay> ways;
};

// Where the cards were, so that they stay there.
struct MapMemory {
  std::map<std::string, SteadyWidth> widths;  // by region
  ShrinkingWish wish;                         // of the last frame, and what it got
  ShrunkLabels placed;
};

// What of the world is seen; kept by the view.
struct MapState {
  float x = 0;  // the middle, in units of the projection
  float y = 0;
  float zoom = 0;        // of the world's width in the area; 0: fit to the places
  std::string dragging;  // the path of an item, or empty
  std::string pressed;   // what the mouse went down on: an item, or empty
  bool moves = false;    // the sea is being dragged
  MapMemory memory;
};

// What ImGui's drag and drop calls a region's name, with its closing zero.
constexpr const char* region_payload = "region";

// What the user did this frame.
struct MapAnswer {
  std::string clicked_path;  // of an item or a way
  std::string clicked_region;
  std::string hovered_region;
  std::string dropped_path;    // an item that was dragged ...
  std::string dropped_region;  // ... to this region, or a way to be made between two items' regions
  std::string brought_region;  // dropped from elsewhere: a payload of region_payload
  std::string right_clicked_region;
  std::string right_clicked_path;  // of an item or a way
};

MapAnswer draw_map(const char* id, Area area, const MapContent& content, MapState& state,
                   const std::string& selected_path);

}  // namespace longhaul
