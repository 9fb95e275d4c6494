// PgBouncer between an application and its databases, in transaction mode: few connections to each
// server, lent to a client for one statement or transaction. What it decides in a failover:
//
//   clients wait      for a connection, first come first served, until query_wait_timeout or the
//                     application's own statement_timeout; beyond max_client_conn they fail at once
//   connections       are opened one at a time; the last one given back serves next
//   a failed login    (refused, server_connect_timeout, no address): no other attempt before
//                     server_login_retry has passed since this one began; while no connection is
//                     left, clients that come meanwhile fail at once (login_retry), those that wait
//                     already go on waiting
//   idle too long     for server_check_delay: asked an empty query first. Unanswered, it stays for
//   as
//                     long as TCP keeps it and counts for the pool, while its client waits in vain
//   names             are kept for dns_max_ttl, looked up only to open a connection; an address
//   that
//                     is gone then has its connections closed, at once or when they are given back
//   PAUSE             of a database: nobody is served, and connections are closed as transactions
//                     end, until RESUME; an operator's switchover orders it
//                     (models/control/pooler_pause.h)
//   the old primary   that lives on as a standby keeps its connections (25006): a driver that
//   closes
//                     its own, close_on_read_only, closes one to PgBouncer, which keeps the
//                     server's
//
// So a primary that dies with a reset is found again, whatever its record or proxy say,
//
//   <= server_login_retry + 1/3 s + one login     after the first attempt that can succeed
//
// Its housekeeping runs three times a second: ages, idle times, waiting clients.
//
// Sources: PgBouncer src/objects.c (check_fast_fail, launch_new_connection, release_server,
// life_over), src/janitor.c (per_loop_activate, check_unused_servers), src/dnslookup.c
// (check_req_result_changes), doc/config.md. Left out: session mode (pools of the applications
// themselves come close), RECONNECT, restarts of PgBouncer, its processor time
// and the way to it, the application's own pool in front of it, host lists, peers.
#pragma once

#include "models/world.h"

namespace longhaul {

// The one that an instance's connections go through; none: they go straight.
const PgBouncerConfig* pgbouncer_of(const World& world, InstanceId instance);

// Whether all instances of an app share one.
bool shares_pooler(const AppConfig& app);

// Most connections that all instances of an app open to one database.
std::int64_t most_connections(const AppConfig& app);

// The pool that an app with PgBouncer has in effect.
PoolConfig pooled(const AppConfig& app);

// A request asks its PgBouncer for a connection: it has one now, waits, or has failed.
void ask_pgbouncer(World& world, RequestId id, Pool& pool);

// An attempt to connect has failed.
void login_failed(World& world, Pool& pool);

// Checks, and opens, what those who wait need.
void serve_waiting(World& world, Pool& pool);

// Whether a connection that is given back has to be closed: too old, paused, or its address is
// gone.
bool outlived(World& world, Pool& pool, const Request& request);

// PAUSE and RESUME of the database that a pool leads to; from now on it is on this host.
void pause_pool(World& world, Pool& pool);
void resume_pool(World& world, Pool& pool);
void point_pgbouncer(World& world, InstanceId instance, GroupId shard, NodeId host);

// A connection of a paused pool is free.
void close_paused(World& world, Pool& pool, NodeId node);

// The address of a name has changed.
void address_gone(World& world, InstanceId instance, GroupId shard, NodeId old);

// Connections that are being checked are reset with the others to their node.
void reset_checked(World& world, InstanceId instance, NodeId node);

}  // namespace longhaul
