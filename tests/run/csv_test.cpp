#include "run/csv.h"

#include "tests/catch.h"

using namespace longhaul;

namespace {

using Cells = std::vector<std::string>;

}  // namespace

TEST_CASE("csv: cells are trimmed and quotes keep commas, spaces and quotes", "[run][csv]") {
  const auto rows = read_csv("a , b,c\n\"x, y\",\" z \",\"say \"\"hi\"\"\"\n");
  REQUIRE(rows.size() == 2);
  REQUIRE(rows[0].cells == Cells{"a", "b", "c"});
  REQUIRE(rows[1].cells == Cells{"x, y", " z ", "say \"hi\""});
}

TEST_CASE("csv: rows know their line behind comments, blank lines and CRLF", "[run][csv]") {
  const auto rows = read_csv("\xef\xbb\xbf# mine\r\n\r\na,b\r\n  \nc,\r\n,");
  REQUIRE(rows.size() == 3);
  REQUIRE(rows[0].line == 3);
  REQUIRE(rows[0].cells == Cells{"a", "b"});
  REQUIRE(rows[1].line == 5);
  REQUIRE(rows[1].cells == Cells{"c", ""});
  REQUIRE(rows[2].line == 6);
  REQUIRE(rows[2].cells == Cells{"", ""});
}

TEST_CASE("csv: a missing quote spoils its own row only", "[run][csv]") {
  const auto rows = read_csv("\"a,b\nc,d\n");
  REQUIRE(rows.size() == 2);
  REQUIRE(rows[0].cells == Cells{"a,b"});
  REQUIRE(rows[1].cells == Cells{"c", "d"});
}
