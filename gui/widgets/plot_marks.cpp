// What plots are drawn with: dashes, markers, texts that fit, and the mouse on a time axis.
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "gui/model/tab_titles.h"
#include "gui/widgets/plot_canvas.h"
#include "gui/widgets/theme.h"

namespace longhaul {
namespace {

// On, off, on, off; all zero: one stroke. Those of run/svg.h.
using Dash = std::array<float, 4>;
constexpr std::array<Dash, category_count> dashes{{{0, 0, 0, 0},
                                                   {7, 3, 7, 3},
                                                   {2, 2.5f, 2, 2.5f},
                                                   {9, 3, 2, 3},
                                                   {4, 2, 4, 2},
                                                   {1, 3, 1, 3},
                                                   {12, 4, 12, 4}}};

void stroke(ImDrawList* list, const ImVec2* points, std::size_t count, float thickness,
            ImU32 colour) {
  constexpr std::size_t most = 4'000;  // ImGui's vertices of one call are below 65,536
  for (std::size_t from = 0; from + 1 < count; from += most - 1) {
    const std::size_t part = std::min(most, count - from);
    list->AddPolyline(points + from, static_cast<int>(part), colour, ImDrawFlags_None, thickness);
  }
}

}  // namespace

void dashed_line(ImDrawList* list, const std::vector<ImVec2>& points, std::size_t series,
                 float thickness, ImU32 colour) {
  const Dash& dash = dashes[series % dashes.size()];
  if (dash[0] == 0) {
    stroke(list, points.data(), points.size(), thickness, colour);
    return;
  }
  std::vector<ImVec2> piece;
  std::size_t part = 0;
  float left = px(dash[0]);
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    ImVec2 at = points[i];
    const ImVec2 end = points[i + 1];
    float length = std::hypot(end.x - at.x, end.y - at.y);
    while (length > 0) {
      const bool on = part % 2 == 0;
      const float step = std::min(left, length);
      const ImVec2 next{at.x + (end.x - at.x) * step / length,
                        at.y + (end.y - at.y) * step / length};
      if (on && piece.empty()) piece.push_back(at);
      if (on) piece.push_back(next);
      at = next;
      length -= step;
      left -= step;
      if (left > 0) continue;
      stroke(list, piece.data(), piece.size(), thickness, colour);
      piece.clear();
      part = (part + 1) % dash.size();
      left = px(dash[part]);
    }
  }
  stroke(list, piece.data(), piece.size(), thickness, colour);
}

void series_marker(ImDrawList* list, ImVec2 at, std::size_t series, float radius, ImU32 colour) {
  const float r = radius;
  switch (series % 5) {
    case 0:
      list->AddCircleFilled(at, r, colour);
      return;
    case 1:
      list->AddRectFilled({at.x - r * 0.9f, at.y - r * 0.9f}, {at.x + r * 0.9f, at.y + r * 0.9f},
                          colour);
      return;
    case 2:
      list->AddTriangleFilled({at.x, at.y - 1.2f * r}, {at.x + 1.15f * r, at.y + 0.9f * r},
                              {at.x - 1.15f * r, at.y + 0.9f * r}, colour);
      return;
    case 3:
      list->AddQuadFilled({at.x, at.y - 1.35f * r}, {at.x + 1.35f * r, at.y},
                          {at.x, at.y + 1.35f * r}, {at.x - 1.35f * r, at.y}, colour);
      return;
    default:
      list->AddRectFilled({at.x - 0.4f * r, at.y - 1.2f * r}, {at.x + 0.4f * r, at.y + 1.2f * r},
                          colour);
      list->AddRectFilled({at.x - 1.2f * r, at.y - 0.4f * r}, {at.x + 1.2f * r, at.y + 0.4f * r},
                          colour);
  }
}

void series_key(std::size_t series) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = px(26);
  const float middle = at.y + ImGui::GetTextLineHeight() / 2;
  ImDrawList* list = ImGui::GetWindowDrawList();
  dashed_line(list, {{at.x, middle}, {at.x + width, middle}}, series, px(1.8f), category(series));
  series_marker(list, {at.x + width / 2, middle}, series, px(3.6f), category(series));
  ImGui::Dummy({width, ImGui::GetTextLineHeight()});
  ImGui::SameLine(0, px(6));
}

PlotAxis time_axis(const TimeWindow& window, TimePoint begin, TimePoint end) {
  const bool all = window.to <= window.from;
  return {"", Quantity::time, all ? begin.ns : window.from.ns, all ? end.ns : window.to.ns, false};
}

void drag_time(const Area& inner, TimePoint begin, TimePoint end, TimeWindow& window,
               bool left_zooms, bool wheel_zooms) {
  const ImGuiIO& io = ImGui::GetIO();
  const PlotAxis axis = time_axis(window, begin, end);
  const double span = static_cast<double>(axis.to - axis.from);
  const double whole = static_cast<double>(end.ns - begin.ns);
  const float width = std::max(1.0f, inner.width());
  if (whole <= 0 || span <= 0) return;
  const auto instant = [&](float x) {
    return static_cast<double>(axis.from) + span * static_cast<double>((x - inner.from.x) / width);
  };
  const auto show = [&](double from, double length) {
    if (length >= whole) {
      window = {};
      return;
    }
    const double least = static_cast<double>(begin.ns);
    from = std::clamp(from, least, least + whole - length);
    window.from.ns = static_cast<std::int64_t>(from);
    window.to.ns = static_cast<std::int64_t>(from + length);
  };
  const bool over = ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem);
  const auto pressed_in = [&](int button) {
    return over && inner.has(io.MouseClickedPos[button]) && io.MouseDownDuration[button] >= 0;
  };
  if (pressed_in(2) && io.MouseDelta.x != 0) {
    show(static_cast<double>(axis.from) - span * static_cast<double>(io.MouseDelta.x / width),
         span);
  }
  if (left_zooms && over && inner.has(io.MouseClickedPos[0])) {
    const float a = std::clamp(io.MouseClickedPos[0].x, inner.from.x, inner.to.x);
    const float b = std::clamp(io.MousePos.x, inner.from.x, inner.to.x);
    const bool is_span = std::abs(a - b) > px(6);
    if (is_span && io.MouseDown[0]) {
      ImDrawList* list = ImGui::GetWindowDrawList();
      list->AddRectFilled({std::min(a, b), inner.from.y}, {std::max(a, b), inner.to.y},
                          colour(Tint::accent, 0.15f));
      list->AddRect({std::min(a, b), inner.from.y}, {std::max(a, b), inner.to.y},
                    colour(Tint::accent, 0.8f));
    }
    if (is_span && io.MouseReleased[0]) {
      const double from = instant(std::min(a, b));
      show(from, std::max(whole / 100'000, instant(std::max(a, b)) - from));
      return;
    }
  }
  if (!over || !inner.has(io.MousePos)) return;
  if (io.MouseDoubleClicked[0]) window = {};
  if (!wheel_zooms) return;
  // The wheel is the plot's, not the panel's.
  ImGuiContext& context = *ImGui::GetCurrentContext();
  if (context.HoveredId != 0) context.HoveredIdUsingMouseWheel = true;
  if (io.MouseWheel != 0) {
    const double length =
        std::max(whole / 100'000, span * std::pow(0.8, static_cast<double>(io.MouseWheel)));
    const double share = static_cast<double>((io.MousePos.x - inner.from.x) / width);
    show(instant(io.MousePos.x) - length * share, length);
  }
  if (io.MouseWheelH != 0) {
    show(static_cast<double>(axis.from) - span * 0.1 * static_cast<double>(io.MouseWheelH), span);
  }
}

std::string fitted(std::string_view text, float width) {
  const auto size = [](std::string_view part) {
    return ImGui::CalcTextSize(part.data(), part.data() + part.size()).x;
  };
  if (size(text) <= width) return std::string(text);
  const float dots = size("...");
  while (!text.empty() && size(text) + dots > width) {
    while (text.size() > 1 && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) {
      text.remove_suffix(1);  // what follows the first byte of a sign
    }
    text.remove_suffix(1);
  }
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text.empty() ? "" : std::string(text) + "...";
}

std::string fitted_middle(std::string_view text, float width) {
  return cut_middle(std::string(text), [width](const std::string& part) {
    return ImGui::CalcTextSize(part.c_str()).x <= width;
  });
}

}  // namespace longhaul
