// Managed services: their published times, and what each may promote.
#include "policy/failover/managed.h"

#include <string>

#include "policy/failover/managed_presets.h"
#include "tests/catch.h"
#include "tests/policy/failover_host.h"
#include "tests/policy/failover_table_checks.h"

namespace longhaul {
namespace {

using Kind = FailoverActionKind;

const ManagedConfig& preset(std::string_view name) {
  for (const ManagedPreset& preset : managed_presets) {
    if (preset.name == name) return preset.config;
  }
  FAIL("no such preset: " << name);
  return managed_presets[0].config;
}

struct Story {
  std::vector<MemberInfo> members{
      {.region = 0, .starts_as_primary = true}, {.region = 0}, {.region = 1}};
  FailoverHost host{3};
  ManagedService service;

  explicit Story(const ManagedConfig& config, std::uint64_t luck = 1)
      : service(config, members, host.now, luck) {
    host.add(service, 16);
    host.run_for(seconds(7) + milliseconds(static_cast<std::int64_t>(luck * 997 % 60000)));
  }
};

}  // namespace

TEST_CASE("managed: table: rows, states and sentences", "[policy][failover]") {
  check_table(managed_table, ManagedState::watching);
}

TEST_CASE("managed: presets take as long as their providers state", "[policy][failover]") {
  struct Expected {
    std::string_view name;
    Duration least;
    Duration most;
    std::uint32_t promoted;
  };
  const Expected all[] = {
      {"rds_multi_az", seconds(50), seconds(120), 1},
      {"rds_multi_az_cluster", seconds(10), seconds(35), 1},
      {"cloud_sql_ha", seconds(60), seconds(120), 1},
      {"rds_cross_region_promote", minutes(4), minutes(31), 2},
      {"aurora_global_managed_failover", minutes(4), minutes(25), 2},
      {"alarm_and_lambda", minutes(3), minutes(15), 2},
      {"route53_health_check", seconds(60), seconds(160), 1},
  };
  for (const Expected& expected : all) {
    INFO(std::string(expected.name));
    for (std::uint64_t luck = 1; luck <= 30; ++luck) {
      Story story(preset(expected.name), luck);
      const TimePoint lost = story.host.now;
      story.host.lose(0);
      story.host.run_for(minutes(40));
      const LoggedAction* moved = story.host.first(Kind::move_clients);
      REQUIRE(moved != nullptr);
      REQUIRE(moved->action.member == MemberIndex{expected.promoted});
      REQUIRE(moved->at - lost >= expected.least);
      REQUIRE(moved->at - lost <= expected.most);
    }
  }
}

TEST_CASE("managed: presets: every range is ordered and every source says what is unverified",
          "[policy][failover]") {
  for (const ManagedPreset& preset : managed_presets) {
    INFO(std::string(preset.name));
    REQUIRE(is_ordered(preset.config.decide));
    REQUIRE(is_ordered(preset.config.operate));
    REQUIRE(is_ordered(preset.config.endpoint));
    REQUIRE(preset.source.find("unverified") != std::string_view::npos);
  }
}

TEST_CASE("managed: a switchover begins on order only and loses nothing", "[policy][failover]") {
  Story story(preset("aurora_global_switchover"));
  FailoverHost& host = story.host;
  host.stop_time = minutes(6);  // longer than any operation: the promotion has to wait for it
  host.cut(0, 16);
  host.run_for(minutes(10));
  REQUIRE(host.count(Kind::promote) == 0);
  host.heal();
  host.run_for(minutes(1));
  host.command(OperatorCommand::switchover, MemberIndex{2});
  host.run_for(minutes(30));
  REQUIRE(host.is_writable(2));
  REQUIRE(host.writable_count() == 1);
  REQUIRE(host.first(Kind::promote)->at - host.first(Kind::stop)->at >= minutes(6));
  // The old primary had nothing more than the new one began with, so it follows.
  REQUIRE_FALSE(host.servers[0].status.diverged);
  REQUIRE(host.servers[0].status.upstream == MemberIndex{2});
}

TEST_CASE("managed: a primary that is back before the decision stays", "[policy][failover]") {
  Story story(preset("aurora_global_managed_failover"));
  story.host.cut(0, 16);
  story.host.after(minutes(4), [&] { story.host.heal(); });
  story.host.run_for(minutes(60));
  // Either the decision took less than the minute that was left, or the attempt is given up.
  REQUIRE(story.host.count(Kind::promote) == 0);
  REQUIRE(story.host.first(Kind::refuse)->action.reason == FailoverReason::primary_back);
}

TEST_CASE("managed: nobody in the allowed region: refused until one is there",
          "[policy][failover]") {
  Story story(preset("rds_multi_az"));
  story.host.lose(0);
  story.host.lose(1);
  story.host.run_for(minutes(5));
  REQUIRE(story.host.count(Kind::promote) == 0);
  story.host.servers[1].host_up = true;
  story.host.run_for(minutes(5));
  REQUIRE(story.host.is_writable(1));
}

TEST_CASE("managed: a service that does not fence leaves a cut primary writing",
          "[policy][failover]") {
  for (const bool fences : {false, true}) {
    ManagedConfig config = preset("alarm_and_lambda");
    config.fences = fences;
    Story story(config);
    story.host.cut(0, 16);
    story.host.run_for(minutes(30));
    REQUIRE(story.host.writable_count() == (fences ? 1 : 2));
  }
}

}  // namespace longhaul
