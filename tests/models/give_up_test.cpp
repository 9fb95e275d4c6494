// What a page, or the app that works on it, leaves behind when it ends in the middle of something:
// at a cache, at a store of tokens, in a queue, between tries. Answers that come later find nobody,
// and the slot serves the next page as if nothing had been.

#include <utility>

#include "tests/models/freshness_worlds.h"

namespace longhaul {
namespace {

using namespace worlds;
using namespace freshness_worlds;

// Nothing is left of any page: no slot, connection, doubt or order to a cache.
void require_rest(const World& world) {
  REQUIRE(world.free_requests.size() == world.requests.size());
  REQUIRE(world.doubts.free.size() == world.doubts.slots.size());
  REQUIRE(world.cache_orders.free.size() == world.cache_orders.slots.size());
  for (const Pool& pool : world.pools) REQUIRE(pool.idle == pool.open);
  for (const Request& request : world.requests) {
    REQUIRE(request.touched.empty());
    REQUIRE(request.written.empty());
    REQUIRE_FALSE(request.deadline.armed());
  }
}

// One session in a region of its own, 1 ms a statement and 2 ms a flush.
ClusterConfig one_user(std::vector<CallConfig> calls, Duration think) {
  ClusterConfig config = empty({"here"});
  primary(config, "db", "here").cpus = 8;
  app(config, "app", "here");
  rows(config, milliseconds(1));
  users(config, "us", "here", 1, std::move(calls)).think = always(think);
  return config;
}

void add_cache(ClusterConfig& config, Duration service_time) {
  CacheConfig cache;
  cache.name = "redis";
  cache.region = "here";
  cache.service_time = service_time;
  config.caches.push_back(cache);
}

CallConfig cached_read() {
  CallConfig call = read();
  call.cached = true;
  return call;
}

FaultConfig crash(Duration when, Duration lasts) {
  FaultConfig fault;
  fault.kind = FaultKind::app_crash;
  fault.app = "app";
  fault.at = when;
  fault.lasts = lasts;
  return fault;
}

FreshnessConfig shared_tokens(TokenScope scope = TokenScope::session) {
  FreshnessConfig config = rule(FreshnessRule::lsn_token, scope);
  config.store.kind = TokenPlace::shared;
  config.store.timeout = milliseconds(500);
  return config;
}

std::int64_t committed(const World& world) {
  return static_cast<std::int64_t>(world.truth.versions().end());
}

std::int64_t pages_of(const World& world) {
  return static_cast<std::int64_t>(all(world, Metric::page_latency).count());
}

}  // namespace

TEST_CASE("give_up: a look-up's answer does not serve the page that has its slot by then",
          "[models][give_up]") {
  // A page gives up after 20 ms, the next one begins 5 ms later in the same slot; the answer to the
  // first look-up comes after 50 ms, 25 ms into the third page. All take 20 ms and fail; were one
  // answer taken for another's, the page would take less, and ask the database.
  ClusterConfig config = one_user({cached_read()}, milliseconds(5));
  add_cache(config, milliseconds(50));
  config.apps[0].page_timeout = milliseconds(20);
  config.workload[0].ends = seconds(10);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(11)));
  const World& world = cluster.world();
  REQUIRE(pages_of(world) == 10'000 / 25);
  REQUIRE(all(world, Metric::page_latency).min() == milliseconds(20).ns);
  REQUIRE(all(world, Metric::page_latency).max() == milliseconds(20).ns);
  REQUIRE(errors(world, ErrorKind::timeout) == pages_of(world));
  REQUIRE(total(world, Metric::reads) == 0);
  REQUIRE(world.requests.size() == 1);  // one slot for all
  require_rest(world);
}

TEST_CASE("give_up: a page leaves a store of tokens that is slow, before it reads",
          "[models][give_up]") {
  // The store answers after 50 ms, the page has 20: no read reaches a database.
  ClusterConfig config = one_user({read()}, milliseconds(5));
  config.policy.freshness = shared_tokens();
  config.apps[0].token_store_delay = always(milliseconds(50));
  config.apps[0].page_timeout = milliseconds(20);
  config.policy.retries = {.attempts = 3, .base = milliseconds(1)};
  config.workload[0].ends = seconds(10);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(11)));
  const World& world = cluster.world();
  REQUIRE(pages_of(world) == 10'000 / 25);
  REQUIRE(all(world, Metric::page_latency).min() == milliseconds(20).ns);
  REQUIRE(all(world, Metric::page_latency).max() == milliseconds(20).ns);
  REQUIRE(errors(world, ErrorKind::timeout) == pages_of(world));
  REQUIRE(total(world, Metric::retries) == 0);  // no pause fits
  REQUIRE(total(world, Metric::reads) == 0);
  require_rest(world);
}

TEST_CASE("give_up: a write whose token is not kept in time is there, and its user sees an error",
          "[models][give_up]") {
  // 1 ms and a flush of 2 ms, then 50 ms at the store; the page has 20 ms. The write is tried once
  // and known to be done: nothing is in doubt. The token never reaches the store, so the store was
  // asked once for each write. The first page opens a connection and takes no longer for it.
  ClusterConfig config = one_user({write()}, milliseconds(5));
  config.policy.freshness = shared_tokens();
  config.apps[0].token_store_delay = always(milliseconds(50));
  config.apps[0].page_timeout = milliseconds(20);
  config.policy.retries = {.attempts = 3, .base = milliseconds(1), .in_doubt = true};
  config.workload[0].ends = seconds(10);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(11)));
  const World& world = cluster.world();
  const std::int64_t pages = pages_of(world);
  REQUIRE(pages == 10'000 / 25);
  REQUIRE(all(world, Metric::page_latency).max() == milliseconds(20).ns);
  REQUIRE(errors(world, ErrorKind::timeout) == pages);
  REQUIRE(committed(world) == pages);
  REQUIRE(total(world, Metric::in_doubt_transactions) == 0);
  REQUIRE(total(world, Metric::retries) == 0);
  REQUIRE(total(world, Metric::duplicate_writes) == 0);
  REQUIRE(world.stores.tables[0].find(0) == SessionToken{});
  require_rest(world);
}

TEST_CASE("give_up: a write that was in doubt and then fails to keep its token is done once",
          "[models][give_up]") {
  // The answers' way is cut from 20 s to 32 s: the write of that time is there, its second try is
  // told so by its key, 0.5 s later or when the cut is over; then the store is down and the page
  // fails. One try was in doubt, and it is present; nobody wrote twice; nothing is left open.
  ClusterConfig config = empty({"here", "there"});
  link(config, "here", "there", milliseconds(80));
  primary(config, "db", "there");
  app(config, "app", "here").statement_timeout = seconds(1);
  rows(config, milliseconds(1));
  CallConfig call = write();
  call.idempotency_key = true;
  users(config, "us", "here", 1, {call}).think = always(seconds(10));
  config.policy.retries = resilience4j_retries();
  config.policy.freshness = shared_tokens();
  config.policy.freshness.store.when_down = StoreFailure::fail;
  config.workload[0].ends = seconds(50);
  FaultConfig down;
  down.kind = FaultKind::token_store_down;
  down.app = "app";
  down.at = seconds(20);
  down.lasts = seconds(40);
  config.faults.push_back(down);
  Cluster cluster = build(config, 5);
  run_checked(cluster, at(seconds(20)));
  cut(cluster, 1);
  run_checked(cluster, at(seconds(32)));
  heal(cluster, 1);
  run_checked(cluster, at(seconds(90)));
  cluster.finish();
  const World& world = cluster.world();
  const auto in_doubt = [&world](Fate fate) {
    return world.measures.counter_at(Metric::in_doubt_transactions, static_cast<std::size_t>(fate))
        .count;
  };
  REQUIRE(total(world, Metric::retries) == 1);
  REQUIRE(in_doubt(Fate::present) == 1);
  REQUIRE(in_doubt(Fate::absent) == 0);
  REQUIRE(total(world, Metric::duplicate_writes) == 0);
  REQUIRE(errors(world, ErrorKind::refused) >= 2);  // after the first, all while it is down
  REQUIRE(committed(world) == pages_of(world));
  require_rest(world);
}

TEST_CASE("give_up: a page leaves the queue of reads when its time is over", "[models][give_up]") {
  // The replica is gone and reads may not go to the primary: they queue and ask again every 50 ms,
  // for up to 10 s by the rule; the page has 130 ms.
  ClusterConfig config = empty({"here", "there"});
  link(config, "here", "there", milliseconds(80));
  primary(config, "db", "there");
  replica(config, "near", "here", "db");
  app(config, "app", "here").page_timeout = milliseconds(130);
  rows(config, milliseconds(1));
  users(config, "us", "here", 1, {read()}).think = always(milliseconds(20));
  config.policy.router.when_no_replica = WhenNoReplica::queue;
  config.policy.router.queue.wait_max = seconds(10);
  config.policy.retries = {.attempts = 3, .base = milliseconds(1)};
  config.workload[0].begins = seconds(20);
  config.workload[0].ends = seconds(50);
  FaultConfig gone;
  gone.kind = FaultKind::crash;
  gone.node = "near";
  gone.at = seconds(10);
  config.faults.push_back(gone);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(60)));
  const World& world = cluster.world();
  REQUIRE(pages_of(world) == 30'000 / 150);
  REQUIRE(all(world, Metric::page_latency).min() == milliseconds(130).ns);
  REQUIRE(all(world, Metric::page_latency).max() == milliseconds(130).ns);
  REQUIRE(errors(world, ErrorKind::timeout) == pages_of(world));
  REQUIRE(total(world, Metric::retries) == 0);
  REQUIRE(total(world, Metric::reads) == 0);
  require_rest(world);
}

TEST_CASE("give_up: who waits at a cache or a store of tokens when the app dies is told so",
          "[models][give_up]") {
  // Pages spend 50 ms at the cache, at the store before a read, or at the store after a write; 100
  // a second come, 5 are there at a time. Those that the crash met fail as app_down; whatever they
  // were waiting for comes back within 60 ms to slots that are free or others' by then.
  enum class Place { cache, before_read, after_write };
  for (const Place place : {Place::cache, Place::before_read, Place::after_write}) {
    const bool writes = place == Place::after_write;
    ClusterConfig config = one_user({writes                  ? write()
                                     : place == Place::cache ? cached_read()
                                                             : read()},
                                    {});
    config.data[0].rows = {1'000'000};
    config.workload[0].sessions = 50;
    config.workload[0].think.reset();
    config.workload[0].rate = per_second(100);
    config.workload[0].ends = seconds(10);
    if (place == Place::cache) {
      add_cache(config, milliseconds(50));
    } else {
      config.policy.freshness = shared_tokens();
      config.apps[0].token_store_delay = always(milliseconds(50));
    }
    config.faults.push_back(crash(seconds(5), milliseconds(1)));
    Cluster cluster = build(config, 3);
    run_checked(cluster, at(seconds(12)));
    const World& world = cluster.world();
    INFO("place " << static_cast<int>(place));
    REQUIRE(errors(world, ErrorKind::app_down) == Approx(5).margin(5));
    REQUIRE(errors(world, ErrorKind::app_down) > 0);
    REQUIRE(errors(world, ErrorKind::app_down) == total(world, Metric::errors));
    REQUIRE(total(world, Metric::in_doubt_transactions) <= 1);  // within 3 ms of 53
    // What was done stays done, whoever was told; the crash may meet one before its flush.
    if (writes) REQUIRE(committed(world) >= pages_of(world) - 1);
    require_rest(world);
  }
}

TEST_CASE("give_up: rows of a transaction that failed leave no token", "[models][give_up]") {
  // Two writes of one transaction in rows that twenty sessions fight for: victims of deadlocks
  // begin again, or fail for good. A token for each row that a commit wrote, of its own commit: the
  // slot knows two rows at most, and none when its transaction is over.
  for (const std::int64_t attempts : {1, 5}) {
    ClusterConfig config = empty({"here"});
    primary(config, "db", "here").cpus = 8;
    app(config, "app", "here").pool.size = 20;
    rows(config, milliseconds(5), 4);
    config.postgres.deadlock_timeout = milliseconds(50);
    config.policy.freshness = rule(FreshnessRule::lsn_token, TokenScope::entity);
    CallConfig call;
    StatementConfig statement;
    statement.write = "rows";
    call.transaction = {statement, statement};
    users(config, "us", "here", 20, {call, call}).think = always(milliseconds(100));
    config.workload[0].ends = seconds(10);
    config.policy.retries = {.attempts = attempts, .base = milliseconds(20)};
    Cluster cluster = build(config, 3);
    World& world = cluster.world();
    Event event;
    std::size_t most = 0;
    bool left_behind = false;
    while (world.scheduler.pop_until(at(seconds(40)), event)) {
      execute(world, event);
      for (const Request& request : world.requests) {
        most = std::max(most, request.touched.size());
        left_behind |= request.phase == Phase::free && !request.touched.empty();
      }
    }
    REQUIRE((attempts == 1 ? errors(world, ErrorKind::deadlock) : total(world, Metric::retries)) >
            20);
    REQUIRE(most == 2);
    REQUIRE_FALSE(left_behind);
    require_rest(world);
  }
}

TEST_CASE("give_up: a second try is throttled like the first", "[models][give_up]") {
  // Replay stands still, so every try waits its 500 ms for the lag. From 30 s on the primary
  // resets connections: three tries and two pauses of 400 ms are 2.3 s.
  ClusterConfig config = empty({"here"});
  primary(config, "db", "here").cpus = 8;
  replica(config, "copy", "here", "db");
  app(config, "app", "here").lag_source = LagSource::replay_timestamp;
  rows(config, milliseconds(1));
  users(config, "us", "here", 20, {write()}).rate = per_second(20);
  config.workload[0].ends = seconds(40);
  config.policy.write_throttle.above = seconds(1);
  config.policy.write_throttle.wait_max = milliseconds(500);
  config.policy.retries = {.attempts = 3, .base = milliseconds(400)};
  FaultConfig pause;
  pause.kind = FaultKind::pause_replay;
  pause.node = "copy";
  pause.at = seconds(10);
  config.faults.push_back(pause);
  FaultConfig gone;
  gone.kind = FaultKind::crash;
  gone.node = "db";
  gone.at = seconds(30);
  gone.lasts = seconds(30);
  config.faults.push_back(gone);
  Cluster cluster = build(config, 3);
  run_checked(cluster, at(seconds(35)));
  const World& world = cluster.world();
  REQUIRE(total(world, Metric::errors) > 20);
  REQUIRE(total(world, Metric::retries) > 80);
  REQUIRE(all(world, Metric::page_latency).max() == milliseconds(3 * 500 + 2 * 400).ns);
  run_checked(cluster, at(seconds(100)));
  require_rest(world);
}

}  // namespace longhaul
