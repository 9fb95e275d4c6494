// What the clocks of a server's host say: simulated time plus clock_skew, and what the faults
// clock_step and clock_drift have made of it.
//
// A host has a wall clock, which may be stepped, and a monotonic one, which may not; both run at
// the same rate, which a drift changes. What they touch here:
//
//   wall clock of a server    what one server writes and another reads: commit timestamps on a
//                             standby (lag by them, recovery_min_apply_delay), heartbeats, the last
//                             writer that wins
//   Patroni's agent           the wall clock: it sleeps until a time of day, so after a step back
//                             its next round comes that much later, and the key may expire; after a
//                             step forward it comes at once
//   other agents, watchdog    the monotonic clock
//
// A leader whose clock is slow, cut off from the store, steps down after loop_wait + retry_timeout
// by its own clock, while its key expires after ttl by the store's: up to a drift of
// (ttl - loop_wait - retry_timeout) / ttl the two do not overlap, a third with Patroni's defaults.
//
// Sources: facts 13, 20, 21; Patroni __main__.py (schedule_next_run: time.time()). Left out: NTP
// that sets a clock right; PostgreSQL's own time-outs, of which a drift makes no difference; clocks
// of applications, users, controllers and of the lease store; lags that one server measures by its
// own clock alone (write_lag and its like).
#pragma once

#include "models/world.h"

namespace longhaul {

// Beyond clock_skew.
Duration clock_ahead(const Node& node, TimePoint at);

inline TimePoint clock(const World& world, NodeId node, TimePoint at) {
  const Duration skew = world.plan->nodes[node.value].config.clock_skew;
  const Node& server = world.node(node);
  return at + skew + (server.clock_changes.empty() ? Duration{} : clock_ahead(server, at));
}
inline TimePoint clock(const World& world, NodeId node) { return clock(world, node, world.now()); }

// The host's clock, which agents go by: the wall clock or the monotonic one, both without skew.
enum class HostClock : std::uint8_t { wall, monotonic };
TimePoint local_time(const Node& node, HostClock clock, TimePoint at);

// The first instant at which that clock shows `local`, as it runs now.
TimePoint true_time(const Node& node, HostClock clock, TimePoint local);

// How long it takes until it has gone on by `local`.
Duration true_duration(const Node& node, Duration local);

// From now on.
void step_clock(World& world, NodeId node, Duration by);
void change_drift(World& world, NodeId node, std::int64_t more_ppm);

}  // namespace longhaul
