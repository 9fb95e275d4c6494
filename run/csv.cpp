#include "run/csv.h"

#include <cstddef>

namespace longhaul {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The cell at the start of `rest`, which then begins behind the comma.
std::string take_cell(std::string_view& rest, bool& more) {
  std::string quoted;
  bool inside = false;
  bool had_quotes = false;
  std::size_t i = 0;
  for (; i < rest.size() && (inside || rest[i] != ','); ++i) {
    if (rest[i] != '"') {
      if (inside) quoted += rest[i];
      continue;
    }
    if (inside && i + 1 < rest.size() && rest[i + 1] == '"') {
      quoted += '"';
      ++i;
      continue;
    }
    inside = !inside;
    had_quotes = true;
  }
  std::string cell = had_quotes ? quoted : std::string(trimmed(rest.substr(0, i)));
  more = i < rest.size();
  rest.remove_prefix(more ? i + 1 : i);
  return cell;
}

}  // namespace

std::vector<CsvRow> read_csv(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::vector<CsvRow> rows;
  for (int line = 1; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    std::string_view rest = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (rest.empty() || rest.front() == '#') continue;
    CsvRow& row = rows.emplace_back();
    row.line = line;
    for (bool more = true; more;) row.cells.push_back(take_cell(rest, more));
  }
  return rows;
}

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace longhaul
