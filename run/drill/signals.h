// What the dashboards of a drill show: samples that a monitoring takes from where it runs.
//
// Every drill.signals.interval it looks at each server and at each users' region through the
// network: what it cannot reach is down, whether it refuses, is dead or is only cut off from here,
// as the metric "up" has it. A users' region is seen through the application that serves it. A
// sample is on the dashboard drill.signals.delay later, or never. Nothing of the truth is in it
// that a probe would not find.
//
// Left out: the time that a scrape itself takes, dashboards that fall behind under load.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/cluster.h"
#include "run/drill/config.h"

namespace longhaul {

struct NodeSignal {
  enum class Seen : std::uint8_t { no_data, refused, up };
  Seen seen = Seen::no_data;
  bool primary = false;
  std::int64_t lag_ns = -1;  // negative: none is given
  std::int64_t connections = 0;
  friend bool operator==(const NodeSignal&, const NodeSignal&) = default;
};

struct UsersSignal {
  bool data = false;
  std::int64_t pages = 0;  // since the sample before
  std::int64_t failed = 0;
  std::int64_t p95_ns = 0;
  friend bool operator==(const UsersSignal&, const UsersSignal&) = default;
};

struct Frame {
  TimePoint taken;
  std::vector<NodeSignal> nodes;
  std::vector<UsersSignal> users;  // by Watchpost::users
};

// Where somebody looks from, and at whom.
struct Watchpost {
  struct Users {
    std::uint32_t region = 0;  // label index
    std::uint32_t place = 0;   // of the app that serves them
    AppId app;
    std::string name;
  };
  std::uint32_t place = 0;
  std::vector<Users> users;  // regions that users come from
  LagSource lag_source = LagSource::replay_lag;
};

// The first place of that region in which something runs.
std::uint32_t place_in(const Plan& plan, const std::string& region);

Watchpost watchpost(const Plan& plan, std::uint32_t place, LagSource lag_source);

bool is_reachable(const World& world, std::uint32_t from, std::uint32_t to);

NodeSignal look_at(const World& world, const Watchpost& post, NodeId node);

// Remembers what was counted at the last sample.
class Sampler {
 public:
  Frame take(const World& world, const Watchpost& post);

 private:
  struct Counted {
    std::int64_t pages = 0;
    std::int64_t failed = 0;
    Histogram latency;
  };
  std::vector<Counted> before_;
};

// Whether users of that region have somebody who serves them, reached by another network.
bool anybody_there(const World& world, const Watchpost& post, const std::string& region);

// ---- Alarms ------------------------------------------------------------------------------------

enum class AlarmKind : std::uint8_t {
  server_down,
  no_data,
  errors,
  slow,
  lag,
  two_primaries,
};

struct Alarm {
  AlarmKind kind = AlarmKind::server_down;
  std::uint32_t of = 0;  // node, or position in Watchpost::users
  TimePoint since = TimePoint::never();
  bool raised = false;
  bool is_false = false;
  TimePoint false_until;
};

std::string alarm_text(const Plan& plan, const Watchpost& post, const Alarm& alarm);

// Those that there may be, in the order of the dashboard.
std::vector<Alarm> quiet_alarms(const Plan& plan, const Watchpost& post);

// A frame arrives; says whether the alarm has changed.
bool hear(Alarm& alarm, const Frame& frame, const DrillSignals& config);

// How frames of two worlds are told apart: what a person would call the same is equal.
enum class Level : std::uint8_t { none, low, middle, high };
struct Impression {
  std::vector<NodeSignal::Seen> seen;
  std::vector<bool> primary;
  std::vector<Level> lag;
  std::vector<bool> data;
  std::vector<Level> errors;
};
Impression impression(const Frame& frame, const DrillSignals& config);
std::string key_of(const Impression& impression);

}  // namespace longhaul
