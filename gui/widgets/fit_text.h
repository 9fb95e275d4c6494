// Texts in places of a given width.
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>

namespace longhaul {

// As much as fits in the current font, with "..." behind what is cut; empty when not even that
// fits.
std::string fit_text(std::string_view text, float width);

// On a draw list, in a face's font, cut to the width. Returns the width it took.
float draw_fitted(ImDrawList* list, ImFont* font, ImVec2 at, ImU32 colour, std::string_view text,
                  float width);

}  // namespace longhaul
