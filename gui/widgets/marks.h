// Names for what is on the screen, so that scripts and tests find it whatever its pixels are.
//
// mark("run.play") behind an item notes its rectangle for this frame; a name that is marked in no
// frame is not there. Names go from the general to the particular and contain what a user would
// say: "map.region.aws:eu-west-1", "inspector.follows", "designs.B". A space in one is written as
// "_", as in "drill.action.promote_db-eu".
#pragma once

#include <imgui.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace longhaul {

struct MarkRect {
  ImVec2 from;
  ImVec2 to;
};

void mark(std::string_view name);  // the last item of ImGui, as far as it is visible
void mark_area(std::string_view name, ImVec2 from, ImVec2 to);
// A figure or word that is shown, for tests to read.
void mark_text(std::string_view name, std::string_view text);

// As of the last finished frame.
std::optional<MarkRect> marked(std::string_view name);
std::optional<std::string> marked_text(std::string_view name);
const std::map<std::string, MarkRect, std::less<>>& all_marks();

void begin_marks();  // a frame

}  // namespace longhaul
