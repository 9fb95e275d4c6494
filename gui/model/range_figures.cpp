#include "gui/model/range_figures.h"

#include <algorithm>

#include "run/series.h"

namespace longhaul {
namespace {

// As Histogram::quantile(): evenly spread within its bucket.
std::int64_t quantile_between(const Histogram& before, const Histogram& after, Ratio q) {
  if (before.count() == 0) return after.quantile(q);
  const std::uint64_t count = after.count() - before.count();
  if (count == 0) return 0;
  const auto rank = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(div_ceil(static_cast<Int128>(count) * q.ppm, 1'000'000)));
  std::uint64_t seen = 0;
  const unsigned last = buckets::index_of(after.max());
  for (unsigned bucket = buckets::index_of(after.min()); bucket <= last; ++bucket) {
    const std::uint64_t here = after.count_in(bucket) - before.count_in(bucket);
    if (seen + here < rank) {
      seen += here;
      continue;
    }
    const std::int64_t low = std::max(buckets::lower_of(bucket), after.min());
    const std::int64_t high = std::min(buckets::upper_of(bucket), after.max());
    return low + narrow(static_cast<Int128>(high - low) * (2 * (rank - seen) - 1) / (2 * here));
  }
  return after.max();
}

RangeLatency latency_between(const Histogram& before, const Histogram& after) {
  RangeLatency latency;
  latency.count = static_cast<std::int64_t>(after.count() - before.count());
  latency.med = quantile_between(before, after, percent(50));
  latency.p95 = quantile_between(before, after, percent(95));
  latency.p99 = quantile_between(before, after, percent(99));
  return latency;
}

// Whether the label set of a page's latency is of pages that failed.
bool is_failed(const std::vector<std::uint32_t>& labels) {
  const auto& names = info(Metric::page_latency).labels;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (names[i] == Label::outcome) return labels[i] == static_cast<std::uint32_t>(Outcome::error);
  }
  return false;
}

}  // namespace

RangeCounts range_counts(const World& world) {
  const Plan& plan = *world.plan;
  RangeCounts counts;
  counts.measured_from = world.measured_from;
  std::vector<std::uint32_t> regions;
  std::vector<std::uint32_t> canary_pages;
  for (const PopulationPlan& population : plan.populations) {
    if (population.canary) {
      canary_pages.push_back(plan.pages[population.first_page].label);
    } else if (std::find(regions.begin(), regions.end(), population.region) == regions.end()) {
      regions.push_back(population.region);
    }
  }
  std::sort(regions.begin(), regions.end());
  const auto row_of = [&](std::uint32_t region) -> RangeCounts::Row* {
    const auto found = std::find(regions.begin(), regions.end(), region);
    return found == regions.end() ? nullptr : &counts.rows[found - regions.begin()];
  };
  for (const std::uint32_t region : regions) {
    counts.rows.push_back({.region = plan.labels[Label::region][region]});
  }
  const auto add_latency = [&](Metric metric, Histogram RangeCounts::Row::*into) {
    for (std::size_t cell = 0; cell < world.measures.cells(metric); ++cell) {
      const std::vector<std::uint32_t> labels = world.measures.labels_of(metric, cell);
      const bool canary =
          std::find(canary_pages.begin(), canary_pages.end(), labels[1]) != canary_pages.end();
      RangeCounts::Row* row = canary ? nullptr : row_of(labels[0]);
      if (row == nullptr) continue;
      const Histogram& histogram = world.measures.distribution_at(metric, cell);
      (row->*into).merge(histogram);
      if (metric == Metric::page_latency && is_failed(labels)) {
        row->errors += static_cast<std::int64_t>(histogram.count());
      }
    }
  };
  add_latency(Metric::page_latency, &RangeCounts::Row::pages);
  add_latency(Metric::read_latency, &RangeCounts::Row::reads);
  const auto add_count = [&](Metric metric, std::int64_t RangeCounts::Row::*into) {
    for (std::size_t cell = 0; cell < world.measures.cells(metric); ++cell) {
      const std::int64_t count = world.measures.counter_at(metric, cell).count;
      if (count == 0) continue;
      RangeCounts::Row* row = row_of(world.measures.labels_of(metric, cell)[0]);
      if (row != nullptr) row->*into += count;
    }
  };
  add_count(Metric::stale_reads, &RangeCounts::Row::stale_reads);
  return counts;
}

RangeFigures figures_between(const RangeCounts& before, const RangeCounts& after) {
  RangeFigures figures;
  const bool cleared = before.measured_from != after.measured_from;
  for (std::size_t i = 0; i < after.rows.size(); ++i) {
    const RangeCounts::Row none{};
    const RangeCounts::Row& from = cleared ? none : before.rows[i];
    const RangeCounts::Row& to = after.rows[i];
    figures.rows.push_back({to.region, latency_between(from.pages, to.pages),
                            latency_between(from.reads, to.reads),
                            to.stale_reads - from.stale_reads, to.errors - from.errors});
  }
  return figures;
}

}  // namespace longhaul
