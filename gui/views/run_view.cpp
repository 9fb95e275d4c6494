#include "gui/views/run_view.h"

#include <imgui.h>

#include <algorithm>
#include <utility>

#include "gui/app.h"
#include "gui/model/clock_text.h"
#include "gui/views/drill_veil.h"
#include "gui/views/run_map.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"

namespace longhaul {
namespace {

// A run that is out of date for less than this is not told of ...
constexpr double told_after_s = 0.35;
// ... and one that takes longer than this is shown as far as it is known.
constexpr double shown_after_s = 2;

}  // namespace

// Lanes and figures are made anew when there is a new view, not in each frame. Those of a complete
// run stay until the next is complete, or takes its time.
void RunViewPanel::look(App& app) {
  Design* design = app.work.current();
  const double now = ImGui::GetTime();
  if (!design->session.running() || look_.design != design) {
    late_since_ = -1;
  } else if (late_since_ < 0) {
    late_since_ = now;
  }
  const double late = late_since_ < 0 ? 0 : now - late_since_;
  const auto view = design->session.view();
  const bool other = look_.design != design || path_ != design->document.path();
  path_ = design->document.path();
  const bool shown = other || !look_.view || !look_.view->complete() ||
                     (view && view->complete()) || late > shown_after_s;
  if (shown && (other || look_.view != view)) {
    if (other) timeline_.window = {};
    look_.lanes = view ? lanes_of(*view) : std::vector<Lane>{};
    if (other || (view && view->complete())) {
      look_.figures = view ? figures_of(*view) : std::vector<FigureGroup>{};
    }
    look_.view = view;
  }
  look_.out_of_date =
      late > told_after_s && look_.view && look_.view->number != design->session.started();
  look_.design = design;
  look_.scene = design->session.scene();
  look_.unknown = look_.view && !look_.view->complete() && app.work.clock.now > look_.view->reached;
}

void RunViewPanel::scrub(App& app, int hundredths) {
  const TimeWindow& window = timeline_.window;
  const bool all = window.to.ns <= window.from.ns;
  const Duration seen = all ? app.work.end() - TimePoint{} : window.to - window.from;
  const TimePoint now = app.work.clock.now;
  app.work.go_to(now + Duration{seen.ns / 100 * hundredths});
}

void RunViewPanel::map(App& app, Area area) {
  if (!look_.scene || !look_.view) {
    if (begin_panel("run.map", area)) {
      empty_state("",
                  look_.design->session.running() ? "Simulating ..." : "The map of an instant.");
    }
    end_panel();
    return;
  }
  // Dots need a second and a half of the clock on the wall from end to end, while it moves.
  const Clock& clock = app.work.clock;
  const double second =
      static_cast<double>(look_.scene->now.ns) / 1e9 / (1.5 * std::max(0.1, clock.speed));
  const MapContent content =
      map_of_instant(*look_.view->scenario, *look_.scene, look_.view->series, look_.scene->now,
                     app.settings.reduced_motion ? 0.5 : second);
  const MapAnswer answer = draw_map("run.map", area, content, map_, app.work.selection.path);
  if (!answer.clicked_path.empty()) app.work.selection.path = answer.clicked_path;
  // What can happen to it.
  if (!answer.right_clicked_path.empty() || !answer.right_clicked_region.empty()) {
    inject_.aim(answer.right_clicked_path, answer.right_clicked_region);
    tab_ = "inject";
  }
  if (look_.unknown) unknown(app, area);
}

// Over the map, which shows the last instant that is known.
void RunViewPanel::unknown(App& app, Area area) {
  const RunView& view = *look_.view;
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(area.from, area.to, colour(Tint::ground, 0.72f));
  const float width = std::min(px(340), area.width() - px(16));
  const float height = std::min(px(88), area.height() - px(8));
  const ImVec2 from{(area.from.x + area.to.x - width) / 2, (area.from.y + area.to.y - height) / 2};
  begin_panel("run.unknown", {from, {from.x + width, from.y + height}}, "", false);
  mark_area("run.unknown", from, {from.x + width, from.y + height});
  const bool runs = look_.design->session.running();
  const std::string title =
      short_clock_text(app.work.clock.now) + (runs ? " is not simulated yet" : " was not reached");
  mark_text("run.unknown", title);
  say(fitted(title, ImGui::GetContentRegionAvail().x), Tint::text, Face::strong);
  const std::string reached = short_clock_text(view.reached) + " of " + short_clock_text(view.end);
  progress_bar(static_cast<float>(view.reached.ns) /
                   static_cast<float>(std::max<std::int64_t>(1, view.end.ns)),
               "");
  if (runs) {
    say(fitted("simulated so far: " + reached, ImGui::GetContentRegionAvail().x), Tint::faint,
        Face::small);
  } else if (tool_button("run.again", icon::play, "Simulate again",
                         ("It was stopped at " + reached).c_str())) {
    look_.design->started_revision = 0;
  }
  end_panel();
}

void RunViewPanel::lanes(App& app, Area area, bool axis_only) {
  if (begin_panel("run.lanes", area, "", false)) timeline(app, axis_only);
  end_panel();
}

void RunViewPanel::timeline(App& app, bool axis_only) {
  if (!look_.view) {
    const bool runs = look_.design->session.running();
    return empty_state("", runs ? "Simulating ..." : "Lanes of what happened when.");
  }
  const std::vector<Lane> none;
  TimelineContent content;
  content.lanes = axis_only ? &none : &look_.lanes;
  content.end = look_.view->end;
  content.reached = look_.view->reached;
  content.now = app.work.clock.now;
  if (app.work.selection.range) {
    content.range = {app.work.selection.range->from, app.work.selection.range->to};
  }
  content.out_of_date = look_.out_of_date;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const Area inner{from, {from.x + room.x, from.y + room.y}};
  const TimelineAnswer answer = draw_timeline(inner, content, timeline_);
  if (answer.go_to) app.work.go_to(*answer.go_to);
  if (answer.range) {
    app.work.selection.range = TimeRange{answer.range->first, answer.range->second};
    tab_ = "figures";
  }
  if (answer.no_range) app.work.selection.range.reset();
}

// What is shown is of an older text while the present one has mistakes; leads to them.
void RunViewPanel::mistakes(App& app) {
  const Document& document = look_.design->document;
  if (document.sound()) return;
  const std::size_t count = document.errors().size();
  const std::string text = std::string(icon::error) + "  Of the last sound version: " +
                           (count == 1 ? "1 mistake" : std::to_string(count) + " mistakes") +
                           " in the text";
  ImGui::PushFont(face(Face::small));
  ImGui::PushStyleColor(ImGuiCol_Text, colour(Tint::bad));
  ImGui::PushStyleVar(ImGuiStyleVar_ButtonTextAlign, {0, 0.5f});
  const float room = ImGui::GetContentRegionAvail().x;
  const std::string shown = fitted(text, room - 2 * ImGui::GetStyle().FramePadding.x);
  const bool pressed = ImGui::Button((shown + "###run.mistakes").c_str(), {room, 0});
  ImGui::PopStyleVar();
  ImGui::PopStyleColor();
  ImGui::PopFont();
  mark("run.mistakes");
  mark_text("run.mistakes", text);
  if (ImGui::IsItemHovered()) {
    hint_below("What is shown is of the version before: " + to_text(document.errors().front()) +
               "\nA click leads to the mistake.");
  }
  if (pressed) app.work.mode = Mode::build;
}

// Of a drill one variant is run; what was played may have been another.
void RunViewPanel::variant() {
  const auto& scenario = look_.design->document.scenario();
  if (!scenario || !scenario->config.drill) return;
  const std::string& name = scenario->config.drill->variants.front().name;
  const std::string text =
      std::string(icon::info) + "  The drill's first variant, " + name + ": nobody acts";
  say(fitted(text, ImGui::GetContentRegionAvail().x), Tint::accent, Face::small);
  mark_text("run.variant", text);
  if (ImGui::IsItemHovered()) {
    hint(
        "As longhaul run does it. A play may be of another variant: its debriefing says which, and "
        "shows it here.");
  }
}

void RunViewPanel::side(App& app, Area area) {
  begin_panel("run.side", area, "", false);
  struct Tab {
    const char* id;
    const char* title;
  };
  const Tab tabs[] = {{"map", narrow_ ? "Map" : ""}, {"lanes", low_ ? "Lanes" : ""},
                      {"figures", "Figures"},        {"what_if", "What if"},
                      {"requests", "Requests"},      {"inject", "Inject"}};
  bool first = true;
  for (const Tab& tab : tabs) {
    if (*tab.title == '\0' && tab_ == tab.id) tab_ = "figures";
    if (*tab.title == '\0') continue;
    if (!std::exchange(first, false)) ImGui::SameLine(0, px(3));
    const std::string name = std::string("run.tab.") + tab.id;
    if (tool_button(name.c_str(), "", tab.title, "", true, tab_ == tab.id)) tab_ = tab.id;
  }
  if (look_.out_of_date) {
    ImGui::SameLine(0, px(8));
    ImGui::AlignTextToFramePadding();
    say("...", Tint::warning);
    if (ImGui::IsItemHovered()) {
      hint("A newer run is being simulated; these are the figures before.");
    }
    mark("run.out_of_date");
  }
  mistakes(app);
  variant();
  if (tab_ == "map") {
    const ImVec2 from = ImGui::GetCursorScreenPos();
    const ImVec2 room = ImGui::GetContentRegionAvail();
    map(app, {from, {from.x + room.x, from.y + room.y}});
    end_panel();
    return;
  }
  if (tab_ == "lanes") {
    timeline(app, false);
    end_panel();
    return;
  }
  ImGui::Dummy({0, px(2)});
  ImGui::BeginChild(tab_.c_str(), {0, 0}, false, ImGuiWindowFlags_NavFlattened);
  if (tab_ == "figures") {
    figures_.draw(app, look_);
  } else if (tab_ == "what_if") {
    what_if_.draw(app, look_);
  } else if (tab_ == "requests") {
    requests_.draw(app, look_);
  } else {
    inject_.draw(app, look_);
  }
  ImGui::EndChild();
  end_panel();
}

void RunViewPanel::draw(App& app, Area area) {
  if (app.work.current() == nullptr) return;
  if (draw_drill_veil(app, area, false)) return;
  look(app);
  const float gap = px(6);
  transport_.draw(app, look_, area.cut_top(ImGui::GetFrameHeight() + px(18)));
  area.cut_top(gap);

  // Where there is no room for two columns, the map is a tab like the others.
  const float wide = area.width() / current_scale();
  const bool narrow = wide < 740;
  Area right;
  if (!narrow) {
    const float side_most = std::max(300.0f, wide * 0.6f);
    side_width_ = std::clamp(side_width_, 300.0f, side_most);
    right = area.cut_right(px(side_width_));
    splitter("run.split_side", area.cut_right(gap), true, side_width_, 300, side_most, true);
  } else if (!narrow_) {
    tab_ = "map";
  }
  narrow_ = narrow;

  const float whole = area.height() / current_scale();
  low_ = narrow && whole < 480;
  if (low_) {
    constexpr float axis_least = 180;  // below that the tab needs all there is
    if (tab_ != "lanes" && whole > axis_least) {
      lanes(app, area.cut_bottom(px(52)), true);
      area.cut_bottom(gap);
    }
    return side(app, area);
  }
  constexpr float least = 90;
  const float most = std::max(least, whole - 140);
  float lower = std::clamp(timeline_share_ * whole, least, most);
  const Area bottom = area.cut_bottom(px(lower));
  const float before = lower;
  splitter("run.split_lanes", area.cut_bottom(gap), false, lower, least, most, true);
  if (lower != before) timeline_share_ = lower / whole;
  if (narrow) {
    side(app, area);
  } else {
    map(app, area);
    side(app, right);
  }
  lanes(app, bottom, false);
}

}  // namespace longhaul
