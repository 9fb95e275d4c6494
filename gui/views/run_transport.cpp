#include "gui/views/run_transport.h"

#include <imgui.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "base/units_text.h"
#include "gui/app.h"
#include "gui/model/clock_text.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"
#include "run/report.h"

namespace longhaul {
namespace {

// A run that is over sooner than this shows no bar: nothing flickers.
constexpr double patience_s = 0.3;

bool command_button(App& app, const char* id, const char* sign) {
  const Command* command = find_command(id);
  if (command == nullptr) return false;
  const std::string about = command->title + "  " + command->keys;
  const bool pressed = tool_button(id, sign, "", about.c_str());
  if (pressed) command->run(app);
  ImGui::SameLine(0, px(3));
  return pressed;
}

std::string speed_text(double speed) {
  char text[24];
  std::snprintf(text, sizeof text, speed < 10 ? "%.1f\xc3\x97" : "%.0f\xc3\x97", speed);
  return text;
}

}  // namespace

void RunTransport::instant(App& app) {
  const std::string now = clock_text(app.work.clock.now);
  mark_text("run.now", now);
  if (!typing_) std::snprintf(instant_, sizeof instant_, "%s", now.c_str());
  ImGui::PushFont(face(Face::mono));
  ImGui::SetNextItemWidth(px(104));
  if (std::exchange(asks_instant_, false)) ImGui::SetKeyboardFocusHere();
  const bool entered =
      ImGui::InputText("##instant", instant_, sizeof instant_,
                       ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  ImGui::PopFont();
  typing_ = ImGui::IsItemActive();
  mark("run.instant");
  if (ImGui::IsItemHovered()) {
    hint("The instant that is shown. Type another: 2:31.5, 151.5s, 2min  G");
  }
  if (entered) {
    const auto at = parse_clock(instant_);
    const std::string typed = "\"" + std::string(instant_) + "\"";
    if (!at) {
      app.tell(typed + "; expected an instant such as 2:31.5, 151.5s or 2min", Tint::bad);
    } else if (*at > app.work.end()) {
      app.tell(typed + "; expected an instant of the run, which ends at " +
                   short_clock_text(app.work.end()),
               Tint::bad);
    } else {
      app.work.go_to(*at);
    }
  }
  ImGui::SameLine(0, px(5));
  ImGui::AlignTextToFramePadding();
  say("of " + short_clock_text(app.work.end()), Tint::faint);
  ImGui::SameLine(0, px(14));
}

void RunTransport::speed(App& app) {
  Clock& clock = app.work.clock;
  float speed = static_cast<float>(clock.speed);
  const std::string text = speed_text(clock.speed);
  ImGui::SetNextItemWidth(px(84));
  if (ImGui::SliderFloat("##speed", &speed, 0.1f, 1000, "",
                         ImGuiSliderFlags_Logarithmic | ImGuiSliderFlags_NoInput)) {
    clock.speed = static_cast<double>(speed);
  }
  mark("run.speed");
  mark_text("run.speed", text);
  if (ImGui::IsItemHovered() && !ImGui::IsItemActive()) {
    hint("Simulated seconds a second, from 0.1 to 1000.  [ slower  ] faster");
  }
  ImGui::SameLine(0, px(6));
  const float at = ImGui::GetCursorPosX();
  ImGui::AlignTextToFramePadding();
  say(text);
  ImGui::SameLine(at + px(54));
}

void RunTransport::seed(App& app, const RunLook& look) {
  ImGui::AlignTextToFramePadding();
  say("seed", Tint::faint);
  ImGui::SameLine(0, px(6));
  const std::uint64_t seed = app.work.seed_of(*look.design);
  if (!typing_seed_) std::snprintf(seed_, sizeof seed_, "%s", std::to_string(seed).c_str());
  ImGui::SetNextItemWidth(px(44));
  ImGui::InputText("##seed", seed_, sizeof seed_, ImGuiInputTextFlags_AutoSelectAll);
  typing_seed_ = ImGui::IsItemActive();
  mark("run.seed");
  mark_text("run.seed", std::to_string(seed));
  if (ImGui::IsItemHovered()) {
    hint_below("Of all that is luck in the run. Another one, another run.");
  }
  if (ImGui::IsItemDeactivatedAfterEdit()) {
    const auto typed = parse_seed(seed_);
    if (typed) {
      app.work.seed = *typed;
    } else {
      app.tell("\"" + std::string(seed_) + "\"; expected a seed: a whole number from 0 on. It is " +
                   std::to_string(seed) + " as before.",
               Tint::bad);
    }
  }
  ImGui::SameLine(0, px(3));
  if (tool_button("run.seed.less", icon::minus, "", "The seed before", seed > 0)) {
    app.work.seed = seed - 1;
  }
  ImGui::SameLine(0, px(3));
  if (tool_button("run.seed.more", icon::plus, "", "The next seed")) app.work.seed = seed + 1;
}

void RunTransport::branch(App& app, bool tight) {
  if (tool_button("run.branch", icon::branch, tight ? "" : "Branch here",
                  "A variant beside this one, from this instant on  Ctrl+B",
                  app.work.designs.size() < designs_max)) {
    find_command("design.branch")->run(app);
  }
}

// What has no room in the bar.
void RunTransport::more(App& app, const RunLook& look) {
  if (tool_button("run.more", icon::gear, "", "Speed, seed, a branch from here")) {
    ImGui::OpenPopup("run.more");
  }
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {px(12), px(10)});
  if (ImGui::BeginPopup("run.more")) {
    speed(app);
    ImGui::NewLine();
    seed(app, look);
    branch(app, false);
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar();
}

void RunTransport::progress(const RunLook& look, TimePoint end, float room) {
  const bool of_this = look.view && look.view->number == look.design->session.started();
  const TimePoint reached = of_this ? look.view->reached : TimePoint{};
  if (tool_button("run.cancel", icon::close, "", "Stop simulating; what is known stays")) {
    look.design->session.cancel();
  }
  const float width = std::min(px(150), room - px(60));
  if (width < px(20)) return;
  ImGui::SameLine(0, px(8));
  const float share = end.ns > 0 ? static_cast<float>(reached.ns) / static_cast<float>(end.ns) : 0;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float middle = at.y + ImGui::GetFrameHeight() / 2;
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled({at.x, middle - px(3)}, {at.x + width, middle + px(3)}, colour(Tint::raised),
                      px(3));
  list->AddRectFilled({at.x, middle - px(3)}, {at.x + width * share, middle + px(3)},
                      colour(Tint::accent), px(3));
  ImGui::Dummy({width, ImGui::GetFrameHeight()});
  mark("run.progress");
}

void RunTransport::draw(App& app, const RunLook& look, Area area) {
  begin_panel("run.transport", area, "", false);
  const float right = ImGui::GetWindowContentRegionMax().x;
  command_button(app, "run.start", icon::to_start);
  command_button(app, "run.step_back", icon::step_back);
  command_button(app, "run.play", app.work.clock.playing ? icon::pause : icon::play);
  command_button(app, "run.step", icon::step_forward);
  command_button(app, "run.end", icon::to_end);
  ImGui::SameLine(0, px(10));
  instant(app);

  constexpr float speed_width = 154;
  constexpr float seed_width = 156;
  constexpr float branch_width = 132;
  constexpr float button_width = 38;
  const float at = ImGui::GetCursorPosX();
  const bool tight = right - at < px(speed_width + seed_width + branch_width);
  const bool hidden = right - at < px(speed_width + seed_width + button_width);
  const float tail = hidden  ? px(button_width)
                     : tight ? px(seed_width + button_width)
                             : px(seed_width + branch_width);
  if (!hidden) speed(app);
  const float room = right - tail - ImGui::GetCursorPosX();
  const double now = ImGui::GetTime();
  if (!look.design->session.running()) {
    running_since_ = -1;
  } else if (running_since_ < 0) {
    running_since_ = now;
  }
  if (running_since_ >= 0 && now - running_since_ > patience_s && room > px(34)) {
    progress(look, app.work.end(), room);
  } else if (look.scene && !look.unknown) {
    const std::string number = count_text(static_cast<std::int64_t>(look.scene->events));
    mark_text("run.event", std::to_string(look.scene->events));
    mark_text("run.last_event", look.scene->last_event);
    const std::string text =
        "event " + number + (look.scene->last_event.empty() ? "" : "  " + look.scene->last_event);
    if (room > px(60)) {
      ImGui::AlignTextToFramePadding();
      const std::string shown = fitted(text, room - px(12));
      say(shown, Tint::faint);
      if (shown != text && ImGui::IsItemHovered()) hint(text);
    }
  }
  ImGui::SameLine(right - tail);
  if (hidden) {
    more(app, look);
  } else {
    seed(app, look);
    ImGui::SameLine(0, px(8));
    branch(app, tight);
  }
  end_panel();
}

}  // namespace longhaul
