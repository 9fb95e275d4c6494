#include "run/json_edit.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "run/field_text.h"
#include "run/json_splice.h"
#include "run/layers.h"

namespace longhaul {
namespace {

std::string in_quotes(std::string_view text) { return nlohmann::json(text).dump(); }

bool same(const JsonNode& a, const JsonNode& b) {
  const auto same_member = [](const JsonMember& x, const JsonMember& y) {
    return x.key == y.key && same(x.value, y.value);
  };
  return a.kind == b.kind && a.text == b.text &&
         std::equal(a.members.begin(), a.members.end(), b.members.begin(), b.members.end(),
                    same_member) &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same);
}

TextRange range_of(const Span& span) { return {span.offset, span.offset + span.length}; }
TextRange range_of(const JsonMember& member) {
  return {member.key_span.offset, range_of(member.value.span).end};
}

bool is_named(const ValueType& element) {
  return element.kind == FieldKind::object && element.table().named;
}

bool begins_with(std::string_view rest, std::string_view segment) {
  if (!rest.starts_with(segment)) return false;
  rest.remove_prefix(segment.size());
  return rest.empty() || rest[0] == '.' || rest[0] == '[';
}

// The element that `rest` begins with, the longest of several; `by_index` as well as by name.
std::optional<std::size_t> element_at(const JsonNode& list, std::string_view rest, bool by_index,
                                      std::size_t& used) {
  std::optional<std::size_t> best;
  used = 0;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    std::string index = "[";
    index.append(std::to_string(i)).append("]");
    for (const std::string& segment : {element_segment(list.items[i], i), index}) {
      if (segment[0] == '[' && !by_index) continue;
      if (segment.size() <= used || !begins_with(rest, segment)) continue;
      best = i;
      used = segment.size();
    }
  }
  return best;
}

// Where a path ends in a tree: the value, and what it is a part of.
struct Found {
  JsonNode* container = nullptr;
  std::size_t index = 0;  // of the member or element
  const ValueType* type = nullptr;
  JsonNode* value() const {
    return container->kind == JsonKind::list ? &container->items[index]
                                             : &container->members[index].value;
  }
};

class Editor {
 public:
  Editor(std::string_view text, const FieldTable& root, std::string_view path,
         std::string_view json, const JsonNode* below)
      : text_(text), root_(root), path_(path), json_(json), below_(below) {}

  Result<std::string> set() {
    return run([&] { return in_object(tree_, below_, root_, path_); });
  }

  Result<std::string> append() {
    appends_ = true;
    return set();
  }

  Result<std::string> remove() {
    return run([&]() -> std::optional<Error> {
      auto found = find();
      if (!found) return found.errors().front();
      std::vector<Found> way = std::move(found).value();
      // An empty list of a layer would wipe out what is below.
      const Found& last = way.back();
      if (layer_ && way.size() > 1 && last.container->kind == JsonKind::list &&
          last.container->items.size() == 1 && is_named(*last.type)) {
        way.pop_back();
      }
      take_out(way.back());
      return std::nullopt;
    });
  }

  std::string value() {
    if (!parse_text()) return {};
    auto found = find();
    if (!found) return {};
    const Span& span = found.value().back().value()->span;
    return text_.substr(span.offset, span.length);
  }

 private:
  template <class Edit>
  Result<std::string> run(Edit edit) {
    if (!is_json(json_)) return *error_;
    // A list that was copied up from below is edited in a second round.
    do {
      again_ = false;
      if (!parse_text()) return *error_;
      if (auto error = edit()) return *error;
      auto result = parse_json("", text_);
      if (!result || !same(result.value().root, tree_)) {
        return fail("this edit", "one that leaves the rest of the text as it is");
      }
    } while (again_);
    drop_rivals_on_the_way();
    return std::move(text_);
  }

  bool parse_text() {
    auto document = parse_json("", text_);
    if (!document) {
      error_ = document.errors().front();
      return false;
    }
    tree_ = std::move(document.value().root);
    layer_ = tree_.find("extends") != nullptr && find_field(root_, "extends") == nullptr;
    return true;
  }

  // Comments around the value are left out: behind it they would swallow what follows.
  bool is_json(std::string_view json) {
    if (json.empty()) return true;
    auto document = parse_json("", json);
    const bool good = document.ok() && document.value().errors.empty();
    if (!good) {
      const Error& why =
          document.ok() ? document.value().errors.front() : document.errors().front();
      error_ = fail(why.value, why.expected);
      return false;
    }
    const Span& span = document.value().root.span;
    json_ = json.substr(span.offset, span.length);
    return true;
  }

  std::optional<Error> in_object(JsonNode& node, const JsonNode* below, const FieldTable& table,
                                 std::string_view rest) {
    if (node.kind != JsonKind::object) return fail(shown(node), object_text(table));
    const std::string key(rest.substr(0, rest.find_first_of(".[")));
    const Field* field = find_field(table, key);
    if (!field) {
      const UnknownKey wrong = unknown_key_text(key, table);
      return fail(wrong.value, wrong.expected, wrong.nearest);
    }
    const JsonNode* child_below = below ? below->find(key) : nullptr;
    rest.remove_prefix(key.size());
    if (JsonNode* child = node.find(key)) return in_value(*child, child_below, field->type, rest);
    auto made = new_value(field->type, child_below, rest);
    if (!made) return made.errors().front();
    return add_member(node, key, made.value());
  }

  std::optional<Error> in_value(JsonNode& node, const JsonNode* below, const ValueType& type,
                                std::string_view rest) {
    if (rest.empty()) {
      if (!appends_) return replace(node, json_);
      return node.kind == JsonKind::list ? add_element(node, json_) : fail(shown(node), "a list");
    }
    switch (type.kind) {
      case FieldKind::object:
        if (rest[0] != '.') return fail("[...]", "a key of " + std::string(type.table().title));
        return in_object(node, below, type.table(), rest.substr(1));
      case FieldKind::list:
        return in_list(node, below, *type.element(), rest);
      case FieldKind::text_lists:
        return in_text_lists(node, rest);
      default:
        return fail(std::string(rest), "nothing behind the name of a single value");
    }
  }

  std::optional<Error> in_list(JsonNode& node, const JsonNode* below, const ValueType& element,
                               std::string_view rest) {
    if (node.kind != JsonKind::list) return fail(shown(node), "a list [...]");
    const bool patches = layer_ && is_named(element);
    std::size_t used = 0;
    if (const auto index = element_at(node, rest, !patches, used)) {
      const std::string segment = element_segment(node.items[*index], *index);
      const JsonNode* item_below = nullptr;
      std::size_t ignored = 0;
      if (below && patches) {
        const auto there = element_at(*below, segment, false, ignored);
        if (there) item_below = &below->items[*there];
      }
      return in_value(node.items[*index], item_below, element, rest.substr(used));
    }
    if (!patches) return no_element(node, rest);
    auto made = new_patch(element, below, rest);
    if (!made) return made.errors().front();
    return add_element(node, made.value());
  }

  std::optional<Error> in_text_lists(JsonNode& node, std::string_view rest) {
    if (node.kind != JsonKind::object || rest[0] != '.') {
      return fail(shown(node), "an object {...} of lists of texts");
    }
    const std::string key(rest.substr(1));
    JsonNode* list = node.find(key);
    if (list && appends_) return in_value(*list, nullptr, ValueType{}, {});
    if (list) return replace(*list, texts());
    return add_member(node, key, texts());
  }

  // The text of a value that is not there yet, with what the rest of the path says in it.
  Result<std::string> new_value(const ValueType& type, const JsonNode* below,
                                std::string_view rest) {
    const bool list = type.kind == FieldKind::list;
    const bool copies = layer_ && list && !is_named(*type.element()) && below &&
                        !below->items.empty() && (appends_ || !rest.empty());
    if (copies) {
      again_ = true;
      return in_one_line(*below);
    }
    if (rest.empty()) return appends_ ? '[' + std::string(json_) + ']' : std::string(json_);
    if (list && layer_ && is_named(*type.element())) {
      auto patch = new_patch(*type.element(), below, rest);
      if (!patch) return patch;
      return '[' + patch.value() + ']';
    }
    if (list) return no_element(JsonNode{}, rest);
    if (type.kind == FieldKind::text_lists && rest[0] == '.') {
      return '{' + in_quotes(rest.substr(1)) + ": " + texts() + '}';
    }
    if (type.kind != FieldKind::object || rest[0] != '.') {
      return fail(std::string(rest), "nothing behind the name of a single value");
    }
    return new_member(type.table(), below, rest.substr(1));
  }

  // {"key": ...}; of a layer's patch the name comes first.
  Result<std::string> new_member(const FieldTable& table, const JsonNode* below,
                                 std::string_view rest, const std::string& before = {}) {
    const std::string key(rest.substr(0, rest.find_first_of(".[")));
    const Field* field = find_field(table, key);
    if (!field) {
      const UnknownKey wrong = unknown_key_text(key, table);
      return fail(wrong.value, wrong.expected, wrong.nearest);
    }
    auto value =
        new_value(field->type, below ? below->find(key) : nullptr, rest.substr(key.size()));
    if (!value) return value;
    return '{' + before + in_quotes(key) + ": " + value.value() + '}';
  }

  Result<std::string> new_patch(const ValueType& element, const JsonNode* below,
                                std::string_view rest) {
    std::size_t used = rest.find_first_of(".[", 1);
    const JsonNode* item = nullptr;
    if (below) {
      const auto index = element_at(*below, rest, false, used);
      if (!index) return no_element(*below, rest);
      item = &below->items[*index];
    }
    const std::string name(rest.substr(1, std::min(used, rest.size()) - 1));
    if (rest[0] != '.' || !is_name(name)) return no_element(JsonNode{}, rest);
    rest.remove_prefix(1 + name.size());
    if (rest.empty()) return std::string(json_);
    if (rest[0] != '.') return fail("[...]", "a key of " + std::string(element.table().title));
    return new_member(element.table(), item, rest.substr(1), "\"name\": " + in_quotes(name) + ", ");
  }

  std::optional<Error> replace(JsonNode& node, std::string_view json) {
    const TextRange range = range_of(node.span);
    text_.replace(range.begin, range.end - range.begin, json);
    return take_in(json, node);
  }

  // A list of texts may be given as the one text.
  std::string texts() const {
    const std::string json(json_);
    return appends_ || json.starts_with('"') ? '[' + json + ']' : json;
  }

  std::optional<Error> add_member(JsonNode& node, const std::string& key, const std::string& json) {
    const auto last =
        node.members.empty() ? std::nullopt : std::optional(range_of(node.members.back()));
    text_ = with_piece(text_, range_of(node.span), last, in_quotes(key) + ": " + json);
    return take_in(json, node.members.emplace_back(JsonMember{key, {}, {}}).value);
  }

  std::optional<Error> add_element(JsonNode& node, std::string_view json) {
    const auto last =
        node.items.empty() ? std::nullopt : std::optional(range_of(node.items.back().span));
    text_ = with_piece(text_, range_of(node.span), last, json);
    return take_in(json, node.items.emplace_back());
  }

  std::optional<Error> take_in(std::string_view json, JsonNode& node) {
    auto parsed = parse_json("", json);
    if (!parsed) return parsed.errors().front();
    node = std::move(parsed.value().root);
    return std::nullopt;
  }

  void take_out(const Found& found) {
    JsonNode& node = *found.container;
    const auto erase = [&](auto& parts, auto range) {
      const auto place = parts.begin() + static_cast<std::ptrdiff_t>(found.index);
      const auto before =
          found.index == 0 ? std::nullopt : std::optional<TextRange>(range(*(place - 1)));
      text_ = without_piece(text_, range_of(node.span), before, range(*place));
      parts.erase(place);
    };
    if (node.kind == JsonKind::list) {
      erase(node.items, [](const JsonNode& item) { return range_of(item.span); });
    } else {
      erase(node.members, [](const JsonMember& member) { return range_of(member); });
    }
  }

  // The parts that the path goes through, if the text has them all.
  Result<std::vector<Found>> find() {
    std::vector<Found> way;
    ValueType root;
    JsonNode* node = &tree_;
    const FieldTable* table = &root_;
    std::string dotted = "." + std::string(path_);
    std::string_view rest = dotted;
    for (const ValueType* type = &root; !rest.empty();) {
      Found next{node, 0, type};
      if (node->kind == JsonKind::list && type->kind == FieldKind::list) {
        next.type = type->element();
        std::size_t used = 0;
        const auto index = element_at(*node, rest, !(layer_ && is_named(*next.type)), used);
        if (!index) return no_element(*node, rest);
        next.index = *index;
        rest.remove_prefix(used);
      } else {
        const bool free = type->kind == FieldKind::text_lists;
        const std::string key(
            rest.substr(1, free ? std::string_view::npos : rest.find_first_of(".[", 1) - 1));
        const Field* field = table && !free ? find_field(*table, key) : nullptr;
        const auto is_key = [&](const JsonMember& member) { return member.key == key; };
        const auto member = std::find_if(node->members.begin(), node->members.end(), is_key);
        if (rest[0] != '.' || (!field && !free) || member == node->members.end()) {
          return fail('"' + clipped(key) + '"', "something that this file says");
        }
        next.index = static_cast<std::size_t>(member - node->members.begin());
        static const ValueType none;
        next.type = free ? &none : &field->type;
        rest.remove_prefix(1 + key.size());
      }
      way.push_back(next);
      node = next.value();
      type = next.type;
      table = type->kind == FieldKind::object ? &type->table() : nullptr;
    }
    return way;
  }

  // What cannot stand beside the value that was set goes, as it does for --set.
  void drop_rivals_on_the_way() {
    for (bool dropped = true; dropped && parse_text();) {
      dropped = false;
      const auto found = find();
      if (!found) return;
      const FieldTable* table = &root_;
      for (const Found& step : found.value()) {
        if (step.container->kind == JsonKind::object && table) {
          const JsonMember& member = step.container->members[step.index];
          JsonNode left = *step.container;
          if (const Field* field = find_field(*table, member.key)) {
            drop_rivals(left, *table, *field, member.value.text);
          }
          const auto& members = step.container->members;
          for (std::size_t i = 0; i < members.size() && !dropped; ++i) {
            if (left.find(members[i].key)) continue;
            take_out({step.container, i, nullptr});
            dropped = true;
          }
          if (dropped) break;
        }
        table = step.type->kind == FieldKind::object ? &step.type->table() : nullptr;
      }
    }
  }

  Error no_element(const JsonNode& list, std::string_view rest) const {
    std::vector<std::string> segments;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      const std::string segment = element_segment(list.items[i], i);
      segments.push_back(segment[0] == '.' ? segment.substr(1) : segment);
    }
    std::string word(rest.substr(rest[0] == '.' ? 1 : 0));
    word.resize(std::min(word.find_first_of(".[", 1), word.size()));
    return fail("no element \"" + clipped(word) + '"',
                segments.empty() ? "a list with elements" : "an element: " + any_of(segments),
                nearest_of(word, segments));
  }

  Error fail(std::string value, std::string expected, std::string nearest = {}) const {
    return Error{
        "", 0, 0, std::string(path_), std::move(value), std::move(expected), std::move(nearest)};
  }

  std::string text_;
  const FieldTable& root_;
  std::string_view path_;
  std::string_view json_;
  const JsonNode* below_;
  JsonNode tree_;
  bool layer_ = false;
  bool appends_ = false;
  bool again_ = false;
  std::optional<Error> error_;
};

}  // namespace

Result<std::string> with_value(std::string_view text, const FieldTable& root, std::string_view path,
                               std::string_view json, const JsonNode* below) {
  if (json.empty()) return Error{"", 0, 0, std::string(path), "nothing", "a value", ""};
  return Editor(text, root, path, json, below).set();
}

Result<std::string> with_element(std::string_view text, const FieldTable& root,
                                 std::string_view list, std::string_view json,
                                 const JsonNode* below) {
  if (json.empty()) return Error{"", 0, 0, std::string(list), "nothing", "a value", ""};
  return Editor(text, root, list, json, below).append();
}

Result<std::string> without(std::string_view text, const FieldTable& root, std::string_view path) {
  return Editor(text, root, path, {}, nullptr).remove();
}

std::string in_one_line(const JsonNode& node) {
  std::string text;
  switch (node.kind) {
    case JsonKind::text:
      return in_quotes(node.text);
    case JsonKind::list:
      for (const JsonNode& item : node.items)
        text += (text.empty() ? "" : ", ") + in_one_line(item);
      return '[' + text + ']';
    case JsonKind::object:
      for (const JsonMember& member : node.members) {
        text +=
            (text.empty() ? "" : ", ") + in_quotes(member.key) + ": " + in_one_line(member.value);
      }
      return '{' + text + '}';
    default:
      return node.text;
  }
}

std::string written_at(std::string_view text, const FieldTable& root, std::string_view path) {
  return Editor(text, root, path, {}, nullptr).value();
}

}  // namespace longhaul
