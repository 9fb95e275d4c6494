#include "run/sla.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/units_text.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

constexpr Duration year = days(365);
constexpr Duration simulated_max = minutes(10);
constexpr std::int64_t whole_ppm = 1'000'000;

constexpr SiteKind kinds[] = {SiteKind::host,     SiteKind::zone, SiteKind::region,
                              SiteKind::isolated, SiteKind::link, SiteKind::one_way,
                              SiteKind::data_lost};

// The outage of one failure, in its real length.
Duration outage_of(const SiteLine& line, const SiteOutcome& seen, const FailureRate& rate,
                   Duration by_hand) {
  if (seen.writes < WriteFate::waited) return seen.out;
  const Duration rest = std::max(Duration{}, rate.repair - line.lasts);
  if (seen.writes == WriteFate::waited) return seen.out + rest;
  return rate.repair + by_hand;
}

Duration mean_outage(const SiteLine& line, std::size_t region, const FailureRate& rate,
                     Duration by_hand) {
  Int128 sum = 0;
  for (const SiteRun& run : line.runs) {
    sum += outage_of(line, run.regions[region], rate, by_hand).ns;
  }
  return {line.runs.empty() ? 0 : div_floor(sum, static_cast<std::int64_t>(line.runs.size()))};
}

Duration per_year(Duration each, Duration every) {
  return {div_floor(Int128{each.ns} * year.ns, every.ns)};
}

SlaLine line_of(const SiteLoss& table, SiteKind kind, const SlaConfig& config) {
  SlaLine sum;
  sum.kind = kind;
  sum.rate = *rate_of(config, kind);
  sum.downtime.resize(table.regions.size());
  for (const SiteLine& line : table.lines) {
    if (line.what.kind != kind) continue;
    sum.things += 1;
    sum.lost_milli += div_floor(Int128{line.lost_milli()} * year.ns, sum.rate.every.ns);
    for (std::size_t region = 0; region < table.regions.size(); ++region) {
      const Duration outage = mean_outage(line, region, sum.rate, config.by_hand);
      sum.downtime[region] += per_year(outage, sum.rate.every);
      if (outage <= sum.worst) continue;
      sum.worst = outage;
      sum.worst_thing = line.what.name;
    }
  }
  sum.failures_milli = div_floor(Int128{sum.things} * 1000 * year.ns, sum.rate.every.ns);
  return sum;
}

std::string percent_text(std::int64_t ppm) { return to_text(Ratio{ppm}); }

// What the year's downtime leaves, rounded down.
std::int64_t available_ppm(Duration downtime) {
  return whole_ppm - std::min(whole_ppm, div_ceil(Int128{downtime.ns} * whole_ppm, year.ns));
}

// "8.77h", "52.6min".
std::string time_text(Duration value) { return value < seconds(1) ? "0" : to_short_text(value); }

std::string milli_text(std::int64_t milli) {
  if (milli >= 10'000) return std::to_string((milli + 500) / 1000);
  return fmt::format("{}.{:02}", milli / 1000, milli % 1000 / 10);
}

std::string title_of(SiteKind kind) {
  constexpr std::string_view titles[] = {"host lost",   "zone lost",          "region lost",
                                         "two regions", "region cut off",     "link cut",
                                         "cut one way", "data directory lost"};
  return std::string(titles[static_cast<std::size_t>(kind)]);
}

std::string verdicts_text(Duration downtime) {
  std::string text;
  for (const SlaTarget& target : sla_targets()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", percent_text(whole_ppm - target.ppm),
                        downtime <= target.allowed ? "met" : "MISSED");
  }
  return text;
}

std::string rates_table(const SlaReport& report, bool colour) {
  std::vector<std::string> titles{"A YEAR OF",       "things",   "each fails\nevery",
                                  "repaired\nafter", "failures", "worst\noutage"};
  for (const std::string& region : report.regions) titles.push_back("down in\n" + region);
  titles.insert(titles.end(), {"down for\nall users", "lost"});
  TextTable table(titles);
  for (const SlaLine& line : report.lines) {
    std::vector<Cell> cells{title_of(line.kind),
                            std::to_string(line.things),
                            to_short_text(line.rate.every),
                            to_short_text(line.rate.repair),
                            milli_text(line.failures_milli),
                            time_text(line.worst)};
    for (const Duration downtime : line.downtime) cells.emplace_back(time_text(downtime));
    cells.emplace_back(time_text(report.downtime_of(line)));
    cells.emplace_back(milli_text(line.lost_milli));
    table.row(std::move(cells));
  }
  std::vector<Cell> sum{"in all", "", "", "", "", ""};
  for (std::size_t i = 0; i < report.regions.size(); ++i) {
    sum.emplace_back(time_text(report.downtime(i)), Tone::strong);
  }
  sum.emplace_back(time_text(report.downtime()), Tone::strong);
  sum.emplace_back(milli_text(report.lost_milli()), Tone::strong);
  table.row(std::move(sum));
  return table.text(colour);
}

std::string targets_table(const SlaReport& report, bool colour) {
  std::vector<std::string> titles{"TARGET", "down a year at most"};
  for (const std::string& region : report.regions) titles.push_back(region);
  titles.push_back("all users");
  TextTable table(titles);
  const auto verdict = [](Duration downtime, const SlaTarget& target) {
    return downtime <= target.allowed ? Cell("met", Tone::good) : Cell("MISSED", Tone::bad);
  };
  for (const SlaTarget& target : sla_targets()) {
    std::vector<Cell> cells{percent_text(whole_ppm - target.ppm), to_short_text(target.allowed)};
    for (std::size_t i = 0; i < report.regions.size(); ++i) {
      cells.push_back(verdict(report.downtime(i), target));
    }
    cells.push_back(verdict(report.downtime(), target));
    table.row(std::move(cells));
  }
  return table.text(colour);
}

json downtime_json(Duration downtime) {
  json targets = json::object();
  for (const SlaTarget& target : sla_targets()) {
    targets[percent_text(whole_ppm - target.ppm)] = downtime <= target.allowed;
  }
  return {{"downtime_ns_per_year", downtime.ns},
          {"available_ppm", available_ppm(downtime)},
          {"met", std::move(targets)}};
}

}  // namespace

std::optional<FailureRate> rate_of(const SlaConfig& config, SiteKind kind) {
  switch (kind) {
    case SiteKind::host:
      return config.host;
    case SiteKind::zone:
      return config.zone;
    case SiteKind::region:
      return config.region;
    case SiteKind::isolated:
      return config.isolated;
    case SiteKind::link:
      return config.link;
    case SiteKind::one_way:
      return config.one_way;
    case SiteKind::data_lost:
      return config.data_lost;
    case SiteKind::pair:
      return std::nullopt;
  }
  __builtin_unreachable();
}

const std::vector<SlaTarget>& sla_targets() {
  static const std::vector<SlaTarget> targets = [] {
    std::vector<SlaTarget> list;
    // A year of 365.25 days, as these targets are usually quoted: 8.77 h, 4.38 h, 52.6 min.
    for (const std::int64_t ppm : {1'000, 500, 100}) {
      list.push_back({ppm, {div_floor(Int128{minutes(525'960).ns} * ppm, whole_ppm)}});
    }
    return list;
  }();
  return targets;
}

Duration SlaReport::downtime(std::size_t region) const {
  Duration sum;
  for (const SlaLine& line : lines) sum += line.downtime[region];
  return sum;
}

Duration SlaReport::downtime_of(const SlaLine& line) const {
  Int128 weighted = 0;
  std::int64_t all = 0;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    weighted += Int128{line.downtime[i].ns} * sessions[i];
    all += sessions[i];
  }
  return {all == 0 ? 0 : div_floor(weighted, all)};
}

Duration SlaReport::downtime() const {
  Duration sum;
  for (const SlaLine& line : lines) sum += downtime_of(line);
  return sum;
}

std::int64_t SlaReport::lost_milli() const {
  std::int64_t sum = 0;
  for (const SlaLine& line : lines) sum += line.lost_milli;
  return sum;
}

void set_rates(SiteLossRequest& request, const SlaConfig& config) {
  request.kinds.assign(std::begin(kinds), std::end(kinds));
  for (const SiteKind kind : kinds) {
    request.lasts[static_cast<std::size_t>(kind)] =
        std::min(rate_of(config, kind)->repair, simulated_max);
  }
}

SlaReport sla_report(const SiteLoss& table, const SlaConfig& config) {
  SlaReport report{table.scenario, table.seeds, table.regions, table.sessions, config.by_hand, {}};
  for (const SiteKind kind : kinds) {
    SlaLine line = line_of(table, kind, config);
    if (line.things > 0) report.lines.push_back(std::move(line));
  }
  return report;
}

std::string sla_text(const SlaReport& report, bool colour) {
  return rates_table(report, colour) + "\n" + targets_table(report, colour) + "\n" +
         wrapped(fmt::format(
                     "Rates and repairs are estimates: put your own into the block \"sla\" of the "
                     "scenario (longhaul params sla). down: writing, in a year. lost: acknowledged "
                     "transactions a year. An outage that does not end by itself counts {} of work "
                     "by hand.",
                     to_short_text(report.by_hand)),
                 100, 0) +
         "\n\n";
}

std::string sla_json(const SlaReport& report) {
  json lines = json::array();
  for (const SlaLine& line : report.lines) {
    json regions = json::object();
    for (std::size_t i = 0; i < report.regions.size(); ++i) {
      regions[report.regions[i]] = line.downtime[i].ns;
    }
    lines.push_back({{"kind", name_of(line.kind)},
                     {"things", line.things},
                     {"every_ns", line.rate.every.ns},
                     {"repair_ns", line.rate.repair.ns},
                     {"failures_milli_per_year", line.failures_milli},
                     {"worst_outage_ns", line.worst.ns},
                     {"worst_thing", line.worst_thing},
                     {"downtime_ns_per_year", report.downtime_of(line).ns},
                     {"downtime_ns_per_year_by_region", std::move(regions)},
                     {"lost_transactions_milli_per_year", line.lost_milli}});
  }
  json regions = json::object();
  for (std::size_t i = 0; i < report.regions.size(); ++i) {
    regions[report.regions[i]] = downtime_json(report.downtime(i));
  }
  const json object{{"format", 1},
                    {"scenario", report.scenario},
                    {"seeds", {{"first", report.seeds.first}, {"last", report.seeds.last}}},
                    {"by_hand_ns", report.by_hand.ns},
                    {"failures", std::move(lines)},
                    {"regions", std::move(regions)},
                    {"all_users", downtime_json(report.downtime())},
                    {"lost_transactions_milli_per_year", report.lost_milli()},
                    {"conclusion", conclusion(report)}};
  return object.dump(2) + "\n";
}

std::string conclusion(const SlaReport& report) {
  if (report.lines.empty()) return "Nothing was finished.";
  const Duration downtime = report.downtime();
  std::string text = fmt::format("All users together: {} of writing a year, {} available: {}.",
                                 time_text(downtime), percent_text(available_ppm(downtime)),
                                 verdicts_text(downtime));
  if (downtime == Duration{}) return text;
  const auto most = std::max_element(report.lines.begin(), report.lines.end(),
                                     [&](const SlaLine& a, const SlaLine& b) {
                                       return report.downtime_of(a) < report.downtime_of(b);
                                     });
  text += fmt::format(
      " Most of it, {}, is \"{}\": {} failures a year, the worst of {} for somebody ({}).",
      percent_text(div_floor(Int128{report.downtime_of(*most).ns} * 1000, downtime.ns) * 1000),
      title_of(most->kind), milli_text(most->failures_milli), time_text(most->worst),
      most->worst_thing);
  return text;
}

}  // namespace longhaul
