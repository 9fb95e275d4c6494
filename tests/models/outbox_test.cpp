// Writes that a page leaves behind: in a queue, or on their way while the page goes home.
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr Duration rtt = milliseconds(80);

CallConfig queued() {
  CallConfig call;
  call.enqueue = "rows";
  return call;
}

// The app here, the primary 80 ms away; each write takes 1 ms and an fsync of 2 ms.
ClusterConfig far_primary(std::vector<CallConfig> calls, EventRate rate) {
  ClusterConfig config = empty({"here", "there"});
  link(config, "here", "there", rtt);
  primary(config, "db", "there").cpus = 8;
  AppConfig& here = app(config, "app", "here");
  here.statement_timeout = seconds(1);
  here.pool.wait_timeout = seconds(1);
  here.pool.connect_timeout = seconds(1);
  rows(config, milliseconds(1));
  users(config, "us", "here", 50, std::move(calls)).rate = rate;
  return config;
}

FaultConfig app_crash(Duration when, Duration lasts, std::optional<std::int64_t> instance) {
  FaultConfig fault;
  fault.kind = FaultKind::app_crash;
  fault.app = "app";
  fault.at = when;
  fault.lasts = lasts;
  fault.instance = instance;
  return fault;
}

std::int64_t items(const World& world) {
  return world.measures.counter_at(Metric::outbox_lost, 0).population;
}

}  // namespace

TEST_CASE("outbox: a page costs what its queue costs, the write comes later", "[models][outbox]") {
  // Direct: round trip, statement, fsync (the pool is warm but for the first). In memory nothing,
  // in a local store a sync of 1 ms, in a broker there a round trip and a sync.
  struct Row {
    QueueKind kind;
    Duration page;
  };
  for (const Row& row : {Row{QueueKind::memory, {}}, Row{QueueKind::local, milliseconds(1)},
                         Row{QueueKind::broker, rtt + milliseconds(1)}}) {
    ClusterConfig config = far_primary({queued()}, per_second(5));
    config.apps[0].outbox.kind = row.kind;
    if (row.kind == QueueKind::broker) config.apps[0].outbox.broker = "there";
    Cluster cluster = build(config, 7);
    run_checked(cluster, at(seconds(60)));
    const World& world = cluster.world();
    REQUIRE(all(world, Metric::page_latency).min() == row.page.ns);
    REQUIRE(all(world, Metric::page_latency).max() == row.page.ns);
    REQUIRE(items(world) > 200);
    REQUIRE(total(world, Metric::outbox_lost) == 0);
    // Committed half a round trip, a statement and an fsync after its turn.
    REQUIRE(all(world, Metric::outbox_delay).min() == rtt.ns / 2 + 3'000'000);
    REQUIRE(all(world, Metric::outbox_delay).count() + 20 >
            static_cast<std::uint64_t>(items(world)));
  }
}

TEST_CASE("outbox: a cut fills the queue at the rate of the writes, then it drains",
          "[models][outbox]") {
  // 5 items a second for 20 s of a cut are 100; one at a time, 83 ms each, drain 12 a second.
  ClusterConfig config = far_primary({queued()}, per_second(5));
  config.apps[0].outbox.alert_depth = 50;
  config.apps[0].outbox.alert_for = seconds(3);
  CallConfig keyed = queued();
  keyed.idempotency_key = true;
  config.workload[0].pages[0].calls = {keyed};
  Cluster cluster = build(config, 7);
  run_checked(cluster, at(seconds(20)));
  for (const std::uint32_t link : {0u, 1u}) cut(cluster, link);
  run_checked(cluster, at(seconds(40)));
  const World& world = cluster.world();
  REQUIRE(world.outbox_watches[0].depth == Approx(100).margin(25));
  for (const std::uint32_t link : {0u, 1u}) heal(cluster, link);
  run_checked(cluster, at(seconds(95)));
  REQUIRE(world.outbox_watches[0].depth <= 3);
  REQUIRE(total(world, Metric::outbox_alerts) == 1);
  REQUIRE(total(world, Metric::outbox_lost) == 0);
  REQUIRE(total(world, Metric::outbox_reordered) == 0);
  REQUIRE(total(world, Metric::duplicate_writes) == 0);
  REQUIRE(total(world, Metric::errors) == 0);
}

TEST_CASE("outbox: capacity: fail tells the user, block makes them wait", "[models][outbox]") {
  for (const WhenFull when_full : {WhenFull::fail, WhenFull::block}) {
    // 30 a second against 12: a queue of 20 is full all the time.
    ClusterConfig config = far_primary({queued()}, per_second(30));
    config.apps[0].outbox.capacity = 20;
    config.apps[0].outbox.when_full = when_full;
    Cluster cluster = build(config, 7);
    run_checked(cluster, at(seconds(60)));
    const World& world = cluster.world();
    REQUIRE(items(world) == Approx(60 * 1000.0 / 83).epsilon(0.06));
    REQUIRE(errors(world, ErrorKind::outbox_full) == Approx(60 * (30 - 12)).epsilon(0.1));
    const std::int64_t longest = all(world, Metric::page_latency).max();
    REQUIRE(longest == (when_full == WhenFull::block ? seconds(1).ns : 0));
  }
}

TEST_CASE("outbox: a crash loses what is in memory and nothing else", "[models][outbox]") {
  // Cut from 10 s on, crash at 30 s for 10 s, all is well from 50 s on. In memory the 100 of 20 s
  // are lost.
  for (const QueueKind kind : {QueueKind::memory, QueueKind::local, QueueKind::broker}) {
    CallConfig keyed = queued();
    keyed.idempotency_key = true;
    ClusterConfig config = far_primary({keyed}, per_second(5));
    config.apps[0].outbox.kind = kind;
    if (kind == QueueKind::broker) config.apps[0].outbox.broker = "here";
    config.faults.push_back(app_crash(seconds(30), seconds(10), std::nullopt));
    config.workload[0].ends = seconds(80);
    Cluster cluster = build(config, 7);
    run_checked(cluster, at(seconds(10)));
    for (const std::uint32_t link : {0u, 1u}) cut(cluster, link);
    run_checked(cluster, at(seconds(50)));
    for (const std::uint32_t link : {0u, 1u}) heal(cluster, link);
    run_checked(cluster, at(seconds(110)));
    const World& world = cluster.world();
    INFO("kind " << static_cast<int>(kind));
    REQUIRE(world.outbox_watches[0].depth == 0);
    REQUIRE(errors(world, ErrorKind::app_down) == Approx(50).margin(25));
    REQUIRE(total(world, Metric::duplicate_writes) == 0);
    if (kind == QueueKind::memory) {
      REQUIRE(total(world, Metric::outbox_lost) == Approx(100).margin(25));
    } else {
      REQUIRE(total(world, Metric::outbox_lost) == 0);
    }
    const auto committed = static_cast<std::int64_t>(all(world, Metric::outbox_delay).count());
    REQUIRE(committed + total(world, Metric::outbox_lost) == items(world));
  }
}

TEST_CASE("outbox: a broker's queue is drained by those that are up", "[models][outbox]") {
  ClusterConfig config = far_primary({queued()}, per_second(5));
  config.apps[0].instances = 3;
  config.apps[0].outbox.kind = QueueKind::broker;
  config.apps[0].outbox.broker = "here";
  config.faults.push_back(app_crash(seconds(10), seconds(30), 0));
  config.faults.push_back(app_crash(seconds(20), seconds(30), 1));
  Cluster cluster = build(config, 7);
  run_checked(cluster, at(seconds(60)));
  const World& world = cluster.world();
  // The balancer sends pages to those that are up; only pages in the processes fail.
  REQUIRE(errors(world, ErrorKind::app_down) <= 2);
  REQUIRE(world.outbox_watches[0].depth <= 3);
  REQUIRE(all(world, Metric::outbox_delay).max() < seconds(2).ns);
}

TEST_CASE("outbox: several in flight may overtake one another on a row, one may not",
          "[models][outbox]") {
  for (const std::int64_t in_flight : {1, 8}) {
    ClusterConfig config = far_primary({queued()}, per_second(8));
    config.data[0].rows = {2};
    config.apps[0].outbox.in_flight = in_flight;
    config.network.retransmits_max = 1;  // what a cut swallows is soon given up
    Cluster cluster = build(config, 7);
    for (int i = 0; i < 12; ++i) {  // cuts of 300 ms
      run_checked(cluster, at(seconds(5 * i + 5)));
      cut(cluster, 0);
      run_checked(cluster, at(milliseconds(5000 * i + 5300)));
      heal(cluster, 0);
    }
    run_checked(cluster, at(seconds(80)));
    const std::int64_t reordered = total(cluster.world(), Metric::outbox_reordered);
    if (in_flight == 1) REQUIRE(reordered == 0);
    if (in_flight == 8) REQUIRE(reordered > 0);
  }
}

TEST_CASE("outbox: optimistic: the page saves the round trip and sometimes lies",
          "[models][outbox]") {
  for (const bool optimistic : {false, true}) {
    CallConfig call = write();
    call.optimistic = optimistic;
    ClusterConfig config = far_primary({call}, per_second(5));
    Cluster cluster = build(config, 7);
    run_checked(cluster, at(seconds(30)));
    cut(cluster, 0);
    run_checked(cluster, at(seconds(50)));
    heal(cluster, 0);
    run_checked(cluster, at(seconds(80)));
    cluster.finish();
    const World& world = cluster.world();
    if (optimistic) {
      REQUIRE(all(world, Metric::page_latency).max() == 0);
      REQUIRE(total(world, Metric::errors) == 0);
      // 5 a second for 20 s found no connection, but for the few that were sent: they arrive later.
      REQUIRE(total(world, Metric::optimistic_lies) == Approx(100).margin(25));
      REQUIRE(all(world, Metric::write_latency).min() == 83'000'000);
    } else {
      REQUIRE(all(world, Metric::page_latency).min() == 83'000'000);
      REQUIRE(total(world, Metric::optimistic_lies) == 0);
      REQUIRE(total(world, Metric::errors) > 70);
    }
  }
}

TEST_CASE("outbox: app_crash: pages fail, pools are empty, then all is as before",
          "[models][outbox]") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    ClusterConfig config = far_primary({read(2), write()}, per_second(100));
    config.apps[0].instances = 2;
    config.apps[0].pool.size = 40;
    config.faults.push_back(app_crash(seconds(10), seconds(5), 1));
    config.faults.push_back(app_crash(seconds(20), seconds(5), std::nullopt));
    Cluster cluster = build(config, seed);
    run_checked(cluster, at(milliseconds(10'001)));
    const World& world = cluster.world();
    // About 50 pages a second of 0.25 s each are in one instance.
    REQUIRE(errors(world, ErrorKind::app_down) == Approx(12).margin(10));
    REQUIRE(world.pools[1].open == 0);
    run_checked(cluster, at(seconds(19)));
    REQUIRE(errors(world, ErrorKind::app_down) < 25);
    run_checked(cluster, at(seconds(24)));
    REQUIRE(errors(world, ErrorKind::app_down) == Approx(400 + 36).epsilon(0.15));
    run_checked(cluster, at(seconds(40)));
    const std::int64_t before = total(world, Metric::errors);
    run_checked(cluster, at(seconds(50)));
    REQUIRE(total(world, Metric::errors) == before);
    cluster.finish();
    REQUIRE(total(world, Metric::in_doubt_transactions) > 0);
  }
}

TEST_CASE("outbox: throttle: writes wait while a replica lags", "[models][outbox]") {
  // Replay is paused from 10 s to 20 s: the lag passes 1 s at about 11 s, and every write waits
  // its 500 ms until a probe has seen the end of it.
  ClusterConfig config = far_primary({write()}, per_second(20));
  replica(config, "near", "here", "db");
  config.apps[0].lag_source = LagSource::replay_timestamp_unless_caught_up;
  config.policy.write_throttle.above = seconds(1);
  config.policy.write_throttle.wait_max = milliseconds(500);
  FaultConfig pause;
  pause.kind = FaultKind::pause_replay;
  pause.node = "near";
  pause.at = seconds(10);
  pause.lasts = seconds(10);
  config.faults.push_back(pause);
  Cluster cluster = build(config, 7);
  run_checked(cluster, at(seconds(40)));
  const World& world = cluster.world();
  REQUIRE(total(world, Metric::throttled_writes) == Approx(20 * 9.5).epsilon(0.2));
  REQUIRE(all(world, Metric::throttle_wait).max() == milliseconds(500).ns);
  REQUIRE(all(world, Metric::write_latency).max() < seconds(1).ns);
  REQUIRE(total(world, Metric::errors) == 0);
}

}  // namespace longhaul
