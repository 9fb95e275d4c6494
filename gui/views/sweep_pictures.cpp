#include "gui/views/sweep_pictures.h"

#include <imgui.h>

#include <algorithm>
#include <limits>

#include "base/units_text.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"
#include "run/grid_report.h"

namespace longhaul {
namespace {

constexpr std::int64_t whole_ppm = 1'000'000;

std::string about_bars(SeedRange seeds) {
  return seeds.first == seeds.last ? "one seed, so no intervals"
                                   : "upright bars: 95 % intervals of the mean over seeds";
}

std::int64_t x_of_step(std::size_t step) {
  return static_cast<std::int64_t>(step) * PlotCanvas::step_of_x;
}

std::int64_t top_of(const MeanOfSeeds& mean) {
  return div_ceil(mean.mean_milli + mean.half_width_milli, 1'000);
}

// The end of an axis on which everything is zero.
std::int64_t some_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::share:
      return 10'000;  // 1 %
    case Quantity::duration:
      return 1'000'000;
    default:
      return 1;
  }
}

// The 95 % interval of a mean, upright.
void draw_interval(const PlotCanvas& canvas, std::int64_t x, const MeanOfSeeds& mean) {
  if (mean.by_seed.size() < 2) return;
  const float at = canvas.x_of(x);
  const std::int64_t low = std::max<std::int64_t>(0, mean.mean_milli - mean.half_width_milli);
  const float from = canvas.y_of(div_floor(low, 1'000));
  const float to = canvas.y_of(top_of(mean));
  const ImU32 tint = colour(Tint::faint, 0.8f);
  canvas.list()->AddLine({at, from}, {at, to}, tint, px(1.4f));
  for (const float y : {from, to}) {
    canvas.list()->AddLine({at - px(4), y}, {at + px(4), y}, tint, px(1.4f));
  }
}

struct LagPanel {
  const char* id;
  MeanOfSeeds LagThresholdLine::*figure;
  Quantity quantity;
  std::string title;
};

void draw_lag_panel(const LagThreshold& answer, const LagPanel& panel, std::size_t series,
                    ImVec2 size) {
  std::vector<std::string> names;
  for (const Duration value : usual_thresholds()) names.push_back(to_short_text(value));
  CanvasLine line{"", series, {}};
  std::int64_t most = 0;
  for (std::size_t i = 0; i < answer.lines.size(); ++i) {
    const MeanOfSeeds& mean = answer.lines[i].*panel.figure;
    most = std::max(most, top_of(mean));
    line.samples.push_back({x_of_step(i), div_floor(mean.mean_milli, 1'000)});
  }
  if (most == 0) most = some_of(panel.quantity);
  PlotCanvas canvas(panel.id, size, PlotCanvas::axis_of_steps("", names.size()),
                    {panel.title, panel.quantity, 0, most, false}, 0, names);
  for (std::size_t i = 0; i < answer.lines.size(); ++i) {
    draw_interval(canvas, x_of_step(i), answer.lines[i].*panel.figure);
  }
  line.name = panel.title;
  canvas.lines({line}, false);
  const auto configured = std::find_if(usual_thresholds().begin(), usual_thresholds().end(),
                                       [&](Duration value) { return value == answer.configured; });
  const bool stands = configured != usual_thresholds().end();
  const auto place = static_cast<std::size_t>(configured - usual_thresholds().begin());
  const bool is_knee = stands && answer.knee == place;
  if (stands && !is_knee) canvas.moment(x_of_step(place), "as it is", Tint::faint);
  if (answer.knee) {
    canvas.moment(x_of_step(*answer.knee), knee_name(answer) + (is_knee ? ", as it is" : ""),
                  Tint::good);
  }
}

// Two pictures beside one another, the second at the returned place.
ImVec2 half_of(ImVec2 room) { return {(room.x - px(18)) / 2, room.y}; }

void beside(ImVec2 at, ImVec2 half) { ImGui::SetCursorScreenPos({at.x + half.x + px(18), at.y}); }

// The share of crashes with more than x.
CanvasLine exceedance(std::vector<std::int64_t> values, std::string name, std::size_t series) {
  CanvasLine line{std::move(name), series, {}, true};
  std::sort(values.begin(), values.end());
  const auto count = static_cast<std::int64_t>(values.size());
  if (count == 0) return line;
  const auto above = [&](std::int64_t x) {
    const auto first = std::upper_bound(values.begin(), values.end(), x);
    return div_floor(Int128{values.end() - first} * whole_ppm, count);
  };
  line.samples.push_back({0, above(0)});
  for (const std::int64_t value : values) {
    if (value > line.samples.back().x) line.samples.push_back({value, above(value)});
  }
  return line;
}

// From `unknown_from` on values are known to be as much, and may be more.
void draw_exceedance(const char* id, ImVec2 size, const std::vector<std::int64_t>& values,
                     Quantity quantity, const std::string& what, std::size_t series,
                     std::int64_t unknown_from = std::numeric_limits<std::int64_t>::max()) {
  const Spread spread = spread_of(values);
  const auto said = [&](std::int64_t value) {
    return (value >= unknown_from ? "over " : "") + figure_text(quantity, value);
  };
  CanvasLine line = exceedance(values, "share of crashes", series);
  const std::int64_t share = line.samples.empty() ? 0 : line.samples.front().y.value_or(0);
  const PlotAxis x = rounded({what + ": p50 " + said(spread.median) + ", p99 " + said(spread.p99) +
                                  ", worst " + said(spread.worst),
                              quantity, 0, std::max<std::int64_t>(1, spread.worst), false},
                             6);
  PlotCanvas canvas(id, size, x,
                    {"crashes with more than that", Quantity::share, 0,
                     std::max<std::int64_t>(share, 10'000), false});
  canvas.lines({line}, false);
}

PlotAxis instants_axis(const CrashSet& crashes, std::string title) {
  return {std::move(title), Quantity::duration, crashes.from_ns, crashes.until_ns, false};
}

void draw_phase_table(const Outages& outages) {
  if (!ImGui::BeginTable("phases", 4,
                         ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_ScrollY |
                             ImGuiTableFlags_SizingStretchProp)) {
    return;
  }
  ImGui::TableSetupScrollFreeze(0, 1);
  ImGui::TableSetupColumn("phase", 0, 3.0f);
  for (const char* title : {"mean", "share", "worst"}) {
    ImGui::TableSetupColumn(title, 0, 1.1f);
  }
  ImGui::TableNextRow();
  for (const char* title : {"phase", "mean", "share", "worst"}) {
    ImGui::TableNextColumn();
    if (std::string_view(title) == "phase") {
      say(title, Tint::faint, Face::small);
    } else {
      say_right(title, Tint::faint, Face::small);
    }
  }
  for (std::size_t phase = 0; phase < outages.phases.size(); ++phase) {
    std::vector<std::int64_t> values;
    for (const CrashOutage& one : outages.each) values.push_back(one.phases_ns[phase]);
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float side = px(11);
    const float middle = at.y + ImGui::GetTextLineHeight() / 2;
    ImGui::GetWindowDrawList()->AddRectFilled({at.x, middle - side / 2},
                                              {at.x + side, middle + side / 2}, category(phase));
    ImGui::Dummy({side, 0});
    ImGui::SameLine(0, px(7));
    say(fitted(outages.phases[phase], ImGui::GetContentRegionAvail().x), Tint::text);
    const std::int64_t mean = mean_of(values);
    for (const std::string& text :
         {quantity_text(Quantity::duration, mean / 1'000'000 * 1'000'000),
          std::to_string(outages.share_percent(phase)) + " %",
          quantity_text(Quantity::duration, spread_of(values).worst / 1'000'000 * 1'000'000)}) {
      ImGui::TableNextColumn();
      say_right(text);
    }
    mark_text("sweep.phase." + outages.phases[phase], std::to_string(mean));
  }
  ImGui::EndTable();
}

// From bottom to top in the order of the phases.
void draw_stacks(PlotCanvas& canvas, const Outages& outages) {
  const float half = std::clamp(
      canvas.inner().width() / (5 * static_cast<float>(outages.each.size() + 1)), px(1), px(7));
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  for (const CrashOutage& one : outages.each) {
    const float x = canvas.x_of(one.at_ns);
    const bool under = canvas.hovered() && std::abs(mouse.x - x) <= half + px(1);
    std::int64_t below = 0;
    for (std::size_t phase = 0; phase < one.phases_ns.size(); ++phase) {
      if (one.phases_ns[phase] == 0) continue;
      const float from = canvas.y_of(below);
      below += one.phases_ns[phase];
      const float to = canvas.y_of(below);
      canvas.list()->AddRectFilled({x - half, to}, {x + half, std::max(to + 1, from - px(1))},
                                   category(phase, under ? 1.0f : 0.85f));
      if (under) {
        canvas.tell(outages.phases[phase], quantity_text(Quantity::duration, one.phases_ns[phase]),
                    phase);
      }
    }
    if (below == 0) {
      canvas.list()->AddRectFilled({x - half, canvas.y_of(0) - px(2)}, {x + half, canvas.y_of(0)},
                                   colour(Tint::good));
    }
    if (under) {
      canvas.tell(one.open ? "still out when watching ended" : "writes out, in all",
                  quantity_text(Quantity::duration, below));
    }
    if (one.open) {
      canvas.list()->AddTriangleFilled(
          {x - half, canvas.y_of(below) - px(2)}, {x + half, canvas.y_of(below) - px(2)},
          {x, canvas.y_of(below) - px(2) - 1.6f * half}, colour(Tint::bad));
    }
  }
}

}  // namespace

void draw_lag_threshold(const LagThreshold& answer) {
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const ImVec2 half = half_of({room.x, (room.y - px(30)) / 2});
  const std::vector<LagPanel> panels{
      {"sweep.plot.stale", &LagThresholdLine::stale_ppm, Quantity::share, "stale reads, of all"},
      {"sweep.plot.load", &LagThresholdLine::load_ppm, Quantity::share,
       "processors of " + answer.primary + " busy"},
      {"sweep.plot.openings", &LagThresholdLine::openings, Quantity::count,
       "openings of breakers, a run"},
      {"sweep.plot.open", &LagThresholdLine::open_ppm, Quantity::share,
       "breakers open, of their time"}};
  for (std::size_t i = 0; i < panels.size(); i += 2) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    draw_lag_panel(answer, panels[i], i, half);
    beside(at, half);
    draw_lag_panel(answer, panels[i + 1], i + 1, half);
  }
  const std::string about = "policy.lag_breaker.open_above; " + about_bars(answer.seeds);
  ImGui::PushFont(face(Face::small));
  const std::string shown = fitted(about, ImGui::GetContentRegionAvail().x);
  ImGui::PopFont();
  say(shown, Tint::faint, Face::small);
  if (shown != about && ImGui::IsItemHovered()) hint(about);
}

void draw_data_loss(const DataLoss& loss) {
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float high = (room.y - px(10)) * 0.52f;
  {
    const std::int64_t worst = std::max<std::int64_t>(1, spread_of(loss.transactions).worst);
    PlotCanvas canvas("sweep.plot.loss", {room.x, high},
                      instants_axis(loss.crashes, "instant of the crash"),
                      {"acknowledged transactions lost", Quantity::count, 0, worst, false});
    std::vector<CanvasPoint> points;
    std::vector<CanvasLine> keys;
    for (std::size_t cause = 0; cause < loss.causes.size(); ++cause) {
      keys.push_back({loss.causes[cause].cause, cause, {}});
      for (std::size_t i = 0; i < loss.crashes.at_ns.size(); ++i) {
        const std::int64_t lost = loss.causes[cause].transactions[i];
        if (lost == 0) continue;
        points.push_back(
            {"", loss.crashes.at_ns[i], lost, cause, false, 1, loss.causes[cause].cause});
      }
    }
    for (std::size_t i = 0; i < loss.crashes.at_ns.size(); ++i) {
      if (loss.transactions[i] > 0) continue;
      const float x = canvas.x_of(loss.crashes.at_ns[i]);
      canvas.list()->AddLine({x, canvas.inner().to.y - px(7)}, {x, canvas.inner().to.y},
                             colour(Tint::good), px(2));
    }
    canvas.lines(keys);
    canvas.points(points, false);
  }
  if (loss.losing() == 0) {
    say("A green tick is a crash that lost nothing.", Tint::faint, Face::small);
    return;
  }
  const ImVec2 half = half_of({room.x, room.y - high - px(10)});
  const ImVec2 at = ImGui::GetCursorScreenPos();
  draw_exceedance("sweep.plot.loss_share", half, loss.transactions, Quantity::count, "transactions",
                  0);
  beside(at, half);
  draw_exceedance("sweep.plot.loss_time", half, loss.lost_ns, Quantity::duration,
                  "time back to the oldest", 1);
}

void draw_outages(const Outages& outages) {
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float high = (room.y - px(10)) * 0.55f;
  std::vector<std::int64_t> totals;
  std::int64_t unknown_from = std::numeric_limits<std::int64_t>::max();
  for (const CrashOutage& one : outages.each) {
    totals.push_back(one.total());
    if (one.open) unknown_from = std::min(unknown_from, one.total());
  }
  {
    PlotCanvas canvas("sweep.plot.outage", {room.x, high},
                      instants_axis(outages.crashes, "instant of the crash"),
                      {"writes out, by phase from the bottom up", Quantity::duration, 0,
                       std::max<std::int64_t>(1, spread_of(totals).worst), false});
    draw_stacks(canvas, outages);
  }
  const ImVec2 half = half_of({room.x, room.y - high - px(10)});
  const ImVec2 at = ImGui::GetCursorScreenPos();
  draw_exceedance("sweep.plot.outage_share", half, totals, Quantity::duration, "writes out", 0,
                  unknown_from);
  beside(at, half);
  ImGui::BeginChild("phase_table", half, false, ImGuiWindowFlags_NoBackground);
  draw_phase_table(outages);
  ImGui::EndChild();
}

void draw_parameter(const ParameterSweep& answer) {
  const ImVec2 room = ImGui::GetContentRegionAvail();
  std::int64_t most = 1;
  CanvasLine line{answer.figure, 0, {}};
  for (std::size_t i = 0; i < answer.points.size(); ++i) {
    const ParameterPoint& point = answer.points[i];
    most = std::max(most, top_of(point.mean));
    PlotSample sample{x_of_step(i), std::nullopt};
    if (!point.no_samples) sample.y = div_floor(point.mean.mean_milli, 1'000);
    line.samples.push_back(sample);
  }
  PlotCanvas canvas("sweep.plot.parameter", {room.x, room.y},
                    PlotCanvas::axis_of_steps(answer.axis.path + "; " + about_bars(answer.seeds),
                                              answer.axis.values.size()),
                    {answer.figure, answer.quantity, 0, most, false}, 0, answer.axis.values);
  for (std::size_t i = 0; i < answer.points.size(); ++i) {
    if (!answer.points[i].no_samples) {
      draw_interval(canvas, x_of_step(i), answer.points[i].mean);
    }
  }
  canvas.lines({line}, false);
}

}  // namespace longhaul
