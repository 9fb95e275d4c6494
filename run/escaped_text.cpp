#include "run/escaped_text.h"

#include <algorithm>

namespace longhaul {
namespace {

// The length of the UTF-8 character that begins here; 0: none does.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80             ? 1
                             : (first & 0xe0) == 0xc0 ? 2
                             : (first & 0xf0) == 0xe0 ? 3
                             : (first & 0xf8) == 0xf0 ? 4
                                                      : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  return length;
}

constexpr std::string_view replacement = "\xef\xbf\xbd";

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const char first = text.front();
    const bool control =
        length == 1 && static_cast<unsigned char>(first) < 0x20 && first != '\n' && first != '\t';
    const bool unknown = length == 3 && text.starts_with("\xef\xbf") &&
                         static_cast<unsigned char>(text[2]) >= 0xbe;  // U+FFFE and U+FFFF
    if (length == 0 || control || unknown || first == 0x7f) {
      result += replacement;
    } else if (first == '&') {
      result += "&amp;";
    } else if (first == '<') {
      result += "&lt;";
    } else if (first == '>') {
      result += "&gt;";
    } else if (first == '"') {
      result += "&quot;";
    } else if (first == '\n') {
      result += "&#10;";
    } else if (first == '\t') {
      result += "&#9;";
    } else if (first == '\'') {
      result += "&#39;";
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return result;
}

std::string escaped_markdown(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '\n':
      case '\r':
        result += ' ';
        break;
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '|':
      case '*':
      case '_':
      case '`':
      case '[':
      case ']':
      case '\\':
      case '#':
      case '~':
        result += '\\';
        [[fallthrough]];
      default:
        result += c;
    }
  }
  return result;
}

}  // namespace longhaul
