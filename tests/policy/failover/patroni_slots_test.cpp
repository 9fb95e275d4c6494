// The replication slots that Patroni keeps for its members.
#include "tests/policy/failover/patroni_host.h"

namespace longhaul {
namespace {

struct SlotsOrder {
  TimePoint at;
  std::uint32_t by = 0;
  MemberSet members = 0;
};

constexpr MemberSet of(std::initializer_list<std::uint32_t> members) {
  MemberSet set = 0;
  for (const std::uint32_t member : members) {
    set = static_cast<MemberSet>(set | set_of(MemberIndex{member}));
  }
  return set;
}

void watch_slots(PatroniHost& host, std::vector<SlotsOrder>& orders) {
  host.watch = [&host, &orders](std::uint32_t member, const FailoverAction& action) {
    if (action.kind != FailoverActionKind::keep_slots) return;
    orders.push_back({host.now, member, action.members});
  };
}

PatroniConfig before_4_0() {
  PatroniConfig config;
  config.member_slots_ttl = Duration{};
  return config;
}

std::vector<SlotsOrder> orders_of(std::uint32_t member, const std::vector<SlotsOrder>& orders) {
  std::vector<SlotsOrder> own;
  for (const SlotsOrder& order : orders) {
    if (order.by == member) own.push_back(order);
  }
  return own;
}

}  // namespace

// The leader's rounds begin every 10 s from 0 s. Member 1 last touched its key at 20.1 s, so it is
// gone at 50.1 s; the round of 60 s drops the slot. Its host is back at 75 s, its agent at 76 s,
// and the round of 80 s makes the slot again.
TEST_CASE("patroni: before 4.0 a slot lives as long as its member's key",
          "[policy][failover][patroni]") {
  PatroniHost host(3, before_4_0());
  std::vector<SlotsOrder> orders;
  watch_slots(host, orders);
  host.run_until(seconds(25));
  host.kill_host(1);
  host.run_until(seconds(75));
  host.restart_host(1);
  host.servers[1].status.state = ServerState::standby;
  host.run_until(seconds(100));
  const std::vector<SlotsOrder> leader = orders_of(0, orders);
  REQUIRE(leader.size() == 3);
  REQUIRE(leader[0].members == of({1, 2}));
  REQUIRE(leader[0].at < TimePoint{} + seconds(1));
  REQUIRE(leader[1].members == of({2}));
  REQUIRE(leader[1].at >= TimePoint{} + seconds(60));
  REQUIRE(leader[1].at < TimePoint{} + seconds(61));
  REQUIRE(leader[2].members == of({1, 2}));
  REQUIRE(leader[2].at >= TimePoint{} + seconds(80));
  REQUIRE(leader[2].at < TimePoint{} + seconds(81));
  for (const SlotsOrder& order : orders_of(2, orders)) REQUIRE(order.members == 0);
}

// A new leader makes them in its first round as a primary, when those of its followers are late.
TEST_CASE("patroni: before 4.0 a new leader has no slots until its round",
          "[policy][failover][patroni]") {
  PatroniHost host(3, before_4_0());
  std::vector<SlotsOrder> orders;
  watch_slots(host, orders);
  host.run_until(seconds(25));
  host.kill_host(0);
  host.run_until(seconds(70));
  REQUIRE(host.is_primary(1));
  const std::vector<SlotsOrder> successor = orders_of(1, orders);
  REQUIRE(successor.size() == 2);
  REQUIRE(successor[0].members == 0);  // as a standby
  REQUIRE(successor[1].members == of({2}));
  REQUIRE(successor[1].at > TimePoint{} + seconds(52));  // promoted at 52.02 s
  REQUIRE(successor[1].at < TimePoint{} + seconds(53));
}

// With member_slots_ttl every server has the slots of all members until one has been gone for that
// long: here two minutes from 20.1 s, which the rounds after 140.1 s notice.
TEST_CASE("patroni: slots outlive the key by member_slots_ttl, on every server",
          "[policy][failover][patroni]") {
  PatroniConfig config;
  config.member_slots_ttl = minutes(2);
  PatroniHost host(3, config);
  std::vector<SlotsOrder> orders;
  watch_slots(host, orders);
  host.run_until(seconds(25));
  host.kill_host(1);
  host.run_until(seconds(140));
  REQUIRE(orders.empty());
  host.run_until(seconds(200));
  REQUIRE(orders.size() == 2);
  for (const SlotsOrder& order : orders) {
    REQUIRE(order.members == (order.by == 0 ? of({2}) : of({0})));
    REQUIRE(order.at > TimePoint{} + seconds(160));  // the key was there until 50.1 s
    REQUIRE(order.at < TimePoint{} + seconds(182));
  }
}

}  // namespace longhaul
