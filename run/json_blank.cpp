#include "run/json_blank.h"

#include <algorithm>

namespace longhaul {
namespace {

// The length of the UTF-8 character at `at`, 0 when it is none (RFC 3629: no overlong form, no
// surrogate, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;
    if (lead == 0xED && byte(1) > 0x9F) return 0;
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (lead == 0xF0 && byte(1) < 0x90) return 0;
    if (lead == 0xF4 && byte(1) > 0x8F) return 0;
    return follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

std::optional<TextFault> find_bad_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    // The tokenizer takes a NUL for the end of its input and would ignore what follows.
    if (text[at] == '\0') return TextFault{at, "a NUL byte", "text without NUL bytes"};
    const std::size_t length = utf8_length(text, at);
    if (length == 0) return TextFault{at, "a byte that is not UTF-8", "text in UTF-8"};
    at += length;
  }
  return std::nullopt;
}

class Blanker {
 public:
  explicit Blanker(std::string& text) : text_(text) {}

  std::optional<TextFault> run() {
    if (text_.compare(0, 3, "\xEF\xBB\xBF") == 0) blank(0, 3);
    for (std::size_t at = 0; at < text_.size();) {
      const char c = text_[at];
      if (c == '/' && starts(at, "//")) {
        const std::size_t end = std::min(text_.find('\n', at), text_.size());
        blank(at, end);
        at = end;
      } else if (c == '/' && starts(at, "/*")) {
        const std::size_t end = text_.find("*/", at + 2);
        if (end == std::string::npos) {
          return TextFault{at, "/*", "a comment that ends with */"};
        }
        blank(at, end + 2);
        at = end + 2;
      } else if (c == '"') {
        at = after_string(at);
        note('"', at);
      } else {
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') note(c, at);
        ++at;
      }
    }
    return std::nullopt;
  }

 private:
  bool starts(std::size_t at, std::string_view word) const {
    return text_.compare(at, word.size(), word) == 0;
  }

  // Line breaks stay: a string that lacks its quote still ends with its line for the tokenizer.
  void blank(std::size_t from, std::size_t to) {
    for (; from < to; ++from) {
      if (text_[from] != '\n') text_[from] = ' ';
    }
  }

  std::size_t after_string(std::size_t at) const {
    for (++at; at < text_.size() && text_[at] != '"' && text_[at] != '\n'; ++at) {
      if (text_[at] == '\\' && at + 1 < text_.size() && text_[at + 1] != '\n') ++at;
    }
    return std::min(at + 1, text_.size());
  }

  // Remembers the last two characters that mean something: value, comma, closing bracket.
  void note(char c, std::size_t at) {
    if ((c == '}' || c == ']') && previous_ == ',' && comma_ends_value_) text_[comma_at_] = ' ';
    if (c == ',') {
      comma_ends_value_ = std::string_view("[{,:").find(previous_) == std::string_view::npos;
      comma_at_ = at;
    }
    previous_ = c;
  }

  std::string& text_;
  char previous_ = '[';
  std::size_t comma_at_ = 0;
  bool comma_ends_value_ = false;
};

}  // namespace

std::optional<TextFault> blank_for_strict_json(std::string& text) {
  if (auto fault = find_bad_byte(text)) return fault;
  return Blanker(text).run();
}

bool is_utf8(std::string_view text) { return !find_bad_byte(text); }

}  // namespace longhaul
