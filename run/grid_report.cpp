#include "run/grid_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "run/cost.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

// Sums and lists of one setting while its cells are read.
struct Gathered {
  std::int64_t cells = 0;
  std::int64_t holding = 0;
  std::vector<std::int64_t> page_p95;
  std::int64_t stale = 0;
  std::int64_t reads = 0;
  std::vector<std::int64_t> write_outage;
  std::vector<std::int64_t> lost;
  std::int64_t split = 0;
  std::int64_t unfinished = 0;
  Int128 cost = 0;
};

std::string time_or_dash(const std::optional<std::int64_t>& ns) {
  return ns ? to_short_text(Duration{*ns}) : "-";
}

json spread_object(const Spread& spread) {
  json object{{"samples", spread.samples}};
  if (spread.samples == 0) return object;
  object["med"] = spread.median;
  object["p99"] = spread.p99;
  object["max"] = spread.worst;
  return object;
}

std::string spread_text(const Spread& spread, bool is_time) {
  if (spread.samples == 0) return "-";
  const auto text = [&](std::int64_t value) {
    return is_time ? to_short_text(Duration{value}) : count_text(value);
  };
  return fmt::format("{} / {} / {}", text(spread.median), text(spread.p99), text(spread.worst));
}

}  // namespace

Spread spread_of(std::vector<std::int64_t> values) {
  Spread spread;
  spread.samples = static_cast<std::int64_t>(values.size());
  if (values.empty()) return spread;
  std::sort(values.begin(), values.end());
  const auto rank = [&](std::int64_t percent_of) {
    return values[static_cast<std::size_t>(div_ceil(Int128{spread.samples} * percent_of, 100) - 1)];
  };
  spread.median = rank(50);
  spread.p99 = rank(99);
  spread.worst = values.back();
  return spread;
}

std::int64_t mean_of(const std::vector<std::int64_t>& values) {
  Int128 sum = 0;
  for (const std::int64_t value : values) sum += value;
  return values.empty() ? 0 : div_floor(sum, static_cast<std::int64_t>(values.size()));
}

GridReport grid_report(const Store& store) {
  GridReport report;
  report.key = store.key();
  report.name = json::parse(store.key().scenario).value("name", "");
  std::vector<Gathered> all(static_cast<std::size_t>(store.key().settings()));
  const std::vector<StoredCell> cells = store.cells();
  const auto each = [&](const std::string& metric, const std::string& column, const auto& take) {
    const std::vector<StoredFigure> figures = store.figures(metric, "", column);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (figures[i].value) {
        take(all[static_cast<std::size_t>(cells[i].setting)], *figures[i].value);
      }
    }
  };
  for (const StoredCell& cell : cells) {
    Gathered& setting = all[static_cast<std::size_t>(cell.setting)];
    setting.cells += 1;
    setting.holding += cell.holds ? 1 : 0;
    setting.cost += cell.cost_micro_usd;
    setting.unfinished += cell.unfinished_pages;
  }
  each("page_latency", "p95", [](Gathered& to, std::int64_t v) { to.page_p95.push_back(v); });
  each("stale_reads", "count", [](Gathered& to, std::int64_t v) { to.stale += v; });
  each("stale_reads", "population", [](Gathered& to, std::int64_t v) { to.reads += v; });
  each("write_outage", "max", [](Gathered& to, std::int64_t v) { to.write_outage.push_back(v); });
  each("lost_transactions", "count", [](Gathered& to, std::int64_t v) { to.lost.push_back(v); });
  each("split_brain_writes", "count", [](Gathered& to, std::int64_t v) { to.split += v; });
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Gathered& gathered = all[i];
    if (gathered.cells == 0) continue;
    SettingLine line;
    line.values = values_of(store.key().axes, static_cast<std::int64_t>(i));
    line.cells = gathered.cells;
    line.holding = gathered.holding;
    if (!gathered.page_p95.empty()) line.page_p95 = mean_of(gathered.page_p95);
    line.stale_ppm = share_ppm({gathered.stale, gathered.reads});
    line.write_outage = spread_of(gathered.write_outage);
    line.lost_transactions = spread_of(gathered.lost);
    line.split_brain_writes = gathered.split;
    line.cost_micro_usd = div_floor(gathered.cost, gathered.cells);
    line.unfinished_pages = gathered.unfinished;
    report.finished += gathered.cells;
    report.unfinished_pages += gathered.unfinished;
    report.lines.push_back(std::move(line));
  }
  return report;
}

std::string grid_text(const GridReport& report, bool colour) {
  const SweepKey& key = report.key;
  std::string text = toned(report.name, Tone::strong, colour);
  text += fmt::format("  seeds {}..{}", key.first_seed, key.last_seed);
  if (key.crash_instants > 0) {
    text += fmt::format(", {} instants of the failure between {} and {}, followed for {}",
                        key.crash_instants, to_short_text(Duration{key.crash_from_ns}),
                        to_short_text(Duration{key.crash_until_ns}),
                        to_short_text(Duration{key.horizon_ns}));
  }
  text += fmt::format("\n{} of {} cells\n\n", report.finished, key.cells());
  std::vector<std::string> titles;
  for (const Axis& axis : key.axes) {
    titles.push_back("<" + axis.path.substr(axis.path.rfind('.') + 1));
  }
  if (titles.empty()) titles.emplace_back("");
  titles[0] = titles[0].substr(titles[0].starts_with('<') ? 1 : 0);
  for (const char* title : {"hold", "page p95", "stale", "write outage med/p99/max",
                            "lost med/p99/max", "split", "a month"}) {
    titles.emplace_back(title);
  }
  TextTable table(titles);
  for (const SettingLine& line : report.lines) {
    std::vector<Cell> cells;
    for (const std::string& value : line.values) cells.emplace_back(value);
    if (cells.empty()) cells.emplace_back("as it is");
    cells.emplace_back(fmt::format("{}/{}", line.holding, line.cells),
                       line.holding < line.cells ? Tone::bad : Tone::plain);
    cells.emplace_back(time_or_dash(line.page_p95));
    cells.emplace_back(line.stale_ppm ? share_text(*line.stale_ppm) : "-");
    cells.emplace_back(spread_text(line.write_outage, true));
    cells.emplace_back(spread_text(line.lost_transactions, false));
    cells.emplace_back(count_text(line.split_brain_writes));
    cells.emplace_back(usd_text(line.cost_micro_usd));
    table.row(std::move(cells));
  }
  text += table.text(colour);
  if (report.unfinished_pages == 0) return text;
  return text +
         wrapped(
             unfinished_text(static_cast<std::uint64_t>(report.unfinished_pages), report.finished),
             100, 0) +
         "\n";
}

std::string grid_json(const GridReport& report) {
  const SweepKey& key = report.key;
  json object;
  object["format"] = 1;
  object["release"] = key.release;
  object["scenario"] = {{"name", report.name}, {"digest", key.digest}};
  object["seeds"] = {{"first", key.first_seed}, {"last", key.last_seed}};
  if (key.crash_instants > 0) {
    object["crash_instants"] = key.crash_instants;
    object["crash_from_ns"] = key.crash_from_ns;
    object["crash_until_ns"] = key.crash_until_ns;
    object["horizon_ns"] = key.horizon_ns;
  }
  object["cells"] = key.cells();
  object["finished"] = report.finished;
  json settings = json::array();
  for (const SettingLine& line : report.lines) {
    json entry;
    json values = json::object();
    for (std::size_t i = 0; i < key.axes.size(); ++i) values[key.axes[i].path] = line.values[i];
    entry["values"] = std::move(values);
    entry["cells"] = line.cells;
    entry["holding"] = line.holding;
    if (line.page_p95) entry["page_latency_p95_ns"] = *line.page_p95;
    if (line.stale_ppm) entry["stale_reads_ppm"] = *line.stale_ppm;
    entry["write_outage_ns"] = spread_object(line.write_outage);
    entry["lost_transactions"] = spread_object(line.lost_transactions);
    entry["split_brain_writes"] = line.split_brain_writes;
    entry["unfinished_pages"] = line.unfinished_pages;
    entry["cost_micro_usd"] = line.cost_micro_usd;
    settings.push_back(std::move(entry));
  }
  object["settings"] = std::move(settings);
  return object.dump(2) + "\n";
}

}  // namespace longhaul
