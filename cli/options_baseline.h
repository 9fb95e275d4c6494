// The command baseline, as the command line knows it.
#pragma once

#include "cli/options.h"

namespace longhaul {

void add_baseline(CLI::App& app, Common& parsed);

// Of what is held to a baseline.
void add_allow_other(CLI::App& sub, TestArgs& args);

}  // namespace longhaul
