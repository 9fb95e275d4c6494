#include "gui/model/clock_text.h"

#include <fmt/format.h>

#include <charconv>

#include "base/units_text.h"

namespace longhaul {
namespace {

constexpr std::int64_t ms = 1'000'000;

std::string whole_text(std::int64_t seconds) {
  const std::int64_t minutes = seconds / 60;
  if (minutes < 60) return fmt::format("{}:{:02}", minutes, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", minutes / 60, minutes % 60, seconds % 60);
}

}  // namespace

std::string clock_text(TimePoint at) {
  const std::int64_t thousandths = at.ns / ms;
  return whole_text(thousandths / 1000) + fmt::format(".{:03}", thousandths % 1000);
}

std::string short_clock_text(TimePoint at) {
  const std::int64_t thousandths = at.ns / ms % 1000;
  std::string text = whole_text(at.ns / ms / 1000);
  if (thousandths == 0) return text;
  text += fmt::format(".{:03}", thousandths);
  while (text.back() == '0') text.pop_back();
  return text;
}

std::optional<TimePoint> parse_clock(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.empty()) return std::nullopt;
  if (text.find_first_not_of("0123456789.:") != text.npos) {
    const Result<Duration> length = parse_text<Duration>(text);
    if (!length || length.value().ns < 0) return std::nullopt;
    return TimePoint{} + length.value();
  }
  bool begun = false;
  std::int64_t whole = 0;  // minutes and hours, in seconds
  while (true) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    const Result<Duration> length = parse_text<Duration>(std::string(part) + "s");
    constexpr std::int64_t most = 1'000'000'000;
    if (!length || length.value().ns < 0 || length.value() > seconds(most)) return std::nullopt;
    if (begun && length.value() >= seconds(60)) return std::nullopt;
    begun = true;
    if (colon == text.npos) return TimePoint{} + seconds(whole) + length.value();
    if (part.find('.') != part.npos) return std::nullopt;
    whole = (whole + length.value().ns / 1'000'000'000) * 60;
    if (whole > most) return std::nullopt;
    text.remove_prefix(colon + 1);
  }
}

std::optional<std::uint64_t> parse_seed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  std::uint64_t seed = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, seed);
  if (error != std::errc{} || at != end) return std::nullopt;
  return seed;
}

}  // namespace longhaul
