// The background run of a design: its result is that of `longhaul run`, and its cursor stands where
// a run up to there would.
#include "gui/model/run_session.h"

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "tests/catch.h"

namespace longhaul {
namespace {

std::shared_ptr<const Scenario> shipped(const std::string& name,
                                        const std::vector<std::string>& sets = {}) {
  Result<Scenario> scenario =
      load_scenario(std::string(LONGHAUL_ROOT) + "/scenarios/" + name, {.sets = sets});
  REQUIRE(scenario);
  return std::make_shared<const Scenario>(std::move(scenario).value());
}

template <class Condition>
void wait_until(Condition condition) {
  const auto began = std::chrono::steady_clock::now();
  while (!condition()) {
    REQUIRE(std::chrono::steady_clock::now() - began < std::chrono::minutes(2));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void wait_for_end(const RunSession& session) {
  wait_until([&] { return !session.working(); });
}

const char* const failover = "patterns/three_regions_with_failover.json";
const std::vector<std::string> short_run{"duration=2min"};

TEST_CASE("run session: its report is that of a plain run, to the byte", "[gui]") {
  const auto scenario = shipped(failover, short_run);
  RunSession session;
  session.start(scenario, 3);
  wait_for_end(session);
  const auto view = session.view();
  REQUIRE(view);
  REQUIRE(view->complete());
  const RunResult alone = run(*scenario, 3);
  CHECK(view->result->digest == alone.digest);
  CHECK(report_json(*view->report) == report_json(make_report(*scenario, alone)));
}

// The cut isolates nobody from Virginia's own users, so from the promotion at 110 s until Virginia
// is stopped at 290 s there are two primaries.
TEST_CASE("scene: the old one of two primaries is marked", "[gui]") {
  const auto scenario = shipped("drills/cut_where_somebody_fails_over.json", {});
  Cluster run = build_run(*scenario, 1);
  const auto replaced_at = [&](Duration at) {
    run.run_until(TimePoint{} + at);
    std::vector<std::string> names;
    for (const SceneNode& node : scene_of(run.world()).nodes) {
      if (node.replaced && node.liveness == Liveness::up) names.push_back(node.name);
    }
    return names;
  };
  REQUIRE(replaced_at(seconds(100)).empty());
  REQUIRE(replaced_at(seconds(150)) == std::vector<std::string>{"db-us"});
}

TEST_CASE("run session: the cursor stands where a run up to there would", "[gui]") {
  const auto scenario = shipped(failover, short_run);
  RunSession session;
  session.start(scenario, 1);
  wait_for_end(session);
  // On, back, and on again: each from another copy of the world.
  for (const std::int64_t s : {70, 20, 21, 119, 64}) {
    const TimePoint instant = TimePoint{} + seconds(s);
    session.seek(instant);
    wait_for_end(session);
    Cluster direct = build_run(*scenario, 1);
    direct.run_until(instant);
    const Scene wanted = scene_of(direct.world());
    const auto scene = session.scene();
    REQUIRE(scene);
    CHECK(scene->now == instant);
    CHECK(scene->events == wanted.events);
    REQUIRE(scene->nodes.size() == wanted.nodes.size());
    for (std::size_t i = 0; i < wanted.nodes.size(); ++i) {
      CHECK(scene->nodes[i].position == wanted.nodes[i].position);
      CHECK(scene->nodes[i].primary == wanted.nodes[i].primary);
      CHECK(scene->nodes[i].lag == wanted.nodes[i].lag);
    }
  }
}

TEST_CASE("run session: one event on and one back is the same place", "[gui]") {
  RunSession session;
  session.start(shipped(failover, short_run), 1);
  wait_for_end(session);
  session.seek(TimePoint{} + seconds(30));
  wait_for_end(session);
  const Scene there = *session.scene();
  session.seek_event(there.events + 1);
  wait_for_end(session);
  CHECK(session.scene()->events == there.events + 1);
  CHECK(session.scene()->now > there.now);
  session.seek_event(there.events);
  wait_for_end(session);
  CHECK(session.scene()->events == there.events);
  CHECK(session.scene()->last_event == there.last_event);
  session.seek_event(0);
  wait_for_end(session);
  CHECK(session.scene()->events == 0);
  CHECK(session.scene()->now == TimePoint{});
}

TEST_CASE("run session: a range from the warm-up to the end has the figures of the report",
          "[gui]") {
  const auto scenario = shipped(failover, short_run);
  RunSession session;
  session.start(scenario, 1);
  wait_for_end(session);
  const auto view = session.view();
  session.measure(TimePoint{} + scenario->config.warmup, view->end);
  wait_for_end(session);
  const auto range = session.range();
  REQUIRE(range);
  REQUIRE(range->rows.size() == view->report->regions.size());
  for (const RegionReport& region : view->report->regions) {
    for (const RangeRow& row : range->rows) {
      if (row.region != region.region) continue;
      CHECK(row.reads.count == region.read_latency.count);
      CHECK(row.reads.p95 == region.read_latency.p95);
      CHECK(row.pages.count == region.pages.count);
      CHECK(row.pages.med == region.pages.med);
      CHECK(row.pages.p99 == region.pages.p99);
      CHECK(row.stale_reads == region.stale_reads.count);
      CHECK(row.errors == region.page_errors);
    }
  }
  // Two halves count as much as the whole.
  const TimePoint middle = TimePoint{} + seconds(75);
  session.measure(TimePoint{} + scenario->config.warmup, middle);
  wait_for_end(session);
  const auto first = session.range();
  session.measure(middle, view->end);
  wait_for_end(session);
  for (std::size_t i = 0; i < range->rows.size(); ++i) {
    CHECK(first->rows[i].pages.count + session.range()->rows[i].pages.count ==
          range->rows[i].pages.count);
  }
}

TEST_CASE("run session: the newest start wins, and nobody waits for the others", "[gui]") {
  RunSession session;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    session.start(shipped("patterns/three_regions_read_replicas.json"), seed);
  }
  wait_for_end(session);
  REQUIRE(session.view()->complete());
  CHECK(session.view()->seed == 20);
  CHECK(session.view()->number == session.started());
}

TEST_CASE("run session: a run that is cancelled keeps what is known", "[gui]") {
  RunSession session;
  session.start(shipped("patterns/three_regions_read_replicas.json", {"duration=24h"}), 1);
  wait_until([&] { return session.view() && session.view()->reached > TimePoint{}; });
  session.cancel();
  wait_for_end(session);
  CHECK_FALSE(session.running());
  CHECK_FALSE(session.view()->complete());
  CHECK_FALSE(session.view()->series.at.empty());
  CHECK(session.view()->series.at.back() <= session.view()->reached);
}

TEST_CASE("run session: after a cancelled run the cursor still moves over what is known", "[gui]") {
  RunSession session;
  session.start(shipped("patterns/three_regions_read_replicas.json", {"duration=24h"}), 1);
  wait_until([&] { return session.view() && session.view()->reached > TimePoint{}; });
  session.cancel();
  wait_for_end(session);
  const TimePoint instant{session.view()->reached.ns / 2};
  session.seek(instant);
  wait_for_end(session);
  REQUIRE(session.scene());
  CHECK(session.scene()->now == instant);
  // A run that is cancelled before it has begun leaves nothing to wait for.
  session.start(shipped(failover, short_run), 1);
  session.cancel();
  wait_for_end(session);
  CHECK_FALSE(session.running());
}

TEST_CASE("run session: a session that is closed in the middle of a run ends at once", "[gui]") {
  const auto began = std::chrono::steady_clock::now();
  {
    RunSession session;
    session.start(shipped("patterns/three_regions_read_replicas.json", {"duration=24h"}), 1);
    wait_until([&] { return session.view() != nullptr; });
  }
  // A day takes minutes.
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(30));
}

TEST_CASE("run session: the worst request is found and explained", "[gui]") {
  RunSession session;
  session.start(shipped(failover, short_run), 1);
  wait_for_end(session);
  FindOptions slowest_only;
  slowest_only.kinds = {FoundKind::slowest};
  session.find(slowest_only);
  wait_for_end(session);
  const auto found = session.found();
  REQUIRE(found);
  CHECK(found->digest == session.view()->result->digest);
  REQUIRE_FALSE(found->kinds.front().worst.empty());
  const FoundRequest& slowest = found->kinds.front().worst.front();
  session.follow(slowest.id);
  wait_for_end(session);
  REQUIRE(session.followed());
  CHECK(session.followed()->id == slowest.id);
  CHECK(session.followed()->took == slowest.took);
}

}  // namespace
}  // namespace longhaul
