#include "run/text_table.h"

#include "tests/catch.h"

namespace longhaul {

TEST_CASE("text_table: the first and marked columns are left, the others right", "[run][text]") {
  TextTable table({"NAME", "count", "<where", "time"});
  table.row({"a", "1", "here", "10ms"});
  table.row({"long-name", "1,000", "x", "1s"});
  // The first column is as wide as "  long-name", which is indented below its title.
  REQUIRE(table.text(false) ==
          "NAME         count  where  time\n"
          "  a              1  here   10ms\n"
          "  long-name  1,000  x        1s\n");
}

TEST_CASE("text_table: the last lines of titles stand side by side", "[run][text]") {
  TextTable table({"", "<writes from\nhome", "lost"});
  table.row({"a", "yes", "1"});
  REQUIRE(table.text(false) ==
          "     writes from\n     home         lost\n  a  yes             1\n");
}

TEST_CASE("text_table: no line ends with a space and short rows are fine", "[run][text]") {
  TextTable table({"", "<", "<"});
  table.row({"ok", "b", ""});
  table.row({"ok"});
  REQUIRE(table.text(false) == "  ok  b\n  ok\n");
}

TEST_CASE("text_table: characters count, not bytes", "[run][text]") {
  TextTable table({"CITY", "<"});
  table.row({"Zürich", "1"});
  table.row({"Berlin", "2"});
  REQUIRE(table.text(false) == "CITY\n  Zürich  1\n  Berlin  2\n");
}

TEST_CASE("text_table: colour adds codes around words and changes nothing else", "[run][text]") {
  TextTable table({"A", "b"});
  table.row({{"x", Tone::bad}, {"7", Tone::good}});
  const std::string coloured = table.text(true);
  REQUIRE(coloured ==
          "\x1b[1mA\x1b[0m    \x1b[2mb\x1b[0m\n  \x1b[1;31mx\x1b[0m  \x1b[32m7\x1b[0m\n");
  std::string stripped;
  for (std::size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b')
      i = coloured.find('m', i);
    else
      stripped += coloured[i];
  }
  REQUIRE(stripped == table.text(false));
}

TEST_CASE("text_table: wrapped breaks at spaces and indents what follows", "[run][text]") {
  REQUIRE(wrapped("one two three", 7, 2) == "one two\n  three");
  REQUIRE(wrapped("unbreakable words", 5, 0) == "unbreakable\nwords");
  REQUIRE(wrapped("", 5, 0).empty());
}

}  // namespace longhaul
