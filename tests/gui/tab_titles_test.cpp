// Titles of designs in little room.
#include "gui/model/tab_titles.h"

#include "tests/catch.h"

using namespace longhaul;

namespace {

std::function<bool(const std::string&)> up_to(std::size_t bytes) {
  return [bytes](const std::string& text) { return text.size() <= bytes; };
}

}  // namespace

TEST_CASE("tab titles: variants are told apart however little room there is", "[gui]") {
  const std::vector<std::string> titles{"three_regions", "three_regions_b", "three_regions_c"};
  const std::size_t alike = common_beginning(titles);
  REQUIRE(alike == 13);
  CHECK(cut_title(titles[1], alike, up_to(15)) == "three_regions_b");
  CHECK(cut_title(titles[0], alike, up_to(10)) == "three_r...");
  CHECK(cut_title(titles[1], alike, up_to(10)) == "three..._b");
  CHECK(cut_title(titles[2], alike, up_to(5)) == "..._c");
  CHECK(cut_title(titles[2], alike, up_to(4)).empty());
}

TEST_CASE("tab titles: what is not alike is cut at its end", "[gui]") {
  const std::vector<std::string> titles{"flagship", "single_region"};
  REQUIRE(common_beginning(titles) == 0);
  CHECK(cut_title(titles[1], 0, up_to(9)) == "single...");
  CHECK(common_beginning({"alone"}) == 0);
}

TEST_CASE("tab titles: a letter of two bytes stays whole", "[gui]") {
  // "ü" and "ö" begin with the same byte.
  const std::size_t alike = common_beginning({"gr\xc3\xbcn", "gr\xc3\xb6\xc3\x9f"});
  CHECK(alike == 2);
  CHECK(cut_title("gr\xc3\xbcnlich", 0, up_to(6)) == "gr...");
}

TEST_CASE("tab titles: a name that differs at its end is cut in its middle", "[gui]") {
  CHECK(cut_middle("shoppers/17#42", up_to(14)) == "shoppers/17#42");
  // Ten bytes are three dots and seven, of which the larger half is the beginning.
  CHECK(cut_middle("shoppers/17#42", up_to(10)) == "shop...#42");
  CHECK(cut_middle("shoppers/17#42", up_to(5)) == "s...2");
  CHECK(cut_middle("shoppers/17#42", up_to(4)).empty());
  // "ü" has two bytes: neither half of it is shown.
  CHECK(cut_middle("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", up_to(7)) == "\xc3\xbc...\xc3\xbc");
}

TEST_CASE("tab titles: of a path the end is what it is about", "[gui]") {
  CHECK(cut_beginning("topology.links[0].bandwidth", up_to(27)) == "topology.links[0].bandwidth");
  CHECK(cut_beginning("topology.links[0].bandwidth", up_to(21)) == "...links[0].bandwidth");
  CHECK(cut_beginning("bandwidth", up_to(3)).empty());
}

TEST_CASE("tab titles: they share the room, and the active one has it where that is little",
          "[gui]") {
  using Widths = std::vector<float>;
  // 300 less twice 90 are 120 for two.
  CHECK((title_widths(300, 2, 1, 90, 40) == Widths{60, 60}));
  // 300 less three times 90 are 30: ten for each are less than 40.
  CHECK((title_widths(300, 3, 1, 90, 40) == Widths{0, 30, 0}));
  CHECK((title_widths(300, 4, 1, 90, 40) == Widths{0, 0, 0, 0}));
  CHECK(title_widths(300, 0, 0, 90, 40).empty());
}
