#include "base/result.h"

#include <algorithm>
#include <cstddef>

namespace longhaul {
namespace {

// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`: the optimal string
// alignment form of the Damerau-Levenshtein distance.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

// A word longer than any name is no slip of the keyboard, and comparing it would take its square.
constexpr std::size_t word_length_max = 200;

}  // namespace

std::string to_text(const Error& error) {
  std::string text;
  if (!error.file.empty()) {
    text += error.file + ":";
    if (error.line > 0) text += std::to_string(error.line) + ":";
    if (error.line > 0 && error.column > 0) text += std::to_string(error.column) + ":";
    text += " ";
  }
  if (!error.path.empty()) text += error.path + ": ";
  text += error.value;
  if (!error.expected.empty()) {
    if (!error.value.empty()) text += "; ";
    text += "expected " + error.expected;
  }
  if (!error.nearest.empty()) text += "; did you mean \"" + error.nearest + "\"?";
  return text;
}

std::string nearest_of(const std::string& word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > word_length_max) return {};
  // A third of the word may be wrong, but two letters of a short word already make it another.
  std::size_t limit = std::max<std::size_t>(1, word.size() / 3);
  std::string nearest;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > word.size() + limit) continue;
    if (candidate.size() + limit < word.size()) continue;
    std::size_t distance = edit_distance(word, candidate);
    if (distance > limit || distance >= candidate.size()) continue;
    if (distance == 0) return candidate;
    nearest = candidate;
    limit = distance - 1;
  }
  return nearest;
}

}  // namespace longhaul
