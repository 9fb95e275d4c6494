// Instants of a run as a clock shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

namespace longhaul {

// "2:31.482", "1:02:31.482"
std::string clock_text(TimePoint at);
// Likewise, without what is zero: "2:31".
std::string short_clock_text(TimePoint at);
// "2:31.5", "1:02:31", "151.5s", "2.5min"; a number by itself is seconds. Behind a colon there are
// sixty of them.
std::optional<TimePoint> parse_clock(std::string_view text);

// A seed: a whole number from 0 on that fits into 64 bits.
std::optional<std::uint64_t> parse_seed(std::string_view text);

}  // namespace longhaul
