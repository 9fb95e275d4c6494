// The freshness table as text and as JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "run/freshness_table.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

std::string duration_text(const std::optional<Duration>& duration) {
  return duration ? to_short_text(*duration) : "-";
}

// Beside what it is without any rule, where that differs.
std::string page_text(const FreshnessRow& row, const FreshnessRow& none) {
  if (!row.page_average) return "-";
  std::string text = to_short_text(*row.page_average);
  if (none.page_average && row.page_average != none.page_average) {
    const Duration more = *row.page_average - *none.page_average;
    text = fmt::format("{}{}", more.ns > 0 ? "+" : "", to_short_text(more));
  }
  return text;
}

Cell count_cell(std::int64_t count) {
  return {std::to_string(count), count == 0 ? Tone::good : Tone::bad};
}

std::string seeds_text(SeedRange seeds) {
  return seeds.first == seeds.last ? fmt::format("seed {}", seeds.first)
                                   : fmt::format("seeds {} to {}", seeds.first, seeds.last);
}

json row_object(const FreshnessRow& row) {
  json object{{"rule", row.rule},
              {"configured", row.configured},
              {"read_your_writes_violations", row.broken_reads}};
  if (row.at_most_ppm) object["violations_share_ppm_max_95"] = *row.at_most_ppm;
  object["users_hit"] = row.users_hit;
  object["monotonic_reads_violations"] = row.went_back;
  object["moved_reads_ppm"] = row.moved_ppm;
  if (row.read_median) object["read_latency_med_ns"] = row.read_median->ns;
  if (row.read_p95) object["read_latency_p95_ns"] = row.read_p95->ns;
  if (row.page_average) object["page_latency_avg_ns"] = row.page_average->ns;
  object["errors"] = row.errors;
  return object;
}

}  // namespace

std::string freshness_text(const FreshnessTable& table, bool colour) {
  std::string text = fmt::format("{}: freshness rules while {} lags, {}, users of {}\n",
                                 table.scenario, table.replica, seeds_text(table.seeds),
                                 table.region.empty() ? "all regions" : table.region);
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const std::vector<FreshnessRow>& rows = table.rows[i];
    TextTable columns({fmt::format("LAG {}", to_short_text(table.lags[i])), "BROKEN READS",
                       "AT MOST", "USERS HIT", "WENT BACK", "MOVED", "READ MED", "READ P95",
                       "PAGE AVG", "ERRORS"});
    for (const FreshnessRow& row : rows) {
      columns.row(
          {row.rule, count_cell(row.broken_reads),
           row.at_most_ppm ? to_text(Ratio{*row.at_most_ppm}) : "", std::to_string(row.users_hit),
           count_cell(row.went_back), to_text(Ratio{row.moved_ppm}), duration_text(row.read_median),
           duration_text(row.read_p95), page_text(row, rows.front()), count_cell(row.errors)});
    }
    text += "\n" + columns.text(colour);
    if (!table.untested[i].empty()) text += "  " + table.untested[i] + "\n";
  }
  text +=
      "\nAT MOST: the share of broken reads that a count of zero still allows at 95 %. MOVED: "
      "reads\nthat the rule sent to the primary. USERS HIT: different users with a broken read. "
      "WENT "
      "BACK: reads\nthat showed a user less than an earlier read had. PAGE AVG: with a sign, the "
      "difference to rule none.\n";
  for (const std::string& sentence : table.conclusions) {
    text += "\n" + wrapped(sentence, 100, 0) + "\n";
  }
  return text;
}

std::string freshness_json(const FreshnessTable& table) {
  json lags = json::array();
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    json rows = json::array();
    for (const FreshnessRow& row : table.rows[i]) rows.push_back(row_object(row));
    lags.push_back({{"lag_ns", table.lags[i].ns}, {"rules", std::move(rows)}});
    if (!table.untested[i].empty()) lags.back()["untested"] = table.untested[i];
  }
  json object{{"format", 1},
              {"scenario", table.scenario},
              {"replica", table.replica},
              {"region", table.region},
              {"seeds", {{"first", table.seeds.first}, {"last", table.seeds.last}}},
              {"lags", std::move(lags)},
              {"conclusions", table.conclusions}};
  return object.dump(2) + "\n";
}

}  // namespace longhaul
