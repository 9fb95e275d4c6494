// The edge before the applications: a CDN that answers pages in the users' own region.
//
//   a hit takes   last mile + cdn.delay      and enters no app
//   a miss takes  what the page takes without an edge
//
// With `ttl` the edge of each region keeps one answer for each row that the page reads first,
// stored when it passes on its way to the user, with the version of that row: what it returns is
// judged as a read (served_by: edge). Nobody purges it. With `hits` a share of the pages is
// answered, and what they hold is not known.
//
// Left out: the edge's own distance from the users' region, its tiers and shields; purges; two
// misses at once that become one; what the edge adds to a miss; caches of browsers. Whether the
// edge has an answer is decided at the click, half a last mile early.
#pragma once

#include "models/world.h"

namespace longhaul {

// Whether the edge answers a page that was just clicked. If so the answer is on its way.
bool answer_at_edge(World& world, RequestId id);

// The request has the answer to `step`, a read whose versions are known.
void note_first_read(World& world, Request& request, const Step& step);

// A page passes the edge on its way to the user.
void fill_edge(World& world, const Request& request);

}  // namespace longhaul
