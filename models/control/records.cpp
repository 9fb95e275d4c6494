#include "models/control/records.h"

#include "models/control/agents.h"
#include "models/control/server_view.h"
#include "models/pg/group.h"
#include "models/pg/server.h"

namespace longhaul {
namespace {

template <class Note>
void add(ControlLog& log, std::vector<Note>& notes, const Note& note) {
  if (notes.size() >= ControlLog::notes_max) {
    log.left_out += 1;
    return;
  }
  notes.push_back(note);
}

// Whether some app still reaches a primary that takes its writes: one whose host stands still takes
// none, and a proxy leads to none that it has taken out.
bool serves(const World& world, NodeId node) {
  if (!node.valid() || server_state(world, node) != ServerState::primary) return false;
  if (world.node(node).stalls > 0) return false;
  const std::uint32_t there = world.plan->nodes[node.value].place;
  for (std::uint32_t i = 0; i < world.plan->apps.size(); ++i) {
    const AppPlan& app = world.plan->apps[i];
    const bool by_proxy = app.config.connect.by == FindPrimary::proxy;
    if (by_proxy && !world.proxies[i].servers[node.value].up) continue;
    const PathId to = world.plan->path(app.place, there);
    const PathId back = world.plan->path(there, app.place);
    if (!world.network.is_cut(to) && !world.network.is_cut(back)) return true;
  }
  return false;
}

}  // namespace

void note_action(World& world, AgentId id, const FailoverAction& action) {
  ControlLog& log = world.control.log;
  const Agent& agent = world.control.agents[id.value];
  const TimePoint now = world.now();
  switch (action.kind) {
    case FailoverActionKind::phase:
      return add(log, log.phases, {now, id, action.phase, action.reason});
    case FailoverActionKind::candidate:
      return add(log, log.candidates,
                 {now, id, node_of(world, agent, action.member), action.status.server,
                  action.eligible, action.reason});
    default:
      return add(log, log.refusals, {now, id, node_of(world, agent, action.member), action.reason});
  }
}

void note_promotion(World& world, NodeId node, AgentId agent, FailoverReason reason) {
  PromotionNote note;
  note.shard = world.plan->nodes[node.value].group;
  note.from = primary_of(world, note.shard);
  note.to = node;
  note.agent = agent;
  note.reason = reason;
  note.ordered = world.now();
  note.needless = note.from != node && serves(world, note.from);
  add(world.control.log, world.control.log.promotions, note);
}

void note_rerouting(World& world, InstanceId instance, NodeId node) {
  if (world.control.log.promotions.empty()) return;  // how a run begins
  add(world.control.log, world.control.log.reroutings, {world.now(), instance, node});
}

void note_server(World& world, NodeId node) {
  if (!world.node(node).is_primary) return;
  std::vector<PromotionNote>& notes = world.control.log.promotions;
  const auto last = std::find_if(notes.rbegin(), notes.rend(),
                                 [node](const PromotionNote& note) { return note.to == node; });
  if (last != notes.rend() && last->opened == TimePoint::never()) last->opened = world.now();
}

}  // namespace longhaul
