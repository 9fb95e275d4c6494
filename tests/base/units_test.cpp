#include "base/units.h"

#include <limits>
#include <stdexcept>

#include "tests/catch.h"

namespace longhaul {
namespace {

constexpr std::int64_t max = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t min = std::numeric_limits<std::int64_t>::min();

}  // namespace

TEST_CASE("units: division names its rounding on both sides of zero", "[base][units]") {
  REQUIRE(div_floor(7, 2) == 3);
  REQUIRE(div_floor(-7, 2) == -4);
  REQUIRE(div_ceil(7, 2) == 4);
  REQUIRE(div_ceil(-7, 2) == -3);
  REQUIRE(div_floor(6, 2) == 3);
  REQUIRE(div_ceil(6, 2) == 3);
  REQUIRE_THROWS_AS(div_floor(1, 0), std::logic_error);
  REQUIRE_THROWS_AS(div_ceil(1, -1), std::logic_error);
}

TEST_CASE("units: arithmetic that leaves 64 bits is a CHECK", "[base][units]") {
  REQUIRE(Duration{max - 1} + Duration{1} == Duration::max());
  REQUIRE_THROWS_AS(Duration{max} + Duration{1}, std::logic_error);
  REQUIRE_THROWS_AS(Duration{min} - Duration{1}, std::logic_error);
  REQUIRE_THROWS_AS(Duration{max} * 2, std::logic_error);
  REQUIRE_THROWS_AS(seconds(max / 1'000'000'000 + 1), std::logic_error);
  REQUIRE_THROWS_AS(narrow(static_cast<Int128>(max) + 1), std::logic_error);
  REQUIRE_THROWS_AS(narrow(static_cast<Int128>(min) - 1), std::logic_error);
}

TEST_CASE("units: transfer time rounds up to the next nanosecond", "[base][units]") {
  // 16 MiB = 16'777'216 B at 6'250'000 B/s are 2.68435456 s exactly.
  REQUIRE(transfer_time(mebibytes(16), {6'250'000}) == nanoseconds(2'684'354'560));
  // One byte at 3 B/s is a third of a second, 333'333'333.3 ns.
  REQUIRE(transfer_time({1}, {3}) == nanoseconds(333'333'334));
  // The product of size and nanoseconds passes 2^63 long before its quotient does.
  REQUIRE(transfer_time({max}, {1'000'000'000}) == Duration{max});
  REQUIRE_THROWS_AS(transfer_time({1}, {0}), std::logic_error);
}

TEST_CASE("units: the mean interval of a rate rounds down", "[base][units]") {
  REQUIRE(mean_interval(per_second(50)) == milliseconds(20));
  // Three a second: 333'333'333.3 ns.
  REQUIRE(mean_interval(per_second(3)) == nanoseconds(333'333'333));
  // A thousandth of an event a day: a thousand days.
  REQUIRE(mean_interval({1}) == seconds(86'400) * 1'000);
}

TEST_CASE("units: a distance in the log has a sign", "[base][units]") {
  REQUIRE(Lsn{300} - Lsn{100} == Bytes{200});
  REQUIRE(Lsn{100} - Lsn{300} == Bytes{-200});
  REQUIRE(Lsn{100} + Bytes{200} == Lsn{300});
  REQUIRE_THROWS_AS(Lsn{100} + Bytes{-1}, std::logic_error);
}

}  // namespace longhaul
