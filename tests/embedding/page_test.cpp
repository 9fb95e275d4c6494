// The code on the page is the code that is built.
#include <fstream>
#include <sstream>
#include <string>

#include "tests/catch.h"

namespace longhaul {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(std::string(LONGHAUL_ROOT) + "/" + path, std::ios::binary);
  REQUIRE(file.is_open());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("embedding: docs/embedding.md shows the files that are built", "[embedding]") {
  const std::string page = text_of("docs/embedding.md");
  for (const char* file :
       {"tests/embedding/probe.h", "tests/embedding/guards.h", "tests/embedding/service.h"}) {
    INFO(file);
    REQUIRE(page.find("```cpp\n" + text_of(file) + "```\n") != std::string::npos);
  }
}

}  // namespace longhaul
