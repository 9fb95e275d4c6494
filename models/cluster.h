// A simulated cluster: one copyable world and the loop that drives it.
//
//   Cluster cluster = build(config, seed);
//   cluster.run_until(TimePoint{...});
//   Cluster later = cluster;             // a snapshot; both continue alike
//
// The loop takes the next event and switches on its kind; every rule lives beside its subject.
#pragma once

#include <string>
#include <vector>

#include "models/world.h"

namespace longhaul {

// Sees every event before it is executed. Not part of the world.
class EventObserver {
 public:
  virtual ~EventObserver() = default;
  virtual void before(const World& world, const Event& event) = 0;
};

class Cluster {
 public:
  Cluster() = default;
  explicit Cluster(World world) : world_(std::move(world)) {}

  // Executes every event up to and including `limit`. False when the limit of events was reached.
  bool run_until(TimePoint limit, EventObserver* observer = nullptr);

  // Ends the run: closes open time-weighted figures and outages. Call once, before reading
  // measures.
  void finish();

  TimePoint end() const { return TimePoint{} + world_.plan->duration; }
  const World& world() const { return world_; }
  World& world() { return world_; }

 private:
  World world_;
};

void execute(World& world, const Event& event);

}  // namespace longhaul
