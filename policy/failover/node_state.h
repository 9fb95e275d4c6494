// The states that the monitor of pg_auto_failover assigns to a node and its keeper reports back.
//
// Source: pg_auto_failover v2.1, src/monitor/replication_state.h. Left out: maintenance states,
// join_primary, join_secondary and apply_settings, which only serve changes of settings and
// standbys that follow a primary that is being changed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace longhaul {

enum class NodeState : std::uint8_t {
  none,
  single,             // the only node: writes, nobody replicates from it
  wait_primary,       // writes, does not wait for a standby
  primary,            // writes, its commits wait for its standbys
  draining,           // stops: a standby is about to replace it
  demote_timeout,     // is given time to stop by itself
  demoted,            // has stopped
  catchingup,         // a standby that is too far behind to be counted on
  secondary,          // a standby that may be promoted
  report_lsn,         // has stopped to receive and tells how far it is
  fast_forward,       // fetches what another standby has and it lacks
  prepare_promotion,  // is about to be promoted
  stop_replication,   // is promoted, but read only until the old primary cannot write
};
constexpr std::size_t node_state_count = static_cast<std::size_t>(NodeState::stop_replication) + 1;

std::string_view to_text(NodeState state);

}  // namespace longhaul
