// What site-loss and sla ask for alike.
#pragma once

#include "cli/commands.h"
#include "run/site_loss.h"

namespace longhaul {

// Whether the command line sets the end of runs, which the loss decides: wrong usage.
bool sets_end(const SiteLossArgs& args, Terminal& terminal);

// The request refers to both arguments.
SiteLossRequest site_loss_request(const SiteLossArgs& args, Terminal& terminal);

}  // namespace longhaul
