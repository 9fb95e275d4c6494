// What changes of agents and controllers while a run lasts, and the record of what they did.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "models/control/manager.h"
#include "models/control/store_types.h"
#include "models/slot_pool.h"
#include "policy/failover/types.h"
#include "sim/rng.h"
#include "sim/timers.h"

namespace longhaul {

using AgentId = StrongId<struct AgentTag>;

// A manager at work: an agent beside a server, or a controller.
struct Agent {
  GroupId shard;
  NodeId node;         // on whose host it runs; none: a controller
  MemberIndex member;  // that node's number in its shard
  VoterIndex voter;    // a controller's number
  std::uint32_t place = 0;
  Manager machine;
  RandomStream luck;
  Timer due;
  std::uint32_t kills = 0;  // faults in progress that keep it down
  bool running = true;
  TimePoint time;          // of its machine; of its host's clock, once that has changed
  std::uint16_t life = 0;  // answers to an earlier one come to nothing
  TimePoint primary_seen = TimePoint::never();    // when it last saw the primary alive; never: not
  Timer watchdog;                                 // resets the host
  std::optional<FailoverActionKind> stops_after;  // its operator's terminal dies with this order
  StoreClientId store;                            // of the lease store; none: there is none
  std::uint64_t lease = 0;                        // of its own there; 0: none
  std::uint64_t leader_lease = 0;                 // of the leader key as it last read it
  std::uint64_t sync_revision = 0;                // of the sync key as it last read it
  bool holds_leader_key = false;                  // as far as it has heard
  TimePoint lease_kept;                           // when its lease was last granted or kept alive
  std::optional<FailoverAction> touch_waits;      // its member key, until its position is written
  MemberSet slots = static_cast<MemberSet>(~0u);  // replication slots on its server
};

// A question or an answer on its way, or an order to a server.
struct ControlMail {
  AgentId agent;
  std::uint16_t life = 0;
  FailoverAction action;
  FailoverEvent event;
  AgentId from;  // a voter that asks another; else none
};

// A call of the lease store that an agent waits for.
struct StoreUse {
  StoreCall call;
  AgentId agent;
  std::uint16_t life = 0;
  FailoverAction action;
  TimePoint begun;  // with its first call
};

// An order that a server is carrying out.
struct ServerOrder {
  AgentId agent;
  std::uint16_t life = 0;
  NodeId node;
  FailoverAction action;
  bool remote = false;
  bool begun = false;
};

// ---- The record --------------------------------------------------------------------------------

struct PhaseNote {
  TimePoint at;
  AgentId agent;
  FailoverPhase phase = FailoverPhase::detect;
  FailoverReason reason = FailoverReason::none;
};

struct CandidateNote {
  TimePoint at;
  AgentId agent;  // that judged
  NodeId node;
  ServerStatus status;  // as the agent knew it
  bool eligible = false;
  FailoverReason reason = FailoverReason::none;
};

struct RefusalNote {
  TimePoint at;
  AgentId agent;
  NodeId node;  // none: nobody is promoted
  FailoverReason reason = FailoverReason::none;
};

struct PromotionNote {
  GroupId shard;
  NodeId from;  // the primary before
  NodeId to;
  AgentId agent;  // that ordered it; none: an operator of the scenario
  FailoverReason reason = FailoverReason::none;
  TimePoint ordered;
  TimePoint opened = TimePoint::never();  // writes are accepted
  bool needless = false;                  // the primary before was serving writes
};

// An app's instance knows a primary that it did not know before.
struct ReroutingNote {
  TimePoint at;
  InstanceId instance;
  NodeId node;
};

struct ControlLog {
  static constexpr std::size_t notes_max = 20'000;  // of each kind; more are counted only
  std::vector<PhaseNote> phases;
  std::vector<CandidateNote> candidates;
  std::vector<RefusalNote> refusals;
  std::vector<PromotionNote> promotions;
  std::vector<ReroutingNote> reroutings;
  std::uint64_t left_out = 0;
};

// A switchover for which an operator pauses PgBouncers: models/control/pooler_pause.h.
enum class PauseStep : std::uint8_t { draining, switching, over };

struct PoolerPause {
  std::uint32_t fault = 0;
  GroupId shard;
  PauseStep step = PauseStep::draining;
  TimePoint begun;
  TimePoint ordered;  // the switchover
};

struct Control {
  std::vector<Agent> agents;
  std::vector<AgentId> agent_of_node;  // none: it has none
  SlotPool<ControlMail> mail;
  std::vector<ServerOrder> orders;  // in progress
  std::vector<StoreUse> store_uses;
  RandomStream operator_luck;
  std::vector<GroupId> approvals;  // shards for which a person makes up their mind
  std::vector<PoolerPause> pooler_pauses;
  ControlLog log;
};

}  // namespace longhaul
