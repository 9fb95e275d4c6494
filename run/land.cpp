#include "run/land.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/check.h"
#include "run/embedded_data.h"
#include "run/json_text.h"

namespace longhaul {
namespace {

constexpr std::int64_t udeg_per_hundredth = 10'000;

// The whole numbers of a row behind its first cell; false when something else stands there.
bool read_numbers(std::string_view row, std::vector<std::int64_t>& numbers) {
  numbers.clear();
  std::size_t at = row.find(',');
  while (at < row.size()) {
    std::int64_t number = 0;
    const char* end = row.data() + row.size();
    const auto read = std::from_chars(row.data() + at + 1, end, number);
    if (read.ec != std::errc{} || (read.ptr != end && *read.ptr != ',')) return false;
    numbers.push_back(number);
    at = static_cast<std::size_t>(read.ptr - row.data());
  }
  return true;
}

bool take_ring(Land& land, const std::vector<std::int64_t>& numbers) {
  if (numbers.size() < 6 || numbers.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    if (numbers[i] < -18'000 || numbers[i] > 18'000) return false;
    if (numbers[i + 1] < -9'000 || numbers[i + 1] > 9'000) return false;
    land.points.push_back({numbers[i] * udeg_per_hundredth, numbers[i + 1] * udeg_per_hundredth});
  }
  land.ring_ends.push_back(static_cast<std::uint32_t>(land.points.size()));
  return true;
}

bool take_triangles(Land& land, const std::vector<std::int64_t>& numbers) {
  if (numbers.size() % 3 != 0) return false;
  for (const std::int64_t number : numbers) {
    if (number < 0 || number >= static_cast<std::int64_t>(land.points.size())) return false;
    land.corners.push_back(static_cast<std::uint32_t>(number));
  }
  return true;
}

}  // namespace

Result<Land> Land::from_text(std::string_view csv) {
  Land land;
  std::vector<std::int64_t> numbers;
  int line = 0;
  for (std::size_t at = 0; at < csv.size();) {
    const std::size_t end = std::min(csv.find('\n', at), csv.size());
    const std::string_view row = csv.substr(at, end - at);
    at = end + 1;
    line += 1;
    if (row.empty() || row[0] == '#') continue;
    const bool good = read_numbers(row, numbers) &&
                      ((row.starts_with("ring,") && take_ring(land, numbers)) ||
                       (row.starts_with("triangles,") && take_triangles(land, numbers)));
    if (!good) {
      return Error{"land.csv", line, 1, "", clipped(row), "a ring or triangles of known points",
                   ""};
    }
  }
  return land;
}

const Land& Land::builtin() {
  static const Land land = [] {
    Result<Land> read = from_text(embedded::land_csv());
    CHECK(read.ok());
    return std::move(read).value();
  }();
  return land;
}

}  // namespace longhaul
