// Figures of several kinds side by side in a table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "run/plot.h"

namespace longhaul {

// For people, counts to the last digit: "83.2ms", "0.421%", "28,512", "1.5MiB", "1,234 USD".
std::string figure_text(Quantity quantity, std::int64_t value);

// Of the integer, for other programs: "ns", "ppm", "micro_usd".
std::string_view unit_of(Quantity quantity);

// Of a difference, without its sign and in thousandths: counts of a few show two digits, shares are
// in percentage points, money of less than ten dollars in cents.
std::string difference_text(Quantity quantity, std::int64_t milli);
// The same with its sign; what shows as zero has none.
std::string signed_difference_text(Quantity quantity, std::int64_t milli);
// Whether a figure's text has no digit but zeros.
bool shows_as_zero(std::string_view text);

}  // namespace longhaul
