// JSON text to a tree of nodes that remember where they stand.
//
// The grammar is strict JSON with two courtesies for people who write by hand: // and /* */
// comments and a comma behind the last element. Numbers are kept as they are written, because what
// a number may be is decided by the field that it is meant for. A syntax error ends the reading;
// duplicate keys do not, and are found in JsonDocument::errors.
//
// Offsets and lengths are bytes, lines and columns count from 1, a column is one character.
// Source: RFC 8259; the tokens are those of nlohmann_json's SAX interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace longhaul {

// Beyond these a file is refused. A large scenario has some thousands of values; the bound on them
// keeps the tree of a hostile file within about a hundred megabytes.
inline constexpr std::size_t json_bytes_max = std::size_t{16} << 20;
inline constexpr std::size_t json_depth_max = 64;
inline constexpr std::size_t json_values_max = 200'000;

enum class JsonKind : std::uint8_t { null, boolean, number, text, list, object };

// Where something is written. Line 0: nowhere in a file, as a value from the command line.
struct Span {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t file = 0;  // position in JsonDocument::files
};

struct JsonMember;

struct JsonNode {
  JsonKind kind = JsonKind::null;
  Span span;
  std::string text;                 // text: without quotes and escapes; number, boolean: as written
  std::vector<JsonMember> members;  // object, in the order of the file
  std::vector<JsonNode> items;      // list

  // The member of that key, the first of duplicates, or null.
  const JsonNode* find(std::string_view key) const;
  JsonNode* find(std::string_view key);
};

struct JsonMember {
  std::string key;
  Span key_span;
  JsonNode value;
};

struct JsonDocument {
  std::vector<std::string> files;  // the first is the one that was asked for
  JsonNode root;
  std::vector<Error> errors;  // mistakes that did not stop the reading: duplicate keys
};

// `file_name` is for messages only. `file` is the number that the spans carry when the node becomes
// part of a document of several files. Throws nothing.
Result<JsonDocument> parse_json(std::string file_name, std::string_view text,
                                std::uint32_t file = 0);

// The node as one would recognise it in the file: "80ms", 17, null, [...], {...}; long text is cut.
std::string shown(const JsonNode& node);

// At most `characters_max` characters of `text`, with "..." where something was cut.
std::string clipped(std::string_view text, std::size_t characters_max = 60);

// The name of a named thing: [a-z0-9_.:-]+ of at most 100 characters.
bool is_name(std::string_view text);

// How an element of a list is called in a path: ".name" when it has a valid one, else "[index]".
std::string element_segment(const JsonNode& element, std::size_t index);

}  // namespace longhaul
