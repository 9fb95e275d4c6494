#include "run/claims.h"

#include <map>

#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

// Claims on tiny_scenario: pages of Ireland with a replica beside them, 20 ms of last mile. Reads
// take 0.6 ms, a write 69.6 ms + 0.4 of jitter + 0.5 of service + 1 of flush.
Result<std::vector<ClaimResult>> judged(const std::string& figures, const std::string& rest = "") {
  const std::string claims = R"({"claims": [{"name": "one", "claim": "It is so.", "figures": [)" +
                             figures + "]" + rest + "}]}";
  return judge_claims("dir/claims.json", {{.jobs = 1}, nullptr},
                      [&](const std::string& path) -> Result<std::string> {
                        if (path == "dir/claims.json") return claims;
                        REQUIRE(path == "dir/tiny.json");
                        return tiny_scenario;
                      });
}

const std::string read = R"({"what": "read", "scenario": "tiny.json", )"
                         R"("metric": "page_latency{page:show}", "value": "med", )";
const std::string write = R"({"what": "write", "scenario": "tiny.json", )"
                          R"("metric": "page_latency{page:save}", "value": "med", )";

TEST_CASE("claims: the verdict follows from the figures", "[run][claims]") {
  const auto verdict = [](const std::string& figures, const std::string& rest = "") {
    return judged(figures, rest).value().front().verdict;
  };
  const std::string right = read + R"("at_least": "20ms", "at_most": "22ms"})";
  const std::string too_low = read + R"("at_most": "20ms"})";
  REQUIRE(verdict(right) == ClaimVerdict::reproduced);
  REQUIRE(verdict(too_low) == ClaimVerdict::refuted);
  REQUIRE(verdict(right + "," + too_low) == ClaimVerdict::refuted);
  const std::string assumed = R"(, "assumption": "of reading", "assumed": [)";
  REQUIRE(verdict(too_low, assumed + right + "]") == ClaimVerdict::under_assumption);
  REQUIRE(verdict(too_low, assumed + too_low + "]") == ClaimVerdict::refuted);
  REQUIRE(verdict(right, assumed + too_low + "]") == ClaimVerdict::reproduced);
}

TEST_CASE("claims: one figure as a share of another", "[run][claims]") {
  // 20.6 of 91.5 ms: 22.5 %.
  const auto result = [](const std::string& bound) {
    return judged(write.substr(0, write.size() - 2) + "}," + read + R"("of": "write", )" + bound +
                  "}")
        .value()
        .front();
  };
  REQUIRE(result(R"("at_most": "24%")").verdict == ClaimVerdict::reproduced);
  REQUIRE(result(R"("at_most": "21%")").verdict == ClaimVerdict::refuted);
  REQUIRE(result(R"("at_least": "21%")").verdict == ClaimVerdict::reproduced);
}

TEST_CASE("claims: pages are shown with where their time goes", "[run][claims]") {
  const ClaimResult claim = judged(write + R"("at_most": "1s"})").value().front();
  REQUIRE(claim.figures.size() == 1);
  REQUIRE(claim.figures[0].claimed == "at most 1s");
  REQUIRE(claim.figures[0].pages.size() == 1);
  const std::string& page = claim.figures[0].pages[0];
  REQUIRE(page.starts_with("aws:eu-west-1 / save: "));
  REQUIRE(page.find("legs 1 x 69.6ms to db-us") != std::string::npos);
  REQUIRE(claims_markdown({claim}).find("| It is so. | **reproduced** |") != std::string::npos);
}

TEST_CASE("claims: what is wrong with a claim is said", "[run][claims]") {
  REQUIRE(!judged(read + R"("of": "nothing"})"));
  REQUIRE(!judged(read + R"("at_most": "22 bananas"})"));
  REQUIRE(!judged(read + R"("value": "avg"})"));  // twice
  REQUIRE(
      !judged(R"({"what": "x", "scenario": "tiny.json", "metric": "nothing", "value": "avg"})"));
}

}  // namespace
}  // namespace longhaul
