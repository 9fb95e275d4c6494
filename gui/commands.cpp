#include "gui/commands.h"

#include <GLFW/glfw3.h>
#include <imgui.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <utility>

#include "gui/app.h"
#include "gui/model/exports.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"

namespace longhaul {
namespace {

bool has_design(const App& app) { return app.work.active < app.work.designs.size(); }
bool has_changes(const App& app) {
  const Design* design = app.work.current();
  return design != nullptr && design->document.has_file() && design->document.dirty();
}
// A drill has a clock of its own.
bool has_clock(const App& app) { return has_design(app) && app.work.mode != Mode::drill; }
bool plays_drill(const App& app) { return app.work.mode == Mode::drill && app.drill.is_playing(); }
bool is_briefed(const App& app) { return app.drill.is_briefed(app); }

Command mode_command(const char* id, const char* title, const char* keys, Mode mode) {
  return {id, title, keys, has_design, [mode](App& app) { app.work.mode = mode; }};
}

void ask_for_picture(App& app) {
  app.start.ask_for_path({"Save a picture of the view", "Save", ".png", path_beside(app, ".png"),
                          [](App& to, const std::string& path) {
                            to.take_picture(path);
                            return std::string();
                          }});
}

void ask_for_report(App& app) {
  app.start.ask_for_path({"Save the run's report to a folder", "Save", "",
                          path_beside(app, "_report"), [](App& to, const std::string& path) {
                            const auto run = to.work.current()->session.view();
                            if (!run || !run->complete()) return std::string("The run goes on.");
                            if (to.exporting.running()) {
                              return std::string("Another report is being written.");
                            }
                            to.exporting.start(path, run, to.work.wake);
                            to.tell("Writing to " + path + " ...");
                            return std::string();
                          }});
}

bool has_complete_run(const App& app) {
  if (!has_design(app)) return false;
  const auto view = app.work.current()->session.view();
  return view && view->complete();
}

Command add_command(const char* id, const char* title, BuildView::Addition what) {
  return {id, title, "", has_design, [what](App& app) { app.build.ask_to_add(app, what); }};
}

Command tab_command(const char* id, const char* title, const char* tab) {
  return {id, title, "", has_design, [tab](App& app) {
            app.work.mode = Mode::run;
            app.run.show_tab(tab);
            focus_panel("run.side");
          }};
}

std::vector<Command> make_commands() {
  return {
      {"file.open", "Open a scenario", "Ctrl+O", nullptr,
       [](App& app) { app.start.ask_what_to_open(app, false); }},
      {"file.open_beside", "Open a scenario beside this one", "Ctrl+Shift+O", has_design,
       [](App& app) { app.start.ask_what_to_open(app, true); }},
      {"file.save", "Save", "Ctrl+S", has_design, [](App& app) { app.save(); }},
      {"file.save_as", "Save under another name", "Ctrl+Shift+S", has_design,
       [](App& app) { app.save(true); }},
      {"file.exit", "Quit", "Ctrl+Q", nullptr, [](App& app) { app.exit(); }},
      {"export.png", "Save a picture of the view", "", nullptr, ask_for_picture},
      {"export.report", "Save report, series, trace and pictures of the run", "", has_complete_run,
       ask_for_report},
      {"export.command", "Copy the command line that gives these figures", "", has_design,
       [](App& app) {
         const std::string line = app.shown_command_line();
         if (line.empty()) return app.tell("Choose a parameter and its values first.");
         ImGui::SetClipboardText(line.c_str());
         app.tell("Copied: " + line);
       }},
      {"start", "Start page", "Ctrl+Home", nullptr, [](App& app) { app.work.mode = Mode::start; }},
      {"start.search", "Find a template", "Ctrl+F", nullptr,
       [](App& app) {
         app.work.mode = Mode::start;
         app.start.search();
       }},
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
      {"design.before", "Compare with the version that was saved", "", has_changes,
       [](App& app) {
         if (app.work.put_saved_before() == nullptr) {
           app.tell("Four designs are open already.");
         } else {
           app.work.mode = Mode::compare;
         }
       }},
      {"design.branch", "Branch here: a variant from this instant on", "Ctrl+B", has_design,
       [](App& app) {
         if (app.work.branch(app.work.clock.now) == nullptr) {
           app.tell("Four designs are open already.");
         }
       }},
      add_command("build.add_replica", "Add replica in the region that is picked", add_replica),
      add_command("build.add_app", "Add app in the region that is picked", add_app),
      add_command("build.add_users", "Add users in the region that is picked", add_users),
      {"design.close", "Close this design", "Ctrl+W", has_design,
       [](App& app) { app.close_design(app.work.active); }},
      {"design.next", "Next design", "Ctrl+Tab", has_design,
       [](App& app) { app.work.active = (app.work.active + 1) % app.work.designs.size(); }},
      mode_command("mode.build", "Build", "F1", Mode::build),
      mode_command("mode.run", "Run", "F2", Mode::run),
      mode_command("mode.compare", "Compare", "F3", Mode::compare),
      mode_command("mode.sweep", "Sweep", "F4", Mode::sweep),
      mode_command("mode.drill", "Drill", "F5", Mode::drill),
      {"drill.start", "Start the drill", "Enter", is_briefed, [](App& app) { app.drill.start(); }},
      {"drill.ack", "Acknowledge", "A", plays_drill,
       [](App& app) { app.drill.enter(CommandKind::acknowledge); }},
      {"drill.declare", "Declare an incident", "D", plays_drill,
       [](App& app) { app.drill.enter(CommandKind::declare); }},
      {"drill.verify", "Verify: users are served again", "V", plays_drill,
       [](App& app) { app.drill.enter(CommandKind::verify); }},
      {"drill.note", "Write a note", "N", plays_drill, [](App& app) { app.drill.begin_note(); }},
      {"drill.done", "Done: leave it at that", "Ctrl+E", plays_drill,
       [](App& app) { app.drill.leave_it(); }},
      {"drill.news", "On until something is shown", ".", plays_drill,
       [](App& app) { app.drill.run_to_news(); }},
      {"drill.faster", "The drill's clock faster", "]", plays_drill,
       [](App& app) { app.drill.change_pace(true); }},
      {"drill.slower", "The drill's clock slower", "[", plays_drill,
       [](App& app) { app.drill.change_pace(false); }},
      {"drill.facilitator", "Facilitator's view of the drill", "",
       [](const App& app) { return plays_drill(app) || is_briefed(app); },
       [](App& app) { app.drill.toggle_facilitator(); }},
      {"run.play", "Play or pause", "Space", has_design,
       [](App& app) {
         if (app.work.mode == Mode::drill) return app.drill.toggle_pause();
         Clock& clock = app.work.clock;
         if (!clock.playing && clock.now >= app.work.end()) app.work.go_to({});
         clock.playing = !clock.playing;
       }},
      {"run.start", "To the beginning", "Home", has_clock, [](App& app) { app.work.go_to({}); }},
      {"run.end", "To the end", "End", has_clock, [](App& app) { app.work.go_to(app.work.end()); }},
      {"run.step", "One event on", ".", has_clock, [](App& app) { app.work.step(1); }},
      {"run.step_back", "One event back", ",", has_clock, [](App& app) { app.work.step(-1); }},
      {"run.back", "Back by a hundredth of what is seen", "J", has_clock,
       [](App& app) { app.run.scrub(app, -1); }},
      {"run.forward", "Forward likewise", "L", has_clock, [](App& app) { app.run.scrub(app, 1); }},
      {"run.instant", "To an instant", "G", has_clock,
       [](App& app) {
         app.work.mode = Mode::run;
         app.run.ask_instant();
       }},
      {"run.faster", "Play faster", "]", has_clock,
       [](App& app) { app.work.clock.speed = std::min(1000.0, app.work.clock.speed * 2); }},
      {"run.slower", "Play slower", "[", has_clock,
       [](App& app) { app.work.clock.speed = std::max(0.1, app.work.clock.speed / 2); }},
      tab_command("run.figures", "Figures of the run", "figures"),
      tab_command("run.what_if", "What if: sliders", "what_if"),
      tab_command("run.requests", "Follow a request", "requests"),
      tab_command("run.inject", "Inject a fault or an operator's action", "inject"),
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
      {"view.panel", "To the next panel; arrows and Space go on in it", "F6", nullptr,
       [](App&) { focus_next_panel(false); }},
      {"view.panel_back", "To the panel before", "Shift+F6", nullptr,
       [](App&) { focus_next_panel(true); }},
      {"settings.open", "Settings", "Ctrl+,", nullptr,
       [](App& app) { app.dialogs.show_settings(); }},
      {"menu.open", "Menu", "F10", nullptr, [](App& app) { app.dialogs.show_menu(); }},
      {"palette.open", "Find a command", "Ctrl+K", nullptr, [](App& app) { app.palette.open(); }},
      {"help.keys", "Keys", "F12 ?", nullptr, [](App& app) { app.dialogs.show_keys(); }},
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
      case '?':
        return GLFW_KEY_SLASH;
      default:
        return -1;
    }
  }
  if (name == "Space") return GLFW_KEY_SPACE;
  if (name == "Enter") return GLFW_KEY_ENTER;
  if (name == "Home") return GLFW_KEY_HOME;
  if (name == "End") return GLFW_KEY_END;
  if (name == "Tab") return GLFW_KEY_TAB;
  if (name == "Delete") return GLFW_KEY_DELETE;
  if (name.size() >= 2 && name[0] == 'F') return GLFW_KEY_F1 + std::stoi(name.substr(1)) - 1;
  return -1;
}

// One of several that are separated by a space.
bool keys_pressed(const std::string& keys) {
  if (keys.empty()) return false;
  if (const std::size_t space = keys.find(' '); space != keys.npos) {
    return keys_pressed(keys.substr(0, space)) || keys_pressed(keys.substr(space + 1));
  }
  const ImGuiIO& io = ImGui::GetIO();
  std::string rest = keys;
  const auto takes = [&](const char* prefix) {
    if (!rest.starts_with(prefix)) return false;
    rest.erase(0, std::string(prefix).size());
    return true;
  };
  const bool ctrl = takes("Ctrl+");
  const bool shift = takes("Shift+") || rest == "?";
  if (io.KeyCtrl != ctrl || io.KeyShift != shift || io.KeyAlt) return false;
  const int code = key_code(rest);
  return code >= 0 && ImGui::IsKeyPressed(code, false);
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// How well a command fits what is typed, 0 best; nothing: not at all.
std::optional<int> fit(const Command& command, const std::string& typed) {
  const std::string wanted = lower(typed);
  const std::string title = lower(command.title);
  const std::size_t at = title.find(wanted);
  if (at == 0) return 0;
  if (at != title.npos) return title[at - 1] == ' ' ? 1 : 2;
  if (command.id.find(wanted) != command.id.npos) return 3;
  // Its letters in this order.
  std::size_t next = 0;
  for (const char c : title) next += next < wanted.size() && c == wanted[next] ? 1 : 0;
  if (next == wanted.size()) return 4;
  return std::nullopt;
}

std::vector<const Command*> fitting(const App& app, const std::string& typed) {
  std::vector<std::pair<int, const Command*>> ranked;
  for (const Command& command : commands()) {
    if (command.enabled && !command.enabled(app)) continue;
    if (const auto rank = fit(command, typed)) ranked.emplace_back(*rank, &command);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const Command*> found;
  for (const auto& [rank, command] : ranked) found.push_back(command);
  return found;
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
  // What is open over the view has the keys.
  if (ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel)) return;
  const bool typing = ImGui::GetIO().WantTextInput;
  // What the keyboard has gone to is pressed by Space or Enter; Home and End go on from there.
  const bool navigates = ImGui::GetIO().NavVisible && ImGui::IsAnyItemFocused();
  for (const Command& command : commands()) {
    const std::string& keys = command.keys;
    const bool modified =
        keys.starts_with("Ctrl+") || keys.starts_with("F") || keys.starts_with("Shift+F");
    const bool of_navigation =
        keys == "Space" || keys == "Enter" || keys == "Home" || keys == "End";
    if ((typing && !modified) || (navigates && of_navigation)) continue;
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
  const std::vector<const Command*> found = fitting(app, text_);
  const int before = chosen_;
  const int last = static_cast<int>(found.size()) - 1;
  if (ImGui::IsKeyPressed(GLFW_KEY_DOWN)) chosen_ += 1;
  if (ImGui::IsKeyPressed(GLFW_KEY_UP)) chosen_ -= 1;
  chosen_ = std::clamp(chosen_, 0, std::max(0, last));
  const Command* wanted = nullptr;
  const float height = ImGui::GetTextLineHeightWithSpacing() * static_cast<float>(last + 1);
  ImGui::BeginChild("found", {0, std::clamp(height, px(24), size.y * 0.55f)}, false,
                    ImGuiWindowFlags_NoBackground);
  for (int i = 0; i <= last; ++i) {
    const Command& command = *found[i];
    if (ImGui::Selectable((command.title + "##" + command.id).c_str(), i == chosen_)) {
      wanted = &command;
    }
    mark("palette." + command.id);
    if (i == chosen_ && before != chosen_) ImGui::SetScrollHereY();
    ImGui::SameLine(0, px(10));
    say(command.id, Tint::faint, Face::small);
    if (!command.keys.empty()) {
      ImGui::SameLine();
      say_right(command.keys, Tint::faint, Face::small);
    }
  }
  ImGui::EndChild();
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
