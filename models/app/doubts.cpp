#include "models/app/doubts.h"

#include "models/app/pages.h"
#include "models/pg/commit_wait.h"

namespace longhaul {
namespace {

std::uint32_t region_of(const World& world, const Request& request) {
  const Session& session = world.sessions[request.session.value];
  return world.plan->populations[session.population.value].region;
}

void note_fate(World& world, const Request& request, bool present) {
  world.measures
      .counter(Metric::in_doubt_transactions, region_of(world, request),
               present ? Fate::present : Fate::absent)
      .count += 1;
}

// Whether the server has committed, and no crash has taken that back.
bool has_committed(const World& world, const Request& request) {
  if (request.version_count == 0) return false;
  const Ring<Version>& versions = world.truth.versions();
  return request.first_version < versions.first() ||
         world.truth.survives(versions.at(request.first_version));
}

// Whether the server has written the request's commit record to its disk.
bool is_flushed(const World& world, const Request& request) {
  if (request.version_count > 0) return has_committed(world, request);
  const Node& node = world.node(request.node);
  const auto slot = static_cast<std::uint32_t>(&request - world.requests.data());
  for (const Ring<PendingCommit>& queue : node.commits.queues) {
    for (std::uint64_t n = queue.first(); n != queue.end(); ++n) {
      const PendingCommit& commit = queue.at(n);
      if (commit.request.slot != slot || commit.request.generation != request.generation) continue;
      return commit.end <= node.flushed;
    }
  }
  return false;
}

// Nobody tries any more: a write that was never done is lost, or was shown though it is not there.
void note_lost(World& world, const Request& request, const Doubt& doubt) {
  if (doubt.commits > 0 || doubt.given_up == Duty::page) return;
  if (doubt.given_up == Duty::drain) {
    const AppId app = world.instances[request.instance.value].app;
    world.measures.counter(Metric::outbox_lost, app.value).count += 1;
  } else {
    world.measures.counter(Metric::optimistic_lies, region_of(world, request)).count += 1;
  }
}

void drop(World& world, Request& request) {
  Doubt& doubt = world.doubts.slots[request.doubt];
  if (--doubt.holders == 0) {
    note_lost(world, request, doubt);
    world.doubts.release(request.doubt);
  }
  request.doubt = no_doubt;
}

}  // namespace

bool would_commit(const World& world, const Request& request) {
  const Call& call = current_call(world, request);
  const Verb verb = current_step(world, request).verb;
  return call.transaction ? call.writes && verb == Verb::commit : verb == Verb::write;
}

void lose_sight(World& world, RequestId client_id, RequestId server_id) {
  Request& client = world.requests[client_id.value];
  Request& server = world.requests[server_id.value];
  if (!would_commit(world, client) || is_canary(world, client)) return;
  const bool first = client.doubt == no_doubt;
  if (first) client.doubt = world.doubts.take({.holders = 1});
  if (first && client.version_count > 0) note_done(world, client);  // its answer was on the way
  if (server_id == client_id) return note_fate(world, client, has_committed(world, client));
  server.in_doubt = true;
  server.doubt = client.doubt;
  world.doubts.slots[client.doubt].holders += 1;
}

void note_done(World& world, Request& request) {
  Doubt& doubt = world.doubts.slots[request.doubt];
  if (doubt.commits++ > 0) {
    world.measures.counter(Metric::duplicate_writes, region_of(world, request)).count += 1;
    return;
  }
  doubt.commit_end = request.commit_end;
  doubt.commit_level = request.commit_level;
  doubt.first_version = request.first_version;
  doubt.version_count = request.version_count;
}

bool known_by_key(World& world, Request& request) {
  if (request.doubt == no_doubt || !current_call(world, request).has_key) return false;
  const Doubt& doubt = world.doubts.slots[request.doubt];
  if (doubt.commits == 0) return false;
  request.commit_end = doubt.commit_end;
  request.commit_level = doubt.commit_level;
  request.first_version = doubt.first_version;
  request.version_count = doubt.version_count;
  return true;
}

void note_unanswered(World& world, NodeId id, Lsn end) {
  const Node& node = world.node(id);
  for (const Ring<PendingCommit>& queue : node.commits.queues) {
    for (std::uint64_t n = queue.first(); n != queue.end(); ++n) {
      const PendingCommit& commit = queue.at(n);
      if (commit.request.slot == unattended || commit.end > end) continue;
      Request* request = find(world, commit.request);
      if (request == nullptr) continue;
      request->commit_end = commit.end;
      request->commit_level = SynchronousCommit::local;  // no standby has confirmed it
      request->first_version = commit.first_version;
      request->version_count = commit.version_count;
      if (request->doubt != no_doubt) note_done(world, *request);
    }
  }
}

void end_doubt(World& world, Request& request) {
  if (request.in_doubt) note_fate(world, request, has_committed(world, request));
  request.in_doubt = false;
  if (request.doubt != no_doubt) drop(world, request);
}

void settle_doubts(World& world) {
  for (Request& request : world.requests) {
    if (request.phase == Phase::free || !request.in_doubt) continue;
    const bool present = is_flushed(world, request);
    note_fate(world, request, present);
    request.in_doubt = false;
    if (request.doubt == no_doubt) continue;
    if (present) world.doubts.slots[request.doubt].commits += 1;
    drop(world, request);
  }
}

}  // namespace longhaul
