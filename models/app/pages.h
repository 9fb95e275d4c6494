// Users and their pages: arrivals, the way to the app, calls in sequence, the way back.
//
// Every draw of a page is a function of its session's key, the page's number, a purpose and an
// index; so neither other sessions nor the topology change what a session asks for and when.
#pragma once

#include "models/world.h"

namespace longhaul {

// What a draw is for. Numbers are part of digests: they are never reused.
enum class Purpose : std::uint32_t {
  gap = 1,
  page = 2,
  instance = 3,
  to_app = 4,
  to_user = 5,
  row = 6,
  service = 7,
  to_node = 8,
  to_pool = 9,
  connect = 10,
  position = 11,
  start = 12,
  hot = 13,
  token_store = 25,
  route = 20,
  retry_pause = 40,
  edge = 55,
  resolver = 56,
  enqueue_sync = 41,
  to_broker = 42,
  from_broker = 43,
  spanning = 70,
};

std::uint64_t draw(const World& world, const Request& request, Purpose purpose,
                   std::uint32_t k = 0);

// The luck of a message of the current statement: each try travels by luck of its own.
std::uint64_t draw_of_try(const World& world, const Request& request, Purpose purpose);

// Schedules the first page of a session.
void begin_session(World& world, SessionId session);

void page_due(World& world, const Event& event);      // page_due
void page_at_app(World& world, const Event& event);   // page_at_app
void page_at_user(World& world, const Event& event);  // page_at_user

// The canary measures outages and is left out of what users feel.
bool is_canary(const World& world, const Request& request);

// TCP gave up the page's request or its answer: the user gets an error.
void page_lost(World& world, RequestId id);

// The app has the answer to the current statement: goes on with the page.
void statement_done(World& world, RequestId id);

// The page cannot go on: the app answers its user with an error.
void fail_page(World& world, RequestId id, ErrorKind error);

// The statement that a request has under way.
const Step& current_step(const World& world, const Request& request);
const Call& current_call(const World& world, const Request& request);

// The row that a statement touches as its `index`-th.
std::uint64_t row_of(const World& world, const Request& request, const Step& step,
                     std::int64_t index);

// A slot for new work of a session, begun now.
RequestId new_request(World& world, SessionId session);

// A slot that is in nobody's use, and giving it back.
RequestId take_request(World& world);
void free_request(World& world, RequestId id);

// The request that a reference means, or null when its slot has moved on.
inline Request* find(World& world, RequestRef ref) {
  Request& request = world.requests[ref.slot];
  return request.generation == ref.generation && request.phase != Phase::free ? &request : nullptr;
}

}  // namespace longhaul
