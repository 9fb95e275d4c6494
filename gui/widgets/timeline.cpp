#include "gui/widgets/timeline.h"

#include <GLFW/glfw3.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "gui/model/clock_text.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/fit_text.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/theme.h"
#include "gui/widgets/timeline_lanes.h"

namespace longhaul {
namespace {

constexpr float gutter_width = 166;
constexpr float axis_height = 24;
constexpr float more_height = 22;  // of the line below that names lanes that are not seen

struct Parts {
  Area axis;
  Area gutter;
  Area body;
};

Parts cut(Area area) {
  Parts parts;
  Area left = area.cut_left(std::min(px(gutter_width), area.width() * 0.3f));
  left.cut_top(px(axis_height));
  parts.axis = area.cut_top(px(axis_height));
  parts.gutter = left;
  parts.body = area;
  return parts;
}

// Where the playhead's instant stands, above its line; absent out of sight.
std::optional<Area> playhead_label(const Parts& parts, const TimeScale& scale, TimePoint now) {
  const float x = scale.x_of(now);
  if (x < scale.left - 1 || x > scale.right + 1) return std::nullopt;
  ImFont* font = face(Face::small);
  const std::string text = clock_text(now);
  const float width = font->CalcTextSizeA(font->FontSize, 1e9f, 0, text.c_str()).x + px(10);
  const float left =
      std::clamp(x - width / 2, scale.left, std::max(scale.left, scale.right - width));
  const float top = parts.axis.from.y;
  return Area{{left, top + px(1)}, {left + width, top + font->FontSize + px(5)}};
}

// With the times of its ticks, but where the playhead says its own.
void draw_axis(ImDrawList* list, Area axis, Area body, const TimeScale& scale,
               const std::optional<Area>& playhead) {
  ImFont* font = face(Face::small);
  const auto most = static_cast<std::size_t>(std::max(2.0f, axis.width() / px(90)));
  const float grid = current_look() == Look::high_contrast ? 0.3f : 0.55f;
  const PlotAxis plot{"", Quantity::time, scale.from.ns, scale.to.ns, false};
  list->PushClipRect(axis.from, body.to, true);
  for (const Tick& tick : ticks(plot, most)) {
    const float x = scale.x_of(TimePoint{tick.value});
    list->AddLine({x, axis.to.y - px(5)}, {x, body.to.y}, colour(Tint::line, grid));
    const std::string text = short_clock_text(TimePoint{tick.value});
    const float width = font->CalcTextSizeA(font->FontSize, 1e9f, 0, text.c_str()).x;
    const float at = std::clamp(x - width / 2, axis.from.x + px(2), axis.to.x - width - px(2));
    const float gap = px(4);
    if (playhead && at < playhead->to.x + gap && at + width > playhead->from.x - gap) continue;
    list->AddText(font, font->FontSize, {at, axis.from.y + px(3)}, colour(Tint::faint),
                  text.c_str());
    mark_area("run.tick." + text, {at, axis.from.y}, {at + width, axis.to.y});
  }
  list->PopClipRect();
}

void draw_range(ImDrawList* list, const Parts& parts, const TimeScale& scale, TimePoint from,
                TimePoint to) {
  const float a = std::clamp(scale.x_of(from), scale.left, scale.right);
  const float b = std::clamp(scale.x_of(to), scale.left, scale.right);
  list->AddRectFilled({a, parts.axis.from.y}, {b, parts.body.to.y}, colour(Tint::accent, 0.13f));
  list->AddLine({a, parts.axis.from.y}, {a, parts.body.to.y}, colour(Tint::accent, 0.8f), px(1));
  list->AddLine({b, parts.axis.from.y}, {b, parts.body.to.y}, colour(Tint::accent, 0.8f), px(1));
}

// A line through all lanes with the instant above it.
void draw_playhead(ImDrawList* list, const Parts& parts, float x, Area label, TimePoint now) {
  ImFont* font = face(Face::small);
  list->AddLine({x, label.to.y}, {x, parts.body.to.y}, colour(Tint::text, 0.9f), px(1.5f));
  list->AddRectFilled(label.from, label.to, colour(Tint::text), px(3));
  list->AddText(font, font->FontSize, {label.from.x + px(5), label.from.y + px(1)},
                colour(Tint::ground), clock_text(now).c_str());
}

// What is not simulated yet.
void draw_unknown(ImDrawList* list, const Parts& parts, const TimeScale& scale,
                  const TimelineContent& content) {
  if (content.reached >= content.end) return;
  const float from = std::clamp(scale.x_of(content.reached), scale.left, scale.right);
  const ImVec2 a{from, parts.body.from.y};
  list->AddRectFilled(a, parts.body.to, colour(Tint::ground, 0.55f));
  hatch(list, a, parts.body.to, colour(Tint::line, 0.8f));
}

// Around the mouse where it is over the lanes, else around the playhead.
void keys(const Parts& parts, float around, TimePoint end, TimeWindow& window) {
  const ImGuiIO& io = ImGui::GetIO();
  if (io.WantTextInput || io.KeyCtrl || io.KeyAlt) return;
  const bool all = window.to.ns <= window.from.ns;
  double from = all ? 0 : static_cast<double>(window.from.ns);
  double to = all ? static_cast<double>(end.ns) : static_cast<double>(window.to.ns);
  const double length = to - from;
  const double share =
      std::clamp((around - parts.body.from.x) / std::max(1.0f, parts.body.width()), 0.0f, 1.0f);
  const auto pressed = [](char key) { return ImGui::IsKeyPressed(key); };
  double shorter = 1;
  if (pressed('W')) shorter = 0.8;
  if (pressed('S')) shorter = 1.25;
  double moved = 0;
  if (pressed('A')) moved = -0.1 * length;
  if (pressed('D')) moved = 0.1 * length;
  if (shorter == 1 && moved == 0) return;
  constexpr double least = 1e6;  // a millisecond
  const double next = std::clamp(length * shorter, least, static_cast<double>(end.ns));
  from += (length - next) * share + moved;
  from = std::clamp(from, 0.0, static_cast<double>(end.ns) - next);
  window.from.ns = static_cast<std::int64_t>(from);
  window.to.ns = static_cast<std::int64_t>(from + next);
  if (next >= static_cast<double>(end.ns)) window = {};
}

void say_values(const Lane& lane, TimePoint at, Duration near) {
  const std::vector<LaneValue> values = values_at(lane, at, near);
  ImGui::BeginTooltip();
  say(lane.title + "  " + clock_text(at), Tint::faint, Face::small);
  if (values.empty()) say(lane.note.empty() ? "nothing" : lane.note);
  if (ImGui::BeginTable("values", 2, ImGuiTableFlags_SizingFixedFit)) {
    for (const LaneValue& value : values) {
      ImGui::TableNextRow();
      ImGui::TableNextColumn();
      say(value.name, Tint::faint);
      ImGui::TableNextColumn();
      ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + px(400));
      say(value.text);
      ImGui::PopTextWrapPos();
    }
    ImGui::EndTable();
  }
  ImGui::EndTooltip();
}

class Mouse {
 public:
  Mouse(const Parts& parts, const TimelineContent& content, TimelineState& state)
      : parts_(parts), content_(content), state_(state) {}

  // Over axis and lanes.
  TimelineAnswer answer(const TimeScale& scale) {
    TimelineAnswer answer;
    ImGui::SetCursorScreenPos(parts_.axis.from);
    ImGui::InvisibleButton("lanes",
                           {std::max(1.0f, parts_.axis.width()),
                            std::max(1.0f, parts_.axis.height() + parts_.body.height())},
                           ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight);
    mark("run.timeline");
    mark_area("run.timeline.axis", parts_.axis.from, parts_.axis.to);
    hovered_ = ImGui::IsItemHovered();
    const ImGuiIO& io = ImGui::GetIO();
    const TimePoint at = std::clamp(scale.at(io.MousePos.x), TimePoint{}, content_.end);
    if (ImGui::IsItemActivated()) {
      // On the axis a drag selects, unless it takes the playhead.
      const bool on_axis = io.MousePos.y < parts_.axis.to.y &&
                           std::abs(io.MousePos.x - scale.x_of(content_.now)) > px(30);
      const bool selects = io.MouseDown[1] || io.KeyShift || on_axis;
      state_.on_axis = on_axis && !io.MouseDown[1] && !io.KeyShift;
      state_.scrubbing = !selects;
      state_.range_from.reset();
      if (selects) state_.range_from = at;
    }
    const bool active = ImGui::IsItemActive();
    if (active && state_.scrubbing) answer.go_to = at;
    if (state_.range_from) {
      const auto range = std::minmax(*state_.range_from, at);
      dragged_ = {range.first, range.second};
      if (!active) {
        const bool far = scale.x_of(range.second) - scale.x_of(range.first) > px(4);
        if (far) answer.range = dragged_;
        answer.no_range = !far;
        if (!far && state_.on_axis) answer.go_to = at;
        state_.range_from.reset();
      }
    }
    if (!active) state_.scrubbing = false;
    return answer;
  }

  bool hovered() const { return hovered_; }
  const std::optional<std::pair<TimePoint, TimePoint>>& dragged() const { return dragged_; }

 private:
  const Parts& parts_;
  const TimelineContent& content_;
  TimelineState& state_;
  bool hovered_ = false;
  std::optional<std::pair<TimePoint, TimePoint>> dragged_;
};

void fold_by_title(const Lane& lane, Area gutter, TimelineState& state) {
  const float height = std::min(gutter.height(), px(20));
  ImGui::SetCursorScreenPos(gutter.from);
  ImGui::PushID(lane.id.c_str());
  if (ImGui::InvisibleButton("fold", {std::max(1.0f, gutter.width()), std::max(1.0f, height)})) {
    if (state.folded.erase(lane.id) == 0) state.folded.insert(lane.id);
  }
  mark("run.lane." + lane.id);
  if (ImGui::IsItemHovered()) hint(lane.about);
  ImGui::PopID();
}

}  // namespace

// A button that names lanes, as many as fit; the number of them in any case.
bool button_for(const char* name, const char* sign, const std::vector<std::string>& titles,
                const char* where, float room) {
  ImGui::PushFont(face(Face::small));
  std::string text = std::string(sign) + "  " + std::to_string(titles.size()) + " " + where;
  for (std::size_t i = 0; i < titles.size(); ++i) {
    const std::string longer = text + (i == 0 ? ": " : ", ") + titles[i];
    const std::string rest = i + 1 < titles.size() ? ", ..." : "";
    if (ImGui::CalcTextSize((longer + rest).c_str()).x > room - px(16)) {
      text += i == 0 ? "" : ", ...";
      break;
    }
    text = longer;
  }
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {px(6), px(2)});
  const bool pressed = ImGui::Button((text + "###" + name).c_str());
  ImGui::PopStyleVar();
  ImGui::PopFont();
  mark(name);
  mark_text(name, text);
  if (ImGui::IsItemHovered()) {
    hint("The wheel over the titles, PageUp and PageDown scroll the lanes");
  }
  return pressed;
}

// Lanes that are not seen as a whole, and the way there; how far to scroll.
float draw_more(Area line, const std::vector<std::string>& above,
                const std::vector<std::string>& below, float page) {
  float by = 0;
  ImGui::SetCursorScreenPos({line.from.x, line.from.y + px(2)});
  const float room = above.empty() || below.empty() ? line.width() : line.width() / 2;
  if (!above.empty()) {
    if (button_for("run.lanes.above", icon::up, above, "above", room)) by = -page;
    if (!below.empty()) ImGui::SameLine(0, px(6));
  }
  if (!below.empty() && button_for("run.lanes.below", icon::down, below, "below", room)) by = page;
  return by;
}

float scrolled_by_keys(float page) {
  const ImGuiIO& io = ImGui::GetIO();
  if (io.WantTextInput || io.KeyCtrl || io.KeyAlt || io.KeyShift) return 0;
  if (ImGui::IsKeyPressed(GLFW_KEY_PAGE_DOWN)) return page;
  if (ImGui::IsKeyPressed(GLFW_KEY_PAGE_UP)) return -page;
  return 0;
}

TimelineAnswer draw_timeline(Area area, const TimelineContent& content, TimelineState& state) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const auto is_folded = [&](const Lane& lane) { return state.folded.count(lane.id) > 0; };
  float height = 0;
  for (const Lane& lane : *content.lanes) height += lane_height(lane, is_folded(lane));
  const bool fits = height <= area.height() - px(axis_height);
  const Area below = fits ? Area{} : area.cut_bottom(std::min(px(more_height), area.height() / 4));
  const Parts parts = cut(area);
  const auto scale_now = [&] {
    const bool all = state.window.to.ns <= state.window.from.ns;
    return TimeScale{parts.body.from.x, parts.body.to.x, all ? TimePoint{} : state.window.from,
                     all ? content.end : state.window.to};
  };
  Mouse mouse(parts, content, state);
  TimelineAnswer answer = mouse.answer(scale_now());
  const bool popup = ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId);
  const float around = mouse.hovered() ? ImGui::GetIO().MousePos.x : scale_now().x_of(content.now);
  if (!popup) keys(parts, around, content.end, state.window);
  drag_time({{parts.axis.from}, {parts.body.to}}, TimePoint{}, content.end, state.window);
  const TimeScale scale = scale_now();

  const auto grows = [&](const Lane& lane) {
    return !is_folded(lane) && lane.note.empty() && !lane.lines.empty();
  };
  int growing = 0;
  for (const Lane& lane : *content.lanes) growing += grows(lane) ? 1 : 0;
  // Room that is left goes to the lanes with lines.
  const float spare = std::max(0.0f, parts.body.height() - height);
  const float more = growing == 0 ? 0 : std::min(px(90), spare / static_cast<float>(growing));
  height += more * static_cast<float>(growing);
  const ImVec2 at = ImGui::GetIO().MousePos;
  if (parts.gutter.has(at) && ImGui::IsWindowHovered()) {
    state.scroll -= ImGui::GetIO().MouseWheel * px(40);
  }
  const float page = parts.body.height() * 0.7f;
  if (!popup) state.scroll += scrolled_by_keys(page);
  state.scroll = std::clamp(state.scroll, 0.0f, std::max(0.0f, height - parts.body.height()));

  const std::optional<Area> label = playhead_label(parts, scale, content.now);
  draw_axis(list, parts.axis, parts.body, scale, label);
  if (content.out_of_date) {
    draw_fitted(list, face(Face::small), {parts.gutter.from.x + px(2), parts.axis.from.y + px(3)},
                colour(Tint::warning), "simulating anew ...", parts.gutter.width() - px(8));
  }
  list->PushClipRect(parts.gutter.from, parts.body.to, true);
  float y = parts.body.from.y - state.scroll;
  const Lane* under_mouse = nullptr;
  std::vector<std::string> unseen_above;
  std::vector<std::string> unseen_below;
  for (const Lane& lane : *content.lanes) {
    const bool folded = is_folded(lane);
    const float tall = lane_height(lane, folded) + (grows(lane) ? more : 0);
    const Area gutter{{parts.gutter.from.x, y}, {parts.gutter.to.x, y + tall}};
    const Area body{{parts.body.from.x, y}, {parts.body.to.x, y + tall}};
    y += tall;
    if (gutter.from.y < parts.body.from.y - 1) unseen_above.push_back(lane.title);
    if (gutter.to.y > parts.body.to.y + 1) unseen_below.push_back(lane.title);
    if (gutter.to.y < parts.body.from.y || gutter.from.y > parts.body.to.y) continue;
    draw_lane(list, lane, folded, gutter, body, scale);
    fold_by_title(lane, gutter, state);
    mark_area("run.timeline." + lane.id, body.from, body.to);
    if (body.has(at) && parts.body.has(at)) under_mouse = &lane;
  }
  list->PopClipRect();
  draw_unknown(list, parts, scale, content);
  if (mouse.dragged()) {
    draw_range(list, parts, scale, mouse.dragged()->first, mouse.dragged()->second);
  } else if (content.range) {
    draw_range(list, parts, scale, content.range->first, content.range->second);
  }
  if (label) draw_playhead(list, parts, scale.x_of(content.now), *label, content.now);
  // How far down it goes on.
  if (height > parts.body.height()) {
    const float track = parts.body.height();
    const float size = std::max(px(16), track * track / height);
    const float from =
        parts.body.from.y + (track - size) * state.scroll / (height - parts.body.height());
    list->AddRectFilled({parts.body.to.x - px(5), from}, {parts.body.to.x - px(1), from + size},
                        colour(Tint::faint), px(2));
    state.scroll += draw_more(below, unseen_above, unseen_below, page);
  }
  if (mouse.hovered() && !state.scrubbing && !mouse.dragged() && under_mouse != nullptr) {
    const TimePoint there = scale.at(at.x);
    list->AddLine({at.x, parts.body.from.y}, {at.x, parts.body.to.y}, colour(Tint::faint, 0.6f));
    say_values(*under_mouse, there, scale.at(at.x + px(6)) - there);
  }
  return answer;
}

}  // namespace longhaul
