#include "models/app/witness.h"

#include <algorithm>
#include <utility>

#include "models/app/guards.h"
#include "models/app/page_time.h"
#include "models/app/pages.h"
#include "models/app/shards.h"
#include "models/app/statements.h"
#include "models/app/tokens.h"
#include "models/pg/wal.h"

namespace longhaul {

void watch_pages(World& world, Witness what) {
  if (!pages_timed(world)) time_pages(world);
  world.witness = std::move(what);
  world.witness.on = true;
}

namespace witness {
namespace {

std::uint32_t slot_of(const World& world, const Request& request) {
  return static_cast<std::uint32_t>(&request - world.requests.data());
}

// The page in a slot if it is watched.
WitnessedPage* find(World& world, std::uint32_t slot) {
  std::vector<WitnessedPage>& pages = world.witness.by_slot;
  return slot < pages.size() && pages[slot].watched ? &pages[slot] : nullptr;
}

// The same if notes are kept.
WitnessedPage* noted(World& world, std::uint32_t slot) {
  return world.witness.notes ? find(world, slot) : nullptr;
}

WitnessedPage& place(World& world, RequestId id) {
  std::vector<WitnessedPage>& pages = world.witness.by_slot;
  if (pages.size() <= id.value) pages.resize(world.requests.size());
  pages[id.value] = {};
  return pages[id.value];
}

bool is_wanted(const World& world, const Request& request) {
  const Witness& witness = world.witness;
  if (witness.left == 0 || is_canary(world, request)) return false;
  if (request.clicked < witness.from || request.clicked >= witness.until) return false;
  return (!witness.session.valid() || request.session == witness.session) &&
         (!witness.number || request.number == *witness.number);
}

Note& add(const World& world, std::uint32_t slot, WitnessedPage& page, NoteKind kind) {
  const Request& request = world.requests[slot];
  Note note;
  note.at = world.now();
  note.kind = kind;
  note.phase = request.phase;
  note.ordinal = request.ordinal;
  note.tries = request.tries;
  note.node = request.node;
  note.down = note.node.valid() && world.node(note.node).liveness != Liveness::up;
  const PagePlan& plan = world.plan->pages[request.page];
  if (request.call < plan.call_count) {
    note.call = plan.first_call + request.call;
    note.step = world.plan->calls[note.call].first_step + request.step;
  }
  page.notes.push_back(note);
  return page.notes.back();
}

// ---- What the router knew, and what was --------------------------------------------------------

void see_truth(const World& world, Sight& sight) {
  const Node& node = world.node(sight.node);
  sight.truly_up = node.liveness == Liveness::up;
  sight.truly_primary = node.is_primary;
  if (node.is_primary || node.feed == no_stream) return;
  const WalStream& stream = world.streams[node.feed];
  const StageLag& replay = stream.lag[static_cast<std::size_t>(LagStage::replay)];
  if (replay.away()) return;
  sight.true_lag = std::max(Duration{}, replay.lag(world.now()));
  if (node.log != stream.log) return;  // it follows another branch
  sight.true_missing = std::max(Bytes{}, flushed_end(world, stream.log) - node.replayed);
}

Sight see(World& world, Request& request, DatabaseIndex database) {
  const Router& router = router_of(world, request);
  const FreshnessConfig& rule = world.plan->policy.freshness;
  Sight sight;
  sight.node = world.plan->node_at(request.group, database);
  const auto order = router.preference_order();
  const auto at = std::find(order.begin(), order.end(), database);
  if (at != order.end()) sight.place = static_cast<std::uint32_t>(at - order.begin()) + 1;
  sight.is_primary = database == router.primary();
  sight.round_trip = router.latency(database);
  sight.seen = router.last_observation(database);
  const LagBreaker& breaker = router.breaker(database);
  sight.breaker = breaker.state();
  sight.breaker_reason = breaker.reason();
  sight.admits = breaker.admits(world.now());
  sight.rejected = (rejected_databases(world, request) >> database.value & 1) != 0;
  sight.ejected = (ejected_databases(world, request) >> database.value & 1) != 0;
  const SessionToken& token = token_of(world, request);
  if (sight.seen && !sight.is_primary && holds_reads(rule, token)) {
    sight.covers = covers(rule, world.now(), database, *sight.seen, token);
  }
  see_truth(world, sight);
  return sight;
}

// ---- What a read missed ------------------------------------------------------------------------

// The acknowledged versions of a row that are not `present`, walked as models/data.h does.
template <class Present>
void walk(const World& world, ReadNote& note, UserId user, Present present) {
  const Truth& truth = world.truth;
  const Ring<Version>& versions = truth.versions();
  for (std::uint64_t link = truth.newest(note.row); link > versions.first();) {
    const Version& version = versions.at(link - 1);
    if (present(version, link)) return;
    if (truth.survives(version) && version.acknowledged <= note.wanted) {
      note.missed += 1;
      note.missed_end = version.end;
      note.missed_acknowledged = version.acknowledged;
      note.missed_own |= version.writer == user;
    }
    link = version.previous;
  }
}

ReadNote look(const World& world, const Request& request, const ReadNote& as, std::int64_t index) {
  ReadNote note = as;
  const Step& step = current_step(world, request);
  note.row = row_of(world, request, step, index);
  const UserId user = world.sessions[request.session.value].user;
  if (as.served_by < world.nodes.size()) {
    const Node& node = world.nodes[as.served_by];
    const Snapshot snapshot{node.log, node.replayed, node.is_primary, node.foreign};
    note.shown = node.is_primary ? node.insert : node.replayed;
    walk(world, note, user, [&](const Version& version, std::uint64_t) {
      return world.truth.shows(snapshot, version);
    });
  } else if (static_cast<std::size_t>(index) < request.versions.size()) {
    const std::uint64_t copy = request.versions[static_cast<std::size_t>(index)];
    walk(world, note, user, [copy](const Version&, std::uint64_t link) { return link <= copy; });
  }
  return note;
}

}  // namespace

void begin(World& world, RequestId id) {
  const Request& request = world.requests[id.value];
  WitnessedPage& page = place(world, id);
  if (!is_wanted(world, request)) return;
  if (request.duty == Duty::page) world.witness.left -= 1;
  page.watched = true;
  page.duty = request.duty;
  page.session = request.session;
  page.number = request.number;
  page.page = request.page;
  page.instance = request.instance;
  page.clicked = request.duty == Duty::page ? request.clicked : world.now();
}

void end(World& world, RequestId id) {
  WitnessedPage* page = find(world, id.value);
  if (page == nullptr) return;
  const Request& request = world.requests[id.value];
  page->ended = world.now();
  page->failed = request.failed;
  page->error = request.error;
  page->from_edge = request.from_edge;
  page->committed = request.version_count > 0;
  world.witness.ended.push_back(std::move(*page));
  *page = {};
}

void move(World& world, RequestId from, RequestId to) {
  place(world, to);
  WitnessedPage* page = find(world, from.value);
  if (page == nullptr) return;
  WitnessedPage left;
  left.watched = world.witness.notes;
  left.left_behind = true;
  left.duty = page->duty;
  left.session = page->session;
  left.number = page->number;
  left.page = page->page;
  left.instance = page->instance;
  left.clicked = world.now();
  world.witness.by_slot[to.value] = std::move(*page);
  world.witness.by_slot[from.value] = std::move(left);
}

void part(World& world, std::uint32_t slot, PagePart part, TimePoint at) {
  WitnessedPage* page = noted(world, slot);
  if (page == nullptr) return;
  Note& note = add(world, slot, *page, NoteKind::part);
  note.part = part;
  note.at = at;
}

void travels(World& world, std::uint32_t slot, Duration expected) {
  if (WitnessedPage* page = noted(world, slot)) page->notes.back().expected = expected;
}

void leg(World& world, std::uint32_t slot, bool sets_out) {
  if (WitnessedPage* page = noted(world, slot)) page->notes.back().sets_out = sets_out;
}

void decision(World& world, RequestId id) {
  WitnessedPage* page = noted(world, id.value);
  if (page == nullptr) return;
  Request& request = world.requests[id.value];
  DecisionNote seen;
  seen.decision = request.decision;
  seen.statement = asked(world, request).statement;
  if (request.decision.database.valid()) {
    seen.node = world.plan->node_at(request.group, request.decision.database);
  }
  seen.token = token_of(world, request);
  seen.token_unknown = request.token_unknown;
  for (std::uint32_t i = 0; i < router_of(world, request).size(); ++i) {
    seen.sights.push_back(see(world, request, {i}));
  }
  add(world, id.value, *page, NoteKind::decision).detail =
      static_cast<std::uint32_t>(page->decisions.size());
  page->decisions.push_back(std::move(seen));
}

void position(World& world, RequestId id, const Observation& seen, WaitVerdict verdict) {
  WitnessedPage* page = noted(world, id.value);
  if (page == nullptr) return;
  const Request& request = world.requests[id.value];
  const Decision& decision = request.decision;
  add(world, id.value, *page, NoteKind::position).detail =
      static_cast<std::uint32_t>(page->positions.size());
  page->positions.push_back({world.plan->node_at(request.group, decision.database), seen.timeline,
                             seen.replay_lsn, decision.required_lsn, verdict});
}

void read(World& world, const Request& request, std::uint32_t served_by, const RowVerdict& worst) {
  const std::uint32_t slot = slot_of(world, request);
  WitnessedPage* page = find(world, slot);
  if (page == nullptr) return;
  page->worst.stale |= worst.stale;
  page->worst.own_write_missed |= worst.own_write_missed;
  page->worst.own_write_lost |= worst.own_write_lost;
  page->worst.went_back |= worst.went_back;
  page->worst.staleness = std::max(page->worst.staleness, worst.staleness);
  if (!world.witness.notes) return;
  ReadNote blank;
  blank.served_by = served_by;
  blank.verdict = worst;
  // An edge answers before anything is wanted of a database.
  blank.wanted = request.phase == Phase::travelling ? request.clicked : request.wanted;
  ReadNote seen = look(world, request, blank, 0);
  for (std::int64_t i = 1; i < current_step(world, request).rows; ++i) {
    const ReadNote other = look(world, request, blank, i);
    const bool is_worse = other.missed > 0 && (seen.missed == 0 || other.missed_acknowledged <
                                                                       seen.missed_acknowledged);
    if (is_worse) seen = other;
  }
  add(world, slot, *page, NoteKind::read).detail = static_cast<std::uint32_t>(page->reads.size());
  page->reads.push_back(seen);
}

void unheard(World& world, RequestId id, TimePoint until) {
  if (WitnessedPage* page = noted(world, id.value)) {
    add(world, id.value, *page, NoteKind::unheard).until = until;
  }
}

void failed(World& world, RequestId id, ErrorKind error) {
  if (WitnessedPage* page = noted(world, id.value)) {
    add(world, id.value, *page, NoteKind::failed).error = error;
  }
}

void retry(World& world, RequestId id, const RetryVerdict& verdict) {
  WitnessedPage* page = find(world, id.value);
  if (page == nullptr) return;
  if (verdict.again()) page->retries += 1;
  if (!world.witness.notes) return;
  Note& note = add(world, id.value, *page, NoteKind::retry);
  note.retry = verdict.reason;
  if (verdict.again()) note.until = world.now() + verdict.after;
}

void acknowledged(World& world, const Request& request) {
  const std::uint32_t slot = slot_of(world, request);
  if (WitnessedPage* page = noted(world, slot); page != nullptr && request.version_count > 0) {
    add(world, slot, *page, NoteKind::acknowledged);
  }
}

}  // namespace witness
}  // namespace longhaul
