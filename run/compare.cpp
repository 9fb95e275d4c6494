#include "run/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "run/report.h"

namespace longhaul {
namespace {

using Where = std::vector<std::pair<Label, std::uint32_t>>;
using Value = std::optional<std::int64_t>;

// One seed of one design.
struct Sample {
  const Scenario& scenario;
  const Figures& figures;
};

Figure select(const Figures& figures, Metric metric, const Where& where) {
  return figures.select({metric, where});
}

std::optional<std::uint32_t> position_of(const LabelValues& labels, Label label,
                                         const std::string& name) {
  const std::vector<std::string>& names = labels[label];
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return std::nullopt;
  return static_cast<std::uint32_t>(at - names.begin());
}

// ---- The figures that are compared -------------------------------------------------------------

Value quantile_of(const Figure& figure, Ratio q) {
  return figure.empty() ? Value{} : Value{figure.quantile(q)};
}

Value share_of(const Figure& figure) { return share_ppm(figure.counter); }

bool is_canary(const Sample& sample, const std::string& page) {
  return sample.scenario.config.canary.milli_per_day > 0 && page == "canary";
}

// The pages of a region's users that ended so.
Figure pages(const Sample& sample, std::uint32_t region, Outcome outcome) {
  Figure all;
  all.kind = MetricKind::distribution;
  const std::vector<std::string>& names = sample.figures.labels[Label::page];
  for (std::uint32_t page = 0; page < names.size(); ++page) {
    if (is_canary(sample, names[page])) continue;
    all.merge(select(sample.figures, Metric::page_latency,
                     {{Label::region, region},
                      {Label::page, page},
                      {Label::outcome, static_cast<std::uint32_t>(outcome)}}));
  }
  return all;
}

Value failed_pages(const Sample& sample, std::uint32_t region) {
  Counter counter;
  counter.count = pages(sample, region, Outcome::error).count();
  counter.population = counter.count + pages(sample, region, Outcome::ok).count();
  return share_ppm(counter);
}

// What is measured of a metric in a region: one line a row of the table.
struct RegionRow {
  std::string_view key;
  std::string_view title;
  Quantity unit;
  bool lower_is_better;
  Value (*value)(const Sample& sample, std::uint32_t region);
};

Figure in_region(const Sample& sample, Metric metric, std::uint32_t region) {
  return select(sample.figures, metric, {{Label::region, region}});
}

Value page_mean(const Sample& sample, std::uint32_t region) {
  const Figure figure = pages(sample, region, Outcome::ok);
  return figure.empty() ? Value{} : Value{figure.average()};
}
template <int Percent>
Value page_quantile(const Sample& sample, std::uint32_t region) {
  return quantile_of(pages(sample, region, Outcome::ok), percent(Percent));
}
template <Metric M, int Percent>
Value quantile_in(const Sample& sample, std::uint32_t region) {
  const auto ok = static_cast<std::uint32_t>(Outcome::ok);
  return quantile_of(select(sample.figures, M, {{Label::region, region}, {Label::outcome, ok}}),
                     percent(Percent));
}
template <Metric M>
Value share_in(const Sample& sample, std::uint32_t region) {
  return share_of(in_region(sample, M, region));
}
template <Metric M>
Value count_in(const Sample& sample, std::uint32_t region) {
  return in_region(sample, M, region).count();
}
template <Metric M>
Value longest_in(const Sample& sample, std::uint32_t region) {
  const Figure figure = in_region(sample, M, region);
  return figure.empty() ? Value{} : Value{figure.max()};
}

constexpr std::array region_rows = {
    RegionRow{"page_mean", "pages, mean", Quantity::duration, true, page_mean},
    RegionRow{"page_p50", "pages, p50", Quantity::duration, true, page_quantile<50>},
    RegionRow{"page_p95", "pages, p95", Quantity::duration, true, page_quantile<95>},
    RegionRow{"page_p99", "pages, p99", Quantity::duration, true, page_quantile<99>},
    RegionRow{"read_p95", "reads, p95", Quantity::duration, true,
              quantile_in<Metric::read_latency, 95>},
    RegionRow{"write_p95", "writes, p95", Quantity::duration, true,
              quantile_in<Metric::write_latency, 95>},
    RegionRow{"pages_failed", "pages that failed", Quantity::share, true, failed_pages},
    RegionRow{"stale_reads", "stale reads", Quantity::share, true, share_in<Metric::stale_reads>},
    RegionRow{"read_your_writes_violations", "own writes missed", Quantity::count, true,
              count_in<Metric::read_your_writes_violations>},
    RegionRow{"write_outage_longest", "longest write outage", Quantity::duration, true,
              longest_in<Metric::write_outage>},
    RegionRow{"availability", "good minutes", Quantity::share, false,
              share_in<Metric::availability>},
};

// Of the whole system.
struct SystemRow {
  std::string_view key;
  std::string_view title;
  Quantity unit;
  Value (*value)(const Sample& sample);
};

template <Metric M>
Value count_of(const Sample& sample) {
  return select(sample.figures, M, {}).count();
}
template <Metric M>
Value longest_of(const Sample& sample) {
  const Figure figure = select(sample.figures, M, {});
  return figure.empty() ? Value{} : Value{figure.max()};
}
template <CostKind Kind>
Value cost_of(const Sample& sample) {
  return monthly_cost(sample.scenario, sample.figures)[Kind];
}
// Pages go to users and cost much the same from everywhere.
Value paid_bytes(const Sample& sample) {
  const auto pages = static_cast<std::uint32_t>(Traffic::pages);
  return count_of<Metric::cross_region_bytes>(sample).value_or(0) -
         select(sample.figures, Metric::cross_region_bytes, {{Label::purpose, pages}}).count();
}
Value total_cost(const Sample& sample) {
  return monthly_cost(sample.scenario, sample.figures).total();
}

constexpr std::array system_rows = {
    SystemRow{"replication_lag_longest", "longest replication lag", Quantity::duration,
              longest_of<Metric::replication_lag>},
    SystemRow{"lost_transactions", "lost transactions", Quantity::count,
              count_of<Metric::lost_transactions>},
    SystemRow{"split_brain_writes", "split-brain writes", Quantity::count,
              count_of<Metric::split_brain_writes>},
    SystemRow{"needless_failovers", "needless failovers", Quantity::count,
              count_of<Metric::needless_failovers>},
    SystemRow{"cross_region_bytes", "sent between regions", Quantity::bytes, paid_bytes},
    SystemRow{"cost_servers", "a month: servers", Quantity::money, cost_of<CostKind::servers>},
    SystemRow{"cost_storage", "a month: storage", Quantity::money, cost_of<CostKind::storage>},
    SystemRow{"cost_apps", "a month: apps", Quantity::money, cost_of<CostKind::apps>},
    SystemRow{"cost_transfer", "a month: transfer", Quantity::money, cost_of<CostKind::transfer>},
    SystemRow{"cost_rebuilds", "a month: rebuilds", Quantity::money, cost_of<CostKind::rebuilds>},
    SystemRow{"cost_usd_per_month", "a month at list prices", Quantity::money, total_cost},
};

// ---- Samples and rows --------------------------------------------------------------------------

// Each seed's figures by themselves.
std::vector<Figures> by_seed(const Figures& all) {
  std::vector<Figures> seeds;
  const auto parts = static_cast<std::int64_t>(all.parts.size());
  for (const auto& part : all.parts) {
    seeds.push_back({{part}, all.labels, {all.measured.ns / parts}});
  }
  return seeds;
}

CompareCell cell_of(const std::vector<Value>& first, const std::vector<Value>& own) {
  CompareCell cell;
  std::vector<std::int64_t> a;
  std::vector<std::int64_t> b;
  Int128 sum = 0;
  std::int64_t samples = 0;
  for (std::size_t seed = 0; seed < own.size(); ++seed) {
    if (!own[seed]) continue;
    sum += *own[seed];
    samples += 1;
    if (!first[seed]) continue;
    a.push_back(*first[seed]);
    b.push_back(*own[seed]);
  }
  if (samples > 0) cell.mean = div_floor(2 * sum + samples, 2 * samples);
  cell.difference = paired_difference(a, b);
  cell.verdict = verdict_of(cell.difference);
  return cell;
}

bool is_zero(const std::vector<std::vector<Value>>& values) {
  for (const std::vector<Value>& side : values) {
    for (const Value& value : side) {
      if (value.value_or(0) != 0) return false;
    }
  }
  return true;
}

class SideBySide {
 public:
  SideBySide(const std::vector<Scenario>& scenarios, const std::vector<Figures>& figures,
             CompareReport& report)
      : scenarios_(scenarios), report_(report) {
    for (const Figures& side : figures) seeds_.push_back(by_seed(side));
  }

  void fill() {
    for (const std::string& region : user_regions()) {
      for (const RegionRow& row : region_rows) {
        add({region,
             std::string(row.key),
             std::string(row.title),
             row.unit,
             row.lower_is_better,
             {}},
            [&](const Sample& sample) -> Value {
              const auto at = position_of(sample.figures.labels, Label::region, region);
              return at ? row.value(sample, *at) : Value{};
            });
      }
    }
    for (const SystemRow& row : system_rows) {
      add({"", std::string(row.key), std::string(row.title), row.unit, true, {}}, row.value);
    }
  }

 private:
  std::vector<std::string> user_regions() const {
    std::vector<std::string> regions;
    for (const Scenario& scenario : scenarios_) {
      for (const PopulationConfig& users : scenario.config.workload) {
        if (std::find(regions.begin(), regions.end(), users.from) == regions.end()) {
          regions.push_back(users.from);
        }
      }
    }
    return regions;
  }

  template <class ValueOf>
  void add(CompareRow row, const ValueOf& value_of) {
    std::vector<std::vector<Value>> values;
    for (std::size_t side = 0; side < scenarios_.size(); ++side) {
      std::vector<Value>& list = values.emplace_back();
      for (const Figures& seed : seeds_[side]) list.push_back(value_of({scenarios_[side], seed}));
    }
    if (is_zero(values)) {
      report_.zero.push_back(std::move(row));
      return;
    }
    for (const std::vector<Value>& list : values) row.cells.push_back(cell_of(values[0], list));
    report_.rows.push_back(std::move(row));
  }

  const std::vector<Scenario>& scenarios_;
  CompareReport& report_;
  std::vector<std::vector<Figures>> seeds_;  // side × seed
};

// ---- Whether it is fair ------------------------------------------------------------------------

void add_cautions(const std::vector<Scenario>& scenarios, CompareReport& report) {
  const std::int64_t pairs = report.seeds.last - report.seeds.first + 1;
  if (pairs < pairs_for_a_verdict) {
    report.cautions.push_back(fmt::format("{} {} too few for a verdict: take {} seeds or more.",
                                          counted(pairs, "pair"), pairs == 1 ? "is" : "are",
                                          pairs_for_a_verdict));
  }
  for (std::size_t side = 1; side < scenarios.size(); ++side) {
    bool users_differ = false;
    bool time_differs = false;
    for (const ChangedParameter& parameter : report.changed[side]) {
      users_differ = users_differ || parameter.path.starts_with("workload");
      time_differs = time_differs || parameter.path == "duration" || parameter.path == "warmup";
    }
    const std::string& name = report.sides[side].name;
    if (users_differ) {
      report.cautions.push_back("The users of " + name +
                                " are not those of A: differences are theirs as well.");
    }
    if (time_differs) {
      report.cautions.push_back(name + " runs for another time than A: compare no counts.");
    }
  }
  for (const CompareSide& side : report.sides) {
    for (const std::string& way : side.cost.unpriced) {
      report.cautions.push_back(
          fmt::format("{}: transfer {} has no price here and is counted as free.", side.name, way));
    }
  }
}

}  // namespace

SeedRange seeds_to_compare(const Scenario& scenario) {
  const SeedRange own = scenario.config.seeds;
  return {own.first, std::max(own.last, own.first + pairs_for_a_verdict - 1)};
}

std::optional<CompareReport> compare(const std::vector<Scenario>& scenarios,
                                     std::vector<CompareSide> sides, SeedRange seeds,
                                     SweepOptions options) {
  CompareReport report;
  report.seeds = seeds;
  options.keep_figures = true;
  std::vector<SweepTask> tasks;
  for (const Scenario& scenario : scenarios) tasks.push_back({&scenario, seeds});
  std::vector<Figures> figures(scenarios.size());
  std::size_t complete = 0;
  sweep(tasks, options, [&](std::size_t task, SweepResult runs) {
    complete += runs.complete ? 1 : 0;
    figures[task] = std::move(runs.figures);
  });
  if (complete < scenarios.size()) return std::nullopt;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    sides[i].cost = monthly_cost(scenarios[i], figures[i]);
    report.changed.push_back(changed_parameters(scenarios[0].config, scenarios[i].config));
  }
  report.sides = std::move(sides);
  SideBySide(scenarios, figures, report).fill();
  add_cautions(scenarios, report);
  add_verdicts(report);
  return report;
}

}  // namespace longhaul
