#include "run/plot.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/units.h"
#include "sim/det_math.h"

namespace longhaul {
namespace {

constexpr std::int64_t row_height = 130;  // of names that stand below one another
constexpr std::int64_t tick_gap_x = 520;  // between the figures of an axis
constexpr std::int64_t tick_gap_y = 330;
constexpr std::size_t markers_of_a_line = 5;

std::size_t room(std::int64_t length, std::int64_t gap) {
  return static_cast<std::size_t>(std::max<std::int64_t>(2, length / gap + 1));
}

// From 0 at the start of the axis to `length` at its end.
std::int64_t along(const PlotAxis& axis, std::int64_t value, std::int64_t length) {
  const std::int64_t clamped = std::clamp(value, axis.from, std::max(axis.from, axis.to));
  if (axis.to <= axis.from) return 0;
  if (!axis.logarithmic) {
    return div_floor(static_cast<Int128>(clamped - axis.from) * length, axis.to - axis.from);
  }
  const auto height = [](std::int64_t at) {
    return det_log(static_cast<double>(std::max<std::int64_t>(1, at)));
  };
  const double share =
      (height(clamped) - height(axis.from)) / (height(axis.to) - height(axis.from));
  return static_cast<std::int64_t>(share * static_cast<double>(length) + 0.5);
}

std::int64_t left_for(const PlotAxis& axis, std::int64_t height) {
  std::int64_t widest = 0;
  for (const Tick& tick : ticks(axis, room(height, tick_gap_y))) {
    widest = std::max(widest, width_of(tick.text));
  }
  return widest + pixels(10);
}

// The rows that bands which overlap need.
std::vector<std::size_t> rows_of(const std::vector<PlotBand>& bands) {
  std::vector<std::size_t> rows;
  std::vector<std::int64_t> ends;
  for (const PlotBand& band : bands) {
    std::size_t row = 0;
    while (row < ends.size() && ends[row] > band.from) ++row;
    if (row == ends.size()) ends.push_back(0);
    ends[row] = band.to;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

Plot::Plot(std::string_view title, Size size, PlotAxis x, PlotAxis y)
    : x_(std::move(x)), y_(std::move(y)), drawing_(size.width, size.height, title) {
  inner_.y = pixels(size.top);
  inner_.height = pixels(size.height - size.top - size.below - (x_.title.empty() ? 20 : 34));
  y_ = rounded(y_, room(inner_.height, tick_gap_y));
  inner_.x = left_for(y_, inner_.height);
  inner_.width = pixels(size.width - size.right) - inner_.x;
}

std::int64_t Plot::room_for(const std::vector<PlotLine>& lines) {
  std::int64_t widest = 0;
  for (const PlotLine& line : lines) widest = std::max(widest, width_of(line.name));
  return widest == 0 ? 10 : div_ceil(widest, 10) + 18;
}

std::int64_t Plot::x(std::int64_t value) const { return inner_.x + along(x_, value, inner_.width); }

std::int64_t Plot::y(std::int64_t value) const {
  return inner_.y + inner_.height - along(y_, value, inner_.height);
}

void Plot::bands(const std::vector<PlotBand>& bands) {
  const std::vector<std::size_t> rows = rows_of(bands);
  for (std::size_t i = 0; i < bands.size(); ++i) {
    const PlotBand& band = bands[i];
    const std::int64_t from = x(band.from);
    const std::int64_t width = std::max<std::int64_t>(10, x(band.to) - from);
    drawing_.rect({from, inner_.y, width, inner_.height}, "band", band.name);
  }
  for (std::size_t i = 0; i < bands.size(); ++i) {
    const std::int64_t down = row_height * static_cast<std::int64_t>(rows[i]);
    drawing_.text({x(bands[i].from) + 15, inner_.y + 105 + down}, bands[i].name, "small halo");
  }
}

void Plot::axes() {
  const std::int64_t right = inner_.x + inner_.width;
  const std::int64_t bottom = inner_.y + inner_.height;
  for (const Tick& tick : ticks(y_, room(inner_.height, tick_gap_y))) {
    const std::int64_t at = y(tick.value);
    drawing_.line({inner_.x, at}, {right, at}, at == bottom ? "axis" : "grid");
    drawing_.text({inner_.x - 50, at + 40}, tick.text, "small end");
  }
  drawing_.line({inner_.x, bottom}, {right, bottom}, "axis");
  for (const Tick& tick : ticks(x_, room(inner_.width, tick_gap_x))) {
    const std::int64_t at = x(tick.value);
    drawing_.line({at, bottom}, {at, bottom + 40}, "axis");
    const bool at_edge = at + width_of(tick.text) / 2 > drawing_.width();
    drawing_.text({at_edge ? drawing_.width() - 10 : at, bottom + 150}, tick.text,
                  at_edge ? "small end" : "small middle");
  }
  if (!y_.title.empty()) drawing_.text({0, 110}, y_.title, "small faint");
  if (!x_.title.empty()) {
    drawing_.text({right, bottom + 285}, x_.title, "small faint end");
  }
}

void Plot::reach(const PlotLine& line) {
  std::vector<Point> below;
  std::vector<Point> above;
  const auto flush = [&] {
    below.insert(below.end(), above.rbegin(), above.rend());
    if (above.size() > 1) drawing_.polygon(below, fill_class(line.series) + " reach");
    below.clear();
    above.clear();
  };
  for (std::size_t i = 0; i < line.most.size(); ++i) {
    if (!line.most[i].y || !line.least[i].y) {
      flush();
      continue;
    }
    below.push_back({x(line.least[i].x), y(*line.least[i].y)});
    above.push_back({x(line.most[i].x), y(*line.most[i].y)});
  }
  flush();
}

void Plot::lines(const std::vector<PlotLine>& lines) {
  for (const PlotLine& line : lines) reach(line);
  for (const PlotLine& line : lines) {
    std::vector<Point> points;
    const auto flush = [&] {
      if (points.size() == 1) points.push_back({points.front().x + 10, points.front().y});
      drawing_.polyline(points, line_class(line.series));
      points.clear();
    };
    for (const PlotSample& sample : line.samples) {
      if (!sample.y) {
        flush();
        continue;
      }
      const Point at{x(sample.x), y(*sample.y)};
      if (line.steps && !points.empty() && points.back().y != at.y) {
        points.push_back({at.x, points.back().y});
      }
      points.push_back(at);
    }
    flush();
    const std::size_t size = line.samples.size();
    const std::size_t stride =
        line.markers ? 1 : std::max<std::size_t>(1, size / markers_of_a_line);
    const std::size_t first = line.markers ? 0 : stride * (line.series % 5 + 1) / 6;
    for (std::size_t i = first; i < size; i += stride) {
      const PlotSample& sample = line.samples[i];
      if (sample.y) drawing_.marker({x(sample.x), y(*sample.y)}, line.series);
    }
  }
  std::vector<Name> ends;
  for (const PlotLine& line : lines) {
    std::int64_t end = inner_.y + inner_.height;
    for (const PlotSample& sample : line.samples) {
      if (sample.y) end = y(*sample.y);
    }
    if (!line.name.empty()) ends.push_back({end, &line});
  }
  names(std::move(ends));
}

void Plot::areas(const std::vector<PlotLine>& lines) {
  if (lines.empty()) return;
  std::vector<std::int64_t> below(lines.front().samples.size(), y_.from);
  std::vector<Name> middles;
  for (const PlotLine& line : lines) {
    std::vector<Point> points;
    for (std::size_t i = 0; i < line.samples.size(); ++i) {
      points.push_back({x(line.samples[i].x), y(below[i])});
    }
    std::vector<Point> top;
    for (std::size_t i = 0; i < line.samples.size(); ++i) {
      below[i] += line.samples[i].y.value_or(0);
      top.push_back({points[i].x, y(below[i])});
    }
    if (points.empty()) continue;
    middles.push_back({(points.back().y + top.back().y) / 2, &line});
    points.insert(points.end(), top.rbegin(), top.rend());
    drawing_.polygon(points, fill_class(line.series) + " area");
  }
  names(std::move(middles));
}

// At the right, moved apart.
void Plot::names(std::vector<Name> places) {
  std::stable_sort(places.begin(), places.end(),
                   [](const Name& a, const Name& b) { return a.y < b.y; });
  for (std::size_t i = 1; i < places.size(); ++i) {
    places[i].y = std::max(places[i].y, places[i - 1].y + row_height);
  }
  std::int64_t lowest = inner_.y + inner_.height;
  for (std::size_t i = places.size(); i-- > 0;) {
    places[i].y = std::min(places[i].y, lowest);
    lowest = places[i].y - row_height;
  }
  const std::int64_t right = inner_.x + inner_.width;
  for (const Name& place : places) {
    drawing_.marker({right + 70, place.y}, place.line->series);
    drawing_.text({right + 130, place.y + 40}, place.line->name, "small");
  }
}

void Plot::level(std::int64_t value, std::string_view name) {
  const std::int64_t at = y(value);
  drawing_.line({inner_.x, at}, {inner_.x + inner_.width, at}, "mark");
  drawing_.text({inner_.x + 40, at - 30}, name, "small halo bad");
}

void Plot::moment(std::int64_t value, std::string_view name) {
  const std::int64_t at = x(value);
  drawing_.line({at, inner_.y}, {at, inner_.y + inner_.height}, "mark");
  const bool left = at > inner_.x + inner_.width / 2;
  drawing_.text({left ? at - 30 : at + 30, inner_.y + 105}, name,
                left ? "small halo bad end" : "small halo bad");
}

}  // namespace longhaul
