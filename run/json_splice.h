// Pieces of JSON text put in and taken out so that what is around them keeps its shape.
//
// A piece is a member ("key": value) or an element of a list. One that begins its line has lines of
// its own, and so gets what is put behind it; otherwise all stands in one line. Offsets are bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace longhaul {

// From the first byte to behind the last one.
struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// `text` with `piece` as the last in the brackets of `container`, behind `last` if there is any.
std::string with_piece(std::string_view text, TextRange container, std::optional<TextRange> last,
                       std::string_view piece);

// `text` without `piece` of `container`, its comma and the comment that follows in its line.
// `before` is the piece before it.
std::string without_piece(std::string_view text, TextRange container,
                          std::optional<TextRange> before, TextRange piece);

}  // namespace longhaul
