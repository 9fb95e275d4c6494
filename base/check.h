// CHECK: a programmer's mistake stops the run. Always on, in every build type.
//
// The host of the library says what stopping means by defining `check_failed` (a command line
// program prints and exits 70, a test throws). base/check_abort.cpp is a ready-made definition.
#pragma once

namespace longhaul {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace longhaul

#define CHECK(condition)                                        \
  do {                                                          \
    if (__builtin_expect(!(condition), 0)) {                    \
      ::longhaul::check_failed(#condition, __FILE__, __LINE__); \
    }                                                           \
  } while (false)
