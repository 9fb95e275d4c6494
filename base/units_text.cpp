#include "base/units_text.h"

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>

#include "base/fields.h"

namespace longhaul {
namespace {

constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t int64_min = std::numeric_limits<std::int64_t>::min();

struct Unit {
  std::string_view suffix;
  std::int64_t factor = 1;  // how many of the type's integer one unit is
  int print_digits = 0;     // most decimals with which to_text uses the unit
};

// In the order in which to_text prefers them. The last one expresses every value exactly.
constexpr std::array duration_units{Unit{"d", 86'400'000'000'000},
                                    Unit{"h", 3'600'000'000'000},
                                    Unit{"min", 60'000'000'000},
                                    Unit{"s", 1'000'000'000, 3},
                                    Unit{"ms", 1'000'000, 3},
                                    Unit{"us", 1'000, 3},
                                    Unit{"ns", 1}};

constexpr std::array byte_units{Unit{"TiB", 1LL << 40, 1},
                                Unit{"GiB", 1LL << 30, 1},
                                Unit{"MiB", 1LL << 20, 1},
                                Unit{"KiB", 1LL << 10},
                                Unit{"TB", 1'000'000'000'000},
                                Unit{"GB", 1'000'000'000},
                                Unit{"MB", 1'000'000},
                                Unit{"kB", 1'000},
                                Unit{"B", 1}};

constexpr std::array byte_rate_units{Unit{"Gbit/s", 125'000'000, 1},
                                     Unit{"Mbit/s", 125'000, 1},
                                     Unit{"kbit/s", 125},
                                     Unit{"TiB/s", 1LL << 40},
                                     Unit{"GiB/s", 1LL << 30},
                                     Unit{"MiB/s", 1LL << 20},
                                     Unit{"KiB/s", 1LL << 10},
                                     Unit{"TB/s", 1'000'000'000'000},
                                     Unit{"GB/s", 1'000'000'000},
                                     Unit{"MB/s", 1'000'000},
                                     Unit{"kB/s", 1'000},
                                     Unit{"B/s", 1}};

constexpr std::array event_rate_units{Unit{"/s", 86'400'000, 3}, Unit{"/min", 1'440'000, 3},
                                      Unit{"/h", 24'000, 3}, Unit{"/day", 1'000, 3}};

constexpr std::array ratio_units{Unit{"%", 10'000, 4}};

using Units = std::span<const Unit>;

// ---- Reading -----------------------------------------------------------------------------------

// A decimal number as written: mantissa / 10^scale.
struct Decimal {
  Int128 mantissa = 0;
  int scale = 0;
};

// More significant digits than any exact value needs in practice, few enough that a mantissa times
// the largest factor (2^47) stays below 2^127.
constexpr Int128 mantissa_limit = static_cast<Int128>(1'000'000'000'000) * 1'000'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes digits off the front of `text` and appends them to the number; false when there are none
// or too many. Zeros at the end of a fraction change nothing and cost no digit.
bool take_digits(std::string_view& text, bool fraction, Decimal& number) {
  if (text.empty() || !is_digit(text.front())) return false;
  int zeros = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    if (fraction && text.front() == '0') {
      zeros += 1;
      continue;
    }
    for (zeros += 1; zeros > 0; --zeros) {
      number.mantissa *= 10;
      if (fraction) number.scale += 1;
      if (number.mantissa >= mantissa_limit || number.scale > 24) return false;
    }
    number.mantissa += text.front() - '0';
  }
  return true;
}

std::optional<Decimal> take_number(std::string_view& text) {
  Decimal number;
  bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (!take_digits(text, false, number)) return std::nullopt;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!take_digits(text, true, number)) return std::nullopt;
  }
  if (negative) number.mantissa = -number.mantissa;
  return number;
}

Int128 power_of_ten(int exponent) {
  Int128 power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

std::string such_as(std::string_view expected, std::string_view more) {
  return std::string(expected) + ", " + std::string(more);
}

// dividend / divisor into `value`, or what was expected instead.
std::optional<std::string> store_exact(Int128 dividend, Int128 divisor, std::string_view expected,
                                       std::string_view integer, std::int64_t& value) {
  Int128 quotient = dividend / divisor;
  if (quotient > int64_max || quotient < int64_min) {
    return such_as(expected, "within 64 bits of " + std::string(integer));
  }
  if (quotient * divisor != dividend) {
    return such_as(expected, "a whole number of " + std::string(integer));
  }
  value = static_cast<std::int64_t>(quotient);
  return std::nullopt;
}

std::optional<std::string> parse_units(std::string_view text, Units units,
                                       std::string_view expected, std::string_view integer,
                                       std::int64_t& value) {
  std::optional<Decimal> number = take_number(text);
  if (!number) return std::string(expected);
  for (const Unit& unit : units) {
    if (text != unit.suffix) continue;
    return store_exact(number->mantissa * unit.factor, power_of_ten(number->scale), expected,
                       integer, value);
  }
  return std::string(expected);
}

// ---- Printing ----------------------------------------------------------------------------------

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

// `digits` decimals of a number that is scaled by 10^digits, without zeros at the end.
std::string decimal_text(Int128 scaled, int digits) {
  for (; digits > 0 && scaled % 10 == 0; --digits) scaled /= 10;
  Int128 one = power_of_ten(digits);
  std::string text = std::to_string(static_cast<std::uint64_t>(scaled / one));
  if (digits == 0) return text;
  std::string fraction = std::to_string(static_cast<std::uint64_t>(scaled % one));
  return text + "." + std::string(static_cast<std::size_t>(digits) - fraction.size(), '0') +
         fraction;
}

// The first unit in which the number is exact and has one to four digits before the point;
// otherwise the shortest exact text.
std::string print_units(std::int64_t value, Units units, std::string_view zero) {
  if (value == 0) return std::string(zero);
  std::string sign = value < 0 ? "-" : "";
  std::string shortest;
  for (const Unit& unit : units) {
    Int128 scaled = static_cast<Int128>(magnitude(value)) * power_of_ten(unit.print_digits);
    if (scaled % unit.factor != 0) continue;
    std::string text =
        sign + decimal_text(scaled / unit.factor, unit.print_digits) + std::string(unit.suffix);
    std::uint64_t whole = magnitude(value) / static_cast<std::uint64_t>(unit.factor);
    if (whole >= 1 && whole < 10'000) return text;
    if (shortest.empty() || text.size() < shortest.size()) shortest = text;
  }
  return shortest;
}

// Three significant digits of value / unit.factor, or all whole digits when there are more.
struct Rounded {
  Int128 scaled = 0;
  int digits = 0;
};

Rounded three_digits(std::uint64_t value, std::int64_t factor) {
  Rounded rounded;
  for (rounded.digits = 2; rounded.digits >= 0; --rounded.digits) {
    Int128 doubled = static_cast<Int128>(value) * power_of_ten(rounded.digits) * 2 + factor;
    rounded.scaled = doubled / (static_cast<Int128>(factor) * 2);
    if (rounded.scaled < 1'000 || rounded.digits == 0) break;
  }
  return rounded;
}

// `units` go from the largest to the smallest. A number that rounds up to the next larger unit is
// written in that unit: 999.9us is "1ms".
std::string print_short(std::int64_t value, Units units, std::string_view zero) {
  if (value == 0) return std::string(zero);
  const std::uint64_t size = magnitude(value);
  for (std::size_t i = 0; i < units.size(); ++i) {
    Rounded rounded = three_digits(size, units[i].factor);
    bool last = i + 1 == units.size();
    bool reaches_one = rounded.scaled >= power_of_ten(rounded.digits);
    if (!last && reaches_one && size < static_cast<std::uint64_t>(units[i].factor)) {
      Rounded below = three_digits(size, units[i + 1].factor);
      reaches_one =
          below.scaled * units[i + 1].factor >= units[i].factor * power_of_ten(below.digits);
    }
    if (!last && !reaches_one) continue;
    return (value < 0 ? "-" : "") + decimal_text(rounded.scaled, rounded.digits) +
           std::string(units[i].suffix);
  }
  return std::string(zero);
}

// ---- The types ---------------------------------------------------------------------------------

constexpr std::string_view duration_expected = "a duration such as \"250ms\"";
constexpr std::string_view bytes_expected = "a size such as \"16MiB\"";
constexpr std::string_view byte_rate_expected = "a data rate such as \"50Mbit/s\"";
constexpr std::string_view event_rate_expected = "a rate such as \"50/s\"";
constexpr std::string_view ratio_expected = "a share such as \"0.1%\" or \"3/1000\"";
constexpr std::string_view lsn_expected = "a WAL position such as \"0/16B3748\"";

std::optional<std::string> parse_ratio(std::string_view text, Ratio& ratio) {
  constexpr std::string_view integer = "parts per million";
  std::string_view rest = text;
  std::optional<Decimal> whole = take_number(rest);
  if (!whole || whole->scale != 0 || !rest.starts_with('/') || text.find('.') != text.npos) {
    return parse_units(text, ratio_units, ratio_expected, integer, ratio.ppm);
  }
  rest.remove_prefix(1);
  Decimal parts;
  if (!take_digits(rest, false, parts) || !rest.empty() || parts.mantissa == 0) {
    return std::string(ratio_expected);
  }
  return store_exact(whole->mantissa * 1'000'000, parts.mantissa, ratio_expected, integer,
                     ratio.ppm);
}

// One to eight hexadecimal digits off the front of `text`.
std::optional<std::uint64_t> take_hex(std::string_view& text) {
  std::uint64_t value = 0;
  std::size_t length = 0;
  for (; length < text.size(); ++length) {
    char c = text[length];
    int digit = is_digit(c)              ? c - '0'
                : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                                         : -1;
    if (digit < 0) break;
    if (length == 8) return std::nullopt;
    value = value * 16 + static_cast<std::uint64_t>(digit);
  }
  if (length == 0) return std::nullopt;
  text.remove_prefix(length);
  return value;
}

std::optional<std::string> parse_lsn(std::string_view text, Lsn& lsn) {
  std::optional<std::uint64_t> high = take_hex(text);
  if (!high || !text.starts_with('/')) return std::string(lsn_expected);
  text.remove_prefix(1);
  std::optional<std::uint64_t> low = take_hex(text);
  if (!low || !text.empty()) return std::string(lsn_expected);
  lsn.value = (*high << 32) | *low;
  return std::nullopt;
}

std::string hex_text(std::uint64_t value) {
  std::string text;
  do {
    text.insert(text.begin(), "0123456789ABCDEF"[value % 16]);
    value /= 16;
  } while (value > 0);
  return text;
}

std::optional<std::string> parse_into(std::string_view text, Duration& value) {
  return parse_units(text, duration_units, duration_expected, "nanoseconds", value.ns);
}
std::optional<std::string> parse_into(std::string_view text, Bytes& value) {
  return parse_units(text, byte_units, bytes_expected, "bytes", value.value);
}
std::optional<std::string> parse_into(std::string_view text, ByteRate& value) {
  return parse_units(text, byte_rate_units, byte_rate_expected, "bytes per second",
                     value.bytes_per_s);
}
std::optional<std::string> parse_into(std::string_view text, EventRate& value) {
  return parse_units(text, event_rate_units, event_rate_expected, "thousandths a day",
                     value.milli_per_day);
}
std::optional<std::string> parse_into(std::string_view text, Ratio& value) {
  return parse_ratio(text, value);
}
std::optional<std::string> parse_into(std::string_view text, Lsn& value) {
  return parse_lsn(text, value);
}

template <class T>
std::optional<std::string> parse_erased(std::string_view text, void* value) {
  return parse_into(text, *static_cast<T*>(value));
}

template <class T>
std::string print_erased(const void* value) {
  return to_text(*static_cast<const T*>(value));
}

// The text type of a quantity that is one int64.
template <class T, std::int64_t T::*Integer>
TextType integer_type(std::string_view name, std::string_view expected, std::string_view pattern,
                      std::string_view units) {
  TextType type{.name = name, .expected = expected, .pattern = pattern};
  type.units = units;
  type.parse = &parse_erased<T>;
  type.print = &print_erased<T>;
  type.as_integer = [](const void* value) { return static_cast<const T*>(value)->*Integer; };
  type.print_integer = [](std::int64_t raw) { return to_text(T{raw}); };
  return type;
}

}  // namespace

std::string to_text(Duration value) { return print_units(value.ns, duration_units, "0s"); }
std::string to_text(Bytes value) { return print_units(value.value, byte_units, "0B"); }
std::string to_text(ByteRate value) {
  return print_units(value.bytes_per_s, byte_rate_units, "0B/s");
}
std::string to_text(EventRate value) {
  return print_units(value.milli_per_day, event_rate_units, "0/s");
}
std::string to_text(Ratio value) { return print_units(value.ppm, ratio_units, "0%"); }
std::string to_text(Lsn value) {
  return hex_text(value.value >> 32) + "/" + hex_text(value.value & 0xffffffffu);
}

std::string to_short_text(Duration value) {
  // Minutes from two on: 64.2s and 77.9s are further apart than 1.07min and 1.3min.
  const bool long_enough = magnitude(value.ns) >= 120'000'000'000;
  const Units units(duration_units);
  return print_short(value.ns, long_enough ? units : units.subspan(3), "0s");
}
std::string to_short_text(Bytes value) {
  constexpr std::array units{byte_units[0], byte_units[1], byte_units[2], byte_units[3],
                             byte_units.back()};
  return print_short(value.value, units, "0B");
}
std::string to_short_text(ByteRate value) {
  constexpr std::array units{byte_rate_units[0], byte_rate_units[1], byte_rate_units[2],
                             byte_rate_units.back()};
  return print_short(value.bytes_per_s, units, "0B/s");
}

template <class T>
Result<T> parse_text(std::string_view text) {
  T value;
  std::optional<std::string> expected = parse_into(text, value);
  if (!expected) return value;
  return Error{.value = std::string(text), .expected = *expected};
}

template Result<Duration> parse_text<Duration>(std::string_view);
template Result<Bytes> parse_text<Bytes>(std::string_view);
template Result<ByteRate> parse_text<ByteRate>(std::string_view);
template Result<EventRate> parse_text<EventRate>(std::string_view);
template Result<Ratio> parse_text<Ratio>(std::string_view);
template Result<Lsn> parse_text<Lsn>(std::string_view);

template <>
const TextType& text_type<Duration>() {
  static const TextType type = integer_type<Duration, &Duration::ns>(
      "duration", duration_expected, "^-?[0-9]+(\\.[0-9]+)?(ns|us|ms|s|min|h|d)$",
      "d, h, min, s, ms, us or ns");
  return type;
}

template <>
const TextType& text_type<Bytes>() {
  static const TextType type = integer_type<Bytes, &Bytes::value>(
      "size", bytes_expected, "^-?[0-9]+(\\.[0-9]+)?([KMGT]iB|[kMGT]?B)$",
      "B, kB, KiB, MB, MiB, GB, GiB, TB or TiB");
  return type;
}

template <>
const TextType& text_type<ByteRate>() {
  static const TextType type = integer_type<ByteRate, &ByteRate::bytes_per_s>(
      "data rate", byte_rate_expected, "^-?[0-9]+(\\.[0-9]+)?([kMG]bit|[KMGT]iB|[kMGT]?B)/s$",
      "kbit/s, Mbit/s, Gbit/s, B/s, kB/s, KiB/s, MB/s, MiB/s, GB/s, GiB/s, TB/s or TiB/s");
  return type;
}

template <>
const TextType& text_type<EventRate>() {
  static const TextType type = integer_type<EventRate, &EventRate::milli_per_day>(
      "rate", event_rate_expected, "^-?[0-9]+(\\.[0-9]+)?/(s|min|h|day)$", "/s, /min, /h or /day");
  return type;
}

template <>
const TextType& text_type<Ratio>() {
  static const TextType type = integer_type<Ratio, &Ratio::ppm>(
      "share", ratio_expected, "^-?[0-9]+((\\.[0-9]+)?%|/0*[1-9][0-9]*)$", "");
  return type;
}

template <>
const TextType& text_type<Lsn>() {
  static const TextType type{.name = "WAL position",
                             .expected = lsn_expected,
                             .pattern = "^[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}$",
                             .parse = &parse_erased<Lsn>,
                             .print = &print_erased<Lsn>};
  return type;
}

}  // namespace longhaul
