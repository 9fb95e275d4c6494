// Small worlds in which servers die, links are cut and standbys are promoted and told whom to
// follow, at random: every invariant holds after every event, and the lost commits are exactly the
// acknowledged ones that the surviving branch has not.

#include <map>

#include "models/pg/follow.h"
#include "models/pg/history.h"
#include "models/pg/losses.h"
#include "models/pg/promotion.h"
#include "models/pg/server.h"
#include "sim/rng.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr Duration faults_over = seconds(20);
constexpr Duration lasts = seconds(30);

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_{{mix64(seed + 77)}} {}
  std::uint32_t below(std::size_t n) {
    return static_cast<std::uint32_t>(longhaul::below(random_.bits(), n));
  }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

 private:
  RandomStream random_;
};

ClusterConfig draw_world(Dice& dice) {
  const std::vector<std::string> names = {"eu", "us", "ap"};
  ClusterConfig config = empty({names.begin(), names.begin() + 1 + dice.below(3)});
  for (std::size_t i = 0; i < config.regions.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      link(config, names[j], names[i], milliseconds(2 + dice.below(150)),
           dice.one_in(5) ? ByteRate{64'000} : ByteRate{});
    }
  }
  config.duration = lasts;
  primary(config, "n0", config.regions[0].name);
  const std::uint32_t nodes = 2 + dice.below(3);
  for (std::uint32_t i = 1; i < nodes; ++i) {
    replica(config, "n" + std::to_string(i), config.regions[dice.below(config.regions.size())].name,
            "n" + std::to_string(dice.one_in(3) ? dice.below(i) : 0));
  }
  config.postgres.synchronous_commit = static_cast<SynchronousCommit>(dice.below(5));
  if (dice.one_in(2)) config.postgres.synchronous_standby_names = "ANY 1 (*)";
  config.postgres.wal_sender_timeout = seconds(2);
  config.postgres.wal_receiver_timeout = seconds(2);
  config.postgres.wal_retrieve_retry_interval = milliseconds(500);
  config.monitoring.heartbeat_interval = milliseconds(700);
  rows(config, microseconds(500), 1 + dice.below(30)).write = WriteKind::update;
  for (const RegionFacts& region : config.regions) {
    AppConfig& entrance = app(config, "app-" + region.name, region.name);
    entrance.statement_timeout = seconds(1);
    PopulationConfig& population = users(config, "users-" + region.name, region.name,
                                         1 + dice.below(4), {own(write()), own(read(2))});
    population.think = always(milliseconds(20 + dice.below(300)));
  }
  config.policy.freshness.rule = dice.one_in(2) ? FreshnessRule::lsn_token : FreshnessRule::none;
  config.policy.freshness.scope = TokenScope::user;
  FaultConfig last;  // by which the plan says that losses count
  last.kind = FaultKind::promote;
  last.node = "n1";
  last.at = lasts - seconds(1);
  config.faults.push_back(last);
  return config;
}

// What an operator or a catastrophe does next.
void interfere(World& world, Dice& dice) {
  const NodeId node{dice.below(world.nodes.size())};
  const NodeId other{dice.below(world.nodes.size())};
  switch (dice.below(8)) {
    case 0:
      return stop_server(world, node, dice.one_in(2) ? Liveness::stopped : Liveness::vanished);
    case 1:
    case 2:
      return start_server(world, node);
    case 3:
      return promote_by_hand(world, node, dice.one_in(2));
    case 4:
    case 5:
      if (node != other) follow(world, node, other);
      return;
    case 6:
      if (world.network.links().empty()) return;
      return world.network.cut(LinkId{dice.below(world.network.links().size())});
    case 7:
      for (std::uint32_t i = 0; i < world.network.links().size(); ++i) {
        while (world.network.link({i}).cuts > 0) world.network.heal(world.now(), LinkId{i});
      }
      return;
  }
}

// Every version that ever was, as long as the truth shows it.
struct Seen {
  LogId log;
  Lsn end;
  UserId writer;
  bool acknowledged = false;
  bool gone = false;
};

void note(std::map<std::uint64_t, Seen>& seen, std::uint64_t number, const Version& version) {
  seen[number] = {version.log, version.end, version.writer,
                  version.acknowledged != TimePoint::never(), version.gone};
}

void observe(const World& world, std::map<std::uint64_t, Seen>& seen) {
  const Ring<Version>& versions = world.truth.versions();
  for (std::uint64_t n = versions.first(); n != versions.end(); ++n) note(seen, n, versions.at(n));
  for (const LostVersion& entry : world.truth.lost()) note(seen, entry.number, entry.version);
}

struct Outcome {
  std::size_t promotions = 0;
  std::size_t lost = 0;
  std::size_t split = 0;
  bool refused = false;
};

Outcome play(std::uint64_t seed) {
  Dice dice(seed);
  Cluster cluster = build(draw_world(dice), seed);
  World& world = cluster.world();
  Outcome outcome;
  std::map<std::uint64_t, Seen> seen;
  for (TimePoint now = at(seconds(1)); now < at(faults_over);
       now = now + milliseconds(50 + dice.below(4'000))) {
    INFO("seed " << seed << " at " << now.ns);
    run_checked(cluster, now);
    observe(world, seen);
    interfere(world, dice);
    observe(world, seen);
    REQUIRE(broken_invariant(world) == "");
  }
  for (TimePoint now = at(faults_over); now <= at(lasts); now = now + milliseconds(200)) {
    INFO("seed " << seed << " at " << now.ns);
    run_checked(cluster, now);
    observe(world, seen);
  }
  for (const Node& node : world.nodes) outcome.refused |= node.diverged != Divergence::none;
  // The newest branch survives whose primary accepts writes, and the last of those if none does.
  const LogId end = world.truth.survivor_of({0});
  const Group& newest = world.groups[newest_group(world, {0}).value];
  if (accepts_writes(world, newest)) REQUIRE(end == newest.log);
  std::size_t expected = 0;
  const Seen* before = nullptr;
  for (const auto& [number, version] : seen) {
    const bool survives = !version.gone && version.end <= shared_up_to(world, version.log, end);
    if (!version.acknowledged || survives) continue;
    const bool same = before != nullptr && before->log == version.log &&
                      before->end == version.end && before->writer == version.writer;
    expected += same ? 0 : 1;
    before = &version;
  }
  INFO("seed " << seed);
  REQUIRE(lost_commits(world).size() == expected);
  cluster.finish();
  outcome.promotions = world.groups.size() - 1;
  outcome.lost = expected;
  outcome.split = static_cast<std::size_t>(total(world, Metric::split_brain_writes));
  return outcome;
}

void play_all(std::uint64_t first, std::uint64_t count) {
  std::size_t promoted = 0, lost = 0, split = 0, refused = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const Outcome outcome = play(seed);
    promoted += outcome.promotions > 0;
    lost += outcome.lost > 0;
    split += outcome.split > 0;
    refused += outcome.refused;
  }
  // The worlds mean something only if all of it happens.
  REQUIRE(promoted > count / 3);
  REQUIRE(lost > count / 10);
  REQUIRE(split > count / 20);
  REQUIRE(refused > count / 60);
}

}  // namespace

TEST_CASE("random promotions: invariants hold, and what is lost is exactly what is not there",
          "[models][promotion][random_promotions]") {
  play_all(0, 60);
}

TEST_CASE("random promotions: many", "[models][random_promotions][.slow]") { play_all(1'000, 600); }

}  // namespace longhaul
