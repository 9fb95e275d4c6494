// What the log weighs, against closed forms and against PostgreSQL 15.
#include <cmath>

#include "models/pg/full_page_images.h"
#include "sim/rng.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

const PostgresConfig defaults;
const WalConfig wal;

DataSetConfig set_of(std::int64_t rows, Bytes row_bytes, WriteKind write, std::int64_t indexes) {
  DataSetConfig set;
  set.rows = {rows};
  set.row_bytes = row_bytes;
  set.write = write;
  set.indexes = indexes;
  return set;
}

// `n` writes of rows picked at random.
WalRecords write_random(DataPages& pages, const DataSetConfig& set, RowWrite how, std::int64_t n,
                        RandomStream& luck, const PostgresConfig& config = defaults) {
  WalRecords sum{{}, 0};
  const auto rows = static_cast<std::uint64_t>(set.rows.value);
  for (std::int64_t i = 0; i < n; ++i) {
    const WalRecords one = write_row(pages, set, config, wal, below(luck.bits(), rows), how);
    sum = {sum.size + one.size, sum.count + one.count, sum.images + one.images};
  }
  return sum;
}

double per(Bytes size, std::int64_t n) {
  return static_cast<double>(size.value) / static_cast<double>(n);
}

TEST_CASE("wal_volume: images: n changes of P pages log P (1 - exp(-n/P))",
          "[models][wal_volume]") {
  // 610,000 rows of 97 bytes: tuples of 132 bytes, 61 a page, P = 10,000 pages of 24 + 61 * 132 =
  // 8,076 bytes. The number of pages hit spreads by less than sqrt(P) = 100 of about 6,321.
  const DataSetConfig set = set_of(610'000, {97}, WriteKind::update, 1);
  DataPages pages(set);
  REQUIRE(pages.layout.heap_pages == 10'000);
  RandomStream luck{stream(1, "test")};
  Bytes images;
  std::int64_t changes = 0;
  for (const std::int64_t n : {1'000, 10'000, 30'000}) {
    images = images + write_random(pages, set, RowWrite::hot_update, n - changes, luck).images;
    changes = n;
    const double expected = 10'000 * (1 - std::exp(-static_cast<double>(n) / 10'000));
    REQUIRE(per(images, 8'076) == Approx(expected).margin(300));
  }
  // A checkpoint, and they are logged again.
  pages.forget_images();
  REQUIRE(write_row(pages, set, defaults, wal, 0, RowWrite::hot_update).images == Bytes{8'076});
  REQUIRE(write_row(pages, set, defaults, wal, 60, RowWrite::hot_update).images == Bytes{});
  REQUIRE(write_row(pages, set, defaults, wal, 61, RowWrite::hot_update).images == Bytes{8'076});
}

TEST_CASE("wal_volume: images: pages begun anew need none", "[models][wal_volume]") {
  // 61 rows fill a page, so the first insert begins one: no image of it. Its primary key goes to a
  // leaf of 61 entries: 24 + 16 + 61 * 20 = 1,260 bytes, once until the next checkpoint.
  const DataSetConfig set = set_of(61, {97}, WriteKind::insert, 1);
  DataPages pages(set);
  REQUIRE(write_row(pages, set, defaults, wal, 0, RowWrite::insert).images == Bytes{1'260});
  for (int i = 0; i < 1'000; ++i) {
    REQUIRE(write_row(pages, set, defaults, wal, 0, RowWrite::insert).images == Bytes{});
  }
  // 1,001 inserted: 25 rows on the last page of 41 * 61, and 332 of the 1,062 entries on their
  // leaf.
  pages.forget_images();
  REQUIRE(write_row(pages, set, defaults, wal, 0, RowWrite::insert).images ==
          Bytes{24 + 25 * 132 + 24 + 16 + 332 * 20});
}

TEST_CASE("wal_volume: images: off, or compressed", "[models][wal_volume]") {
  const DataSetConfig set = set_of(61, {97}, WriteKind::update, 1);
  PostgresConfig config;
  config.full_page_writes = false;
  DataPages pages(set);
  REQUIRE(write_row(pages, set, config, wal, 0, RowWrite::hot_update).images == Bytes{});
  config.full_page_writes = true;
  config.wal_compression = WalCompression::lz4;
  pages.forget_images();
  REQUIRE(write_row(pages, set, config, wal, 0, RowWrite::hot_update).images == Bytes{4'038});
}

TEST_CASE("wal_volume: PostgreSQL: an INSERT of one integer without an index is 104 bytes",
          "[models][wal_volume][facts]") {
  const DataSetConfig set = set_of(100'000, {4}, WriteKind::insert, 0);
  DataPages pages(set);
  write_row(pages, set, defaults, wal, 0, RowWrite::insert);  // the last page's image
  REQUIRE(write_row(pages, set, defaults, wal, 0, RowWrite::insert).size + wal.commit_record ==
          Bytes{104});
}

TEST_CASE("wal_volume: PostgreSQL: 100 rows of 1 kB are 115,968 bytes",
          "[models][wal_volume][facts]") {
  // Text of 1,000 characters with its length and two integers of 8 bytes under a primary key.
  const DataSetConfig set = set_of(100'000, {1'020}, WriteKind::insert, 1);
  DataPages pages(set);
  RandomStream luck{stream(1, "test")};
  write_random(pages, set, RowWrite::insert, 1, luck);
  const WalRecords tx = write_random(pages, set, RowWrite::insert, 100, luck);
  REQUIRE(static_cast<double>((tx.size + wal.commit_record).value) ==
          Approx(115'968).epsilon(0.03));
}

TEST_CASE("wal_volume: PostgreSQL: pgbench after a checkpoint", "[models][wal_volume][facts]") {
  // Scale 20 at 3,100 a second: 7,046 bytes a transaction in the first 10 s after a checkpoint,
  // 2,224 in the next 10 s, 421 without images. Each updates one of 2,000,000 accounts (full pages,
  // so no HOT update at first), a teller and a branch (few pages) and inserts into the history.
  DataSetConfig accounts = set_of(2'000'000, {97}, WriteKind::update, 1);
  DataSetConfig tellers = set_of(200, {97}, WriteKind::update, 1);
  DataSetConfig history = set_of(100'000, {24}, WriteKind::insert, 0);
  tellers.changed_bytes = Bytes{4};
  DataPages account_pages(accounts);
  DataPages teller_pages(tellers);
  DataPages history_pages(history);
  REQUIRE(account_pages.layout.heap_pages == 32'787);
  REQUIRE(account_pages.layout.leaf_pages == 5'480);
  RandomStream luck{stream(1, "test")};
  const std::int64_t n = 31'000;
  const auto ten_seconds = [&] {
    const WalRecords account = write_random(account_pages, accounts, RowWrite::update, n, luck);
    const WalRecords others =
        write_random(teller_pages, tellers, RowWrite::hot_update, 2 * n, luck);
    const WalRecords added = write_random(history_pages, history, RowWrite::insert, n, luck);
    const Bytes size = account.size + others.size + added.size + wal.commit_record * n;
    const Bytes images = account.images + others.images + added.images;
    REQUIRE(per(size - images, n) == Approx(421).epsilon(0.25));  // of fewer HOT updates
    return per(size, n);
  };
  REQUIRE(ten_seconds() == Approx(7'046).epsilon(0.05));
  REQUIRE(ten_seconds() == Approx(2'224).epsilon(0.17));
}

// Closed-loop clients beside a primary, all of whose statements take 1/7400 s of it.
ClusterConfig clients_of_one(std::int64_t clients) {
  ClusterConfig config = empty({"us"});
  config.postgres = {};
  config.postgres.synchronous_commit = SynchronousCommit::off;
  NodeConfig& node = primary(config, "db-us", "us");
  node.fsync = always(microseconds(50));
  node.disk_rate = {130'000'000};
  node.cpus = 1;
  app(config, "app-us", "us");
  DataSetConfig& set = rows(config, {1'000'000'000 / 7'400}, 300'000);
  set.write = WriteKind::update;
  users(config, "us", "us", clients, {write()}).think = always({});
  return config;
}

double megabytes(const World& world) {
  return static_cast<double>(total(world, Metric::wal_bytes)) / 1e6;
}

TEST_CASE("wal_volume: PostgreSQL: random updates under five indexes after a checkpoint",
          "[models][wal_volume][facts]") {
  // 8 clients at about 7,400 a second on 300,000 rows, shared_buffers of 256 MB. Measured: 46.7 MB
  // after 0.4 s, 62.8 after 0.8, 71.8 after 1.2, 77.6 after 1.6, 84.4 after 2.4, 165 after 20 s.
  // At first the disk bounds it: 130 MB/s and 8 MiB of buffers, 34.4 MB after 0.2 s.
  ClusterConfig config = clients_of_one(8);
  config.postgres.wal_buffers = mebibytes(8);
  DataSetConfig& set = config.data[0];
  set.row_bytes = {111};
  set.indexes = 5;
  set.hot = percent(0);
  Cluster cluster = build(config, 1);
  const World& world = cluster.world();
  const std::pair<Duration, double> measured[] = {
      {milliseconds(400), 46.7},   {milliseconds(800), 62.8},   {milliseconds(1'200), 71.8},
      {milliseconds(1'600), 77.6}, {milliseconds(2'400), 84.4}, {seconds(20), 165.3}};
  advance(cluster, at(milliseconds(200)));
  REQUIRE(megabytes(world) < 0.2 * 130 + 8.5);
  for (const auto& [time, expected] : measured) {
    advance(cluster, at(time));
    REQUIRE(megabytes(world) == Approx(expected).epsilon(0.1));
  }
}

TEST_CASE("wal_volume: off: commits wait for room in wal_buffers", "[models][wal_volume]") {
  // 7,400 images of 8,080 bytes a second (one row a page) against a disk of 6 MB/s: after 10 s 60
  // MB are written, a flush of at most 1 MiB is on its way and 1 MiB waits.
  ClusterConfig config = clients_of_one(8);
  config.nodes[0].disk_rate = {6'000'000};
  config.postgres.wal_buffers = mebibytes(1);
  config.data[0].rows = {10'000'000};
  config.data[0].row_bytes = {8'000};
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(1)));
  advance(cluster, at(seconds(10)));
  REQUIRE(megabytes(cluster.world()) == Approx(60).margin(3));
  REQUIRE(cluster.world().nodes[0].insert - cluster.world().nodes[0].flushed <=
          mebibytes(1) + Bytes{8 * 17'000});
}

}  // namespace
}  // namespace longhaul
