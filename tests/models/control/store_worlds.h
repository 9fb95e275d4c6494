// Lease stores for tests: members in regions, clients whose answers are kept, event by event.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "models/control/raft.h"
#include "models/control/store_clients.h"
#include "tests/models/worlds.h"

namespace longhaul::worlds {

// Regions "r0", "r1", ... each `rtt` from each other, one member in each, disks that take 1 ms.
inline ClusterConfig store_config(std::uint32_t members, Duration rtt) {
  std::vector<std::string> regions;
  for (std::uint32_t i = 0; i < members; ++i) regions.push_back("r" + std::to_string(i));
  ClusterConfig config = empty(regions);
  for (std::uint32_t a = 0; a < members; ++a) {
    for (std::uint32_t b = a + 1; b < members; ++b) link(config, regions[a], regions[b], rtt);
  }
  primary(config, "db", "r0");
  LeaseStoreConfig store;
  for (std::uint32_t i = 0; i < members; ++i) {
    store.members.push_back({"m" + std::to_string(i), regions[i], "a"});
  }
  store.fsync = always(milliseconds(1));
  store.leader = "m0";
  config.lease_store = store;
  return config;
}

struct KeptAnswer {
  StoreAnswer answer;
  std::vector<StoreItem> items;
  TimePoint at;
};

class StoreRun {
 public:
  explicit StoreRun(const ClusterConfig& config, std::uint64_t seed = 1)
      : cluster_(build(config, seed)) {
    world().scheduler.set_event_limit(5'000'000);
  }

  World& world() { return cluster_.world(); }
  LeaseStore& store() { return world().lease_store; }
  StoreMember& member(std::uint32_t id) { return store().members[id]; }
  Cluster& cluster() { return cluster_; }

  // A client in the region of a member.
  StoreClientId client(std::uint32_t region, std::uint64_t number = 0) {
    return add_store_client(world(), member(region).place, {1000 + region * 100 + number});
  }

  // Both ways between two members' regions.
  void cut_between(std::uint32_t a, std::uint32_t b) {
    cut_from(a, b);
    cut_from(b, a);
  }
  void heal_between(std::uint32_t a, std::uint32_t b) {
    heal_from(a, b);
    heal_from(b, a);
  }
  void cut_from(std::uint32_t from, std::uint32_t to) {
    for (LinkId link : links(from, to)) world().network.cut(link);
  }
  void heal_from(std::uint32_t from, std::uint32_t to) {
    for (LinkId link : links(from, to)) world().network.heal(world().now(), link);
  }
  void isolate(std::uint32_t who) {
    for (std::uint32_t i = 0; i < store().members.size(); ++i) {
      if (i != who) cut_between(who, i);
    }
  }
  void rejoin(std::uint32_t who) {
    for (std::uint32_t i = 0; i < store().members.size(); ++i) {
      if (i != who) heal_between(who, i);
    }
  }

  // At most one member leads in each term, ever; and what one has applied another has, or will.
  void check() {
    for (std::uint32_t i = 0; i < store().members.size(); ++i) {
      const StoreMember& m = member(i);
      if (m.role != RaftRole::leader) continue;
      const auto [at, is_new] = leaders.emplace(m.term, i);
      if (at->second != i) FAIL("two leaders of term " << m.term);
    }
  }

  void run_until(TimePoint until) {
    tick_at(cluster_, until);
    Event event;
    while (world().scheduler.pop_until(until, event)) {
      step(event);
      check();
    }
    REQUIRE_FALSE(world().scheduler.limit_reached());
  }
  void run_for(Duration duration) { run_until(world().now() + duration); }

  // Runs until a call is answered.
  KeptAnswer wait_for(StoreCall call, Duration patience = seconds(60)) {
    const TimePoint end = world().now() + patience;
    Event event;
    while (world().scheduler.pop_until(end, event)) {
      step(event);
      check();
      if (!answers.empty() && answers.back().answer.call == call) return answers.back();
    }
    FAIL("no answer");
    return {};
  }

  KeptAnswer ask(StoreClientId client, const StoreCommand& command) {
    StoreRequest request;
    request.command = command;
    return wait_for(ask_store(world(), client, request));
  }
  KeptAnswer read(StoreClientId client) {
    return ask(client, {.operation = StoreOperation::read_all});
  }
  KeptAnswer put(StoreClientId client, StoreName name, std::uint64_t word,
                 std::uint64_t lease = 0) {
    return ask(client, {.operation = StoreOperation::put,
                        .key = {0, name, 0},
                        .value = {word, 0, 0, 0},
                        .lease = lease});
  }
  std::uint64_t grant(StoreClientId client, Duration ttl) {
    return ask(client, {.operation = StoreOperation::grant, .ttl = ttl}).answer.lease;
  }

  std::map<std::uint32_t, std::uint32_t> leaders;  // by term
  std::vector<KeptAnswer> answers;
  std::vector<std::pair<TimePoint, StoreNotice>> notices;

 private:
  std::vector<LinkId> links(std::uint32_t from, std::uint32_t to) {
    const PathId path = world().plan->path(member(from).place, member(to).place);
    return world().network.path(path).links;
  }

  void keep(const std::optional<StoreAnswer>& answer) {
    if (!answer) return;
    answers.push_back({*answer, {answer->items.begin(), answer->items.end()}, world().now()});
  }

  void step(const Event& event) {
    switch (static_cast<EventKind>(event.kind)) {
      case EventKind::store_answered: {
        const StoreNews news = store_answered(world(), event);
        keep(news.answer);
        if (news.notice) notices.emplace_back(world().now(), *news.notice);
        return;
      }
      case EventKind::store_call_due:
        return keep(store_call_due(world(), event));
      default:
        execute(world(), event);
    }
  }

  Cluster cluster_;
};

}  // namespace longhaul::worlds
