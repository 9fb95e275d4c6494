// The commands site-loss and sla, as the command line knows them.
#pragma once

#include "cli/options.h"

namespace longhaul {

void add_site_loss(CLI::App& app, Common& parsed);
void add_sla(CLI::App& app, Common& parsed);

}  // namespace longhaul
