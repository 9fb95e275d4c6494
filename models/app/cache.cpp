#include "models/app/cache.h"

#include <algorithm>

#include "models/app/answers.h"
#include "models/app/crashes.h"
#include "models/app/edge.h"
#include "models/app/page_time.h"
#include "models/app/pages.h"
#include "models/app/statements.h"
#include "models/net/messages.h"
#include "models/pg/history.h"

namespace longhaul {
namespace {

CacheId cache_of(const World& world, const Request& request) {
  return world.plan->apps[world.instances[request.instance.value].app.value].cache;
}

std::uint32_t users_region(const World& world, const Request& request) {
  const Session& session = world.sessions[request.session.value];
  return world.plan->populations[session.population.value].region;
}

bool is_cut(const World& world, PathId path) { return world.network.is_cut(path); }

bool may_be_lost(const World& world) {
  return world.plan->caching.delivery == InvalidationDelivery::at_most_once;
}

void note_lost(World& world, CacheId cache) {
  world.measures.counter(Metric::cache_lost_invalidations, cache.value).count += 1;
}

// Sends an order from a place to a cache.
void tell(World& world, CacheId to, std::uint32_t from, const CacheOrder& order) {
  const CachePlan& cache = world.plan->caches[to.value];
  const bool published = !order.local;
  const PathId path = world.plan->path(from, cache.place);
  if (published) {
    world.measures.counter(Metric::cache_lost_invalidations, to.value).population += 1;
    if (may_be_lost(world) && is_cut(world, path)) return note_lost(world, to);
  }
  const std::uint64_t number = order.version * 2 + (order.again ? 1 : 0);
  post(world, {.kind = EventKind::order_at_cache,
               .target = target(to),
               .slot = world.cache_orders.take(order),
               .path = path,
               .size = world.plan->network.statement_request,
               .luck = published ? draw_bits(world.plan->caches_key, number, to.value) : 0,
               .purpose = Traffic::invalidations,
               .delay = published ? world.plan->caching.publish_time : Duration{}});
}

// Told by the writer, unless the log at a replica does.
bool told_by_writer(const World& world, CacheId cache, CacheId own) {
  switch (world.plan->caching.invalidation) {
    case Invalidation::none:
      return false;
    case Invalidation::local:
      return cache == own;
    case Invalidation::publish:
      return true;
    case Invalidation::replay:
      return !world.plan->caches[cache.value].replica.valid();
  }
  __builtin_unreachable();
}

void invalidate(World& world, InstanceId writer, CacheOrder order) {
  const Instance& instance = world.instances[writer.value];
  const CacheId own = world.plan->apps[instance.app.value].cache;
  const bool puts = world.plan->caching.on_write == CacheOnWrite::put && !order.again;
  for (std::uint32_t i = 0; i < world.caches.size(); ++i) {
    const CacheId cache{i};
    if (!told_by_writer(world, cache, own)) continue;
    order.local = cache == own;
    order.kind = order.local && puts ? CacheOrderKind::put : CacheOrderKind::remove;
    tell(world, cache, instance.place, order);
  }
}

bool is_cached(const World& world, std::uint64_t row) {
  const std::vector<DataSetPlan>& sets = world.plan->sets;
  const auto after =
      std::upper_bound(sets.begin(), sets.end(), row,
                       [](std::uint64_t at, const DataSetPlan& set) { return at < set.first_row; });
  return std::prev(after)->cached;
}

void note_invalidation(World& world, CacheId cache, const CacheOrder& order) {
  const CachePlan& plan = world.plan->caches[cache.value];
  if (order.local || order.again || plan.region == order.from_region) return;
  const Duration since = world.now() < order.acknowledged ? Duration{}  // replayed before
                                                          : world.now() - order.acknowledged;
  world.measures.distribution(Metric::invalidation_latency, order.from_region, plan.region)
      .record(since.ns);
}

void store(World& world, CacheId id, const CacheOrder& order) {
  CacheStore& cache = world.caches[id.value].store;
  Counter& refilled = world.measures.counter(Metric::cache_refilled_stale, id.value);
  Counter& refused = world.measures.counter(Metric::cache_refused_fills, id.value);
  refilled.population += 1;
  refused.population += 1;
  const CacheEntry* known = cache.find(order.row);
  if (known != nullptr && known->expires > world.now() && order.version < known->version) {
    if (world.plan->caching.versioned) {
      refused.count += 1;
      return;
    }
    refilled.count += 1;
  }
  CacheEntry& entry = cache.put(order.row);
  entry.version = order.version;
  entry.expires = world.now() + world.plan->caching.ttl;
  entry.removed = false;
}

// Without versions the mark only serves to recognise a stale refill: it goes first, and displaces
// nothing.
void remove(World& world, CacheId id, const CacheOrder& order) {
  const CachingConfig& rules = world.plan->caching;
  CacheStore& cache = world.caches[id.value].store;
  const CacheEntry* known = cache.find(order.row);
  const bool live = known != nullptr && known->expires > world.now();
  if (rules.versioned && live && known->version >= order.version) return;
  if (!rules.versioned && known == nullptr && cache.full()) return;
  const std::uint64_t before = live ? known->version : 0;
  CacheEntry& entry = cache.put(order.row);
  entry.version = std::max(before, order.version);
  entry.expires = world.now() + (rules.versioned ? rules.tombstone : rules.ttl);
  entry.removed = true;
  if (!rules.versioned) cache.retire(entry);
}

// The versions of the rows that the statement reads, if the cache has them all.
bool look_up(World& world, CacheId id, Request& request, RowVerdict& worst) {
  CacheStore& cache = world.caches[id.value].store;
  const Step& step = current_step(world, request);
  const UserId user = world.sessions[request.session.value].user;
  request.versions.clear();
  for (std::int64_t i = 0; i < step.rows; ++i) {
    const CacheEntry* entry = cache.find(row_of(world, request, step, i));
    if (entry == nullptr || entry->removed || entry->expires <= world.now()) return false;
    cache.touch(*entry);
    request.versions.push_back(entry->version);
  }
  for (std::int64_t i = 0; i < step.rows; ++i) {
    merge(worst, world.truth.read_copy(row_of(world, request, step, i), user, request.wanted,
                                       request.versions[static_cast<std::size_t>(i)]));
  }
  return true;
}

}  // namespace

bool is_looked_up(const World& world, const Request& request) {
  const Call& call = current_call(world, request);
  if (!call.cached || !cache_of(world, request).valid()) return false;
  return !call.max_staleness || world.plan->caching.ttl <= *call.max_staleness;
}

void ask_cache(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  request.phase = Phase::at_cache;
  spend(world, id.value, PagePart::cache);
  arm_request_deadline(world, id, TimePoint::never());
  const CacheId cache = cache_of(world, request);
  post(world, {.kind = EventKind::lookup_at_cache,
               .target = target(cache),
               .slot = id.value,
               .generation = request.generation,
               .path = world.plan->path(world.instances[request.instance.value].place,
                                        world.plan->caches[cache.value].place),
               .size = world.plan->network.statement_request});
}

void lookup_at_cache(World& world, const Event& event) {
  const CacheId id{target_index(event.target)};
  const MessageArg arg = MessageArg::unpack(event.arg);
  Request* request = find(world, {arg.slot, arg.generation});
  if (request == nullptr || request->phase != Phase::at_cache) return;
  RowVerdict worst;
  const bool hit = look_up(world, id, *request, worst);
  const std::uint32_t region = users_region(world, *request);
  Counter& hits = world.measures.counter(Metric::cache_hits, region, id.value);
  Counter& misses = world.measures.counter(Metric::cache_misses, region, id.value);
  hits.population += 1;
  misses.population += 1;
  (hit ? hits : misses).count += 1;
  Bytes size = world.plan->network.statement_reply;
  if (hit) {
    Counter& stale = world.measures.counter(Metric::cache_stale_reads, region, id.value);
    stale.population += 1;
    stale.count += worst.stale ? 1 : 0;
    note_verdict(world, *request, world.plan->caches[id.value].label, worst);
    const Step& step = current_step(world, *request);
    size = size + world.plan->sets[step.set.value].config.row_bytes * step.rows;
  }
  const CachePlan& cache = world.plan->caches[id.value];
  post(world,
       {.kind = EventKind::lookup_at_app,
        .target = target(request->instance),
        .attempt = static_cast<std::uint16_t>(hit),
        .slot = arg.slot,
        .generation = arg.generation,
        .path = world.plan->path(cache.place, world.instances[request->instance.value].place),
        .size = size,
        .delay = cache.config.service_time});
}

void lookup_at_app(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  Request* request = find(world, {arg.slot, arg.generation});
  if (request == nullptr || request->phase != Phase::at_cache) return;
  const RequestId id{arg.slot};
  request->deadline.cancel();
  if (event.generation == 0) return route_statement(world, id);
  const std::uint32_t served_by = world.plan->caches[cache_of(world, *request).value].label;
  note_read(world, *request, served_by);
  note_first_read(world, *request, current_step(world, *request));
  statement_done(world, id);
}

void keep_versions(World& world, Request& request, NodeId id, const Step& step) {
  const Node& node = world.node(id);
  const Snapshot snapshot{node.log, node.replayed, node.is_primary, node.foreign};
  request.versions.clear();
  for (std::int64_t i = 0; i < step.rows; ++i) {
    request.versions.push_back(world.truth.version_in(row_of(world, request, step, i), snapshot));
  }
}

void fill_cache(World& world, const Request& request, const Step& step) {
  if (!is_looked_up(world, request)) return;
  CHECK(request.versions.size() == static_cast<std::size_t>(step.rows));
  CacheOrder order;
  order.kind = CacheOrderKind::fill;
  order.local = true;
  for (std::int64_t i = 0; i < step.rows; ++i) {
    order.row = row_of(world, request, step, i);
    order.version = request.versions[static_cast<std::size_t>(i)];
    tell(world, cache_of(world, request), world.instances[request.instance.value].place, order);
  }
}

void invalidate_caches(World& world, const Request& request) {
  const CachingConfig& rules = world.plan->caching;
  if (rules.invalidation == Invalidation::none) return;
  const Ring<Version>& versions = world.truth.versions();
  const std::uint32_t place = world.instances[request.instance.value].place;
  CacheOrder order;
  order.from_region = world.plan->places[place].region;
  order.acknowledged = world.now();
  for (std::uint32_t i = 0; i < request.version_count; ++i) {
    const std::uint64_t number = request.first_version + i;
    if (number < versions.first()) continue;  // nothing outside the database is as old
    order.row = versions.at(number).row;
    order.version = number + 1;
    if (!is_cached(world, order.row)) continue;
    order.again = false;
    invalidate(world, request.instance, order);
    if (!rules.second_delete) continue;
    order.again = true;
    world.scheduler.after(*rules.second_delete, EventClass::ordinary, target(request.instance),
                          static_cast<std::uint16_t>(EventKind::second_delete_due), 0,
                          world.cache_orders.take(order));
  }
}

void second_delete_due(World& world, const Event& event) {
  const CacheOrder order = world.cache_orders.release(static_cast<std::uint32_t>(event.arg));
  const InstanceId writer{target_index(event.target)};
  if (has_crashed_since(world, writer, order.acknowledged)) return;  // the timer was its own
  invalidate(world, writer, order);
}

void tell_replayed(World& world, NodeId replica) {
  if (world.plan->caching.invalidation != Invalidation::replay) return;
  const Ring<Version>& versions = world.truth.versions();
  const Node& node = world.node(replica);
  const std::uint32_t place = world.plan->nodes[replica.value].place;
  const std::uint32_t primary = world.plan->nodes[world.primary().value].place;
  for (std::uint32_t i = 0; i < world.caches.size(); ++i) {
    if (world.plan->caches[i].replica != replica) continue;
    std::uint64_t& told = world.caches[i].told;
    told = std::max(told, versions.first());
    for (; told < versions.end(); ++told) {
      const Version& version = versions.at(told);
      if (version.end > shared_up_to(world, node.log, version.log)) continue;  // not on its log
      if (version.end > node.replayed) break;
      if (!is_cached(world, version.row)) continue;
      CacheOrder order;
      order.kind = CacheOrderKind::remove;
      order.row = version.row;
      order.version = told + 1;
      order.from_region = world.plan->places[primary].region;
      order.acknowledged = version.acknowledged;
      tell(world, {i}, place, order);
    }
  }
}

void order_lost(World& world, const Event& event) {
  world.cache_orders.release(MessageArg::unpack(event.arg).slot);
  note_lost(world, {target_index(event.target)});
}

void order_at_cache(World& world, const Event& event) {
  const CacheId id{target_index(event.target)};
  const MessageArg arg = MessageArg::unpack(event.arg);
  const bool published = !world.cache_orders.slots[arg.slot].local;
  const Duration delay = published ? world.plan->caching.publish_time : Duration{};
  if (published && may_be_lost(world)) {
    if (!world.network.survived(world.now() - delay, {arg.path})) return order_lost(world, event);
  } else if (!arrived(world, event, world.plan->network.statement_request, delay)) {
    return;
  }
  const CacheOrder order = world.cache_orders.release(arg.slot);
  switch (order.kind) {
    case CacheOrderKind::fill:
      return store(world, id, order);
    case CacheOrderKind::put:
      return store(world, id, order);
    case CacheOrderKind::remove:
      note_invalidation(world, id, order);
      return remove(world, id, order);
  }
}

}  // namespace longhaul
