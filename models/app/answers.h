// What an app and its users learn from the end of a statement: counted, and remembered. And what
// their reads missed, which nobody there learns.
#pragma once

#include "models/world.h"

namespace longhaul {

// The router has said where the current statement of a request goes.
void note_decision(World& world, const Request& request);

// The current statement of a request was answered well.
void note_answer(World& world, Request& request, const Call& call, const Step& step);

// A read was answered well by somebody: one of the values of served_by.
void note_read(World& world, const Request& request, std::uint32_t served_by);

// What a read of the request missed, over all its rows.
void merge(RowVerdict& worst, const RowVerdict& row);
void note_verdict(World& world, const Request& request, std::uint32_t served_by,
                  const RowVerdict& worst);

// A read has waited for a replica's position; in vain or not.
void note_freshness_wait(World& world, const Request& request);

// Whoever asked for the write is told that it is committed.
void note_commit(World& world, const Request& request);

// "own" statements touch what the user wrote last.
void remember_rows(World& world, const Request& request, const Step& step);

// The current statement of a request ends with an error; how long it took until then counts.
void note_failure(World& world, const Request& request);

}  // namespace longhaul
