// Row locks: who waits for whom, in what order rows are handed over, and what ends a wait.

#include "models/app/pages.h"
#include "models/pg/row_locks.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

// One primary and a standby 80 ms away that decides; flushes 1 ms and 0 ms, statements take no
// time: a commit takes 81 ms. Users sit beside the primary and come back at once. Data: `count`
// rows.
ClusterConfig hot(std::int64_t sessions, std::int64_t count) {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db", "us").fsync = always(milliseconds(1));
  replica(config, "copy", "eu", "db").fsync = always({});
  config.postgres.synchronous_standby_names = "FIRST 1 (copy)";
  app(config, "app", "us").pool.size = 50;
  rows(config, {}, count);
  users(config, "us", "us", sessions, {write()}).think = always({});
  return config;
}

// Users who only do what begin_together() has them do.
DurationDistribution seldom() { return always(minutes(600)); }

constexpr Duration commit_takes = milliseconds(81);

CallConfig transaction(std::vector<StatementConfig> statements) {
  CallConfig call;
  call.transaction = std::move(statements);
  return call;
}

StatementConfig write_of(const std::string& set) {
  StatementConfig statement;
  statement.write = set;
  return statement;
}

DataSetConfig one_row(const std::string& name) {
  DataSetConfig set;
  set.name = name;
  set.rows = {1};
  set.read_time = set.write_time = always({});
  return set;
}

// Two users in "us" who write two single rows in opposite orders, each statement 10 ms from the
// app.
ClusterConfig crossing() {
  ClusterConfig config = hot(1, 1);
  link(config, "us", "app", milliseconds(10));
  link(config, "eu", "app", milliseconds(90));
  config.regions.push_back({"app", {}, {}});
  config.apps[0].region = "app";
  config.postgres.synchronous_standby_names = "";
  config.data = {one_row("a"), one_row("b")};
  config.workload.clear();
  users(config, "ab", "app", 1, {transaction({write_of("a"), write_of("b")})}).think = seldom();
  users(config, "ba", "app", 1, {transaction({write_of("b"), write_of("a")})}).think = seldom();
  return config;
}

// Both begin at once.
void begin_together(Cluster& cluster) {
  World& world = cluster.world();
  for (std::uint32_t i = 0; i < world.sessions.size(); ++i) {
    page_due(world, {.at = world.now(), .target = target(SessionId{i})});
  }
}

}  // namespace

TEST_CASE("locks: table: finds, hands over and forgets among many rows", "[models][locks]") {
  // Against a plain list: 64 owners take random rows of 500 and let go of all of theirs at times.
  RowLocks locks;
  RandomStream dice{{7}};
  RandomStream luck{{8}};
  std::vector<std::int64_t> holder(500, -1);
  std::vector<LockId> held(64, no_lock);
  for (int round = 0; round < 20'000; ++round) {
    const auto owner = static_cast<std::uint32_t>(below(dice.bits(), 64));
    if (below(dice.bits(), 10) == 0) {
      while (held[owner] != no_lock) {
        const std::uint64_t row = locks.lock(held[owner]).row;
        REQUIRE(holder[row] == owner);
        holder[row] = -1;
        REQUIRE(locks.release(held[owner], true, luck, {}) == no_lock);
      }
      continue;
    }
    const std::uint64_t row = below(dice.bits(), 500);
    const RowLocks::Taken taken = locks.take(row, {owner, 1}, held[owner]);
    REQUIRE(locks.lock(taken.lock).row == row);
    REQUIRE(taken.by_other == (holder[row] != -1 && holder[row] != owner));
    if (!taken.by_other) holder[row] = owner;
  }
  REQUIRE(locks.locked() == static_cast<std::size_t>(std::count_if(
                                holder.begin(), holder.end(), [](auto who) { return who != -1; })));
}

TEST_CASE("locks: one hot row: one commit per round trip, whoever has luck next",
          "[models][locks]") {
  // 8 clients, 81 ms a commit: 12.35 a second for all together. Whoever has to wait meets 6 or 7
  // others, each as likely to be next. 7 wait when a row is handed on, so a client waits for its
  // own turn k rounds of 81 ms with probability 1/7 (6/7)^(k-1), and commits in one more: on
  // average 8 rounds, 648 ms; half of them within 1 + 5 rounds, 486 ms; 95 % within 1 + 20, 1701
  // ms. PostgreSQL 15 did 12.24 a second, 492 ms in the median, 630 ms on average, 1449 ms at 95 %.
  Cluster cluster = build(hot(8, 1), 1);
  run_checked(cluster, at(seconds(810)));
  const World& world = cluster.world();
  const Histogram latency = all(world, Metric::write_latency);
  REQUIRE(latency.count() == Approx(10'000).margin(10));
  REQUIRE(seconds_of({latency.quantile(percent(50))}) == Approx(0.486).epsilon(0.04));
  REQUIRE(seconds_of({latency.quantile(percent(95))}) == Approx(1.701).epsilon(0.08));
  REQUIRE(seconds_of({latency.average()}) == Approx(0.648).epsilon(0.01));
  // The lock is waited for 81 ms less than the write takes.
  const Histogram wait = all(world, Metric::lock_wait);
  REQUIRE(wait.min() == commit_takes.ns);
  REQUIRE(wait.max() == latency.max() - commit_takes.ns);
}

TEST_CASE("locks: other rows: nobody waits, throughput grows with the clients", "[models][locks]") {
  for (const std::int64_t clients : {1, 8}) {
    ClusterConfig config = hot(clients, 1);
    config.data.clear();
    config.workload.clear();
    for (std::int64_t i = 0; i < clients; ++i) {
      const std::string name = "row" + std::to_string(i);
      config.data.push_back(one_row(name));
      CallConfig call;
      call.write = name;
      users(config, name, "us", 1, {call}).think = always({});
    }
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(seconds(81)));
    // 12.3 a second and client; a commit may wait for a flush under way, 1 ms.
    REQUIRE(total(cluster.world(), Metric::writes) == Approx(1000 * clients).epsilon(0.013));
    REQUIRE(all(cluster.world(), Metric::lock_wait).count() == 0);
  }
}

TEST_CASE("locks: rollback: the row goes to the first who waits, in order", "[models][locks]") {
  // A hundred statements wait for a row whose holder makes no new version of it.
  RowLocks locks;
  RandomStream luck{{8}};
  std::vector<LockId> held(101, no_lock);
  REQUIRE_FALSE(locks.take(5, {100, 0}, held[100]).by_other);
  locks.note_write(held[100]);
  for (std::uint32_t i = 0; i < 100; ++i) locks.wait(held[100], {i, 0}, {});
  std::uint32_t holder = 100;
  for (std::uint32_t i = 0; i < 100; ++i) {
    // The first time a write that is rolled back, then commits that only locked.
    const WaitId next = locks.release(held[holder], i > 0, luck, {});
    REQUIRE(locks.waiting(next).request.slot == i);
    locks.hand_over(next, held[i]);
    holder = i;
  }
  REQUIRE(luck.next == 0);
  REQUIRE(locks.release(held[99], true, luck, {}) == no_lock);
  REQUIRE(locks.locked() == 0);
}

TEST_CASE("locks: deadlock: one of two is told after deadlock_timeout, the other goes on",
          "[models][locks]") {
  Cluster cluster = build(crossing(), 1);
  World& world = cluster.world();
  begin_together(cluster);
  // Each connects (4 x 10 ms) and has BEGIN (10 ms) and its first write answered: 60 ms. The second
  // writes are at the server at 65 ms. Both check at 1065 ms; who began to wait first, fails, and
  // its page is over at 1070 ms. The other has its row then, and after COMMIT its page.
  run_checked(cluster, at(milliseconds(1065) - nanoseconds(1)));
  REQUIRE(world.nodes[0].locks.waits() == 2);
  REQUIRE(world.nodes[0].cpu.busy() == 0);
  REQUIRE(world.nodes[0].connections == 2);
  run_checked(cluster, at(milliseconds(1065)));
  REQUIRE(world.nodes[0].locks.waits() == 0);
  run_checked(cluster, at(milliseconds(1070)));
  REQUIRE(errors(world, ErrorKind::deadlock) == 1);
  REQUIRE(total(world, Metric::writes) == 0);
  // 1070 + 10 for COMMIT and 1 of flush.
  run_checked(cluster, at(milliseconds(1081)));
  REQUIRE(total(world, Metric::writes) == 1);
  REQUIRE(total(world, Metric::errors) == 1);
  REQUIRE(world.nodes[0].locks.locked() == 0);
}

TEST_CASE("locks: deadlock: a longer wait than deadlock_timeout is none", "[models][locks]") {
  ClusterConfig config = hot(8, 1);
  config.postgres.deadlock_timeout = milliseconds(1);
  Cluster cluster = build(config, 1);
  run_checked(cluster, at(seconds(10)));
  REQUIRE(total(cluster.world(), Metric::errors) == 0);
  REQUIRE(all(cluster.world(), Metric::lock_wait).max() > milliseconds(200).ns);
}

TEST_CASE("locks: lock_timeout: counts for each holder, not for the whole wait",
          "[models][locks]") {
  for (const bool short_timeout : {true, false}) {
    ClusterConfig config = hot(8, 1);
    config.postgres.lock_timeout = short_timeout ? milliseconds(80) : milliseconds(82);
    Cluster cluster = build(config, 1);
    run_checked(cluster, at(seconds(10)));
    const World& world = cluster.world();
    REQUIRE((errors(world, ErrorKind::lock_timeout) > 0) == short_timeout);
    REQUIRE(errors(world, ErrorKind::lock_timeout) == total(world, Metric::errors));
    if (short_timeout) {  // who survives one race begins anew, and fails within the next holder
      REQUIRE(all(world, Metric::lock_wait).max() <= milliseconds(160).ns);
    } else {
      REQUIRE(all(world, Metric::lock_wait).max() > milliseconds(500).ns);
    }
  }
}

TEST_CASE("locks: abandoned: the server waits on, commits, and the page failed once",
          "[models][locks]") {
  // Two clients want the row; the app gives up after 100 ms, the second would be done after 162.
  ClusterConfig config = hot(2, 1);
  config.apps[0].statement_timeout = milliseconds(100);
  config.workload[0].think = seldom();
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  begin_together(cluster);
  run_checked(cluster, at(milliseconds(161)));
  REQUIRE(total(world, Metric::writes) == 1);
  REQUIRE(errors(world, ErrorKind::timeout) == 1);
  REQUIRE(world.nodes[0].locks.locked() == 1);
  REQUIRE(world.nodes[0].connections == 2);
  REQUIRE_FALSE(world.truth.versions().back().visible);
  run_checked(cluster, at(milliseconds(162)));
  REQUIRE(world.truth.versions().back().visible);
  REQUIRE(world.nodes[0].locks.locked() == 0);
  run_checked(cluster, at(milliseconds(170)));
  REQUIRE(world.nodes[0].connections == 1);
  REQUIRE(total(world, Metric::writes) == 1);
}

TEST_CASE("locks: FOR UPDATE: holds its row until COMMIT, then lets it go", "[models][locks]") {
  // A locking read and a plain read in one transaction: 3 more round trips of 10 ms after the lock.
  ClusterConfig config = crossing();
  config.workload.clear();
  StatementConfig lock;
  lock.locking_read = "a";
  StatementConfig read;
  read.read = "b";
  users(config, "us", "app", 2, {transaction({lock, read})}).think = seldom();
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  begin_together(cluster);
  // Locked at 55 ms, answered at 60; read answered at 70; COMMIT at the server at 75 ms. The other
  // waits for 20 ms and is as much later.
  run_checked(cluster, at(milliseconds(74)));
  REQUIRE(world.nodes[0].locks.waits() == 1);
  run_checked(cluster, at(milliseconds(76)));
  REQUIRE(world.nodes[0].locks.waits() == 0);
  REQUIRE(world.nodes[0].locks.locked() == 1);
  run_checked(cluster, at(milliseconds(100)));
  REQUIRE(world.nodes[0].locks.locked() == 0);
  REQUIRE(all(world, Metric::lock_wait).min() == milliseconds(20).ns);
  REQUIRE(all(world, Metric::transaction_latency).max() == milliseconds(100).ns);
  // A transaction that only locks writes nothing.
  REQUIRE(world.nodes[0].insert == Lsn{first_lsn});
}

TEST_CASE("locks: statement_timeout: ends a wait for a lock and a statement that runs",
          "[models][locks]") {
  ClusterConfig config = hot(2, 1);
  config.postgres.statement_timeout = milliseconds(50);
  config.workload[0].think = seldom();
  SECTION("a wait") {
    Cluster cluster = build(config, 1);
    begin_together(cluster);
    run_checked(cluster, at(milliseconds(50)));
    REQUIRE(errors(cluster.world(), ErrorKind::statement_timeout) == 1);
    run_checked(cluster, at(milliseconds(100)));  // the other's commit takes longer, and succeeds
    REQUIRE(total(cluster.world(), Metric::writes) == 1);
    REQUIRE(total(cluster.world(), Metric::errors) == 1);
  }
  SECTION("a statement on a processor, and one that waits for the processor") {
    config.nodes[0].cpus = 1;
    config.data[0].write_time = always(seconds(10));
    Cluster cluster = build(config, 1);
    begin_together(cluster);
    run_checked(cluster, at(milliseconds(50)));
    REQUIRE(errors(cluster.world(), ErrorKind::statement_timeout) == 2);
    REQUIRE(cluster.world().nodes[0].cpu.busy() == 0);
    REQUIRE(cluster.world().nodes[0].insert == Lsn{first_lsn});
  }
}

TEST_CASE("locks: a client that goes away in its transaction gives its rows back",
          "[models][locks]") {
  // The first user's second statement takes 10 s; the app gives up after 1 s. When the server is
  // done it finds nobody, rolls back, and the second user's write of the same row goes on.
  ClusterConfig config = crossing();
  config.apps[0].statement_timeout = seconds(1);
  config.workload.clear();
  StatementConfig slow;
  slow.read = "b";
  config.data[1].read_time = always(seconds(10));
  users(config, "first", "app", 1, {transaction({write_of("a"), slow})}).think = seldom();
  CallConfig write;
  write.write = "a";
  users(config, "second", "app", 1, {write}).think = seldom();
  Cluster cluster = build(config, 1);
  World& world = cluster.world();
  page_due(world, {.at = world.now(), .target = target(SessionId{0})});
  run_checked(cluster, at(milliseconds(9500)));
  REQUIRE(errors(world, ErrorKind::timeout) == 1);
  REQUIRE(world.nodes[0].locks.locked() == 1);
  page_due(world, {.at = world.now(), .target = target(SessionId{1})});
  // 4 x 10 ms to connect, 5 ms to the server.
  run_checked(cluster, at(milliseconds(9'900)));
  REQUIRE(world.nodes[0].locks.waits() == 1);
  run_checked(cluster, at(milliseconds(10'100)));
  REQUIRE(world.nodes[0].locks.locked() == 0);
  REQUIRE(total(world, Metric::writes) == 1);
}

}  // namespace longhaul
