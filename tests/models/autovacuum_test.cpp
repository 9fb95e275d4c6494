// The log that autovacuum writes.
#include "models/pg/autovacuum.h"

#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

ClusterConfig vacuumed(std::int64_t count) {
  ClusterConfig config = empty({"us"});
  config.postgres.autovacuum = true;
  primary(config, "db-us", "us");
  rows(config, milliseconds(1), count).row_bytes = {97};  // 61 rows a page
  return config;
}

void write(Cluster& cluster, std::int64_t rows, RowWrite how) {
  World& world = cluster.world();
  const Plan& plan = *world.plan;
  for (std::int64_t i = 0; i < rows; ++i) {
    write_row(world.groups[0].pages[0], plan.sets[0].config, plan.postgres, plan.wal,
              static_cast<std::uint64_t>(i), how);
    note_written(world, world.primary(), {0});
  }
}

std::int64_t logged(const Cluster& cluster) { return total(cluster.world(), Metric::wal_bytes); }

}  // namespace

TEST_CASE("autovacuum: PostgreSQL: new rows on 6,900 pages cost 600 kB", "[models][autovacuum]") {
  // 87 bytes a page, within 1.5 s of the next look, with a record of running transactions or two.
  Cluster cluster = build(vacuumed(1'000), 1);
  write(cluster, 6'900 * 61, RowWrite::insert);
  advance(cluster, at(cluster.world().groups[0].autovacuum.phase - nanoseconds(1)));
  REQUIRE(logged(cluster) == 0);
  advance(cluster, at(cluster.world().groups[0].autovacuum.phase + milliseconds(1'500)));
  REQUIRE(static_cast<double>(logged(cluster)) == Approx(600'000).epsilon(0.01));
}

TEST_CASE("autovacuum: thresholds: 50 + 20 % dead, 1000 + 20 % inserted", "[models][autovacuum]") {
  // 10,000 rows: 2,050 updated or 3,000 inserted are not enough, one more is.
  for (const auto& [how, enough] :
       {std::pair{RowWrite::hot_update, 2'051}, std::pair{RowWrite::insert, 3'001}}) {
    for (const int missing : {0, 1}) {
      Cluster cluster = build(vacuumed(10'000), 1);
      write(cluster, enough - missing, how);
      advance(cluster, at(minutes(3)));
      REQUIRE((logged(cluster) > 0) == (missing == 0));
    }
  }
}

TEST_CASE("autovacuum: images: of pages that changed before the last checkpoint",
          "[models][autovacuum]") {
  // 61 * 10 rows on 10 pages of 24 + 61 * 132 bytes.
  ClusterConfig config = vacuumed(610);
  config.postgres.full_page_writes = true;
  for (const bool checkpointed : {false, true}) {
    Cluster cluster = build(config, 1);
    write(cluster, 610, RowWrite::hot_update);
    if (checkpointed) cluster.world().groups[0].pages[0].forget_images();
    advance(cluster, at(minutes(2)));
    REQUIRE(total(cluster.world(), Metric::wal_image_bytes) == (checkpointed ? 10 * 8'076 : 0));
  }
}

}  // namespace longhaul
