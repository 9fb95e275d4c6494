#include "base/result.h"

#include <stdexcept>

#include "tests/catch.h"

namespace longhaul {

TEST_CASE("result: an error names place, value, what was expected and the nearest",
          "[base][result]") {
  Error error{.file = "x.json",
              .line = 12,
              .column = 7,
              .path = "topology.nodes.db-eu.follows",
              .value = "\"db-uss\"",
              .expected = "the name of another node",
              .nearest = "db-us"};
  REQUIRE(to_text(error) ==
          "x.json:12:7: topology.nodes.db-eu.follows: \"db-uss\"; expected the name of another "
          "node; did you mean \"db-us\"?");
}

TEST_CASE("result: parts of an error that are not known leave no trace", "[base][result]") {
  REQUIRE(to_text(Error{.file = "x.json", .value = "empty"}) == "x.json: empty");
  REQUIRE(to_text(Error{.file = "x.json", .line = 3, .value = "\"5\""}) == "x.json:3: \"5\"");
  REQUIRE(to_text(Error{.path = "duration", .value = "\"5\"", .expected = "a duration"}) ==
          "duration: \"5\"; expected a duration");
  REQUIRE(to_text(Error{.path = "duration", .expected = "a duration"}) ==
          "duration: expected a duration");
}

TEST_CASE("result: the value of a failure is a programmer's mistake", "[base][result]") {
  Result<int> good = 5;
  Result<int> bad = Error{.value = "x"};
  REQUIRE(good.ok());
  REQUIRE(good.value() == 5);
  REQUIRE_FALSE(bad.ok());
  REQUIRE(bad.errors().size() == 1);
  REQUIRE_THROWS_AS(bad.value(), std::logic_error);
  REQUIRE_THROWS_AS(Result<int>(std::vector<Error>{}), std::logic_error);
}

TEST_CASE("nearest_of: a slip of the keyboard is found", "[base][result]") {
  std::vector<std::string> keys{"lag_breaker", "router", "freshness", "read_your_writes"};
  REQUIRE(nearest_of("lag_braker", keys) == "lag_breaker");
  REQUIRE(nearest_of("ruoter", keys) == "router");
  REQUIRE(nearest_of("freshnes", keys) == "freshness");
  REQUIRE(nearest_of("router", keys) == "router");
  REQUIRE(nearest_of("read_yuor_writse", keys) == "read_your_writes");
}

TEST_CASE("nearest_of: a different word is not", "[base][result]") {
  std::vector<std::string> keys{"eu", "us", "router"};
  REQUIRE(nearest_of("latency", keys).empty());
  REQUIRE(nearest_of("", keys).empty());
  // One edit of one letter would turn any name into any other.
  REQUIRE(nearest_of("x", {"y"}).empty());
  REQUIRE(nearest_of("router", {}).empty());
  // Six letters allow two edits: "route" and "routers" are near, "rotate!" is three away.
  REQUIRE(nearest_of("rooutr", {"router"}) == "router");
  REQUIRE(nearest_of("rowing", {"router"}).empty());
}

TEST_CASE("nearest_of: the closest wins and a tie goes to the first", "[base][result]") {
  REQUIRE(nearest_of("db-ux", {"db-usx", "db-us", "db-uk"}) == "db-usx");
  REQUIRE(nearest_of("close_abovx", {"open_above", "close_above"}) == "close_above");
}

TEST_CASE("nearest_of: a very long word costs nothing", "[base][result]") {
  std::string word(1'000'000, 'a');
  REQUIRE(nearest_of(word, {word + "a"}).empty());
}

}  // namespace longhaul
