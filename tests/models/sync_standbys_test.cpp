#include "models/pg/sync_standbys.h"

#include <string>
#include <vector>

#include "tests/catch.h"

namespace longhaul {

namespace {

struct Good {
  std::string text;
  SyncStandbys expected;
};

std::optional<Lsn> confirmed(SyncMethod method, std::uint32_t count,
                             std::vector<SyncCandidate> candidates) {
  return confirmed_position(method, count, candidates);
}

}  // namespace

TEST_CASE("sync_standbys: parse: what PostgreSQL accepts", "[models][sync_standbys]") {
  const std::vector<Good> table = {
      {"", {}},
      {" \t ", {}},
      {"a", {SyncMethod::first, 1, {"a"}}},
      {"a, b", {SyncMethod::first, 1, {"a", "b"}}},
      {"*", {SyncMethod::first, 1, {"*"}}},
      {"FIRST 2 (a, b, c)", {SyncMethod::first, 2, {"a", "b", "c"}}},
      {"first 1(a)", {SyncMethod::first, 1, {"a"}}},
      {"  Any  2\t( eu_1 ,us-2 )  ", {SyncMethod::any, 2, {"eu_1", "us-2"}}},
      {"ANY 1 (*)", {SyncMethod::any, 1, {"*"}}},
      // More than there are names: it parses, and no commit is ever confirmed.
      {"ANY 3 (a, b)", {SyncMethod::any, 3, {"a", "b"}}},
      // A name may begin with a key word.
      {"first_1, anything", {SyncMethod::first, 1, {"first_1", "anything"}}},
  };
  for (const Good& good : table) {
    CAPTURE(good.text);
    REQUIRE(parse_sync_standbys(good.text) == good.expected);
  }
}

TEST_CASE("sync_standbys: parse: what does not parse", "[models][sync_standbys]") {
  const std::vector<std::string> table = {
      "FIRST",
      "ANY",
      "FIRST 1",
      "FIRST (a)",
      "FIRST 0 (a)",
      "FIRST -1 (a)",
      "FIRST 1.5 (a)",
      "FIRST two (a, b)",
      "FIRST 1 a",
      "FIRST 1 ()",
      "FIRST 1 (a",
      "FIRST 1 a)",
      "FIRST 1 (a,)",
      "FIRST 1 (a b)",
      "FIRST 1 (a) b",
      "FIRST 1 (a), b",
      "FIRST1 (a)",
      "ANY 1 (a, a)",
      "a, a",
      "a,",
      ",a",
      "a b",
      "(a)",
      "a; b",
      "a, , b",
      "ANY 99999999999999 (a)",
  };
  for (const std::string& text : table) {
    CAPTURE(text);
    REQUIRE(parse_sync_standbys(text) == std::nullopt);
  }
}

TEST_CASE("sync_standbys: FIRST: the slowest of those that come first decides",
          "[models][sync_standbys]") {
  // In the list: a at 300, b at 100, c at 500, given here in another order.
  const std::vector<SyncCandidate> standbys = {
      {2, true, {500}, 0}, {0, true, {300}, 1}, {1, true, {100}, 2}};
  REQUIRE(confirmed(SyncMethod::first, 1, standbys) == Lsn{300});  // a
  REQUIRE(confirmed(SyncMethod::first, 2, standbys) == Lsn{100});  // a, b: min(300, 100)
  REQUIRE(confirmed(SyncMethod::first, 3, standbys) == Lsn{100});  // all
}

TEST_CASE("sync_standbys: FIRST: the next in the list stands in for one that is gone",
          "[models][sync_standbys]") {
  const std::vector<SyncCandidate> standbys = {
      {0, false, {900}, 0}, {1, true, {400}, 1}, {2, true, {200}, 2}};
  REQUIRE(confirmed(SyncMethod::first, 1, standbys) == Lsn{400});  // b in place of a
  REQUIRE(confirmed(SyncMethod::first, 2, standbys) == Lsn{200});  // b, c: min(400, 200)
}

TEST_CASE("sync_standbys: ANY: the n-th largest position", "[models][sync_standbys]") {
  // Positions from the largest: 500, 300, 300, 100. Priorities do not matter.
  const std::vector<SyncCandidate> standbys = {
      {0, true, {100}, 0}, {1, true, {300}, 1}, {2, true, {500}, 2}, {3, true, {300}, 3}};
  REQUIRE(confirmed(SyncMethod::any, 1, standbys) == Lsn{500});
  REQUIRE(confirmed(SyncMethod::any, 2, standbys) == Lsn{300});
  REQUIRE(confirmed(SyncMethod::any, 3, standbys) == Lsn{300});
  REQUIRE(confirmed(SyncMethod::any, 4, standbys) == Lsn{100});
}

TEST_CASE("sync_standbys: ANY: one that is gone does not count, however far it was",
          "[models][sync_standbys]") {
  const std::vector<SyncCandidate> standbys = {
      {0, false, {900}, 0}, {1, true, {400}, 1}, {2, true, {200}, 2}};
  REQUIRE(confirmed(SyncMethod::any, 1, standbys) == Lsn{400});
  REQUIRE(confirmed(SyncMethod::any, 2, standbys) == Lsn{200});
}

TEST_CASE("sync_standbys: too few: nothing is confirmed", "[models][sync_standbys]") {
  const std::vector<SyncCandidate> standbys = {
      {0, false, {900}, 0}, {1, true, {400}, 1}, {2, true, {200}, 2}};
  for (const SyncMethod method : {SyncMethod::first, SyncMethod::any}) {
    REQUIRE(confirmed(method, 2, standbys).has_value());
    REQUIRE(confirmed(method, 3, standbys) == std::nullopt);
    REQUIRE(confirmed(method, 1, {}) == std::nullopt);
    REQUIRE(confirmed(method, 1, {{0, false, {900}, 0}}) == std::nullopt);
  }
}

TEST_CASE("sync_standbys: *: among equal priorities the order decides", "[models][sync_standbys]") {
  // All have priority 0. FIRST 1 (*) takes the one of order 3 (at 200), FIRST 2 (*) adds that of
  // order 5 (at 100); ANY takes the largest, 900.
  const std::vector<SyncCandidate> standbys = {
      {0, true, {900}, 7}, {0, true, {100}, 5}, {0, true, {200}, 3}};
  REQUIRE(confirmed(SyncMethod::first, 1, standbys) == Lsn{200});
  REQUIRE(confirmed(SyncMethod::first, 2, standbys) == Lsn{100});
  REQUIRE(confirmed(SyncMethod::any, 1, standbys) == Lsn{900});
}

}  // namespace longhaul
