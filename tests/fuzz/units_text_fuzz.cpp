// Any text at all: parsing never fails otherwise than with an error, and what it accepts survives
// printing and parsing again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/units_text.h"

namespace {

template <class T>
void parse_print_parse(std::string_view text) {
  longhaul::Result<T> first = longhaul::parse_text<T>(text);
  if (!first.ok()) return;
  longhaul::Result<T> second = longhaul::parse_text<T>(to_text(first.value()));
  CHECK(second.ok());
  CHECK(second.value() == first.value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  parse_print_parse<longhaul::Duration>(text);
  parse_print_parse<longhaul::Bytes>(text);
  parse_print_parse<longhaul::ByteRate>(text);
  parse_print_parse<longhaul::EventRate>(text);
  parse_print_parse<longhaul::Ratio>(text);
  parse_print_parse<longhaul::Lsn>(text);
  return 0;
}
