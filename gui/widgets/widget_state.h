// What widgets remember from frame to frame: the names of what is on the screen (marks.h), and
// which panel has the keyboard (area.h). It is the application's, and hangs on the context of ImGui
// that is drawn with: hold_widget_state() once, before the first frame.
#pragma once

#include <imgui.h>

#include <map>
#include <string>
#include <vector>

#include "gui/widgets/marks.h"

namespace longhaul {

struct MarkedFrame {
  std::map<std::string, MarkRect, std::less<>> areas;
  std::map<std::string, std::string, std::less<>> texts;
};

struct PanelFocus {
  int frame = -1;
  std::vector<std::string> drawn;  // in this frame so far, or in the last
  std::string focused;
  std::string wanted;
  bool shown = false;
};

struct WidgetState {
  MarkedFrame drawn;  // this frame
  MarkedFrame finished;
  PanelFocus focus;
};

inline void hold_widget_state(WidgetState& state) { ImGui::GetIO().UserData = &state; }
inline WidgetState& widget_state() { return *static_cast<WidgetState*>(ImGui::GetIO().UserData); }

}  // namespace longhaul
