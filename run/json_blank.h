// The text of a file made ready for a tokenizer of strict JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace longhaul {

struct TextFault {
  std::size_t offset = 0;
  std::string value;
  std::string expected;
};

// Replaces by spaces what strict JSON does not know (byte order mark, comments, a comma behind the
// last element), so that every offset stays. Returns the first fault of the text itself: a byte
// that is not UTF-8, a NUL, a comment without an end. Any other mistake is left to the tokenizer.
std::optional<TextFault> blank_for_strict_json(std::string& text);

// Whether the text is UTF-8 without NUL bytes.
bool is_utf8(std::string_view text);

}  // namespace longhaul
