// Catch2 as the tests use it: REQUIRE and friends, but not CHECK, which is ours (base/check.h).
//
// Include this instead of <catch2/catch.hpp>. A failed CHECK throws std::logic_error in the tests
// (check_throws.cpp), so `REQUIRE_THROWS_AS(div_floor(1, 0), std::logic_error)` tests one.
#pragma once

#pragma push_macro("CHECK")
#undef CHECK
#include <catch2/catch.hpp>
#undef CHECK
#pragma pop_macro("CHECK")

#include "base/check.h"
