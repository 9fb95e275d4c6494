#include "gui/views/drill_veil.h"

#include <imgui.h>

#include <algorithm>

#include "gui/app.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"

namespace longhaul {

bool draw_drill_veil(App& app, Area area, bool all) {
  const Design* hidden = nullptr;
  for (const auto& design : app.work.designs) {
    const bool asked = all || design.get() == app.work.current();
    if (asked && app.drill.hides(*design)) hidden = design.get();
  }
  if (hidden == nullptr) return false;
  if (begin_panel("drill.veil", area)) {
    empty_state("A drill is being played",
                hidden->document.title() + " would show here what the trainee is to find out." +
                    (app.drill.is_moving() ? " The clock of the drill goes on meanwhile." : ""));
    mark_area("drill.veil", area.from, area.to);
    ImGui::Dummy({0, px(8)});
    const float width = ImGui::CalcTextSize("Back to the drillGive it up").x + px(90);
    ImGui::SetCursorPosX(std::max(px(10), (ImGui::GetContentRegionAvail().x - width) / 2));
    if (tool_button("drill.veil.back", icon::clock, "Back to the drill", "F5")) {
      app.work.mode = Mode::drill;
    }
    ImGui::SameLine(0, px(10));
    if (tool_button("drill.veil.give_up", icon::close, "Give it up",
                    "What was played is lost, and the run is shown")) {
      app.dialogs.ask_play(app, "give it up", [](App& to) { to.drill.give_up(); });
    }
  }
  end_panel();
  return true;
}

}  // namespace longhaul
