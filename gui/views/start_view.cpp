#include "gui/views/start_view.h"

#include <imgui.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "gui/app.h"
#include "gui/model/path_list.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"

namespace longhaul {
namespace {

namespace fs = std::filesystem;

std::string messages(const std::vector<Error>& errors) {
  std::string text;
  for (const Error& error : errors) text += (text.empty() ? "" : "\n") + to_text(error);
  return text;
}

// A row that is clicked: a name, and below it a fainter line; "..." where it is too long.
bool row(const std::string& id, const std::string& name, const std::string& more, Tint tint,
         const char* sign, bool chosen = false) {
  const float width = ImGui::GetContentRegionAvail().x;
  ImFont* small = face(Face::small);
  const float height = ImGui::GetFontSize() + small->FontSize + px(12);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const bool pressed = ImGui::Selectable(("###" + id).c_str(), chosen, 0, {width, height});
  mark(id);
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float left = from.x + px(30);
  list->AddText({from.x + px(6), from.y + px(5)}, colour(Tint::faint), sign);
  const std::string first = fitted(name, width - px(36));
  list->AddText({left, from.y + px(4)}, colour(tint), first.c_str());
  ImGui::PushFont(small);
  const std::string second = fitted(more, width - px(36));
  list->AddText({left, from.y + px(6) + ImGui::GetFontSize() * 1.15f}, colour(Tint::faint),
                second.c_str());
  ImGui::PopFont();
  const bool cut = first != name || second != more;
  if (cut && ImGui::IsItemHovered()) hint(name + "\n" + more);
  return pressed;
}

struct Purpose {
  const char* sign;
  const char* name;
  const char* text;
};
constexpr Purpose purposes[] = {
    {icon::server, "Build", "regions, servers, applications and users on a map"},
    {icon::play, "Run", "ten minutes in a second; look at any instant and ask why"},
    {icon::copy, "Compare", "up to four designs on one clock"},
    {icon::search, "Sweep", "one parameter, many values: where does it tip over?"},
    {icon::bell, "Drill", "an outage in front of a dashboard, and a debriefing"},
};

void draw_introduction(App& app, bool purposes_fit) {
  say("Longhaul", Tint::text, Face::title);
  say_wrapped("What PostgreSQL does across regions, before you build it.", Tint::faint);
  if (purposes_fit) ImGui::Dummy({0, px(8)});
  for (const Purpose& purpose : purposes) {
    if (!purposes_fit) break;
    say(purpose.sign, Tint::accent);
    ImGui::SameLine(px(40));
    say(purpose.name, Tint::text, Face::strong);
    ImGui::SameLine(px(108));
    say_wrapped(purpose.text, Tint::faint);
  }
  ImGui::Dummy({0, px(10)});
  if (tool_button("start.open", icon::open, "Open a scenario", "Ctrl+O", true, true)) {
    app.start.ask_what_to_open(app, false);
  }
  ImGui::SameLine();
  if (tool_button("start.help", icon::info, "Keys", "F12")) find_command("help.keys")->run(app);
  ImGui::Dummy({0, px(10)});
}

}  // namespace

std::string path_beside(const App& app, const std::string& more) {
  const Design* design = app.work.current();
  const fs::path path = design != nullptr ? design->document.path() : "scenario.json";
  return (path.parent_path() / (path.stem().string() + more)).string();
}

void StartView::draw_rescued(App& app) {
  if (!rescued_) rescued_ = unsaved(autosave_folder());
  if (rescued_->empty()) return;
  heading("Unsaved work from last time");
  for (std::size_t i = 0; i < rescued_->size(); ++i) {
    const Rescued rescued = (*rescued_)[i];
    ImGui::PushID(static_cast<int>(i));
    say(icon::warning, Tint::warning);
    ImGui::SameLine(px(40));
    say(fitted(near_path(rescued.path), ImGui::GetContentRegionAvail().x));
    if (ImGui::IsItemHovered()) hint(rescued.path);
    const std::string number = std::to_string(i);
    ImGui::SetCursorPosX(px(40));
    const bool room = app.work.designs.size() < designs_max;
    const bool restored = tool_button(("start.restore." + number).c_str(), icon::undo, "Restore",
                                      "Open it as it was, not saved yet", room);
    ImGui::SameLine();
    const bool discarded = tool_button(("start.discard." + number).c_str(), icon::trash, "Discard",
                                       "Forget these edits");
    ImGui::PopID();
    if (!restored && !discarded) continue;
    if (restored) app.restore(rescued);
    forget_rescued(rescued);
    rescued_->erase(rescued_->begin() + static_cast<std::ptrdiff_t>(i));
    break;
  }
  ImGui::Dummy({0, px(10)});
}

void StartView::draw_recent(App& app) {
  heading("Recent files");
  if (app.settings.recent.empty()) {
    say("None yet. A template is a good beginning.", Tint::faint);
  }
  std::string wanted;
  std::string forgotten;
  for (const std::string& path : app.settings.recent) {
    std::error_code unknown;
    const bool there = fs::exists(path, unknown);
    const fs::path shown = near_path(path);
    const std::string folder = shown.parent_path().string();
    if (row("start.recent." + shown.string(), shown.filename().string(),
            there ? folder.empty() ? "." : folder : "missing: " + folder,
            there ? Tint::text : Tint::faint, there ? icon::database : icon::error)) {
      (there ? wanted : forgotten) = path;
    }
  }
  if (!wanted.empty()) app.open_asking(near_path(wanted), false);
  if (forgotten.empty()) return;
  std::erase(app.settings.recent, forgotten);
  app.tell(forgotten + " is no longer there; it is off the list now.", Tint::warning);
}

void StartView::draw_templates(App& app, bool scrolls) {
  if (!templates_) templates_ = templates_in(scenarios_folder());
  ImGui::SetNextItemWidth(-1);
  if (std::exchange(searches_, false)) ImGui::SetKeyboardFocusHere();
  const bool enters =
      ImGui::InputTextWithHint("##wanted", "Search in templates  Ctrl+F; Enter opens the first",
                               wanted_, sizeof wanted_, ImGuiInputTextFlags_EnterReturnsTrue) &&
      wanted_[0] != '\0';
  mark("start.search");
  if (scrolls) ImGui::BeginChild("list", {0, 0}, false, ImGuiWindowFlags_NoBackground);
  std::string chosen;
  std::string group;
  bool open = true;
  std::size_t shown = 0;
  for (const Template& of : *templates_) {
    if (!fits_template(of, wanted_)) continue;
    shown += 1;
    if (of.folder != group) {
      group = of.folder;
      const auto count =
          std::count_if(templates_->begin(), templates_->end(), [&](const Template& other) {
            return other.folder == group && fits_template(other, wanted_);
          });
      const bool first = group == "patterns" || group == "drills" || wanted_[0] != '\0';
      if (wanted_[0] != '\0') ImGui::SetNextItemOpen(true);
      ImGui::PushFont(face(Face::strong));
      const std::string title =
          folder_title(group) + "  (" + std::to_string(count) + ")###group." + group;
      open = ImGui::CollapsingHeader(title.c_str(), first ? ImGuiTreeNodeFlags_DefaultOpen : 0);
      ImGui::PopFont();
      mark("start.group." + group);
    }
    if (!open) continue;
    const bool first = wanted_[0] != '\0' && shown == 1;
    const std::string purpose = (of.is_flagship ? "The flagship: " : "") + of.purpose;
    const bool pressed = row("start.template." + of.name, of.name, purpose, Tint::text,
                             of.is_drill ? icon::bell : icon::database, first);
    if (pressed || (enters && first)) chosen = of.path;
  }
  if (templates_->empty()) {
    empty_state("No templates",
                "The scenarios that come with Longhaul are not installed here. "
                "LONGHAUL_SCENARIOS names their folder.");
  } else if (shown == 0) {
    empty_state("Nothing is called that", "");
  }
  if (scrolls) ImGui::EndChild();
  if (!chosen.empty()) app.open_asking(chosen, false);
}

void StartView::draw(App& app, Area area) {
  // Where there is little room, all of it is one page that scrolls.
  if (area.height() < px(480)) {
    if (begin_panel("start.page", area)) {
      draw_introduction(app, false);
      draw_rescued(app);
      if (!app.settings.recent.empty()) {
        draw_recent(app);
        ImGui::Dummy({0, px(10)});
      }
      heading("Templates");
      draw_templates(app, false);
    }
    return end_panel();
  }
  const bool narrow = area.width() < px(760);
  Area left = narrow ? area.cut_top(area.height() * 0.5f)
                     : area.cut_left(std::clamp(area.width() * 0.36f, px(320), px(520)));
  narrow ? area.cut_top(px(6)) : area.cut_left(px(6));
  if (begin_panel("start.left", left)) {
    draw_introduction(app, !narrow || left.height() > px(360));
    draw_rescued(app);
    draw_recent(app);
  }
  end_panel();
  if (begin_panel("start.templates", area, "Templates", false)) draw_templates(app, true);
  end_panel();
}

void StartView::ask_what_to_open(const App& app, bool beside) {
  const Design* design = app.work.current();
  fs::path folder = design != nullptr ? fs::path(design->document.path()).parent_path() : "";
  if (design == nullptr && !scenarios_folder().empty()) folder = near_path(scenarios_folder());
  dialog_.ask({beside ? "Open a scenario beside this one" : "Open a scenario", "Open", ".json",
               folder.empty() ? "" : folder.string() + "/",
               [beside](App& to, const std::string& path) {
                 return messages(to.open_asking(path, beside));
               }});
}

void StartView::ask_where_to_save(App& app) {
  const Design* design = app.work.current();
  if (design == nullptr) return;
  dialog_.ask({"Save as", "Save", ".json", design->document.path(),
               [warned = std::string()](App& to, const std::string& path) mutable {
                 const Document& document = to.work.current()->document;
                 std::error_code unknown;
                 const bool own = document.has_file() && path == document.path();
                 if (!own && path != warned && fs::exists(path, unknown)) {
                   warned = path;
                   return path + " is there already. Once more replaces it.";
                 }
                 const auto error = to.save_to(path);
                 return error ? to_text(*error) : std::string();
               }});
}

void StartView::draw_dialogs(App& app) { dialog_.draw(app); }

}  // namespace longhaul
