// The lease store from outside: latency, leases, watches, clients that move on.

#include "tests/models/control/store_worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

const StoreItem& item(const KeptAnswer& answer, StoreName name) {
  return answer.items[item_of(name)];
}

}  // namespace

TEST_CASE("lease_store: a write takes the way to the leader, a majority's disks and the way back",
          "[models][lease_store]") {
  // Three regions; r1 is 20 ms from the leader's r0, r2 is 100 ms. The leader writes its own disk
  // (1 ms) while r1 receives (10 ms), writes (1 ms) and acknowledges (10 ms): 21 ms.
  ClusterConfig config = store_config(3, milliseconds(100));
  config.links[0].latency = config.links[1].latency = milliseconds(10);  // r0 - r1
  StoreRun run(config);
  const StoreClientId near = run.client(0);
  const StoreClientId far = run.client(2);
  const auto took = [&](StoreClientId client, std::uint64_t word) {
    const TimePoint asked = run.world().now();
    const KeptAnswer answer = run.put(client, StoreName::status, word);
    REQUIRE(answer.answer.outcome == StoreOutcome::ok);
    return answer.at - asked;
  };
  took(near, 1);  // opens the connection
  REQUIRE(took(near, 2) == milliseconds(21));
  // r2's client asks its own member, which passes it on (50 ms). The leader hears of the majority
  // 21 ms later and tells r2 (50 ms), which has long had the entry on its disk.
  took(far, 3);
  REQUIRE(took(far, 4) == milliseconds(50 + 21 + 50));
  // A read costs the leader a round trip to the nearest member, and no disk.
  TimePoint asked = run.world().now();
  REQUIRE(run.read(near).at - asked == milliseconds(20));
  asked = run.world().now();
  REQUIRE(run.read(far).at - asked == milliseconds(50 + 20 + 50));
}

TEST_CASE("lease_store: guards compare, deletions leave their revision, all scopes are apart",
          "[models][lease_store]") {
  StoreRun run(store_config(3, milliseconds(10)));
  const StoreClientId a = run.client(0);
  const StoreKey key{0, StoreName::leader, 0};
  const auto create = [&](std::uint64_t word) {
    return run.ask(a, {.operation = StoreOperation::put,
                       .guard = StoreGuard::absent,
                       .key = key,
                       .value = {word, 0, 0, 0}});
  };
  const KeptAnswer first = create(7);
  REQUIRE(first.answer.outcome == StoreOutcome::ok);
  REQUIRE(create(8).answer.outcome == StoreOutcome::compare_failed);
  StoreCommand swap{.operation = StoreOperation::put,
                    .guard = StoreGuard::revision,
                    .key = key,
                    .value = {9, 0, 0, 0},
                    .expected = first.answer.revision};
  REQUIRE(run.ask(a, swap).answer.outcome == StoreOutcome::ok);
  REQUIRE(run.ask(a, swap).answer.outcome == StoreOutcome::compare_failed);
  StoreCommand remove{.operation = StoreOperation::remove,
                      .guard = StoreGuard::value,
                      .key = key,
                      .expected_value = {7, 0, 0, 0}};
  REQUIRE(run.ask(a, remove).answer.outcome == StoreOutcome::compare_failed);
  remove.expected_value = {9, 0, 0, 0};
  const KeptAnswer gone = run.ask(a, remove);
  REQUIRE(gone.answer.outcome == StoreOutcome::ok);
  const KeptAnswer read = run.read(a);
  REQUIRE_FALSE(item(read, StoreName::leader).present);
  REQUIRE(item(read, StoreName::leader).revision == gone.answer.revision);
  REQUIRE(run.put(a, StoreName::leader, 1, 12345).answer.outcome == StoreOutcome::lease_gone);
}

TEST_CASE("lease_store: a lease ends ttl after its last keep-alive, at the next look",
          "[models][lease_store]") {
  // The leader looks every 500 ms; the end is an entry: 10 ms round trip + 1 ms of disk. The
  // keep-alive reaches the leader within the client's zone at once, the watcher is there too.
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    StoreRun run(store_config(3, milliseconds(10)), seed);
    const StoreClientId a = run.client(0);
    watch_store(run.world(), a, 0, 0);
    const std::uint64_t lease = run.grant(a, seconds(10));
    REQUIRE(run.put(a, StoreName::leader, 1, lease).answer.outcome == StoreOutcome::ok);
    run.run_for(milliseconds(static_cast<std::int64_t>(7'000 + seed * 37)));
    const StoreCommand renew{.operation = StoreOperation::keep_alive, .lease = lease};
    const KeptAnswer renewed = run.ask(a, renew);
    REQUIRE(renewed.answer.outcome == StoreOutcome::ok);
    run.run_for(seconds(12));
    REQUIRE(run.notices.size() == 2);
    REQUIRE_FALSE(run.notices.back().second.item.present);
    const Duration lived = run.notices.back().first - renewed.at;
    REQUIRE(lived >= seconds(10));
    REQUIRE(lived <= seconds(10) + milliseconds(500 + 11));
    REQUIRE(run.ask(a, renew).answer.outcome == StoreOutcome::lease_gone);
    REQUIRE(run.put(a, StoreName::leader, 1, lease).answer.outcome == StoreOutcome::lease_gone);
  }
}

TEST_CASE("lease_store: a new leader grants every lease its full ttl again",
          "[models][lease_store]") {
  // Mechanism 11. The leader is cut off 9 s into a lease of 10 s: the key would go 1 s later, but
  // lives for another ttl + election time-out from the election on, up to the next look.
  StoreRun run(store_config(3, milliseconds(10)));
  const StoreClientId other = run.client(1);
  const std::uint64_t lease = run.grant(other, seconds(10));
  run.put(other, StoreName::leader, 1, lease);
  watch_store(run.world(), other, 0, run.answers.back().answer.revision);
  run.run_for(seconds(9));
  run.isolate(0);
  while (store_leader(run.world()) == 0 || store_leader(run.world()) == nobody) {
    run.run_for(milliseconds(1));
  }
  const TimePoint elected = run.world().now();
  run.run_for(seconds(20));
  REQUIRE(run.notices.size() == 1);
  const Duration lived = run.notices.back().first - elected;
  REQUIRE(lived >= seconds(11) - milliseconds(1));
  REQUIRE(lived <= seconds(11) + milliseconds(500 + 11 + 5));
}

TEST_CASE("lease_store: a client moves on from members that refuse, are silent or know no leader",
          "[models][lease_store]") {
  StoreRun run(store_config(3, milliseconds(10)));
  const StoreClientId a = run.client(1);
  run.put(a, StoreName::status, 1);
  // Refused: the way there and back (none: its own region), then a connection to the next (10 ms)
  // and the write there (5 + 11 + 5 through the leader itself).
  stop_store_member(run.world(), 1, false);
  TimePoint asked = run.world().now();
  KeptAnswer answer = run.put(a, StoreName::status, 2);
  REQUIRE(answer.answer.outcome == StoreOutcome::ok);
  REQUIRE(answer.at - asked == milliseconds(10 + 5 + 11 + 5));
  start_store_member(run.world(), 1);
  // Silent: no connection in half of per_try, 1.5 s.
  StoreRun silent(store_config(3, milliseconds(10)));
  const StoreClientId b = silent.client(1);
  stop_store_member(silent.world(), 1, true);
  asked = silent.world().now();
  answer = silent.put(b, StoreName::status, 2);
  REQUIRE(answer.at - asked == milliseconds(1'500 + 10 + 5 + 11 + 5));
  // All stopped: it tries round after round until its patience ends.
  for (std::uint32_t i : {0u, 2u}) stop_store_member(silent.world(), i, false);
  asked = silent.world().now();
  answer = silent.put(b, StoreName::status, 3);
  REQUIRE(answer.answer.outcome == StoreOutcome::timed_out);  // the silent one may have heard
  REQUIRE(answer.at - asked == seconds(10));
}

TEST_CASE("lease_store: without a majority nothing is written, but a serializable read is answered",
          "[models][lease_store]") {
  StoreRun run(store_config(3, milliseconds(10)));
  const StoreClientId a = run.client(0);
  run.put(a, StoreName::status, 1);
  for (std::uint32_t i : {1u, 2u}) stop_store_member(run.world(), i, false);
  run.run_for(seconds(5));
  REQUIRE(store_leader(run.world()) == nobody);  // check quorum
  // It waits for a leader at its own member, so whether it happened is not known.
  StoreRequest write;
  write.command = {.operation = StoreOperation::put, .key = {0, StoreName::status, 0}};
  write.patience = milliseconds(9'500);
  REQUIRE(run.wait_for(ask_store(run.world(), a, write)).answer.outcome == StoreOutcome::timed_out);
  write.command.operation = StoreOperation::read_all;
  REQUIRE(run.wait_for(ask_store(run.world(), a, write)).answer.outcome == StoreOutcome::timed_out);
  StoreRequest stale;
  stale.command.operation = StoreOperation::read_all;
  stale.serializable = true;
  // It may have moved on to members that refuse; it comes round.
  const KeptAnswer answer = run.wait_for(ask_store(run.world(), a, stale));
  REQUIRE(answer.answer.outcome == StoreOutcome::ok);
  REQUIRE(item(answer, StoreName::status).value[0] == 1);
  for (std::uint32_t i : {1u, 2u}) start_store_member(run.world(), i);
  run.run_for(seconds(10));
  REQUIRE(run.put(a, StoreName::status, 2).answer.outcome == StoreOutcome::ok);
}

TEST_CASE("lease_store: a request at a member without a leader waits for one",
          "[models][lease_store]") {
  // A leader that stops is missed after 1 to 2 s, and its successor elected in a round trip. A
  // write goes on within a heartbeat; a renewal looks again each second (waitLeader).
  for (const bool renews : {false, true}) {
    StoreRun run(store_config(3, milliseconds(10)));
    const StoreClientId a = run.client(1);
    const std::uint64_t lease = run.grant(a, seconds(10));
    stop_store_member(run.world(), 0, false);
    for (std::uint32_t i : {1u, 2u}) run.member(i).leader = nobody;
    StoreRequest request;
    request.command = {.operation = StoreOperation::put, .key = {0, StoreName::status, 0}};
    if (renews) request.command = {.operation = StoreOperation::keep_alive, .lease = lease};
    request.per_try = request.patience = seconds(9);
    const TimePoint asked = run.world().now();
    const KeptAnswer answer = run.wait_for(ask_store(run.world(), a, request));
    REQUIRE(answer.answer.outcome == StoreOutcome::ok);
    REQUIRE(answer.at - asked >= seconds(1));
    REQUIRE(answer.at - asked <= seconds(3) + milliseconds(200));
    if (renews) REQUIRE((answer.at - asked).ns % seconds(1).ns <= milliseconds(100).ns);
  }
}

TEST_CASE("lease_store: a call of one try comes back when the members are listed anew",
          "[models][lease_store]") {
  // Nobody can be connected to: a try ends after a second, half of a per_try of 2 s. The third has
  // failed by all in turn, and so do three looks for a list, one of each.
  StoreRun run(store_config(3, milliseconds(10)));
  const StoreClientId a = run.client(1);
  for (std::uint32_t i : {0u, 1u, 2u}) stop_store_member(run.world(), i, true);
  StoreRequest request;
  request.command = {.operation = StoreOperation::put, .key = {0, StoreName::status, 0}};
  request.per_try = request.patience = seconds(2);
  for (const Duration expected : {seconds(1), seconds(1), seconds(1 + 3), seconds(1)}) {
    const TimePoint asked = run.world().now();
    const KeptAnswer answer = run.wait_for(ask_store(run.world(), a, request));
    REQUIRE(answer.answer.outcome == StoreOutcome::timed_out);
    REQUIRE(answer.at - asked == expected);
  }
}

TEST_CASE("lease_store: a watch that moves to another member tells what was missed",
          "[models][lease_store]") {
  StoreRun run(store_config(3, milliseconds(10)));
  const StoreClientId a = run.client(1);
  const StoreClientId writer = run.client(0);
  watch_store(run.world(), a, 0, 0);
  run.put(writer, StoreName::status, 1);
  run.run_for(milliseconds(100));
  REQUIRE(run.notices.size() == 1);
  stop_store_member(run.world(), 1, false);
  run.put(writer, StoreName::status, 2);
  REQUIRE(run.notices.size() == 1);
  run.run_for(seconds(2));  // it watches again after a second
  REQUIRE(run.notices.size() == 2);
  REQUIRE(run.notices.back().second.item.value[0] == 2);
  run.put(writer, StoreName::sync, 3);
  run.run_for(milliseconds(100));
  REQUIRE(run.notices.size() == 3);
  REQUIRE(run.notices.back().second.key == StoreKey{0, StoreName::sync, 0});
}

TEST_CASE("lease_store: what a scenario without one does not have costs nothing",
          "[models][lease_store]") {
  ClusterConfig config = store_config(3, milliseconds(10));
  config.lease_store.reset();
  Cluster cluster = build(config, 1);
  cluster.run_until(at(minutes(5)));
  const std::uint64_t without = cluster.world().scheduler.events();
  REQUIRE(cluster.world().lease_store.members.empty());
  // Each heartbeat: the leader's timer, two messages and two answers; each member's election timer
  // goes off in vain once in 1 to 2 s; two looks at the leases a second: 50 + 2 x 1 + 2, at most.
  Cluster with = build(store_config(3, milliseconds(10)), 1);
  with.run_until(at(minutes(5)));
  const std::uint64_t events = with.world().scheduler.events() - without;
  REQUIRE(events / 300 >= 50);
  REQUIRE(events / 300 <= 54);
}

}  // namespace longhaul
