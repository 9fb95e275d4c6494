#include "gui/views/drill_veil.h"

#include <imgui.h>

#include <algorithm>

#include "gui/app.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"

namespace longhaul {

bool draw_drill_veil(App& app, Area area, bool all) {
  const Design* hidden = nullptr;
  std::size_t number = 0;
  for (std::size_t i = 0; i < app.work.designs.size(); ++i) {
    const Design& design = *app.work.designs[i];
    const bool asked = all || i == app.work.active;
    if (!asked || !app.drill.hides(design)) continue;
    hidden = &design;
    number = i;
  }
  if (hidden == nullptr) return false;
  if (begin_panel("drill.veil", area)) {
    const bool plays = app.drill.plays();
    const std::string title = hidden->document.title();
    empty_state(plays ? "A drill is being played" : "A drill that has not been played",
                title + " would show here what the trainee is to find out." +
                    (app.drill.is_moving() ? " The clock of the drill goes on meanwhile." : ""));
    mark_area("drill.veil", area.from, area.to);
    ImGui::Dummy({0, px(8)});
    const char* back = plays ? "Back to the drill" : "To the drill";
    const char* show = "I lead it: show it";
    const char* give_up = "Give it up";
    centre_next(tool_button_width(icon::clock, back) + px(10) +
                (plays ? tool_button_width(icon::close, give_up)
                       : tool_button_width(icon::users, show)));
    if (tool_button("drill.veil.back", icon::clock, back, "F5", true, !plays)) {
      if (!plays) app.work.active = number;
      app.work.mode = Mode::drill;
    }
    ImGui::SameLine(0, px(10));
    if (!plays) {
      if (tool_button("drill.veil.show", icon::users, show,
                      "For who leads the drill, or writes it; not for the trainee")) {
        app.drill.reveal(*hidden);
      }
    } else if (tool_button("drill.veil.give_up", icon::close, give_up,
                           "What was played is lost, and the run is shown")) {
      const std::uint64_t given_up = hidden->number;
      app.dialogs.ask_play(app, "give it up", [given_up](App& to) {
        to.drill.give_up();
        for (const auto& design : to.work.designs) {
          if (design->number == given_up) to.drill.reveal(*design);
        }
      });
    }
  }
  end_panel();
  return true;
}

}  // namespace longhaul
