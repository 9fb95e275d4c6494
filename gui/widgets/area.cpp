#include "gui/widgets/area.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/theme.h"
#include "gui/widgets/widget_state.h"

namespace longhaul {
namespace {

void note_panel(const char* id) {
  PanelFocus& focus = widget_state().focus;
  if (focus.frame != ImGui::GetFrameCount()) {
    focus.frame = ImGui::GetFrameCount();
    focus.drawn.clear();
    if (ImGui::IsAnyMouseDown()) focus.shown = false;
  }
  focus.drawn.emplace_back(id);
  if (focus.wanted != id) return;
  ImGui::SetNextWindowFocus();
  focus.wanted.clear();
  focus.shown = true;
}

}  // namespace

void focus_next_panel(bool back) {
  PanelFocus& focus = widget_state().focus;
  // Of the last whole frame: this one has drawn none yet.
  const std::vector<std::string>& panels = focus.drawn;
  if (panels.empty()) return;
  const auto at = std::find(panels.begin(), panels.end(), focus.focused);
  const std::size_t count = panels.size();
  const std::size_t place =
      at == panels.end() ? (back ? 0 : count - 1) : static_cast<std::size_t>(at - panels.begin());
  focus.wanted = panels[(place + (back ? count - 1 : 1)) % count];
}

void focus_panel(std::string id) { widget_state().focus.wanted = std::move(id); }

Area Area::cut_left(float width) {
  const float edge = std::min(to.x, from.x + width);
  const Area cut{from, {edge, to.y}};
  from.x = edge;
  return cut;
}

Area Area::cut_right(float width) {
  const float edge = std::max(from.x, to.x - width);
  const Area cut{{edge, from.y}, to};
  to.x = edge;
  return cut;
}

Area Area::cut_top(float height) {
  const float edge = std::min(to.y, from.y + height);
  const Area cut{from, {to.x, edge}};
  from.y = edge;
  return cut;
}

Area Area::cut_bottom(float height) {
  const float edge = std::max(from.y, to.y - height);
  const Area cut{{from.x, edge}, to};
  to.y = edge;
  return cut;
}

Area Area::inset(float by) const {
  return {{from.x + by, from.y + by},
          {std::max(from.x + by, to.x - by), std::max(from.y + by, to.y - by)}};
}

bool begin_panel(const char* id, Area area, const char* title, bool scrolls) {
  ImGui::SetCursorScreenPos(area.from);
  const ImGuiWindowFlags flags =
      scrolls ? ImGuiWindowFlags_None
              : ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;
  const ImVec2 size{std::max(1.0f, area.width()), std::max(1.0f, area.height())};
  note_panel(id);
  const bool visible =
      ImGui::BeginChild(id, size, true, flags | ImGuiWindowFlags_AlwaysUseWindowPadding);
  mark_area(id, area.from, area.to);
  if (ImGui::IsWindowFocused(ImGuiFocusedFlags_ChildWindows)) {
    PanelFocus& focus = widget_state().focus;
    focus.focused = id;
    if (focus.shown) {
      ImDrawList* list = ImGui::GetWindowDrawList();
      list->PushClipRect(area.from, area.to);
      const Area frame = area.inset(px(1));
      list->AddRect(frame.from, frame.to, colour(Tint::accent), px(4), 0, px(2));
      list->PopClipRect();
    }
  }
  if (visible && *title != '\0') heading(title);
  return visible;
}

void end_panel() { ImGui::EndChild(); }

void splitter(const char* id, Area between, bool vertical, float& size, float least, float most,
              bool grows_backwards) {
  ImGui::SetCursorScreenPos(between.from);
  ImGui::InvisibleButton(id, {std::max(1.0f, between.width()), std::max(1.0f, between.height())});
  mark(id);
  const bool active = ImGui::IsItemActive();
  if (active || ImGui::IsItemHovered()) {
    ImGui::SetMouseCursor(vertical ? ImGuiMouseCursor_ResizeEW : ImGuiMouseCursor_ResizeNS);
    const float middle_x = (between.from.x + between.to.x) / 2;
    const float middle_y = (between.from.y + between.to.y) / 2;
    const ImVec2 a = vertical ? ImVec2{middle_x, between.from.y} : ImVec2{between.from.x, middle_y};
    const ImVec2 b = vertical ? ImVec2{middle_x, between.to.y} : ImVec2{between.to.x, middle_y};
    ImGui::GetWindowDrawList()->AddLine(a, b, colour(Tint::accent), px(2));
  }
  if (active) {
    const ImVec2 moved = ImGui::GetIO().MouseDelta;
    const float by = (vertical ? moved.x : moved.y) / current_scale();
    size = std::clamp(size + (grows_backwards ? -by : by), least, most);
  }
}

}  // namespace longhaul
