// Texts on a draw list in places of a given width.
#pragma once

#include <imgui.h>

#include <string_view>

namespace longhaul {

// In a face's font, with "..." where it is cut to the width; nothing when not even that fits.
// Returns the width it took.
float draw_fitted(ImDrawList* list, ImFont* font, ImVec2 at, ImU32 colour, std::string_view text,
                  float width);

}  // namespace longhaul
