// What a scenario may say about those who run servers: agents beside them, controllers elsewhere,
// and what they have to fence a server with. The rules they go by stand in policy.failover.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/units.h"
#include "sim/distributions.h"

namespace longhaul {

// What an agent knows of its own server before anything happens (Patroni's tags).
struct NodeTags {
  std::int64_t priority = 1;
  bool nofailover = false;
  bool nosync = false;

  static const FieldTable& fields();
  friend bool operator==(const NodeTags&, const NodeTags&) = default;
};

// Where a manager that has no agents of its own runs: an operator's desk, a monitor, a service.
struct ControllerConfig {
  std::string name;
  std::string region;
  std::string zone = "a";

  static const FieldTable& fields();
  friend bool operator==(const ControllerConfig&, const ControllerConfig&) = default;
};

// Powering a server off from outside (STONITH).
struct FencingConfig {
  bool available = false;
  DurationDistribution takes = DurationDistribution::constant(seconds(5));
  Ratio fails;

  static const FieldTable& fields();
  friend bool operator==(const FencingConfig&, const FencingConfig&) = default;
};

// A second cluster of Patroni, elsewhere and with a lease store of its own, whose leader streams
// from the first.
struct StandbyClusterConfig {
  std::vector<std::string> nodes;
  std::vector<std::string> lease_store;

  static const FieldTable& fields();
  friend bool operator==(const StandbyClusterConfig&, const StandbyClusterConfig&) = default;
};

struct ControlConfig {
  std::vector<ControllerConfig> controllers;
  FencingConfig fencing;
  std::int64_t poll_round_trips = 2;
  std::int64_t order_round_trips = 4;
  Duration order_timeout = seconds(30);
  Duration agent_start = seconds(2);
  Duration host_restart = seconds(60);
  Duration store_timeout = milliseconds(3333);

  static const FieldTable& fields();
  friend bool operator==(const ControlConfig&, const ControlConfig&) = default;
};

}  // namespace longhaul
