#include "run/figures.h"

#include <algorithm>

namespace longhaul {

bool Figure::empty() const {
  switch (kind) {
    case MetricKind::distribution:
    case MetricKind::gauge:
      return distribution.count() == 0;
    case MetricKind::ramp:
      return ramp.weight() == Duration{};
    case MetricKind::counter:
      return false;
  }
  __builtin_unreachable();
}

std::int64_t Figure::min() const {
  return kind == MetricKind::ramp ? ramp.min().ns : distribution.min();
}

std::int64_t Figure::average() const {
  return kind == MetricKind::ramp ? ramp.average().ns : distribution.average();
}

std::int64_t Figure::max() const {
  return kind == MetricKind::ramp ? ramp.max().ns : distribution.max();
}

std::int64_t Figure::quantile(Ratio q) const {
  return kind == MetricKind::ramp ? ramp.quantile(q).ns : distribution.quantile(q);
}

std::int64_t Figure::count() const {
  return kind == MetricKind::counter ? counter.count
                                     : static_cast<std::int64_t>(distribution.count());
}

void Figure::merge(const Figure& other) {
  distribution.merge(other.distribution);
  ramp.merge(other.ramp);
  counter.count += other.counter.count;
  counter.population += other.counter.population;
}

namespace {

bool matches(const Selector& selector, const std::vector<Label>& labels,
             const std::vector<std::uint32_t>& values, std::optional<Label> ignored = {}) {
  return std::all_of(selector.where.begin(), selector.where.end(), [&](const auto& fixed) {
    if (fixed.first == ignored) return true;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] == fixed.first) return values[i] == fixed.second;
    }
    return false;
  });
}

void add_cell(Figure& figure, const Measures& measures, Metric metric, std::size_t cell) {
  switch (figure.kind) {
    case MetricKind::distribution:
      figure.distribution.merge(measures.distribution_at(metric, cell));
      break;
    case MetricKind::gauge:
      figure.distribution.merge(measures.gauge_at(metric, cell).histogram());
      break;
    case MetricKind::ramp:
      figure.ramp.merge(measures.ramp_at(metric, cell));
      break;
    case MetricKind::counter:
      figure.counter.count += measures.counter_at(metric, cell).count;
      break;
  }
}

}  // namespace

Figure Figures::select(const Selector& selector) const {
  const MetricInfo& row = info(selector.metric);
  Figure figure;
  figure.kind = row.kind;
  figure.unit = row.unit;
  for (const auto& part : parts) {
    for (std::size_t cell = 0; cell < part->cells(selector.metric); ++cell) {
      const std::vector<std::uint32_t> values = part->labels_of(selector.metric, cell);
      if (matches(selector, row.labels, values)) add_cell(figure, *part, selector.metric, cell);
      if (row.kind == MetricKind::counter &&
          matches(selector, row.labels, values, row.share_ignores)) {
        figure.counter.population += part->counter_at(selector.metric, cell).population;
      }
    }
  }
  return figure;
}

Figure Figures::cell(Metric metric, std::size_t cell) const {
  const MetricInfo& row = info(metric);
  Figure figure;
  figure.kind = row.kind;
  figure.unit = row.unit;
  for (const auto& part : parts) {
    add_cell(figure, *part, metric, cell);
    if (row.kind == MetricKind::counter) {
      figure.counter.population += part->counter_at(metric, cell).population;
    }
  }
  return figure;
}

void Figures::add(const Figures& other) {
  if (parts.empty()) labels = other.labels;
  parts.insert(parts.end(), other.parts.begin(), other.parts.end());
  measured += other.measured;
}

}  // namespace longhaul
