// Clients of the lease store (lease_store.h): who hosts a failover manager asks through these.
//
// ask_store() and watch_store() answer by events; their handlers return what the host has to hear,
// if anything. A client of a process that ends is dropped and may be used again. Notices may come
// twice, and out of order: their revisions tell.
#pragma once

#include <optional>

#include "models/world.h"

namespace longhaul {

inline constexpr Bytes ask_size{500};
Bytes reply_size(const StoreReply& reply);

// A process at a place that knows all members of a store.
StoreClientId add_store_client(World& world, std::uint32_t place, StreamKey key,
                               std::uint32_t store = 0);

StoreCall ask_store(World& world, StoreClientId client, const StoreRequest& request);

// The client has not given this try up.
bool is_awaited(const World& world, const StoreOrigin& origin);

// Every change of a key of the scope after revision `seen`, until drop_store_client().
void watch_store(World& world, StoreClientId client, std::uint32_t scope, std::uint64_t seen);

// Nothing that was asked is answered any more, and nothing is watched.
void drop_store_client(World& world, StoreClientId client);

// An event that ends a call or brings a change.
struct StoreNews {
  std::optional<StoreAnswer> answer;
  std::optional<StoreNotice> notice;
};

StoreNews store_answered(World& world, const Event& event);                   // store_answered
std::optional<StoreAnswer> store_call_due(World& world, const Event& event);  // store_call_due
void store_watch_due(World& world, const Event& event);                       // store_watch_due

// Messages that TCP gave up; the client's own time-outs decide.
void store_ask_lost(World& world, const Event& event);
void store_reply_lost(World& world, const Event& event);

// The client watches at no member.
void leave_watch(World& world, StoreClientId client);

}  // namespace longhaul
