#include <fmt/format.h>

#include "run/csv.h"
#include "run/series.h"

namespace longhaul {
namespace {

std::string decimal(std::int64_t value, std::int64_t unit, int digits) {
  const std::uint64_t size =
      value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
  const auto by = static_cast<std::uint64_t>(unit);
  std::string text = (value < 0 ? "-" : "") + std::to_string(size / by);
  if (size % by == 0) return text;
  text += fmt::format(".{:0{}}", size % by, digits);
  while (text.back() == '0') text.pop_back();
  return text;
}

// key=value;key=value with \ before what would be mistaken.
std::string labels_text(const SeriesLabels& labels) {
  std::string text;
  for (const auto& [key, value] : labels) {
    if (!text.empty()) text += ';';
    text += key + "=";
    for (const char c : value) {
      if (c == ';' || c == '=' || c == '\\') text += '\\';
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string base_unit_text(MetricUnit unit, std::int64_t value) {
  switch (unit) {
    case MetricUnit::duration:
      return decimal(value, 1'000'000'000, 9);
    case MetricUnit::ratio:
      return decimal(value, 1'000'000, 6);
    case MetricUnit::bytes:
    case MetricUnit::count:
      return std::to_string(value);
  }
  __builtin_unreachable();
}

std::string_view base_unit_suffix(MetricUnit unit) {
  switch (unit) {
    case MetricUnit::duration:
      return "_seconds";
    case MetricUnit::ratio:
      return "_ratio";
    case MetricUnit::bytes:
      return "_bytes";
    case MetricUnit::count:
      return "";
  }
  __builtin_unreachable();
}

std::string series_csv(const RunSeries& series, std::string_view run, std::uint64_t seed) {
  struct Column {
    std::string metric;
    std::string labels;
  };
  std::vector<Column> columns;
  for (const SeriesColumn& column : series.columns) {
    const std::string_view suffix = base_unit_suffix(column.unit);
    const bool named = std::string_view(column.metric).ends_with(suffix);
    columns.push_back({csv_cell(column.metric + std::string(named ? "" : suffix)),
                       csv_cell(labels_text(column.labels))});
  }
  const std::string first = fmt::format("{},{},", csv_cell(run), seed);
  std::string text = "run,seed,t,metric,labels,value\r\n";
  for (std::size_t i = 0; i < series.at.size(); ++i) {
    const std::string start = first + base_unit_text(MetricUnit::duration, series.at[i].ns) + ",";
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const auto& value = series.columns[k].values[i];
      if (!value) continue;
      text += start + columns[k].metric + "," + columns[k].labels + "," +
              base_unit_text(series.columns[k].unit, *value) + "\r\n";
    }
  }
  return text;
}

}  // namespace longhaul
