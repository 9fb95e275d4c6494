#include "run/text_table.h"

#include <algorithm>

#include "base/check.h"

namespace longhaul {
namespace {

constexpr std::size_t gap = 2;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  lines.emplace_back(text);
  return lines;
}

}  // namespace

std::string toned(std::string_view text, Tone tone, bool colour) {
  if (!colour || tone == Tone::plain || text.empty()) return std::string(text);
  const char* code = "";
  switch (tone) {
    case Tone::plain:
      break;
    case Tone::strong:
      code = "1";
      break;
    case Tone::faint:
      code = "2";
      break;
    case Tone::good:
      code = "32";
      break;
    case Tone::bad:
      code = "1;31";
      break;
    case Tone::warning:
      code = "33";
      break;
  }
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::size_t width_of_text(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent) {
  std::string result;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (used > 0 && used + 1 + width_of_text(word) > columns) {
      result += "\n" + std::string(indent, ' ');
      used = indent;
    } else if (used > 0) {
      result += ' ';
      used += 1;
    }
    result += word;
    used += width_of_text(word);
  }
  return result;
}

TextTable::TextTable(std::vector<std::string> titles) {
  for (std::string& title : titles) {
    const bool marked = title.starts_with('<');
    if (marked) title.erase(0, 1);
    left_.push_back(titles_.empty() || marked);
    titles_.push_back(lines_of(title));
  }
}

void TextTable::row(std::vector<Cell> cells) {
  CHECK(cells.size() <= titles_.size());
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> TextTable::widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < titles_.size(); ++i) {
    std::size_t width = 0;
    for (const std::string& title : titles_[i]) width = std::max(width, width_of_text(title));
    for (const auto& row : rows_) {
      const std::size_t indent = i == 0 ? gap : 0;
      if (i < row.size()) width = std::max(width, width_of_text(row[i].text) + indent);
    }
    widths.push_back(width);
  }
  return widths;
}

// Spaces wait until something follows them, so no line ends with one and no colour covers one.
std::string TextTable::line(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths,
                            std::size_t indent, bool colour) const {
  std::string result;
  std::size_t spaces = indent;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t width = widths[i] - (i == 0 ? indent : 0);
    const std::size_t padding = width - std::min(width, width_of_text(cells[i].text));
    if (!left_[i]) spaces += padding;
    if (!cells[i].text.empty()) {
      result += std::string(spaces, ' ') + toned(cells[i].text, cells[i].tone, colour);
      spaces = 0;
    }
    if (left_[i]) spaces += padding;
    spaces += gap;
  }
  return result + "\n";
}

std::string TextTable::text(bool colour) const {
  const std::vector<std::size_t> columns = widths();
  std::string result;
  std::size_t height = 0;
  for (const auto& title : titles_) height = std::max(height, title.size());
  for (std::size_t row = 0; row < height; ++row) {
    std::vector<Cell> titles;
    bool any = false;
    for (const auto& title : titles_) {
      const std::size_t above = height - title.size();
      titles.emplace_back(row < above ? std::string() : title[row - above],
                          titles.empty() ? Tone::strong : Tone::faint);
      any = any || !titles.back().text.empty();
    }
    if (any) result += line(titles, columns, 0, colour);
  }
  for (const auto& row : rows_) result += line(row, columns, gap, colour);
  return result;
}

}  // namespace longhaul
