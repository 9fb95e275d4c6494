// Rectangles of the screen, and how views cut theirs into panels.
#pragma once

#include <imgui.h>

#include <string>

namespace longhaul {

struct Area {
  ImVec2 from;
  ImVec2 to;

  float width() const { return to.x - from.x; }
  float height() const { return to.y - from.y; }
  bool has(ImVec2 point) const {
    return point.x >= from.x && point.x < to.x && point.y >= from.y && point.y < to.y;
  }
  // Cuts so much off and returns it; at most all there is.
  Area cut_left(float width);
  Area cut_right(float width);
  Area cut_top(float height);
  Area cut_bottom(float height);
  Area inset(float by) const;
};

// A panel that fills the area, with a title unless that is empty. Between these two, ImGui's cursor
// flows inside of it, and it scrolls when it is too small.
bool begin_panel(const char* id, Area area, const char* title = "", bool scrolls = true);
void end_panel();

// The keyboard goes to the next panel in the order in which they are drawn, the one before, or one
// by its name; arrows then go through what is in it. The panel has a frame until the mouse is used.
void focus_next_panel(bool back);
void focus_panel(std::string id);

// A border that is dragged: changes `size` (of what lies before or behind it) within the bounds.
// Sizes are in pixels of 100 %.
void splitter(const char* id, Area between, bool vertical, float& size, float least, float most,
              bool grows_backwards = false);

}  // namespace longhaul
