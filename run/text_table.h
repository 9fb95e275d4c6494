// Columns of text that line up, for people.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace longhaul {

// Colour only repeats what the text says.
enum class Tone { plain, strong, faint, good, bad, warning };

std::string toned(std::string_view text, Tone tone, bool colour);

struct Cell {
  std::string text;
  Tone tone = Tone::plain;

  Cell(std::string cell_text, Tone cell_tone = Tone::plain)
      : text(std::move(cell_text)), tone(cell_tone) {}
  Cell(const char* cell_text) : text(cell_text) {}
};

// The first column and those whose title begins with < stand at the left, figures at the right. A
// title may have several lines; their last ones stand side by side.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> titles);

  void row(std::vector<Cell> cells);  // may be shorter than the titles
  bool empty() const { return rows_.empty(); }

  // Two spaces of indent below the titles, two between columns, no spaces at line ends. Titles that
  // are all empty make no line.
  std::string text(bool colour) const;

 private:
  std::vector<std::size_t> widths() const;
  std::string line(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths,
                   std::size_t indent, bool colour) const;

  std::vector<std::vector<std::string>> titles_;  // of each column its lines
  std::vector<bool> left_;
  std::vector<std::vector<Cell>> rows_;
};

// Characters, not bytes, of UTF-8.
std::size_t width_of_text(std::string_view text);

// Breaks at spaces so that no line has more than `columns`; later lines begin with `indent` spaces.
std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent);

}  // namespace longhaul
