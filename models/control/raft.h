// How the members of a lease store agree: Raft as etcd runs it.
//
//   election     a follower that hears no leader for `patience`, drawn for each attempt from
//                [election_timeout, twice that), raises the term and asks for votes. A member votes
//                once a term, for a log that ends no earlier than its own (term, then length).
//   pre_vote     first it asks whether it would be voted for, without raising the term
//   check quorum a leader looks every election_timeout whether a majority was heard since the last
//                look, and steps down if not; a member that hears a leader ignores who asks for
//                votes
//   returning    who is sent a message of a lower term answers with its own: a leader steps down
//   append       entries go out at once, a member acknowledges them when they are on its disk, the
//                leader commits what is on the disks of a majority, in its own term; where logs
//                differ the leader steps back and the follower's rest is overwritten
//   disk         terms, votes and entries are made durable before anything is said that rests on
//                them; what comes while an fsync is under way shares the next. A member applies
//                only what is on its own disk.
//
// Sources: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014);
// etcd-io/raft doc.go. Left out: ticks (etcd counts in heartbeats), leadership transfer, flow
// control of what is in flight.
#pragma once

#include "models/world.h"

namespace longhaul {

// At the start of the run and of a process.
void start_follower(World& world, std::uint32_t member);

// The first leader of the run, of term 1.
void start_leader(World& world, std::uint32_t member);

// Appends to the log of the leader.
void propose(World& world, std::uint32_t leader, const StoreCommand& command,
             const StoreOrigin& origin);

// A read that came to the leader.
void confirm_read(World& world, std::uint32_t leader, const StoreOrigin& origin);

void raft_due(World& world, const Event& event);        // raft_due
void raft_at_member(World& world, const Event& event);  // raft_at_member
void raft_synced(World& world, const Event& event);     // raft_synced

}  // namespace longhaul
