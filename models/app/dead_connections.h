// When an application learns that the other end of a connection is gone, if nothing tells it.
//
// A process that dies resets its connections (models/pg/server.h). A host that is gone, or behind a
// cut, is silent, and it depends on what the kernel is doing when the client is told:
//
//   opening             SYNs again after 1, 3, 7, ... s, given up after 127 s (models/app/pools.h)
//   request not         tcp_user_timeout after it was sent; without one
//   acknowledged          sum of min(retransmit_min x 2^k, retransmit_max), k = 0 ..
//   retransmits_max
//                       = 924.6 s by Linux' tcp_retries2 = 15
//   acknowledged and    keepalives_idle + keepalives_count x keepalives_interval = 7875 s by
//   unanswered, or idle   Linux; with a tcp_user_timeout the first probe that is due after it
//
// whichever comes first of that, statement_timeout and page_timeout. Then the connection is lost:
// of a write that was sent nobody knows whether it was done.
//
// Sources: tcp(7), Linux net/ipv4/tcp_timer.c (tcp_model_timeout, tcp_keepalive_timer); libpq
// tcp_user_timeout, keepalives. Left out: keepalives through a cut (only a host that is lost lets
// them go off); an idle connection counts as last used when its host was lost.
#pragma once

#include "models/world.h"

namespace longhaul {

// How long after its last sign of life an idle connection to a silent host is given up.
Duration keepalive_end(const TcpConfig& tcp);

// How long a request may stay unacknowledged.
Duration unacknowledged_end(const TcpConfig& tcp, const NetworkConfig& network);

// When the application gives up the answer by its own time-outs.
TimePoint answer_by(const World& world, const Request& request);

// The request was not acknowledged: a cut swallowed it, or its host is lost. It was, after all.
void note_unacknowledged(World& world, RequestId id);
void note_acknowledged(Request& request);

// The host is lost: what was acknowledged stays unanswered, and idle connections stay silent.
void host_silent(World& world, NodeId node);

void idle_connections_dead(World& world, const Event& event);  // idle_connections_dead

}  // namespace longhaul
