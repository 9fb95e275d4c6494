// The frame: bars above and below, and the view of the mode between them.
#include "gui/app.h"

#include <imgui.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/units_text.h"
#include "gui/model/run_figures.h"
#include "gui/model/tab_titles.h"
#include "gui/model/templates.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"
#include "run/report.h"

namespace longhaul {
namespace {

struct ModeTab {
  Mode mode;
  const char* name;  // of the mark
  const char* title;
};
constexpr ModeTab mode_tabs[] = {{Mode::build, "mode.build", "Build"},
                                 {Mode::run, "mode.run", "Run"},
                                 {Mode::compare, "mode.compare", "Compare"},
                                 {Mode::sweep, "mode.sweep", "Sweep"},
                                 {Mode::drill, "mode.drill", "Drill"}};

void draw_mode_tabs(App& app) {
  for (const ModeTab& tab : mode_tabs) {
    const bool active = app.work.mode == tab.mode;
    ImGui::PushStyleColor(ImGuiCol_Button, active ? colour(Tint::raised) : IM_COL32(0, 0, 0, 0));
    ImGui::PushStyleColor(ImGuiCol_Text, colour(active ? Tint::text : Tint::faint));
    ImGui::PushFont(face(active ? Face::strong : Face::body));
    const Command* command = find_command(tab.name);
    ImGui::BeginDisabled(app.work.designs.empty());
    const bool pressed = ImGui::Button((std::string(tab.title) + "###" + tab.name).c_str());
    ImGui::EndDisabled();
    mark(tab.name);
    ImGui::PopFont();
    ImGui::PopStyleColor(2);
    // Where the mouse stays after a click it would lie on the page that was asked for.
    if (command != nullptr && !active && !pressed && ImGui::IsItemHovered()) {
      hint_below(command->title + "  " + command->keys);
    }
    if (active) {
      const ImVec2 from = ImGui::GetItemRectMin();
      const ImVec2 to = ImGui::GetItemRectMax();
      ImGui::GetWindowDrawList()->AddRectFilled({from.x + px(6), to.y - px(2)},
                                                {to.x - px(6), to.y}, colour(Tint::accent));
    }
    if (pressed) app.work.mode = tab.mode;
    ImGui::SameLine(0, px(2));
  }
}

// In so much room, which the designs share.
void draw_design_tabs(App& app, float room, float end) {
  Workspace& work = app.work;
  std::size_t closed = designs_max;
  std::vector<std::string> titles;
  for (const auto& design : work.designs) {
    std::string title = design->document.title();
    if (title.ends_with(".json")) title.resize(title.size() - 5);
    titles.push_back(std::move(title));
  }
  const std::size_t alike = common_beginning(titles);
  // The name and the marks before and behind it, and the gap to the next.
  const float rest = ImGui::CalcTextSize("A   \xe2\x80\xa2").x +
                     2 * ImGui::GetStyle().FramePadding.x + px(4);
  const auto widths = title_widths(room, titles.size(), work.active, rest, px(26));
  for (std::size_t i = 0; i < work.designs.size(); ++i) {
    const Design& design = *work.designs[i];
    const bool active = i == work.active;
    ImGui::PushID(static_cast<int>(i));
    ImGui::PushStyleColor(ImGuiCol_Button, active ? colour(Tint::raised) : IM_COL32(0, 0, 0, 0));
    ImGui::PushStyleColor(ImGuiCol_Border, colour(active ? Tint::accent : Tint::line));
    ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, px(1));
    const float width = std::min(widths[i], px(230));
    const std::string title = cut_title(titles[i], alike, [&](const std::string& text) {
      return ImGui::CalcTextSize(text.c_str()).x <= width;
    });
    mark_text("designs." + design.name, title);
    std::string label = design.name + "  " + title;
    if (design.document.dirty() || !design.document.has_file()) label += " \xe2\x80\xa2";
    if (!design.document.sound()) label += std::string("  ") + icon::error;
    if (ImGui::Button((label + "###design").c_str())) work.active = i;
    mark("designs." + design.name);
    ImGui::PopStyleVar();
    ImGui::PopStyleColor(2);
    if (ImGui::IsItemHovered()) {
      std::string more = design.document.path();
      if (!design.document.has_file())
        more += "\nnot saved yet";
      else if (design.document.dirty())
        more += "\nchanged since it was saved";
      if (!design.document.sound()) more += "\n" + to_text(design.document.errors().front());
      hint_below(more);
    }
    if (ImGui::IsItemClicked(ImGuiMouseButton_Middle)) closed = i;
    ImGui::PopID();
    ImGui::SameLine(0, px(4));
  }
  // With four of them there is nothing to add, and at the end of the bar no room for it.
  const bool fits = ImGui::GetCursorPosX() + ImGui::GetFrameHeight() + px(14) < end;
  if (!work.designs.empty() && fits) {
    if (tool_button("designs.add", icon::plus, "", "Duplicate as a variant beside this one  Ctrl+D",
                    work.designs.size() < designs_max)) {
      work.duplicate();
    }
  }
  if (closed < designs_max) app.close_design(closed);
}

void draw_top(App& app, Area area) {
  begin_panel("top", area, "", false);
  if (tool_button("start", "", "Longhaul", "Recent files and templates  Ctrl+Home", true,
                  app.work.mode == Mode::start)) {
    app.work.mode = Mode::start;
  }
  ImGui::SameLine(0, px(14));
  draw_mode_tabs(app);
  ImGui::SameLine(0, px(18));
  if (app.work.mode != Mode::drill && !app.drill.badge().empty()) {
    app.drill.draw_badge(app);
    ImGui::SameLine(0, px(14));
  }
  // Where there is little room, what has a key and stands in the menu makes way.
  const bool narrow = area.width() - ImGui::GetCursorPosX() < px(420);
  const float buttons = px((narrow ? 2 : 6) * 40);
  const float end = area.width() - buttons - px(12);
  const bool adds = !narrow || app.work.designs.size() < 2;
  draw_design_tabs(app, end - ImGui::GetCursorPosX() - px(adds ? 48 : 6), end);
  ImGui::SameLine(std::max(ImGui::GetCursorPosX(), end));
  Design* design = app.work.current();
  const auto button = [&](const char* id, const char* sign, bool enabled) {
    const Command* command = find_command(id);
    if (command == nullptr) return;
    const std::string more = command->title + "  " + command->keys;
    if (tool_button(id, sign, "", more.c_str(), enabled)) command->run(app);
    ImGui::SameLine(0, px(4));
  };
  if (!narrow) {
    button("edit.undo", icon::undo, design != nullptr && design->document.can_undo());
    button("edit.redo", icon::redo, design != nullptr && design->document.can_redo());
    button("file.save", icon::save, design != nullptr);
    button("settings.open", icon::gear, true);
  }
  button("palette.open", icon::search, true);
  button("menu.open", icon::menu, true);
  end_panel();
}

// The first of some errors, and how many there are besides.
std::string errors_text(const std::vector<Error>& errors) {
  std::string text = std::string(icon::error) + "  " + to_text(errors.front());
  if (errors.size() > 1) text += "   and " + std::to_string(errors.size() - 1) + " more";
  return text;
}

std::string run_state(const App& app) {
  const Workspace& work = app.work;
  if (work.current() == nullptr) return "";
  const Design& design = *work.designs[work.active];
  const auto view = design.session.view();
  if (!view) return design.session.running() ? "simulating ..." : "";
  if (design.session.running()) {
    if (view->number != design.session.started() || view->complete()) return "simulating ...";
    return "simulating: " + to_short_text(view->reached - TimePoint{}) + " of " +
           to_short_text(view->end - TimePoint{});
  }
  if (!view->complete()) return "stopped at " + to_short_text(view->reached - TimePoint{});
  return count_text(static_cast<std::int64_t>(view->result->events)) + " events in " +
         to_short_text(microseconds(view->took_us)) + "   seed " + std::to_string(view->seed) +
         "   digest " + hex_text(view->result->digest);
}

// Beside it, of a run that is not what its scenario expects.
std::string missed_text(const App& app) {
  const Design* design = app.work.current();
  if (design == nullptr || design->session.running()) return "";
  const auto view = design->session.view();
  const std::size_t missed = view ? missed_expectations(*view) : 0;
  return missed == 0 ? "" : std::string(icon::error) + " " + std::to_string(missed) + " missed";
}

// As much of it as there is room for; all of it on hover, with what else there is to say. Of a
// command line the names of files go first.
void say_in_room(const std::string& text, Tint tint, float room, const std::string& more = {}) {
  const bool command = text.starts_with("longhaul ");
  const Face with = command ? Face::mono : Face::small;  // elsewhere "--" looks like one dash
  ImGui::PushFont(face(with));
  const auto fits = [&](const std::string& part) {
    return ImGui::CalcTextSize(part.c_str()).x <= room;
  };
  const std::size_t tail = std::min({text.find(" --"), text.find("   #"), text.size()});
  std::string shown = command ? cut_title(text, tail, fits) : fitted(text, room);
  const std::string verb = text.substr(0, text.find(' ', 9));
  if (command && !shown.starts_with(verb)) shown = fitted(text, room);
  ImGui::PopFont();
  say(shown, tint, with);
  const std::string whole = shown == text ? more : more.empty() ? text : text + "\n" + more;
  if (!text.empty() && !whole.empty() && ImGui::IsItemHovered()) hint_below(whole);
}

void draw_bottom(App& app, Area area, double now_s) {
  begin_panel("bottom", area, "", false);
  const bool telling = !app.told.empty() && now_s < app.told_until;
  ImGui::PushFont(face(Face::small));
  // A play is not the run of the design.
  const std::string state = app.work.mode == Mode::drill ? "" : run_state(app);
  const std::string missed = state.empty() ? "" : missed_text(app);
  const float missed_width =
      missed.empty() ? 0 : ImGui::CalcTextSize(missed.c_str()).x + ImGui::GetStyle().ItemSpacing.x;
  const float taken =
      state.empty() ? 0 : ImGui::CalcTextSize(state.c_str()).x + missed_width + px(24);
  const float room = std::max(px(120), ImGui::GetContentRegionAvail().x - taken);
  if (telling) {
    say_in_room(app.told, app.told_tint, room);
  } else if (const Design* design = app.work.current(); design == nullptr) {
    say("Ctrl+O opens a scenario, Ctrl+K finds every command", Tint::faint, Face::small);
  } else if (!design->document.sound()) {
    say_in_room(errors_text(design->document.errors()), Tint::bad, room);
  } else {
    const std::string line = app.shown_command_line();
    say_in_room(line, Tint::faint, room, "The command that gives these figures. Click to copy.");
    if (!line.empty() && ImGui::IsItemClicked()) {
      ImGui::SetClipboardText(line.c_str());
      app.tell("Copied: " + line);
    }
  }
  ImGui::SameLine();
  mark_text("status", state);
  const Design* design = app.work.current();
  if (design != nullptr) {
    if (const auto view = design->session.view(); view && view->complete()) {
      mark_text("digest", hex_text(view->result->digest));
    }
    mark_text("path", design->document.path());
  }
  if (design != nullptr) mark_text("command_line", app.shown_command_line());
  mark_text("told", app.told);
  if (!missed.empty()) {
    const float left = ImGui::GetContentRegionAvail().x - taken + px(24);
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(0.0f, left));
    say(missed, Tint::bad, Face::small);
    mark_text("status.missed", missed);
    if (ImGui::IsItemHovered()) {
      hint_below("Expectations of the scenario that this run misses: Run, Figures lists them.");
    }
    ImGui::SameLine();
  }
  say_right(state, Tint::faint, Face::small);
  ImGui::PopFont();
  end_panel();
}

// In the list of recent files, as somebody finds it from anywhere.
void remember(App& app, const std::string& path) {
  std::error_code failed;
  const std::filesystem::path whole = std::filesystem::absolute(path, failed);
  app.settings.opened(failed ? path : whole.lexically_normal().string());
  if (!app.still) save_settings(settings_path(), app.settings);
}

// A file with mistakes could not be opened again, here or anywhere.
std::optional<Error> mistake_in(const Document& document) {
  if (document.sound()) return std::nullopt;
  Error error = document.errors().front();
  error.expected += " (not saved: a file with mistakes cannot be opened again)";
  return error;
}

}  // namespace

void App::tell(std::string text, Tint tint) {
  told = std::move(text);
  told_tint = tint;
  told_until = ImGui::GetTime() + 8;
}

std::vector<Error> App::open_file(const std::string& path, bool beside) {
  std::vector<Error> errors = beside ? work.open_beside(path) : work.open(path);
  if (!errors.empty()) {
    tell(errors_text(errors), Tint::bad);
    return errors;
  }
  remember(*this, path);
  // A drill is there to be played.
  const auto& scenario = work.current()->document.scenario();
  const bool is_drill = scenario && scenario->config.drill;
  if (work.mode == Mode::start) work.mode = is_drill ? Mode::drill : Mode::build;
  tell("Opened " + path);
  return errors;
}

std::vector<Error> App::open_asking(const std::string& path, bool beside) {
  std::vector<std::size_t> lost;
  if (!beside) lost = designs_that_would_lose(work);
  if (beside || (lost.empty() && !drill.plays())) return open_file(path, beside);
  const Result<Document> document = Document::open(path);
  if (!document) return open_file(path, true);  // which says what is wrong with it
  const std::string what = "open " + document.value().title();
  dialogs.ask_play(*this, what, [path, lost, what](App& app) {
    app.dialogs.ask_unsaved(app, lost, what, [path](App& to) { to.open_file(path); });
  });
  return {};
}

void App::save(bool as) {
  Design* design = work.current();
  if (design == nullptr) return;
  const Document& document = design->document;
  // What comes with the program is a template: it gets a name of its own.
  if (as || !document.has_file() || is_template(document.path())) {
    return start.ask_where_to_save(*this);
  }
  save_to(design->document.path());
}

std::optional<Error> App::save_to(const std::string& path) {
  Design* design = work.current();
  if (design == nullptr) return std::nullopt;
  if (auto error = mistake_in(design->document)) {
    tell(std::string(icon::error) + "  " + to_text(*error), Tint::bad);
    return error;
  }
  if (auto error = design->document.save_as(path)) {
    tell(std::string(icon::error) + "  " + to_text(*error), Tint::bad);
    return error;
  }
  remember(*this, path);
  tell("Saved " + path);
  return std::nullopt;
}

std::string App::save_designs(const std::vector<std::size_t>& designs) {
  for (const std::size_t i : designs) {
    if (i >= work.designs.size()) continue;
    Document& document = work.designs[i]->document;
    if (const auto error = mistake_in(document)) return to_text(*error);
    std::string path = document.path();
    const bool keeps = document.has_file() && !is_template(path);
    for (int n = 2; !keeps && std::filesystem::exists(path); ++n) {
      const std::filesystem::path taken = document.path();
      path = (taken.parent_path() /
              (taken.stem().string() + "_" + std::to_string(n) + taken.extension().string()))
                 .string();
    }
    if (const auto error = document.save_as(path)) return to_text(*error);
    remember(*this, path);
  }
  return {};
}

void App::restore(const Rescued& rescued) {
  if (!still) keep_unsaved(autosave_folder(), rescued.path, rescued.text);
  work.adopt(Document::from_text(rescued.path, rescued.text));
  work.active = work.designs.size() - 1;
  work.mode = Mode::build;
  tell("Restored, and not saved yet: " + rescued.path);
}

void App::close_design(std::size_t design) {
  if (design >= work.designs.size()) return;
  const auto close = [design](App& app) {
    std::vector<std::size_t> lost;
    if (would_lose(app.work, design)) lost.push_back(design);
    app.dialogs.ask_unsaved(app, lost, "close it", [design](App& to) { to.work.close(design); });
  };
  if (!drill.is_of(*work.designs[design])) return close(*this);
  dialogs.ask_play(*this, "close it", close);
}

void App::exit() {
  dialogs.ask_play(*this, "quit", [](App& app) {
    app.dialogs.ask_unsaved(app, designs_that_would_lose(app.work), "quit",
                            [](App& to) { to.wants_exit = true; });
  });
}

std::string App::shown_command_line() const {
  if (work.mode == Mode::sweep) return sweep.command_line(*this);
  const std::string line = work.mode == Mode::drill     ? drill.command_line(*this)
                           : work.mode == Mode::compare ? compare.command_line()
                                                        : "";
  return line.empty() ? command_line(work) : line;
}

bool App::is_busy() const {
  return compare.is_busy() || sweep.is_busy() || drill.is_busy() || exporting.running();
}

void App::take_picture(std::string path) {
  picture_to = std::move(path);
  picture_in = 3;
}

void draw_frame(App& app, double now_s, double elapsed_s) {
  begin_marks();
  app.work.update(elapsed_s);
  app.drill.update(app, elapsed_s);
  if (!app.still) app.autosave.update(app.work, now_s);
  if (const auto done = app.exporting.take()) {
    if (done->error) {
      app.tell(std::string(icon::error) + "  " + to_text(*done->error), Tint::bad);
    } else {
      app.tell("Wrote " + done->folder + "/report.html and what belongs to it");
    }
  }
  run_shortcuts(app);

  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::Begin("longhaul", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoScrollWithMouse);
  ImGui::PopStyleVar();
  Area area{{0, 0}, size};
  area = area.inset(px(6));
  const float bar = ImGui::GetFrameHeight() + px(16);
  draw_top(app, area.cut_top(bar));
  area.cut_top(px(6));
  draw_bottom(app, area.cut_bottom(px(36)), now_s);
  area.cut_bottom(px(6));
  if (app.work.designs.empty()) app.work.mode = Mode::start;
  static constexpr const char* mode_marks[] = {"start_page", "build", "run",
                                               "compare",    "sweep", "drill"};
  mark_area(mode_marks[static_cast<std::size_t>(app.work.mode)], area.from, area.to);
  switch (app.work.mode) {
    case Mode::start:
      app.start.draw(app, area);
      break;
    case Mode::build:
      app.build.draw(app, area);
      break;
    case Mode::run:
      app.run.draw(app, area);
      break;
    case Mode::compare:
      app.compare.draw(app, area);
      break;
    case Mode::sweep:
      app.sweep.draw(app, area);
      break;
    case Mode::drill:
      app.drill.draw(app, area);
      break;
  }
  ImGui::End();
  app.start.draw_dialogs(app);
  app.palette.draw(app);
  app.dialogs.draw(app);
}

bool is_moving(const App& app) {
  return app.work.clock.playing || app.drill.is_moving() || app.picture_in > 0;
}

bool is_working(const App& app) {
  for (const auto& design : app.work.designs) {
    if (design->session.working()) return true;
  }
  return app.is_busy();
}

}  // namespace longhaul
