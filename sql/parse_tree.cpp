#include "sql/parse_tree.h"

#include <pg_query.h>

#include <algorithm>
#include <memory>

namespace longhaul {
namespace {

// The place of the `position`-th character, both counted from 1.
void set_place(Error& error, std::string_view sql, int position) {
  if (position <= 0) return;
  error.line = 1;
  error.column = 1;
  for (const char c : sql) {
    if ((static_cast<unsigned char>(c) & 0xc0) == 0x80) continue;  // within a UTF-8 character
    if (--position == 0) return;
    error.column += 1;
    if (c != '\n') continue;
    error.line += 1;
    error.column = 1;
  }
}

std::string unescaped(std::string_view json) {
  std::string text;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] != '\\' || i + 1 == json.size()) {
      text += json[i];
      continue;
    }
    i += 1;
    switch (json[i]) {
      case 'b':
        text += '\b';
        break;
      case 'f':
        text += '\f';
        break;
      case 'n':
        text += '\n';
        break;
      case 'r':
        text += '\r';
        break;
      case 't':
        text += '\t';
        break;
      case 'u':  // control characters only
        text += static_cast<char>(std::stoi(std::string(json.substr(i + 1, 4)), nullptr, 16));
        i += 4;
        break;
      default:
        text += json[i];
    }
  }
  return text;
}

}  // namespace

Result<ParseTree> ParseTree::parse(const std::string& sql) {
  Error error;
  error.value = sql.substr(0, 60);
  if (sql.size() > text_max) {
    error.expected = "at most 32 KiB of SQL";
    return error;
  }
  if (sql.find('\0') != sql.npos) {
    error.expected = "SQL without a zero byte";
    return error;
  }
  auto free = [](PgQueryParseResult* result) { pg_query_free_parse_result(*result); };
  PgQueryParseResult result = pg_query_parse(sql.c_str());
  const std::unique_ptr<PgQueryParseResult, decltype(free)> freed(&result, free);
  if (result.error != nullptr) {
    error.expected =
        std::string("SQL of PostgreSQL ") + PG_MAJORVERSION + ": " + result.error->message;
    set_place(error, sql, result.error->cursorpos);
    return error;
  }
  ParseTree tree;
  const std::string_view json = result.parse_tree;
  tree.json_.assign(json.begin(), json.end());
  tree.read();
  return tree;
}

// The text is well-formed, so the punctuation alone tells the shape.
void ParseTree::read() {
  const std::string_view json(json_.data(), json_.size());
  std::vector<std::uint32_t> open;
  std::string_view key;
  auto add = [&](std::string_view value) {
    nodes_.push_back({key, value, static_cast<std::uint32_t>(nodes_.size() + 1)});
    key = {};
  };
  for (std::size_t i = 0; i < json.size();) {
    const char c = json[i];
    std::size_t end = i + 1;
    if (c == '{' || c == '[') {
      open.push_back(static_cast<std::uint32_t>(nodes_.size()));
      add({});
    } else if (c == '}' || c == ']') {
      nodes_[open.back()].end = static_cast<std::uint32_t>(nodes_.size());
      open.pop_back();
    } else if (c == '"') {
      while (json[end] != '"') end += json[end] == '\\' ? 2 : 1;
      const std::string_view text = json.substr(i + 1, end - i - 1);
      end += 1;
      if (end < json.size() && json[end] == ':') {
        key = text;
      } else {
        add(text);
      }
    } else if (c != ',' && c != ':') {
      end = std::min(json.find_first_of(",]}", i), json.size());
      add(json.substr(i, end - i));
    }
    i = end;
  }
}

std::uint32_t ParseTree::child(std::uint32_t parent, std::string_view key) const {
  for (std::uint32_t i = parent + 1; i < nodes_[parent].end; i = nodes_[i].end) {
    if (nodes_[i].key == key) return i;
  }
  return 0;
}

std::string ParseTree::text(std::uint32_t parent, std::string_view key) const {
  const std::uint32_t found = child(parent, key);
  return found == 0 ? std::string() : unescaped(nodes_[found].value);
}

}  // namespace longhaul
