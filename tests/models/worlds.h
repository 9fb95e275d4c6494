// Small worlds for the tests of models: every time is a constant and every way free of jitter
// unless a test says otherwise, so that results can be derived by hand.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/build.h"
#include "models/checks.h"
#include "models/pg/lag_truth.h"
#include "models/pg/replay.h"
#include "models/pg/wal_receiver.h"
#include "models/pg/wal_sender.h"
#include "tests/catch.h"

namespace longhaul::worlds {

inline TimePoint at(Duration since_start) { return TimePoint{} + since_start; }

inline DurationDistribution always(Duration value) { return DurationDistribution::constant(value); }

// Regions without distance inside, nothing else.
inline ClusterConfig empty(std::vector<std::string> regions) {
  ClusterConfig config;
  config.duration = minutes(60 * 24);
  config.canary = {};
  config.network.jitter = always({});
  config.wal.reply_handling = {};
  config.postgres.backend_start = {};
  config.postgres.server_start = {};
  config.postgres.scram_computing = {};
  config.postgres.full_page_writes = false;
  config.postgres.autovacuum = false;
  for (std::string& region : regions) config.regions.push_back({std::move(region), {}, {}});
  return config;
}

inline void link(ClusterConfig& config, const std::string& a, const std::string& b, Duration rtt,
                 ByteRate bandwidth = {}) {
  config.links.push_back({a, b, {rtt.ns / 2}, always({}), bandwidth});
  config.links.push_back({b, a, {rtt.ns / 2}, always({}), bandwidth});
}

inline NodeConfig& primary(ClusterConfig& config, const std::string& name,
                           const std::string& region) {
  NodeConfig node;
  node.name = name;
  node.region = region;
  node.role = NodeRole::primary;
  node.fsync = always(milliseconds(2));
  node.disk_rate = {};
  config.nodes.push_back(node);
  return config.nodes.back();
}

inline NodeConfig& replica(ClusterConfig& config, const std::string& name,
                           const std::string& region, const std::string& follows) {
  NodeConfig node;
  node.name = name;
  node.region = region;
  node.follows = follows;
  node.fsync = always(milliseconds(3));
  node.disk_rate = {};
  node.replay_rate = {30 * 1024 * 1024};
  node.replay_record_time = {};
  config.nodes.push_back(node);
  return config.nodes.back();
}

inline AppConfig& app(ClusterConfig& config, const std::string& name, const std::string& region) {
  AppConfig result;
  result.name = name;
  result.region = region;
  result.pool.sslmode = SslMode::disable;  // a connection takes four round trips
  config.apps.push_back(result);
  return config.apps.back();
}

// "rows": each statement takes exactly `time` of a processor.
inline DataSetConfig& rows(ClusterConfig& config, Duration time, std::int64_t count = 1000) {
  DataSetConfig set;
  set.name = "rows";
  set.rows = {count};
  set.write = WriteKind::insert;  // records of row_bytes + record_overhead and nothing else
  set.indexes = 0;
  set.read_time = always(time);
  set.write_time = always(time);
  config.data.push_back(set);
  return config.data.back();
}

inline CallConfig read(std::int64_t times = 1) {
  CallConfig call;
  call.read = "rows";
  call.times = times;
  return call;
}

inline CallConfig write() {
  CallConfig call;
  call.write = "rows";
  return call;
}

inline CallConfig own(CallConfig call) {
  call.own = true;
  return call;
}

// Users with one page, "page", and no last mile.
inline PopulationConfig& users(ClusterConfig& config, const std::string& name,
                               const std::string& from, std::int64_t sessions,
                               std::vector<CallConfig> calls) {
  PopulationConfig population;
  population.name = name;
  population.from = from;
  population.last_mile = {};
  population.sessions = sessions;
  population.pages.push_back({"page", 1, std::move(calls)});
  config.workload.push_back(population);
  return config.workload.back();
}

// All cells of a distribution together.
inline Histogram all(const World& world, Metric metric) {
  Histogram sum;
  for (std::size_t i = 0; i < world.measures.cells(metric); ++i) {
    sum.merge(world.measures.distribution_at(metric, i));
  }
  return sum;
}

inline std::int64_t total(const World& world, Metric metric) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < world.measures.cells(metric); ++i) {
    sum += world.measures.counter_at(metric, i).count;
  }
  return sum;
}

inline std::int64_t errors(const World& world, ErrorKind kind) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < world.measures.cells(Metric::errors); ++i) {
    if (world.measures.labels_of(Metric::errors, i)[2] == static_cast<std::uint32_t>(kind)) {
      sum += world.measures.counter_at(Metric::errors, i).count;
    }
  }
  return sum;
}

inline double seconds_of(Duration duration) { return static_cast<double>(duration.ns) / 1e9; }

// WAL that appears on the primary at once, flushed, as if a transaction had written it.
inline void produce_records(Cluster& cluster, const WalRecords& records) {
  World& world = cluster.world();
  const NodeId id = world.primary();
  Node& node = world.node(id);
  insert_entry(world, id, records, WalKind::commit);
  node.flushed = node.insert;
  note_flush(world, id);
  send_wal(world, id);
}
inline void produce(Cluster& cluster, Bytes size) { produce_records(cluster, {size}); }

inline void cut(Cluster& cluster, std::uint32_t link) { cluster.world().network.cut(LinkId{link}); }
inline void heal(Cluster& cluster, std::uint32_t link) {
  cluster.world().network.heal(cluster.world().now(), LinkId{link});
}

// Runs and leaves the clock at `until`, where it would otherwise stand at the last event. The event
// that moves it is a primary's status timer, which never goes off.
inline void tick_at(Cluster& cluster, TimePoint until) {
  World& world = cluster.world();
  world.scheduler.at(until, EventClass::ordinary, target(world.primary()),
                     static_cast<std::uint16_t>(EventKind::status_due), 0, 0);
}
inline void advance(Cluster& cluster, TimePoint until) {
  tick_at(cluster, until);
  cluster.run_until(until);
}

// The same, event by event, and asks for every invariant in between.
inline void run_checked(Cluster& cluster, TimePoint until) {
  tick_at(cluster, until);
  World& world = cluster.world();
  Event event;
  while (world.scheduler.pop_until(until, event)) {
    execute(world, event);
    if (const std::string broken = broken_invariant(world); !broken.empty()) {
      FAIL("seed " << world.plan->seed << ", event " << world.scheduler.events() << " at "
                   << event.at.ns << " ns, kind " << to_text(static_cast<EventKind>(event.kind))
                   << ": " << broken);
    }
  }
}

}  // namespace longhaul::worlds
