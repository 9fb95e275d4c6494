#include "models/control/manager.h"

#include "base/check.h"

namespace longhaul {
namespace {

// No manager: nothing happens.
void handle(std::monostate&, TimePoint, const FailoverEvent&) {}
void on_timer(std::monostate&, TimePoint) {}
std::optional<FailoverAction> poll(std::monostate&) { return std::nullopt; }
std::optional<TimePoint> next_deadline(const std::monostate&) { return std::nullopt; }

template <class M>
void handle(M& machine, TimePoint now, const FailoverEvent& event) {
  machine.handle(now, event);
}
template <class M>
void on_timer(M& machine, TimePoint now) {
  machine.on_timer(now);
}
template <class M>
std::optional<FailoverAction> poll(M& machine) {
  return machine.poll();
}
template <class M>
std::optional<TimePoint> next_deadline(const M& machine) {
  return machine.next_deadline();
}

// Evenly between nothing and `whole`: agents do not run in step.
Duration share(Duration whole, std::uint64_t luck) {
  return {static_cast<std::int64_t>(static_cast<Int128>(whole.ns) * (luck >> 32) >> 32)};
}

// A run begins with a cluster that is well: its primary takes the leader key before others look.
TimePoint first_round(const PatroniConfig& config, const MemberInfo& self, TimePoint now,
                      std::uint64_t luck) {
  const bool looks_later = now == TimePoint{} && !self.starts_as_primary;
  const Duration later = looks_later ? config.loop_wait + seconds(2) : Duration{};
  return now + later + share(config.loop_wait, luck);
}

}  // namespace

ManagerPlaces places_of(FailoverManager manager) {
  switch (manager) {
    case FailoverManager::none:
      return {};
    case FailoverManager::patroni:
    case FailoverManager::repmgr:
      return {.beside_servers = true};
    case FailoverManager::pg_auto_failover:
      return {.beside_servers = true, .controllers = true};
    case FailoverManager::first_to_answer:
    case FailoverManager::manual_runbook:
    case FailoverManager::managed:
      return {.controllers = true};
    case FailoverManager::consensus_without_fencing:
      return {.controllers = true, .every_controller = true};
  }
  CHECK(false);
  __builtin_unreachable();
}

bool starts_servers(FailoverManager manager) {
  return manager == FailoverManager::patroni || manager == FailoverManager::pg_auto_failover;
}

FailoverPhase first_phase(FailoverManager manager) {
  // Nobody looks before Patroni's leader key has expired.
  return manager == FailoverManager::patroni ? FailoverPhase::lease : FailoverPhase::detect;
}

Manager make_manager(const FailoverConfig& config, std::span<const MemberInfo> members,
                     const ManagerSeat& seat) {
  switch (config.manager) {
    case FailoverManager::none:
      return std::monostate{};
    case FailoverManager::patroni:
      return PatroniAgent(
          config.patroni, config.guards, seat.self, members,
          first_round(config.patroni, members[seat.self.value], seat.now, seat.luck));
    case FailoverManager::first_to_answer:
      return FirstToAnswer(config.first_to_answer, members, seat.now);
    case FailoverManager::manual_runbook:
      return ManualRunbook(config.manual_runbook, members, seat.now, seat.luck);
    case FailoverManager::repmgr:
      return Repmgr(config.repmgr, seat.self, members, seat.now);
    case FailoverManager::pg_auto_failover:
      if (!seat.self.valid()) {
        return AutoFailoverMonitor(config.pg_auto_failover, members, seat.now);
      }
      return AutoFailoverKeeper(config.pg_auto_failover, seat.self, members, seat.now);
    case FailoverManager::managed:
      return ManagedService(config.managed, members, seat.now, seat.luck);
    case FailoverManager::consensus_without_fencing:
      return ConsensusVoter(config.consensus_without_fencing, config.guards, seat.voter,
                            seat.voters, members, seat.now);
  }
  CHECK(false);
  __builtin_unreachable();
}

void handle(Manager& manager, TimePoint now, const FailoverEvent& event) {
  std::visit([&](auto& machine) { handle(machine, now, event); }, manager);
}

void on_timer(Manager& manager, TimePoint now) {
  std::visit([&](auto& machine) { on_timer(machine, now); }, manager);
}

std::optional<FailoverAction> poll(Manager& manager) {
  return std::visit([](auto& machine) { return poll(machine); }, manager);
}

std::optional<TimePoint> next_deadline(const Manager& manager) {
  return std::visit([](const auto& machine) { return next_deadline(machine); }, manager);
}

MemberStatus describe(const Manager& manager, TimePoint now, const ServerStatus& server) {
  if (const auto* agent = std::get_if<PatroniAgent>(&manager)) return agent->describe(server);
  if (const auto* daemon = std::get_if<Repmgr>(&manager)) return daemon->describe(now, server);
  MemberStatus status;
  status.server = server;
  return status;
}

bool accepts_failsafe(const Manager& manager) {
  const auto* agent = std::get_if<PatroniAgent>(&manager);
  return agent != nullptr && !agent->holds_key();
}

bool sees_primary_dead(const Manager& manager) {
  const auto* voter = std::get_if<ConsensusVoter>(&manager);
  return voter != nullptr && voter->sees_primary_dead();
}

Duration lease_ttl(const FailoverConfig& config) { return config.patroni.ttl; }

}  // namespace longhaul
