#include <stdexcept>
#include <string>

#include "base/check.h"

namespace longhaul {

void check_failed(const char* condition, const char* file, int line) {
  throw std::logic_error(std::string(file) + ":" + std::to_string(line) + ": CHECK(" + condition +
                         ") does not hold");
}

}  // namespace longhaul
