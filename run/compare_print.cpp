#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "run/compare.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t columns = 100;
constexpr std::size_t changes_max = 12;

bool is_judged(const CompareRow& row) {
  constexpr std::array judged = {"page_mean",
                                 "page_p95",
                                 "pages_failed",
                                 "stale_reads",
                                 "read_your_writes_violations",
                                 "write_outage_longest",
                                 "lost_transactions",
                                 "split_brain_writes",
                                 "needless_failovers",
                                 "cost_usd_per_month"};
  return std::find(judged.begin(), judged.end(), row.key) != judged.end();
}

// A hundredth of what the first design has: less is told from luck and changes no decision.
bool matters(const CompareRow& row, const CompareCell& cell) {
  const std::int64_t base = row.cells[0].mean.value_or(0);
  const Int128 size = cell.difference.mean_milli < 0 ? -Int128{cell.difference.mean_milli}
                                                     : Int128{cell.difference.mean_milli};
  return size * 100 >= Int128{base < 0 ? -base : base} * 1'000;
}

}  // namespace

CompareEffect effect_of(const CompareRow& row, const CompareCell& cell) {
  if (cell.verdict != PairedVerdict::lower && cell.verdict != PairedVerdict::higher) {
    return CompareEffect::none;
  }
  if (!matters(row, cell)) return CompareEffect::little;
  const bool is_better = (cell.verdict == PairedVerdict::lower) == row.lower_is_better;
  return is_better ? CompareEffect::better : CompareEffect::worse;
}

std::string_view effect_name(const CompareRow& row, const CompareCell& cell) {
  switch (cell.verdict) {
    case PairedVerdict::equal:
      return "equal";
    case PairedVerdict::too_few:
      return "too few pairs";
    case PairedVerdict::no_difference:
      return "no difference seen";
    case PairedVerdict::lower:
    case PairedVerdict::higher:
      break;
  }
  switch (effect_of(row, cell)) {
    case CompareEffect::better:
      return "better";
    case CompareEffect::worse:
      return "worse";
    default:
      return "below 1 %";
  }
}

std::string mean_text(const CompareRow& row, const CompareCell& cell) {
  return cell.mean ? figure_text(row.unit, *cell.mean) : "-";
}

std::string change_text(const CompareRow& row, const CompareCell& cell) {
  const PairedDifference& difference = cell.difference;
  if (difference.pairs == 0) return "-";
  return fmt::format(
      "{} ± {}", signed_difference_text(row.unit, difference.mean_milli),
      difference.pairs < 2 ? "?" : difference_text(row.unit, difference.half_width_milli));
}

bool is_about_the_file(const ChangedParameter& parameter) {
  return parameter.path == "name" || parameter.path == "purpose" || parameter.path == "seeds" ||
         parameter.path.starts_with("expect");
}

namespace {

Cell effect_cell(const CompareRow& row, const CompareCell& cell) {
  if (cell.difference.pairs == 0) return "-";
  const std::string name(effect_name(row, cell));
  if (cell.verdict == PairedVerdict::equal) return {name, Tone::faint};
  const CompareEffect effect = effect_of(row, cell);
  return {change_text(row, cell) + "  " + name, effect == CompareEffect::better  ? Tone::good
                                                : effect == CompareEffect::worse ? Tone::bad
                                                                                 : Tone::plain};
}

std::string table_text(const CompareReport& report, const std::string& region, bool colour) {
  std::vector<std::string> titles{region.empty() ? "the whole system" : region};
  for (std::size_t side = 0; side < report.sides.size(); ++side) {
    titles.push_back(report.sides[side].name);
    if (side > 0) titles.push_back("<" + report.sides[side].name + " - A, 95 %");
  }
  TextTable table(titles);
  for (const CompareRow& row : report.rows) {
    if (row.region != region) continue;
    std::vector<Cell> cells{row.title, mean_text(row, row.cells[0])};
    for (std::size_t side = 1; side < row.cells.size(); ++side) {
      cells.emplace_back(mean_text(row, row.cells[side]));
      cells.push_back(effect_cell(row, row.cells[side]));
    }
    table.row(std::move(cells));
  }
  return table.empty() ? "" : "\n" + table.text(colour);
}

std::string changes_text(const CompareReport& report, std::size_t side) {
  std::string text;
  std::size_t shown = 0;
  std::size_t whole = 0;
  for (const ChangedParameter& parameter : report.changed[side]) {
    if (is_about_the_file(parameter)) continue;
    whole += 1;
    if (shown == changes_max) continue;
    shown += 1;
    text += fmt::format("  {}: {} -> {}\n", parameter.path,
                        parameter.a.empty() ? "(absent)" : parameter.a,
                        parameter.b.empty() ? "(absent)" : parameter.b);
  }
  if (whole > shown) text += fmt::format("  and {} more\n", whole - shown);
  return text;
}

// "pages, p95 (aws:eu-west-1 -31.4ms, aws:ap-northeast-1 -69.3ms)": a title once with its regions.
std::string list_text(const CompareReport& report, std::size_t side, CompareEffect wanted) {
  std::vector<std::pair<std::string, std::string>> parts;  // title, regions with differences
  for (const CompareRow& row : report.rows) {
    const CompareCell& cell = row.cells[side];
    if (!is_judged(row) || effect_of(row, cell) != wanted) continue;
    const std::string difference = signed_difference_text(row.unit, cell.difference.mean_milli);
    const std::string part = row.region.empty() ? difference : row.region + " " + difference;
    const auto same = std::find_if(parts.begin(), parts.end(),
                                   [&](const auto& each) { return each.first == row.title; });
    if (same == parts.end()) {
      parts.emplace_back(row.title, part);
    } else {
      same->second += ", " + part;
    }
  }
  std::string text;
  for (const auto& [title, regions] : parts) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : "; ", title, regions);
  }
  return text;
}

// What is zero, a title once; with its regions unless it is zero in all that the table has.
std::string zero_text(const CompareReport& report) {
  std::vector<std::string> parts;
  for (const CompareRow& row : report.zero) {
    const bool is_elsewhere =
        std::any_of(report.rows.begin(), report.rows.end(),
                    [&](const CompareRow& other) { return other.key == row.key; });
    std::string part = is_elsewhere ? row.title + " in " + row.region : row.title;
    if (std::find(parts.begin(), parts.end(), part) == parts.end())
      parts.push_back(std::move(part));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string verdict_text(const CompareReport& report, std::size_t side) {
  const std::string& name = report.sides[side].name;
  // Nothing that differs is no verdict either.
  bool too_few = report.seeds.last - report.seeds.first + 1 < pairs_for_a_verdict;
  for (const CompareRow& row : report.rows) {
    too_few = too_few || (is_judged(row) && row.cells[side].verdict == PairedVerdict::too_few);
  }
  if (too_few) {
    return fmt::format("{} against A: no verdict below {} pairs.", name, pairs_for_a_verdict);
  }
  const std::string better = list_text(report, side, CompareEffect::better);
  const std::string worse = list_text(report, side, CompareEffect::worse);
  if (better.empty() && worse.empty()) {
    return fmt::format("{} against A: no difference that would decide anything.", name);
  }
  if (worse.empty()) return fmt::format("Take {}: better in {}, worse in nothing.", name, better);
  if (better.empty()) return fmt::format("Keep A: {} is worse in {}.", name, worse);
  return fmt::format("Take {} if that is worth it: better in {}; worse in {}.", name, better,
                     worse);
}

}  // namespace

void add_verdicts(CompareReport& report) {
  for (std::size_t side = 1; side < report.sides.size(); ++side) {
    report.verdicts.push_back(verdict_text(report, side));
  }
}

std::string compare_text(const CompareReport& report, bool colour) {
  std::string text;
  for (std::size_t side = 0; side < report.sides.size(); ++side) {
    const CompareSide& own = report.sides[side];
    text += toned(own.name, Tone::strong, colour) + "  " + own.scenario;
    for (const std::string& set : own.sets) text += "  " + set;
    text += "\n";
    if (side > 0) text += changes_text(report, side);
  }
  text += fmt::format(
      "seeds {}..{}: the same users and the same luck under each; latencies of what "
      "succeeded\n",
      report.seeds.first, report.seeds.last);
  for (const std::string& caution : report.cautions) {
    text +=
        toned("caution", Tone::warning, colour) + "  " + wrapped(caution, columns - 9, 9) + "\n";
  }
  std::vector<std::string> regions;
  for (const CompareRow& row : report.rows) {
    if (std::find(regions.begin(), regions.end(), row.region) == regions.end()) {
      regions.push_back(row.region);
    }
  }
  for (const std::string& region : regions) text += table_text(report, region, colour);
  if (!report.zero.empty()) {
    text +=
        "\n" + wrapped("0 under all, in every seed: " + zero_text(report) + ".", columns, 2) + "\n";
  }
  text += "\n";
  for (const std::string& verdict : report.verdicts) {
    text += toned("verdict", Tone::strong, colour) + "  " + wrapped(verdict, columns - 9, 9) + "\n";
  }
  return text;
}

std::string compare_json(const CompareReport& report) {
  json object;
  object["format"] = 1;
  object["release"] = release();
  object["seeds"] = {{"first", report.seeds.first}, {"last", report.seeds.last}};
  json sides = json::array();
  for (std::size_t side = 0; side < report.sides.size(); ++side) {
    const CompareSide& own = report.sides[side];
    json changed = json::array();
    for (const ChangedParameter& parameter : report.changed[side]) {
      changed.push_back({{"path", parameter.path}, {"a", parameter.a}, {"b", parameter.b}});
    }
    sides.push_back({{"name", own.name},
                     {"scenario", own.scenario},
                     {"file", own.file},
                     {"set", own.sets},
                     {"changed", std::move(changed)},
                     {"price_sources", own.cost.sources}});
  }
  object["sides"] = std::move(sides);
  object["cautions"] = report.cautions;
  json rows = json::array();
  for (const CompareRow& row : report.rows) {
    json cells = json::array();
    for (std::size_t side = 0; side < row.cells.size(); ++side) {
      const CompareCell& cell = row.cells[side];
      json entry{{"side", report.sides[side].name}};
      if (cell.mean) entry["mean"] = *cell.mean;
      if (side > 0) {
        entry["pairs"] = cell.difference.pairs;
        entry["difference_milli"] = cell.difference.mean_milli;
        if (cell.difference.pairs > 1) {
          entry["half_width_95_milli"] = cell.difference.half_width_milli;
        }
        entry["verdict"] = effect_name(row, cell);
      }
      cells.push_back(std::move(entry));
    }
    json entry{{"figure", row.key}, {"unit", unit_of(row.unit)}};
    if (!row.region.empty()) entry["region"] = row.region;
    entry["lower_is_better"] = row.lower_is_better;
    entry["sides"] = std::move(cells);
    rows.push_back(std::move(entry));
  }
  object["rows"] = std::move(rows);
  json zero = json::array();
  for (const CompareRow& row : report.zero) {
    json entry{{"figure", row.key}};
    if (!row.region.empty()) entry["region"] = row.region;
    zero.push_back(std::move(entry));
  }
  object["zero"] = std::move(zero);
  object["verdicts"] = report.verdicts;
  return object.dump(2) + "\n";
}

}  // namespace longhaul
