// Where an app keeps the tokens of policy/freshness.h, by their scope and policy.freshness.store.
//
//   ideal     in the request, with the session, with the user, or by row: found at no cost.
//   cookie    a page brings what the session had when the user clicked. The answer sets what the
//             page changed when it arrives, over whatever is there then.
//   process   a table of the instance. A page may meet another instance, which knows nothing.
//   shared    a table of the app. The first read of a page (by row: each read) asks for the token
//             and a write waits until the store has it: topology.apps.token_store_delay for each.
//             The store keeps what covers both the old and the new token, as a script in Redis
//             does. While it is down (fault token_store_down), or slower than store.timeout, the
//             request goes on after the time-out as store.when_down says.
//
// A token that gitlab_sticking deletes goes without waiting. What a read of several rows needs is
// what covers all of their tokens. The canary has no part in stores.
//
// Where tenants have primaries of their own a token is about one group's log: a session or user has
// one for each.
//
// Left out: tokens of several groups in a store or in a request; memory limits and eviction of a
// store, replication between stores of regions, the size of cookies, apps that lose their memory.
#pragma once

#include "models/world.h"

namespace longhaul {

// Stores with nothing in them.
void start_tokens(World& world);

// The user clicks: the page takes the session's cookie along. Its answer arrives: it sets one. The
// page moves to another slot.
void send_cookie(World& world, RequestId id);
void set_cookie(World& world, RequestId id);
void move_cookie(World& world, RequestId from, RequestId to);

// The token that decides where a request's reads go, and that its writes change.
SessionToken& token_of(World& world, Request& request);

// Brings the token of the current statement's read to token_of(). True when the store has to be
// asked first; route_statement() is called when it has answered.
bool await_token(World& world, RequestId id);

// The next statement may read other rows.
void forget_found_token(World& world, Request& request);

// The router has deleted the token.
void note_unstuck(World& world, Request& request, const SessionToken& token);

// The process dies, and what it kept.
void forget_tokens(World& world, InstanceId instance);

// The current statement wrote these rows; a commit made them last, up to `lsn`; a read showed what
// its database had.
void note_rows(World& world, Request& request, const Step& step);
void note_own_write(World& world, Request& request, std::uint32_t timeline, Lsn lsn);
void note_seen(World& world, RequestId id);

// Puts the token of a write where it is kept. True when the store has to answer first;
// write_settled() is called when it has.
bool keep_token(World& world, RequestId id);

void token_at_store(World& world, const Event& event);  // token_at_store
void token_at_app(World& world, const Event& event);    // token_at_app

}  // namespace longhaul
