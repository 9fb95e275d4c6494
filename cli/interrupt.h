// Ctrl-C: the first asks the commands to stop and keep what is finished, the second kills.
#pragma once

namespace longhaul {

void watch_for_interrupt();
bool interrupted();

}  // namespace longhaul
