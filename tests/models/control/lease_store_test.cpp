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
    watch_store(run.world(), a, 0, seconds(10));
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
  watch_store(run.world(), other, 0, seconds(10));
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
  // A write takes 5 + 11 + 5 ms at the leader m0, and 10 more through m2. Before it a connection
  // and its head (20 ms), after it a list of the members (a connection, a head and a request).
  const auto took_elsewhere = [](const StoreClient& client) {
    return milliseconds(20 + 5 + 11 + 5 + 30) + milliseconds(client.endpoints[1] == 0 ? 0 : 10);
  };
  StoreRun run(store_config(3, milliseconds(10)));
  const StoreClientId a = run.client(1);
  REQUIRE(run.store().clients[a.value].endpoints[0] == 1);
  run.put(a, StoreName::status, 1);
  // Refused at once (its own region is no way off), also when it is asked for a list.
  stop_store_member(run.world(), 1, false);
  Duration expected = took_elsewhere(run.store().clients[a.value]);
  TimePoint asked = run.world().now();
  KeptAnswer answer = run.put(a, StoreName::status, 2);
  REQUIRE(answer.answer.outcome == StoreOutcome::ok);
  REQUIRE(answer.at - asked == expected);
  // It stays there: no list, and no connection unless the one for the list was refused. Now the
  // others are in an order of luck.
  const bool was_refused = run.store().clients[a.value].listers[0] == 1;
  start_store_member(run.world(), 1);
  asked = run.world().now();
  answer = run.put(a, StoreName::status, 3);
  REQUIRE(answer.at - asked == expected - milliseconds(30 + (was_refused ? 0 : 10)));
  // Silent: no connection in half of a third of 10 s, twice if it is the first to be asked for a
  // list.
  StoreRun silent(store_config(3, milliseconds(10)));
  const StoreClientId b = silent.client(1);
  stop_store_member(silent.world(), 1, true);
  const StoreClient& client = silent.store().clients[b.value];
  const Duration in_vain{seconds(10).ns / 3 / 2};
  expected = took_elsewhere(client) + in_vain;
  if (client.listers[0] == 1) expected = expected + in_vain;
  asked = silent.world().now();
  answer = silent.put(b, StoreName::status, 2);
  REQUIRE(answer.at - asked == expected);
  // All stopped: it tries until less than a second is left for a member.
  for (std::uint32_t i : {0u, 2u}) stop_store_member(silent.world(), i, false);
  asked = silent.world().now();
  answer = silent.put(b, StoreName::status, 3);
  REQUIRE(answer.answer.outcome == StoreOutcome::timed_out);  // the silent one may have heard
  REQUIRE(answer.at - asked >= seconds(9 - 1));               // the last pause is up to 0.9 s
  REQUIRE(answer.at - asked <= seconds(10 + 1) + in_vain);    // a connection, and the last list
}

// Patroni's last round without the store, with retry_timeout 5 s. Its own member knows no leader
// and hangs for 5/3 s; the others cannot be reached, 1 s each: 3.667 s. Then the list: its own
// member has it, after 1 s for each of the others that it asks before. With nobody before it
// 1.333 s are left, less a pause of 0.1 to 0.9 s: up to 0.33 s (24 of 81 steps) leave a second,
// which its own member has until 5 s are over, and then the list comes again. If it stays with
// another, that hangs for 5/3 s, too: 4.333 s, and 0, 1 or 2 for the list.
TEST_CASE("lease_store: a client that is cut off with its member gives up at one of a few times",
          "[models][lease_store]") {
  for (const bool is_elsewhere : {false, true}) {
    int again = 0;
    int at_once = 0;
    for (std::uint64_t number = 0; number < 240; ++number) {
      StoreRun run(store_config(3, milliseconds(10)));
      const StoreClientId a = run.client(1, number);
      StoreClient& client = run.store().clients[a.value];
      if (is_elsewhere) std::swap(client.endpoints[0], client.endpoints[1]);
      run.put(a, StoreName::status, 1);
      run.isolate(1);
      const auto before = std::find(client.listers.begin(), client.listers.end(), 1u);
      const Duration list = seconds(1) * (before - client.listers.begin());
      StoreRequest request;
      request.command = {.operation = StoreOperation::put, .key = {0, StoreName::status, 0}};
      request.patience = seconds(5);
      const TimePoint asked = run.world().now();
      const KeptAnswer answer = run.wait_for(ask_store(run.world(), a, request));
      REQUIRE(answer.answer.outcome == StoreOutcome::timed_out);
      Duration took = answer.at - asked;
      const Duration share{seconds(5).ns / 3};
      const Duration pass = is_elsewhere ? share * 2 + seconds(1) : share + seconds(2);
      if (!is_elsewhere && list == Duration{}) {
        (took > seconds(4) ? again : at_once) += 1;
        REQUIRE((took == pass || took == seconds(5)));
      } else {
        REQUIRE(took == pass + list);
      }
      // The next request begins with the list.
      took = run.wait_for(ask_store(run.world(), a, request)).at - answer.at;
      REQUIRE(took >= list + share + seconds(2) + list);
    }
    // Of 240 a third has the list at once, of these 24 of 81 ask again: 23.7, sd 4.6.
    if (is_elsewhere) continue;
    REQUIRE(again > 10);
    REQUIRE(again < 38);
    REQUIRE(at_once > 30);
  }
}

TEST_CASE("lease_store: asked once, a client gives up with one member and stays with the next",
          "[models][lease_store]") {
  // Nobody can be connected to: a second each, half of a third of 6 s.
  StoreRun run(store_config(3, milliseconds(10)));
  const StoreClientId a = run.client(1);
  for (std::uint32_t i : {0u, 1u, 2u}) stop_store_member(run.world(), i, true);
  StoreRequest request;
  request.command = {.operation = StoreOperation::put, .key = {0, StoreName::status, 0}};
  request.patience = seconds(6);
  request.once = true;
  const StoreMembersInOrder order = run.store().clients[a.value].endpoints;
  for (const std::uint32_t next : {1u, 0u, 1u}) {
    const TimePoint asked = run.world().now();
    const KeptAnswer answer = run.wait_for(ask_store(run.world(), a, request));
    REQUIRE(answer.answer.outcome == StoreOutcome::timed_out);
    REQUIRE(answer.at - asked == seconds(1));
    REQUIRE(run.store().clients[a.value].endpoints[0] == order[next]);
  }
}

TEST_CASE("lease_store: a client may begin with any member, and draws another when it begins anew",
          "[models][lease_store]") {
  ClusterConfig config = store_config(3, milliseconds(10));
  config.lease_store->first_asked = FirstAsked::any;
  StoreRun run(config);
  std::array<int, 3> firsts{};
  for (std::uint64_t number = 0; number < 300; ++number) {
    const StoreClientId a = run.client(1, number);
    firsts[run.store().clients[a.value].endpoints[0]] += 1;
    drop_store_client(run.world(), a);
    firsts[run.store().clients[a.value].endpoints[0]] += 1;
  }
  for (const int count : firsts) REQUIRE(std::abs(count - 200) < 50);  // sd 11.5
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
    request.patience = seconds(27);  // 9 s for each of three
    const TimePoint asked = run.world().now();
    const KeptAnswer answer = run.wait_for(ask_store(run.world(), a, request));
    REQUIRE(answer.answer.outcome == StoreOutcome::ok);
    REQUIRE(answer.at - asked >= seconds(1));
    REQUIRE(answer.at - asked <= seconds(3) + milliseconds(200));
    if (renews) REQUIRE((answer.at - asked).ns % seconds(1).ns <= milliseconds(100).ns);
  }
}

TEST_CASE("lease_store: a client that watches reads its own view, and waits for it when it is gone",
          "[models][lease_store]") {
  StoreRun run(store_config(3, milliseconds(10)));
  const StoreClientId a = run.client(1);
  const StoreClientId writer = run.client(0);
  const auto view = [&](Duration patience) {
    return run.wait_for(read_view(run.world(), a, patience));
  };
  watch_store(run.world(), a, 0, seconds(5));
  run.put(writer, StoreName::status, 1);
  run.run_for(milliseconds(100));
  REQUIRE(run.notices.size() == 1);
  TimePoint asked = run.world().now();
  KeptAnswer answer = view(seconds(5));
  REQUIRE(answer.at == asked);  // nobody is asked
  REQUIRE(item(answer, StoreName::status).value[0] == 1);
  // What it writes itself it sees at once, and no notice is needed.
  run.put(a, StoreName::sync, 7);
  REQUIRE(item(view(seconds(5)), StoreName::sync).value[0] == 7);
  // Its member stops: it turns to another, reads all keys there and watches there.
  stop_store_member(run.world(), 1, false);
  run.put(writer, StoreName::status, 2);
  run.run_for(milliseconds(200));
  REQUIRE(item(view(seconds(5)), StoreName::status).value[0] == 2);
  const std::size_t told = run.notices.size();
  run.put(writer, StoreName::sync, 3);
  run.run_for(milliseconds(100));
  REQUIRE(run.notices.size() == told + 1);
  // All stop: there is no view until one is back, and who wants to read gives up before.
  for (std::uint32_t i : {0u, 2u}) stop_store_member(run.world(), i, false);
  run.run_for(seconds(1));
  asked = run.world().now();
  answer = view(seconds(5));
  REQUIRE(answer.answer.outcome == StoreOutcome::no_leader);
  REQUIRE(answer.at - asked == seconds(5));
  start_store_member(run.world(), 2);
  answer = view(seconds(20));
  REQUIRE(answer.answer.outcome == StoreOutcome::ok);
  REQUIRE(item(answer, StoreName::sync).value[0] == 3);
}

// The member forgets who watches it and says nothing, so the view stands still. TCP's keepalive
// asks after loop_wait + retry_timeout, 20 s of silence; a guard that is refused shows it sooner.
TEST_CASE("lease_store: the view of a client whose member was gone for a moment is renewed",
          "[models][lease_store]") {
  const bool is_refused = GENERATE(false, true);
  StoreRun run(store_config(3, milliseconds(10)));
  const StoreClientId a = run.client(1);
  const StoreClientId writer = run.client(0);
  const auto seen = [&] {
    return item(run.wait_for(read_view(run.world(), a, seconds(5))), StoreName::status).value[0];
  };
  watch_store(run.world(), a, 0, seconds(5));
  run.put(writer, StoreName::status, 1);
  run.run_for(seconds(1));
  stop_store_member(run.world(), 1, true);
  run.run_for(seconds(1));
  start_store_member(run.world(), 1);
  run.run_for(seconds(2));
  run.put(writer, StoreName::status, 2);
  run.run_for(seconds(1));
  REQUIRE(seen() == 1);
  if (is_refused) {
    const KeptAnswer answer = run.ask(a, {.operation = StoreOperation::put,
                                          .guard = StoreGuard::absent,
                                          .key = {0, StoreName::status, 0}});
    REQUIRE(answer.answer.outcome == StoreOutcome::compare_failed);
  } else {
    run.run_for(seconds(15));
    REQUIRE(seen() == 1);
    run.run_for(seconds(2));
  }
  REQUIRE(seen() == 2);
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
