#include <optional>
#include <string>
#include <vector>

#include "sim/distributions.h"
#include "tests/catch.h"

namespace longhaul {

namespace {

template <class T>
std::optional<T> parsed(const std::string& text) {
  T value;
  if (text_type<T>().parse(text, &value)) return std::nullopt;
  return value;
}

template <class T>
std::string printed(const T& value) {
  return text_type<T>().print(&value);
}

using D = DurationDistribution;

}  // namespace

TEST_CASE("distributions_text: each form means its distribution", "[sim][distributions_text]") {
  REQUIRE(parsed<D>("5ms") == D::constant(milliseconds(5)));
  REQUIRE(parsed<D>("uniform(1ms, 3ms)") == D::uniform(milliseconds(1), milliseconds(3)));
  REQUIRE(parsed<D>("exponential(5ms)") == D::exponential(milliseconds(5)));
  REQUIRE(parsed<D>("lognormal(median 5ms, p99 20ms)") ==
          D::lognormal(milliseconds(5), milliseconds(20)));
  REQUIRE(parsed<D>("empirical(p0 1ms, p50 2ms, p99.9 10ms, p100 50ms)") ==
          D::empirical({{{0}, milliseconds(1)},
                        {{500'000}, milliseconds(2)},
                        {{999'000}, milliseconds(10)},
                        {{1'000'000}, milliseconds(50)}}));
}

TEST_CASE("distributions_text: what is printed reads back as the same value",
          "[sim][distributions_text]") {
  for (const std::string text :
       {"0s", "5ms", "1.5s", "uniform(1ms, 3ms)", "uniform(0s, 0s)", "exponential(123ns)",
        "lognormal(median 5ms, p99 20ms)", "empirical(p0 0s, p100 0s)",
        "pareto(scale 2ms, shape 10)", "pareto(scale 0s, shape 0.000001)",
        "pareto_exponential(share 0.9122, scale 235us, shape 10, mean 600us)",
        "empirical(p0 1ms, p0.0001 1ms, p12.5 2ms, p99.9999 3ms, p100 30d)"}) {
    const auto value = parsed<D>(text);
    REQUIRE(value);
    REQUIRE(parsed<D>(printed(*value)) == value);
  }
  REQUIRE(printed(*parsed<D>("lognormal( median  5000us,p99 20ms )")) ==
          "lognormal(median 5ms, p99 20ms)");
  REQUIRE(printed(*parsed<D>("empirical(p0 1ms,p99.90 2ms,p100 2ms)")) ==
          "empirical(p0 1ms, p99.9 2ms, p100 2ms)");
}

TEST_CASE("distributions_text: anything else is refused and the value stays",
          "[sim][distributions_text]") {
  for (const std::string text :
       {"",
        "(",
        ")",
        "()",
        "5",
        "ms",
        "-5ms",
        "31d",
        "uniform",
        "uniform(1ms)",
        "uniform()",
        "uniform(3ms, 1ms)",
        "uniform(1ms, 2ms, 3ms)",
        "uniform(1ms, 2ms",
        "uniform(1ms, 2ms) ",
        "Uniform(1ms, 2ms)",
        "exponential(5)",
        "exponential(-1ms)",
        "lognormal(5ms, 20ms)",
        "lognormal(median 0s, p99 1s)",
        "lognormal(median 2s, p99 1s)",
        "lognormal(median5ms, p99 1s)",
        "lognormal(p99 1s, median 5ms)",
        "pareto(2ms, 10)",
        "pareto(scale 2ms, shape 0)",
        "pareto(scale 2ms)",
        "pareto_exponential(share 1, scale 2ms, shape 10, mean 5ms)",
        "pareto_exponential(share 0.5, scale 2ms, shape 10)",
        "pareto_exponential(scale 2ms, share 0.5, shape 10, mean 5ms)",
        "empirical(p0 1ms)",
        "empirical(p1 1ms, p100 2ms)",
        "empirical(p0 1ms, p99 2ms)",
        "empirical(p0 2ms, p100 1ms)",
        "empirical(p0 1ms, p100.1 2ms)",
        "empirical(p0 1ms, p50 2ms, p50 2ms, p100 3ms)",
        "empirical(p0 1ms, p. 2ms, p100 3ms)",
        "empirical(p0 1ms, p5x 2ms, p100 3ms)",
        "empirical(p0 1ms, p50.00001 2ms, p100 3ms)",
        "empirical(p0 1s, p1 1s, p2 1s, p3 1s, p4 1s, p5 1s, p6 1s, p7 1s, p100 1s)"}) {
    D value = D::constant(seconds(9));
    INFO(text);
    REQUIRE(text_type<D>().parse(text, &value));
    REQUIRE(value == D::constant(seconds(9)));
  }
}

TEST_CASE("distributions_text: skew: reads and prints both forms", "[sim][distributions_text]") {
  REQUIRE(parsed<RowSkew>("uniform") == RowSkew{});
  REQUIRE(parsed<RowSkew>("zipf(0.99)") == RowSkew{RowSkew::Kind::zipf, {990'000}});
  for (const std::string text : {"uniform", "zipf(0)", "zipf(0.99)", "zipf(1)", "zipf(1.000001)"}) {
    REQUIRE(printed(*parsed<RowSkew>(text)) == text);
  }
  for (const std::string text : {"", "zipf", "zipf()", "zipf(2)", "zipf(-1)", "zipf(0.9999999)",
                                 "zipf(.5)", "zipf(1.)", "zipf(0.9, 1)", "uniform()", "skew(1)"}) {
    INFO(text);
    REQUIRE_FALSE(parsed<RowSkew>(text));
  }
}

}  // namespace longhaul
