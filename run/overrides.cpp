#include "run/overrides.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "run/field_text.h"
#include "run/json_blank.h"
#include "run/layers.h"

namespace longhaul {
namespace {

constexpr std::string_view origin = "--set";

class Assignment {
 public:
  Assignment(JsonDocument& document, std::string_view path, std::string_view value)
      : path_(path), value_(value) {
    if (document.files.back() != origin) document.files.emplace_back(origin);
    place_.file = static_cast<std::uint32_t>(document.files.size() - 1);
  }

  // `rest` is what remains of the path below the object.
  std::optional<Error> in_object(JsonNode& node, const FieldTable& table, std::string_view rest) {
    if (node.kind != JsonKind::object) return fail(shown(node), object_text(table));
    const std::string key(rest.substr(0, rest.find_first_of(".[")));
    const Field* field = find_field(table, key);
    if (!field) {
      const UnknownKey wrong = unknown_key_text(key, table);
      return fail(wrong.value, wrong.expected, wrong.nearest);
    }
    JsonNode* child = node.find(key);
    JsonNode made;
    made.span = place_;
    made.kind = field->type.kind == FieldKind::list ? JsonKind::list : JsonKind::object;
    if (auto error = in_value(child ? *child : made, field->type, rest.substr(key.size()))) {
      return error;
    }
    if (!child) node.members.push_back({key, place_, std::move(made)});
    const std::string text = node.find(key)->text;
    drop_rivals(node, table, *field, text);
    return std::nullopt;
  }

 private:
  std::optional<Error> in_value(JsonNode& node, const ValueType& type, std::string_view rest) {
    if (rest.empty()) return assign(node, type);
    switch (type.kind) {
      case FieldKind::object:
        if (rest[0] != '.') return fail("[...]", "a key of " + std::string(type.table().title));
        return in_object(node, type.table(), rest.substr(1));
      case FieldKind::list:
        return in_list(node, *type.element(), rest);
      case FieldKind::text_lists:
        return in_text_lists(node, rest);
      default:
        return fail(std::string(rest), "nothing behind the name of a single value");
    }
  }

  std::optional<Error> in_list(JsonNode& node, const ValueType& element, std::string_view rest) {
    std::vector<std::string> segments;
    JsonNode* best = nullptr;
    std::size_t used = 0;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const std::string by_index = "[" + std::to_string(i) + "]";
      const std::string segment = element_segment(node.items[i], i);
      segments.push_back(segment[0] == '.' ? segment.substr(1) : segment);
      for (const std::string& candidate : {segment, by_index}) {
        if (candidate.size() <= used || !begins_with(rest, candidate)) continue;
        best = &node.items[i];
        used = candidate.size();
      }
    }
    if (best) return in_value(*best, element, rest.substr(used));
    std::string word(rest.substr(rest[0] == '.' ? 1 : 0));
    word.resize(std::min(word.find_first_of(".[", 1), word.size()));
    return fail("no element \"" + clipped(word) + '"',
                segments.empty() ? "a list with elements" : "an element: " + any_of(segments),
                nearest_of(word, segments));
  }

  static bool begins_with(std::string_view rest, std::string_view segment) {
    if (rest.substr(0, segment.size()) != segment) return false;
    rest = rest.substr(segment.size());
    return rest.empty() || rest[0] == '.' || rest[0] == '[';
  }

  // Keys are free and may hold any character, so the rest of the path is the key.
  std::optional<Error> in_text_lists(JsonNode& node, std::string_view rest) {
    if (node.kind != JsonKind::object || rest[0] != '.') {
      return fail(shown(node), "an object {...} of lists of texts");
    }
    const std::string key(rest.substr(1));
    JsonNode list;
    if (value_.starts_with('[')) {
      if (auto error = parse(list)) return error;
    } else {
      list.kind = JsonKind::list;
      list.span = place_;
      list.items.push_back(bare(JsonKind::text));
    }
    if (JsonNode* old = node.find(key)) {
      *old = std::move(list);
    } else {
      node.members.push_back({key, place_, std::move(list)});
    }
    return std::nullopt;
  }

  std::optional<Error> assign(JsonNode& node, const ValueType& type) {
    switch (type.kind) {
      case FieldKind::boolean:
        node = bare(value_ == "true" || value_ == "false" ? JsonKind::boolean : JsonKind::text);
        return std::nullopt;
      case FieldKind::integer:
        node = bare(is_number() ? JsonKind::number : JsonKind::text);
        return std::nullopt;
      case FieldKind::object:
      case FieldKind::list:
      case FieldKind::text_lists:
        if (value_.starts_with('[') || value_.starts_with('{')) return parse(node);
        break;
      default:
        if (value_.starts_with('"')) return parse(node);
    }
    node = bare(JsonKind::text);
    return std::nullopt;
  }

  bool is_number() const {
    const std::size_t digits = value_.starts_with('-') ? 1 : 0;
    return value_.size() > digits &&
           value_.find_first_not_of("0123456789", digits) == std::string_view::npos;
  }

  JsonNode bare(JsonKind kind) const {
    JsonNode node;
    node.kind = kind;
    node.span = place_;
    node.text = std::string(value_);
    return node;
  }

  std::optional<Error> parse(JsonNode& node) const {
    auto parsed = parse_json(std::string(origin), value_);
    const Error* error = nullptr;
    if (!parsed.ok()) {
      error = &parsed.errors().front();
    } else if (!parsed.value().errors.empty()) {
      error = &parsed.value().errors.front();
    }
    if (error) return fail(error->value, error->expected);
    node = std::move(parsed.value().root);
    relocate(node);
    return std::nullopt;
  }

  void relocate(JsonNode& node) const {
    node.span = place_;
    for (JsonNode& item : node.items) relocate(item);
    for (JsonMember& member : node.members) {
      member.key_span = place_;
      relocate(member.value);
    }
  }

  std::optional<Error> fail(std::string value, std::string expected,
                            std::string nearest = {}) const {
    return Error{
        std::string(origin), 0, 0, std::string(path_), std::move(value), std::move(expected),
        std::move(nearest)};
  }

  std::string_view path_;
  std::string_view value_;
  Span place_;
};

}  // namespace

std::optional<Error> set_by_path(JsonDocument& document, const FieldTable& root,
                                 std::string_view path, std::string_view value) {
  if (!is_utf8(path) || !is_utf8(value)) {
    return Error{std::string(origin), 0, 0, "", "a byte that is not UTF-8", "text in UTF-8", ""};
  }
  return Assignment(document, path, value).in_object(document.root, root, path);
}

std::optional<Error> set_by_path(JsonDocument& document, const FieldTable& root,
                                 std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    return Error{std::string(origin),
                 0,
                 0,
                 "",
                 '"' + clipped(assignment) + '"',
                 "PATH=VALUE such as policy.lag_breaker.open_above=3s",
                 ""};
  }
  return set_by_path(document, root, assignment.substr(0, equals), assignment.substr(equals + 1));
}

}  // namespace longhaul
