// Where one statement ends and the next begins, by the quotes and comments of PostgreSQL's lexer
// (manual, "Lexical Structure").
#include <algorithm>

#include "sql/classify.h"

namespace longhaul {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}

// Behind the first `closing` at or after `from`, or at the end.
std::size_t behind(std::string_view sql, std::string_view closing, std::size_t from) {
  const std::size_t at = sql.find(closing, from);
  return at == sql.npos ? sql.size() : at + closing.size();
}

// A doubled quote ends one text and begins the next, which comes to the same.
std::size_t behind_quotes(std::string_view sql, std::size_t open) {
  const bool has_escapes = open > 0 && (sql[open - 1] == 'E' || sql[open - 1] == 'e') &&
                           sql[open] == '\'' && (open == 1 || !is_word(sql[open - 2]));
  if (!has_escapes) return behind(sql, sql.substr(open, 1), open + 1);
  std::size_t i = open + 1;
  while (i < sql.size() && sql[i] != '\'') i += sql[i] == '\\' ? 2 : 1;
  return std::min(i + 1, sql.size());
}

std::size_t behind_comment(std::string_view sql, std::size_t open) {
  std::size_t depth = 0;
  std::size_t i = open;
  do {
    if (sql.substr(i, 2) == "/*") {
      depth += 1;
      i += 2;
    } else if (sql.substr(i, 2) == "*/") {
      depth -= 1;
      i += 2;
    } else {
      i += 1;
    }
  } while (depth > 0 && i < sql.size());
  return std::min(i, sql.size());
}

// $$ or $tag$, unless it is a parameter ($1) or a part of a name.
std::size_t behind_dollars(std::string_view sql, std::size_t open) {
  if (open > 0 && is_word(sql[open - 1])) return open + 1;
  std::size_t i = open + 1;
  while (i < sql.size() && is_word(sql[i])) i += 1;
  const bool is_parameter = i > open + 1 && sql[open + 1] >= '0' && sql[open + 1] <= '9';
  if (i == sql.size() || sql[i] != '$' || is_parameter) return open + 1;
  return behind(sql, sql.substr(open, i + 1 - open), i + 1);
}

std::size_t behind_part(std::string_view sql, std::size_t i) {
  if (sql[i] == '\'' || sql[i] == '"') return behind_quotes(sql, i);
  if (sql.substr(i, 2) == "--") return behind(sql, "\n", i);
  if (sql.substr(i, 2) == "/*") return behind_comment(sql, i);
  if (sql[i] == '$') return behind_dollars(sql, i);
  return i + 1;
}

}  // namespace

std::vector<std::string> split_statements(std::string_view sql) {
  std::vector<std::string> statements;
  auto add = [&](std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == text.npos) return;
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    statements.push_back(std::string(text.substr(first, last + 1 - first)));
  };
  std::size_t begin = 0;
  for (std::size_t i = 0; i < sql.size();) {
    if (sql[i] == ';') {
      add(sql.substr(begin, i - begin));
      begin = i + 1;
    }
    i = behind_part(sql, i);
  }
  add(sql.substr(std::min(begin, sql.size())));
  return statements;
}

}  // namespace longhaul
