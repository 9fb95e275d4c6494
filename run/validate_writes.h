// What a scenario says about its write path that is wrong though every field is well formed.
#pragma once

#include "run/load_context.h"
#include "run/scenario.h"

namespace longhaul {

void validate_writes(const ScenarioConfig& config, LoadContext& context);

}  // namespace longhaul
