// A failover manager's use of the lease store: its orders as operations on keys, and what the store
// answers as the cluster that the manager sees.
//
//   leader    whose it is, under the agent's lease      acquire, renew (keep-alive), release
//   status    the leader's position and timeline        write_status
//   sync      leader, synchronous standbys, quorum      write_sync, if nobody was faster
//   failsafe  members that the leader knows             write_failsafe
//   failover  a planned switchover                      written by operators, or agents
//   config    whether failover is paused                written by operators
//   member i  what it last reported, under its lease    touch_member
//
// Each agent has one lease, as Patroni has with etcd's version 3: its leader key and its member key
// end together. It is granted when first needed, kept alive by the leader in each round and by
// others once in a loop_wait, and granted again when it is gone; a leader then writes its key anew
// under the new one. Agents read the view that their client has by its watch (store_clients.h), so
// one that was cut off with its member reads an old view for as long as that is behind. The watch
// also tells every agent but the holder that the leader key is gone or somebody's, and that the
// leader has written its position.
//
// Renewing, acquiring and the list of synchronous standbys are tried for as long as the order's
// patience; what comes again in the next round once, for a member's share of it.
//
// Source: Patroni etcd3.py (KVCache, _do_refresh_lease, _update_leader, touch_member). Left out:
// the guard against stale members of Patroni 4.1 (StaleEtcdNodeGuard); that a changed config wakes
// an agent, and that a position which has not changed is not written again.
#pragma once

#include "models/control/store_clients.h"
#include "models/world.h"

namespace longhaul {

// The orders about the store, read_store to delete_switchover.
void use_store(World& world, AgentId agent, const FailoverAction& action);

// An agent begins, or ends: what it had asked is forgotten.
void open_store(World& world, AgentId agent);
void close_store(World& world, AgentId agent);

// An operator's tool writes a key, from a place: asks for a switchover to `member` (none: to
// whoever is best), or pauses failover, or resumes it. What becomes of it the tool alone is told.
void ask_for_switchover(World& world, GroupId shard, std::uint32_t place, MemberIndex member);
void set_paused(World& world, GroupId shard, std::uint32_t place, bool paused);
// `patronictl edit-config` in the standby cluster's region: it follows no other any more.
void promote_standby_cluster(World& world);

// What a client of the store has heard goes to its agent.
void hear_store(World& world, const StoreNews& news);

}  // namespace longhaul
