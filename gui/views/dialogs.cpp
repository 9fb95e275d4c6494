#include "gui/views/dialogs.h"

#include <GLFW/glfw3.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "gui/app.h"
#include "gui/model/path_list.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"

namespace longhaul {
namespace {

struct CommandGroup {
  const char* prefix;  // of the ids
  const char* title;
};
constexpr CommandGroup groups[] = {{"file.", "File"},      {"export.", "Export"}, {"edit.", "Edit"},
                                   {"design.", "Designs"}, {"mode.", "Modes"},    {"run.", "Clock"},
                                   {"drill.", "Drill"},    {"view.", "View"},     {"", "Help"}};

const char* group_of(const Command& command) {
  for (const CommandGroup& group : groups) {
    if (command.id.starts_with(group.prefix)) return group.title;
  }
  return "";
}

struct Gesture {
  const char* what;
  const char* does;
};
constexpr Gesture gestures[] = {
    {"wheel", "zooms a map or a plot to the mouse"},
    {"double click", "shows all of a map or a plot again"},
    {"drag on the timeline", "moves the clock, or selects a range"},
    {"right click", "what can be done with what is there"},
    {"middle click on a design", "closes it"},
    {"arrows, Space, Escape", "in a panel: to what is there, press it, out again"},
    {"1 to 9 in a drill", "the actions; Enter orders, Escape does not"},
};

bool begin_modal(const char* id, float width, float height) {
  ImGui::OpenPopup(id);
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({size.x / 2, size.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::SetNextWindowSize(
      {std::min(size.x * 0.94f, px(width)), height > 0 ? std::min(size.y * 0.94f, px(height)) : 0});
  return ImGui::BeginPopupModal(
      id, nullptr,
      ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoTitleBar);
}

// Whether the key was pressed for this dialog: the stroke that has opened it does not count.
bool answered(int key) { return !ImGui::IsWindowAppearing() && ImGui::IsKeyPressed(key, false); }

void key_row(const std::string& keys, const std::string& does) {
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  say(keys, Tint::accent, Face::small);
  ImGui::TableNextColumn();
  say_wrapped(does);
}

// One of a few, side by side; the chosen one is told by more than its colour.
bool choice(const std::string& name, const char* text, bool chosen) {
  return tool_button(name.c_str(), chosen ? icon::good : "", text, "", true, chosen);
}

}  // namespace

void Dialogs::ask_unsaved(App& app, std::vector<std::size_t> designs, std::string what,
                          std::function<void(App&)> then) {
  if (designs.empty()) return then(app);
  asking_ = true;
  designs_ = std::move(designs);
  what_ = std::move(what);
  problem_.clear();
  then_ = std::move(then);
}

void Dialogs::draw_unsaved(App& app) {
  if (!asking_ || !begin_modal("unsaved", 460, 0)) return;
  say(designs_.size() == 1 ? "Save the changes?" : "Save the changes of these?", Tint::text,
      Face::title);
  for (const std::size_t i : designs_) {
    if (i >= app.work.designs.size()) continue;
    const Document& document = app.work.designs[i]->document;
    say_wrapped(near_path(document.path()) +
                (document.has_file() ? "" : ", which has no file yet"));
  }
  say_wrapped("They are lost otherwise when you " + what_ + ".", Tint::faint);
  if (!problem_.empty()) say_wrapped(problem_, Tint::bad);
  ImGui::Dummy({0, px(6)});
  const bool saves = tool_button("unsaved.save", icon::save, "Save", "Enter", true, true) ||
                     answered(GLFW_KEY_ENTER);
  ImGui::SameLine();
  const bool discards = tool_button("unsaved.discard", icon::trash, "Discard", "");
  ImGui::SameLine();
  const bool cancels =
      tool_button("unsaved.cancel", "", "Cancel", "Escape") || answered(GLFW_KEY_ESCAPE);
  problem_ = saves ? app.save_designs(designs_) : problem_;
  const bool goes_on = discards || (saves && problem_.empty());
  if (goes_on || cancels) {
    asking_ = false;
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
  if (goes_on) std::exchange(then_, {})(app);
}

void Dialogs::ask_play(App& app, std::string what, std::function<void(App&)> then) {
  if (!app.drill.plays()) return then(app);
  asking_play_ = true;
  play_what_ = std::move(what);
  play_then_ = std::move(then);
}

void Dialogs::draw_play(App& app) {
  if (!asking_play_ || !begin_modal("play", 430, 0)) return;
  say("A drill is being played", Tint::text, Face::title);
  say_wrapped("What was played is lost, without a debriefing, when you " + play_what_ + ".",
              Tint::faint);
  ImGui::Dummy({0, px(6)});
  const bool stays = tool_button("play.stay", icon::play, "Play on", "Escape", true, true) ||
                     answered(GLFW_KEY_ESCAPE);
  ImGui::SameLine();
  // When it has ended meanwhile nothing is lost any more.
  const bool leaves =
      tool_button("play.leave", icon::close, "Give it up", "") || !app.drill.plays();
  if (stays || leaves) {
    asking_play_ = false;
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
  if (leaves) std::exchange(play_then_, {})(app);
}

void Dialogs::draw_settings(App& app) {
  if (!settings_ || !begin_modal("settings", 430, 0)) return;
  say("Settings", Tint::text, Face::title);
  ImGui::Dummy({0, px(4)});
  heading("Look");
  for (const char* look : {"dark", "light", "high contrast"}) {
    std::string name = std::string("settings.look.") + look;
    std::replace(name.begin(), name.end(), ' ', '_');
    if (choice(name, look, app.settings.look == look)) {
      app.settings.look = look;
      app.theme_changed = true;
    }
    ImGui::SameLine(0, px(4));
  }
  ImGui::NewLine();
  ImGui::Dummy({0, px(6)});
  heading("Size of everything");
  for (const int percent : {75, 100, 125, 150, 200, 250, 300}) {
    const std::string text = std::to_string(percent) + "%";
    const bool chosen = std::lround(app.settings.scale * 100) == percent;
    if (ImGui::GetContentRegionAvail().x < px(66)) ImGui::NewLine();
    if (choice("settings.scale." + std::to_string(percent), text.c_str(), chosen)) {
      app.settings.scale = static_cast<float>(percent) / 100;
      app.theme_changed = true;
    }
    ImGui::SameLine(0, px(4));
  }
  ImGui::NewLine();
  ImGui::Dummy({0, px(6)});
  heading("Motion");
  ImGui::Checkbox("Reduced: nothing moves that need not", &app.settings.reduced_motion);
  mark("settings.motion");
  ImGui::Dummy({0, px(8)});
  const bool closes =
      tool_button("settings.close", "", "Close", "Escape", true, true) || answered(GLFW_KEY_ESCAPE);
  if (closes) {
    settings_ = false;
    if (!app.still) save_settings(settings_path(), app.settings);
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

void Dialogs::draw_keys() {
  if (!keys_ || !begin_modal("keys", 880, 640)) return;
  mark_area("keys", ImGui::GetWindowPos(),
            {ImGui::GetWindowPos().x + ImGui::GetWindowWidth(),
             ImGui::GetWindowPos().y + ImGui::GetWindowHeight()});
  say("Keys", Tint::text, Face::title);
  const float below = ImGui::GetFrameHeightWithSpacing() + px(4);
  ImGui::BeginChild("list", {0, ImGui::GetContentRegionAvail().y - below}, false,
                    ImGuiWindowFlags_NoBackground);
  const int columns = ImGui::GetContentRegionAvail().x > px(700) ? 2 : 1;
  if (ImGui::BeginTable("columns", columns, ImGuiTableFlags_SizingStretchSame)) {
    ImGui::TableNextColumn();
    std::size_t rows = 0;
    std::size_t all = std::size(gestures);
    for (const Command& command : commands()) all += command.keys.empty() ? 0 : 1;
    bool second = columns == 1;
    for (const CommandGroup& group : groups) {
      bool any = false;
      const auto more = static_cast<std::size_t>(
          std::count_if(commands().begin(), commands().end(), [&](const Command& command) {
            return !command.keys.empty() && group_of(command) == group.title;
          }));
      if (!second && rows * 2 + more >= all) {
        ImGui::TableNextColumn();
        second = true;
      }
      for (const Command& command : commands()) {
        if (command.keys.empty() || group_of(command) != group.title) continue;
        if (!any) {
          heading(group.title);
          ImGui::BeginTable(group.title, 2, ImGuiTableFlags_SizingFixedFit);
          ImGui::TableSetupColumn("keys", 0, px(110));
          ImGui::TableSetupColumn("does", ImGuiTableColumnFlags_WidthStretch);
        }
        any = true;
        key_row(command.keys, command.title);
        rows += 1;
      }
      if (!any) continue;
      ImGui::EndTable();
      ImGui::Dummy({0, px(6)});
    }
    heading("Mouse");
    if (ImGui::BeginTable("mouse", 2, ImGuiTableFlags_SizingFixedFit)) {
      ImGui::TableSetupColumn("keys", 0, px(150));
      ImGui::TableSetupColumn("does", ImGuiTableColumnFlags_WidthStretch);
      for (const Gesture& gesture : gestures) key_row(gesture.what, gesture.does);
      ImGui::EndTable();
    }
    ImGui::EndTable();
  }
  ImGui::EndChild();
  const bool closes =
      tool_button("keys.close", "", "Close", "Escape", true, true) || answered(GLFW_KEY_ESCAPE);
  if (closes) {
    keys_ = false;
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

void Dialogs::draw_menu(App& app) {
  if (menu_) ImGui::OpenPopup("menu");
  menu_ = false;
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({size.x - px(10), px(52)}, ImGuiCond_Always, {1, 0});
  if (!ImGui::BeginPopup("menu", ImGuiWindowFlags_NoMove)) return;
  const Command* wanted = nullptr;
  for (const CommandGroup& group : groups) {
    const bool open = ImGui::BeginMenu(group.title);
    mark(std::string("menu.") + group.title);
    if (!open) continue;
    for (const Command& command : commands()) {
      if (group_of(command) != group.title) continue;
      const bool enabled = !command.enabled || command.enabled(app);
      if (ImGui::MenuItem((command.title + "###" + command.id).c_str(), command.keys.c_str(), false,
                          enabled)) {
        wanted = &command;
      }
      mark("menu." + command.id);
    }
    ImGui::EndMenu();
  }
  ImGui::EndPopup();
  if (wanted != nullptr) wanted->run(app);
}

void Dialogs::draw(App& app) {
  draw_menu(app);
  draw_settings(app);
  draw_keys();
  draw_unsaved(app);
  draw_play(app);
}

}  // namespace longhaul
