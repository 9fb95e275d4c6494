#include "gui/commands.h"

#include <GLFW/glfw3.h>
#include <imgui.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "gui/app.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"

namespace longhaul {
namespace {

bool has_design(const App& app) { return app.work.active < app.work.designs.size(); }

Command mode_command(const char* id, const char* title, const char* keys, Mode mode) {
  return {id, title, keys, has_design, [mode](App& app) { app.work.mode = mode; }};
}

std::vector<Command> make_commands() {
  return {
      {"file.open", "Open a scenario", "Ctrl+O", nullptr,
       [](App& app) { app.start.ask_what_to_open(false); }},
      {"file.open_beside", "Open a scenario beside this one", "Ctrl+Shift+O", has_design,
       [](App& app) { app.start.ask_what_to_open(true); }},
      {"file.save", "Save", "Ctrl+S", has_design, [](App& app) { app.save(); }},
      {"file.save_as", "Save under another name", "Ctrl+Shift+S", has_design,
       [](App& app) { app.save(true); }},
      {"file.exit", "Quit", "Ctrl+Q", nullptr, [](App& app) { app.wants_exit = true; }},
      {"start", "Start page", "Ctrl+Home", nullptr, [](App& app) { app.work.mode = Mode::start; }},
      {"edit.undo", "Undo", "Ctrl+Z",
       [](const App& app) {
         return has_design(app) && app.work.designs[app.work.active]->document.can_undo();
       },
       [](App& app) { app.work.current()->document.undo(); }},
      {"edit.redo", "Redo", "Ctrl+Shift+Z",
       [](const App& app) {
         return has_design(app) && app.work.designs[app.work.active]->document.can_redo();
       },
       [](App& app) { app.work.current()->document.redo(); }},
      {"design.duplicate", "Duplicate as a variant", "Ctrl+D", has_design,
       [](App& app) {
         if (app.work.duplicate() == nullptr) app.tell("Four designs are open already.");
       }},
      {"design.branch", "Branch here: a variant from this instant on", "Ctrl+B", has_design,
       [](App& app) {
         if (app.work.branch(app.work.clock.now) == nullptr) {
           app.tell("Four designs are open already.");
         }
       }},
      {"design.close", "Close this design", "Ctrl+W", has_design,
       [](App& app) { app.work.close(app.work.active); }},
      {"design.next", "Next design", "Ctrl+Tab", has_design,
       [](App& app) { app.work.active = (app.work.active + 1) % app.work.designs.size(); }},
      mode_command("mode.build", "Build", "F1", Mode::build),
      mode_command("mode.run", "Run", "F2", Mode::run),
      mode_command("mode.compare", "Compare", "F3", Mode::compare),
      mode_command("mode.sweep", "Sweep", "F4", Mode::sweep),
      mode_command("mode.drill", "Drill", "F5", Mode::drill),
      {"run.play", "Play or pause", "Space", has_design,
       [](App& app) {
         Clock& clock = app.work.clock;
         if (!clock.playing && clock.now >= app.work.end()) app.work.go_to({});
         clock.playing = !clock.playing;
       }},
      {"run.start", "To the beginning", "Home", has_design, [](App& app) { app.work.go_to({}); }},
      {"run.end", "To the end", "End", has_design,
       [](App& app) { app.work.go_to(app.work.end()); }},
      {"run.step", "One event on", ".", has_design, [](App& app) { app.work.step(1); }},
      {"run.step_back", "One event back", ",", has_design, [](App& app) { app.work.step(-1); }},
      {"run.faster", "Play faster", "]", has_design,
       [](App& app) { app.work.clock.speed = std::min(1000.0, app.work.clock.speed * 2); }},
      {"run.slower", "Play slower", "[", has_design,
       [](App& app) { app.work.clock.speed = std::max(0.1, app.work.clock.speed / 2); }},
      {"view.look", "Dark, light, high contrast", "Ctrl+L", nullptr,
       [](App& app) {
         std::string& look = app.settings.look;
         look = look == "dark" ? "light" : look == "light" ? "high contrast" : "dark";
         app.theme_changed = true;
       }},
      {"view.larger", "Larger", "Ctrl+=", nullptr,
       [](App& app) {
         app.settings.scale = std::min(3.0f, app.settings.scale + 0.25f);
         app.theme_changed = true;
       }},
      {"view.smaller", "Smaller", "Ctrl+-", nullptr,
       [](App& app) {
         app.settings.scale = std::max(0.75f, app.settings.scale - 0.25f);
         app.theme_changed = true;
       }},
      {"view.normal", "Normal size", "Ctrl+0", nullptr,
       [](App& app) {
         app.settings.scale = 1.0f;
         app.theme_changed = true;
       }},
      {"palette.open", "Find a command", "Ctrl+K", nullptr, [](App& app) { app.palette.open(); }},
  };
}

// A key as it stands in Command::keys.
int key_code(const std::string& name) {
  if (name.size() == 1) {
    const char c = name[0];
    if (c >= 'A' && c <= 'Z') return c;
    if (c >= '0' && c <= '9') return c;
    switch (c) {
      case '.':
        return GLFW_KEY_PERIOD;
      case ',':
        return GLFW_KEY_COMMA;
      case '[':
        return GLFW_KEY_LEFT_BRACKET;
      case ']':
        return GLFW_KEY_RIGHT_BRACKET;
      case '=':
        return GLFW_KEY_EQUAL;
      case '-':
        return GLFW_KEY_MINUS;
      default:
        return -1;
    }
  }
  if (name == "Space") return GLFW_KEY_SPACE;
  if (name == "Home") return GLFW_KEY_HOME;
  if (name == "End") return GLFW_KEY_END;
  if (name == "Tab") return GLFW_KEY_TAB;
  if (name == "Delete") return GLFW_KEY_DELETE;
  if (name.size() >= 2 && name[0] == 'F') return GLFW_KEY_F1 + std::stoi(name.substr(1)) - 1;
  return -1;
}

bool keys_pressed(const std::string& keys) {
  if (keys.empty()) return false;
  const ImGuiIO& io = ImGui::GetIO();
  std::string rest = keys;
  const auto takes = [&](const char* prefix) {
    if (!rest.starts_with(prefix)) return false;
    rest.erase(0, std::string(prefix).size());
    return true;
  };
  const bool ctrl = takes("Ctrl+");
  const bool shift = takes("Shift+");
  if (io.KeyCtrl != ctrl || io.KeyShift != shift || io.KeyAlt) return false;
  const int code = key_code(rest);
  return code >= 0 && ImGui::IsKeyPressed(code, false);
}

// Whether the letters of `wanted` stand in `title` in this order.
bool fits(const std::string& title, const std::string& wanted) {
  std::size_t next = 0;
  for (const char c : title) {
    if (next < wanted.size() && std::tolower(static_cast<unsigned char>(c)) ==
                                    std::tolower(static_cast<unsigned char>(wanted[next]))) {
      next += 1;
    }
  }
  return next == wanted.size();
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> all = make_commands();
  return all;
}

const Command* find_command(std::string_view id) {
  for (const Command& command : commands()) {
    if (command.id == id) return &command;
  }
  return nullptr;
}

void run_shortcuts(App& app) {
  const bool typing = ImGui::GetIO().WantTextInput;
  for (const Command& command : commands()) {
    const bool modified = command.keys.starts_with("Ctrl+") || command.keys.starts_with("F");
    if (typing && !modified) continue;
    if (keys_pressed(command.keys) && (!command.enabled || command.enabled(app))) {
      command.run(app);
      return;
    }
  }
}

void CommandPalette::open() {
  open_ = true;
  focus_ = true;
  text_[0] = '\0';
  chosen_ = 0;
}

void CommandPalette::draw(App& app) {
  if (!open_) return;
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({size.x / 2, size.y * 0.16f}, ImGuiCond_Always, {0.5f, 0});
  ImGui::SetNextWindowSize({std::min(size.x * 0.9f, px(560)), 0});
  ImGui::OpenPopup("palette");
  if (!ImGui::BeginPopup("palette", ImGuiWindowFlags_NoMove)) return;
  if (focus_) ImGui::SetKeyboardFocusHere();
  focus_ = false;
  ImGui::SetNextItemWidth(-1);
  ImGui::InputTextWithHint("##what", "What do you want to do?", text_, sizeof text_);
  mark("palette.what");
  std::vector<const Command*> found;
  for (const Command& command : commands()) {
    if (command.enabled && !command.enabled(app)) continue;
    if (fits(command.title, text_)) found.push_back(&command);
  }
  chosen_ = std::clamp(chosen_, 0, std::max(0, static_cast<int>(found.size()) - 1));
  if (ImGui::IsKeyPressed(GLFW_KEY_DOWN)) {
    chosen_ = std::min(chosen_ + 1, static_cast<int>(found.size()) - 1);
  }
  if (ImGui::IsKeyPressed(GLFW_KEY_UP)) chosen_ = std::max(0, chosen_ - 1);
  const Command* wanted = nullptr;
  for (int i = 0; i < static_cast<int>(found.size()); ++i) {
    const Command& command = *found[i];
    if (ImGui::Selectable((command.title + "##" + command.id).c_str(), i == chosen_)) {
      wanted = &command;
    }
    mark("palette." + command.id);
    if (!command.keys.empty()) {
      ImGui::SameLine();
      say_right(command.keys, Tint::faint, Face::small);
    }
  }
  if (found.empty()) say("Nothing is called that.", Tint::faint);
  if (ImGui::IsKeyPressed(GLFW_KEY_ENTER) && !found.empty()) wanted = found[chosen_];
  if (wanted != nullptr || ImGui::IsKeyPressed(GLFW_KEY_ESCAPE)) {
    open_ = false;
    ImGui::CloseCurrentPopup();
  } else if (!ImGui::IsWindowFocused(ImGuiFocusedFlags_RootAndChildWindows) &&
             !ImGui::IsWindowAppearing()) {
    open_ = false;
  }
  ImGui::EndPopup();
  if (wanted != nullptr) wanted->run(app);
}

}  // namespace longhaul
