// The signs of the map: what a thing is, by shape as well as by colour.
#pragma once

#include <imgui.h>

#include <string_view>
#include <vector>

#include "gui/widgets/map_canvas.h"

namespace longhaul {

// Around `centre`, `size` high. `struck`: lost.
void draw_symbol(ImDrawList* list, ImVec2 centre, float size, MapSymbol symbol, Tint tint,
                 bool struck);

// Over the upper right corner of something.
void draw_small_warning(ImDrawList* list, ImVec2 corner, Tint tint);

// Before the end of a way, in its direction.
void draw_arrow(ImDrawList* list, const std::vector<ImVec2>& way, ImU32 ink);

std::string_view symbol_name(MapSymbol symbol);

// Text behind which the map cannot be seen; `from` is its upper left corner.
void draw_pill(ImDrawList* list, ImVec2 from, std::string_view text, Tint ink, Tint border);
ImVec2 pill_size(std::string_view text);

}  // namespace longhaul
