// The connections that an app instance keeps to each database.
//
// A statement takes an idle connection, or opens one while the pool may grow, or waits its turn,
// first come first served, until wait_timeout. A server whose slots are taken refuses. An attempt
// that takes longer than connect_timeout is given up and made anew while statements wait. Round
// trips until a connection takes a statement:
//
//   TCP               1     SYNs that a cut swallows go out again after 1, 3, 7, 15, 31 and 63 s
//   SSLRequest        1     unless sslmode is disable
//   TLS 1.3           1     when the server has ssl as well
//   start             1     trust; 3 with SCRAM
//
// on top of backend_start and scram_computing. An app that does not find the primary by its probes
// has one pool more for each shard, whose connections lead where models/app/find_primary.h says; an
// attempt goes on to the next host when one fails. Measured at a round trip of 80.3 ms, PostgreSQL
// 15 without TLS: 163.3 ms (trust, disable), 243.5 (trust, prefer), 331 (scram, disable), 412.6
// (scram, prefer). Idle time-outs and lifetimes: models/app/pool_ages.h; the pools of a PgBouncer:
// models/app/pgbouncer.h. Left out: validation, sslnegotiation=direct.
#pragma once

#include <span>

#include "models/pg/primary.h"
#include "models/world.h"

namespace longhaul {

// Round trips until a new connection takes its first statement.
std::int64_t connect_round_trips(const PoolConfig& pool, bool server_ssl);

Pool& pool_of(World& world, InstanceId instance, NodeId node);

// That a request waits in or has its connection from, and that an attempt is for; its number.
std::uint32_t pool_number(const World& world, const Request& request);
std::uint32_t pool_number(const World& world, const Connect& attempt);
Pool& pool_of(World& world, const Request& request);
Pool& pool_of(World& world, const Connect& attempt);
std::span<Pool> pools_of(World& world, InstanceId instance);

// A request that knows its node asks for a connection to it; its statement is sent when it has one.
void take_connection(World& world, RequestId id);

// Gives the request's connection back to its pool, or closes it.
void release_connection(World& world, Request& request, bool close);

// For PgBouncer, which keeps its connections here: one is lent to a request; one that has become
// free goes to whoever waits, or is idle; one is opened for a request; whether that waits still.
void lend(World& world, RequestId id, Pool& pool, const IdleConnection& connection);
void hand_on(World& world, Pool& pool, const IdleConnection& free, TimePoint connecting_since);
void open_connection(World& world, const Request& request, Pool& pool);
bool waits_in(World& world, const Pool& pool, RequestRef ref);

// The idle connection that was used last.
IdleConnection pop_idle(Pool& pool);

// Closes the idle connections of a pool that knows each of them.
template <class Wanted>
void close_idle_if(World& world, Pool& pool, Wanted wanted) {
  for (std::size_t left = pool.idle_at.size(); left > 0; --left) {
    const IdleConnection idle = pool.idle_at.pop_front();
    if (!wanted(idle)) {
      pool.idle_at.push_back(idle);
      continue;
    }
    pool.idle -= 1;
    pool.open -= 1;
    disconnect(world, idle.node);
  }
}

// The idle connections to a node are gone; the server has closed them. Or those only that lead
// there since the app took it for the primary.
void close_idle(World& world, InstanceId instance, NodeId node);
void close_idle_sought(World& world, InstanceId instance, NodeId node);

// The request has its connection, or gives up waiting for one.
void note_pool_wait(World& world, const Request& request);

void pool_event(World& world, const Event& event);        // pool_upkeep, server_check_*
void connect_at_app(World& world, const Event& event);    // connect_at_app
void connect_deadline(World& world, const Event& event);  // connect_deadline

// A lost host answers nothing: the kernel sends its SYN again after 1, 3, 7, ... s, until the pool
// or, after the last, the kernel itself gives the attempt up.
void connect_unanswered(World& world, const Event& event);

// TCP gave up a request for a connection, or its answer.
void connect_lost(World& world, std::uint32_t slot, bool granted);

}  // namespace longhaul
