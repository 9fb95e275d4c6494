// A message that will never arrive: TCP gave it up, or it reached a host that is down. What it
// stood for must not wait for ever, and what it carried is freed.
#pragma once

#include "models/world.h"

namespace longhaul {

void give_up(World& world, const Event& message);

}  // namespace longhaul
