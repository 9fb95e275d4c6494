// Watches single pages of a run without changing it: where they went and when, what each policy saw
// and how old that was, the reason that it gave, and what the truth was.
//
// Time is noted by the clock that page_time.h keeps, at every step that moves it. Decisions, waits,
// failures and verdicts on reads are noted by the hooks below, where they happen. Nothing that
// happens depends on a witness: it draws nothing, posts nothing and is asked by nobody. A run
// without one pays a comparison at each hook.
//
// A page that its app gives up at a server goes on in another slot; what the server still does is
// noted as a page that was left behind. Left out: the canary; what the pool does to open a
// connection, of which only the time is known; who fills a cache.
#pragma once

#include "models/world.h"

namespace longhaul {

// Watches the pages that `what` names. Call before the first event.
void watch_pages(World& world, Witness what);

namespace witness {

void begin(World& world, RequestId id);
void end(World& world, RequestId id);
void move(World& world, RequestId from, RequestId to);
void part(World& world, std::uint32_t slot, PagePart part, TimePoint at);
void travels(World& world, std::uint32_t slot, Duration expected);
void leg(World& world, std::uint32_t slot, bool sets_out);
void decision(World& world, RequestId id);
void position(World& world, RequestId id, const Observation& seen, WaitVerdict verdict);
void read(World& world, const Request& request, std::uint32_t served_by, const RowVerdict& worst);
void unheard(World& world, RequestId id, TimePoint until);
void failed(World& world, RequestId id, ErrorKind error);
void retry(World& world, RequestId id, const RetryVerdict& verdict);
void acknowledged(World& world, const Request& request);

}  // namespace witness

inline bool is_witnessed(const World& world) { return world.witness.on; }

// The page, or what goes on beside it, has its session, number, page and instance.
inline void witness_begin(World& world, RequestId id) {
  if (is_witnessed(world)) witness::begin(world, id);
}
inline void witness_end(World& world, RequestId id) {
  if (is_witnessed(world)) witness::end(world, id);
}
inline void witness_decision(World& world, RequestId id) {
  if (is_witnessed(world)) witness::decision(world, id);
}
inline void witness_position(World& world, RequestId id, const Observation& seen,
                             WaitVerdict verdict) {
  if (is_witnessed(world)) witness::position(world, id, seen, verdict);
}
inline void witness_read(World& world, const Request& request, std::uint32_t served_by,
                         const RowVerdict& worst) {
  if (is_witnessed(world)) witness::read(world, request, served_by, worst);
}
inline void witness_unheard(World& world, RequestId id, TimePoint until) {
  if (is_witnessed(world)) witness::unheard(world, id, until);
}
inline void witness_failed(World& world, RequestId id, ErrorKind error) {
  if (is_witnessed(world)) witness::failed(world, id, error);
}
inline void witness_retry(World& world, RequestId id, const RetryVerdict& verdict) {
  if (is_witnessed(world)) witness::retry(world, id, verdict);
}
inline void witness_acknowledged(World& world, const Request& request) {
  if (is_witnessed(world)) witness::acknowledged(world, request);
}

}  // namespace longhaul
