// Quantities as text, exactly: parse(to_text(x)) == x for every value of every type.
//
//   Duration   "250ms" "1.5s" "10min"     units ns us ms s min h d
//   Bytes      "400B" "16KiB" "1.5MiB"    units B KiB MiB GiB TiB kB MB GB TB
//   ByteRate   "50Mbit/s" "64MiB/s"       units kbit/s Mbit/s Gbit/s and each unit of Bytes + "/s"
//   EventRate  "50/s" "10/min" "1/day"    units /s /min /h /day
//   Ratio      "0.1%" "3/1000"            a percentage or a fraction of whole numbers
//   Lsn        "0/16B3748"                two hexadecimal halves, as PostgreSQL prints them
//
// A number is decimal digits with an optional fraction and an optional minus in front; there is no
// exponent, no space and no quantity without its unit. What does not come out as a whole number of
// the type's integer (nanoseconds, bytes, ...) or does not fit into it is an error, never rounded
// and never wrapped.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace longhaul {

std::string to_text(Duration value);
std::string to_text(Bytes value);
std::string to_text(ByteRate value);
std::string to_text(EventRate value);
std::string to_text(Ratio value);
std::string to_text(Lsn value);

// Three significant digits in the unit that suits the size, for tables that people read: "83.2ms",
// "64.2s", "2.5min", "1.5MiB", "50Mbit/s". Halves round away from zero. Minutes begin at two.
std::string to_short_text(Duration value);
std::string to_short_text(Bytes value);
std::string to_short_text(ByteRate value);

// T is one of the types above. The error holds `value` and `expected`; its place is not known.
template <class T>
Result<T> parse_text(std::string_view text);

}  // namespace longhaul
