#include "gui/views/start_view.h"

#include <imgui.h>

#include <algorithm>
#include <cstdio>

#include "gui/app.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"

namespace longhaul {

void StartView::draw(App& app, Area area) {
  if (begin_panel("start_page", area)) {
    say("Longhaul", Tint::text, Face::title);
    if (tool_button("start.open", icon::open, "Open a scenario", "Ctrl+O")) ask_what_to_open(false);
    for (const std::string& path : app.settings.recent) {
      if (ImGui::Selectable(path.c_str())) {
        app.open_file(path);
        break;
      }
      mark("start.recent." + path);
    }
  }
  end_panel();
}

void StartView::ask_what_to_open(bool beside) {
  asking_ = beside ? Asking::open_beside : Asking::open;
  focus_ = true;
  path_[0] = '\0';
}

void StartView::ask_where_to_save(const std::string& suggested) {
  asking_ = Asking::save;
  focus_ = true;
  std::snprintf(path_, sizeof path_, "%s", suggested.c_str());
}

void StartView::draw_dialogs(App& app) {
  if (asking_ == Asking::nothing) return;
  const char* title = asking_ == Asking::save ? "Save as" : "Open a scenario";
  ImGui::OpenPopup(title);
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({size.x / 2, size.y * 0.3f}, ImGuiCond_Always, {0.5f, 0});
  ImGui::SetNextWindowSize({std::min(size.x * 0.9f, px(640)), 0});
  if (!ImGui::BeginPopupModal(title, nullptr,
                              ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoResize)) {
    return;
  }
  if (focus_) ImGui::SetKeyboardFocusHere();
  focus_ = false;
  ImGui::SetNextItemWidth(-1);
  const bool entered = ImGui::InputTextWithHint("##path", "/path/to/scenario.json", path_,
                                                sizeof path_, ImGuiInputTextFlags_EnterReturnsTrue);
  mark("dialog.path");
  const bool agreed =
      tool_button("dialog.ok", "", asking_ == Asking::save ? "Save" : "Open", "") || entered;
  ImGui::SameLine();
  const bool refused = tool_button("dialog.cancel", "", "Cancel", "");
  const Asking what = asking_;
  if (agreed || refused) {
    asking_ = Asking::nothing;
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
  if (!agreed || path_[0] == '\0') return;
  if (what != Asking::save) {
    app.open_file(path_, what == Asking::open_beside);
  } else if (Design* design = app.work.current()) {
    if (const auto error = design->document.save_as(path_)) {
      app.tell(to_text(*error), Tint::bad);
    } else {
      app.settings.opened(path_);
      app.tell(std::string("Saved ") + path_);
    }
  }
}

}  // namespace longhaul
