// A failover manager of any kind as one value, with the four methods of all of them.
#pragma once

#include <optional>
#include <span>
#include <variant>

#include "policy/failover/auto_failover_keeper.h"
#include "policy/failover/auto_failover_monitor.h"
#include "policy/failover/config.h"
#include "policy/failover/consensus.h"
#include "policy/failover/first_to_answer.h"
#include "policy/failover/managed.h"
#include "policy/failover/manual_runbook.h"
#include "policy/failover/patroni.h"
#include "policy/failover/repmgr.h"
#include "policy/failover/types.h"

namespace longhaul {

using Manager =
    std::variant<std::monostate, PatroniAgent, FirstToAnswer, ManualRunbook, Repmgr,
                 AutoFailoverMonitor, AutoFailoverKeeper, ManagedService, ConsensusVoter>;

// Where the parts of a manager run.
struct ManagerPlaces {
  bool beside_servers = false;  // one beside each
  bool controllers = false;     // one on each controller, or on the first alone
  bool every_controller = false;
};
ManagerPlaces places_of(FailoverManager manager);

// Whether its agents start the servers of their hosts, or the hosts themselves do.
bool starts_servers(FailoverManager manager);

// The phase that an outage begins with: what such a manager waits for first.
FailoverPhase first_phase(FailoverManager manager);

// Which part of a manager is wanted.
struct ManagerSeat {
  MemberIndex self;  // the member that it runs beside; none: a controller
  VoterIndex voter;  // the controller's number
  std::uint32_t voters = 0;
  TimePoint now;
  std::uint64_t luck = 0;  // evenly spread
};
Manager make_manager(const FailoverConfig& config, std::span<const MemberInfo> members,
                     const ManagerSeat& seat);

void handle(Manager& manager, TimePoint now, const FailoverEvent& event);
void on_timer(Manager& manager, TimePoint now);
std::optional<FailoverAction> poll(Manager& manager);
std::optional<TimePoint> next_deadline(const Manager& manager);

// What an agent says of itself and its server to whoever asks.
MemberStatus describe(const Manager& manager, TimePoint now, const ServerStatus& server);
// Whether it accepts a leader that has lost the lease store.
bool accepts_failsafe(const Manager& manager);
// What a voter tells another.
bool sees_primary_dead(const Manager& manager);

// How long the lease of such a manager lasts.
Duration lease_ttl(const FailoverConfig& config);

}  // namespace longhaul
