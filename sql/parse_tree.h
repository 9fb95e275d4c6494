// The parse tree of SQL text: PostgreSQL's own grammar (libpg_query), read into one flat list.
//
// libpg_query hands its tree out as JSON that it has written itself. This keeps the text and notes
// where each part of it stands: parents come before their children, and every node knows where its
// subtree ends, so a search of a whole statement at every nesting is a loop over a range.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace longhaul {

// One value of the tree. `key` is empty for elements of lists. Views reach into the tree's text.
struct ParseNode {
  std::string_view key;    // "SelectStmt", "relname"
  std::string_view value;  // of a scalar, as JSON has it, without the quotes; empty otherwise
  std::uint32_t end = 0;   // the index behind its last descendant
};

class ParseTree {
 public:
  // Longer text is not parsed: an expression nests by one level for two characters, and
  // libpg_query recurses into it; this many need 3 MB of stack, and a thread has 8 MB.
  static constexpr std::size_t text_max = 32 * 1024;

  // An error has the line and the column at which PostgreSQL's parser gave up.
  static Result<ParseTree> parse(const std::string& sql);

  // The first node is the root. A statement is the child of a "stmt".
  const std::vector<ParseNode>& nodes() const { return nodes_; }

  // The child of `parent` with this key, or 0.
  std::uint32_t child(std::uint32_t parent, std::string_view key) const;

  // The child's value as text, without its escapes; empty when there is none.
  std::string text(std::uint32_t parent, std::string_view key) const;

 private:
  void read();

  std::vector<char> json_;  // a vector, because moving it leaves the views valid
  std::vector<ParseNode> nodes_;
};

}  // namespace longhaul
