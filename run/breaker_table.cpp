#include "run/breaker_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

constexpr std::int64_t whole_ppm = 1'000'000;
constexpr std::int64_t busy_ppm = 700'000;  // of processors, on average: queues grow beyond

// The figures of a line, in the order in which they are asked for.
enum Wanted : std::size_t {
  stale,
  violations,
  on_primary,
  cpu,
  read_p95,
  transitions,
  openings,
  open_time,
  reads,
  failed,
};

std::vector<WantedFigure> wanted_figures(const std::string& replica, const std::string& primary) {
  return {{"stale_reads", "share"},
          {"read_your_writes_violations", "count"},
          {"reads{served_by:" + primary + "}", "share"},
          {"cpu_utilisation{node:" + primary + "}", "avg"},
          {"read_latency", "p(95)"},
          {"breaker_transitions{replica:" + replica + "}", "count"},
          {"breaker_open_duration{replica:" + replica + "}", "count"},
          {"breaker_open_duration{replica:" + replica + "}", "avg"},
          {"reads", "count"},
          {"errors", "count"}};
}

std::string threshold(const char* above, const char* below) {
  return std::string("policy.lag_breaker.open_above=") + above +
         ";policy.lag_breaker.close_below=" + below;
}

BreakerSetting setting(std::string name, const std::string& values) {
  BreakerSetting result{std::move(name), {"policy.lag_breaker.enabled=true"}};
  for (std::size_t at = 0; at < values.size();) {
    const std::size_t end = std::min(values.find(';', at), values.size());
    result.sets.push_back(values.substr(at, end - at));
    at = end + 1;
  }
  return result;
}

const NodeConfig* node_of_role(const Scenario& scenario, NodeRole role, const std::string& name) {
  for (const NodeConfig& node : scenario.config.topology.nodes) {
    if (node.role == role && (name.empty() || node.name == name)) return &node;
  }
  return nullptr;
}

BreakerLine line_of(const std::string& name, const VariantResult& result) {
  BreakerLine line;
  line.setting = name;
  line.stale = result.figure(stale);
  line.violations = result.figure(violations);
  line.reads_on_primary_ppm = result.figure(on_primary).value;
  line.primary_cpu_ppm = result.figure(cpu).value;
  line.read_p95 = {result.figure(read_p95).value};
  line.reads = result.figure(reads).value;
  line.errors = result.figure(failed).value;
  line.transitions = result.figure(transitions).value;
  std::int64_t instances = 0;
  for (const AppConfig& app : result.scenario.config.topology.apps) instances += app.instances;
  const Duration measured = result.scenario.cluster.duration - result.scenario.cluster.warmup;
  const auto runs = static_cast<std::int64_t>(result.runs.seeds.size());
  const Int128 open = static_cast<Int128>(result.figure(openings).value) *
                      result.figure(open_time).value * whole_ppm;
  const std::int64_t time = std::max<std::int64_t>(1, measured.ns * instances * runs);
  line.open_ppm = std::min<std::int64_t>(whole_ppm, div_floor(open, time));
  return line;
}

// Three digits are enough for people: "0.27%", "12.1%".
std::string share_text(std::int64_t ppm) {
  std::int64_t digit = 1;
  while (ppm / digit >= 1000) digit *= 10;
  return to_text(Ratio{(ppm + digit / 2) / digit * digit});
}

std::string bounded_text(const Verdict& verdict, std::string text) {
  if (verdict.upper_bound_ppm) text += " (< " + share_text(*verdict.upper_bound_ppm) + ")";
  return text;
}

// A setting over all lags: what it is at its worst.
struct Worst {
  std::string setting;
  std::int64_t stale_ppm = 0;
  std::int64_t cpu_ppm = 0;
  std::int64_t primary_ppm = 0;
  std::int64_t violations = 0;
  Duration read_p95;
  std::int64_t errors = 0;               // over all lags
  std::int64_t transitions_unmoved = 0;  // while nothing lags
};

std::vector<Worst> worst_of(const BreakerTable& table) {
  std::vector<Worst> settings;
  for (const BreakerBlock& block : table.blocks) {
    settings.resize(block.lines.size());
    for (std::size_t i = 0; i < block.lines.size(); ++i) {
      const BreakerLine& line = block.lines[i];
      Worst& worst = settings[i];
      worst.setting = line.setting;
      worst.stale_ppm = std::max(worst.stale_ppm, line.stale.value);
      worst.cpu_ppm = std::max(worst.cpu_ppm, line.primary_cpu_ppm);
      worst.primary_ppm = std::max(worst.primary_ppm, line.reads_on_primary_ppm);
      worst.violations = std::max(worst.violations, line.violations.value);
      worst.read_p95 = std::max(worst.read_p95, line.read_p95);
      worst.errors += line.errors;
      if (block.lag == Duration{}) worst.transitions_unmoved = line.transitions;
    }
  }
  return settings;
}

}  // namespace

const std::vector<BreakerSetting>& breaker_settings() {
  static const std::vector<BreakerSetting> settings{
      {"as configured", {}},
      {"off", {"policy.lag_breaker.enabled=false"}},
      setting("above 500 ms", threshold("500ms", "200ms")),
      setting("above 2 s", threshold("2s", "700ms")),
      setting("above 5 s", threshold("5s", "2s")),
      setting("above 30 s", threshold("30s", "10s")),
      setting("above 1 MiB", threshold("1d", "1d") +
                                 ";policy.lag_breaker.open_above_bytes=1MiB"
                                 ";policy.lag_breaker.close_below_bytes=256KiB"),
  };
  return settings;
}

Result<BreakerTable> make_breaker_table(const BreakerTableRequest& request,
                                        const SweepOptions& options) {
  const Result<Scenario> plain = request.load({});
  if (!plain) return plain.errors();
  const NodeConfig* primary = node_of_role(plain.value(), NodeRole::primary, {});
  const NodeConfig* replica = node_of_role(plain.value(), NodeRole::replica, request.replica);
  if (primary == nullptr || replica == nullptr) {
    Error error;
    error.file = plain.value().file;
    error.path = request.replica.empty() ? "topology.nodes" : "--replica";
    error.value = request.replica.empty() ? "no replica" : '"' + request.replica + '"';
    error.expected = "a replica of this scenario, one that streams";
    return error;
  }

  VariantPlan plan;
  plan.wanted = wanted_figures(replica->name, primary->name);
  plan.seeds = request.seeds;
  plan.load = [&](const Variant& variant) { return request.load(variant.sets); };
  for (const Duration lag : request.lags) {
    for (const BreakerSetting& setting : breaker_settings()) {
      Variant variant{setting.name, setting.sets};
      variant.sets.push_back("topology.nodes." + replica->name +
                             ".recovery_min_apply_delay=" + to_text(lag));
      plan.variants.push_back(std::move(variant));
    }
  }
  const Result<std::vector<VariantResult>> results = run_variants(plan, options);
  if (!results) return results.errors();

  BreakerTable table{plain.value().config.name, replica->name, primary->name, request.seeds, {}, 0};
  table.faults = static_cast<std::int64_t>(plain.value().config.faults.size());
  const std::size_t settings = breaker_settings().size();
  for (std::size_t i = 0; i < results.value().size() / settings; ++i) {
    BreakerBlock block{request.lags[i], {}};
    for (std::size_t k = 0; k < settings; ++k) {
      block.lines.push_back(line_of(breaker_settings()[k].name, results.value()[i * settings + k]));
    }
    table.blocks.push_back(std::move(block));
  }
  return table;
}

std::string breaker_table_text(const BreakerTable& table, bool colour) {
  std::string text;
  for (const BreakerBlock& block : table.blocks) {
    const std::string lag = block.lag == Duration{} ? "NO LAG" : to_text(block.lag) + " BEHIND";
    TextTable lines({table.replica + " " + lag, "stale reads", "own writes missed",
                     "reads on " + table.primary, "its CPU", "read p95", "errors", "moves",
                     "open"});
    for (const BreakerLine& line : block.lines) {
      if (line.reads == 0) {
        lines.row({line.setting, "-", "-", "-", share_text(line.primary_cpu_ppm), "-",
                   std::to_string(line.errors), std::to_string(line.transitions),
                   share_text(line.open_ppm)});
        continue;
      }
      lines.row({line.setting, bounded_text(line.stale, share_text(line.stale.value)),
                 bounded_text(line.violations, std::to_string(line.violations.value)),
                 share_text(line.reads_on_primary_ppm), share_text(line.primary_cpu_ppm),
                 to_short_text(line.read_p95), std::to_string(line.errors),
                 std::to_string(line.transitions), share_text(line.open_ppm)});
    }
    text += lines.text(colour) + "\n";
  }
  text +=
      "errors: pages that failed. moves: how often a breaker opened or closed while it was "
      "measured.\nopen: share of the time, over all app instances; 100% with no moves opened "
      "during the warm-up and\nstayed open, so settings that were open throughout have the same "
      "figures.\n";
  if (table.faults > 0) {
    text += fmt::format("The scenario's own faults ({}) strike under every heading, NO LAG too.\n",
                        table.faults);
  }
  return text + "\n";
}

std::string breaker_table_json(const BreakerTable& table) {
  const auto verdict = [](json& object, const std::string& name, const Verdict& figure) {
    object[name] = figure.value;
    if (figure.upper_bound_ppm) object[name + "_share_ppm_max_95"] = *figure.upper_bound_ppm;
  };
  json lags = json::array();
  for (const BreakerBlock& block : table.blocks) {
    json settings = json::array();
    for (const BreakerLine& line : block.lines) {
      json object{{"setting", line.setting}, {"reads", line.reads}};
      if (line.reads > 0) {
        verdict(object, "stale_reads_ppm", line.stale);
        verdict(object, "read_your_writes_violations", line.violations);
        object["reads_on_primary_ppm"] = line.reads_on_primary_ppm;
        object["read_latency_p95_ns"] = line.read_p95.ns;
      }
      object["primary_cpu_ppm"] = line.primary_cpu_ppm;
      object["errors"] = line.errors;
      object["breaker_transitions"] = line.transitions;
      object["breaker_open_ppm"] = line.open_ppm;
      settings.push_back(std::move(object));
    }
    lags.push_back({{"lag_ns", block.lag.ns}, {"settings", std::move(settings)}});
  }
  const json object{{"format", 1},
                    {"scenario", table.scenario},
                    {"replica", table.replica},
                    {"primary", table.primary},
                    {"seeds", {{"first", table.seeds.first}, {"last", table.seeds.last}}},
                    {"faults", table.faults},
                    {"lags", std::move(lags)},
                    {"advice", advice(table)}};
  return object.dump(2) + "\n";
}

namespace {

// What is worse than without a breaker, by the figures of the table.
std::string worse_than_off(const Worst& best, const Worst& off) {
  std::string text;
  const auto add = [&](bool worse, const std::string& what) {
    if (worse) text += (text.empty() ? "" : ", ") + what;
  };
  add(best.stale_ppm > off.stale_ppm, "more stale reads");
  add(best.violations > off.violations,
      fmt::format("{} own writes missed against {}", best.violations, off.violations));
  add(best.errors > off.errors, fmt::format("{} pages failed against {}", best.errors, off.errors));
  return text;
}

bool has_reads(const BreakerTable& table) {
  for (const BreakerBlock& block : table.blocks) {
    for (const BreakerLine& line : block.lines) {
      if (line.reads > 0) return true;
    }
  }
  return false;
}

// A few more errors are luck: one in ten.
bool fails_more(const Worst& worst, const Worst& off) {
  return Int128{worst.errors} * 10 > Int128{off.errors} * 11;
}

}  // namespace

// The least stale settings that the primary can carry and that fail no more pages than no breaker,
// and of those the one that moves the fewest reads.
std::string advice(const BreakerTable& table) {
  const std::vector<Worst> settings = worst_of(table);
  if (settings.empty()) return "Nothing was finished.";
  if (!has_reads(table)) return "No reads: nothing to judge.";
  const auto off = std::find_if(settings.begin(), settings.end(),
                                [](const Worst& worst) { return worst.setting == "off"; });
  const Worst* best = nullptr;
  for (const bool any : {false, true}) {
    for (const Worst& worst : settings) {
      if (best != nullptr && any) break;
      if (!any && (worst.cpu_ppm > busy_ppm || fails_more(worst, *off))) continue;
      const bool less_stale = best == nullptr || worst.stale_ppm + 1000 < best->stale_ppm;
      const bool as_stale = best != nullptr && worst.stale_ppm <= best->stale_ppm + 1000;
      if (less_stale || (as_stale && worst.primary_ppm < best->primary_ppm)) best = &worst;
    }
  }
  std::string text = fmt::format(
      "Take \"{}\": whatever {} does here, at most {} of all reads are stale ({} without a "
      "breaker); at its worst {} of the reads are on {}, whose processors are {} busy, and a "
      "read's "
      "p95 is {} ({} without a breaker).",
      best->setting, table.replica, share_text(best->stale_ppm), share_text(off->stale_ppm),
      share_text(best->primary_ppm), table.primary, share_text(best->cpu_ppm),
      to_short_text(best->read_p95), to_short_text(off->read_p95));
  if (const std::string worse = worse_than_off(*best, *off); !worse.empty()) {
    text += " It is worse than no breaker in this: " + worse + ".";
  }
  if (best->cpu_ppm > busy_ppm) {
    text += fmt::format(
        " No setting spares {}: give it processors, or cap the reads moved to it "
        "(policy.router.moved_reads).",
        table.primary);
  }
  if (best->violations > 0) {
    text += fmt::format(
        " It does not make users see their own writes ({} missed): that is "
        "policy.freshness.",
        best->violations);
  }
  if (best->transitions_unmoved > 0) {
    text += fmt::format(
        " Without any lag it moved {} times: look at jitter and load before "
        "trusting it.",
        best->transitions_unmoved);
  }
  return text;
}

}  // namespace longhaul
