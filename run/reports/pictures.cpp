#include "run/reports/pictures.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units_text.h"
#include "run/plot.h"
#include "run/reports/distributions.h"
#include "run/reports/strips.h"

namespace longhaul {
namespace {

constexpr std::size_t lines_max = series_styles;

std::vector<PlotSample> samples_of(const Material& material, const SeriesColumn& column) {
  std::vector<PlotSample> samples;
  for (std::size_t i = 0; i < column.values.size(); ++i) {
    samples.push_back({material.series.at[i].ns, column.values[i]});
  }
  return samples;
}

// A column has room for a hundred points: of neighbours one is drawn.
enum class Thin { highest, mean, lowest };

std::vector<PlotSample> thinned(const std::vector<PlotSample>& samples, Thin how) {
  constexpr std::size_t points = 100;
  const std::size_t together = (samples.size() + points - 1) / points;
  std::vector<PlotSample> result;
  for (std::size_t i = 0; i < samples.size(); i += together) {
    const std::size_t end = std::min(samples.size(), i + together);
    PlotSample one{samples[end - 1].x, std::nullopt};
    std::int64_t count = 0;
    for (std::size_t k = i; k < end; ++k) {
      if (!samples[k].y) continue;
      const std::int64_t y = *samples[k].y;
      one.y = how == Thin::mean      ? one.y.value_or(0) + y
              : how == Thin::highest ? std::max(one.y.value_or(y), y)
                                     : std::min(one.y.value_or(y), y);
      count += 1;
    }
    if (how == Thin::mean && one.y) *one.y /= count;
    result.push_back(one);
  }
  return result;
}

// Users' regions and servers keep their looks through all pictures.
std::size_t series_of(const Material& material, std::string_view name) {
  for (std::size_t i = 0; i < material.report.nodes.size(); ++i) {
    if (material.report.nodes[i].name == name) return i;
  }
  for (std::size_t i = 0; i < material.report.regions.size(); ++i) {
    if (material.report.regions[i].region == name) return i;
  }
  return series_styles - 1;
}

std::int64_t largest(const std::vector<PlotLine>& lines) {
  std::int64_t most = 0;
  for (const PlotLine& line : lines) {
    for (const PlotSample& sample : line.samples) most = std::max(most, sample.y.value_or(0));
  }
  return most;
}

// A sixteenth of the largest is still to be told apart; where most are smaller, a logarithm is due.
PlotAxis latency_axis(std::string title, const std::vector<PlotLine>& lines, std::int64_t least) {
  std::vector<std::int64_t> values;
  for (const PlotLine& line : lines) {
    for (const PlotSample& sample : line.samples) {
      if (sample.y && *sample.y > 0) values.push_back(*sample.y);
    }
  }
  if (values.empty()) return {std::move(title), Quantity::duration, 0, 1'000'000, false};
  std::sort(values.begin(), values.end());
  const std::int64_t most = values.back();
  if (values[values.size() / 2] > most / 16) {
    return {std::move(title), Quantity::duration, 0, most, false};
  }
  std::int64_t from = 1'000;
  while (from * 10 <= std::max(values.front(), least)) from *= 10;
  return {std::move(title), Quantity::duration, from, std::max(most, from * 10), true};
}

std::string draw(const Material& material, const std::string& title, PlotAxis y,
                 const std::vector<PlotLine>& lines) {
  Plot plot(title, {.right = Plot::room_for(lines)}, time_axis(material), std::move(y));
  plot.bands(fault_bands(material));
  plot.axes();
  plot.lines(lines);
  return plot.drawing().inside();
}

std::vector<PlotLine> lines_by(const Material& material, std::string_view metric,
                               std::string_view label, Thin how, std::string_view with = {},
                               std::string_view value = {}) {
  std::vector<PlotLine> lines;
  for (const SeriesColumn* column : material.series.of(metric)) {
    if (!with.empty() && column->label(with) != value) continue;
    if (lines.size() == lines_max) break;
    const std::string name(column->label(label));
    lines.push_back({.name = short_region(name),
                     .samples = thinned(samples_of(material, *column), how),
                     .series = series_of(material, name)});
  }
  return lines;
}

// What the warm-up had to find out first is not shown.
void drop_warmup(const Material& material, std::vector<PlotLine>& lines) {
  for (PlotLine& line : lines) {
    for (PlotSample& sample : line.samples) {
      if (sample.x <= material.report.effective.warmup.ns) sample.y.reset();
    }
  }
}

}  // namespace

std::vector<Picture> latency_pictures(const Material& material) {
  std::vector<Picture> pictures;
  for (const auto& [metric, what] :
       {std::pair("page_latency",
                  "Pages, from the click until the page is back: 95th percentile "
                  "by the users' region; of neighbouring intervals the highest."),
        std::pair("read_latency",
                  "Reads as the application sees them: 95th percentile, likewise.")}) {
    std::vector<PlotLine> lines =
        lines_by(material, metric, "region", Thin::highest, "quantile", "0.95");
    drop_warmup(material, lines);
    if (lines.empty()) continue;
    pictures.push_back({what, draw(material, what, latency_axis("p95", lines, 1'000), lines)});
  }
  std::vector<PlotLine> failed;
  for (const SeriesColumn* column : material.series.of("errors")) {
    const std::string region = short_region(std::string(column->label("region")));
    auto line = std::find_if(failed.begin(), failed.end(),
                             [&](const PlotLine& one) { return one.name == region; });
    if (line == failed.end()) {
      if (failed.size() == lines_max) continue;
      failed.push_back({.name = region,
                        .samples = samples_of(material, *column),
                        .series = series_of(material, column->label("region"))});
      continue;
    }
    for (std::size_t i = 0; i < column->values.size(); ++i) {
      line->samples[i].y = line->samples[i].y.value_or(0) + column->values[i].value_or(0);
    }
  }
  if (!failed.empty()) {
    const std::string what = "Pages that failed, by the users' region.";
    pictures.push_back({what, draw(material, what,
                                   {fmt::format("pages in {}", to_short_text(series_interval(
                                                                   material.report.simulated))),
                                    Quantity::count, 0, largest(failed), false},
                                   failed)});
  }
  return pictures;
}

// ---- Distributions -----------------------------------------------------------------------------

std::vector<Picture> distribution_pictures(const Material& material) {
  const std::vector<std::string>& regions = material.result.figures.labels[Label::region];
  std::vector<Picture> pictures;
  for (const auto& [metric, what] :
       {std::pair(Metric::page_latency, "pages"), std::pair(Metric::read_latency, "reads"),
        std::pair(Metric::write_latency, "writes"),
        std::pair(Metric::transaction_latency, "transactions")}) {
    std::vector<PlotLine> lines;
    std::int64_t least = 0;
    std::int64_t most = 0;
    for (std::uint32_t region = 0; region < regions.size(); ++region) {
      const Histogram latency = latency_of(material.result.figures, metric, region);
      if (latency.count() == 0 || lines.size() == lines_max) continue;
      least = lines.empty() ? latency.min() : std::min(least, latency.min());
      most = std::max(most, latency.max());
      lines.push_back({.name = short_region(regions[region]),
                       .samples = cumulated(latency),
                       .series = series_of(material, regions[region]),
                       .steps = true});
    }
    if (lines.empty()) continue;
    std::int64_t from = 1'000;
    while (from * 10 <= least) from *= 10;
    const std::string caption = fmt::format(
        "Share of the answered {} that took no longer, by the users' region; without failures.",
        what);
    Plot plot(caption, {.right = Plot::room_for(lines)},
              rounded({"", Quantity::duration, from, std::max(most, from * 10), true}, 6),
              {fmt::format("share of {}", what), Quantity::share, 0, 1'000'000, false});
    plot.axes();
    plot.lines(lines);
    pictures.push_back({caption, plot.drawing().inside()});
  }
  return pictures;
}

// ---- Lag and routing ---------------------------------------------------------------------------

namespace {

constexpr std::size_t observers_max = 4;

const SeriesColumn* replay_lag(const Material& material, std::string_view replica,
                               std::string_view statistic) {
  for (const SeriesColumn* column : material.series.of("replication_lag")) {
    if (column->label("stage") == "replay" && column->label("replica") == replica &&
        column->label("statistic") == statistic) {
      return column;
    }
  }
  return nullptr;
}

Picture lag_picture(const Material& material, const std::string& replica) {
  const auto samples = [&](std::string_view statistic, Thin how) {
    return thinned(samples_of(material, *replay_lag(material, replica, statistic)), how);
  };
  std::vector<PlotLine> lines{{.name = "truth",
                               .samples = samples("avg", Thin::mean),
                               .series = 0,
                               .least = samples("min", Thin::lowest),
                               .most = samples("max", Thin::highest)}};
  std::vector<Strip> strips;
  for (const SeriesColumn* seen : material.series.of("observed_lag")) {
    if (seen->label("replica") != replica || lines.size() > observers_max) continue;
    const std::string app(seen->label("app"));
    lines.push_back({.name = app,
                     .samples = thinned(samples_of(material, *seen), Thin::highest),
                     .series = series_styles - lines.size(),
                     .steps = true});
    Strip strip = breaker_strip(material, replica, app, app);
    if (!strip.parts.empty()) strips.push_back(std::move(strip));
  }
  const LagBreakerConfig& breaker = material.report.effective.policy.lag_breaker;
  PlotAxis axis = latency_axis("replay lag of " + replica, lines, 1'000'000);
  for (const PlotSample& sample : lines.front().most) {
    axis.to = std::max(axis.to, sample.y.value_or(0));
  }
  const bool has_level = breaker.enabled && !strips.empty() && axis.to * 3 > breaker.open_above.ns;
  if (has_level) axis.to = std::max(axis.to, breaker.open_above.ns * 5 / 4);
  const auto rows = static_cast<std::int64_t>(strips.size());
  const std::string caption = fmt::format(
      "{}: true lag of replay, its mean in a band from the least to the greatest of each "
      "interval{}{}.",
      replica, lines.size() > 1 ? ", and what the probes of each application last reported" : "",
      strips.empty() ? ""
                     : "; below, its breakers: a block is open, a bar half open, a line closed");
  Plot plot(caption,
            {.height = 230 + (rows > 0 ? 6 + 14 * rows : 0),
             .right = Plot::room_for(lines),
             .below = rows > 0 ? 6 + 14 * rows : 0},
            time_axis(material), axis);
  plot.bands(fault_bands(material));
  plot.axes();
  if (has_level) {
    plot.level(breaker.open_above.ns, "open_above " + to_short_text(breaker.open_above));
  }
  // The truth on top of what was seen of it.
  std::rotate(lines.begin(), lines.begin() + 1, lines.end());
  plot.lines(lines);
  std::int64_t top = plot.inner().y + plot.inner().height + pixels(24);
  for (const Strip& strip : strips) {
    draw_strip(plot.drawing(), strip, top, [&](std::int64_t at) { return plot.x(at); });
    plot.drawing().text({plot.inner().x + plot.inner().width + 70, top + 85}, strip.name, "small");
    top += pixels(14);
  }
  return {caption, plot.drawing().inside()};
}

}  // namespace

std::vector<Picture> lag_pictures(const Material& material) {
  struct Found {
    std::int64_t most = 0;
    const SeriesColumn* column = nullptr;
  };
  std::vector<Found> found;
  for (const SeriesColumn* column : material.series.of("replication_lag")) {
    if (column->label("stage") != "replay" || column->label("statistic") != "max") continue;
    Found one{0, column};
    for (const auto& value : column->values) one.most = std::max(one.most, value.value_or(0));
    found.push_back(one);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Found& a, const Found& b) { return a.most > b.most; });
  constexpr std::size_t shown_max = 6;
  if (found.size() > shown_max) found.resize(shown_max);
  std::vector<Picture> pictures;
  for (const Found& one : found) {
    pictures.push_back(lag_picture(material, std::string(one.column->label("replica"))));
  }
  return pictures;
}

std::vector<Picture> routing_pictures(const Material& material) {
  std::vector<Picture> pictures;
  for (const RegionReport& region : material.report.regions) {
    std::vector<PlotLine> lines;
    for (const SeriesColumn* column : material.series.of("reads")) {
      if (column->label("region") != region.region || lines.size() == lines_max) continue;
      const std::string name(column->label("served_by"));
      lines.push_back({.name = name,
                       .samples = samples_of(material, *column),
                       .series = series_of(material, name)});
    }
    if (lines.empty()) continue;
    for (std::size_t i = 0; i < lines.front().samples.size(); ++i) {
      std::int64_t all = 0;
      for (const PlotLine& line : lines) all += line.samples[i].y.value_or(0);
      for (PlotLine& line : lines) {
        line.samples[i].y =
            all == 0
                ? 0
                : div_floor(static_cast<Int128>(line.samples[i].y.value_or(0)) * 1'000'000, all);
      }
    }
    const std::string caption = fmt::format(
        "Who answers the reads of the users in {}; empty where nobody does.", region.region);
    Plot plot(caption, {.height = 170, .right = Plot::room_for(lines)}, time_axis(material),
              {"share of reads", Quantity::share, 0, 1'000'000, false});
    plot.axes();
    plot.areas(lines);
    pictures.push_back({caption, plot.drawing().inside()});
  }
  return pictures;
}

std::vector<Picture> load_pictures(const Material& material) {
  std::vector<Picture> pictures;
  const std::vector<PlotLine> cpu = lines_by(material, "cpu_utilisation", "node", Thin::mean);
  if (!cpu.empty()) {
    const std::string what = "Share of each server's processors that is busy.";
    pictures.push_back({what, draw(material, what,
                                   {"processors", Quantity::share, 0,
                                    std::max<std::int64_t>(10'000, largest(cpu)), false},
                                   cpu)});
  }
  const std::vector<PlotLine> connections =
      lines_by(material, "connections", "node", Thin::highest);
  if (!connections.empty()) {
    const std::string what = "Connections of each server that are taken.";
    pictures.push_back({what, draw(material, what,
                                   {"connections", Quantity::count, 0,
                                    std::max<std::int64_t>(5, largest(connections)), false},
                                   connections)});
  }
  std::vector<PlotLine> log = lines_by(material, "wal_bytes", "node", Thin::mean);
  const std::int64_t interval = series_interval(material.report.simulated).ns;
  for (PlotLine& line : log) {
    for (PlotSample& sample : line.samples) {
      sample.y = div_floor(static_cast<Int128>(sample.y.value_or(0)) * 1'000'000'000, interval);
    }
  }
  if (largest(log) > 0) {
    const std::string what = "Write-ahead log that each server writes.";
    pictures.push_back(
        {what, draw(material, what, {"log", Quantity::byte_rate, 0, largest(log), false}, log)});
  }
  return pictures;
}

}  // namespace longhaul
