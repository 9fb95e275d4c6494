// How applications find the server for their writes: what is asked when, and what stays as it is.
// Reads that must never be stale belong on the primary; they stand for writes where a server only
// has to say that it is the primary.

#include "models/app/find_primary.h"

#include "models/pg/promotion.h"
#include "models/pg/server.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr NodeId a{0}, b{1};

// An app 100 ms from a primary and its standby; a connection takes four round trips.
ClusterConfig far_pair(FindPrimary by) {
  ClusterConfig config = empty({"eu", "us"});
  link(config, "eu", "us", milliseconds(100));
  primary(config, "db-a", "us");
  replica(config, "db-b", "us", "db-a");
  AppConfig& own = app(config, "app", "eu");
  own.pool.size = 1;
  own.pool.connect_timeout = seconds(2);
  own.statement_timeout = seconds(1);
  own.connect.by = by;
  own.lag_source = LagSource::replay_lag_bytes;  // a server demoted by hand follows nobody
  config.policy.lag_breaker.enabled = false;
  rows(config, milliseconds(1));
  return config;
}

// One user, who asks for something that belongs on the primary a second after the last answer.
PopulationConfig& asks_the_primary(ClusterConfig& config) {
  CallConfig call = read();
  call.max_staleness = Duration{};
  PopulationConfig& user = users(config, "user", "eu", 1, {call});
  user.think = always(seconds(1));
  return user;
}

// The standby is promoted and, when that is done, the old primary is no primary any more.
void swap_roles(Cluster& cluster, Duration when) {
  advance(cluster, at(when - seconds(1)));
  REQUIRE(promote(cluster.world(), b));
  advance(cluster, at(when));
  REQUIRE(cluster.world().node(b).is_primary);
  cluster.world().node(a).is_primary = false;
}

std::int64_t reads(const World& world, NodeId node) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < world.measures.cells(Metric::reads); ++i) {
    if (world.measures.labels_of(Metric::reads, i)[1] != node.value) continue;
    sum += world.measures.counter_at(Metric::reads, i).count;
  }
  return sum;
}

// When the instance's first read reaches a node, by tenths of a second.
TimePoint first_read(Cluster& cluster, NodeId node, TimePoint from, Duration within) {
  for (TimePoint now = from; now < from + within; now = now + milliseconds(100)) {
    advance(cluster, now);
    if (reads(cluster.world(), node) > 0) return now;
  }
  return TimePoint::never();
}

std::uint32_t connections(const Cluster& cluster, NodeId node) {
  return cluster.world().node(node).connections;
}

}  // namespace

TEST_CASE("find_primary: multi_host: a standby is left again, at the price of its connection",
          "[models][find_primary]") {
  // Four round trips to the standby that stands first and four to the primary; with a query for the
  // role one more each.
  for (const bool query : {false, true}) {
    ClusterConfig config = far_pair(FindPrimary::multi_host);
    config.apps[0].connect.hosts = {"db-b", "db-a"};
    config.apps[0].connect.role_query = query;
    asks_the_primary(config);
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(seconds(20)));
    const World& world = cluster.world();
    REQUIRE(all(world, Metric::connect_duration).max() == milliseconds(query ? 1000 : 800).ns);
    REQUIRE(all(world, Metric::connect_duration).count() == 1);
    REQUIRE(reads(world, b) == 0);
    REQUIRE(reads(world, a) > 10);
    REQUIRE(connections(cluster, b) == 0);
  }
}

TEST_CASE("find_primary: multi_host: any keeps the first that answers", "[models][find_primary]") {
  ClusterConfig config = far_pair(FindPrimary::multi_host);
  config.apps[0].connect.hosts = {"db-b", "db-a"};
  config.apps[0].connect.target_session_attrs = TargetSession::any;
  asks_the_primary(config);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(all(cluster.world(), Metric::connect_duration).max() == milliseconds(400).ns);
  REQUIRE(reads(cluster.world(), a) == 0);
}

TEST_CASE("find_primary: multi_host: connect_timeout is spent on each host that is silent",
          "[models][find_primary]") {
  // 2 s for the host that is gone, then four round trips to the other.
  ClusterConfig config = far_pair(FindPrimary::multi_host);
  config.apps[0].connect.target_session_attrs = TargetSession::any;
  asks_the_primary(config);
  Cluster cluster = build(config, 1);
  stop_server(cluster.world(), a, Liveness::vanished);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(all(cluster.world(), Metric::connect_duration).max() == milliseconds(2400).ns);
  REQUIRE(errors(cluster.world(), ErrorKind::no_primary) == 0);
}

TEST_CASE("find_primary: multi_host: host_recheck: a silent host is left out for so long",
          "[models][find_primary]") {
  // The first host is gone at 10 s and the other promoted. A user who is given a new connection for
  // each statement waits for connect_timeout, 2 s, at each of them; one whose driver remembers, at
  // the first and then once in host_recheck, 10 s: between them a connection takes 400 ms.
  for (const bool remembers : {false, true}) {
    ClusterConfig config = far_pair(FindPrimary::multi_host);
    config.apps[0].pool.lifetime = milliseconds(1);
    config.apps[0].connect.host_recheck = seconds(remembers ? 10 : 0);
    config.apps[0].statement_timeout = seconds(10);
    asks_the_primary(config);
    Cluster cluster = build(config, 1);
    advance(cluster, at(seconds(10)));
    stop_server(cluster.world(), a, Liveness::vanished);
    REQUIRE(promote(cluster.world(), b));
    const Histogram before = all(cluster.world(), Metric::connect_duration);
    run_checked(cluster, at(seconds(70)));
    const Histogram after = all(cluster.world(), Metric::connect_duration);
    REQUIRE(after.max() == milliseconds(2'400).ns);
    const std::int64_t opened = after.count() - before.count();
    // A second of thinking, the connection and the statement: 1.5 s, or 3.5 s; so one in 3.5 s, or
    // 7 in 12.5 s; in 60 s, but for the 10 s that a statement under way may wait in vain.
    REQUIRE(opened >= (remembers ? 27 : 13));
    REQUIRE(opened <= (remembers ? 34 : 18));
  }
}

TEST_CASE("find_primary: multi_host: host_recheck: when all are ruled out, all are tried",
          "[models][find_primary]") {
  // Nobody is the primary from 10 s on, so both are soon known to be none; the standby is promoted
  // at 14 s, and found at the next attempt and not 10 s after it was last seen as a standby.
  ClusterConfig config = far_pair(FindPrimary::multi_host);
  config.apps[0].connect.host_recheck = seconds(10);
  asks_the_primary(config);
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(10)));
  stop_server(cluster.world(), a, Liveness::stopped);
  advance(cluster, at(seconds(14)));
  REQUIRE(promote(cluster.world(), b));
  REQUIRE(first_read(cluster, b, at(seconds(14)), seconds(6)) < at(seconds(18)));
}

TEST_CASE("find_primary: multi_host: a dead server refuses at once", "[models][find_primary]") {
  // One round trip for the reset.
  ClusterConfig config = far_pair(FindPrimary::multi_host);
  config.apps[0].connect.target_session_attrs = TargetSession::any;
  asks_the_primary(config);
  Cluster cluster = build(config, 1);
  stop_server(cluster.world(), a, Liveness::stopped);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(all(cluster.world(), Metric::connect_duration).max() == milliseconds(500).ns);
}

TEST_CASE("find_primary: multi_host: nobody is the primary: the page fails",
          "[models][find_primary]") {
  ClusterConfig config = far_pair(FindPrimary::multi_host);
  config.apps[0].connect.hosts = {"db-b"};
  asks_the_primary(config);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(20)));
  // Each try takes four round trips, and a second of thinking and 100 ms of nothing pass between.
  REQUIRE(errors(cluster.world(), ErrorKind::no_primary) > 10);
  REQUIRE(connections(cluster, b) == 0);
}

TEST_CASE("find_primary: multi_host: random: the first host is as often one as the other",
          "[models][find_primary]") {
  // Each instance opens one connection, to whichever host comes first: 60 of 120, sigma 5.5.
  ClusterConfig config = far_pair(FindPrimary::multi_host);
  config.apps[0].instances = 120;
  config.apps[0].connect.target_session_attrs = TargetSession::any;
  config.apps[0].connect.load_balance_hosts = HostOrder::random;
  asks_the_primary(config).sessions = 1000;
  config.workload[0].sessions = 1000;
  config.apps[0].pool.size = 1;
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(connections(cluster, a) + connections(cluster, b) == 120);
  REQUIRE(std::abs(static_cast<int>(connections(cluster, a)) - 60) < 20);
}

TEST_CASE("find_primary: established connections stay where they lead", "[models][find_primary]") {
  // The pool's one connection is open when the roles change: no way of finding looks again.
  for (const FindPrimary by : {FindPrimary::fixed, FindPrimary::multi_host, FindPrimary::dns}) {
    ClusterConfig config = far_pair(by);
    asks_the_primary(config);
    Cluster cluster = build(config, 1);
    swap_roles(cluster, seconds(10));
    move_clients(cluster.world(), GroupId{0}, b);
    advance(cluster, at(minutes(10)));
    REQUIRE(reads(cluster.world(), b) == 0);
    REQUIRE(reads(cluster.world(), a) > 400);
  }
}

TEST_CASE("find_primary: a demoted server answers writes with 25006 until its connection is closed",
          "[models][find_primary]") {
  // Closed at the first error, the next connection finds the new primary; kept, a write a second
  // fails.
  for (const bool closes : {false, true}) {
    ClusterConfig config = far_pair(FindPrimary::multi_host);
    config.apps[0].connect.close_on_read_only = closes;
    users(config, "user", "eu", 1, {write()}).think = always(seconds(1));
    Cluster cluster = build(config, 1);
    const World& world = cluster.world();
    swap_roles(cluster, seconds(10));
    advance(cluster, at(seconds(70)));
    const std::int64_t failed = errors(world, ErrorKind::read_only);
    if (closes) {
      REQUIRE(failed == 1);
      REQUIRE(connections(cluster, a) == 0);
      REQUIRE(connections(cluster, b) == 1);
    } else {
      REQUIRE(failed >= 45);
      REQUIRE(connections(cluster, a) == 1);
    }
  }
}

TEST_CASE("find_primary: 25006 is tried again where retries are configured",
          "[models][find_primary]") {
  ClusterConfig config = far_pair(FindPrimary::multi_host);
  config.apps[0].connect.close_on_read_only = true;
  config.policy.retries.attempts = 3;
  users(config, "user", "eu", 1, {write()}).think = always(seconds(1));
  Cluster cluster = build(config, 1);
  swap_roles(cluster, seconds(10));
  advance(cluster, at(seconds(70)));
  REQUIRE(total(cluster.world(), Metric::errors) == 0);
  REQUIRE(connections(cluster, b) == 1);
}

TEST_CASE(
    "facts 13: DNS failover time >= detection + TTL, and established connections are "
    "unaffected by DNS",
    "[models][find_primary][facts]") {
  // The primary's processes die at 100 s, so its connections are reset and every try looks the name
  // up. The record is changed when that was detected, 20 s later; the name server asked at most a
  // TTL before, at a phase that the seed draws, and asks again within a TTL.
  const Duration detection = seconds(20);
  const Duration ttl = seconds(60);
  const auto failover = [&](std::uint64_t seed, Duration library) {
    ClusterConfig config = far_pair(FindPrimary::dns);
    config.apps[0].connect.cached_at_least = library;
    asks_the_primary(config);
    Cluster cluster = build(config, seed);
    advance(cluster, at(seconds(100)));
    stop_server(cluster.world(), a, Liveness::stopped);
    REQUIRE(promote(cluster.world(), b));
    advance(cluster, at(seconds(100)) + detection);
    move_clients(cluster.world(), GroupId{0}, b);
    const TimePoint found = first_read(cluster, b, at(seconds(100)) + detection, minutes(10));
    REQUIRE(found != TimePoint::never());
    return found - at(seconds(100));
  };
  Duration least = Duration::max();
  Duration most;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Duration took = failover(seed, {});
    // A try takes a second of thinking and some round trips.
    REQUIRE(took >= detection);
    REQUIRE(took <= detection + ttl + seconds(3));
    least = std::min(least, took);
    most = std::max(most, took);
  }
  // Of 20 uniform phases the extremes are within a fifth of the ends, but for 2 x 0.8^20 = 2 %.
  REQUIRE(least < detection + seconds(12) + seconds(3));
  REQUIRE(most >= detection + seconds(48));
  // Who asked just before the change keeps the answer for as long as the library does: more than
  // detection + TTL. The library asked last when the pages' first connection was opened, at 0 s to
  // 2 s, and again when that had expired: at 90 to 92 and, before the change, at 180 to 182 s at
  // the latest; so here at 180.
  const Duration pinned = failover(1, seconds(119));
  REQUIRE(pinned >= detection + ttl);

  // Those whose connection still works never notice: the record names b, the reads stay on a.
  ClusterConfig config = far_pair(FindPrimary::dns);
  asks_the_primary(config);
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(100)));
  move_clients(cluster.world(), GroupId{0}, b);
  const std::int64_t before = reads(cluster.world(), a);
  advance(cluster, at(seconds(400)));
  REQUIRE(reads(cluster.world(), a) > before + 100);
  REQUIRE(reads(cluster.world(), b) == 0);
}

TEST_CASE("find_primary: dns: instances that overstay find nothing new", "[models][find_primary]") {
  ClusterConfig config = far_pair(FindPrimary::dns);
  config.apps[0].instances = 200;
  config.apps[0].connect.ttl = seconds(5);
  config.apps[0].connect.overstay = percent(25);
  config.apps[0].connect.overstay_for = minutes(60 * 24);
  asks_the_primary(config).sessions = 1000;
  config.nodes[0].max_connections = config.nodes[1].max_connections = 300;
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(10)));
  stop_server(cluster.world(), a, Liveness::stopped);
  REQUIRE(promote(cluster.world(), b));
  move_clients(cluster.world(), GroupId{0}, b);
  advance(cluster, at(seconds(40)));
  // 150 of 200, sigma 6.1.
  REQUIRE(std::abs(static_cast<int>(connections(cluster, b)) - 150) < 20);
}

TEST_CASE("find_primary: dns: an instance that is started again looks up anew",
          "[models][find_primary]") {
  ClusterConfig config = far_pair(FindPrimary::dns);
  config.apps[0].connect.ttl = seconds(5);
  config.apps[0].connect.cached_at_least = minutes(60 * 24);
  asks_the_primary(config);
  FaultConfig crash;
  crash.kind = FaultKind::app_crash;
  crash.app = "app";
  crash.at = seconds(60);
  crash.lasts = seconds(5);
  config.faults.push_back(crash);
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(10)));
  stop_server(cluster.world(), a, Liveness::stopped);
  REQUIRE(promote(cluster.world(), b));
  move_clients(cluster.world(), GroupId{0}, b);
  advance(cluster, at(seconds(59)));
  REQUIRE(reads(cluster.world(), b) == 0);
  const TimePoint found = first_read(cluster, b, at(seconds(60)), minutes(1));
  REQUIRE(found >= at(seconds(65)));
  REQUIRE(found <= at(seconds(68)));
}

TEST_CASE("find_primary: dns_outage: long-lived connections survive, new ones have nowhere to go",
          "[models][find_primary]") {
  for (const bool serve_stale : {false, true}) {
    for (const bool reset : {false, true}) {
      ClusterConfig config = far_pair(FindPrimary::dns);
      config.apps[0].connect.ttl = seconds(5);
      config.apps[0].connect.serve_stale = serve_stale;
      asks_the_primary(config);
      FaultConfig outage;
      outage.kind = FaultKind::dns_outage;
      outage.at = seconds(20);
      outage.lasts = seconds(60);
      config.faults.push_back(outage);
      Cluster cluster = build(config, 1);
      advance(cluster, at(seconds(30)));
      if (reset) {
        stop_server(cluster.world(), a, Liveness::stopped);
        start_server(cluster.world(), a);
      }
      advance(cluster, at(seconds(120)));
      const std::int64_t failed = errors(cluster.world(), ErrorKind::no_primary);
      if (reset && !serve_stale) {
        // From 30 s to 80 s, and until the empty answer has expired: a page a second.
        REQUIRE(failed >= 40);
        REQUIRE(failed <= 55);
      } else {
        REQUIRE(failed == 0);
      }
      REQUIRE(reads(cluster.world(), a) > 30);
    }
  }
}

TEST_CASE(
    "find_primary: proxy: takes a server out after fall checks and in after rise, and closes "
    "what leads to it",
    "[models][find_primary]") {
  // Checks of both servers every 3 s. The roles change at 100 s: the third check that fails comes
  // between 6 and 9 s later, the second good one of the other between 3 and 6 s. In between both
  // are in and take turns; the connection that is open leads to the old one until it is shut.
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    ClusterConfig config = far_pair(FindPrimary::proxy);
    asks_the_primary(config);
    Cluster cluster = build(config, seed);
    swap_roles(cluster, seconds(100));
    const TimePoint found = first_read(cluster, b, at(seconds(100)), minutes(1));
    REQUIRE(found - at(seconds(100)) >= seconds(6));
    REQUIRE(found - at(seconds(100)) <= seconds(9) + seconds(2));
    advance(cluster, at(seconds(200)));
    REQUIRE(connections(cluster, a) == 0);
    REQUIRE(connections(cluster, b) == 1);
  }
}

TEST_CASE("find_primary: proxy: without shut_sessions the old server keeps its clients",
          "[models][find_primary]") {
  ClusterConfig config = far_pair(FindPrimary::proxy);
  config.apps[0].connect.shut_sessions = false;
  asks_the_primary(config);
  Cluster cluster = build(config, 1);
  swap_roles(cluster, seconds(100));
  advance(cluster, at(seconds(200)));
  REQUIRE(reads(cluster.world(), b) == 0);
}

TEST_CASE("find_primary: proxy: adds its round trip, and is cut with its own links",
          "[models][find_primary]") {
  // By a proxy 40 ms from both: 80 instead of 20 ms a statement, and 1 ms on the server.
  ClusterConfig config = empty({"eu", "us", "ap"});
  link(config, "eu", "us", milliseconds(20));
  link(config, "eu", "ap", milliseconds(40));
  link(config, "ap", "us", milliseconds(40));
  primary(config, "db-a", "us");
  AppConfig& own = app(config, "app", "eu");
  own.connect.by = FindPrimary::proxy;
  own.connect.region = "ap";
  own.statement_timeout = seconds(1);
  config.policy.lag_breaker.enabled = false;
  rows(config, milliseconds(1));
  asks_the_primary(config);
  Cluster cluster = build(config, 1);
  cut(cluster, 0);  // eu to us
  cut(cluster, 1);
  run_checked(cluster, at(seconds(20)));
  REQUIRE(all(cluster.world(), Metric::read_latency).min() == milliseconds(81).ns);
  REQUIRE(all(cluster.world(), Metric::connect_duration).max() == milliseconds(320).ns);
  cut(cluster, 2);  // eu to ap
  run_checked(cluster, at(seconds(30)));
  REQUIRE(errors(cluster.world(), ErrorKind::timeout) > 0);
}

TEST_CASE("find_primary: proxy: no server is in: closed after a round trip to the proxy",
          "[models][find_primary]") {
  ClusterConfig config = far_pair(FindPrimary::proxy);
  config.apps[0].connect.region = "us";
  asks_the_primary(config);
  Cluster cluster = build(config, 1);
  advance(cluster, at(seconds(10)));
  stop_server(cluster.world(), a, Liveness::stopped);
  advance(cluster, at(seconds(60)));
  // From 16 to 19 s on each page fails within 100 ms and the next follows a second later.
  const std::int64_t failed = errors(cluster.world(), ErrorKind::no_primary);
  REQUIRE(failed >= 35);
  REQUIRE(failed <= 41);
}

TEST_CASE("find_primary: nothing leaks through crashes, cuts and role changes",
          "[models][find_primary]") {
  for (const FindPrimary by :
       {FindPrimary::fixed, FindPrimary::multi_host, FindPrimary::dns, FindPrimary::proxy}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      ClusterConfig config = far_pair(by);
      config.apps[0].pool.size = 5;
      config.apps[0].instances = 3;
      if (by == FindPrimary::dns) config.apps[0].connect.ttl = seconds(5);
      asks_the_primary(config).sessions = 40;
      FaultConfig crash;
      crash.kind = FaultKind::app_crash;
      crash.app = "app";
      crash.at = milliseconds(15'050);
      crash.lasts = seconds(5);
      config.faults.push_back(crash);
      Cluster cluster = build(config, seed);
      run_checked(cluster, at(seconds(10)));
      stop_server(cluster.world(), a, seed % 2 == 0 ? Liveness::stopped : Liveness::vanished);
      run_checked(cluster, at(seconds(20)));
      cut(cluster, 0);
      run_checked(cluster, at(seconds(25)));
      heal(cluster, 0);
      start_server(cluster.world(), a);
      move_clients(cluster.world(), GroupId{0}, b);
      run_checked(cluster, at(seconds(60)));
      World& world = cluster.world();
      Event event;
      while (world.scheduler.pop_until(at(seconds(200)), event)) {
        if (static_cast<EventKind>(event.kind) != EventKind::page_due) execute(world, event);
      }
      REQUIRE(world.free_requests.size() == world.requests.size());
      REQUIRE(world.free_connects.size() == world.connects.size());
      std::uint32_t open = 0;
      for (const Pool& pool : world.pools) {
        REQUIRE(pool.idle == pool.open);
        open += pool.open;
      }
      REQUIRE(connections(cluster, a) + connections(cluster, b) == open);
    }
  }
}

}  // namespace longhaul
