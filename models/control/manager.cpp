#include "models/control/manager.h"

#include <utility>
#include <variant>

#include "base/check.h"
#include "models/control/health_check.h"
#include "policy/failover/auto_failover_keeper.h"
#include "policy/failover/auto_failover_monitor.h"
#include "policy/failover/consensus.h"
#include "policy/failover/first_to_answer.h"
#include "policy/failover/managed.h"
#include "policy/failover/manual_runbook.h"
#include "policy/failover/patroni.h"
#include "policy/failover/repmgr.h"

namespace longhaul {

struct Manager::Machine {
  std::variant<std::monostate, PatroniAgent, FirstToAnswer, ManualRunbook, Repmgr,
               AutoFailoverMonitor, AutoFailoverKeeper, ManagedService, ConsensusVoter>
      kind;
};

Manager::Manager() : machine_(std::make_unique<Machine>()) {}
Manager::Manager(Machine machine) : machine_(std::make_unique<Machine>(std::move(machine))) {}
Manager::Manager(const Manager& other) : machine_(std::make_unique<Machine>(*other.machine_)) {}
Manager& Manager::operator=(const Manager& other) {
  if (this != &other) *machine_ = *other.machine_;
  return *this;
}
Manager::Manager(Manager&&) noexcept = default;
Manager& Manager::operator=(Manager&&) noexcept = default;
Manager::~Manager() = default;

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

bool understands(FailoverManager manager, OperatorCommand command) {
  using enum OperatorCommand;
  const bool pauses = command == pause || command == resume;
  const bool judges = command == approve || command == reject;
  switch (manager) {
    case FailoverManager::none:
      return false;
    case FailoverManager::patroni:
    case FailoverManager::manual_runbook:
      return true;
    case FailoverManager::managed:
    case FailoverManager::repmgr:
    case FailoverManager::pg_auto_failover:
      return !judges;
    case FailoverManager::first_to_answer:
      return pauses || command == failover;
    case FailoverManager::consensus_without_fencing:
      return pauses || judges;
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

namespace {

Manager fresh(const FailoverConfig& config, std::span<const MemberInfo> members,
              const ManagerSeat& seat) {
  switch (config.manager) {
    case FailoverManager::none:
      return Manager({std::monostate{}});
    case FailoverManager::patroni: {
      PatroniAgent agent(
          config.patroni, config.guards, seat.self, members,
          first_round(config.patroni, members[seat.self.value], seat.now, seat.luck));
      if (seat.now == TimePoint{}) agent.begin_well(seat.now);
      return Manager({std::move(agent)});
    }
    case FailoverManager::first_to_answer:
      return Manager({FirstToAnswer(config.first_to_answer, members, seat.now)});
    case FailoverManager::manual_runbook:
      return Manager(
          {ManualRunbook(config.manual_runbook, members, seat.now, seat.luck, config.guards)});
    case FailoverManager::repmgr:
      return Manager({Repmgr(config.repmgr, seat.self, members, seat.now)});
    case FailoverManager::pg_auto_failover:
      if (!seat.self.valid()) {
        return Manager({AutoFailoverMonitor(config.pg_auto_failover, members, seat.now)});
      }
      return Manager({AutoFailoverKeeper(config.pg_auto_failover, seat.self, members, seat.now)});
    case FailoverManager::managed:
      return Manager({ManagedService(config.managed, members, seat.now, seat.luck)});
    case FailoverManager::consensus_without_fencing:
      return Manager({ConsensusVoter(config.consensus_without_fencing, config.guards, seat.voter,
                                     seat.voters, members, seat.now)});
  }
  CHECK(false);
  __builtin_unreachable();
}

}  // namespace

bool counts_guards(FailoverManager manager) {
  return manager == FailoverManager::patroni || manager == FailoverManager::manual_runbook ||
         manager == FailoverManager::consensus_without_fencing;
}

Manager make_manager(const FailoverConfig& config, std::span<const MemberInfo> members,
                     const ManagerSeat& seat) {
  Manager manager = fresh(config, members, seat);
  const bool knows = config.manager == FailoverManager::patroni ||
                     config.manager == FailoverManager::consensus_without_fencing;
  if (config.guards.frozen && !knows) {  // as if it had been paused
    FailoverEvent pause;
    pause.kind = FailoverEventKind::command;
    pause.command = OperatorCommand::pause;
    handle(manager, seat.now, pause);
  }
  return manager;
}

Manager make_manager_again(const Manager& before, const FailoverConfig& config,
                           std::span<const MemberInfo> members, const ManagerSeat& seat) {
  Manager manager = make_manager(config, members, seat);
  const auto* keeper = std::get_if<AutoFailoverKeeper>(&before.machine().kind);
  if (keeper == nullptr) return manager;
  std::get<AutoFailoverKeeper>(manager.machine().kind).go_on_from(keeper->file());
  return manager;
}

void handle(Manager& manager, TimePoint now, const FailoverEvent& event) {
  std::visit([&](auto& machine) { handle(machine, now, event); }, manager.machine().kind);
}

void on_timer(Manager& manager, TimePoint now) {
  std::visit([&](auto& machine) { on_timer(machine, now); }, manager.machine().kind);
}

std::optional<FailoverAction> poll(Manager& manager) {
  return std::visit([](auto& machine) { return poll(machine); }, manager.machine().kind);
}

std::optional<TimePoint> next_deadline(const Manager& manager) {
  return std::visit([](const auto& machine) { return next_deadline(machine); },
                    manager.machine().kind);
}

MemberStatus describe(const Manager& manager, TimePoint now, const ServerStatus& server) {
  if (const auto* agent = std::get_if<PatroniAgent>(&manager.machine().kind))
    return agent->describe(server);
  if (const auto* daemon = std::get_if<Repmgr>(&manager.machine().kind))
    return daemon->describe(now, server);
  MemberStatus status;
  status.server = server;
  return status;
}

std::optional<bool> answers_as_primary(const Manager& manager, TimePoint now,
                                       const ServerStatus& server) {
  const auto* agent = std::get_if<PatroniAgent>(&manager.machine().kind);
  if (agent == nullptr) return std::nullopt;
  return agent->answers_as_primary(now, server);
}

bool accepts_failsafe(const Manager& manager) {
  const auto* agent = std::get_if<PatroniAgent>(&manager.machine().kind);
  return agent != nullptr && !agent->holds_key();
}

bool sees_primary_dead(const Manager& manager) {
  const auto* voter = std::get_if<ConsensusVoter>(&manager.machine().kind);
  return voter != nullptr && voter->sees_primary_dead();
}

Duration lease_ttl(const FailoverConfig& config) { return config.patroni.ttl; }

}  // namespace longhaul
