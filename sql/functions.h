// What PostgreSQL's own functions do, as far as it matters for where a statement may run.
//
// The table `reads` holds the functions of schema pg_catalog that PostgreSQL 15 declares immutable
// or stable (pg_proc.provolatile), without those that serve operators, indexes and types; the
// volatile ones, and the few stable ones that a standby refuses, were sorted by hand, and those of
// 16 to 18 added from the release notes. Extensions are not in it: a host names those that it
// knows to be read-only.
#pragma once

#include <cstdint>
#include <string_view>

namespace longhaul {

enum class FunctionEffect : std::uint8_t {
  unknown,  // not PostgreSQL's own, or runs whatever text it is given (query_to_xml)
  reads,    // computes or reads, also if volatile (random, clock_timestamp, pg_sleep)
  session,  // changes the session that calls it and nothing else: set_config
  server,   // acts on the server that it is called on: pg_reload_conf, pg_terminate_backend
  primary,  // writes, or means something on the primary only: nextval, pg_advisory_lock
};

// `name` without a schema, or of pg_catalog.
FunctionEffect builtin_effect(std::string_view name);

}  // namespace longhaul
