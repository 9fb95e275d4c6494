#include "run/manual.h"

#include <sstream>

#include "tests/catch.h"
#include "tests/run/sample_config.h"

using namespace longhaul;
using sample::Config;

namespace {

struct Nested {
  std::vector<Nested> inner;
  bool flag = false;

  static const FieldTable& fields() {
    static const FieldTable table =
        field_table<Nested>("nested", {field<&Nested::flag>("flag").about("A flag."),
                                       field<&Nested::inner>("inner").about("More of the same.")});
    return table;
  }
};

}  // namespace

TEST_CASE("manual: a parameter shows type, default, bounds, meaning and source", "[run][manual]") {
  REQUIRE(
      manual_text(Config::fields(), "nodes.NAME.pool.wait") ==
      "nodes.NAME.pool.wait  duration, default \"250ms\", from 1ms to 1min\n"
      "    How long a request waits for a connection before it gives up. Source of the default: "
      "a guess for\n"
      "    tests.\n");
  REQUIRE(manual_text(Config::fields(), "nodes.NAME.role") ==
          "nodes.NAME.role  primary | replica | witness, required\n"
          "    What it does.\n"
          "      primary: Takes writes.\n"
          "      replica: Follows another node.\n"
          "      witness: Only votes.\n");
  REQUIRE(manual_text(Config::fields(), "nodes.NAME.follows") ==
          "nodes.NAME.follows  text, default none\n"
          "    Where its WAL comes from. Only with role \"replica\".\n");
  REQUIRE(manual_text(Config::fields(), "calls[N].read") ==
          "calls[N].read  text, default none\n"
          "    Set of rows to read. Exactly one of \"read\" or \"write\".\n");
}

TEST_CASE("manual: every field of every table appears once and fits the terminal",
          "[run][manual]") {
  const std::string text = manual_text(Config::fields());
  std::istringstream lines(text);
  int headings = 0;
  for (std::string line; std::getline(lines, line);) {
    REQUIRE(line.size() <= 100);
    headings += !line.empty() && line[0] != ' ' ? 1 : 0;
  }
  // Config 12, Node 4, Pool 2, Call 3, Freshness 3.
  REQUIRE(headings == 24);
}

TEST_CASE("manual: a path that does not exist has no manual", "[run][manual]") {
  REQUIRE(manual_text(Config::fields(), "nodez").empty());
  REQUIRE(manual_text(Config::fields(), "node").empty());
  REQUIRE(manual_markdown(Config::fields(), "node").empty());
}

TEST_CASE("manual: a table that contains itself is written once", "[run][manual]") {
  REQUIRE(manual_text(Nested::fields()) ==
          "flag  true or false, default false\n    A flag.\n\n"
          "inner  list: nested, default none\n    More of the same.\n");
}

TEST_CASE("manual: the Markdown form has a table for each object", "[run][manual]") {
  const std::string text = manual_markdown(Config::fields(), "freshness");
  REQUIRE(
      text ==
      "## sample\n\n"
      "| parameter | type | default | bounds | meaning |\n|---|---|---|---|---|\n"
      "| `freshness` | freshness rule |  |  | Own writes. |\n\n"
      "## `freshness`\n\n"
      "| parameter | type | default | bounds | meaning |\n|---|---|---|---|---|\n"
      "| `freshness.rule` | primary_only \\| wait_for_token \\| stick | `\"primary_only\"` |  | "
      "How users see their own writes. |\n"
      "| `freshness.wait` | duration | `\"50ms\"` |  | Longest wait for a replica. Only with "
      "rule \"wait_for_token\". |\n"
      "| `freshness.pin` | duration | required |  | Time at the primary. Only with rule "
      "\"stick\". |\n");
}
