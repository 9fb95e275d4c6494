// For who leads the drill: what it really is, what may be thrown in, what waits for approval.
#include <imgui.h>

#include <algorithm>

#include "base/units_text.h"
#include "gui/model/scene.h"
#include "gui/views/drill_view.h"
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
  if (!ImGui::BeginTable("truth", 6, flags)) return;
  for (const char* title : {"server", "region", "in truth", "role", "timeline", "lag"}) {
    ImGui::TableSetupColumn(title);
  }
  ImGui::TableHeadersRow();
  for (const SceneNode& node : scene.nodes) {
    const LivenessLook look = look_of(node);
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    say(node.name, Tint::text, Face::strong);
    ImGui::TableNextColumn();
    say(node.region, Tint::faint);
    ImGui::TableNextColumn();
    say(look.text, look.tint);
    ImGui::TableNextColumn();
    say(node.primary ? "primary" : "replica");
    ImGui::TableNextColumn();
    say_right(std::to_string(node.timeline));
    ImGui::TableNextColumn();
    say_right(node.lag ? to_short_text(*node.lag) : "-");
  }
  ImGui::EndTable();
}

void draw_facts(const DrillSession& session, const Scene& scene) {
  std::string now;
  for (const std::size_t fault : scene.faults) {
    now += (now.empty() ? "" : ", ") + std::string(enum_text(session.plan().faults[fault].kind));
  }
  for (const SceneLink& link : scene.links) {
    if (link.cut) now += (now.empty() ? "" : ", ") + link.from + " cannot reach " + link.to;
  }
  say("Now", Tint::faint);
  ImGui::SameLine(px(70));
  say_wrapped(now.empty() ? "nothing is wrong" : now, now.empty() ? Tint::text : Tint::warning);
}

void draw_levers(DrillSitting& sitting) {
  const DrillSession& session = *sitting.session();
  const DrillConfig& drill = session.setup().drill();
  const auto waiting =
      std::find_if(session.works().begin(), session.works().end(),
                   [](const Work& work) { return work.state == WorkState::approval; });
  const bool waits = waiting != session.works().end();
  if (waits) {
    ImGui::AlignTextToFramePadding();
    say(drill.actions[waiting->action].command + " waits for approval", Tint::warning);
    ImGui::SameLine();
    if (tool_button("drill.approve", icon::good, "Approve", "It begins now")) {
      sitting.say(CommandKind::approve);
    }
    ImGui::SameLine();
    if (tool_button("drill.reject", icon::close, "Reject", "It will not be done")) {
      sitting.say(CommandKind::reject);
    }
  }
  for (std::size_t i = 0; i < drill.injects.size(); ++i) {
    const DrillInject& inject = drill.injects[i];
    const auto& shown = session.shown();
    const bool fired = std::any_of(shown.begin(), shown.end(), [&](const Shown& line) {
      return line.kind == ShownKind::inject && line.text == inject.text;
    });
    if (i > 0) ImGui::SameLine(0, px(6));
    const std::string more =
        inject.text + (inject.at && !fired ? "\nComes by itself at " + clock_text(*inject.at) : "");
    if (tool_button(("drill.inject." + mark_word(inject.name)).c_str(), icon::bolt,
                    inject.name.c_str(), more.c_str(), !fired)) {
      sitting.enter({{}, CommandKind::inject, i, {}});
    }
  }
}

}  // namespace

void draw_drill_truth(DrillSitting& sitting, Area area) {
  if (begin_panel("drill.truth", area, "Facilitator: what the trainee does not see")) {
    const DrillSession& session = *sitting.session();
    const DrillVariant& variant = session.setup().drill().variants[session.hidden().variant];
    say("It is", Tint::faint);
    ImGui::SameLine(px(70));
    say_wrapped(variant.name + (variant.reveals.empty() ? "" : ": " + variant.reveals));
    mark_text("drill.variant", variant.name);
    const Scene scene = scene_of(session.cluster().world());
    draw_facts(session, scene);
    ImGui::Dummy({0, px(4)});
    draw_levers(sitting);
    ImGui::Dummy({0, px(4)});
    draw_truth_of_servers(scene);
  }
  end_panel();
}

}  // namespace longhaul
