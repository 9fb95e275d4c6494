// Caches of rows beside applications: read-through look-ups, fills, invalidations.
//
// A call that is `cached` first asks the cache of its app's region, a round trip inside the region.
// All its rows there: they are the answer. Otherwise the whole statement goes through the router as
// any other, and its answer is stored as it was read. Storing and invalidating is not waited for.
// No freshness rule applies to a hit: a token or a pin decides where a read goes that reaches the
// router.
//
//   look-up      app -> cache -> app   hit: note_answer of its own; miss: route_statement
//   fill         app -> cache          with the version that the snapshot held, for `ttl`
//   write        app -> own cache      when the commit is acknowledged: removes the row, or puts it
//   publish      app -> other caches   one way + publish_time; a cut swallows it or delays it
//
// The race: an invalidation travels one way from the writer's region and may overtake the row's own
// way through the log. A reader who misses in between reads the old version from the replica and
// stores it, and it stays for `ttl`: cache_refilled_stale. Cures: `versioned` (the invalidation
// leaves a tombstone that refuses older versions), `second_delete` after more than the lag, or
// `invalidation: replay`, told by the replica itself. See Facebook's "Scaling Memcache at Facebook"
// (NSDI 2013, sections 3.2.1 leases and 4 remote markers, mcsqueal) for the same race and cures.
//
// What a hit returns is judged as any read is: stale_reads{served_by: the cache}, broken
// read-your-writes and monotonic reads. A write whose commit nobody acknowledged (a time-out)
// invalidates nothing.
//
// Left out: caches that fail or answer late, their processors as a queue, connections to them;
// concurrent misses of one row that could be one (coalescing, leases); what a page computes from
// rows; caches that are read from another region.
#pragma once

#include "models/world.h"

namespace longhaul {

// Whether the request's current statement is looked up before it is routed.
bool is_looked_up(const World& world, const Request& request);

// Asks the cache; goes on with statement_done() or route_statement().
void ask_cache(World& world, RequestId id);

// The snapshot of a read is taken: the versions that it holds are kept with the request.
void keep_versions(World& world, Request& request, NodeId node, const Step& step);

// The current read was answered by a database: the cache gets what it returned.
void fill_cache(World& world, const Request& request, const Step& step);

// The request's commit is acknowledged: the caches hear of its rows.
void invalidate_caches(World& world, const Request& request);

// A replica shows more commits.
void tell_replayed(World& world, NodeId replica);

// An order to a cache that TCP gave up.
void order_lost(World& world, const Event& event);

void lookup_at_cache(World& world, const Event& event);    // lookup_at_cache
void lookup_at_app(World& world, const Event& event);      // lookup_at_app
void order_at_cache(World& world, const Event& event);     // order_at_cache
void second_delete_due(World& world, const Event& event);  // second_delete_due

}  // namespace longhaul
