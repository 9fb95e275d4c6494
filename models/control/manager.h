// A failover manager of any kind as one value, with the four methods of all of them.
#pragma once

#include <optional>
#include <span>
#include <variant>

#include "policy/failover/config.h"
#include "policy/failover/types.h"

namespace longhaul {

using Manager = std::variant<std::monostate>;

// Whether a manager runs beside each server, or once for all of them (on each controller).
enum class ManagerPlace : std::uint8_t { none, beside_servers, controllers };
ManagerPlace place_of(FailoverManager manager);

// The phase that an outage begins with: what such a manager waits for first.
FailoverPhase first_phase(FailoverManager manager);

// `self`: the member that it runs beside; none for a controller. `luck` is evenly spread.
Manager make_manager(const FailoverConfig& config, std::span<const MemberInfo> members,
                     MemberIndex self, TimePoint now, std::uint64_t luck);

void handle(Manager& manager, TimePoint now, const FailoverEvent& event);
void on_timer(Manager& manager, TimePoint now);
std::optional<FailoverAction> poll(Manager& manager);
std::optional<TimePoint> next_deadline(const Manager& manager);

}  // namespace longhaul
