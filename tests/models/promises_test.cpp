// What a freshness rule promises, in random small worlds under random faults. A seed first draws
// what kind of world and which kinds of fault it has, then when they fire. Whatever happens, no
// invariant breaks, a user with a token sees their own writes, and once all is healed the standbys
// catch up within a stated time.

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr Duration faults_from = seconds(3);
constexpr Duration healed_by = seconds(9);
// Overlapping cuts leave a stream cut off for at most 6 s, so its next attempt is at most
// 6 s + RTT + 0.2 s away; what accumulated meanwhile is less than 1 MB and takes less than 3 s on
// the slowest link and through the smallest window. A position is reported within 10 s more at
// most.
constexpr Duration converged_by = seconds(9 + 7 + 3 + 10);

struct Dice {
  RandomStream stream;
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(longhaul::below(stream.bits(), static_cast<std::uint64_t>(n)));
  }
  bool chance(std::int64_t percent) { return below(100) < percent; }
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[below(static_cast<std::int64_t>(values.size()))];
  }
};

void draw_nodes(Dice& dice, ClusterConfig& config) {
  const auto regions = static_cast<std::int64_t>(config.regions.size());
  const bool slow_disks = dice.chance(30);
  const auto fsync = [&] {
    return slow_disks ? DurationDistribution::exponential(milliseconds(20))
                      : always(milliseconds(1));
  };
  NodeConfig& db = primary(config, "n0", "r0");
  db.cpus = dice.one_of<std::int64_t>({1, 4});
  db.max_connections = dice.one_of<std::int64_t>({2, 6, 100});
  db.fsync = fsync();
  const bool cascades = dice.chance(40);
  const std::int64_t replicas = dice.below(4);
  for (std::int64_t i = 1; i <= replicas; ++i) {
    const std::string region = "r" + std::to_string(dice.below(regions));
    const std::int64_t up = cascades ? dice.below(i) : 0;
    NodeConfig& node = replica(config, "n" + std::to_string(i), region, "n" + std::to_string(up));
    node.zone = dice.one_of<std::string>({"a", "b"});
    node.fsync = fsync();
    node.max_connections = dice.one_of<std::int64_t>({2, 6, 100});
    node.replay_rate = dice.one_of<ByteRate>({{500'000}, {30'000'000}});
  }
}

void draw_durability(Dice& dice, ClusterConfig& config) {
  using enum SynchronousCommit;
  config.postgres.synchronous_commit = dice.one_of({off, local, remote_write, on, remote_apply});
  std::vector<std::string> direct;
  for (const NodeConfig& node : config.nodes) {
    if (node.follows == "n0") direct.push_back(node.name);
  }
  if (direct.empty() || dice.chance(30)) return;
  std::string names;
  for (const std::string& name : direct) names += (names.empty() ? "" : ", ") + name;
  const std::int64_t count = 1 + dice.below(static_cast<std::int64_t>(direct.size()));
  config.postgres.synchronous_standby_names = dice.one_of<std::string>({"FIRST ", "ANY "}) +
                                              std::to_string(count) + " (" +
                                              (dice.chance(25) ? "*" : names) + ")";
}

void draw_apps(Dice& dice, ClusterConfig& config) {
  const std::int64_t apps = 1 + dice.below(2);
  for (std::int64_t i = 0; i < apps; ++i) {
    const auto region =
        "r" + std::to_string(dice.below(static_cast<std::int64_t>(config.regions.size())));
    AppConfig& it = app(config, "a" + std::to_string(i), region);
    it.instances = 1 + dice.below(2);
    it.pool.size = dice.one_of<std::int64_t>({1, 2, 5});
    it.pool.queue = dice.one_of<std::int64_t>({1, 100});
    it.pool.wait_timeout = dice.one_of({milliseconds(150), seconds(2)});
    it.pool.connect_timeout = dice.one_of({milliseconds(300), seconds(10)});
    it.statement_timeout = dice.one_of({milliseconds(250), seconds(3)});
    it.position_poll = milliseconds(10);
  }
}

void draw_policy(Dice& dice, ClusterConfig& config) {
  FreshnessConfig& rule = config.policy.freshness;
  using enum FreshnessRule;
  rule.rule = dice.one_of({none, pin_after_write, lsn_token, lsn_token});
  rule.otherwise = dice.one_of(
      {FreshnessOtherwise::primary, FreshnessOtherwise::fail, FreshnessOtherwise::serve_stale});
  rule.scope = dice.one_of({TokenScope::request, TokenScope::session, TokenScope::user});
  rule.wait = dice.one_of({Duration{}, milliseconds(50), milliseconds(500)});
  rule.pin = milliseconds(500);
  config.policy.lag_breaker.enabled = dice.chance(60);
  config.policy.lag_breaker.open_above = milliseconds(800);
  config.policy.lag_breaker.close_below = milliseconds(300);
  config.policy.lag_breaker.probe_interval = milliseconds(400);
  config.policy.lag_breaker.probe_timeout = milliseconds(400);
  if (dice.chance(20)) config.policy.router.when_no_replica = WhenNoReplica::fail;
  if (dice.chance(30)) config.policy.router.primary_reads = PrimaryReads::fallback_only;
}

void draw_users(Dice& dice, ClusterConfig& config) {
  rows(config, milliseconds(1), 30).row_bytes = dice.one_of<Bytes>({{200}, {8'000}});
  config.data[0].read_time = DurationDistribution::exponential(milliseconds(2));
  CallConfig transaction;
  transaction.transaction.emplace();
  for (const bool writes : {false, true}) {
    StatementConfig statement;
    (writes ? statement.write : statement.read) = "rows";
    statement.rows = 3;
    transaction.transaction->push_back(statement);
  }
  const std::int64_t populations = 1 + dice.below(2);
  for (std::int64_t i = 0; i < populations; ++i) {
    const auto region =
        "r" + std::to_string(dice.below(static_cast<std::int64_t>(config.regions.size())));
    PopulationConfig& us =
        users(config, "u" + std::to_string(i), region, 2 * (1 + dice.below(3)), {read(2)});
    us.sessions_per_user = 1 + dice.below(2);
    us.last_mile = dice.one_of({Duration{}, milliseconds(20)});
    us.pages.push_back({"save", 2, {own(write()), own(read())}});
    us.pages.push_back({"both", 1, {transaction}});
    us.in_flight_max = dice.one_of<std::int64_t>({3, 64});
    if (dice.chance(50)) {
      us.rate = per_second(10);
    } else {
      us.think = DurationDistribution::exponential(milliseconds(300));
    }
  }
  if (dice.chance(50)) config.canary = per_second(5);
}

// First the kinds, then the times.
void draw_faults(Dice& dice, ClusterConfig& config) {
  const bool cuts = dice.chance(60);
  const bool one_way_cuts = dice.chance(40);
  const bool pauses = dice.chance(40) && config.nodes.size() > 1;
  const auto fault = [&](FaultKind kind) {
    FaultConfig result;
    result.kind = kind;
    const Duration longest = healed_by - faults_from;
    result.at = faults_from + Duration{dice.below(longest.ns)};
    result.lasts = Duration{1 + dice.below((healed_by - result.at).ns)};
    return result;
  };
  const auto regions = static_cast<std::int64_t>(config.regions.size());
  for (std::int64_t i = cuts ? 1 + dice.below(3) : 0; i > 0; --i) {
    FaultConfig cut = fault(FaultKind::cut_link);
    const std::int64_t a = dice.below(regions);
    const std::int64_t b = (a + 1 + dice.below(regions - 1)) % regions;
    cut.between = std::vector<std::string>{"r" + std::to_string(a), "r" + std::to_string(b)};
    config.faults.push_back(cut);
  }
  for (std::int64_t i = one_way_cuts ? 1 + dice.below(3) : 0; i > 0; --i) {
    FaultConfig cut = fault(FaultKind::cut_link);
    const std::int64_t a = dice.below(regions);
    cut.from = "r" + std::to_string(a);
    cut.to = "r" + std::to_string((a + 1) % regions);
    config.faults.push_back(cut);
  }
  for (std::int64_t i = pauses ? 1 + dice.below(2) : 0; i > 0; --i) {
    FaultConfig pause = fault(FaultKind::pause_replay);
    pause.node =
        "n" + std::to_string(1 + dice.below(static_cast<std::int64_t>(config.nodes.size()) - 1));
    config.faults.push_back(pause);
  }
}

ClusterConfig random_world(std::uint64_t seed) {
  Dice dice{{stream(seed, "promises")}};
  std::vector<std::string> names{"r0", "r1"};
  if (dice.chance(50)) names.push_back("r2");
  ClusterConfig config = empty(names);
  for (RegionFacts& facts : config.regions) {
    facts.same_zone_rtt = microseconds(100);
    facts.cross_zone_rtt = milliseconds(1);
  }
  const bool thin = dice.chance(30);
  for (std::size_t a = 0; a < names.size(); ++a) {
    for (std::size_t b = a + 1; b < names.size(); ++b) {
      link(config, names[a], names[b],
           dice.one_of({milliseconds(2), milliseconds(80), milliseconds(150)}),
           thin ? ByteRate{1'000'000} : ByteRate{});
    }
  }
  if (dice.chance(60)) {
    for (DirectedLink& link : config.links) {
      link.jitter = DurationDistribution::exponential(microseconds(500));
    }
  }
  config.network.page_reply = {2'000};
  config.network.retransmits_max = dice.one_of<std::int64_t>({1, 15});
  config.wal.send_chunk = dice.one_of({kibibytes(8), kibibytes(128)});
  config.wal.tcp_window = dice.one_of<Bytes>({{50'000}, {3'900'000}});
  config.warmup = seconds(1);
  config.duration = converged_by;
  draw_nodes(dice, config);
  draw_durability(dice, config);
  draw_apps(dice, config);
  draw_policy(dice, config);
  draw_users(dice, config);
  draw_faults(dice, config);
  return config;
}

// A rule that promises read-your-writes for everything that these users do. Without jitter the
// answers to several pages of one user meet at one instant, when none of them is before another;
// such worlds promise nothing.
bool promises_own_writes(const ClusterConfig& config) {
  if (config.links.front().jitter == always({})) return false;
  const FreshnessConfig& rule = config.policy.freshness;
  if (rule.rule != FreshnessRule::lsn_token || rule.scope == TokenScope::request) return false;
  if (rule.otherwise == FreshnessOtherwise::serve_stale) return false;
  for (const PopulationConfig& population : config.workload) {
    if (population.sessions_per_user > 1 && rule.scope == TokenScope::session) return false;
  }
  return true;
}

struct Tally {
  std::int64_t reads = 0;
  std::int64_t writes = 0;
  std::int64_t failed = 0;
  std::int64_t stale = 0;
  std::int64_t promised_reads = 0;
};

void judge(std::uint64_t seed, std::optional<std::uint64_t> permute_ties, Tally& tally) {
  const ClusterConfig config = random_world(seed);
  Cluster cluster = build(config, seed, permute_ties);
  World& world = cluster.world();
  run_checked(cluster, at(healed_by));
  const Lsn flushed = world.node(world.primary()).flushed;
  run_checked(cluster, at(converged_by));
  INFO("seed " << seed);
  REQUIRE(not_converged(world, flushed) == "");
  cluster.finish();
  tally.reads += total(world, Metric::reads);
  tally.writes += total(world, Metric::writes);
  tally.failed += total(world, Metric::errors);
  tally.stale += total(world, Metric::stale_reads);
  if (!promises_own_writes(config)) return;
  tally.promised_reads += total(world, Metric::reads);
  REQUIRE(total(world, Metric::read_your_writes_violations) == 0);
}

// Worlds in which nothing goes wrong would prove nothing.
void require_eventful(const Tally& tally) {
  REQUIRE(tally.reads > 1000);
  REQUIRE(tally.writes > 1000);
  REQUIRE(tally.failed > 100);
  REQUIRE(tally.stale > 10);
  REQUIRE(tally.promised_reads > 100);
}

}  // namespace

TEST_CASE("promises: a token is kept through every fault, and healed worlds converge",
          "[models][promises]") {
  Tally tally;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) judge(seed, std::nullopt, tally);
  require_eventful(tally);
}

TEST_CASE("promises: kept however ties fall out", "[models][promises]") {
  Tally tally;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) judge(seed, seed * 7, tally);
  require_eventful(tally);
}

TEST_CASE("promises: kept in many worlds", "[models][promises][.slow]") {
  Tally tally;
  for (std::uint64_t seed = 1001; seed <= 6000; ++seed) judge(seed, std::nullopt, tally);
  require_eventful(tally);
}

}  // namespace longhaul
