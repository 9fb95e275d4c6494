#include "base/units_text.h"

#include <cstdint>
#include <limits>
#include <regex>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/fields.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

template <class T>
T parsed(std::string_view text) {
  Result<T> result = parse_text<T>(text);
  INFO(text << ": " << (result.ok() ? "" : result.errors().front().expected));
  REQUIRE(result.ok());
  return result.value();
}

template <class T>
std::string refusal(std::string_view text) {
  Result<T> result = parse_text<T>(text);
  INFO(text);
  REQUIRE_FALSE(result.ok());
  REQUIRE(result.errors().front().value == text);
  return result.errors().front().expected;
}

// Numbers of every magnitude and both signs, the extremes and their neighbours, and many zeros at
// the end in base two and in base ten, where the larger units apply.
std::vector<std::int64_t> many_integers() {
  constexpr std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> numbers{0, max, max - 1, -max, -max - 1};
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    std::uint64_t bits = mix64(i + 1);
    std::int64_t number = static_cast<std::int64_t>(bits >> (i % 63 + 1));
    std::int64_t round = 1;
    for (std::uint64_t power = mix64(bits) % 19; power > 0; --power) round *= 10;
    std::int64_t binary = std::int64_t{1} << (mix64(bits) % 45);
    for (std::int64_t n : {number, number / round * round, number / binary * binary}) {
      numbers.push_back(n);
      numbers.push_back(-n);
    }
  }
  return numbers;
}

template <class T>
void requires_round_trip(T value) {
  const TextType& type = text_type<T>();
  std::string text = to_text(value);
  Result<T> again = parse_text<T>(text);
  bool exact = again.ok() && again.value() == value;
  // REQUIRE on each of many values costs seconds; a failure is reported with its text.
  if (!exact) FAIL(text);
  static const std::regex pattern{std::string(type.pattern)};
  if (text.size() % 7 == 0 && !std::regex_match(text, pattern)) FAIL(text << " against pattern");
}

}  // namespace

TEST_CASE("units_text: every value survives printing and parsing", "[base][units_text]") {
  std::vector<std::int64_t> numbers = many_integers();
  for (std::int64_t n : numbers) {
    requires_round_trip(Duration{n});
    requires_round_trip(Bytes{n});
    requires_round_trip(ByteRate{n});
    requires_round_trip(EventRate{n});
    requires_round_trip(Ratio{n});
    requires_round_trip(Lsn{static_cast<std::uint64_t>(n)});
  }
  REQUIRE(numbers.size() == 120'005);
}

TEST_CASE("units_text: duration: units are exact", "[base][units_text]") {
  REQUIRE(parsed<Duration>("1ns").ns == 1);
  REQUIRE(parsed<Duration>("1us") == microseconds(1));
  REQUIRE(parsed<Duration>("250ms") == milliseconds(250));
  REQUIRE(parsed<Duration>("1.5s") == milliseconds(1500));
  REQUIRE(parsed<Duration>("10min") == seconds(600));
  REQUIRE(parsed<Duration>("2h") == seconds(7200));
  REQUIRE(parsed<Duration>("1d") == seconds(86'400));
  REQUIRE(parsed<Duration>("-5ms") == milliseconds(-5));
  REQUIRE(parsed<Duration>("0.000000001s").ns == 1);
  REQUIRE(parsed<Duration>("0ns").ns == 0);
  REQUIRE(parsed<Duration>("007s") == seconds(7));
  // Zeros behind the last digit of a fraction say nothing and cost nothing.
  REQUIRE(parsed<Duration>("1.50000000000000000000000000000000000000000s") == milliseconds(1500));
}

TEST_CASE("units_text: duration: printing picks the unit a person would", "[base][units_text]") {
  REQUIRE(to_text(Duration{0}) == "0s");
  REQUIRE(to_text(milliseconds(250)) == "250ms");
  REQUIRE(to_text(milliseconds(1500)) == "1.5s");
  REQUIRE(to_text(seconds(90)) == "90s");
  REQUIRE(to_text(seconds(600)) == "10min");
  REQUIRE(to_text(minutes(90)) == "90min");
  REQUIRE(to_text(minutes(120)) == "2h");
  REQUIRE(to_text(seconds(86'400)) == "1d");
  REQUIRE(to_text(milliseconds(-5)) == "-5ms");
  REQUIRE(to_text(nanoseconds(1'234'567)) == "1234.567us");
  REQUIRE(to_text(nanoseconds(1)) == "1ns");
  REQUIRE(to_text(Duration::max()) == "9223372036854775807ns");
}

TEST_CASE("units_text: duration: what is not one is refused", "[base][units_text]") {
  for (const char* text :
       {"",        "5",    "ms",    "-",       "-ms",    ".5s",
        "5.s",     "1e3s", "+5ms",  " 5ms",    "5 ms",   "5ms ",
        "5MS",     "5m",   "5sec",  "1h30min", "--5ms",  "0x5ms",
        "1_000ms", "1,5s", "5ms\n", "\xff",    "1.2.3s", "99999999999999999999999999s"}) {
    REQUIRE(refusal<Duration>(text) == "a duration such as \"250ms\"");
  }
  REQUIRE(refusal<Duration>(std::string_view("5ms\0", 4)) == "a duration such as \"250ms\"");
}

TEST_CASE("units_text: duration: less than a nanosecond is an error, not rounded",
          "[base][units_text]") {
  std::string expected = "a duration such as \"250ms\", a whole number of nanoseconds";
  REQUIRE(refusal<Duration>("0.5ns") == expected);
  REQUIRE(refusal<Duration>("0.0000000001s") == expected);
}

TEST_CASE("units_text: duration: overflow is an error, not wrapped", "[base][units_text]") {
  // 2^63 - 1 ns is the last; 106751 days are 9'223'286'400 s and still fit, one more does not.
  std::string expected = "a duration such as \"250ms\", within 64 bits of nanoseconds";
  REQUIRE(parsed<Duration>("9223372036854775807ns") == Duration::max());
  REQUIRE(refusal<Duration>("9223372036854775808ns") == expected);
  REQUIRE(parsed<Duration>("-9223372036854775808ns").ns ==
          std::numeric_limits<std::int64_t>::min());
  REQUIRE(refusal<Duration>("-9223372036854775809ns") == expected);
  REQUIRE(parsed<Duration>("106751d") == seconds(9'223'286'400));
  REQUIRE(refusal<Duration>("106752d") == expected);
  // The largest mantissa in the largest unit: about 2^80 * 2^47 must not wrap in 128 bits.
  REQUIRE(refusal<Duration>("999999999999999999999999d") == expected);
}

TEST_CASE("units_text: bytes: binary and decimal units", "[base][units_text]") {
  REQUIRE(parsed<Bytes>("400B").value == 400);
  REQUIRE(parsed<Bytes>("16KiB") == kibibytes(16));
  REQUIRE(parsed<Bytes>("1.5MiB") == kibibytes(1536));
  REQUIRE(parsed<Bytes>("2GiB") == mebibytes(2048));
  REQUIRE(parsed<Bytes>("1TiB") == mebibytes(1024 * 1024));
  REQUIRE(parsed<Bytes>("1kB").value == 1'000);
  REQUIRE(parsed<Bytes>("1MB").value == 1'000'000);
  REQUIRE(parsed<Bytes>("1.5GB").value == 1'500'000'000);
  REQUIRE(parsed<Bytes>("1TB").value == 1'000'000'000'000);
  REQUIRE(to_text(Bytes{0}) == "0B");
  REQUIRE(to_text(Bytes{400}) == "400B");
  REQUIRE(to_text(Bytes{1'000'000}) == "1MB");
  REQUIRE(to_text(kibibytes(16)) == "16KiB");
  REQUIRE(to_text(kibibytes(1536)) == "1.5MiB");
  REQUIRE(refusal<Bytes>("16") == "a size such as \"16MiB\"");
  REQUIRE(refusal<Bytes>("16K") == "a size such as \"16MiB\"");
  REQUIRE(refusal<Bytes>("16KB") == "a size such as \"16MiB\"");
  REQUIRE(refusal<Bytes>("0.5B") == "a size such as \"16MiB\", a whole number of bytes");
  // 8388608 TiB are 2^23 * 2^40 = 2^63.
  REQUIRE(refusal<Bytes>("8388608TiB") == "a size such as \"16MiB\", within 64 bits of bytes");
}

TEST_CASE("units_text: byte rate: bits come out as whole bytes", "[base][units_text]") {
  REQUIRE(parsed<ByteRate>("8kbit/s").bytes_per_s == 1'000);
  REQUIRE(parsed<ByteRate>("50Mbit/s").bytes_per_s == 6'250'000);
  REQUIRE(parsed<ByteRate>("1Gbit/s").bytes_per_s == 125'000'000);
  REQUIRE(parsed<ByteRate>("64MiB/s").bytes_per_s == 64 * 1024 * 1024);
  REQUIRE(parsed<ByteRate>("10MB/s").bytes_per_s == 10'000'000);
  REQUIRE(to_text(ByteRate{0}) == "0B/s");
  REQUIRE(to_text(ByteRate{1'000}) == "8kbit/s");
  REQUIRE(to_text(ByteRate{6'250'000}) == "50Mbit/s");
  REQUIRE(to_text(ByteRate{312'500'000}) == "2.5Gbit/s");
  REQUIRE(to_text(ByteRate{64 * 1024 * 1024}) == "64MiB/s");
  REQUIRE(to_text(ByteRate{7}) == "7B/s");
  // 1/1000 kbit/s is a bit, an eighth of a byte.
  REQUIRE(refusal<ByteRate>("0.001kbit/s") ==
          "a data rate such as \"50Mbit/s\", a whole number of bytes per second");
  REQUIRE(refusal<ByteRate>("50Mbit") == "a data rate such as \"50Mbit/s\"");
  REQUIRE(refusal<ByteRate>("50Mbps") == "a data rate such as \"50Mbit/s\"");
}

TEST_CASE("units_text: event rate: three decimals of every unit are exact", "[base][units_text]") {
  REQUIRE(parsed<EventRate>("50/s") == per_second(50));
  REQUIRE(parsed<EventRate>("0.2/s") == parsed<EventRate>("12/min"));
  // A day has 24 hours: 6 an hour are 144 a day, in thousandths 144'000. 10 a minute are 14'400.
  REQUIRE(parsed<EventRate>("6/h").milli_per_day == 144'000);
  REQUIRE(parsed<EventRate>("10/min").milli_per_day == 14'400'000);
  REQUIRE(parsed<EventRate>("1/day").milli_per_day == 1'000);
  REQUIRE(parsed<EventRate>("0.001/day").milli_per_day == 1);
  REQUIRE(to_text(EventRate{0}) == "0/s");
  REQUIRE(to_text(per_second(50)) == "50/s");
  REQUIRE(to_text(per_second(50'000)) == "50000/s");
  REQUIRE(to_text(EventRate{144'000}) == "6/h");
  REQUIRE(to_text(EventRate{1'000}) == "1/day");
  REQUIRE(to_text(EventRate{1}) == "0.001/day");
  REQUIRE(refusal<EventRate>("50") == "a rate such as \"50/s\"");
  REQUIRE(refusal<EventRate>("50/sec") == "a rate such as \"50/s\"");
  REQUIRE(refusal<EventRate>("0.0001/day") ==
          "a rate such as \"50/s\", a whole number of thousandths a day");
}

TEST_CASE("units_text: ratio: percentages and fractions", "[base][units_text]") {
  REQUIRE(parsed<Ratio>("0.1%").ppm == 1'000);
  REQUIRE(parsed<Ratio>("2.5%") == Ratio{25'000});
  REQUIRE(parsed<Ratio>("100%") == percent(100));
  REQUIRE(parsed<Ratio>("3/1000").ppm == 3'000);
  REQUIRE(parsed<Ratio>("1/8").ppm == 125'000);
  REQUIRE(parsed<Ratio>("-1/2").ppm == -500'000);
  REQUIRE(parsed<Ratio>("0.0001%").ppm == 1);
  REQUIRE(to_text(Ratio{0}) == "0%");
  REQUIRE(to_text(Ratio{1'000}) == "0.1%");
  REQUIRE(to_text(percent(100)) == "100%");
  REQUIRE(to_text(Ratio{-1}) == "-0.0001%");
  std::string expected = "a share such as \"0.1%\" or \"3/1000\"";
  for (const char* text : {"0.1", "1", "1/0", "1/", "/2", "1/-2", "1.0/2", "1/2/3", "1/2%", "%"}) {
    REQUIRE(refusal<Ratio>(text) == expected);
  }
  REQUIRE(refusal<Ratio>("1/3") == expected + ", a whole number of parts per million");
  REQUIRE(refusal<Ratio>("0.00001%") == expected + ", a whole number of parts per million");
}

TEST_CASE("units_text: lsn: as PostgreSQL prints it", "[base][units_text]") {
  REQUIRE(parsed<Lsn>("0/16B3748").value == 0x16B3748);
  REQUIRE(parsed<Lsn>("a/0").value == 0xA00000000);
  REQUIRE(parsed<Lsn>("FFFFFFFF/FFFFFFFF").value == std::numeric_limits<std::uint64_t>::max());
  REQUIRE(to_text(Lsn{0}) == "0/0");
  REQUIRE(to_text(Lsn{0x16B3748}) == "0/16B3748");
  REQUIRE(to_text(Lsn{0x100000001}) == "1/1");
  for (const char* text : {"", "/", "0", "0/", "/0", "0/G", "123456789/0", "0/123456789", "0/0/0",
                           "-1/0", "0x1/0", "0/0 "}) {
    REQUIRE(refusal<Lsn>(text) == "a WAL position such as \"0/16B3748\"");
  }
}

TEST_CASE("units_text: the schema's pattern refuses what has no unit", "[base][units_text]") {
  auto matches = [](const TextType& type, const char* text) {
    return std::regex_match(text, std::regex{std::string(type.pattern)});
  };
  REQUIRE(matches(text_type<Duration>(), "1.5s"));
  REQUIRE_FALSE(matches(text_type<Duration>(), "1.5"));
  REQUIRE_FALSE(matches(text_type<Duration>(), "1e3s"));
  REQUIRE(matches(text_type<Bytes>(), "1.5GB"));
  REQUIRE_FALSE(matches(text_type<Bytes>(), "1.5gb"));
  REQUIRE(matches(text_type<ByteRate>(), "50Mbit/s"));
  REQUIRE(matches(text_type<ByteRate>(), "64MiB/s"));
  REQUIRE_FALSE(matches(text_type<ByteRate>(), "50Mbps"));
  REQUIRE(matches(text_type<EventRate>(), "1/day"));
  REQUIRE_FALSE(matches(text_type<EventRate>(), "1/week"));
  REQUIRE(matches(text_type<Ratio>(), "3/1000"));
  REQUIRE(matches(text_type<Ratio>(), "2.5%"));
  REQUIRE_FALSE(matches(text_type<Ratio>(), "1/0"));
  REQUIRE_FALSE(matches(text_type<Ratio>(), "0.5"));
  REQUIRE(matches(text_type<Lsn>(), "0/16B3748"));
  REQUIRE_FALSE(matches(text_type<Lsn>(), "16B3748"));
}

TEST_CASE("units_text: text_type reads, prints and bounds through plain pointers",
          "[base][units_text]") {
  const TextType& type = text_type<Duration>();
  Duration value = seconds(7);
  REQUIRE(type.parse("nonsense", &value) == std::string("a duration such as \"250ms\""));
  REQUIRE(value == seconds(7));
  REQUIRE_FALSE(type.parse("20ms", &value).has_value());
  REQUIRE(type.print(&value) == "20ms");
  REQUIRE(type.as_integer(&value) == 20'000'000);
  REQUIRE(type.print_integer(1'500'000'000) == "1.5s");
  REQUIRE(text_type<Lsn>().as_integer == nullptr);
}

TEST_CASE("units_text: short text has three significant digits", "[base][units_text]") {
  REQUIRE(to_short_text(Duration{0}) == "0s");
  REQUIRE(to_short_text(nanoseconds(83'214'567)) == "83.2ms");
  REQUIRE(to_short_text(nanoseconds(1'254'999'999)) == "1.25s");
  REQUIRE(to_short_text(nanoseconds(1'255'000'000)) == "1.26s");
  REQUIRE(to_short_text(nanoseconds(412'499)) == "412us");
  REQUIRE(to_short_text(nanoseconds(-412'499)) == "-412us");
  REQUIRE(to_short_text(milliseconds(20)) == "20ms");
  REQUIRE(to_short_text(seconds(150)) == "2.5min");
  REQUIRE(to_short_text(seconds(3'661)) == "1.02h");
  // 106751.99 days: whole digits are never dropped.
  REQUIRE(to_short_text(Duration::max()) == "106752d");
  REQUIRE(to_short_text(Duration{std::numeric_limits<std::int64_t>::min()}) == "-106752d");
}

TEST_CASE("units_text: short text that rounds up to the next unit is written in it",
          "[base][units_text]") {
  REQUIRE(to_short_text(nanoseconds(999'499)) == "999us");
  REQUIRE(to_short_text(nanoseconds(999'500)) == "1ms");
  REQUIRE(to_short_text(nanoseconds(999'999'999)) == "1s");
  REQUIRE(to_short_text(nanoseconds(59'949'999'999)) == "59.9s");
  REQUIRE(to_short_text(nanoseconds(59'950'000'000)) == "60s");
  REQUIRE(to_short_text(milliseconds(64'230)) == "64.2s");
  REQUIRE(to_short_text(nanoseconds(-119'499'999'999)) == "-119s");
  REQUIRE(to_short_text(seconds(120)) == "2min");
  REQUIRE(to_short_text(Bytes{1'023}) == "1023B");
  REQUIRE(to_short_text(Bytes{1'024 * 1'024 - 1}) == "1MiB");
  REQUIRE(to_short_text(kibibytes(1'536)) == "1.5MiB");
  REQUIRE(to_short_text(Bytes{0}) == "0B");
  REQUIRE(to_short_text(ByteRate{6'250'000}) == "50Mbit/s");
  REQUIRE(to_short_text(ByteRate{0}) == "0B/s");
}

}  // namespace longhaul
