// Where a page enters: the app that the user's name server answers with.
//
// A population enters its nearest app, one that it names, or by "latency_dns": its name server gets
// the healthy app that is nearest to the name server, and keeps that answer for dns.ttl. For a
// share of the sessions the name server is elsewhere, so they are sent to another app than their
// nearest; a share keeps answers for longer than the TTL. The latency is that of the map, not what
// the network does now (AWS's table is weeks old as well).
//
// Each app's health endpoint is asked every dns.interval; after failure_threshold answers in a row
// that contradict its state, the state changes. An app begins healthy. An endpoint that looks at a
// database asks it over the network, on a connection of its own:
//
//   time until the last user has left an app    <= (threshold - 1) x interval + timeout (detection,
//     up to one interval more for the first check) + ttl, or + overstay_for
//
// With `checks: primary` the death of one server makes the apps of all regions unhealthy, though
// their replicas could go on serving reads.
//
// Source: AWS, "How Amazon Route 53 determines whether a health check is healthy": some 15 checkers
// judge by themselves; here one judges for all, and its way to the app is never cut. Left out: what
// looking a name up takes; connections that live on past an answer (keep-alive); instances
// that fail alone. An app of which no instance is up fails every check; nothing else fails a
// shallow one, so those are simulated only where apps crash.
#pragma once

#include "models/world.h"

namespace longhaul {

// The app that a session's next page enters; none: there is no answer.
AppId enter(World& world, const PopulationPlan& population, SessionId session);

// The first checks of every app, if anybody enters by what they say.
void begin_health_checks(World& world);

// Counts what is unhealthy at the end of the run.
void note_unhealthy(World& world, TimePoint now);

void health_due(World& world, const Event& event);       // health_due
void health_at_node(World& world, const Event& event);   // health_at_node
void health_at_app(World& world, const Event& event);    // health_at_app
void health_deadline(World& world, const Event& event);  // health_deadline

}  // namespace longhaul
