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
};

std::vector<WantedFigure> wanted(const std::string& region) {
  const auto in = [&](const std::string& metric, const std::string& more = {}) {
    std::string labels = region.empty() ? "" : "region:" + region;
    if (!more.empty()) labels += (labels.empty() ? "" : ",") + more;
    return labels.empty() ? metric : metric + "{" + labels + "}";
  };
  return {{in("read_your_writes_violations"), "count"}, {in("users_hit"), "count"},
          {in("monotonic_reads_violations"), "count"},  {in("freshness_moved_reads"), "share"},
          {in("read_latency", "outcome:ok"), "med"},    {in("read_latency", "outcome:ok"), "p(95)"},
          {in("page_latency", "outcome:ok"), "avg"},    {in("errors"), "count"}};
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
  return row;
}

// The users who read from the replica, as far as the scenario says: those of its region.
std::string region_of_users(const ScenarioConfig& config, const NodeConfig& replica) {
  const bool has_users = std::any_of(
      config.workload.begin(), config.workload.end(),
      [&](const PopulationConfig& population) { return population.from == replica.region; });
  return has_users ? replica.region : "";
}

Result<const NodeConfig*> replica_of(const ScenarioConfig& config, const std::string& name) {
  for (const NodeConfig& node : config.topology.nodes) {
    if (node.role == NodeRole::replica && (name.empty() || node.name == name)) return &node;
  }
  Error error;
  error.path = "topology.nodes";
  error.value = name;
  error.expected = "the name of a replica of the scenario";
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

bool keeps_promise(const FreshnessRow& row, const FreshnessRow& none) {
  return row.broken_reads == 0 && row.errors <= none.errors && row.page_average.has_value();
}

// The page on average over all lags, each counting alike.
std::optional<Duration> mean_page(const FreshnessTable& table, std::size_t rule) {
  Duration sum;
  for (const std::vector<FreshnessRow>& rows : table.rows) {
    if (!rows[rule].page_average) return std::nullopt;
    sum = sum + *rows[rule].page_average;
  }
  return Duration{sum.ns / static_cast<std::int64_t>(table.rows.size())};
}

bool holds_at_all_lags(const FreshnessTable& table, std::size_t rule) {
  return std::all_of(table.rows.begin(), table.rows.end(),
                     [rule](const auto& rows) { return keeps_promise(rows[rule], rows.front()); });
}

std::int64_t most_moved(const FreshnessTable& table, std::size_t rule) {
  std::int64_t most = 0;
  for (const std::vector<FreshnessRow>& rows : table.rows) {
    most = std::max(most, rows[rule].moved_ppm);
  }
  return most;
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
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const FreshnessRow& row = table.rows[i][configured];
    if (keeps_promise(row, table.rows[i].front())) continue;
    bad.push_back(to_short_text(table.lags[i]));
    reads += row.broken_reads;
  }
  if (bad.empty()) {
    return fmt::format("The scenario's own rule ({}) breaks no promise at any of these lags.",
                       name.substr(name.find(": ") + 2));
  }
  return fmt::format(
      "The scenario's own rule ({}) does not hold when {} lags by {}: {} broken reads.",
      name.substr(name.find(": ") + 2), table.replica, lags_text(bad), reads);
}

void conclude(FreshnessTable& table) {
  if (table.rows.empty()) return;
  const std::vector<FreshnessRow>& first = table.rows.front();
  std::optional<std::size_t> best;
  std::vector<std::string> broken_rules;
  for (std::size_t rule = 0; rule < first.size(); ++rule) {
    if (first[rule].configured) table.conclusions.push_back(verdict_on_configured(table, rule));
    if (!holds_at_all_lags(table, rule)) {
      if (!first[rule].configured && rule > 0) broken_rules.push_back(first[rule].rule);
      continue;
    }
    if (!best) best = rule;
    const Duration page = *mean_page(table, rule);
    const Duration least = *mean_page(table, *best);
    const bool is_better =
        page < least || (page == least && most_moved(table, rule) < most_moved(table, *best));
    if (is_better) best = rule;
  }
  if (!broken_rules.empty()) {
    table.conclusions.push_back("Broken at one lag or more: " + lags_text(broken_rules) + ".");
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
      "fastest, {} on average over these lags{}, with at most {} of the reads moved to the "
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
  const Result<const NodeConfig*> replica = replica_of(config, asked.replica);
  if (!replica) return replica.errors();

  FreshnessTable table;
  table.scenario = config.name;
  table.replica = replica.value()->name;
  table.region = region_of_users(config, *replica.value());
  table.seeds = asked.seeds.value_or(config.seeds);
  VariantPlan plan{
      .variants = {}, .wanted = wanted(table.region), .seeds = table.seeds, .load = asked.load};
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
    table.rows.push_back(std::move(rows));
  }
  conclude(table);
  return table;
}

}  // namespace longhaul
