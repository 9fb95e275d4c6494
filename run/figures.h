// The measured figures of a run, or of several pooled: cells of Measures by metric and labels.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "models/measures.h"

namespace longhaul {

// A metric and the labels that are fixed; every other label takes all its values together.
struct Selector {
  Metric metric = Metric::reads;
  std::vector<std::pair<Label, std::uint32_t>> where;  // label and position of its value

  friend bool operator==(const Selector&, const Selector&) = default;
};

// What a selector adds up to. One of the three is filled, by the kind of the metric; gauges become
// a distribution weighted by nanoseconds.
struct Figure {
  MetricKind kind = MetricKind::counter;
  MetricUnit unit = MetricUnit::count;
  Histogram distribution;
  RampHistogram ramp;
  Counter counter;

  bool empty() const;
  std::int64_t min() const;
  std::int64_t average() const;  // rounded down
  std::int64_t max() const;
  std::int64_t quantile(Ratio q) const;  // evenly spread within its bucket
  std::int64_t count() const;            // samples, or the counter

  void merge(const Figure& other);  // of the same metric
};

// Measures with the names of their labels and the time that they cover.
struct Figures {
  std::vector<std::shared_ptr<const Measures>> parts;  // one a seed
  LabelValues labels;
  Duration measured;  // over all parts

  Figure select(const Selector& selector) const;
  Figure cell(Metric metric, std::size_t cell) const;  // one cell of Measures, over all parts
  void add(const Figures& other);
};

}  // namespace longhaul
