// The plots of the compare mode: over time, distributions over one another, cost against latency.
#include <imgui.h>

#include <algorithm>

#include "gui/app.h"
#include "gui/views/compare_view.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "run/cost.h"
#include "run/grid_report.h"
#include "run/report.h"

namespace longhaul {
namespace {

std::int64_t largest_of(const std::vector<CanvasLine>& lines) {
  std::int64_t most = 1;
  for (const CanvasLine& line : lines) {
    for (const PlotSample& sample : line.samples) most = std::max(most, sample.y.value_or(0));
  }
  return most;
}

// From zero, unless that would press most of the line to the ground: then by powers of ten.
PlotAxis upright(std::string title, const std::vector<CanvasLine>& lines) {
  constexpr std::int64_t far_apart = 50;
  PlotAxis axis{std::move(title), Quantity::duration, 0, largest_of(lines), false};
  std::int64_t least = 0;
  for (const CanvasLine& line : lines) {
    for (const PlotSample& sample : line.samples) {
      const std::int64_t y = sample.y.value_or(0);
      if (y > 0 && (least == 0 || y < least)) least = y;
    }
  }
  if (least == 0 || axis.to / far_apart < least) return axis;
  axis.logarithmic = true;
  axis.from = 1'000;
  while (axis.from * 10 <= least) axis.from *= 10;
  return axis;
}

// A little more than from the least to the most.
PlotAxis around(std::string title, Quantity quantity, const std::vector<std::int64_t>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const std::int64_t span = std::max({*most - *least, *most / 5, std::int64_t{1}});
  return {std::move(title), quantity, std::max<std::int64_t>(0, *least - span / 3),
          *most + span / 3, false};
}

bool room_for_hint(const char* text) {
  ImGui::PushFont(face(Face::small));
  const float width = ImGui::CalcTextSize(text).x;
  ImGui::PopFont();
  return ImGui::GetContentRegionAvail().x >= width;
}

std::string loss_text(std::int64_t lost) {
  return lost == 0 ? "none lost" : count_text(lost) + " lost";
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

}  // namespace

void CompareView::make_plots() {
  std::string key = region_;
  for (const Shown& shown : complete_) {
    key += shown.view ? " " + std::to_string(reinterpret_cast<std::uintptr_t>(shown.view.get()))
                      : " -";
  }
  if (key == plots_of_) return;
  plots_of_ = key;
  plots_ = {};
  plots_.bands = model_.fault_bands();
  for (std::size_t side = 0; side < model_.designs().size(); ++side) {
    const std::string& name = model_.designs()[side].name;
    CanvasLine latency{name, side, model_.quantile_series(side, "page_latency", region_, "0.95")};
    if (!latency.samples.empty()) plots_.latency.push_back(std::move(latency));
    CanvasLine lag{name, side, model_.lag_series(side)};
    const bool any = std::any_of(lag.samples.begin(), lag.samples.end(),
                                 [](const PlotSample& sample) { return sample.y.has_value(); });
    if (any) plots_.lag.push_back(std::move(lag));
  }
  for (ComparedDistribution& each : model_.distributions(Metric::page_latency, region_)) {
    CanvasLine line{model_.designs()[each.side].name, each.side, std::move(each.samples)};
    line.steps = true;
    plots_.distribution.push_back(std::move(line));
  }
}

void CompareView::draw_plots(App& app, float height) {
  const float end = ImGui::GetCursorPosY() + height;
  ImGui::AlignTextToFramePadding();
  say("Users in", Tint::faint, Face::small);
  ImGui::SameLine();
  ImGui::SetNextItemWidth(std::min(px(220), ImGui::GetContentRegionAvail().x));
  if (ImGui::BeginCombo("###region", region_.c_str())) {
    for (const std::string& region : model_.regions()) {
      if (ImGui::Selectable(region.c_str(), region == region_)) region_ = region;
      mark("compare.region." + region);
    }
    ImGui::EndCombo();
  }
  mark("compare.region");
  ImGui::SameLine();
  constexpr const char* about = "drag to zoom, click to set the clock";
  if (window_.to > window_.from) {
    if (tool_button("compare.zoom_out", icon::search, "Whole run",
                    "Shows all of the time again; a double click does so as well")) {
      window_ = {};
    }
  } else if (room_for_hint(about)) {
    say_right(about, Tint::faint, Face::small);
  } else {
    ImGui::NewLine();
  }
  const float width = ImGui::GetContentRegionAvail().x;
  const float room = end - ImGui::GetCursorPosY();
  const float gap = ImGui::GetStyle().ItemSpacing.y;
  const float high = std::max(px(120), (room - 2 * gap) * 0.31f);
  const float low = std::max(px(160), room - 2 * gap - 2 * high - px(2));
  draw_time_plot(app, "compare.plot.page_p95", {width, high}, "all pages, p95", plots_.latency);
  draw_time_plot(app, "compare.plot.lag", {width, high}, "largest replay lag of a standby",
                 plots_.lag);
  const float half = (width - px(16)) / 2;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  draw_distribution({half, low});
  ImGui::SetCursorScreenPos({at.x + half + px(16), at.y});
  const DesignComparison* shown = model_.shown();
  if (shown != nullptr) draw_pareto(shown->pareto, {half, low});
}

void CompareView::draw_time_plot(App& app, const char* id, ImVec2 size, const std::string& title,
                                 const std::vector<CanvasLine>& lines) {
  const TimePoint end = app.work.end();
  PlotAxis y = upright(title, lines);
  if (lines.empty()) {
    y.title += ": nothing was measured";
    y.to = 1'000'000'000;
  }
  PlotCanvas canvas(id, size, time_axis(window_, {}, end), y);
  const bool wheel_zooms = ImGui::GetScrollMaxY() <= 0 || ImGui::GetIO().KeyCtrl;
  drag_time(canvas.inner(), {}, end, window_, true, wheel_zooms);
  canvas.bands(plots_.bands);
  canvas.lines(lines);
  canvas.moment(app.work.clock.now.ns, "", Tint::text);
  const ImVec2 moved = ImGui::GetMouseDragDelta(0, 0);
  const bool still = std::abs(moved.x) + std::abs(moved.y) < px(4);
  if (canvas.hovered() && ImGui::IsMouseReleased(0) && still &&
      canvas.inner().has(ImGui::GetIO().MouseClickedPos[0])) {
    app.work.go_to(TimePoint{canvas.value_at(ImGui::GetIO().MousePos.x)});
  }
}

void CompareView::draw_distribution(ImVec2 size) {
  std::int64_t least = 0;
  std::int64_t most = 0;
  for (const CanvasLine& line : plots_.distribution) {
    if (line.samples.empty()) continue;
    least = least == 0 ? line.samples.front().x : std::min(least, line.samples.front().x);
    most = std::max(most, line.samples.back().x);
  }
  // From the 2 or 5 below the least.
  std::int64_t from = 1'000;
  for (std::int64_t power = 1'000; power <= least; power *= 10) {
    for (const std::int64_t times : {1, 2, 5}) {
      if (power * times <= least) from = power * times;
    }
  }
  const PlotAxis x{"", Quantity::duration, from, std::max(most, from * 4), true};
  PlotCanvas canvas("compare.plot.distribution", size, x,
                    {"succeeded within", Quantity::share, 0, 1'000'000, false});
  canvas.lines(plots_.distribution);
}

void CompareView::draw_pareto(const Pareto& pareto, ImVec2 size) {
  std::vector<std::int64_t> cost;
  std::vector<std::int64_t> latency;
  for (const ParetoDesign& design : pareto.designs) {
    cost.push_back(design.cost_mean());
    latency.push_back(design.latency_mean());
  }
  PlotCanvas canvas("compare.plot.pareto", size,
                    around("a month; ringed: not beaten", Quantity::money, cost),
                    around("all pages of all users, p95", Quantity::duration, latency));
  std::vector<CanvasPoint> points;
  for (std::size_t i = 0; i < pareto.designs.size(); ++i) {
    const ParetoDesign& design = pareto.designs[i];
    const std::int64_t lost = spread_of(design.lost).p99;
    CanvasPoint point;
    point.name = design.name + "  " + loss_text(lost);
    point.x = cost[i];
    point.y = latency[i];
    point.series = i;
    point.strong = design.beaten_by.empty();
    for (std::int64_t size_of = lost; size_of > 0; size_of /= 10) point.size += 0.35f;
    point.more = loss_text(lost) + (pareto.seeds.first == pareto.seeds.last ? "" : ", p99 of runs");
    if (design.beaten_by.empty()) {
      point.more += "; beaten by no other design";
    } else {
      point.more += "; beaten by " + pareto.designs[design.beaten_by.front()].name;
    }
    mark_text("compare.pareto." + design.name, point.name + ", " + point.more);
    points.push_back(std::move(point));
  }
  // Those at one place share a name: the first has it.
  const auto near = [&](const CanvasPoint& a, const CanvasPoint& b) {
    return std::abs(canvas.x_of(a.x) - canvas.x_of(b.x)) < px(6) &&
           std::abs(canvas.y_of(a.y) - canvas.y_of(b.y)) < px(6);
  };
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::vector<std::string> names{pareto.designs[i].name};
    std::vector<std::string> more{points[i].name};
    bool alike = true;
    for (std::size_t k = i + 1; k < points.size(); ++k) {
      if (points[i].name.empty() || points[k].name.empty() || !near(points[i], points[k])) continue;
      names.push_back(pareto.designs[k].name);
      more.push_back(points[k].name);
      alike =
          alike && spread_of(pareto.designs[k].lost).p99 == spread_of(pareto.designs[i].lost).p99;
      points[k].name.clear();
    }
    if (names.size() < 2) continue;
    points[i].name = alike ? joined(names) + "  " + loss_text(spread_of(pareto.designs[i].lost).p99)
                           : joined(more);
  }
  canvas.points(points);
}

}  // namespace longhaul
