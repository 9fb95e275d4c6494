// How an app instance that does not trust its probes finds the server for its writes.
//
// Whatever the way, it is asked only when a connection is opened. A connection that is open stays
// where it leads: a server that was demoted answers its writes with 25006 until somebody closes it,
// one that is gone leaves them hanging. The instance has one pool a shard for all that belongs on
// the primary; the connection that has been idle for longest serves next.
//
//   static      one host
//   multi_host  hosts in their order, each for as long as pool.connect_timeout; a server that is in
//               recovery is left again, at its answer (libpq 14) or after one more round trip; with
//               host_recheck (pgjdbc) those that failed or were no primary within it are left out
//               of the list, unless that is true of all; an attempt keeps the list it began with
//   dns         the record's node, as the name server of the app's region last heard of it (that
//               asks anew whenever the TTL ends, as others use it too), as the instance's library
//               keeps it
//   proxy       a server that the proxy's checks have found to be the primary: of Patroni they are
//               GET /primary of its agent, so one that is dead or does not hold the leader key is
//               out whatever its server is; otherwise the server is asked. The way goes through
//               the proxy, and what is taken out loses its connections
//
//   a new connection reaches the new primary, after the record was changed
//     <= propagation + ttl, and later by what a library keeps past that;
//   after the old primary failed its first check at the proxy
//     (fall - 1) x interval + time-out, and (rise - 1) x interval after the new one's first success
//
// An app with a proxy has one; two servers that both call themselves primary take turns.
//
// Sources: libpq, Database Connection Control Functions (connect_timeout is per host,
// target_session_attrs is checked at connect only); pgjdbc hostchooser (MultiHostChooser,
// GlobalHostStatusTracker); AWS, Set the JVM TTL for DNS name lookups;
// HAProxy configuration manual (inter, fall, rise, on-marked-down); Patroni haproxy.cfg, REST API.
// Left out: what looking a name up takes; several addresses of a name; call breakers and ejections,
// which guard a node and not a name; a proxy that is down, its limits and its own time-outs.
// PgBouncer's names: models/app/pgbouncer.h.
#pragma once

#include "models/world.h"

namespace longhaul {

// Whether a statement with this decision goes to whatever the app takes for the primary.
bool seeks_primary(const World& world, const Request& request, const Decision& decision);

// Whether the driver closes the connection that this error came by.
bool closes_after(const World& world, const Request& request);

// Where such an instance sought the primary last.
NodeId last_sought(const World& world, const Request& request);

// The server that an attempt goes to, by the number of hosts tried before it. None: there is none,
// or none left.
NodeId next_host(World& world, const Connect& attempt);

// The hosts of the list, a bit for each, that an attempt that begins now passes over.
std::uint64_t left_out(World& world, const Connect& attempt);

// An attempt has succeeded, or failed, at a host: the driver may remember it.
void note_host(World& world, const Connect& attempt, bool good);

// Whether a server that grants a connection has to be the primary to be kept.
bool wants_primary(const World& world, const Connect& attempt);

// The ways between an instance and a node; through the proxy if there is one.
PathId way_to_node(const World& world, InstanceId instance, NodeId node, bool seeks_primary);
PathId way_to_app(const World& world, InstanceId instance, NodeId node, bool seeks_primary);

// The record of a shard's primary is changed, as an operator or an agent does after a promotion.
// Proxies find out by themselves.
void move_clients(World& world, GroupId shard, NodeId primary);

void start_finding(World& world);

// The instance's process has ended, and with it what its library kept.
void forget_names(World& world, InstanceId instance);

void proxy_event(World& world, const Event& event);  // proxy_check_*, sessions_shut

}  // namespace longhaul
