#include "run/site_loss.h"

#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

SiteLossRequest request(std::vector<SiteKind> kinds, bool breaker = true) {
  SiteLossRequest result;
  result.kinds = std::move(kinds);
  result.lasts.fill(seconds(40));
  result.watch = seconds(40);
  result.seeds = {1, 2};
  result.jobs = 2;
  result.load = [breaker](const std::vector<std::string>& sets) -> Result<Scenario> {
    std::vector<std::string> all{"topology.apps.app-eu.statement_timeout=1s"};
    if (!breaker) all.emplace_back("policy.lag_breaker.enabled=false");
    all.insert(all.end(), sets.begin(), sets.end());
    return load_tiny(all);
  };
  result.run = [](const Scenario& scenario, std::uint64_t seed, EventObserver& observer) {
    RunOptions options;
    options.observer = &observer;
    return std::optional<RunResult>(run(scenario, seed, options));
  };
  return result;
}

const SiteLine& line(const SiteLoss& table, const std::string& lost) {
  for (const SiteLine& found : table.lines) {
    if (found.what.name == lost) return found;
  }
  throw std::logic_error("no such case");
}

}  // namespace

TEST_CASE("site_loss: each host, region, link and direction once", "[run][site_loss]") {
  // Two regions with a server each: no pair, and no zone that is not its region.
  const SiteLossRequest all;
  const std::vector<SiteCase> cases = site_cases(load_tiny(), all.kinds);
  std::vector<std::string> names;
  for (const SiteCase& one : cases) {
    names.push_back(std::string(name_of(one.kind)) + " " + one.name);
  }
  REQUIRE(names == std::vector<std::string>{"host db-us", "host db-eu", "region aws:us-east-1",
                                            "region aws:eu-west-1", "isolated aws:us-east-1",
                                            "isolated aws:eu-west-1",
                                            "link aws:us-east-1 - aws:eu-west-1",
                                            "one_way aws:us-east-1 > aws:eu-west-1",
                                            "one_way aws:eu-west-1 > aws:us-east-1"});
  // A second zone is one, for it is not all of its region; so is the first.
  const std::vector<SiteCase> zones =
      site_cases(load_tiny({"topology.nodes.db-us.zone=b"}), {SiteKind::zone});
  REQUIRE(zones.size() == 2);
}

// Nothing would see an outage, and every loss would pass for harmless.
TEST_CASE("site_loss: a scenario without a canary is refused", "[run][site_loss]") {
  SiteLossRequest blind = request({SiteKind::host});
  blind.load = [](const std::vector<std::string>& sets) -> Result<Scenario> {
    std::vector<std::string> all{"canary=0/s"};
    all.insert(all.end(), sets.begin(), sets.end());
    return load_tiny(all);
  };
  const Result<SiteLoss> table = make_site_loss(blind);
  REQUIRE_FALSE(table);
  REQUIRE(table.errors().front().path == "canary");
}

TEST_CASE("site_loss: without a manager writes wait for the primary, and reads do not",
          "[run][site_loss]") {
  const SiteLoss table = make_site_loss(request({SiteKind::host})).value();
  REQUIRE(table.regions == std::vector<std::string>{"aws:eu-west-1"});
  // The lag breaker would keep the replica out as soon as nothing new arrives there.
  const SiteLoss admitted = make_site_loss(request({SiteKind::host}, false)).value();
  const SiteLine& primary = line(table, "db-us");
  REQUIRE(primary.worst(0) == WriteFate::waited);
  REQUIRE(primary.count(0, WriteFate::waited) == 2);
  REQUIRE(primary.runs[0].regions[0].out > seconds(39));
  // Writes time out after a second and their sessions go on to read.
  REQUIRE(primary.reads_ppm(0).value() == 0);
  REQUIRE(line(admitted, "db-us").reads_ppm(0).value() > 900'000);
  const SiteLine& replica = line(table, "db-eu");
  REQUIRE(replica.worst(0) == WriteFate::unharmed);
  REQUIRE(replica.runs[0].regions[0].out == Duration{});
  REQUIRE(replica.reads_ppm(0).value() > 900'000);  // from the primary
  REQUIRE(primary.split_max() == Duration{});
}

TEST_CASE("site_loss: users of a lost region are gone, and a deleted primary is stuck",
          "[run][site_loss]") {
  const SiteLoss table = make_site_loss(request({SiteKind::region, SiteKind::data_lost})).value();
  const SiteLine& europe = line(table, "aws:eu-west-1");
  REQUIRE(europe.gone[0]);
  REQUIRE(europe.worst(0) == WriteFate::waited);
  REQUIRE(europe.worst() == WriteFate::unharmed);  // of nobody else
  REQUIRE(europe.reads_ppm(0).value() == 0);
  const SiteLine& deleted = line(table, "db-us");
  REQUIRE(deleted.worst(0) == WriteFate::stuck);
  REQUIRE(deleted.count(0, WriteFate::stuck) == 2);
  REQUIRE(conclusion(table).find("Somebody has to act: data_lost db-us") != std::string::npos);
}

TEST_CASE("site_loss: the number of threads changes nothing", "[run][site_loss]") {
  SiteLossRequest one = request({SiteKind::host, SiteKind::one_way});
  one.jobs = 1;
  const std::string single = site_loss_json(make_site_loss(one).value());
  const std::string several =
      site_loss_json(make_site_loss(request({SiteKind::host, SiteKind::one_way})).value());
  REQUIRE(single == several);
  const nlohmann::json parsed = nlohmann::json::parse(single);
  REQUIRE(parsed["cases"].size() == 4);
  REQUIRE(parsed["cases"][0]["regions"][0]["writes"] == "waited");
}

}  // namespace longhaul
