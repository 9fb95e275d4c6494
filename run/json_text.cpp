#include "run/json_text.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "run/json_blank.h"

namespace longhaul {
namespace {

struct Place {
  std::size_t offset = 0;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

// Walks forward to `offset`; every byte of a file is passed once.
void advance(Place& place, std::string_view text, std::size_t offset) {
  for (; place.offset < offset; ++place.offset) {
    const auto byte = static_cast<unsigned char>(text[place.offset]);
    if (byte == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((byte & 0xC0) != 0x80) {
      ++place.column;
    }
  }
}

Error error_at(const std::string& file, const Place& place, std::string value,
               std::string expected) {
  return {file,
          static_cast<int>(place.line),
          static_cast<int>(place.column),
          "",
          std::move(value),
          std::move(expected),
          ""};
}

// Tells the builder how many bytes the tokenizer has taken, which it does not tell itself.
struct CountingIterator {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at = nullptr;
  std::size_t* taken = nullptr;

  const char& operator*() const { return *at; }
  CountingIterator& operator++() {
    ++at;
    ++*taken;
    return *this;
  }
  CountingIterator operator++(int) {
    const CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at == b.at;
  }
};

// Receives the tokens and grows the tree. A callback that returns false ends the reading.
class TreeBuilder {
 public:
  TreeBuilder(const std::string& file_name, std::string_view written, std::string_view blanked,
              std::uint32_t file)
      : file_name_(file_name), written_(written), blanked_(blanked), file_(file) {
    if (written.substr(0, 3) == "\xEF\xBB\xBF") place_.offset = 3;
  }

  bool null() { return scalar(JsonKind::null, taken_); }
  bool boolean(bool) { return scalar(JsonKind::boolean, taken_); }
  bool number_integer(std::int64_t) { return scalar(JsonKind::number, number_end()); }
  bool number_unsigned(std::uint64_t) { return scalar(JsonKind::number, number_end()); }
  bool number_float(double, const std::string&) { return scalar(JsonKind::number, number_end()); }
  bool string(std::string& value) {
    JsonNode* node = add(JsonKind::text, taken_);
    if (node) node->text = std::move(value);
    return node != nullptr;
  }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(JsonKind::object); }
  bool start_array(std::size_t) { return open(JsonKind::list); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& value) {
    const Span span = take(taken_);
    open_.back()->members.push_back({std::move(value), span, {}});
    key_waits_ = true;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& fault) {
    error_ = syntax_error(fault.what());
    return false;
  }

  std::size_t* taken() { return &taken_; }
  std::optional<Error>& error() { return error_; }
  JsonNode& root() { return root_; }

 private:
  // The token that ends at `end` begins at the first byte behind the last one that is neither white
  // space nor a separator.
  Span take(std::size_t end) {
    std::size_t begin = std::min(blanked_.find_first_not_of(" \t\r\n,:", token_end_), end);
    advance(place_, written_, begin);
    token_end_ = end;
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin), place_.line,
            place_.column, file_};
  }

  // The tokenizer has read one byte beyond the number, unless the file ends there.
  std::size_t number_end() const {
    if (taken_ < blanked_.size()) return taken_ - 1;
    const std::size_t begin = blanked_.find_first_not_of(" \t\r\n,:", token_end_);
    return std::min(blanked_.find_first_not_of("+-.eE0123456789", begin), blanked_.size());
  }

  JsonNode* add(JsonKind kind, std::size_t end) {
    const Span span = take(end);
    if (++values_ > json_values_max) {
      error_ =
          error_at(file_name_, place_, "more than " + std::to_string(json_values_max) + " values",
                   "a smaller file");
      return nullptr;
    }
    JsonNode* node = &root_;
    if (key_waits_) {
      node = &open_.back()->members.back().value;
    } else if (!open_.empty()) {
      node = &open_.back()->items.emplace_back();
    }
    key_waits_ = false;
    node->kind = kind;
    node->span = span;
    return node;
  }

  bool scalar(JsonKind kind, std::size_t end) {
    JsonNode* node = add(kind, end);
    if (node) node->text = std::string(written_.substr(node->span.offset, node->span.length));
    return node != nullptr;
  }

  // A container that is open is the last of its parent, so the pointers on the stack stay good.
  bool open(JsonKind kind) {
    JsonNode* node = add(kind, taken_);
    if (!node) return false;
    if (open_.size() == json_depth_max) {
      error_ =
          error_at(file_name_, place_,
                   "brackets nested deeper than " + std::to_string(json_depth_max), "fewer levels");
      return false;
    }
    open_.push_back(node);
    return true;
  }

  bool close() {
    Span& span = open_.back()->span;
    span.length = static_cast<std::uint32_t>(taken_) - span.offset;
    token_end_ = taken_;
    open_.pop_back();
    return true;
  }

  std::string expected_token(std::string_view separators) const {
    const bool comma = separators.find(',') != std::string_view::npos;
    if (open_.empty()) return token_end_ == 0 ? "a JSON object" : "nothing behind the last bracket";
    if (key_waits_) {
      return separators.find(':') == std::string_view::npos ? "':' behind the key" : "a value";
    }
    const JsonNode& top = *open_.back();
    if (top.kind == JsonKind::object) {
      if (comma) return "a key in double quotes";
      return top.members.empty() ? "a key in double quotes or '}'" : "',' or '}'";
    }
    if (comma) return "a value";
    return top.items.empty() ? "a value or ']'" : "',' or ']'";
  }

  Error syntax_error(std::string_view what) {
    const std::size_t begin =
        std::min(blanked_.find_first_not_of(" \t\r\n,:", token_end_), blanked_.size());
    const std::string_view separators = blanked_.substr(token_end_, begin - token_end_);
    // The separator itself may be the mistake: [1,,2] or {"a"::1} or {,}.
    std::size_t at = begin;
    std::string expected = expected_token(separators);
    if (const std::size_t wrong = wrong_separator(separators); wrong < separators.size()) {
      at = token_end_ + wrong;
      expected = expected_token(separators.substr(0, wrong));
    }
    if (begin == blanked_.size() && at == begin) return unfinished(expected);
    advance(place_, written_, at);
    const std::size_t end =
        at < begin ? at + 1
                   : std::min(blanked_.find_first_of(" \t\r\n,:[]{}", at + 1), blanked_.size());
    std::string value = clipped(written_.substr(at, end - at), 30);
    if (blanked_[at] == '"') {
      value =
          clipped(written_.substr(at, std::min(written_.find('\n', at), written_.size()) - at), 30);
      if (const auto why = what.find("invalid string: "); why != std::string_view::npos) {
        const std::string_view reason = what.substr(why + 16, what.find("; last read") - why - 16);
        const bool line_ends = reason.find("U+000A") != std::string_view::npos;
        expected = "a string in double quotes (" +
                   (line_ends ? "missing closing quote in this line" : std::string(reason)) + ")";
      }
    } else if (what.find("number overflow") != std::string_view::npos) {
      expected = "a smaller number";
    }
    return error_at(file_name_, place_, value, expected);
  }

  // Position of the first separator that cannot stand there, or the number of bytes.
  std::size_t wrong_separator(std::string_view separators) const {
    const bool value_before = !open_.empty() && !key_waits_ &&
                              (!open_.back()->items.empty() || !open_.back()->members.empty());
    const char allowed = key_waits_ ? ':' : value_before ? ',' : '\0';
    bool used = false;
    for (std::size_t i = 0; i < separators.size(); ++i) {
      if (separators[i] != ',' && separators[i] != ':') continue;
      if (separators[i] != allowed || used) return i;
      used = true;
    }
    return separators.size();
  }

  Error unfinished(const std::string& expected) {
    advance(place_, written_, written_.size());
    std::string closing = expected;
    if (!open_.empty()) {
      const JsonNode& top = *open_.back();
      closing += top.kind == JsonKind::object ? "; the '{'" : "; the '['";
      closing += " of line " + std::to_string(top.span.line) + ", column " +
                 std::to_string(top.span.column) + " is not closed";
    }
    return error_at(file_name_, place_, "the end of the file", closing);
  }

  const std::string& file_name_;
  std::string_view written_;
  std::string_view blanked_;
  std::uint32_t file_;
  std::size_t taken_ = 0;
  std::size_t token_end_ = 0;
  Place place_;
  JsonNode root_;
  std::vector<JsonNode*> open_;
  bool key_waits_ = false;
  std::size_t values_ = 0;
  std::optional<Error> error_;
};

class DuplicateFinder {
 public:
  DuplicateFinder(const std::string& file_name, std::vector<Error>& errors)
      : file_name_(file_name), errors_(errors) {}

  void walk(const JsonNode& node) {
    report(node);
    const std::size_t depth = path_.size();
    for (const JsonMember& member : node.members) {
      if (depth > 0) path_ += '.';
      path_ += clipped(member.key);
      walk(member.value);
      path_.resize(depth);
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      path_ += element_segment(node.items[i], i);
      walk(node.items[i]);
      path_.resize(depth);
    }
  }

 private:
  void report(const JsonNode& node) {
    std::vector<const JsonMember*> sorted;
    for (const JsonMember& member : node.members) sorted.push_back(&member);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const JsonMember* a, const JsonMember* b) { return a->key < b->key; });
    for (std::size_t i = 1, first = 0; i < sorted.size(); ++i) {
      if (sorted[i]->key != sorted[first]->key) {
        first = i;
      } else if (errors_.size() < errors_max) {
        add(*sorted[first], *sorted[i]);
      }
    }
  }

  void add(const JsonMember& first, const JsonMember& again) {
    const Span& place = again.key_span;
    errors_.push_back({file_name_, static_cast<int>(place.line), static_cast<int>(place.column),
                       (path_.empty() ? "" : path_ + ".") + clipped(again.key),
                       "\"" + clipped(again.key) + "\" again",
                       "each key once (the first is in line " +
                           std::to_string(first.key_span.line) + ", column " +
                           std::to_string(first.key_span.column) + ")",
                       ""});
  }

  static constexpr std::size_t errors_max = 1000;
  const std::string& file_name_;
  std::vector<Error>& errors_;
  std::string path_;
};

}  // namespace

const JsonNode* JsonNode::find(std::string_view key) const {
  for (const JsonMember& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

JsonNode* JsonNode::find(std::string_view key) {
  return const_cast<JsonNode*>(static_cast<const JsonNode*>(this)->find(key));
}

Result<JsonDocument> parse_json(std::string file_name, std::string_view text, std::uint32_t file) {
  if (text.size() > json_bytes_max) {
    return Error{
        file_name, 0, 0, "", std::to_string(text.size()) + " bytes", "a file of at most 16 MiB",
        ""};
  }
  std::string blanked(text);
  if (const auto fault = blank_for_strict_json(blanked)) {
    Place place;
    advance(place, text, fault->offset);
    return error_at(file_name, place, fault->value, fault->expected);
  }
  TreeBuilder builder(file_name, text, blanked, file);
  const char* begin = blanked.data();
  const bool complete = nlohmann::json::sax_parse(
      CountingIterator{begin, builder.taken()},
      CountingIterator{begin + blanked.size(), builder.taken()}, &builder);
  if (!complete) {
    CHECK(builder.error());
    return *builder.error();
  }
  JsonDocument document;
  document.root = std::move(builder.root());
  DuplicateFinder(file_name, document.errors).walk(document.root);
  document.files.push_back(std::move(file_name));
  return document;
}

std::string shown(const JsonNode& node) {
  switch (node.kind) {
    case JsonKind::text:
      return '"' + clipped(node.text) + '"';
    case JsonKind::list:
      return node.items.empty() ? "[]" : "[...]";
    case JsonKind::object:
      return node.members.empty() ? "{}" : "{...}";
    default:
      return clipped(node.text);
  }
}

std::string clipped(std::string_view text, std::size_t characters_max) {
  std::size_t at = 0;
  for (std::size_t characters = 0; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (begins && characters++ == characters_max) return std::string(text.substr(0, at)) + "...";
  }
  return std::string(text);
}

bool is_name(std::string_view text) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_.:-";
  return !text.empty() && text.size() <= 100 &&
         text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string element_segment(const JsonNode& element, std::size_t index) {
  const JsonNode* name = element.find("name");
  if (name && name->kind == JsonKind::text && is_name(name->text)) return "." + name->text;
  return "[" + std::to_string(index) + "]";
}

}  // namespace longhaul
