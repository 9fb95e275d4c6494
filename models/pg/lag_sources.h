// A replica's lag as production can learn it, source by source; models/lag.h holds the truth.
#pragma once

#include <optional>

#include "models/world.h"

namespace longhaul {

// The lag in time that this source gives for a standby at this moment, read where it is kept:
// absent for NULL, and for sources of bytes.
std::optional<Duration> lag_from(const World& world, const WalStream& stream, LagSource source);

// pg_current_wal_lsn() - replay_lsn on the upstream.
Bytes replay_lag_bytes(const World& world, const WalStream& stream);

}  // namespace longhaul
