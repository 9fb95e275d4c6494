// Small worlds drawn at random: topology, durability, policies, pools, faults; some with several
// primaries, caches, edges, queues of writes, stores of tokens, guards, retries, crashes of apps,
// deploys and columns. Whatever comes together, every invariant holds after every event, and after
// the faults all comes to rest.

#include <algorithm>
#include <utility>

#include "models/app/page_time.h"
#include "sim/rng.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

// Faults begin after 1 s and are over at 10 s.
constexpr Duration faults_over = seconds(10);
// A message or a stream waits for its next try at most as long as it has waited already plus one
// time-out: less than 9 s + 1 s. The backlog, of up to 3 streams x 10 s x 50 commits/s x 306 bytes,
// takes less than 16 s at 32 kB/s.
constexpr Duration converged_after = seconds(30);
// The longest of the waits begun before 10 s: 4 s for the pool, 4 s for the statement, 10 s for a
// connection, and what lies parked is delivered within 10 s. Four of them in a row are 40 s.
constexpr Duration rests_after = seconds(60);

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_{{mix64(seed + 1)}} {}
  std::int64_t from(std::int64_t low, std::int64_t high) {
    return low +
           static_cast<std::int64_t>(random_.bits() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool one_in(std::int64_t n) { return from(1, n) == 1; }

 private:
  RandomStream random_;
};

void add_nodes(ClusterConfig& config, Dice& dice) {
  const std::int64_t count = dice.from(1, 4);
  primary(config, "n0", config.regions[0].name);
  std::int64_t direct = 0;
  for (std::int64_t i = 1; i < count; ++i) {
    const std::int64_t follows = dice.from(0, i - 1);
    if (follows == 0) ++direct;
    const auto region = static_cast<std::size_t>(
        dice.from(0, static_cast<std::int64_t>(config.regions.size()) - 1));
    replica(config, "n" + std::to_string(i), config.regions[region].name,
            "n" + std::to_string(follows));
  }
  for (NodeConfig& node : config.nodes) {
    node.cpus = dice.from(1, 2);
    node.max_connections = dice.from(2, 8);
  }
  config.postgres.synchronous_commit = static_cast<SynchronousCommit>(dice.from(0, 4));
  if (direct == 0 || dice.one_in(3)) return;
  config.postgres.synchronous_standby_names = std::string(dice.one_in(2) ? "FIRST " : "ANY ") +
                                              std::to_string(dice.from(1, direct)) + " (*)";
}

void add_users(ClusterConfig& config, Dice& dice) {
  rows(config, microseconds(dice.from(100, 5000)), dice.from(1, 20));
  CallConfig transaction;
  StatementConfig step;
  step.write = "rows";
  step.times = 2;
  transaction.transaction = std::vector<StatementConfig>{step};
  for (const RegionFacts& region : config.regions) {
    AppConfig& entrance = app(config, "app-" + region.name, region.name);
    entrance.instances = dice.from(1, 2);
    entrance.pool.size = dice.from(1, 3);
    entrance.pool.queue = dice.from(1, 4);
    entrance.pool.wait_timeout = milliseconds(dice.from(50, 4000));
    entrance.statement_timeout = milliseconds(dice.from(200, 4000));
    std::vector<CallConfig> calls = {own(write()), own(read(dice.from(1, 3)))};
    if (dice.one_in(3)) calls.push_back(transaction);
    PopulationConfig& population =
        users(config, "users-" + region.name, region.name, dice.from(1, 4), calls);
    population.sessions_per_user = dice.one_in(3) ? 2 : 1;
    if (dice.one_in(2)) {
      population.rate = per_second(dice.from(1, 8));
    } else {
      population.think = always(milliseconds(dice.from(100, 2000)));
    }
  }
}

void add_faults(ClusterConfig& config, Dice& dice) {
  for (std::int64_t left = dice.from(0, 5); left > 0; --left) {
    FaultConfig fault;
    fault.at = milliseconds(dice.from(1000, 9000));
    fault.lasts = milliseconds(dice.from(1, 10'000 - fault.at.ns / 1'000'000));
    const auto replicas = static_cast<std::int64_t>(config.nodes.size()) - 1;
    if (replicas > 0 && (config.links.empty() || dice.one_in(3))) {
      fault.kind = FaultKind::pause_replay;
      fault.node = "n" + std::to_string(dice.from(1, replicas));
    } else if (!config.links.empty()) {
      const DirectedLink& link = config.links[static_cast<std::size_t>(
          dice.from(0, static_cast<std::int64_t>(config.links.size()) - 1))];
      if (dice.one_in(2)) {
        fault.between = std::vector<std::string>{link.from, link.to};
      } else {
        fault.from = link.from;
        fault.to = link.to;
      }
    } else {
      continue;
    }
    config.faults.push_back(fault);
  }
}

// The server's own limits, and calls that commit as they like.
void add_limits(ClusterConfig& config, Dice& dice) {
  config.postgres.deadlock_timeout = milliseconds(dice.from(1, 2000));
  if (dice.one_in(3)) config.postgres.lock_timeout = milliseconds(dice.from(1, 500));
  if (dice.one_in(3)) config.postgres.statement_timeout = milliseconds(dice.from(5, 3000));
  for (PopulationConfig& population : config.workload) {
    CallConfig& call = population.pages[0].calls[0];
    if (dice.one_in(2)) call.own = false;
    if (dice.one_in(2)) {
      call.synchronous_commit = static_cast<SynchronousCommit>(dice.from(0, 4));
    }
  }
}

// Cancels waits and changes synchronous_standby_names while the run lasts.
void add_operators(ClusterConfig& config, Dice& dice) {
  const auto direct = static_cast<std::int64_t>(
      std::count_if(config.nodes.begin(), config.nodes.end(),
                    [](const NodeConfig& node) { return node.follows == "n0"; }));
  for (std::int64_t left = dice.from(0, 3); left > 0; --left) {
    FaultConfig fault;
    fault.at = milliseconds(dice.from(1000, 9000));
    if (dice.one_in(2)) {
      fault.kind = FaultKind::cancel_waits;
      fault.node = "n0";
    } else {
      fault.kind = FaultKind::set_synchronous_standby_names;
      fault.value = "";
      if (direct > 0 && dice.one_in(2)) {
        fault.value = "ANY " + std::to_string(dice.from(1, direct)) + " (*)";
      }
    }
    config.faults.push_back(fault);
  }
}

ClusterConfig random_world(std::uint64_t seed) {
  Dice dice(seed);
  const std::vector<std::string> names = {"eu", "us", "ap"};
  ClusterConfig config = empty({names.begin(), names.begin() + dice.from(1, 3)});
  for (std::size_t i = 0; i < config.regions.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      link(config, names[j], names[i], milliseconds(dice.from(2, 150)),
           dice.one_in(4) ? ByteRate{32'000} : ByteRate{});
    }
  }
  if (dice.one_in(2)) config.network.jitter = DurationDistribution::exponential(milliseconds(1));
  if (dice.one_in(2)) config.canary = per_second(1);
  add_nodes(config, dice);
  add_users(config, dice);
  add_faults(config, dice);
  FreshnessConfig& freshness = config.policy.freshness;
  freshness.rule = static_cast<FreshnessRule>(dice.from(0, 2));
  freshness.otherwise = static_cast<FreshnessOtherwise>(dice.from(0, 2));
  freshness.scope = static_cast<TokenScope>(dice.from(0, 2));
  config.policy.lag_breaker.enabled = dice.one_in(2);
  add_limits(config, dice);
  add_operators(config, dice);
  return config;
}

// More primaries, each with as many standbys as commits may wait for.
void add_primaries(ClusterConfig& config, Dice& dice) {
  config.primaries = dice.one_in(2) ? Primaries::sharded : Primaries::active_active;
  const bool sharded = config.primaries == Primaries::sharded;
  const std::int64_t more = sharded ? dice.from(1, 2) : 1;
  const auto direct = std::count_if(config.nodes.begin(), config.nodes.end(),
                                    [](const NodeConfig& node) { return node.follows == "n0"; });
  const auto any_region = [&]() -> const std::string& {
    return config
        .regions[static_cast<std::size_t>(
            dice.from(0, static_cast<std::int64_t>(config.regions.size()) - 1))]
        .name;
  };
  for (std::int64_t i = 0; i < more; ++i) {
    const std::string name = "p" + std::to_string(i);
    primary(config, name, any_region()).cpus = dice.from(1, 2);
    for (std::int64_t k = 0; k < std::max<std::int64_t>(direct, dice.from(0, 1)); ++k) {
      replica(config, name + "-" + std::to_string(k), any_region(), name);
    }
  }
  for (NodeConfig& node : config.nodes) {
    if (!sharded && node.role == NodeRole::primary) node.apply_rate = per_second(10'000);
  }
  if (sharded) {
    for (PopulationConfig& population : config.workload) {
      if (dice.one_in(2)) population.home = "p0";
      if (dice.one_in(2)) population.travelling = percent(30);
      if (dice.one_in(2)) population.spanning = percent(30);
    }
  }
  for (FaultConfig& fault : config.faults) {
    if (fault.kind == FaultKind::set_synchronous_standby_names) fault.node = "n0";
  }
  FreshnessConfig& freshness = config.policy.freshness;
  freshness.store = {};  // what run/validate.cpp asks for
  freshness.scope = dice.one_in(2) ? TokenScope::session : TokenScope::user;
}

void add_caches(ClusterConfig& config, Dice& dice) {
  for (const RegionFacts& region : config.regions) {
    if (dice.one_in(3)) continue;
    CacheConfig cache;
    cache.name = "cache-" + region.name;
    cache.region = region.name;
    cache.entries = {dice.from(1, 20)};
    cache.service_time = milliseconds(dice.from(0, 20));
    config.caches.push_back(cache);
  }
  CachingConfig& rules = config.caching;
  rules.ttl = milliseconds(dice.from(50, 5000));
  rules.invalidation = static_cast<Invalidation>(dice.from(0, 3));
  rules.delivery = static_cast<InvalidationDelivery>(dice.from(0, 1));
  rules.on_write = static_cast<CacheOnWrite>(dice.from(0, 1));
  rules.versioned = dice.one_in(2);
  rules.tombstone = milliseconds(dice.from(50, 5000));
  if (dice.one_in(2)) rules.second_delete = milliseconds(dice.from(1, 2000));
}

// How apps write and read: what a page does not wait for, what it looks up, what it knows.
void add_calls(ClusterConfig& config, Dice& dice) {
  for (PopulationConfig& population : config.workload) {
    PageConfig& page = population.pages[0];
    CallConfig& first = page.calls[0];
    first.idempotency_key = dice.one_in(2);
    if (dice.one_in(3)) {
      first.enqueue = std::exchange(first.write, std::nullopt);
    } else {
      first.optimistic = dice.one_in(4);
    }
    if (dice.one_in(4)) first.until_version = dice.from(1, 2);
    page.calls[1].cached = !config.caches.empty() && dice.one_in(2);
    if (dice.one_in(4)) page.calls[1].max_staleness = milliseconds(dice.from(0, 3000));
    PageConfig look;
    look.name = "look";
    look.calls = {read(dice.from(1, 2))};
    look.calls[0].cached = !config.caches.empty();
    if (dice.one_in(3)) {
      look.cdn.emplace();
      if (dice.one_in(2)) {
        look.cdn->hits = percent(dice.from(0, 100));
      } else {
        look.cdn->ttl = milliseconds(dice.from(50, 3000));
      }
    }
    population.pages.push_back(look);
  }
  // An item waits for ever for a connection that others' pools keep.
  for (NodeConfig& node : config.nodes) node.max_connections = 100;
}

// More than a write needs to the primary and the primary to its standby.
Duration time_of_a_write(const ClusterConfig& config) {
  Duration ways = milliseconds(100);
  for (const DirectedLink& link : config.links) ways = ways + link.latency * 2;
  return ways;
}

void add_rules(ClusterConfig& config, Dice& dice) {
  for (AppConfig& app : config.apps) {
    // With less an item is tried for ever.
    app.statement_timeout = std::max(app.statement_timeout, time_of_a_write(config));
    OutboxConfig& box = app.outbox;
    box.kind = static_cast<QueueKind>(dice.from(0, 2));
    if (box.kind == QueueKind::broker) box.broker = config.regions[0].name;
    box.capacity = dice.from(1, 10);
    box.when_full = static_cast<WhenFull>(dice.from(0, 1));
    box.in_flight = dice.from(1, 3);
    box.retry_cap = seconds(1);
    if (dice.one_in(2)) app.page_timeout = milliseconds(dice.from(5, 2000));
    app.token_store_delay = always(milliseconds(dice.from(0, 150)));
  }
  PolicyConfig& policy = config.policy;
  policy.freshness.rule = static_cast<FreshnessRule>(dice.from(0, 5));
  policy.freshness.scope = static_cast<TokenScope>(dice.from(0, 3));
  policy.freshness.store.kind = static_cast<TokenPlace>(dice.from(0, 3));
  policy.freshness.store.when_down = static_cast<StoreFailure>(dice.from(0, 2));
  policy.freshness.wait = milliseconds(dice.from(0, 500));
  policy.freshness.monotonic_reads = dice.one_in(3);
  policy.router.when_no_replica = static_cast<WhenNoReplica>(dice.from(0, 3));
  if (dice.one_in(2)) {
    policy.retries = {.attempts = dice.from(2, 4),
                      .backoff = static_cast<Backoff>(dice.from(0, 3)),
                      .base = milliseconds(dice.from(1, 300)),
                      .cap = seconds(1),
                      .jitter = static_cast<Jitter>(dice.from(0, 2)),
                      .in_doubt = dice.one_in(2)};
  }
  if (dice.one_in(3)) policy.write_throttle.above = milliseconds(dice.from(1, 1000));
  if (dice.one_in(3)) {
    policy.call_breaker.mode = CallBreakerMode::automatic;
    policy.call_breaker.window_calls = 10;
    policy.call_breaker.minimum_calls = 5;
    policy.call_breaker.wait_in_open = seconds(1);
    policy.call_breaker.half_open_calls = 2;
  }
  policy.outlier_ejection.enabled = dice.one_in(3);
  policy.outlier_ejection.base_ejection_time = seconds(1);
}

void add_app_faults(ClusterConfig& config, Dice& dice) {
  for (std::int64_t left = dice.from(1, 3); left > 0; --left) {
    FaultConfig fault;
    const AppConfig& hit = config.apps[static_cast<std::size_t>(
        dice.from(0, static_cast<std::int64_t>(config.apps.size()) - 1))];
    fault.app = hit.name;
    fault.at = milliseconds(dice.from(1000, 9000));
    fault.lasts = milliseconds(dice.from(1, 10'000 - fault.at.ns / 1'000'000));
    switch (dice.from(0, 3)) {
      case 0:
        fault.kind = FaultKind::token_store_down;
        break;
      case 1:
        fault.kind = FaultKind::deploy;
        fault.lasts.reset();
        fault.every = milliseconds(dice.from(0, 1000));
        break;
      default:
        fault.kind = FaultKind::app_crash;
        if (dice.one_in(2)) fault.instance = dice.from(0, hit.instances - 1);
        break;
    }
    config.faults.push_back(fault);
  }
  if (config.primaries == Primaries::active_active || dice.one_in(2)) return;
  FaultConfig alter;
  alter.kind = FaultKind::alter_table;
  alter.node = "n0";
  alter.data = "rows";
  alter.at = milliseconds(dice.from(1000, 9000));
  alter.lasts = milliseconds(dice.from(1, 10'000 - alter.at.ns / 1'000'000));
  (dice.one_in(2) ? alter.adds : alter.drops) = "email";
  config.faults.push_back(alter);
  config.workload[0].pages[1].calls[0].needs = {"email"};
}

ClusterConfig random_rich_world(std::uint64_t seed) {
  ClusterConfig config = random_world(seed);
  Dice dice(mix64(seed));
  if (dice.one_in(2)) add_caches(config, dice);
  add_calls(config, dice);
  add_rules(config, dice);
  if (dice.one_in(2)) add_primaries(config, dice);
  add_app_faults(config, dice);
  return config;
}

// As run_checked, but nobody asks for another page.
void come_to_rest(Cluster& cluster, TimePoint until) {
  World& world = cluster.world();
  Event event;
  while (world.scheduler.pop_until(until, event)) {
    if (static_cast<EventKind>(event.kind) == EventKind::page_due) continue;
    execute(world, event);
    REQUIRE(broken_invariant(world) == "");
  }
}

// What is left of work that should be over; empty if nothing is.
std::string left_over(const World& world) {
  for (std::size_t i = 0; i < world.requests.size(); ++i) {
    const Request& request = world.requests[i];
    if (request.phase != Phase::free) {
      return "slot " + std::to_string(i) + " in phase " +
             std::to_string(static_cast<int>(request.phase)) + " of duty " +
             std::to_string(static_cast<int>(request.duty));
    }
    if (!request.touched.empty() || !request.written.empty()) return "rows of a slot";
  }
  if (world.free_connects.size() != world.connects.size()) return "attempts to connect";
  if (world.doubts.free.size() != world.doubts.slots.size()) return "doubts";
  if (world.cache_orders.free.size() != world.cache_orders.slots.size()) return "orders to caches";
  for (const OutboxWatch& watch : world.outbox_watches) {
    if (watch.depth > 0) return "items of a queue";
  }
  std::vector<std::uint32_t> open(world.nodes.size());
  for (std::size_t i = 0; i < world.pools.size(); ++i) {
    if (world.pools[i].idle != world.pools[i].open) return "connections in use";
    open[i % world.nodes.size()] += world.pools[i].open;
  }
  for (std::size_t i = 0; i < world.nodes.size(); ++i) {
    if (world.nodes[i].connections != open[i]) return "connections that nobody has";
  }
  for (const Group& group : world.groups) {
    const Node& primary = world.node(group.primary);
    if (!primary.commits.empty()) return "commits";
    if (std::string late = not_converged(world, primary.flushed, group.log); !late.empty()) {
      return late;
    }
  }
  Duration page_time;  // of all parts; models/app/page_time.h
  for (const PageTime& time : world.measures.page_times) page_time += time.total();
  if (Int128{page_time.ns} != all(world, Metric::page_latency).sum()) return "a page's time";
  return {};
}

using Draw = ClusterConfig (*)(std::uint64_t);

void judge(Draw draw, std::uint64_t seed, bool permuted) {
  INFO("seed " << seed << (permuted ? ", ties permuted" : ""));
  Cluster cluster =
      build(draw(seed), seed, permuted ? std::optional<std::uint64_t>(seed) : std::nullopt);
  World& world = cluster.world();
  time_pages(world);
  run_checked(cluster, at(faults_over));
  std::vector<Lsn> flushed;
  for (const Group& group : world.groups) flushed.push_back(world.node(group.primary).flushed);
  Cluster quiet = cluster;  // one goes on under load, one is left alone
  if (seed % 4 == 0) {
    run_checked(cluster, at(faults_over + converged_after));
    for (std::size_t i = 0; i < flushed.size(); ++i) {
      REQUIRE(not_converged(world, flushed[i], world.groups[i].log) == "");
    }
  }
  come_to_rest(quiet, at(faults_over + rests_after));
  REQUIRE(left_over(quiet.world()) == "");
}

void judge_all(Draw draw, std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    judge(draw, seed, false);
    if (seed % 3 == 0) judge(draw, seed, true);
  }
}

}  // namespace

TEST_CASE("random_worlds: invariants hold after every event and all comes to rest",
          "[models][random_worlds]") {
  judge_all(random_world, 0, 300);
}

TEST_CASE("random_worlds: with all that apps may do, and several primaries",
          "[models][random_worlds]") {
  judge_all(random_rich_world, 0, 300);
}

TEST_CASE("random_worlds: many: invariants hold after every event and all comes to rest",
          "[models][random_worlds][.slow]") {
  judge_all(random_world, 100'000, 10'000);
}

TEST_CASE("random_worlds: many: with all that apps may do, and several primaries",
          "[models][random_worlds][.slow]") {
  judge_all(random_rich_world, 100'000, 10'000);
}

}  // namespace longhaul
