// Pools whose connections do not stay for ever: they are closed at a certain age, or after they
// were idle for a while, so that those that lead to an old primary go sooner or later.
//
//   age     looked at when a connection is given back and at each housekeeping. A driver's lifetime
//           is shortened by up to 2.5 % that each connection draws, PgBouncer closes two of them at
//           least server_lifetime / default_pool_size apart: so not all are opened anew at once
//   idle    looked at by the housekeeping: each 30 s of a driver, three times a second of PgBouncer
//
// Sources: HikariCP, HikariPool.java (HOUSEKEEPING_PERIOD_MS, createPoolEntry: variance);
// PgBouncer, objects.c (life_over), janitor.c (full_maint_period). Left out: connections that a
// pool opens ahead of need.
#pragma once

#include "models/world.h"

namespace longhaul {

// Whether a connection of that pool is so old that it has to go.
bool is_over_age(const World& world, const Pool& pool, InstanceId instance, TimePoint born);

void start_pool_ages(World& world);

void pool_upkeep(World& world, const Event& event);  // pool_upkeep

}  // namespace longhaul
