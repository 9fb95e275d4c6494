// Silent connections, a reconnect herd and a cold cache: what clients meet after a failover.

#include "models/app/dead_connections.h"

#include "models/pg/promotion.h"
#include "models/pg/server.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId a{0}, b{1};

// An app 100 ms from its only server, with one connection and drivers without time-outs.
ClusterConfig patient_app(Duration statement) {
  ClusterConfig config = empty({"eu", "us"});
  link(config, "eu", "us", milliseconds(100));
  primary(config, "db-a", "us");
  AppConfig& own = app(config, "app", "eu");
  own.pool.size = 1;
  own.statement_timeout = minutes(60 * 24);
  config.policy.lag_breaker.enabled = false;
  rows(config, statement);
  users(config, "user", "eu", 1, {read()}).think = always(seconds(1));
  config.duration = minutes(60 * 6);
  return config;
}

// From the loss of the host at 10 s to the first error.
Duration hangs_for(const ClusterConfig& config) {
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(10)));
  stop_server(cluster.world(), a, Liveness::vanished);
  for (TimePoint now = at(seconds(10)); now < at(minutes(60 * 5)); now = now + milliseconds(200)) {
    advance(cluster, now);
    if (errors(cluster.world(), ErrorKind::server_down) > 0) return now - at(seconds(10));
  }
  return Duration::max();
}

}  // namespace

TEST_CASE("dead_connections: the kernel's time-outs, by hand", "[models][dead_connections]") {
  // 7200 + 9 x 75 = 7875 s; tcp_retries2 = 15: 0.2 x (2^10 - 1) + 6 x 120 = 924.6 s.
  TcpConfig tcp;
  NetworkConfig network;
  network.retransmit_min = milliseconds(200);
  network.retransmit_max = seconds(120);
  network.retransmits_max = 15;
  REQUIRE(keepalive_end(tcp) == seconds(7875));
  REQUIRE(unacknowledged_end(tcp, network) == milliseconds(924'600));
  tcp.keepalives_idle = seconds(30);
  tcp.keepalives_interval = seconds(10);
  tcp.keepalives_count = 3;
  REQUIRE(keepalive_end(tcp) == seconds(60));
  // With tcp_user_timeout the first probe at or after it decides, at least one.
  tcp.user_timeout = seconds(45);
  REQUIRE(keepalive_end(tcp) == seconds(50));
  REQUIRE(unacknowledged_end(tcp, network) == seconds(45));
  tcp.user_timeout = seconds(5);
  REQUIRE(keepalive_end(tcp) == seconds(40));
  tcp.keepalives = false;
  REQUIRE(keepalive_end(tcp) == Duration::max());
}

TEST_CASE("dead_connections: sent into the void: 924 s, or tcp_user_timeout",
          "[models][dead_connections]") {
  // The user's next page comes within a second and some, so its statement is never acknowledged.
  ClusterConfig config = patient_app(milliseconds(1));
  const Duration kernel = hangs_for(config);
  REQUIRE(kernel >= milliseconds(924'600));
  REQUIRE(kernel <= milliseconds(926'600));
  config.apps[0].tcp.user_timeout = seconds(20);
  const Duration told = hangs_for(config);
  REQUIRE(told >= seconds(20));
  REQUIRE(told <= seconds(22));
}

TEST_CASE("dead_connections: acknowledged and unanswered: keepalives decide",
          "[models][dead_connections]") {
  // A statement that takes an hour is on the server when its host is lost.
  ClusterConfig config = patient_app(minutes(60));
  const Duration kernel = hangs_for(config);
  REQUIRE(kernel >= seconds(7875));
  REQUIRE(kernel <= seconds(7877));
  config.apps[0].tcp.keepalives_idle = seconds(30);
  config.apps[0].tcp.keepalives_interval = seconds(10);
  config.apps[0].tcp.keepalives_count = 3;
  const Duration tuned = hangs_for(config);
  REQUIRE(tuned >= seconds(60));
  REQUIRE(tuned <= seconds(62));
  config.apps[0].tcp.keepalives = false;
  REQUIRE(hangs_for(config) == Duration::max());
}

TEST_CASE("dead_connections: a socket time-out that is shorter comes first",
          "[models][dead_connections]") {
  ClusterConfig config = patient_app(milliseconds(1));
  config.apps[0].statement_timeout = seconds(5);
  config.apps[0].tcp.user_timeout = seconds(20);
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(10)));
  stop_server(cluster.world(), a, Liveness::vanished);
  advance(cluster, at(seconds(18)));
  REQUIRE(errors(cluster.world(), ErrorKind::timeout) == 1);
  REQUIRE(errors(cluster.world(), ErrorKind::server_down) == 0);
}

TEST_CASE("dead_connections: a cut that ends in time costs a retransmission and no connection",
          "[models][dead_connections]") {
  // The request is swallowed and gets through when it is sent again; the answer comes long after
  // tcp_user_timeout, which counts what is not acknowledged.
  ClusterConfig config = patient_app(seconds(30));
  config.apps[0].tcp.user_timeout = seconds(10);
  Cluster cluster = build(config, 1);
  cut(cluster, 0);
  cut(cluster, 1);
  advance(cluster, at(seconds(3)));
  heal(cluster, 0);
  heal(cluster, 1);
  advance(cluster, at(seconds(300)));
  REQUIRE(total(cluster.world(), Metric::errors) == 0);
  REQUIRE(total(cluster.world(), Metric::reads) >= 5);
}

TEST_CASE("dead_connections: idle connections to a lost host are closed by keepalives",
          "[models][dead_connections]") {
  ClusterConfig config = patient_app(milliseconds(1));
  config.workload[0].ends = seconds(9);
  config.apps[0].tcp.keepalives_idle = seconds(30);
  config.apps[0].tcp.keepalives_interval = seconds(10);
  config.apps[0].tcp.keepalives_count = 3;
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(10)));
  stop_server(cluster.world(), a, Liveness::vanished);
  run_checked(cluster, at(milliseconds(69'900)));
  REQUIRE(cluster.world().pools[0].open == 1);
  run_checked(cluster, at(milliseconds(70'100)));
  REQUIRE(cluster.world().pools[0].open == 0);
}

TEST_CASE("reconnect herd: a new primary with too few slots refuses the rest",
          "[models][dead_connections]") {
  // Thirty instances leave a server that took all of them for one with 20 slots, so ten get none.
  // Those that were refused (53300) come again with the next page.
  ClusterConfig config = empty({"us"});
  primary(config, "db-a", "us").max_connections = 200;
  replica(config, "db-b", "us", "db-a").max_connections = 20;
  AppConfig& own = app(config, "app", "us");
  own.instances = 30;
  own.pool.size = 5;
  own.connect.by = FindPrimary::multi_host;
  config.policy.lag_breaker.enabled = false;
  rows(config, milliseconds(50));
  config.nodes[0].cpus = config.nodes[1].cpus = 200;
  users(config, "users", "us", 400, {write()}).think = always(milliseconds(300));
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  advance(cluster, at(seconds(20)));
  REQUIRE(world.node(a).connections > 30);
  REQUIRE(errors(world, ErrorKind::too_many_connections) == 0);
  stop_server(world, a, Liveness::stopped);
  REQUIRE(promote(world, b));
  advance(cluster, at(seconds(40)));
  REQUIRE(world.node(b).is_primary);
  REQUIRE(world.node(b).connections == 20);
  REQUIRE(errors(world, ErrorKind::too_many_connections) > 0);
}

TEST_CASE("cold_cache: a standby that served nothing is slow at first and warms up",
          "[models][cold_cache]") {
  // 5 x 1 ms at first; after n rows 1 + 4 x (1 - 1/100)^n: below 1.01 ms after 600 of them.
  for (const bool served : {false, true}) {
    ClusterConfig config = empty({"us"});
    primary(config, "db-a", "us");
    replica(config, "db-b", "us", "db-a");
    config.postgres.cold_cache = ColdCacheConfig{percent(500), 100};
    AppConfig& own = app(config, "app", "us");
    own.connect.by = FindPrimary::multi_host;
    config.policy.lag_breaker.enabled = false;
    config.policy.router.use_replica_reads = served;
    rows(config, milliseconds(1));
    users(config, "user", "us", 1, {read()}).think = always(milliseconds(9));
    Cluster cluster = build(config, 1);
    World& world = cluster.world();
    advance(cluster, at(seconds(10)));
    REQUIRE((world.node(b).cold == 0) == served);
    if (served) continue;
    stop_server(world, a, Liveness::stopped);
    REQUIRE(promote(world, b));
    advance(cluster, at(seconds(12)));
    const Histogram reads = all(world, Metric::read_latency);
    REQUIRE(reads.max() >= milliseconds(5).ns);
    REQUIRE(world.node(b).cold < (std::uint64_t{1} << 32) / 2);
    advance(cluster, at(seconds(30)));
    REQUIRE(world.node(b).cold < 1000);
  }
}

}  // namespace longhaul
