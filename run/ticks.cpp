// Where the figures of an axis stand, and what they say.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "base/units_text.h"
#include "run/plot.h"
#include "run/report.h"

namespace longhaul {
namespace {

struct Unit {
  std::int64_t size;
  std::int64_t from;  // used on axes that reach this
  std::string_view suffix;
};

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

constexpr std::array durations{
    Unit{1, 0, "ns"},          Unit{1'000, 1'000, "us"},        Unit{1'000'000, 1'000'000, "ms"},
    Unit{second, second, "s"}, Unit{minute, 5 * minute, "min"}, Unit{hour, 5 * hour, "h"},
    Unit{day, 3 * day, "d"},
};
constexpr std::array sizes{
    Unit{1, 0, "B"},
    Unit{1LL << 10, 1LL << 10, "KiB"},
    Unit{1LL << 20, 1LL << 20, "MiB"},
    Unit{1LL << 30, 1LL << 30, "GiB"},
    Unit{1LL << 40, 1LL << 40, "TiB"},
};
constexpr std::array byte_rates{
    Unit{125, 0, "kbit/s"},
    Unit{125'000, 125'000, "Mbit/s"},
    Unit{125'000'000, 125'000'000, "Gbit/s"},
};
constexpr std::array shares{Unit{10'000, 0, "%"}};
constexpr std::array counts{Unit{1, 0, ""}, Unit{1'000, 10'000, "k"},
                            Unit{1'000'000, 1'000'000, "M"},
                            Unit{1'000'000'000, 1'000'000'000, "G"}};
constexpr std::array rates{Unit{1'000, 0, "/s"}, Unit{1'000'000, 10'000'000, "k/s"},
                           Unit{1'000'000'000, 1'000'000'000, "M/s"}};
constexpr std::array money{Unit{1'000'000, 0, " USD"}, Unit{1'000'000'000, 10'000'000'000, "k USD"},
                           Unit{1'000'000'000'000, 1'000'000'000'000, "M USD"}};

std::span<const Unit> units_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::duration:
    case Quantity::time:
      return durations;
    case Quantity::bytes:
      return sizes;
    case Quantity::byte_rate:
      return byte_rates;
    case Quantity::share:
      return shares;
    case Quantity::count:
      return counts;
    case Quantity::rate:
      return rates;
    case Quantity::money:
      return money;
  }
  __builtin_unreachable();
}

const Unit& unit_for(Quantity quantity, std::int64_t largest) {
  const std::span<const Unit> units = units_of(quantity);
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (largest >= unit.from) best = &unit;
  }
  return *best;
}

// To a thousandth of the unit, without zeros at the end.
std::string in_unit(std::int64_t value, const Unit& unit) {
  if (value == 0) return "0";
  const bool negative = value < 0;
  const Int128 size = negative ? -static_cast<Int128>(value) : static_cast<Int128>(value);
  const std::int64_t scaled = div_floor(size * 1'000 + unit.size / 2, unit.size);
  std::string text = std::to_string(scaled / 1'000);
  if (scaled % 1'000 != 0) {
    text += fmt::format(".{:03}", scaled % 1'000);
    while (text.back() == '0') text.pop_back();
  }
  return (negative ? "-" : "") + text + std::string(unit.suffix);
}

// Three significant digits.
std::string short_text(std::int64_t value, const Unit& unit) {
  const Int128 size = value < 0 ? -static_cast<Int128>(value) : static_cast<Int128>(value);
  std::int64_t step = 1;
  while (size / step >= 1'000) step *= 10;
  const std::int64_t rounded = narrow((size + step / 2) / step * step);
  return in_unit(value < 0 ? -rounded : rounded, unit);
}

std::int64_t first_step(Quantity quantity) {
  switch (quantity) {
    case Quantity::byte_rate:
      return 125;
    case Quantity::rate:
      return 1'000;
    default:
      return 1;
  }
}

// 1, 2, 5, 10 and so on; times have steps of their own between ten seconds and a day.
std::int64_t next_step(Quantity quantity, std::int64_t step) {
  if (quantity == Quantity::bytes) return step * 2;
  const bool is_time = quantity == Quantity::duration || quantity == Quantity::time;
  if (is_time && step >= 10 * second && step < day) {
    constexpr std::array long_steps{
        20 * second, 30 * second, minute,   2 * minute, 5 * minute, 10 * minute, 20 * minute,
        30 * minute, hour,        2 * hour, 3 * hour,   6 * hour,   12 * hour,   day,
    };
    return *std::upper_bound(long_steps.begin(), long_steps.end(), step);
  }
  std::int64_t leading = step / (is_time && step >= day ? day : first_step(quantity));
  while (leading % 10 == 0) leading /= 10;
  return leading == 2 ? step / 2 * 5 : step * 2;
}

std::vector<std::int64_t> even_values(const PlotAxis& axis, std::size_t most) {
  std::int64_t step = first_step(axis.quantity);
  const auto count = [&](std::int64_t by) {
    return div_floor(axis.to, by) - div_ceil(axis.from, by) + 1;
  };
  while (count(step) > static_cast<std::int64_t>(most)) step = next_step(axis.quantity, step);
  std::vector<std::int64_t> values;
  for (std::int64_t at = div_ceil(axis.from, step) * step; at <= axis.to; at += step) {
    values.push_back(at);
  }
  return values;
}

// Powers of ten (two), then those between them when there is room.
std::vector<std::int64_t> logarithmic_values(const PlotAxis& axis, std::size_t most) {
  const bool binary = axis.quantity == Quantity::bytes;
  std::vector<std::int64_t> powers;
  const std::int64_t base = binary ? 2 : 10;
  for (std::int64_t at = first_step(axis.quantity);; at *= base) {
    if (at >= axis.from && at <= axis.to) powers.push_back(at);
    if (at > axis.to / base) break;
  }
  if (!binary && powers.size() * 3 <= most) {
    std::vector<std::int64_t> finer;
    for (std::int64_t at = first_step(axis.quantity);; at *= 10) {
      for (const std::int64_t times : {1, 2, 5}) {
        if (at * times >= axis.from && at * times <= axis.to) finer.push_back(at * times);
      }
      if (at > axis.to / 10) break;
    }
    return finer;
  }
  const std::size_t stride = std::max<std::size_t>(1, (powers.size() + most - 1) / most);
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < powers.size(); i += stride) values.push_back(powers[i]);
  return values;
}

}  // namespace

std::string quantity_text(Quantity quantity, std::int64_t value) {
  switch (quantity) {
    case Quantity::duration:
    case Quantity::time:
      return to_short_text(Duration{value});
    case Quantity::bytes:
      return to_short_text(Bytes{value});
    case Quantity::byte_rate:
      return to_short_text(ByteRate{value});
    case Quantity::share:
      return share_text(value);
    default:
      return short_text(value, unit_for(quantity, value < 0 ? -value : value));
  }
}

std::vector<Tick> ticks(const PlotAxis& axis, std::size_t most) {
  std::vector<Tick> result;
  const std::vector<std::int64_t> values =
      axis.logarithmic ? logarithmic_values(axis, most) : even_values(axis, most);
  for (const std::int64_t value : values) {
    const std::int64_t decides = axis.logarithmic ? value : values.back();
    result.push_back({value, in_unit(value, unit_for(axis.quantity, decides))});
  }
  return result;
}

PlotAxis rounded(PlotAxis axis, std::size_t most) {
  if (axis.logarithmic) {
    std::int64_t power = first_step(axis.quantity);
    const std::int64_t base = axis.quantity == Quantity::bytes ? 2 : 10;
    const std::int64_t end = std::numeric_limits<std::int64_t>::max() / base;
    while (power < axis.to && power <= end) power *= base;
    axis.to = std::max(axis.to, power);
    return axis;
  }
  // A longer axis may need longer steps, and so be longer again.
  for (std::int64_t step = 0;;) {
    const std::vector<std::int64_t> values = even_values(axis, most);
    if (values.size() < 2) {
      axis.to = std::max(axis.to, axis.from + 1);
      return axis;
    }
    if (values[1] - values[0] == step) return axis;
    step = values[1] - values[0];
    axis.to = div_ceil(axis.to, step) * step;
  }
}

}  // namespace longhaul
