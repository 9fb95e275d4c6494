#include "run/answers/crashes.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {

CrashSet crash_set(const Store& store) {
  const SweepKey& key = store.key();
  CrashSet crashes;
  crashes.scenario = nlohmann::json::parse(key.scenario).value("name", "");
  crashes.failure = key.failure.substr(std::min(key.failure.size(), key.failure.find(' ') + 1));
  crashes.seeds = {key.first_seed, key.last_seed};
  crashes.instants = key.crash_instants;
  crashes.from_ns = key.crash_from_ns;
  crashes.until_ns = key.crash_until_ns;
  crashes.horizon_ns = key.horizon_ns;
  for (const StoredCell& cell : store.cells()) {
    crashes.at_ns.push_back(cell.crash_ns.value_or(0));
    crashes.unfinished_pages += cell.unfinished_pages;
  }
  return crashes;
}

std::string crash_text(const CrashSet& crashes) {
  return fmt::format(
      "{}: {} at {} instants between {} and {}, seeds {}..{}: {} crashes, each followed for {}",
      crashes.scenario, crashes.failure, crashes.instants, to_short_text(Duration{crashes.from_ns}),
      to_short_text(Duration{crashes.until_ns}), crashes.seeds.first, crashes.seeds.last,
      crashes.crashes(), to_short_text(Duration{crashes.horizon_ns}));
}

std::string unfinished_text(const CrashSet& crashes) {
  if (crashes.unfinished_pages == 0) return "";
  return "  " +
         wrapped(unfinished_text(static_cast<std::uint64_t>(crashes.unfinished_pages),
                                 crashes.crashes()),
                 98, 2) +
         "\n";
}

std::string one_seed_text(const CrashSet& crashes) {
  if (crashes.seeds.first != crashes.seeds.last) return "";
  return " All of them interrupt the run of one seed: what is luck in it, they do not say.";
}

std::string failure_words(const std::string& failure) {
  const std::size_t space = std::min(failure.find(' '), failure.size());
  const std::string kind = failure.substr(0, space);
  const std::string what = failure.substr(std::min(space + 1, failure.size()));
  if (kind == "node_loss") return "the host of " + what + " dies";
  if (kind == "crash") return "the server " + what + " crashes";
  if (kind == "region_loss") return "the region " + what + " is lost";
  if (kind == "zone_loss") return "the zone " + what + " is lost";
  return failure + " strikes";
}

std::vector<std::int64_t> column_of(const Store& store, const std::string& metric,
                                    const std::string& labels, const std::string& column) {
  std::vector<std::int64_t> values;
  for (const StoredFigure& figure : store.figures(metric, labels, column)) {
    values.push_back(figure.value.value_or(0));
  }
  return values;
}

std::string never_text(std::int64_t samples) {
  const std::int64_t ppm = div_ceil(Int128{3} * 1'000'000, std::max<std::int64_t>(3, samples));
  return to_text(Ratio{div_ceil(ppm, 1'000) * 1'000});
}

std::string of_text(std::int64_t part, std::int64_t whole) {
  const std::int64_t ppm = whole == 0 ? 0 : div_floor(Int128{part} * 1'000'000, whole);
  return fmt::format("{} of {} ({})", part, whole, to_text(Ratio{(ppm + 500) / 1'000 * 1'000}));
}

std::string p99_title(std::int64_t samples) { return samples < 100 ? "p99 = worst" : "p99"; }

}  // namespace longhaul
