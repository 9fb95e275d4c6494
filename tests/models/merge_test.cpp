// Two primaries that write the same rows; the last writer wins. Regions are 80 ms apart (round
// trip), 10,000 rows are applied a second, a statement takes 1 ms, a flush 2 ms.

#include "models/pg/merge.h"

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

constexpr std::uint32_t us = 0;
constexpr std::uint32_t eu = 1;

ClusterConfig active_active() {
  ClusterConfig config = empty({"us", "eu"});
  config.primaries = Primaries::active_active;
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db-us", "us").apply_rate = per_second(10'000);
  primary(config, "db-eu", "eu").apply_rate = per_second(10'000);
  app(config, "app-us", "us");
  app(config, "app-eu", "eu");
  rows(config, milliseconds(1), 1).write = WriteKind::update;  // everybody writes the one row
  return config;
}

// Pages of one session at fixed times: first between 0 and `gap`, then every `gap`.
void writer(ClusterConfig& config, const std::string& name, const std::string& from,
            Duration begins, Duration gap, std::int64_t pages) {
  PopulationConfig& population = users(config, name, from, 1, {write()});
  population.begins = begins;
  population.think = always(gap);
  population.pages_max = pages;
}

std::int64_t counted(const World& world, Metric metric, std::uint32_t node) {
  return world.measures.counter_at(metric, node).count;
}

// Whether both show the same version of every row.
bool agree(const World& world) {
  const Ring<MergedVersion>& versions = world.merge.versions;
  for (std::uint64_t n = versions.first(); n != versions.end(); ++n) {
    const std::uint32_t at = versions.at(n).current_at;
    if (at != 0 && at != 3) return false;
  }
  return true;
}

// The commit times of the only page of each of two writers.
TimePoint acknowledged(const World& world, std::uint64_t version) {
  return world.truth.versions().at(version).acknowledged;
}

}  // namespace

TEST_CASE("merge: of two writes within the replication delay one is lost", "[models][merge]") {
  // A session begins within its first pause of 10 ms, so both write within 10 ms of one another,
  // and a change needs 40 ms. Each side meets the other's version once; the earlier one is lost,
  // by the primary that acknowledged it.
  ClusterConfig config = active_active();
  writer(config, "us", "us", {}, milliseconds(10), 1);
  writer(config, "eu", "eu", {}, milliseconds(10), 1);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(milliseconds(40)));
  const World& world = cluster.world();
  REQUIRE(world.truth.versions().size() == 2);
  REQUIRE(acknowledged(world, 1) < at(milliseconds(40)));
  REQUIRE(acknowledged(world, 0) < acknowledged(world, 1));
  const std::uint32_t loser =
      world.node(world.log(world.truth.versions().at(0).log).writer).group.value;
  REQUIRE(total(world, Metric::lost_updates) == 0);  // nobody knows yet
  run_checked(cluster, at(seconds(1)));
  REQUIRE(counted(world, Metric::conflicts, us) == 1);
  REQUIRE(counted(world, Metric::conflicts, eu) == 1);
  REQUIRE(total(world, Metric::lost_updates) == 1);
  REQUIRE(counted(world, Metric::lost_updates, loser) == 1);
  REQUIRE(agree(world));
}

TEST_CASE("merge: a write that has seen the other conflicts with nothing", "[models][merge]") {
  // The second comes 100 ms later; the first was there after 42 ms.
  ClusterConfig config = active_active();
  writer(config, "us", "us", {}, milliseconds(10), 1);
  writer(config, "eu", "eu", milliseconds(110), milliseconds(10), 1);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(1)));
  REQUIRE(total(cluster.world(), Metric::writes) == 2);
  REQUIRE(total(cluster.world(), Metric::conflicts) == 0);
  REQUIRE(total(cluster.world(), Metric::lost_updates) == 0);
  REQUIRE(agree(cluster.world()));
}

TEST_CASE("merge: a clock that is ahead wins while it should lose", "[models][merge]") {
  // Virginia's clock is 1 s ahead. Ireland writes 100 ms after it and has seen its version, but has
  // the earlier timestamp: Virginia turns the newer write down, and the two differ for good.
  ClusterConfig config = active_active();
  config.nodes[us].clock_skew = seconds(1);
  writer(config, "us", "us", {}, milliseconds(10), 1);
  writer(config, "eu", "eu", milliseconds(110), milliseconds(10), 1);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(milliseconds(500)));
  const World& world = cluster.world();
  REQUIRE(total(world, Metric::conflicts) == 0);
  REQUIRE(counted(world, Metric::lost_updates, us) == 1);
  REQUIRE_FALSE(agree(world));
}

TEST_CASE("merge: what is applied is not sent back", "[models][merge]") {
  // One writes ten rows, the other none: each log carries ten transactions, and nothing goes round.
  ClusterConfig config = active_active();
  writer(config, "us", "us", {}, milliseconds(10), 10);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(1)));
  const Lsn before = cluster.world().nodes[eu].insert;
  REQUIRE(before > Lsn{first_lsn});
  run_checked(cluster, at(seconds(10)));
  REQUIRE(cluster.world().nodes[eu].insert == before);
  REQUIRE(total(cluster.world(), Metric::conflicts) == 0);
}

TEST_CASE("merge: a read next door lacks what is under way", "[models][merge]") {
  // Written in Virginia, read in Ireland 20 ms later: stale; 100 ms later: not.
  for (const Duration after : {milliseconds(30), milliseconds(120)}) {
    ClusterConfig config = active_active();
    writer(config, "us", "us", {}, milliseconds(10), 1);
    PopulationConfig& reader = users(config, "eu", "eu", 1, {read()});
    reader.begins = after;
    reader.think = always(milliseconds(1));
    reader.pages_max = 1;
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(seconds(1)));
    REQUIRE(total(cluster.world(), Metric::reads) == 1);
    REQUIRE(total(cluster.world(), Metric::stale_reads) == (after == milliseconds(30) ? 1 : 0));
  }
}

TEST_CASE("merge: a standby shows the other primary's rows when it has replayed them",
          "[models][merge]") {
  // Written in Virginia; Ireland applies it after 43 ms, its WAL writer flushes within 200 ms, and
  // a standby in Ireland replays. The version is then everywhere and can be forgotten.
  ClusterConfig config = active_active();
  replica(config, "copy-eu", "eu", "db-eu");
  writer(config, "us", "us", {}, milliseconds(10), 1);
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  run_checked(cluster, at(milliseconds(60)));
  REQUIRE(world.truth.versions().size() == 1);
  const Lsn end = world.truth.versions().front().end;
  REQUIRE(world.nodes[eu].foreign >= end);
  REQUIRE(world.nodes[2].foreign < end);
  run_checked(cluster, at(milliseconds(300)));
  REQUIRE(world.nodes[2].foreign >= end);
}

TEST_CASE("merge: lost updates come at the rate of the replication delay", "[models][merge]") {
  // Each side writes one of 100 rows 50 times a second, so each row 0.5 times a second on each
  // side. A write is lost when the other side commits the same row after it and before it is there:
  // with probability 1 - exp(-0.5/s * 42.1 ms) = 2.08 %. And it has to be the last of its own side:
  // within 42 ms hardly less. Of 2 x 50/s x 600 s = 60,000 writes 1250, give or take 35; a second
  // conflict on the same row meanwhile is a correction of 2 %.
  ClusterConfig config = active_active();
  config.data[0].rows = {100};
  config.data[0].write_time = always(microseconds(10));
  for (const char* region : {"us", "eu"}) {
    users(config, region, region, 50, {write()}).rate = per_second(50);
  }
  Cluster cluster = build(config, 1);
  cluster.run_until(at(minutes(10)));
  const double writes = static_cast<double>(total(cluster.world(), Metric::writes));
  REQUIRE(writes == Approx(60'000).epsilon(0.02));
  REQUIRE(static_cast<double>(total(cluster.world(), Metric::lost_updates)) / writes ==
          Approx(0.0205).epsilon(0.12));
  REQUIRE(cluster.world().truth.window() < 100);  // nothing is kept that can no longer matter
}

TEST_CASE("merge: random writers agree in the end", "[models][merge]") {
  // Few rows, many writes, flushes and links of different speed, a cut in between: when all is
  // applied both have the same rows.
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    ClusterConfig config = active_active();
    config.data[0].rows = {static_cast<std::int64_t>(1 + seed % 7)};
    config.nodes[eu].fsync = always(milliseconds(1 + static_cast<std::int64_t>(seed % 30)));
    if (seed % 2 == 0) replica(config, "copy-eu", "us", "db-eu");
    for (const char* region : {"us", "eu"}) {
      PopulationConfig& population = users(config, region, region, 10, {write(), own(read())});
      population.rate = per_second(20);
      population.ends = seconds(20);
    }
    FaultConfig cut;
    cut.kind = FaultKind::cut_link;
    cut.between = {"us", "eu"};
    cut.at = seconds(5);
    cut.lasts = seconds(3);
    config.faults.push_back(cut);
    Cluster cluster = build(config, seed);
    run_checked(cluster, at(minutes(2)));
    const World& world = cluster.world();
    REQUIRE(total(world, Metric::conflicts) > 0);
    REQUIRE(agree(world));
    for (const Group& group : world.groups) {
      REQUIRE(not_converged(world, world.node(group.primary).flushed, group.log) == "");
    }
  }
}

}  // namespace longhaul
