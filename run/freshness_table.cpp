#include "run/freshness_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units_text.h"

namespace longhaul {
namespace {

struct Rule {
  std::string name;
  std::vector<std::string> sets;  // after "policy.freshness."
};

// The parameters are the defaults of well-known products (policy/freshness_presets.h) and ours.
const std::vector<Rule>& rules() {
  static const std::vector<Rule> list = {
      {"none", {"rule=none"}},
      {"pin 2s (Rails)", {"rule=pin_after_write", "pin=2s"}},
      {"pin 5s (Makara)", {"rule=pin_after_write", "pin=5s"}},
      {"replica age + 1s", {"rule=replica_age", "margin=1s", "otherwise=primary"}},
      {"token, else primary", {"rule=lsn_token", "wait=0s", "otherwise=primary"}},
      {"token, wait 50ms", {"rule=lsn_token", "wait=50ms", "otherwise=primary"}},
      {"token, wait 50ms, else error", {"rule=lsn_token", "wait=50ms", "otherwise=fail"}},
      {"GitLab sticking", {"rule=gitlab_sticking", "otherwise=primary"}},
      {"wait for replay, 1s", {"rule=wait_for_replay", "wait=1s", "otherwise=primary"}},
  };
  return list;
}

enum Wanted : std::size_t {
  broken,
  users,
  back,
  moved,
  read_median,
  read_p95,
  page_average,
  failed,
  reads,
  replica_reads,
};

std::vector<WantedFigure> wanted(const std::string& region, const std::string& replica) {
  const auto in = [&](const std::string& metric, const std::string& more = {}) {
    std::string labels = region.empty() ? "" : "region:" + region;
    if (!more.empty()) labels += (labels.empty() ? "" : ",") + more;
    return labels.empty() ? metric : metric + "{" + labels + "}";
  };
  return {{in("read_your_writes_violations"), "count"},
          {in("users_hit"), "count"},
          {in("monotonic_reads_violations"), "count"},
          {in("freshness_moved_reads"), "share"},
          {in("read_latency", "outcome:ok"), "med"},
          {in("read_latency", "outcome:ok"), "p(95)"},
          {in("page_latency", "outcome:ok"), "avg"},
          {in("errors"), "count"},
          {in("reads"), "count"},
          {in("reads", "served_by:" + replica), "count"}};
}

FreshnessRow row_of(const std::string& rule, bool configured, const VariantResult& result) {
  const auto duration = [&](Wanted which) -> std::optional<Duration> {
    const Verdict& verdict = result.figure(which);
    if (verdict.no_samples) return std::nullopt;
    return Duration{verdict.value};
  };
  FreshnessRow row;
  row.rule = rule;
  row.configured = configured;
  row.broken_reads = result.figure(broken).value;
  row.at_most_ppm = result.figure(broken).upper_bound_ppm;
  row.users_hit = result.figure(users).value;
  row.went_back = result.figure(back).value;
  row.moved_ppm = result.figure(moved).value;
  row.read_median = duration(read_median);
  row.read_p95 = duration(read_p95);
  row.page_average = duration(page_average);
  row.errors = result.figure(failed).value;
  row.reads = result.figure(reads).value;
  row.replica_reads = result.figure(replica_reads).value;
  return row;
}

// The users who read from the replica, as far as the scenario says: those of its region.
std::string region_of_users(const ScenarioConfig& config, const NodeConfig& replica) {
  const bool has_users = std::any_of(
      config.workload.begin(), config.workload.end(),
      [&](const PopulationConfig& population) { return population.from == replica.region; });
  return has_users ? replica.region : "";
}

Result<const NodeConfig*> replica_of(const Scenario& scenario, const std::string& name) {
  const ScenarioConfig& config = scenario.config;
  for (const NodeConfig& node : config.topology.nodes) {
    if (node.role == NodeRole::replica && (name.empty() || node.name == name)) return &node;
  }
  Error error;
  error.file = scenario.file;
  error.path = name.empty() ? "topology.nodes" : "--replica";
  error.value = name.empty() ? "no replica" : '"' + name + '"';
  error.expected = "a replica of this scenario that lags";
  return std::vector<Error>{error};
}

std::string configured_name(const FreshnessConfig& config) {
  return "as configured: " + std::string(enum_text(config.rule));
}

// What is asked of every variant: the rule's values over the scenario's, and the lag.
std::vector<Variant> variants_at(Duration lag, const std::string& replica) {
  const std::string delay =
      "topology.nodes." + replica + ".recovery_min_apply_delay=" + to_text(lag);
  std::vector<Variant> variants{{"as configured", {delay}}};
  for (const Rule& rule : rules()) {
    Variant variant{rule.name, {delay}};
    for (const std::string& set : rule.sets) variant.sets.push_back("policy.freshness." + set);
    variants.push_back(std::move(variant));
  }
  return variants;
}

// ---- What a team would act on ------------------------------------------------------------------

bool is_tested(const FreshnessTable& table, std::size_t lag) { return table.untested[lag].empty(); }

bool keeps_promise(const FreshnessRow& row, const FreshnessRow& none) {
  return row.broken_reads == 0 && row.errors <= none.errors && row.page_average.has_value();
}

// The page on average over the lags at which rules were tested, each counting alike.
std::optional<Duration> mean_page(const FreshnessTable& table, std::size_t rule) {
  Duration sum;
  std::int64_t lags = 0;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (!is_tested(table, i)) continue;
    if (!table.rows[i][rule].page_average) return std::nullopt;
    sum = sum + *table.rows[i][rule].page_average;
    ++lags;
  }
  if (lags == 0) return std::nullopt;
  return Duration{sum.ns / lags};
}

bool holds_at_all_lags(const FreshnessTable& table, std::size_t rule) {
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const std::vector<FreshnessRow>& rows = table.rows[i];
    if (is_tested(table, i) && !keeps_promise(rows[rule], rows.front())) return false;
  }
  return true;
}

std::int64_t most_moved(const FreshnessTable& table, std::size_t rule) {
  std::int64_t most = 0;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (is_tested(table, i)) most = std::max(most, table.rows[i][rule].moved_ppm);
  }
  return most;
}

// A rule is tested where reads reach the replica without it: one in a hundred at least.
std::string why_untested(const ScenarioConfig& config, Duration lag, const FreshnessRow& none) {
  if (none.reads == 0) return "no reads: nothing to judge";
  if (Int128{none.replica_reads} * 100 >= none.reads) return "";
  const LagBreakerConfig& breaker = config.policy.lag_breaker;
  if (config.policy.router.use_replica_reads && breaker.enabled && lag > Duration{}) {
    return "the breaker was open: the rules were not tested at this lag";
  }
  return "no reads went to the replica: the rules were not tested at this lag";
}

std::string lags_text(const std::vector<std::string>& lags) {
  std::string text;
  for (std::size_t i = 0; i < lags.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == lags.size() ? " and " : ", ") + lags[i];
  }
  return text;
}

std::string verdict_on_configured(const FreshnessTable& table, std::size_t configured) {
  const std::string& name = table.rows.front()[configured].rule;
  std::vector<std::string> bad;
  std::int64_t reads = 0;
  std::int64_t errors = 0;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const FreshnessRow& row = table.rows[i][configured];
    const FreshnessRow& none = table.rows[i].front();
    if (!is_tested(table, i) || keeps_promise(row, none)) continue;
    bad.push_back(to_short_text(table.lags[i]));
    reads += row.broken_reads;
    errors += std::max<std::int64_t>(0, row.errors - none.errors);
  }
  if (bad.empty()) {
    return fmt::format("The scenario's own rule ({}) breaks no promise at any lag that was tested.",
                       name.substr(name.find(": ") + 2));
  }
  return fmt::format(
      "The scenario's own rule ({}) does not hold when {} lags by {}: {} broken reads, {} errors "
      "more than without any rule.",
      name.substr(name.find(": ") + 2), table.replica, lags_text(bad), reads, errors);
}

// The rules, not the scenario's own, of which some row is like that where they were tested.
template <class Test>
std::vector<std::string> rules_where(const FreshnessTable& table, Test test) {
  std::vector<std::string> names;
  for (std::size_t rule = 0; rule < table.rows.front().size(); ++rule) {
    if (table.rows.front()[rule].configured) continue;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      const std::vector<FreshnessRow>& rows = table.rows[i];
      if (!is_tested(table, i) || !test(rows[rule], rows.front())) continue;
      names.push_back('"' + rows[rule].rule + '"');
      break;
    }
  }
  return names;
}

void conclude(FreshnessTable& table) {
  if (table.rows.empty()) return;
  std::size_t tested = 0;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    tested += is_tested(table, i) ? 1 : 0;
    if (is_tested(table, i)) continue;
    table.conclusions.push_back(
        fmt::format("Lag {}: {}.", to_short_text(table.lags[i]), table.untested[i]));
  }
  if (tested == 0) {
    table.conclusions.push_back(
        "Nothing to recommend: ask for lags below policy.lag_breaker.open_above, or run with --set "
        "policy.lag_breaker.enabled=false.");
    return;
  }
  const std::vector<FreshnessRow>& first = table.rows.front();
  std::optional<std::size_t> best;
  for (std::size_t rule = 0; rule < first.size(); ++rule) {
    if (first[rule].configured) table.conclusions.push_back(verdict_on_configured(table, rule));
    if (!holds_at_all_lags(table, rule)) continue;
    if (!best) best = rule;
    const Duration page = *mean_page(table, rule);
    const Duration least = *mean_page(table, *best);
    const bool is_better =
        page < least || (page == least && most_moved(table, rule) < most_moved(table, *best));
    if (is_better) best = rule;
  }
  const std::vector<std::string> broken_rules = rules_where(
      table, [](const FreshnessRow& row, const FreshnessRow&) { return row.broken_reads > 0; });
  if (!broken_rules.empty()) {
    table.conclusions.push_back("Broken promises at one lag or more: " + lags_text(broken_rules) +
                                ".");
  }
  const std::vector<std::string> failing_rules = rules_where(
      table,
      [](const FreshnessRow& row, const FreshnessRow& none) { return row.errors > none.errors; });
  if (!failing_rules.empty()) {
    table.conclusions.push_back(
        "More errors than without any rule at one lag or more: " + lags_text(failing_rules) + ".");
  }
  if (!best) {
    table.conclusions.push_back(
        "No rule keeps the promise at every lag without new errors: take the replica out sooner "
        "(policy.lag_breaker.open_above).");
    return;
  }
  const std::optional<Duration> unruled = mean_page(table, 0);
  table.conclusions.push_back(fmt::format(
      "Use \"{}\": of the rules that broke no promise and caused no errors its pages are the "
      "fastest, {} on average over the lags that were tested{}, with at most {} of the reads moved "
      "to the "
      "primary.",
      first[*best].rule, to_short_text(*mean_page(table, *best)),
      unruled ? " against " + to_short_text(*unruled) + " without any rule" : "",
      to_text(Ratio{most_moved(table, *best)})));
}

}  // namespace

Result<FreshnessTable> freshness_table(const FreshnessTableAsked& asked,
                                       const SweepOptions& options) {
  const Result<Scenario> base = asked.load({});
  if (!base) return base.errors();
  const ScenarioConfig& config = base.value().config;
  const Result<const NodeConfig*> replica = replica_of(base.value(), asked.replica);
  if (!replica) return replica.errors();

  FreshnessTable table;
  table.scenario = config.name;
  table.replica = replica.value()->name;
  table.region = region_of_users(config, *replica.value());
  table.seeds = asked.seeds.value_or(config.seeds);
  VariantPlan plan{.variants = {},
                   .wanted = wanted(table.region, table.replica),
                   .seeds = table.seeds,
                   .load = asked.load};
  for (const Duration lag : asked.lags) {
    for (Variant& variant : variants_at(lag, table.replica)) {
      plan.variants.push_back(std::move(variant));
    }
  }
  const Result<std::vector<VariantResult>> results = run_variants(plan, options);
  if (!results) return results.errors();
  const std::size_t per_lag = rules().size() + 1;
  for (std::size_t first = 0; first + per_lag <= results.value().size(); first += per_lag) {
    std::vector<FreshnessRow> rows;
    for (std::size_t i = 0; i < rules().size(); ++i) {
      rows.push_back(row_of(rules()[i].name, false, results.value()[first + 1 + i]));
    }
    rows.push_back(row_of(configured_name(config.policy.freshness), true, results.value()[first]));
    table.lags.push_back(asked.lags[table.rows.size()]);
    table.untested.push_back(why_untested(config, table.lags.back(), rows.front()));
    table.rows.push_back(std::move(rows));
  }
  conclude(table);
  return table;
}

}  // namespace longhaul
