// What no single field can tell about how applications find their primary.
#pragma once

#include "run/load_context.h"
#include "run/scenario.h"

namespace longhaul {

void validate_clients(const ScenarioConfig& config, LoadContext& context);

}  // namespace longhaul
