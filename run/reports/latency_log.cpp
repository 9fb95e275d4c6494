#include "run/reports/latency_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "run/csv.h"
#include "run/scenario.h"

namespace longhaul {
namespace {

constexpr std::string_view all = "*";

constexpr std::array<std::string_view, 17> titles{
    "from_region",       "to_region",       "query",           "page",
    "baseline_count",    "baseline_errors", "baseline_p50_ms", "baseline_p95_ms",
    "baseline_p99_ms",   "after_count",     "after_errors",    "after_p50_ms",
    "after_p95_ms",      "after_p99_ms",    "change_p50_ms",   "change_p95_ms",
    "change_p50_percent"};

struct Query {
  std::string_view name;
  Metric metric;
};
constexpr std::array queries{
    Query{"read", Metric::read_latency}, Query{"write", Metric::write_latency},
    Query{"transaction", Metric::transaction_latency}, Query{"page", Metric::page_latency}};

// The region of whatever answers; of an edge, the users' own.
std::string region_of(const ScenarioConfig& config, const std::string& name,
                      const std::string& users) {
  for (const NodeConfig& node : config.topology.nodes) {
    if (node.name == name) return node.region;
  }
  for (const CacheConfig& cache : config.topology.caches) {
    if (cache.name == name) return cache.region;
  }
  for (const AppConfig& app : config.topology.apps) {
    if (app.name == name) return app.region;
  }
  return users;
}

LatencyLogRow::Side side_of(const Histogram& answered, std::int64_t errors) {
  const auto quantile = [&](std::int64_t q) { return answered.quantile(percent(q)) / 1'000; };
  return {static_cast<std::int64_t>(answered.count()), errors, quantile(50), quantile(95),
          quantile(99)};
}

// Collects the cells of one metric for the users of one region.
class Rows {
 public:
  struct Collected {
    std::string to;
    std::string page;
    Histogram answered;
    std::int64_t errors = 0;
  };

  void add(const std::string& to, const std::string& page, const Figure& figure, bool ok) {
    for (const std::string& region : {std::string(all), to}) {
      for (const std::string& such : {std::string(all), page}) {
        Collected& row = at(region, such);
        if (ok) {
          row.answered.merge(figure.distribution);
        } else {
          row.errors += figure.count();
        }
      }
    }
  }
  std::vector<Collected> sorted() {
    std::stable_sort(rows_.begin(), rows_.end(), [](const Collected& a, const Collected& b) {
      return std::pair(a.to, a.page) < std::pair(b.to, b.page);
    });
    return std::move(rows_);
  }

 private:
  Collected& at(const std::string& to, const std::string& page) {
    for (Collected& row : rows_) {
      if (row.to == to && row.page == page) return row;
    }
    rows_.push_back({to, page, {}, 0});
    return rows_.back();
  }

  std::vector<Collected> rows_;
};

void add_rows(LatencyLog& log, const Scenario& scenario, const Figures& figures,
              std::uint32_t region, const Query& query) {
  const std::string& users = figures.labels[Label::region][region];
  const MetricInfo& metric = info(query.metric);
  Rows rows;
  for (std::size_t cell = 0; cell < figures.parts.front()->cells(query.metric); ++cell) {
    const std::vector<std::uint32_t> at = figures.parts.front()->labels_of(query.metric, cell);
    if (at[0] != region) continue;
    const std::string& page = figures.labels[Label::page][at[1]];
    if (scenario.config.canary.milli_per_day > 0 && page == canary_name) continue;
    const Figure figure = figures.cell(query.metric, cell);
    if (figure.empty()) continue;
    const std::string& answered_by = figures.labels[metric.labels[2]][at[2]];
    rows.add(region_of(scenario.config, answered_by, users), page, figure,
             at[3] == static_cast<std::uint32_t>(Outcome::ok));
  }
  for (const Rows::Collected& row : rows.sorted()) {
    log.rows.push_back({users, row.to, std::string(query.name), row.page, std::nullopt,
                        side_of(row.answered, row.errors)});
  }
}

bool same_row(const LatencyLogRow& a, const LatencyLogRow& b) {
  return a.from == b.from && a.to == b.to && a.query == b.query && a.page == b.page;
}

std::string text_or_nothing(std::optional<std::int64_t> us) {
  return us ? milliseconds_text(*us) : "";
}

std::string side_text(const std::optional<LatencyLogRow::Side>& side) {
  if (!side) return ",,,,";
  const auto whole = [](std::optional<std::int64_t> count) {
    return count ? std::to_string(*count) : "";
  };
  return fmt::format("{},{},{},{},{}", whole(side->count), whole(side->errors),
                     milliseconds_text(side->p50_us), text_or_nothing(side->p95_us),
                     text_or_nothing(side->p99_us));
}

// Whole microseconds from "1.234"; nothing for what is none.
std::optional<std::int64_t> microseconds_from(std::string_view text) {
  const std::size_t point = text.find('.');
  std::string digits(text.substr(0, point));
  std::string fraction(point == text.npos ? "" : text.substr(point + 1));
  if (digits.empty() || fraction.size() > 3) return std::nullopt;
  fraction.resize(3, '0');
  digits += fraction;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value < 0) {
    return std::nullopt;
  }
  return value;
}

Error wrong(const std::string& file, int line, std::string_view path, const std::string& value,
            std::string expected) {
  Error error{.value = value, .expected = std::move(expected)};
  error.file = file;
  error.line = line;
  error.path = path;
  return error;
}

}  // namespace

std::string milliseconds_text(std::int64_t us) {
  const std::int64_t size = us < 0 ? -us : us;
  return fmt::format("{}{}.{:03}", us < 0 ? "-" : "", size / 1'000, size % 1'000);
}

LatencyLog latency_log(const Scenario& scenario, const Figures& figures) {
  LatencyLog log;
  for (std::uint32_t region = 0; region < figures.labels[Label::region].size(); ++region) {
    for (const Query& query : queries) add_rows(log, scenario, figures, region, query);
  }
  return log;
}

void add_baseline(LatencyLog& log, const LatencyLog& baseline) {
  log.has_baseline = true;
  for (const LatencyLogRow& before : baseline.rows) {
    const auto row = std::find_if(log.rows.begin(), log.rows.end(),
                                  [&](const LatencyLogRow& now) { return same_row(before, now); });
    if (row != log.rows.end()) {
      row->baseline = before.after;
    } else {
      log.rows.push_back(before);
      log.rows.back().baseline = std::exchange(log.rows.back().after, std::nullopt);
    }
  }
}

std::string latency_log_csv(const LatencyLog& log) {
  std::string text;
  for (const std::string_view title : titles) {
    text += (text.empty() ? "" : ",") + std::string(title);
  }
  text += "\r\n";
  for (const LatencyLogRow& row : log.rows) {
    text += fmt::format("{},{},{},{},{},{},", csv_cell(row.from), csv_cell(row.to), row.query,
                        csv_cell(row.page), side_text(row.baseline), side_text(row.after));
    if (LatencyLogRow::has_latency(row.baseline) && LatencyLogRow::has_latency(row.after)) {
      const std::int64_t p50 = row.after->p50_us - row.baseline->p50_us;
      text += milliseconds_text(p50) + ",";
      if (row.after->p95_us && row.baseline->p95_us) {
        text += milliseconds_text(*row.after->p95_us - *row.baseline->p95_us);
      }
      text += ",";
      if (row.baseline->p50_us > 0) {
        const std::int64_t tenths = div_floor(
            static_cast<Int128>(p50) * 1'000 + row.baseline->p50_us / 2, row.baseline->p50_us);
        const std::int64_t size = tenths < 0 ? -tenths : tenths;
        text += fmt::format("{}{}.{}", tenths < 0 ? "-" : "", size / 10, size % 10);
      }
    } else {
      text += ",,";
    }
    text += "\r\n";
  }
  return text;
}

Result<LatencyLog> read_latency_log(std::string_view csv, const std::string& file) {
  const std::vector<CsvRow> rows = read_csv(csv);
  if (rows.empty()) return wrong(file, 1, "", "", "a header and rows of a latency log");
  const std::vector<std::string>& header = rows.front().cells;
  const auto place = [&](std::string_view title) {
    return static_cast<std::size_t>(std::find(header.begin(), header.end(), title) -
                                    header.begin());
  };
  for (const std::string_view title : {titles[0], titles[1], titles[2], titles[3], titles[11]}) {
    if (place(title) == header.size()) {
      return wrong(file, rows.front().line, title, "", "a column of this name in the header");
    }
  }
  LatencyLog log;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto cell = [&](std::string_view title) {
      const std::size_t at = place(title);
      return at < rows[i].cells.size() ? rows[i].cells[at] : std::string();
    };
    LatencyLogRow row{cell(titles[0]), cell(titles[1]), cell(titles[2]), cell(titles[3]), {}, {}};
    if (row.from.empty() || row.to.empty() || row.query.empty() || row.page.empty()) {
      return wrong(file, rows[i].line, titles[0], row.from,
                   "a region, a region or *, a type of "
                   "query and a page or *");
    }
    if (cell("after_p50_ms").empty()) continue;  // only the baseline of that log had it
    LatencyLogRow::Side side;
    std::string_view bad;  // the first that is no number
    const auto take = [&](std::string_view title, auto& into, std::int64_t per) {
      const std::string text = cell(title);
      if (text.empty() || !bad.empty()) return;
      const std::optional<std::int64_t> value = microseconds_from(text);
      if (value) into = *value / per;
      if (!value) bad = title;
    };
    take(titles[9], side.count, 1'000);
    take(titles[10], side.errors, 1'000);
    take(titles[11], side.p50_us, 1);
    take(titles[12], side.p95_us, 1);
    take(titles[13], side.p99_us, 1);
    if (!bad.empty()) {
      return wrong(file, rows[i].line, bad, cell(bad), "a number with at most three decimals");
    }
    row.after = side;
    log.rows.push_back(std::move(row));
  }
  return log;
}

}  // namespace longhaul
