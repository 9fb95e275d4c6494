// The play along its time: alarms, works, decisions, and below them what was so in truth.
#include <imgui.h>

#include <algorithm>

#include "gui/views/drill_view.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"
#include "gui/widgets/theme.h"
#include "run/drill/screen.h"

namespace longhaul {
namespace {

class Lanes {
 public:
  Lanes(Duration begins, Duration ends) : begins_(begins), ends_(ends) {
    const float names = std::min(px(190), ImGui::GetContentRegionAvail().x * 0.3f);
    names_ = names;
    list_ = ImGui::GetWindowDrawList();
    left_ = ImGui::GetCursorScreenPos().x + names;
    right_ = ImGui::GetCursorScreenPos().x + ImGui::GetContentRegionAvail().x - px(8);
    top_ = ImGui::GetCursorScreenPos().y;
  }

  float x(Duration at) const {
    const auto share = static_cast<float>(at.ns - begins_.ns) /
                       static_cast<float>(std::max<std::int64_t>(1, ends_.ns - begins_.ns));
    return left_ + (right_ - left_) * std::clamp(share, 0.0f, 1.0f);
  }

  // The middle of a new lane.
  float lane(const std::string& name, Tint tint) {
    const ImVec2 from = ImGui::GetCursorScreenPos();
    const float height = px(22);
    ImGui::Dummy({right_ - from.x, height});
    const float middle = from.y + height / 2;
    list_->AddLine({left_, middle}, {right_, middle}, colour(Tint::line), px(1));
    ImFont* font = face(Face::small);
    ImGui::PushFont(font);
    const std::string text = fitted(name, names_ - px(10));
    ImGui::PopFont();
    list_->AddText(font, font->FontSize, {from.x, middle - font->FontSize / 2}, colour(tint),
                   text.c_str());
    return middle;
  }

  void span(float middle, const DrillSpan& span, Tint tint) {
    const ImVec2 from{x(span.from), middle - px(6)};
    const ImVec2 to{std::max(x(span.to), from.x + px(3)), middle + px(6)};
    list_->AddRectFilled(from, to, colour(tint, 0.35f), px(3));
    list_->AddRect(from, to, colour(tint), px(3));
    if (ImGui::IsMouseHoveringRect(from, to)) {
      hint(span.name + "\n" + clock_text(span.from) + " to " + clock_text(span.to) + ", " +
           drill_time_text(span.to - span.from));
    }
  }

  void axis() {
    const ImVec2 from = ImGui::GetCursorScreenPos();
    ImFont* font = face(Face::small);
    const PlotAxis axis{"", Quantity::time, begins_.ns, ends_.ns, false};
    const auto most = static_cast<std::size_t>(std::max(2.0f, (right_ - left_) / px(90)));
    for (const Tick& tick : ticks(axis, most)) {
      const float at = x(Duration{tick.value});
      list_->AddLine({at, top_}, {at, from.y}, colour(Tint::line, 0.5f), px(1));
      const ImVec2 size = font->CalcTextSizeA(font->FontSize, 1e9f, 0, tick.text.c_str());
      list_->AddText(font, font->FontSize,
                     {std::min(at - size.x / 2, right_ - size.x + px(6)), from.y + px(2)},
                     colour(Tint::faint), tick.text.c_str());
    }
    ImGui::Dummy({right_ - from.x, font->FontSize + px(4)});
  }

  ImDrawList* list() const { return list_; }
  float top() const { return top_; }

 private:
  Duration begins_;
  Duration ends_;
  ImDrawList* list_ = nullptr;
  float names_ = 0;
  float left_ = 0;
  float right_ = 0;
  float top_ = 0;
};

// A lane for each name, in the order of its first span.
void draw_spans(Lanes& lanes, const std::vector<DrillSpan>& spans, const std::string& before,
                Tint tint) {
  std::vector<std::string> names;
  for (const DrillSpan& span : spans) {
    if (std::find(names.begin(), names.end(), span.name) == names.end()) names.push_back(span.name);
  }
  for (const std::string& name : names) {
    const float middle = lanes.lane(before + name, Tint::faint);
    for (const DrillSpan& span : spans) {
      if (span.name == name) lanes.span(middle, span, tint);
    }
  }
}

void draw_points(Lanes& lanes, const DrillVerdict& verdict, DrillUi& ui) {
  const float middle = lanes.lane("decisions", Tint::text);
  const std::int64_t stake = std::max<std::int64_t>(1, verdict.stake);
  for (std::size_t i = 0; i < verdict.decisions.size(); ++i) {
    const DrillDecision& decision = verdict.decisions[i];
    if (decision.stake() == 0) continue;
    const bool regrets = decision.regret() > 0;
    const auto share =
        static_cast<float>(std::min(decision.regret(), stake)) / static_cast<float>(stake);
    const ImVec2 at{lanes.x(decision.at), middle};
    const float radius = px(5) + px(5) * share;
    ImDrawList* list = lanes.list();
    if (regrets) {
      list->AddNgonFilled(at, radius + px(1), colour(Tint::warning), 4);
    } else {
      list->AddCircleFilled(at, radius, colour(Tint::good));
    }
    if (ui.decision == i) list->AddCircle(at, radius + px(4), colour(Tint::accent), 0, px(2));
    const ImVec2 from{at.x - radius, at.y - radius};
    const ImVec2 to{at.x + radius, at.y + radius};
    if (!ImGui::IsMouseHoveringRect(from, to)) continue;
    if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) ui.decision = i;
    const DrillDecision::Option& chosen = decision.options[decision.chosen];
    std::string text = clock_text(decision.at) + "  " + chosen.what + ": " +
                       points_text(chosen.expected) + " points expected";
    if (regrets) {
      const DrillDecision::Option& best = decision.options[decision.best()];
      text += "\nbetter: " + best.what + ", " + points_text(best.expected);
    }
    hint(text);
  }
}

}  // namespace

void draw_drill_timeline(const DrillSitting& sitting, const DrillDebrief& debrief, DrillUi& ui) {
  const DrillSetup& setup = sitting.setup();
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
  Lanes lanes(setup.begins, setup.ends);
  draw_spans(lanes, debrief.alarms, "", Tint::bad);
  draw_spans(lanes, debrief.works, "", Tint::accent);
  draw_points(lanes, debrief.verdict, ui);
  draw_spans(lanes, debrief.outages, "no writes, ", Tint::warning);
  lanes.axis();
  ImGui::PopStyleVar();
  say_wrapped(
      "A circle is a decision that nothing visible spoke against, a diamond one that cost "
      "something, the larger the more. \"No writes\" is the truth.",
      Tint::faint, Face::small);
}

}  // namespace longhaul
