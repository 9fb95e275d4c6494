#include "run/failovers_table.h"

#include <algorithm>

#include "run/canary_needed.h"

namespace longhaul {
namespace {

struct OneFailover {
  NodeId to;
  bool opened = false;
  bool needless = false;
  bool has_outage = false;
  bool censored = false;
  std::uint32_t region = 0;
  Duration outage;
  std::array<Duration, failover_phase_count> phases{};
};

struct OneRun {
  std::vector<OneFailover> failovers;
  std::vector<Duration> out;       // of writes, by region
  std::vector<std::int64_t> lost;  // by cause
  std::int64_t split_brain_writes = 0;
};

OneRun take(const RunResult& result) {
  OneRun run;
  for (const FailoverRecord& record : result.failovers) {
    OneFailover one;
    one.to = record.promotion.to;
    one.opened = record.promotion.opened != TimePoint::never();
    one.needless = record.promotion.needless;
    one.has_outage = record.has_outage;
    one.censored = record.has_outage && record.outage.censored;
    one.region = record.region;
    if (record.has_outage) one.outage = record.outage.ended - record.outage.began;
    for (const FailoverPart& part : record.parts) {
      Duration& spent = one.phases[static_cast<std::size_t>(part.phase)];
      spent = spent + (part.ended - part.began);
    }
    run.failovers.push_back(one);
  }
  run.out.resize(result.figures.labels[Label::region].size());
  for (const OutageRecord& outage : result.write_outages) {
    Duration& out = run.out[outage.region];
    out = out + (outage.ended - outage.began);
  }
  const auto count = [&](const Selector& selector) {
    return result.figures.select(selector).count();
  };
  const std::size_t causes = result.figures.labels[Label::loss].size();
  for (std::uint32_t cause = 0; cause < causes; ++cause) {
    run.lost.push_back(count({Metric::lost_transactions, {{Label::loss, cause}}}));
  }
  run.split_brain_writes = count({Metric::split_brain_writes, {}});
  return run;
}

// The value that so many percent of a sorted sample do not exceed.
template <class T>
T at_percent(const std::vector<T>& sorted, std::size_t percent) {
  const std::size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[rank == 0 ? 0 : rank - 1];
}

std::optional<DurationSummary> summary_of(std::vector<Duration> sample) {
  if (sample.empty()) return std::nullopt;
  std::sort(sample.begin(), sample.end());
  Int128 sum = 0;
  for (const Duration one : sample) sum += one.ns;
  const Duration mean{static_cast<std::int64_t>(sum / static_cast<Int128>(sample.size()))};
  return DurationSummary{sample.front(), mean, at_percent(sample, 95), sample.back()};
}

CountSummary summary_of(std::vector<std::int64_t> sample) {
  if (sample.empty()) return {};
  std::sort(sample.begin(), sample.end());
  return {at_percent(sample, 50), at_percent(sample, 99), sample.back()};
}

FailoversRow row_of(const Scenario& scenario, const std::vector<OneRun>& runs) {
  FailoversRow row;
  row.runs = static_cast<std::int64_t>(runs.size());
  const LabelValues labels = label_values(scenario.cluster);
  std::vector<std::int64_t> to(scenario.cluster.nodes.size());
  std::vector<std::int64_t> longest_in(labels[Label::region].size());
  std::array<std::vector<Duration>, failover_phase_count> phases;
  std::vector<Duration> outages;
  std::vector<Duration> out;
  std::vector<std::int64_t> lost;
  std::vector<std::int64_t> split;
  for (const OneRun& run : runs) {
    std::int64_t needless = 0;
    for (const OneFailover& one : run.failovers) {
      row.failovers += 1;
      row.unopened += one.opened ? 0 : 1;
      row.without_outage += one.has_outage ? 0 : 1;
      row.censored += one.censored ? 1 : 0;
      needless += one.needless ? 1 : 0;
      to[one.to.value] += 1;
      if (!one.has_outage) continue;
      longest_in[one.region] += 1;
      outages.push_back(one.outage);
      for (std::size_t i = 0; i < phases.size(); ++i) phases[i].push_back(one.phases[i]);
    }
    row.runs_with_failover += run.failovers.empty() ? 0 : 1;
    row.needless += needless;
    row.runs_with_needless += needless > 0 ? 1 : 0;
    std::int64_t all = 0;
    for (const std::int64_t one : run.lost) all += one;
    out.push_back(run.out.empty() ? Duration{} : *std::max_element(run.out.begin(), run.out.end()));
    lost.push_back(all);
    split.push_back(run.split_brain_writes);
  }
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i] > 0) row.to.emplace_back(scenario.cluster.nodes[i].name, to[i]);
  }
  for (std::size_t region = 0; region < longest_in.size(); ++region) {
    const std::string& name = labels[Label::region][region];
    if (longest_in[region] > 0) row.longest_in.emplace_back(name, longest_in[region]);
    std::vector<Duration> sample;
    for (const OneRun& run : runs) sample.push_back(run.out[region]);
    const std::optional<DurationSummary> summary = summary_of(std::move(sample));
    if (summary && summary->max > Duration{}) row.out_by_region.emplace_back(name, *summary);
  }
  for (std::size_t i = 0; i < phases.size(); ++i) row.phases[i] = summary_of(std::move(phases[i]));
  row.outage = summary_of(std::move(outages));
  row.out_by_run = summary_of(std::move(out)).value_or(DurationSummary{});
  row.lost = summary_of(std::move(lost));
  row.split_brain_writes = summary_of(std::move(split));
  for (std::size_t cause = 0; cause < labels[Label::loss].size(); ++cause) {
    std::vector<std::int64_t> sample;
    for (const OneRun& run : runs) sample.push_back(run.lost[cause]);
    const CountSummary summary = summary_of(std::move(sample));
    if (summary.max > 0) row.lost_by_cause.emplace_back(labels[Label::loss][cause], summary);
  }
  return row;
}

// What goes along with a parameter has as many values.
std::vector<Error> uneven(const FailoversAsked& asked) {
  std::vector<Error> wrong;
  for (const Axis& one : asked.along) {
    Error error;
    error.path = "--along " + one.path;
    if (asked.vary.size() != 1) {
      error.value = std::to_string(asked.vary.size()) + " times --vary";
      error.expected = "one, which it goes along with";
      wrong.push_back(error);
    } else if (one.values.size() != asked.vary.front().values.size()) {
      error.value = std::to_string(one.values.size()) + " values";
      error.expected = std::to_string(asked.vary.front().values.size()) + ", as " +
                       asked.vary.front().path + " has";
      wrong.push_back(error);
    }
  }
  return wrong;
}

// Of a setting, by path of the table.
std::vector<std::string> values_of(const FailoversAsked& asked, std::int64_t setting) {
  std::vector<std::string> values = values_of(asked.vary, setting);
  for (const Axis& one : asked.along) {
    values.push_back(one.values[static_cast<std::size_t>(setting)]);
  }
  return values;
}

Result<std::vector<Scenario>> load_settings(const FailoversAsked& asked) {
  std::vector<Axis> all = asked.vary;
  all.insert(all.end(), asked.along.begin(), asked.along.end());
  std::vector<Scenario> scenarios;
  SettingErrors errors;
  for (std::int64_t i = 0; i < settings_of(asked.vary); ++i) {
    const std::vector<std::string> sets = sets_of(all, values_of(asked, i));
    Result<Scenario> scenario = asked.load({"", sets});
    if (scenario) {
      scenarios.push_back(std::move(scenario).value());
      scenarios.back().expectations.clear();
    } else {
      errors.add(scenario.errors(), sets);
    }
  }
  if (!errors.empty()) {
    return errors.all(all, [&](const std::vector<std::string>& sets) {
      return asked.load({"", sets});
    });
  }
  return scenarios;
}

}  // namespace

Result<FailoversTable> failovers_table(const FailoversAsked& asked, const SweepOptions& options) {
  if (const std::vector<Error> wrong = uneven(asked); !wrong.empty()) return wrong;
  // What is wrong without any setting is said once, and not of --vary.
  if (const Result<Scenario> base = asked.load({}); !base) return base.errors();
  const Result<std::vector<Scenario>> loaded = load_settings(asked);
  if (!loaded) return loaded.errors();
  const std::vector<Scenario>& scenarios = loaded.value();
  for (const Scenario& scenario : scenarios) {
    if (std::vector<Error> blind = canary_missing(scenario); !blind.empty()) return blind;
  }
  FailoversTable table;
  table.scenario = scenarios.front().config.name;
  table.seeds = asked.seeds.value_or(scenarios.front().config.seeds);
  for (const Axis& one : asked.vary) table.paths.push_back(one.path);
  for (const Axis& one : asked.along) table.paths.push_back(one.path);
  table.axes = asked.vary.size();
  const auto seeds = static_cast<std::size_t>(table.seeds.last - table.seeds.first + 1);
  std::vector<std::vector<OneRun>> runs(scenarios.size(), std::vector<OneRun>(seeds));
  std::vector<SweepTask> tasks;
  for (const Scenario& scenario : scenarios) tasks.push_back({&scenario, table.seeds});
  SweepOptions with = options;
  with.run_seed = [&](const Scenario& scenario, std::uint64_t seed) {
    std::optional<RunResult> result =
        options.run_seed ? options.run_seed(scenario, seed) : run(scenario, seed);
    if (!result) return result;
    const auto which = static_cast<std::size_t>(&scenario - scenarios.data());
    runs[which][seed - static_cast<std::uint64_t>(table.seeds.first)] = take(*result);
    return result;
  };
  sweep(tasks, with, [&](std::size_t task, const SweepResult& result) {
    if (!result.complete) return;
    FailoversRow row = row_of(scenarios[task], runs[task]);
    row.values = values_of(asked, static_cast<std::int64_t>(task));
    table.rows.push_back(std::move(row));
  });
  return table;
}

}  // namespace longhaul
