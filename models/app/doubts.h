// Writes in doubt: sent and never answered, because the app stopped waiting or its connection was
// lost. The server may have done them all the same.
//
// Each try that ends so is counted in in_doubt_transactions when its truth is known: present when
// the server has committed it, absent when it has ended otherwise; at the end of the run present
// when its commit record is on the primary's disk. A statement by itself commits with itself, of a
// transaction only COMMIT can be in doubt: before it the server rolls back what a lost client
// leaves.
//
// Tries of one write share a Doubt, so that a second commit of the same write is seen:
// duplicate_writes. A write with an idempotency key is done once: a unique index makes the second
// try wait for the first's row and find it, and the server answers from it, which costs a
// statement.
//
// Left out: who reconciles what the user was told with the truth; txid_status(); keys that expire.
#pragma once

#include "models/world.h"

namespace longhaul {

// Whether the app has sent what commits, if it has sent the current statement.
bool would_commit(const World& world, const Request& request);

// The app will never have the answer to the statement of `client`. `server` is the slot that the
// server still works for, the same one when it does not any more.
void lose_sight(World& world, RequestId client, RequestId server);

// A try of a write with a Doubt has committed.
void note_done(World& world, Request& request);

// Whether the server knows the write by its key; the request then has the first try's answer.
bool known_by_key(World& world, Request& request);

// A server's sessions end: those of their commits that were unanswered and end at or before `end`
// are there all the same.
void note_unanswered(World& world, NodeId node, Lsn end);

// The slot is about to be free, or its write is over.
void end_doubt(World& world, Request& request);

// The run ends: what is still in doubt is counted.
void settle_doubts(World& world);

}  // namespace longhaul
