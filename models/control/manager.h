// A failover manager of any kind as one value, with the four methods of all of them.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "policy/failover/config.h"
#include "policy/failover/types.h"

namespace longhaul {

// Which machine it is stays in manager.cpp: the world holds managers, and not all who include the
// world care. A copy is a copy of the machine. Allocates when made and when copied only.
class Manager {
 public:
  struct Machine;  // one of policy/failover/

  Manager();  // none: nothing happens
  explicit Manager(Machine machine);
  Manager(const Manager& other);
  Manager& operator=(const Manager& other);
  Manager(Manager&&) noexcept;
  Manager& operator=(Manager&&) noexcept;
  ~Manager();

  Machine& machine() { return *machine_; }
  const Machine& machine() const { return *machine_; }

 private:
  std::unique_ptr<Machine> machine_;  // never null, but after a move
};

// Where the parts of a manager run.
struct ManagerPlaces {
  bool beside_servers = false;  // one beside each
  bool controllers = false;     // one on each controller, or on the first alone
  bool every_controller = false;
};
ManagerPlaces places_of(FailoverManager manager);

// Whether an operator can order this of it.
bool understands(FailoverManager manager, OperatorCommand command);

// Whether policy.failover.guards count for it, beside `frozen`, which counts for all.
bool counts_guards(FailoverManager manager);

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
// It begins again, with what it had on disk.
Manager make_manager_again(const Manager& before, const FailoverConfig& config,
                           std::span<const MemberInfo> members, const ManagerSeat& seat);

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
