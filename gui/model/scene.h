// What is so at one instant of a run, for a map and for inspectors: read off a world, in plain
// values.
//
// Truth, and beside it what applications believe. Positions in `nodes` are those of the scenario's
// topology.nodes; regions, apps and servers go by their names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/cluster.h"

namespace longhaul {

struct SceneNode {
  std::string name;
  std::string region;
  bool primary = false;
  bool replaced =
      false;  // a primary beside a newer one of the same data: a split brain if it writes
  bool in_standby_cluster = false;  // until that is promoted
  bool leads_standby_cluster = false;
  Liveness liveness = Liveness::up;
  bool stalled = false;
  bool read_only = false;
  std::uint32_t timeline = 1;
  Lsn position;  // primary: inserted; standby: replayed
  std::int64_t connections = 0;
  std::int64_t max_connections = 0;
  std::optional<Duration> lag;       // of replay; truth; absent: it is measured nowhere
  std::optional<Duration> believed;  // by the app in whose region it stands, else by the first
};

// A walsender and its standby.
struct SceneStream {
  std::string upstream;
  std::string standby;
  bool connected = false;
  Bytes in_flight;  // sent and not acknowledged
  Bytes behind;     // the standby lacks of its upstream's log
};

struct SceneLink {
  std::string from;  // region
  std::string to;
  bool cut = false;
};

// The worst state of a breaker of any instance of that app, towards that replica.
struct SceneBreaker {
  std::string app;
  std::string node;
  BreakerState state = BreakerState::closed;
  std::int64_t instances = 0;  // in that state
};

struct Scene {
  TimePoint now;
  std::uint64_t events = 0;  // executed so far
  std::string last_event;    // its kind; empty before the first
  std::vector<SceneNode> nodes;
  std::vector<SceneStream> streams;
  std::vector<SceneLink> links;
  std::vector<SceneBreaker> breakers;
  std::vector<std::size_t> faults;  // of the scenario's list, that last now
};

Scene scene_of(const World& world);

}  // namespace longhaul
