// What the trainee is told before it begins.
#include <imgui.h>

#include <algorithm>

#include "base/units_text.h"
#include "gui/views/drill_view.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/theme.h"
#include "run/drill/screen.h"
#include "run/plot.h"

namespace longhaul {
namespace {

void draw_may(const DrillConfig& drill, bool questions) {
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  ImGui::Dummy({0, px(2)});
  say(questions ? "Questions" : "Changes", Tint::faint, Face::small);
  ImGui::TableNextColumn();
  ImGui::TableNextColumn();
  for (const DrillAction& action : drill.actions) {
    if (action.is_question() != questions) continue;
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    say(action.command, Tint::text, Face::mono);
    ImGui::TableNextColumn();
    say("about " + drill_time_text(mean(action.takes)));
    ImGui::TableNextColumn();
    say_wrapped(action_remark(action), Tint::warning);
  }
}

void draw_choices(DrillSitting& sitting, DrillUi& ui) {
  int seed = static_cast<int>(sitting.seed());
  ImGui::AlignTextToFramePadding();
  say("Number of the play", Tint::faint);
  ImGui::SameLine();
  ImGui::SetNextItemWidth(px(120));
  if (ImGui::InputInt("##seed", &seed, 1, 10)) {
    sitting.choose(static_cast<std::uint64_t>(std::max(0, seed)), ui.chosen_variant);
  }
  mark("drill.seed");
  if (ImGui::IsItemHovered()) {
    hint("Draws what is hidden and how long everything takes, as longhaul drill --seed does.");
  }
  ImGui::SameLine(0, px(16));
  const bool fits = ImGui::GetContentRegionAvail().x > px(120);
  if (tool_button("drill.facilitator", icon::users, fits ? "Facilitator" : "",
                  "For the facilitator: choose what is hidden", true, ui.facilitator)) {
    ui.facilitator = !ui.facilitator;
  }
  if (!ui.facilitator) return;
  const DrillConfig& drill = sitting.setup().drill();
  const std::string drawn = "drawn: " + drill.variants[sitting.play().hidden.variant].name;
  ImGui::AlignTextToFramePadding();
  say("What is hidden", Tint::faint);
  ImGui::SameLine();
  ImGui::SetNextItemWidth(px(260));
  const char* shown =
      ui.chosen_variant ? drill.variants[*ui.chosen_variant].name.c_str() : drawn.c_str();
  const bool open = ImGui::BeginCombo("##variant", shown);
  mark("drill.variant");
  if (!open) return;
  if (ImGui::Selectable("drawn by the number", !ui.chosen_variant)) {
    ui.chosen_variant.reset();
    sitting.choose(sitting.seed(), ui.chosen_variant);
  }
  for (std::size_t i = 0; i < drill.variants.size(); ++i) {
    if (ImGui::Selectable(drill.variants[i].name.c_str(), ui.chosen_variant == i)) {
      ui.chosen_variant = i;
      sitting.choose(sitting.seed(), i);
    }
    mark("drill.variant." + drill.variants[i].name);
    if (ImGui::IsItemHovered()) hint(drill.variants[i].reveals);
  }
  ImGui::EndCombo();
}

void draw_text(const DrillSetup& setup) {
  const DrillConfig& drill = setup.drill();
  say("OUTAGE DRILL", Tint::accent, Face::small);
  say(setup.scenario->config.name, Tint::text, Face::title);
  ImGui::Dummy({0, px(6)});
  if (!drill.role.empty()) say_wrapped("You are " + drill.role, Tint::text, Face::strong);
  say_wrapped(drill.briefing);
  ImGui::Dummy({0, px(10)});
  const DrillSignals& signals = drill.signals;
  const std::string& region =
      signals.region ? *signals.region : setup.scenario->config.topology.regions.front();
  say_wrapped("Your dashboards are in " + region + ", sampled every " + to_text(signals.interval) +
                  ", and " + to_text(signals.delay) + " late. It is " + clock_text(setup.begins) +
                  "; the drill ends at " + clock_text(setup.ends) +
                  " or when you leave it at that. You pass with " +
                  quantity_text(Quantity::share, drill.pass.ppm) +
                  ": your decisions are judged by what you could know, not by luck. What counts, "
                  "in points: " +
                  points_meaning(drill.costs) + ".",
              Tint::faint);
  ImGui::Dummy({0, px(12)});
  if (ImGui::BeginTable("may", 3, ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_PadOuterX)) {
    ImGui::TableSetupColumn("command", 0, 0);
    ImGui::TableSetupColumn("takes", 0, px(110));
    ImGui::TableSetupColumn("remark", ImGuiTableColumnFlags_WidthStretch);
    draw_may(drill, true);
    draw_may(drill, false);
    ImGui::EndTable();
  }
}

void draw_start(DrillSitting& sitting) {
  ImGui::PushFont(face(Face::strong));
  const bool starts = tool_button("drill.start", icon::play, "Start",
                                  "The clock starts at once  Enter", true, true);
  ImGui::PopFont();
  if (starts) sitting.start();
}

// One page that scrolls above a bar with the start.
void draw_page(DrillSitting& sitting, DrillUi& ui, Area area) {
  const float rows = ui.facilitator ? 2 : 1;
  const Area bar = area.cut_bottom(rows * ImGui::GetFrameHeightWithSpacing() + px(14));
  area.cut_bottom(px(6));
  if (begin_panel("drill.briefing", area)) draw_text(sitting.setup());
  end_panel();
  begin_panel("drill.start_bar", bar, "", false);
  draw_start(sitting);
  ImGui::SameLine(0, px(20));
  draw_choices(sitting, ui);
  end_panel();
}

}  // namespace

void draw_drill_briefing(DrillSitting& sitting, DrillUi& ui, Area area) {
  if (is_drill_page(area)) return draw_page(sitting, ui, area);
  if (!begin_panel("drill.briefing", area)) return end_panel();
  const float width = std::min(ImGui::GetContentRegionAvail().x, px(780));
  const float left = (ImGui::GetContentRegionAvail().x - width) / 2;
  if (left > 0) ImGui::Indent(left);
  // The start stays in sight: what is too long scrolls above it.
  const float footer = 2 * ImGui::GetFrameHeightWithSpacing() + px(ui.facilitator ? 74 : 40);
  const float room = std::max(px(60), ImGui::GetContentRegionAvail().y - footer);
  const float page = ui.page_height > 0 ? std::min(ui.page_height, room) : room;
  ImGui::BeginChild("page", {width, page}, false, ImGuiWindowFlags_NoBackground);
  ImGui::Dummy({0, px(18)});
  draw_text(sitting.setup());
  ui.page_height = ImGui::GetCursorPosY() + px(2);
  ImGui::EndChild();
  ImGui::Dummy({0, px(8)});
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {px(22), px(9)});
  draw_start(sitting);
  ImGui::PopStyleVar();
  ImGui::Dummy({0, px(6)});
  draw_choices(sitting, ui);
  end_panel();
}

}  // namespace longhaul
