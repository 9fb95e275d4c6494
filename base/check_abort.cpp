#include <cstdio>
#include <cstdlib>

#include "base/check.h"

namespace longhaul {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: internal fault: CHECK(%s) does not hold\n", file, line, condition);
  std::abort();
}

}  // namespace longhaul
