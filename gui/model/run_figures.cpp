#include "gui/model/run_figures.h"

#include <algorithm>

#include "run/quantity.h"

namespace longhaul {
namespace {

RunFigure time_figure(std::string name, std::string title, const Summary& summary,
                      std::int64_t value) {
  RunFigure figure{std::move(name), std::move(title), Quantity::duration, value, "", false};
  figure.text = summary.count == 0 ? "-" : figure_text(Quantity::duration, value);
  return figure;
}

RunFigure count_figure(std::string name, std::string title, std::int64_t value, bool bad) {
  return {std::move(name), std::move(title),  Quantity::count,
          value,           count_text(value), bad && value > 0};
}

// Counts are compared, shares are read.
RunFigure share_figure(std::string name, std::string title, const Counter& counter) {
  RunFigure figure = count_figure(std::move(name), std::move(title), counter.count, false);
  figure.quantity = Quantity::share;
  const auto ppm = share_ppm(counter);
  figure.value = ppm.value_or(0);
  figure.text = ppm ? share_text(*ppm) : "-";
  return figure;
}

FigureGroup users_group(const RegionReport& region) {
  FigureGroup group{region.region, "users", {}};
  const auto name = [&](const char* metric) { return metric + ("." + region.region); };
  auto& figures = group.figures;
  figures.push_back(count_figure(name("pages"), "pages", region.pages.count, false));
  const auto quantile = [&](const char* metric, const char* title, std::int64_t value) {
    figures.push_back(time_figure(name(metric), title, region.pages, value));
    figures.back().about =
        "Of page_latency, from the click until the whole page is back: of all pages, those that "
        "failed too. Compare counts the pages that succeeded.";
  };
  quantile("page_p50", "median", region.pages.med);
  quantile("page_p95", "p95", region.pages.p95);
  quantile("page_p99", "p99", region.pages.p99);
  figures.push_back(count_figure(name("page_errors"), "failed pages", region.page_errors, true));
  figures.push_back(share_figure(name("stale_reads"), "stale reads", region.stale_reads));
  figures.push_back(count_figure(name("own_writes_missed"), "own writes missed",
                                 region.own_writes_missed.count, true));
  RunFigure outage =
      time_figure(name("write_outage"), "writes out", region.write_outage, region.write_outage.max);
  outage.bad = outage.value > 0;
  if (outage.value == 0 && region.write_outage.count > 0) outage.text = "none";
  if (region.write_outage_censored) outage.text += ", open at the end";
  figures.push_back(std::move(outage));
  return group;
}

FigureGroup replica_group(const ReplicaReport& replica) {
  FigureGroup group{replica.name, "replica", {}};
  const auto name = [&](const char* metric) { return metric + ("." + replica.name); };
  const Summary& lag = replica.lag[static_cast<std::size_t>(LagStage::replay)];
  group.figures.push_back(time_figure(name("lag_p50"), "lag, median", lag, lag.med));
  group.figures.push_back(time_figure(name("lag_p99"), "lag, p99", lag, lag.p99));
  group.figures.push_back(time_figure(name("lag_max"), "lag, longest", lag, lag.max));
  group.figures.push_back(
      count_figure(name("breaker_opened"), "breaker opened", replica.breaker_opened, false));
  RunFigure& opened = group.figures.back();
  opened.in_words = breakers_opened_text(replica) != opened.text;
  opened.text = breakers_opened_text(replica);
  return group;
}

FigureGroup loss_group(const Report& report) {
  FigureGroup group{"Lost after acknowledgement", "loss", {}};
  for (const MetricReport& metric : report.metrics) {
    if (metric.metric == Metric::lost_transactions) {
      group.figures.push_back(
          count_figure("lost_transactions", "transactions", metric.total.counter.count, true));
    }
    if (metric.metric == Metric::lost_seconds) {
      const Summary& lost = metric.total.summary;
      group.figures.push_back(
          time_figure("lost_seconds", "oldest, before the fault", lost, lost.max));
      group.figures.back().bad = lost.max > 0;
    }
    // Of most runs there is nothing to say: nobody had two primaries.
    if (metric.metric == Metric::split_brain_writes && metric.total.counter.count > 0) {
      group.figures.push_back(count_figure("split_brain_writes", "by a second primary",
                                           metric.total.counter.count, true));
    }
    if (metric.metric == Metric::split_brain_duration && metric.total.summary.max > 0) {
      const Summary& both = metric.total.summary;
      group.figures.push_back(
          time_figure("split_brain_duration", "two primaries for", both, both.max));
      group.figures.back().bad = true;
    }
  }
  return group;
}

FigureGroup cost_group(const MonthlyCost& cost) {
  FigureGroup group{"Cost a month", "cost", {}};
  const auto add = [&](std::string name, std::string title, std::int64_t value) {
    group.figures.push_back(
        {std::move(name), std::move(title), Quantity::money, value, usd_text(value), false});
  };
  add("cost_per_month", "in all", cost.total());
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    const auto kind = static_cast<CostKind>(i);
    const std::string title(title_of(kind));
    add("cost." + title, title, cost[kind]);
  }
  return group;
}

}  // namespace

std::vector<FigureGroup> figures_of(const RunView& view) {
  std::vector<FigureGroup> groups;
  if (!view.report) return groups;
  for (const RegionReport& region : view.report->regions) groups.push_back(users_group(region));
  for (const ReplicaReport& replica : view.report->replicas) {
    groups.push_back(replica_group(replica));
  }
  if (FigureGroup loss = loss_group(*view.report); !loss.figures.empty()) {
    groups.push_back(std::move(loss));
  }
  if (view.cost) groups.push_back(cost_group(*view.cost));
  return groups;
}

const RunFigure* find_figure(const std::vector<FigureGroup>& groups, std::string_view name) {
  for (const FigureGroup& group : groups) {
    for (const RunFigure& figure : group.figures) {
      if (figure.name == name) return &figure;
    }
  }
  return nullptr;
}

std::string change_text(const RunFigure& before, const RunFigure& after) {
  const std::int64_t by = after.value - before.value;
  if (by == 0 || before.in_words || after.in_words) return "";
  const std::int64_t size = by < 0 ? -by : by;
  const std::string text = after.quantity == Quantity::count
                               ? count_text(size)
                               : difference_text(after.quantity, checked_mul(size, 1000));
  if (shows_as_zero(text)) return "";  // too little to be seen
  return (by < 0 ? "\xe2\x88\x92" : "+") + text;
}

std::string found_text(const ExpectationReport& expectation) {
  return expectation.verdict.no_samples ? "no samples" : expectation.value_text;
}

std::size_t missed_expectations(const RunView& view) {
  if (!view.report) return 0;
  const auto& all = view.report->expectations;
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [](const ExpectationReport& one) { return !one.verdict.holds; }));
}

}  // namespace longhaul
