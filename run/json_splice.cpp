#include "run/json_splice.h"

#include <algorithm>

namespace longhaul {
namespace {

constexpr std::string_view blanks = " \t\r";

std::size_t line_begin(std::string_view text, std::size_t at) {
  const std::size_t line_break = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return line_break == std::string_view::npos ? 0 : line_break + 1;
}

// Behind the blanks and the comments at `at`, but not beyond the line.
std::size_t skip_in_line(std::string_view text, std::size_t at) {
  for (;;) {
    at = std::min(text.find_first_not_of(blanks, at), text.size());
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("//")) return std::min(text.find('\n', at), text.size());
    if (!rest.starts_with("/*")) return at;
    const std::size_t end = std::min(text.find("*/", at + 2), text.size() - 2) + 2;
    if (text.substr(at, end - at).find('\n') != std::string_view::npos) return at;
    at = end;
  }
}

std::size_t skip(std::string_view text, std::size_t at) {
  for (;;) {
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("//")) {
      at = std::min(text.find('\n', at), text.size());
    } else if (rest.starts_with("/*")) {
      at = std::min(text.find("*/", at + 2), text.size() - 2) + 2;
    } else {
      return at;
    }
  }
}

bool line_ends(std::string_view text, std::size_t at) {
  return at >= text.size() || text[at] == '\n';
}

bool begins_line(std::string_view text, std::size_t at) {
  const std::size_t begin = line_begin(text, at);
  return text.find_first_not_of(" \t", begin) >= at;
}

std::string indentation(std::string_view text, std::size_t at) {
  const std::size_t begin = line_begin(text, at);
  const std::size_t end = std::min(text.find_first_not_of(" \t", begin), text.size());
  return std::string(text.substr(begin, end - begin));
}

// All lines but the first moved so that they stand as far in as the place asks for.
std::string indented(std::string_view piece, std::string_view indent) {
  std::size_t least = std::string_view::npos;
  std::size_t last = std::string_view::npos;
  for (std::size_t at = piece.find('\n'); at != std::string_view::npos; at = piece.find('\n', at)) {
    at += 1;
    const std::size_t word = piece.find_first_not_of(blanks, at);
    if (word == std::string_view::npos || piece[word] == '\n') continue;
    least = std::min(least, word - at);
    last = word;
  }
  if (last == std::string_view::npos) return std::string(piece);
  const bool closes = piece[last] == '}' || piece[last] == ']';
  std::string result;
  for (std::size_t at = 0; at < piece.size();) {
    const std::size_t end = std::min(piece.find('\n', at), piece.size() - 1) + 1;
    std::string_view line = piece.substr(at, end - at);
    if (at > 0) {
      line.remove_prefix(std::min({least, line.size(), line.find_first_not_of(blanks)}));
      if (!line.empty() && line != "\n") result.append(indent).append(closes ? "" : " ");
    }
    result += line;
    at = end;
  }
  return result;
}

std::string replaced(std::string_view text, TextRange range, std::string_view by) {
  std::string result(text.substr(0, range.begin));
  result.append(by).append(text.substr(range.end));
  return result;
}

}  // namespace

std::string with_piece(std::string_view text, TextRange container, std::optional<TextRange> last,
                       std::string_view piece) {
  const std::size_t close = container.end - 1;
  if (!last) {
    const std::string indent = indentation(text, container.begin);
    // Brackets with nothing but blanks between them are closed up.
    const std::size_t inside = container.begin + 1;
    if (text.substr(inside, close - inside).find_first_not_of(" \t\r\n") == std::string::npos) {
      return replaced(text, {inside, close}, indented(piece, indent));
    }
    if (begins_line(text, close)) {
      const std::string line = indent + "  " + indented(piece, indent + "  ") + "\n";
      const std::size_t at = line_begin(text, close);
      return replaced(text, {at, at}, line);
    }
    return replaced(text, {close, close}, indented(piece, indent));
  }
  const std::string indent = indentation(text, last->begin);
  const std::size_t comma = skip(text, last->end);
  const bool has_comma = text[comma] == ',';
  if (!begins_line(text, last->begin)) {
    return replaced(text, {last->end, last->end}, ", " + indented(piece, indent));
  }
  const std::string line = "\n" + indent + indented(piece, indent) + (has_comma ? "," : "");
  // The comment behind the last one stays in its line.
  const std::size_t line_end = skip_in_line(text, has_comma ? comma + 1 : last->end);
  const std::size_t at = line_ends(text, line_end) ? line_end : has_comma ? comma + 1 : last->end;
  std::string result = replaced(text, {at, at}, line);
  if (!has_comma) result.insert(last->end, 1, ',');
  return result;
}

std::string without_piece(std::string_view text, TextRange container,
                          std::optional<TextRange> before, TextRange piece) {
  const std::size_t comma = skip(text, piece.end);
  const bool has_comma = text[comma] == ',';
  const std::size_t end = has_comma ? comma + 1 : piece.end;
  const std::size_t line_end = skip_in_line(text, end);
  const bool ends_line = line_ends(text, line_end);
  const bool own_lines = begins_line(text, piece.begin) && ends_line;

  TextRange out{piece.begin, end};
  if (own_lines) {
    out = {line_begin(text, piece.begin), std::min(line_end + 1, text.size())};
  } else if (has_comma && !ends_line) {
    out.end = std::min(text.find_first_not_of(" \t", end), text.size());
  } else if (begins_line(text, piece.begin)) {
    // The bracket behind it moves up, unless a comment would swallow it.
    const std::size_t from = before ? before->end : container.begin + 1;
    const std::string_view gap = text.substr(from, piece.begin - from);
    if (gap.find_first_not_of(" \t\r\n,") == std::string_view::npos) {
      out.begin = from + (gap.find(',') == std::string_view::npos ? 0 : gap.find(',') + 1);
    }
  } else {
    const std::size_t word = text.find_last_not_of(" \t", piece.begin - 1);
    out.begin = word == std::string_view::npos ? piece.begin : word + 1;
  }
  std::string result = replaced(text, out, "");
  // The comma before it goes as well when it was the last.
  if (!has_comma && before) {
    const std::size_t comma_before = skip(text, before->end);
    if (comma_before < piece.begin && text[comma_before] == ',') result.erase(comma_before, 1);
  }
  return result;
}

}  // namespace longhaul
