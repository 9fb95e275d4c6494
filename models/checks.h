// Invariants that hold in every world after every event, whatever breaks.
//
// They are written against the truth and share no code with the rules that they judge. A check
// walks streams, pools, sessions and pages once, so tests afford one after each event of a small
// world.
#pragma once

#include <string>

#include "models/world.h"

namespace longhaul {

// Empty when all hold; else a sentence that names the invariant and the figures that break it.
//
//   positions    a standby's replayed <= flushed <= written <= received <= its upstream's flushed;
//                sent and acknowledged within that; the primary knows no position before it is true
//   processors   no more statements run than there are processors; nobody waits while one is free
//   pools        open = idle + in use, within the size; a server has no more connections than
//   slots,
//                all of them open in a pool, being opened, or held by an abandoned statement
//   slots        mail, pages and sessions are accounted for: nothing leaks, nothing is freed twice
//   commits      what is answered is on enough standbys, and visible; commits wait in log order
//   versions     an acknowledged version is visible
//   merged       a row has at most one current version on each of two primaries
std::string broken_invariant(const World& world);

// Empty when all that carry a log show what its writer had flushed up to `position`, and are known
// to.
std::string not_converged(const World& world, Lsn position, LogId log = {0});

}  // namespace longhaul
