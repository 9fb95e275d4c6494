// Small worlds drawn at random: topology, durability, policies, pools, faults. Whatever comes
// together, every invariant holds after every event, and after the faults all comes to rest.

#include <algorithm>

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

void require_rest(const World& world) {
  REQUIRE(world.free_requests.size() == world.requests.size());
  REQUIRE(world.free_connects.size() == world.connects.size());
  REQUIRE(world.node(world.primary()).commits.empty());
  std::vector<std::uint32_t> open(world.nodes.size());
  for (std::size_t i = 0; i < world.pools.size(); ++i) {
    REQUIRE(world.pools[i].idle == world.pools[i].open);
    open[i % world.nodes.size()] += world.pools[i].open;
  }
  for (std::size_t i = 0; i < world.nodes.size(); ++i) {
    REQUIRE(world.nodes[i].connections == open[i]);
  }
  REQUIRE(not_converged(world, world.node(world.primary()).flushed) == "");
  Duration page_time;  // of all parts; models/app/page_time.h
  for (const PageTime& time : world.measures.page_times) page_time += time.total();
  REQUIRE(Int128{page_time.ns} == all(world, Metric::page_latency).sum());
}

void judge(std::uint64_t seed, bool permuted) {
  INFO("seed " << seed << (permuted ? ", ties permuted" : ""));
  Cluster cluster =
      build(random_world(seed), seed, permuted ? std::optional<std::uint64_t>(seed) : std::nullopt);
  World& world = cluster.world();
  time_pages(world);
  run_checked(cluster, at(faults_over));
  const Lsn flushed = world.node(world.primary()).flushed;
  Cluster quiet = cluster;  // one goes on under load, one is left alone
  if (seed % 4 == 0) {
    run_checked(cluster, at(faults_over + converged_after));
    REQUIRE(not_converged(world, flushed) == "");
  }
  come_to_rest(quiet, at(faults_over + rests_after));
  require_rest(quiet.world());
}

void judge_all(std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    judge(seed, false);
    if (seed % 3 == 0) judge(seed, true);
  }
}

}  // namespace

TEST_CASE("random_worlds: invariants hold after every event and all comes to rest",
          "[models][random_worlds]") {
  judge_all(0, 300);
}

TEST_CASE("random_worlds: many: invariants hold after every event and all comes to rest",
          "[models][random_worlds][.slow]") {
  judge_all(100'000, 10'000);
}

}  // namespace longhaul
