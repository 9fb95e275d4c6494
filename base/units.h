// Quantities as integers: nanoseconds, bytes, bytes per second, events per day, parts per million.
//
// A strong type carries the unit, so that a bandwidth never meets a size by accident. Arithmetic is
// checked: an overflow is a CHECK, never a wrapped number. Products that may pass 2^63 go through
// 128 bits, and every division names its rounding.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "base/check.h"

namespace longhaul {

using Int128 = __int128;

constexpr std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  CHECK(!__builtin_add_overflow(a, b, &sum));
  return sum;
}

constexpr std::int64_t checked_sub(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  CHECK(!__builtin_sub_overflow(a, b, &difference));
  return difference;
}

constexpr std::int64_t checked_mul(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  CHECK(!__builtin_mul_overflow(a, b, &product));
  return product;
}

constexpr std::int64_t narrow(Int128 value) {
  CHECK(value <= std::numeric_limits<std::int64_t>::max());
  CHECK(value >= std::numeric_limits<std::int64_t>::min());
  return static_cast<std::int64_t>(value);
}

// Rounds towards minus infinity. The divisor is positive.
constexpr std::int64_t div_floor(Int128 dividend, std::int64_t divisor) {
  CHECK(divisor > 0);
  Int128 quotient = dividend / divisor;
  if (quotient * divisor > dividend) quotient -= 1;
  return narrow(quotient);
}

// Rounds towards plus infinity. The divisor is positive.
constexpr std::int64_t div_ceil(Int128 dividend, std::int64_t divisor) {
  CHECK(divisor > 0);
  Int128 quotient = dividend / divisor;
  if (quotient * divisor < dividend) quotient += 1;
  return narrow(quotient);
}

// A span of time in nanoseconds; ±292 years.
struct Duration {
  std::int64_t ns = 0;

  static constexpr Duration max() { return {std::numeric_limits<std::int64_t>::max()}; }
  friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
};

// An instant of simulated (or monotonic) time: nanoseconds since its start.
struct TimePoint {
  std::int64_t ns = 0;

  static constexpr TimePoint never() { return {std::numeric_limits<std::int64_t>::max()}; }
  friend constexpr auto operator<=>(const TimePoint&, const TimePoint&) = default;
};

constexpr Duration nanoseconds(std::int64_t n) { return {n}; }
constexpr Duration microseconds(std::int64_t n) { return {checked_mul(n, 1'000)}; }
constexpr Duration milliseconds(std::int64_t n) { return {checked_mul(n, 1'000'000)}; }
constexpr Duration seconds(std::int64_t n) { return {checked_mul(n, 1'000'000'000)}; }
constexpr Duration minutes(std::int64_t n) { return {checked_mul(n, 60'000'000'000)}; }

constexpr Duration operator+(Duration a, Duration b) { return {checked_add(a.ns, b.ns)}; }
constexpr Duration operator-(Duration a, Duration b) { return {checked_sub(a.ns, b.ns)}; }
constexpr Duration operator*(Duration a, std::int64_t k) { return {checked_mul(a.ns, k)}; }
constexpr Duration& operator+=(Duration& a, Duration b) { return a = a + b; }
constexpr TimePoint operator+(TimePoint t, Duration d) { return {checked_add(t.ns, d.ns)}; }
constexpr TimePoint operator-(TimePoint t, Duration d) { return {checked_sub(t.ns, d.ns)}; }
constexpr Duration operator-(TimePoint a, TimePoint b) { return {checked_sub(a.ns, b.ns)}; }

// An amount of data.
struct Bytes {
  std::int64_t value = 0;
  friend constexpr auto operator<=>(const Bytes&, const Bytes&) = default;
};

constexpr Bytes operator+(Bytes a, Bytes b) { return {checked_add(a.value, b.value)}; }
constexpr Bytes operator-(Bytes a, Bytes b) { return {checked_sub(a.value, b.value)}; }
constexpr Bytes operator*(Bytes a, std::int64_t k) { return {checked_mul(a.value, k)}; }
constexpr Bytes kibibytes(std::int64_t n) { return {checked_mul(n, 1024)}; }
constexpr Bytes mebibytes(std::int64_t n) { return {checked_mul(n, 1024 * 1024)}; }

// Data per time. Zero stands for "no limit" where a field's documentation says so.
struct ByteRate {
  std::int64_t bytes_per_s = 0;
  friend constexpr auto operator<=>(const ByteRate&, const ByteRate&) = default;
};

// How long `size` takes at `rate`, rounded up to the next nanosecond. The rate is positive.
constexpr Duration transfer_time(Bytes size, ByteRate rate) {
  return {div_ceil(static_cast<Int128>(size.value) * 1'000'000'000, rate.bytes_per_s)};
}

// Events per time in thousandths of an event per day: exact for three decimals per second, minute,
// hour or day, and for every whole number of each.
struct EventRate {
  std::int64_t milli_per_day = 0;
  friend constexpr auto operator<=>(const EventRate&, const EventRate&) = default;
};

constexpr EventRate per_second(std::int64_t n) { return {checked_mul(n, 86'400'000)}; }

// The mean time between two events, rounded down. The rate is positive.
constexpr Duration mean_interval(EventRate rate) {
  return {div_floor(static_cast<Int128>(86'400) * 1'000'000'000 * 1'000, rate.milli_per_day)};
}

// A share of a whole in parts per million. One is 1'000'000.
struct Ratio {
  std::int64_t ppm = 0;
  friend constexpr auto operator<=>(const Ratio&, const Ratio&) = default;
};

constexpr Ratio percent(std::int64_t n) { return {checked_mul(n, 10'000)}; }

// A position in the write-ahead log: bytes since its beginning. Printed as PostgreSQL prints it,
// 0/16B3748.
struct Lsn {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const Lsn&, const Lsn&) = default;
};

constexpr Lsn operator+(Lsn lsn, Bytes size) {
  CHECK(size.value >= 0);
  return {lsn.value + static_cast<std::uint64_t>(size.value)};
}

// How many bytes `a` is ahead of `b`; negative when it is behind.
constexpr Bytes operator-(Lsn a, Lsn b) { return {static_cast<std::int64_t>(a.value - b.value)}; }

}  // namespace longhaul
