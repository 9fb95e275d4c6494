// Connections: what opening one costs, who is refused, what waits, and that nothing leaks when the
// client gives up before the server.

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

// An app 100 ms (round trip) from the only server, where a statement takes 10 ms.
ClusterConfig far_app(Duration statement = milliseconds(10)) {
  ClusterConfig config = empty({"eu", "us"});
  link(config, "eu", "us", milliseconds(100));
  primary(config, "db", "eu").cpus = 100;
  app(config, "app", "us").pool.size = 1;
  rows(config, statement);
  config.policy.lag_breaker.enabled = false;
  return config;
}

std::uint32_t connections(const Cluster& cluster) { return cluster.world().nodes[0].connections; }

void require_at_rest(const World& world) {
  REQUIRE(world.free_requests.size() == world.requests.size());
  REQUIRE(world.free_connects.size() == world.connects.size());
  std::uint32_t open = 0;
  for (const Pool& pool : world.pools) {
    REQUIRE(pool.idle == pool.open);
    REQUIRE(pool.connecting == 0);
    open += pool.open;
  }
  REQUIRE(world.nodes[0].connections == open);
}

// Runs until `stop`, then lets what is under way end; no page begins any more.
void run_then_rest(Cluster& cluster, Duration stop, Duration rest) {
  run_checked(cluster, at(stop));
  World& world = cluster.world();
  Event event;
  while (world.scheduler.pop_until(at(stop + rest), event)) {
    if (static_cast<EventKind>(event.kind) == EventKind::page_due) continue;
    execute(world, event);
    REQUIRE(broken_invariant(world) == "");
  }
}

}  // namespace

TEST_CASE("pools: a connection costs its round trips once", "[models][pools]") {
  ClusterConfig config = far_app();
  users(config, "us", "us", 1, {read(3)}).think = always(seconds(1));
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(20)));
  // The first read waits 4 x 100 ms for its connection, all others nothing.
  const Histogram waits = all(cluster.world(), Metric::pool_wait);
  REQUIRE(waits.count() > 20);
  REQUIRE(waits.max() == milliseconds(400).ns);
  REQUIRE(waits.sum() == milliseconds(400).ns);
  // Round trip + 10 ms each, and the wait once.
  const Histogram reads = all(cluster.world(), Metric::read_latency);
  REQUIRE(reads.min() == milliseconds(110).ns);
  REQUIRE(reads.sum() == milliseconds(110).ns * reads.count() + milliseconds(400).ns);
  REQUIRE(connections(cluster) == 1);
}

TEST_CASE("pools: a connection takes what it took PostgreSQL 15", "[models][pools]") {
  // Measured at a round trip of 80.3 ms without TLS; the medians repeat within 1.5 ms. With TLS one
  // round trip more.
  struct Measured {
    Authentication authentication;
    SslMode sslmode;
    bool ssl;
    Duration takes;
  };
  const Duration rtt = microseconds(80'300);
  for (const Measured& measured : {
           Measured{Authentication::trust, SslMode::disable, false, microseconds(163'300)},
           Measured{Authentication::trust, SslMode::prefer, false, microseconds(243'500)},
           Measured{Authentication::scram, SslMode::disable, false, microseconds(331'100)},
           Measured{Authentication::scram, SslMode::prefer, false, microseconds(412'600)},
           Measured{Authentication::scram, SslMode::require, true, microseconds(492'900)},
           Measured{Authentication::trust, SslMode::disable, true, microseconds(163'300)},
       }) {
    ClusterConfig config = empty({"near", "far"});
    link(config, "near", "far", rtt);
    primary(config, "db", "far");
    rows(config, milliseconds(1));
    PoolConfig& pool = app(config, "app", "near").pool;
    pool.authentication = measured.authentication;
    pool.sslmode = measured.sslmode;
    config.postgres.ssl = measured.ssl;
    config.postgres.backend_start = PostgresConfig{}.backend_start;
    config.postgres.scram_computing = PostgresConfig{}.scram_computing;
    users(config, "us", "near", 1, {read()}).think = always(seconds(1));
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(seconds(5)));
    const Histogram takes = all(cluster.world(), Metric::connect_duration);
    REQUIRE(takes.count() == 1);
    REQUIRE(std::abs(takes.max() - measured.takes.ns) <= milliseconds(2).ns);
  }
}

TEST_CASE("pools: a cut while connecting: SYNs decide when it goes on", "[models][pools]") {
  // The way is cut until 4 s: SYNs after 1 and 3 s are lost, that after 7 s gets through. Four
  // round trips of 100 ms later there is a connection.
  ClusterConfig config = far_app();
  users(config, "us", "us", 1, {read()}).think = always(milliseconds(1));
  Cluster cluster = build(config, 1);
  for (std::uint32_t link = 0; link < config.links.size(); ++link) cut(cluster, link);
  run_checked(cluster, at(seconds(4)));
  for (std::uint32_t link = 0; link < config.links.size(); ++link) heal(cluster, link);
  run_checked(cluster, at(seconds(9)));
  REQUIRE(all(cluster.world(), Metric::connect_duration).max() == milliseconds(7'400).ns);
}

TEST_CASE("pools: max_connections: one slot more is refused", "[models][pools]") {
  // Three instances of one connection each want two slots: who comes last never gets one.
  ClusterConfig config = far_app();
  config.nodes[0].max_connections = 2;
  config.apps[0].instances = 3;
  users(config, "us", "us", 30, {read()}).think = always(seconds(1));
  Cluster cluster = build(config, 1);
  run_then_rest(cluster, seconds(20), seconds(60));
  REQUIRE(connections(cluster) == 2);
  const std::int64_t refused = errors(cluster.world(), ErrorKind::too_many_connections);
  REQUIRE(refused > 0);
  for (const ErrorKind kind : {ErrorKind::timeout, ErrorKind::pool_timeout, ErrorKind::pool_full,
                               ErrorKind::refused, ErrorKind::overload}) {
    REQUIRE(errors(cluster.world(), kind) == 0);
  }
  require_at_rest(cluster.world());
}

TEST_CASE("pools: as many slots as the pools want: nobody is refused", "[models][pools]") {
  ClusterConfig config = far_app();
  config.nodes[0].max_connections = 3;
  config.apps[0].instances = 3;
  users(config, "us", "us", 30, {read()}).think = always(seconds(1));
  Cluster cluster = build(config, 1);
  run_then_rest(cluster, seconds(20), seconds(60));
  REQUIRE(connections(cluster) == 3);
  REQUIRE(total(cluster.world(), Metric::errors) == 0);
  require_at_rest(cluster.world());
}

TEST_CASE("pools: wait_timeout: fails exactly then", "[models][pools]") {
  // One connection, statements of 2 s, two users: the second waits more than 500 ms.
  ClusterConfig config = far_app(seconds(2));
  config.apps[0].pool.wait_timeout = milliseconds(500);
  users(config, "us", "us", 2, {read()}).think = always(milliseconds(10));
  Cluster cluster = build(config, 1);
  run_then_rest(cluster, seconds(30), seconds(10));
  REQUIRE(errors(cluster.world(), ErrorKind::pool_timeout) > 5);
  REQUIRE(errors(cluster.world(), ErrorKind::pool_timeout) ==
          total(cluster.world(), Metric::errors));
  REQUIRE(all(cluster.world(), Metric::pool_wait).max() == milliseconds(500).ns);
  require_at_rest(cluster.world());
}

TEST_CASE("pools: queue: who finds it full fails at once", "[models][pools]") {
  // One is served, one may queue, so of three users one always finds the queue full. Nobody's wait
  // of at most 2 s + 400 ms + 100 ms reaches the default time-out of 30 s.
  ClusterConfig config = far_app(seconds(2));
  config.apps[0].pool.queue = 1;
  users(config, "us", "us", 3, {read()}).think = always(milliseconds(100));
  Cluster cluster = build(config, 1);
  run_then_rest(cluster, seconds(30), seconds(30));
  REQUIRE(errors(cluster.world(), ErrorKind::pool_full) > 5);
  REQUIRE(errors(cluster.world(), ErrorKind::pool_full) == total(cluster.world(), Metric::errors));
  require_at_rest(cluster.world());
}

TEST_CASE("pools: statement_timeout: the write commits all the same, the page fails once",
          "[models][pools]") {
  // A write takes 1 s + 100 ms + 2 ms of flush; the app gives up after 300 ms.
  ClusterConfig config = far_app(seconds(1));
  config.apps[0].statement_timeout = milliseconds(300);
  users(config, "us", "us", 1, {write()}).think = always(seconds(5));
  Cluster cluster = build(config, 1);
  run_then_rest(cluster, seconds(21), seconds(10));
  const World& world = cluster.world();
  // Every page failed, once; every commit record (200 + 60 + 40 bytes) is in the log, and the
  // running transactions (56 bytes) of 15 s and 30 s.
  const std::int64_t pages = errors(world, ErrorKind::timeout);
  REQUIRE(pages >= 3);
  REQUIRE(total(world, Metric::writes) == 0);
  REQUIRE(world.nodes[0].flushed == Lsn{first_lsn} + Bytes{300} * pages + Bytes{2 * 56});
  REQUIRE(all(world, Metric::page_latency).count() == static_cast<std::uint64_t>(pages));
  // The client closed each connection, so the server has none left; no page is left either.
  REQUIRE(connections(cluster) == 0);
  require_at_rest(world);
}

TEST_CASE("pools: statement_timeout: the server keeps the slot until it is done",
          "[models][pools]") {
  // Each write holds its slot for 10 s, the client tries again after 300 + 1000 ms: of 3 slots none
  // is left soon, and further clients are told so.
  ClusterConfig config = far_app(seconds(10));
  config.nodes[0].max_connections = 3;
  config.apps[0].statement_timeout = milliseconds(300);
  users(config, "us", "us", 1, {write()}).think = always(seconds(1));
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(8)));
  REQUIRE(connections(cluster) == 3);
  REQUIRE(errors(cluster.world(), ErrorKind::timeout) == 3);
  REQUIRE(errors(cluster.world(), ErrorKind::too_many_connections) > 0);
  run_then_rest(cluster, seconds(9), seconds(60));
  require_at_rest(cluster.world());
  REQUIRE(connections(cluster) == 0);
}

TEST_CASE("pools: who tries again elsewhere waits there, and the pool of a lost node recovers",
          "[models][pools][retries]") {
  // The near replica is away from 10 s to 70 s. Who has waited there for 5 s goes to the primary.
  ClusterConfig config = empty({"eu", "us"});
  link(config, "eu", "us", milliseconds(100));
  primary(config, "db", "us");
  replica(config, "near", "eu", "db");
  app(config, "app", "eu").pool.size = 5;
  config.apps[0].pool.wait_timeout = seconds(5);
  config.apps[0].statement_timeout = seconds(1);
  rows(config, milliseconds(1));
  config.policy.retries = {.attempts = 2, .base = milliseconds(100)};
  users(config, "eu", "eu", 200, {read(2)}).rate = per_second(50);
  FaultConfig loss;
  loss.kind = FaultKind::node_loss;
  loss.node = "near";
  loss.at = seconds(10);
  loss.lasts = seconds(60);
  config.faults = {loss};
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(90)));
  const std::int64_t failed = total(cluster.world(), Metric::errors);
  run_checked(cluster, at(seconds(150)));
  REQUIRE(total(cluster.world(), Metric::errors) == failed);
  REQUIRE(cluster.world().pools[1].open > 0);
}

}  // namespace longhaul
