#include "run/quantity.h"

#include <fmt/format.h>

#include "base/units_text.h"
#include "run/cost.h"
#include "run/report.h"

namespace longhaul {
namespace {

constexpr std::int64_t whole_dollars_from = 10'000'000;

// Three digits of a share: "0.0611", "12.4".
std::string points_text(std::int64_t ppm) {
  std::int64_t digit = 1;
  while (ppm / digit >= 1'000) digit *= 10;
  std::string text = to_text(Ratio{(ppm + digit / 2) / digit * digit});
  text.pop_back();
  return text + " points";
}

}  // namespace

std::string figure_text(Quantity quantity, std::int64_t value) {
  if (quantity == Quantity::count) return count_text(value);
  return quantity == Quantity::money ? usd_text(value) : quantity_text(quantity, value);
}

std::string_view unit_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::duration:
    case Quantity::time:
      return "ns";
    case Quantity::bytes:
      return "bytes";
    case Quantity::byte_rate:
      return "bytes_per_s";
    case Quantity::share:
      return "ppm";
    case Quantity::count:
      return "count";
    case Quantity::rate:
      return "milli_per_s";
    case Quantity::money:
      return "micro_usd";
  }
  __builtin_unreachable();
}

std::string difference_text(Quantity quantity, std::int64_t milli) {
  const std::int64_t size = milli < 0 ? -milli : milli;
  if (quantity == Quantity::count && size < 100'000) {
    return fmt::format("{}.{:02}", size / 1000, size % 1000 / 10);
  }
  if (quantity == Quantity::share) return points_text(size / 1000);
  if (quantity == Quantity::money && size < whole_dollars_from * 1000) {
    const std::int64_t cents = (size / 1000 + 5'000) / 10'000;
    return fmt::format("{}.{:02} USD", cents / 100, cents % 100);
  }
  return figure_text(quantity, size / 1000);
}

std::string signed_difference_text(Quantity quantity, std::int64_t milli) {
  const std::string text = difference_text(quantity, milli);
  if (shows_as_zero(text)) return text;
  return (milli < 0 ? "-" : "+") + text;
}

bool shows_as_zero(std::string_view text) {
  return text.find_first_of("123456789") == text.npos;
}

}  // namespace longhaul
