// PgBouncer between an application and its servers, and pools whose connections age: who waits, who
// fails, and when connections lead elsewhere after the primary has moved.

#include "models/app/pgbouncer.h"

#include "models/app/find_primary.h"
#include "models/pg/promotion.h"
#include "models/pg/server.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId a{0}, b{1};

// An app 100 ms (round trip) from a primary and its standby; a login takes 400 ms. Its PgBouncer
// goes by a name.
ClusterConfig far_pair(Duration statement = milliseconds(1)) {
  ClusterConfig config = empty({"eu", "us"});
  link(config, "eu", "us", milliseconds(100));
  primary(config, "db-a", "us").cpus = 100;
  replica(config, "db-b", "us", "db-a").cpus = 100;
  AppConfig& own = app(config, "app", "eu");
  own.pgbouncer.emplace();
  own.connect.by = FindPrimary::dns;
  own.connect.ttl = seconds(1);
  own.statement_timeout = seconds(2);
  own.lag_source = LagSource::replay_lag_bytes;
  config.policy.lag_breaker.enabled = false;
  rows(config, statement);
  return config;
}

// Users who ask for something that belongs on the primary a second after the last answer.
void ask_the_primary(ClusterConfig& config, std::int64_t sessions, Duration think = seconds(1)) {
  CallConfig call = read();
  call.max_staleness = Duration{};
  users(config, "user", "eu", sessions, {call}).think = always(think);
}

PgBouncerConfig& pgbouncer(ClusterConfig& config) { return *config.apps[0].pgbouncer; }

std::int64_t reads(const Cluster& cluster, NodeId node) {
  const World& world = cluster.world();
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < world.measures.cells(Metric::reads); ++i) {
    if (world.measures.labels_of(Metric::reads, i)[1] != node.value) continue;
    sum += world.measures.counter_at(Metric::reads, i).count;
  }
  return sum;
}

std::uint32_t connections(const Cluster& cluster, NodeId node) {
  return cluster.world().node(node).connections;
}

// The primary ends `how` and at the same moment the standby is on its way to be one; the record
// follows at once.
void lose_primary(Cluster& cluster, Duration when, Liveness how) {
  advance(cluster, at(when));
  stop_server(cluster.world(), a, how);
  REQUIRE(promote(cluster.world(), b));
  move_clients(cluster.world(), GroupId{0}, b);
}

// The old primary lives on as a standby.
void swap_roles(Cluster& cluster, Duration when) {
  advance(cluster, at(when - seconds(1)));
  REQUIRE(promote(cluster.world(), b));
  advance(cluster, at(when));
  cluster.world().node(a).is_primary = false;
  move_clients(cluster.world(), GroupId{0}, b);
}

// When the first read reaches a node, by tenths of a second; checks every invariant on the way.
TimePoint first_read(Cluster& cluster, NodeId node, Duration within) {
  const TimePoint from = cluster.world().now();
  for (TimePoint now = from; now < from + within; now = now + milliseconds(100)) {
    run_checked(cluster, now);
    if (reads(cluster, node) > 0) return now;
  }
  return TimePoint::never();
}

}  // namespace

TEST_CASE("pgbouncer: facts 117: server_login_retry keeps clients off a server that is back",
          "[models][pgbouncer]") {
  // The server's processes die at 10 s and it is back at 12 s. Users notice within their second of
  // thinking and a round trip; the attempt that follows is refused. Until server_login_retry after
  // it all clients fail at once. The first that comes then fails too, and has a connection opened:
  // 400 ms, and a second until somebody asks again. So reads fail until 25 to 28.5 s of the default
  // 15 s, and until 12 to 16.5 s of 1 s.
  for (const std::int64_t retry : {15, 1}) {
    ClusterConfig config = far_pair();
    pgbouncer(config).server_login_retry = seconds(retry);
    ask_the_primary(config, 1);
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(seconds(10)));
    stop_server(cluster.world(), a, Liveness::stopped);
    run_checked(cluster, at(seconds(12)));
    start_server(cluster.world(), a);
    const std::int64_t before = reads(cluster, a);
    TimePoint back = TimePoint::never();
    for (TimePoint now = at(seconds(12)); now < at(seconds(60)); now = now + milliseconds(100)) {
      run_checked(cluster, now);
      if (reads(cluster, a) == before) continue;
      back = now;
      break;
    }
    REQUIRE(back >= at(seconds(retry == 15 ? 25 : 12)));
    REQUIRE(back <= at(milliseconds(retry == 15 ? 28'500 : 16'500)));
    if (retry == 15) REQUIRE(errors(cluster.world(), ErrorKind::login_retry) >= 10);
  }
}

TEST_CASE("pgbouncer: connections are opened one at a time", "[models][pgbouncer]") {
  // Eight users want one in the first second, for longer than the test: one more each 400 ms. The
  // application's own pool opens them all at once.
  for (const bool pooled : {true, false}) {
    ClusterConfig config = far_pair(seconds(60));
    config.apps[0].statement_timeout = minutes(10);
    if (!pooled) config.apps[0].pgbouncer.reset();
    ask_the_primary(config, 8);
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(milliseconds(2'000)));
    if (pooled) {
      REQUIRE(connections(cluster, a) >= 3);
      REQUIRE(connections(cluster, a) <= 5);
    } else {
      REQUIRE(connections(cluster, a) == 8);
    }
    run_checked(cluster, at(milliseconds(5'000)));
    REQUIRE(connections(cluster, a) == 8);
  }
}

TEST_CASE("pgbouncer: all instances of an app share one, or have their own",
          "[models][pgbouncer]") {
  for (const PoolerOf one_for : {PoolerOf::app, PoolerOf::instance}) {
    ClusterConfig config = far_pair(milliseconds(500));
    config.apps[0].instances = 3;
    pgbouncer(config).one_for = one_for;
    pgbouncer(config).default_pool_size = 2;
    ask_the_primary(config, 60, milliseconds(100));
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(seconds(20)));
    REQUIRE(connections(cluster, a) == (one_for == PoolerOf::app ? 2u : 6u));
    REQUIRE(most_connections(config.apps[0]) == (one_for == PoolerOf::app ? 2 : 6));
  }
}

TEST_CASE("pgbouncer: clients wait for query_wait_timeout, or for their own time-out",
          "[models][pgbouncer]") {
  // One connection, statements of 10 s, two users: the second waits in vain, twice in 9 s.
  for (const bool own_first : {false, true}) {
    ClusterConfig config = far_pair(seconds(10));
    pgbouncer(config).default_pool_size = 1;
    pgbouncer(config).query_wait_timeout = seconds(3);
    config.apps[0].statement_timeout = own_first ? seconds(2) : seconds(60);
    ask_the_primary(config, 2);
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(seconds(9)));
    const World& world = cluster.world();
    REQUIRE(errors(world, ErrorKind::pool_timeout) == (own_first ? 0 : 2));
    REQUIRE((errors(world, ErrorKind::timeout) > 0) == own_first);
    // The application's time-out counts from when it asked, not from when it had a connection: a
    // page that waits for a connection and for its statement takes no longer.
    if (own_first) REQUIRE(all(world, Metric::page_latency).max() <= milliseconds(2'000).ns);
  }
}

TEST_CASE("pgbouncer: beyond max_client_conn clients fail at once", "[models][pgbouncer]") {
  // 20 users, five clients at a time, of which one has the connection.
  ClusterConfig config = far_pair(seconds(60));
  config.apps[0].statement_timeout = minutes(10);
  pgbouncer(config).default_pool_size = 1;
  pgbouncer(config).max_client_conn = 5;
  ask_the_primary(config, 20);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(4)));
  REQUIRE(errors(cluster.world(), ErrorKind::pool_full) >= 15);
  REQUIRE(errors(cluster.world(), ErrorKind::pool_timeout) == 0);
}

TEST_CASE("pgbouncer: facts 117: an address is kept for dns_max_ttl, whatever the record's TTL",
          "[models][pgbouncer]") {
  // The primary dies with a reset, the record has changed at once and its TTL is a second. The name
  // was looked up when the first connection was opened, in the first 2 s, so 15 s later it is
  // looked up anew by whichever attempt comes next; of attempts there is one each 0.1 s.
  for (const std::int64_t ttl : {15, 60}) {
    ClusterConfig config = far_pair();
    pgbouncer(config).dns_max_ttl = seconds(ttl);
    pgbouncer(config).server_login_retry = milliseconds(100);
    ask_the_primary(config, 1);
    Cluster cluster = build(config, 1);
    lose_primary(cluster, seconds(5), Liveness::stopped);
    const TimePoint found = first_read(cluster, b, minutes(3));
    REQUIRE(found >= at(seconds(ttl)));
    REQUIRE(found <= at(seconds(ttl) + milliseconds(4'500)));
  }
}

TEST_CASE("pgbouncer: an empty answer is kept for dns_nxdomain_ttl", "[models][pgbouncer]") {
  // The name has no address from 5 s to 6 s, and the connection is lost at 5.5 s.
  ClusterConfig config = far_pair();
  pgbouncer(config).dns_max_ttl = seconds(1);
  pgbouncer(config).dns_nxdomain_ttl = seconds(30);
  pgbouncer(config).server_login_retry = milliseconds(100);
  config.apps[0].connect.negative_ttl = seconds(1);
  FaultConfig empty_record;
  empty_record.kind = FaultKind::dns_outage;
  empty_record.at = seconds(5);
  empty_record.lasts = seconds(4);
  config.faults.push_back(empty_record);
  ask_the_primary(config, 1);
  Cluster cluster = build(config, 1);
  lose_primary(cluster, milliseconds(6'500), Liveness::stopped);
  const TimePoint found = first_read(cluster, b, minutes(3));
  // Looked up in vain within 1.2 s of the loss, at 6.5 to 7.7 s.
  REQUIRE(found >= at(milliseconds(36'500)));
  REQUIRE(found <= at(seconds(41)));
}

TEST_CASE("pgbouncer: a connection to the address that is gone is closed when a name is looked up",
          "[models][pgbouncer]") {
  // Two connections lead to the old primary, which lives on. As long as both serve, the name is not
  // looked up. More users make PgBouncer open another one: it looks up, and the old ones go.
  for (const std::int64_t sessions : {1, 30}) {
    ClusterConfig config = far_pair(milliseconds(300));
    ask_the_primary(config, sessions, milliseconds(50));
    PopulationConfig& more = config.workload.front();
    more.sessions = sessions;
    pgbouncer(config).dns_max_ttl = seconds(1);
    config.apps[0].statement_timeout = seconds(20);
    Cluster cluster = build(config, 1);
    if (sessions == 1) {
      swap_roles(cluster, seconds(10));
      run_checked(cluster, at(seconds(60)));
      REQUIRE(connections(cluster, a) == 1);
      REQUIRE(reads(cluster, b) == 0);
      continue;
    }
    // Before the pool is as large as it gets, the record changes.
    swap_roles(cluster, seconds(2));
    run_checked(cluster, at(seconds(12)));
    REQUIRE(connections(cluster, a) == 0);
    REQUIRE(connections(cluster, b) == 20);
  }
}

TEST_CASE("pgbouncer: close_on_read_only closes a client; server_lifetime moves the server's",
          "[models][pgbouncer]") {
  // A write a second. Without PgBouncer the driver closes the connection at its first 25006 and
  // finds the new primary; with it, it is PgBouncer's, and errors go on for what is left of
  // server_lifetime.
  for (const int variant : {0, 1, 2}) {
    ClusterConfig config = far_pair();
    config.apps[0].connect.close_on_read_only = true;
    if (variant == 0) config.apps[0].pgbouncer.reset();
    if (variant == 2) pgbouncer(config).server_lifetime = seconds(60);
    users(config, "user", "eu", 1, {write()}).think = always(seconds(1));
    Cluster cluster = build(config, 1);
    swap_roles(cluster, seconds(30));
    run_checked(cluster, at(minutes(5)));
    const std::int64_t failed = errors(cluster.world(), ErrorKind::read_only);
    if (variant == 0) REQUIRE(failed == 1);
    // 270 s at one in 1.1 s.
    if (variant == 1) REQUIRE(failed > 200);
    // The connection was opened in the first 2 s: 30 to 32.5 s of errors, one in 1.1 s.
    if (variant == 2) REQUIRE(failed >= 26);
    if (variant == 2) REQUIRE(failed <= 30);
    REQUIRE(connections(cluster, variant == 1 ? a : b) == 1);
  }
}

TEST_CASE("pgbouncer: idle connections to a silent host hang in their check until TCP gives up",
          "[models][pgbouncer]") {
  // One connection, used once a minute, so it is asked whether it is alive first. Its host
  // vanishes: the check is never acknowledged, the pool is full with it, and each client gives up
  // after its own 2 s, for 924.6 s from the first that asked. Without PgBouncer the statement
  // itself times out, which closes the connection, and the next one is opened to the new primary;
  // so it is with a tcp_user_timeout, which ends the check.
  for (const int variant : {0, 1, 2}) {
    ClusterConfig config = far_pair();
    ask_the_primary(config, 1, minutes(1));
    if (variant == 0) config.apps[0].pgbouncer.reset();
    if (variant == 0) config.apps[0].pool.size = 1;
    if (variant != 0) pgbouncer(config).default_pool_size = 1;
    if (variant == 2) config.apps[0].tcp.user_timeout = seconds(10);
    Cluster cluster = build(config, 1);
    lose_primary(cluster, seconds(150), Liveness::vanished);
    const TimePoint found = first_read(cluster, b, minutes(40));
    if (variant == 1) {
      REQUIRE(found >= at(seconds(150) + milliseconds(924'600)));
      REQUIRE(found <= at(seconds(150) + milliseconds(924'600) + seconds(2 * 62 + 1)));
    } else {
      REQUIRE(found <= at(seconds(150) + seconds(2 * 63 + 1)));
    }
  }
}

TEST_CASE("pgbouncer: a check costs a round trip when the server lives", "[models][pgbouncer]") {
  // Once a minute: 100 ms for the check and 101 for the read. Once a second: the read alone.
  for (const bool rarely : {true, false}) {
    ClusterConfig config = far_pair();
    ask_the_primary(config, 1, rarely ? minutes(1) : seconds(1));
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(minutes(5)));
    const Histogram latency = all(cluster.world(), Metric::read_latency);
    REQUIRE(latency.min() == milliseconds(rarely ? 201 : 101).ns);
  }
}

TEST_CASE("pool_ages: a driver's lifetime moves its connections off the old primary",
          "[models][pool_ages]") {
  // Opened in the first 2 s, the connection is closed at the age of 58.5 to 60 s, when it is given
  // back. Without a lifetime it stays for ever.
  for (const bool ages : {true, false}) {
    ClusterConfig config = far_pair();
    config.apps[0].pgbouncer.reset();
    config.apps[0].pool.size = 1;
    if (ages) config.apps[0].pool.lifetime = seconds(60);
    ask_the_primary(config, 1);
    Cluster cluster = build(config, 1);
    swap_roles(cluster, seconds(10));
    const TimePoint found = first_read(cluster, b, minutes(3));
    if (ages) {
      REQUIRE(found >= at(milliseconds(58'500)));
      REQUIRE(found <= at(milliseconds(64'500)));
      REQUIRE(connections(cluster, a) == 0);
    } else {
      REQUIRE(found == TimePoint::never());
      REQUIRE(connections(cluster, a) == 1);
    }
  }
}

TEST_CASE("pool_ages: idle connections are closed after idle_timeout", "[models][pool_ages]") {
  // A page in 100 s. With an idle_timeout of 20 s and housekeeping each 30 s its connection is gone
  // before the next one, which opens another; without, one serves all.
  for (const bool ages : {true, false}) {
    ClusterConfig config = far_pair();
    config.apps[0].pgbouncer.reset();
    if (ages) config.apps[0].pool.idle_timeout = seconds(20);
    ask_the_primary(config, 1, seconds(100));
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(minutes(10)));
    const std::int64_t served = reads(cluster, a);
    REQUIRE(served >= 5);
    REQUIRE(all(cluster.world(), Metric::connect_duration).count() ==
            static_cast<std::uint64_t>(ages ? served : 1));
  }
}

TEST_CASE("pgbouncer: invariants hold while servers and instances come and go",
          "[models][pgbouncer]") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    ClusterConfig config = far_pair(milliseconds(20));
    config.apps[0].instances = 3;
    pgbouncer(config) = {.one_for = seed % 2 == 0 ? PoolerOf::app : PoolerOf::instance,
                         .default_pool_size = 3,
                         .max_client_conn = 12,
                         .server_connect_timeout = seconds(3),
                         .server_login_retry = seconds(2),
                         .server_check_delay = milliseconds(200),
                         .server_lifetime = seconds(7),
                         .server_idle_timeout = seconds(4),
                         .dns_max_ttl = seconds(1)};
    config.apps[0].tcp.user_timeout = seconds(5);
    ask_the_primary(config, 20);
    users(config, "reader", "eu", 10, {read()}).think = always(milliseconds(700));
    FaultConfig fault;
    fault.kind = seed % 3 == 0 ? FaultKind::crash : FaultKind::node_loss;
    fault.node = "db-a";
    fault.at = seconds(6) + milliseconds(static_cast<std::int64_t>(seed) * 37);
    fault.lasts = seconds(9);
    config.faults.push_back(fault);
    FaultConfig process;
    process.kind = FaultKind::app_crash;
    process.app = "app";
    process.instance = 1;
    process.at = seconds(18);
    process.lasts = seconds(3);
    config.faults.push_back(process);
    FaultConfig cut;
    cut.kind = FaultKind::cut_link;
    cut.between = {"eu", "us"};
    cut.at = seconds(25);
    cut.lasts = seconds(4);
    config.faults.push_back(cut);
    Cluster cluster = build(config, seed);
    run_checked(cluster, at(seconds(45)));
    const std::int64_t served = reads(cluster, a);
    run_checked(cluster, at(seconds(60)));
    REQUIRE(reads(cluster, a) > served + 100);  // 20 users, about one read in 1.2 s each: 250
  }
}

}  // namespace longhaul
