// Clients of the lease store (lease_store.h): who hosts a failover manager asks through these.
//
// A client does what Patroni's client of etcd does:
//
//   request  goes out as a head and a body, and the body waits until the head is acknowledged: TCP
//            (Nagle's algorithm) is not told otherwise. So it takes a round trip to the member
//            before the member has it, and another for a connection if that is new.
//   tries    all members in turn, first the one that it stays with, each for a share of the
//            request's patience and for a second at least, even beyond the patience. A connection
//            is given up after half a share, and no sooner than after a second; a refused one at
//            once.
//   list     when all have failed it asks them in turn for a list of the members, in an order of
//            its own that stays, until one has it: any that is up, with a leader or without. This
//            takes as long as a connection for each before it that cannot be reached, and comes on
//            top of the patience. Then it pauses for 100 ms (doubling up to a second) and up to
//            800 ms more, and shares what is left of the patience out again, among fewer members
//            if that leaves less than a second to each. With less than a second left it gives up.
//   stays    with the member that answered after another had failed, and asks for a list before it
//            passes the answer on. Asked `once`, it gives up with the first and stays with the
//            next. After a request that was given up the next one begins with a list.
//   view     watches one scope: it reads all keys from the member that it stays with, then is told
//            of every change. Whenever it turns to another member, gives a request up or is refused
//            a guard, it leaves the watch and begins anew, as when its connection is dead; who
//            wants to read its view waits for that meanwhile.
//
// ask_store(), read_view() and watch_store() answer by events; their handlers return what the host
// has to hear, if anything. A client of a process that ends is dropped and may be used again.
// Notices may come twice, and out of order: their revisions tell, and the host hears only of what
// is new and other than it was.
//
// Source: Patroni 3.0.2 to 4.1, dcs/etcd.py (_calculate_timeouts, _do_http_request, api_execute,
// _get_machines_list), dcs/etcd3.py (KVCache, PatroniEtcd3Client, set_socket_options), utils.py
// (Retry); Python's http/client.py (_send_output). Left out: the second tries that members of a
// store of one or two get, the list that is asked for every 10 ttl; that the shares of a second
// request of one order, and of a list, are of the whole patience and not of what is left of it.
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

// The view of a client that watches, once it has one.
StoreCall read_view(World& world, StoreClientId client, Duration patience);

// The client has not given this try up.
bool is_awaited(const World& world, const StoreOrigin& origin);

// Every change of a key of the scope from now on, until drop_store_client().
void watch_store(World& world, StoreClientId client, std::uint32_t scope, Duration patience);

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
