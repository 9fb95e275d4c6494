// For who leads the drill: what it really is, what may be thrown in, what waits for approval.
#include <imgui.h>

#include <algorithm>

#include "base/units_text.h"
#include "gui/model/drill_truth.h"
#include "gui/views/drill_view.h"
#include "gui/views/run_map.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/theme.h"
#include "run/drill/screen.h"

namespace longhaul {
namespace {

struct LivenessLook {
  std::string text;
  Tint tint;
};

LivenessLook look_of(const SceneNode& node) {
  if (node.liveness == Liveness::vanished) return {"gone", Tint::bad};
  if (node.liveness == Liveness::up) {
    if (node.stalled) return {"stalled", Tint::warning};
    return {node.read_only ? "up, read only" : "up", node.read_only ? Tint::warning : Tint::good};
  }
  return {"not serving", Tint::warning};
}

void draw_truth_of_servers(const Scene& scene) {
  const ImGuiTableFlags flags = ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_RowBg |
                                ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_PadOuterX;
  if (!ImGui::BeginTable("truth", 4, flags)) return;
  header_row({"server", "in truth", "role", "<lag"});
  for (const SceneNode& node : scene.nodes) {
    const LivenessLook look = look_of(node);
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    say(node.name, Tint::text, Face::strong);
    if (ImGui::IsItemHovered()) {
      hint(node.region + ", timeline " + std::to_string(node.timeline));
    }
    mark_text("drill.truth." + node.name, look.text);
    ImGui::TableNextColumn();
    say(look.text, look.tint);
    ImGui::TableNextColumn();
    say(node.primary ? "primary" : "replica");
    ImGui::TableNextColumn();
    say_right(node.lag ? to_short_text(*node.lag) : "-");
  }
  ImGui::EndTable();
}

const char* cause_text(DrillCause cause) {
  switch (cause) {
    case DrillCause::scenario:
      return "in every variant";
    case DrillCause::hidden:
      return "hidden";
    case DrillCause::trainee:
      return "by the trainee";
    case DrillCause::inject:
      return "by an inject";
  }
  return "";
}

void draw_happenings(const DrillSession& session, const std::vector<DrillHappening>& all) {
  heading("What has happened");
  if (all.empty()) say("Nothing yet.", Tint::faint);
  const Duration now = session.now() - TimePoint{};
  for (const DrillHappening& one : all) {
    const FaultConfig& fault = one.fault;
    const bool momentary = rule_of(fault.kind).momentary;
    const bool over = momentary || (fault.lasts && now >= fault.at + *fault.lasts);
    say(clock_text(fault.at), Tint::faint, Face::mono);
    ImGui::SameLine(px(54));
    say_wrapped(fault_text(fault), over ? Tint::text : Tint::warning);
    std::string more = cause_text(one.cause);
    if (fault.lasts) {
      more += (over ? ", was over at " : ", until ") + clock_text(fault.at + *fault.lasts);
    }
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + px(46));
    say_wrapped(more, Tint::faint, Face::small);
  }
  ImGui::Dummy({0, px(4)});
}

void draw_approval(DrillSitting& sitting) {
  const DrillSession& session = *sitting.session();
  const auto waiting =
      std::find_if(session.works().begin(), session.works().end(),
                   [](const Work& work) { return work.state == WorkState::approval; });
  if (waiting == session.works().end()) return;
  const std::string& command = session.setup().drill().actions[waiting->action].command;
  say_wrapped(command + " waits for approval", Tint::warning, Face::strong);
  if (tool_button("drill.approve", icon::good, "Approve", "It begins now", true, true)) {
    sitting.say(CommandKind::approve);
  }
  ImGui::SameLine(0, px(6));
  if (tool_button("drill.reject", icon::close, "Reject", "It will not be done")) {
    sitting.say(CommandKind::reject);
  }
  ImGui::Dummy({0, px(4)});
}

void draw_injects(DrillSitting& sitting) {
  const DrillSession& session = *sitting.session();
  heading("Injects");
  const std::vector<DrillInject>& injects = session.setup().drill().injects;
  if (injects.empty()) say("This drill has none.", Tint::faint);
  for (std::size_t i = 0; i < injects.size(); ++i) {
    const DrillInject& inject = injects[i];
    const TimePoint at = session.came()[i];
    const bool came = at != TimePoint::never();
    const std::string mark_name = "drill.inject." + inject.name;
    if (tool_button(mark_name.c_str(), came ? icon::good : icon::bolt, inject.name.c_str(),
                    came ? "" : "Now", !came)) {
      sitting.enter({{}, CommandKind::inject, i, {}});
    }
    ImGui::SameLine(0, px(8));
    ImGui::AlignTextToFramePadding();
    const std::string when = came        ? "came at " + clock_text(at - TimePoint{})
                             : inject.at ? "by itself at " + clock_text(*inject.at)
                                         : "when you say so";
    say(when, came ? Tint::faint : Tint::text, Face::small);
    mark_text(mark_name, when);
    if (!inject.text.empty()) say_wrapped(inject.text, Tint::faint, Face::small);
    ImGui::Dummy({0, px(2)});
  }
  ImGui::Dummy({0, px(4)});
}

void draw_map_of_truth(const DrillSitting& sitting, const Scene& scene,
                       const std::vector<DrillHappening>& all, DrillUi& ui, bool moves, Area area) {
  std::vector<FaultConfig> faults;
  for (const DrillHappening& one : all) faults.push_back(one.fault);
  // A dot needs a second and a half from end to end.
  const double second = moves ? ImGui::GetTime() / 1.5 : 0.5;
  const TimePoint now = sitting.session()->now();
  const MapContent content =
      map_of_instant(*sitting.scenario(), scene, sitting.reads().lately(), now, second, &faults);
  const MapAnswer answer = draw_map("drill.map", area, content, ui.map, ui.on_map);
  if (!answer.clicked_path.empty()) ui.on_map = answer.clicked_path;
}

void draw_facts(DrillSitting& sitting, const Scene& scene, const std::vector<DrillHappening>& all) {
  const DrillSession& session = *sitting.session();
  draw_approval(sitting);
  const DrillVariant& variant = session.setup().drill().variants[session.hidden().variant];
  say_wrapped("It is " + variant.name, Tint::text, Face::strong);
  mark_text("drill.variant", variant.name);
  if (!variant.reveals.empty()) say_wrapped(variant.reveals, Tint::faint);
  ImGui::Dummy({0, px(4)});
  draw_injects(sitting);
  draw_happenings(session, all);
  heading("Servers");
  draw_truth_of_servers(scene);
}

}  // namespace

void draw_drill_facts(DrillSitting& sitting) {
  const DrillSession& session = *sitting.session();
  heading("For the facilitator only");
  draw_facts(sitting, scene_of(session.cluster().world()), happened(session));
  ImGui::Dummy({0, px(8)});
}

void draw_drill_truth(DrillSitting& sitting, DrillUi& ui, bool moves, Area area) {
  const DrillSession& session = *sitting.session();
  const Scene scene = scene_of(session.cluster().world());
  const std::vector<DrillHappening> all = happened(session);
  Area list = area;
  const bool has_map = area.width() > px(520) && area.height() > px(180);
  if (has_map) {
    list = area.cut_right(std::min(px(340), area.width() * 0.42f));
    area.cut_right(px(6));
    draw_map_of_truth(sitting, scene, all, ui, moves, area);
  }
  if (begin_panel("drill.truth", list, "For the facilitator only")) {
    draw_facts(sitting, scene, all);
    if (!has_map) say_wrapped("There is room for the map in a larger window.", Tint::faint);
  }
  end_panel();
}

}  // namespace longhaul
