#include "run/config_json.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "run/field_text.h"

namespace longhaul {
namespace {

bool given(const JsonNode& object, const Field& field) {
  return object.find(field.name) != nullptr;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// 80 where "250ms" would be right: perhaps "80ms" is meant. The unit is the one that brings the
// number nearest to `usual` within the field's bounds; without a usual value it is that of the
// type's example. `scratch` is a value of the type and may be overwritten.
class QuantityGuess {
 public:
  QuantityGuess(const TextType& type, const Field& field, void* scratch)
      : type_(type), field_(field), scratch_(scratch) {
    if (type.as_integer) usual_ = type.as_integer(scratch);
  }

  std::string of(const std::string& number) {
    if (!type_.parse(number, scratch_)) return number;
    std::string best;
    std::int64_t best_value = 0;
    for (const std::string& unit : units()) {
      const std::string text = number + unit;
      if (type_.parse(text, scratch_)) continue;
      if (!type_.as_integer) return text;
      const std::int64_t value = type_.as_integer(scratch_);
      if (value < field_.min || value > field_.max) continue;
      if (!best.empty() && !is_nearer(value, best_value)) continue;
      best = text;
      best_value = value;
    }
    return best;
  }

 private:
  // The unit of the example first.
  std::vector<std::string> units() const {
    std::vector<std::string> result;
    const std::size_t quote = type_.expected.find('"');
    if (quote == std::string_view::npos) return result;
    std::string_view example = type_.expected.substr(quote + 1);
    example = example.substr(0, example.find('"'));
    const std::size_t unit = std::min(example.find_first_not_of("0123456789."), example.size());
    if (example.find_first_of("0123456789", unit) != std::string_view::npos) return result;
    result.emplace_back(example.substr(unit));
    std::string_view rest = type_.units;  // "s, ms or us"
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find_first_of(", "), rest.size());
      const std::string_view word = rest.substr(0, end);
      if (!word.empty() && word != "or") result.emplace_back(word);
      rest = rest.substr(std::min(end + 1, rest.size()));
    }
    return result;
  }

  // By the quotient with the usual value; without one the first stays.
  bool is_nearer(std::int64_t value, std::int64_t than) const {
    if (usual_ <= 0 || value <= 0 || than <= 0) return false;
    const auto [low, high] = std::minmax(value, usual_);
    const auto [other_low, other_high] = std::minmax(than, usual_);
    return static_cast<Int128>(high) * other_low < static_cast<Int128>(other_high) * low;
  }

  const TextType& type_;
  const Field& field_;
  void* scratch_;
  std::int64_t usual_ = 0;
};

class Loader {
 public:
  Loader(LoadContext& context, std::string path) : context_(context), path_(std::move(path)) {}

  void object(const JsonNode& node, const FieldTable& table, void* object) {
    if (node.kind != JsonKind::object) {
      return fail(node, object_text(table));
    }
    for (const bool presets : {true, false}) {  // which others overrule, wherever they stand
      for (const JsonMember& member : node.members) {
        const Scope scope(*this, member.key);
        const Field* field = find_field(table, member.key);
        if (presets != (field && field->presets)) continue;
        if (!field) {
          unknown_key(member, table);
        } else if (node.find(member.key) == &member.value) {  // a duplicate is an error already
          this->field(member.value, *field, object);
        }
      }
    }
    if (table.named) check_name(node);
    for (const Field& field : table.fields) check_presence(node, table, field, object);
    check_groups(node, table, object);
  }

 private:
  // Appends a segment to the path for as long as it lives.
  class Scope {
   public:
    Scope(Loader& loader, std::string_view key) : loader_(loader), size_(loader.path_.size()) {
      if (!loader_.path_.empty()) loader_.path_ += '.';
      loader_.path_ += clipped(key, 100);
    }
    Scope(Loader& loader, const JsonNode& element, std::size_t index)
        : loader_(loader), size_(loader.path_.size()) {
      loader_.path_ += element_segment(element, index);
    }
    ~Scope() { loader_.path_.resize(size_); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Loader& loader_;
    std::size_t size_;
  };

  void fail(const JsonNode& node, std::string expected, std::string nearest = {}) {
    context_.add(node.span, path_, shown(node), std::move(expected), std::move(nearest));
  }

  void unknown_key(const JsonMember& member, const FieldTable& table) {
    const UnknownKey wrong = unknown_key_text(member.key, table);
    context_.add(member.key_span, path_, wrong.value, wrong.expected, wrong.nearest);
  }

  void field(const JsonNode& node, const Field& field, void* object) {
    if (node.kind == JsonKind::null) {
      fail(node, expected_text(field.type, field) + ", or no such key");
      return;
    }
    value(node, field.type, field, field.slot.make(object));
  }

  void value(const JsonNode& node, const ValueType& type, const Field& field, void* slot) {
    switch (type.kind) {
      case FieldKind::boolean:
        return boolean(node, type, field, slot);
      case FieldKind::integer:
        return integer(node, type, field, slot);
      case FieldKind::quantity:
        return quantity(node, type, field, slot);
      case FieldKind::text:
        return text(node, type, field, slot);
      case FieldKind::enumeration:
        return enumeration(node, type, field, slot);
      case FieldKind::object:
        return object(node, type.table(), slot);
      case FieldKind::list:
        return list(node, type, field, slot);
      case FieldKind::text_lists:
        return text_lists(node, type, field, slot);
    }
  }

  void boolean(const JsonNode& node, const ValueType& type, const Field& field, void* slot) {
    if (node.kind != JsonKind::boolean) return fail(node, expected_text(type, field));
    *static_cast<bool*>(slot) = node.text == "true";
  }

  void integer(const JsonNode& node, const ValueType& type, const Field& field, void* slot) {
    if (node.kind != JsonKind::number) {
      const bool quoted = node.kind == JsonKind::text && whole_number(node.text);
      return fail(node, expected_text(type, field) + (quoted ? " without quotes" : ""));
    }
    const auto number = whole_number(node.text);
    const IntegerLimits limits = integer_limits(type, field);
    if (!number || *number < limits.min || *number > limits.max) {
      Field bounds = field;
      bounds.between(limits.min, limits.max);
      return fail(node, expected_text(type, bounds));
    }
    type.integer_set(slot, *number);
  }

  void quantity(const JsonNode& node, const ValueType& type, const Field& field, void* slot) {
    if (field.presets) return preset(node, type, field, slot);
    QuantityGuess guess(*type.text, field, slot);
    if (node.kind == JsonKind::number) {
      const bool bare = !type.text->parse("1", slot);
      return fail(node,
                  expected_text(type, field) + (bare ? "" : ", with its unit and") + " in quotes",
                  guess.of(node.text));
    }
    if (node.kind != JsonKind::text) return fail(node, expected_text(type, field));
    if (auto expected = type.text->parse(node.text, slot)) {
      if (whole_number(node.text)) {
        return fail(node, *expected, guess.of(node.text));
      }
      const Misread misread = misread_text(*type.text, node.text, *expected);
      return fail(node, misread.expected, misread.nearest);
    }
    if (!field.bounded || !type.text->as_integer) return;
    const std::int64_t raw = type.text->as_integer(slot);
    if (raw < field.min || raw > field.max) fail(node, expected_text(type, field));
  }

  void preset(const JsonNode& node, const ValueType& type, const Field& field, void* object) {
    if (node.kind != JsonKind::text) return fail(node, expected_text(type, field));
    const std::optional<std::string> expected = type.text->parse(node.text, object);
    if (!expected) return;
    std::vector<std::string> names;
    for (const NamedPreset& known : field.presets()) names.emplace_back(known.name);
    fail(node, *expected, nearest_of(node.text, names));
  }

  void text(const JsonNode& node, const ValueType& type, const Field& field, void* slot) {
    if (node.kind != JsonKind::text) return fail(node, expected_text(type, field));
    *static_cast<std::string*>(slot) = node.text;
  }

  void enumeration(const JsonNode& node, const ValueType& type, const Field& field, void* slot) {
    if (node.kind != JsonKind::text) return fail(node, expected_text(type, field));
    const std::vector<std::string> names = enum_name_list(type);
    const auto found = std::find(names.begin(), names.end(), node.text);
    if (found == names.end() && is_absent(type.names()->absent, node.text)) {
      return context_.add(node.span, path_, shown(node) + std::string(not_modelled),
                          expected_text(type, field));
    }
    if (found == names.end()) {
      return fail(node, expected_text(type, field), nearest_of(node.text, names));
    }
    type.enum_store(slot, static_cast<std::size_t>(found - names.begin()));
  }

  void list(const JsonNode& node, const ValueType& type, const Field& field, void* slot) {
    if (node.kind != JsonKind::list) return fail(node, expected_text(type, field));
    check_length(node, node.items.size(), field);
    const ValueType& element = *type.element();
    type.list.clear(slot);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Scope scope(*this, node.items[i], i);
      value(node.items[i], element, field, type.list.append(slot));
    }
    if (element.kind == FieldKind::object && element.table().named) {
      check_names_differ(node);
    }
  }

  void text_lists(const JsonNode& node, const ValueType& type, const Field& field, void* slot) {
    if (node.kind != JsonKind::object) return fail(node, expected_text(type, field));
    check_length(node, node.members.size(), field);
    auto& lists = *static_cast<TextLists*>(slot);
    lists.clear();
    for (const JsonMember& member : node.members) {
      const Scope scope(*this, member.key);
      if (member.value.kind != JsonKind::list) {
        fail(member.value, "a list [...] of texts in quotes");
        continue;
      }
      auto& [key, texts] = lists.emplace_back(member.key, std::vector<std::string>{});
      for (std::size_t i = 0; i < member.value.items.size(); ++i) {
        const JsonNode& item = member.value.items[i];
        const Scope item_scope(*this, item, i);
        if (item.kind != JsonKind::text) fail(item, "a text in quotes");
        texts.push_back(item.text);
      }
    }
  }

  void check_length(const JsonNode& node, std::size_t size, const Field& field) {
    if (size >= field.items_min && size <= field.items_max) return;
    context_.add(node.span, path_, std::to_string(size) + (size == 1 ? " element" : " elements"),
                 items_text(field));
  }

  void check_name(const JsonNode& node) {
    const JsonNode* name = node.find("name");
    if (!name || name->kind != JsonKind::text || is_name(name->text)) return;
    const Scope scope(*this, "name");
    fail(*name, "a name of a-z, 0-9 and _ . : - with at most 100 characters");
  }

  void check_names_differ(const JsonNode& list) {
    std::map<std::string_view, const JsonNode*> seen;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      const JsonNode* name = list.items[i].find("name");
      if (!name || name->kind != JsonKind::text) continue;
      const auto [first, is_new] = seen.emplace(name->text, name);
      if (is_new) continue;
      const Scope scope(*this, list.items[i], i);
      const Scope name_scope(*this, "name");
      fail(*name, "a name of its own (the first is in line " +
                      std::to_string(first->second->span.line) + ")");
    }
  }

  void check_presence(const JsonNode& node, const FieldTable& table, const Field& field,
                      const void* object) {
    const bool is_given = given(node, field);
    if (!is_given && !field.is_required) return;
    if (is_discriminator_wrong(node, table, field)) return;
    const bool belongs = applies(field, table, object);
    const Scope scope(*this, field.name);
    if (!is_given && belongs) {
      context_.add(node.span, path_, "missing", expected_text(field.type, field));
    } else if (is_given && !belongs) {
      other_variant(node, table, field, object);
    }
  }

  // A discriminator that is missing or unreadable says nothing about the fields beside it.
  bool is_discriminator_wrong(const JsonNode& node, const FieldTable& table, const Field& field) {
    if (field.when_field.empty()) return false;
    const JsonNode* written = node.find(field.when_field);
    if (!written) return find_field(table, field.when_field)->is_required;
    const std::vector<std::string> names =
        enum_name_list(find_field(table, field.when_field)->type);
    return std::find(names.begin(), names.end(), written->text) == names.end();
  }

  void other_variant(const JsonNode& node, const FieldTable& table, const Field& field,
                     const void* object) {
    const Field& discriminator = *find_field(table, field.when_field);
    const void* value = discriminator.slot.get(object);
    const std::string key = '"' + std::string(field.when_field) + '"';
    const std::string here = value ? '"' + discriminator.type.enum_print(value) + '"' : "absent";
    fail(*node.find(field.name), "no such key here: it belongs to " + key + ": " +
                                     any_of(when_names(field, table)) + ", and " + key + " is " +
                                     here);
  }

  void check_groups(const JsonNode& node, const FieldTable& table, const void* object) {
    std::vector<std::string_view> done;
    for (const Field& first : table.fields) {
      if (first.group.empty()) continue;
      if (std::find(done.begin(), done.end(), first.group) != done.end()) continue;
      done.push_back(first.group);
      check_group(node, table, first.group, object);
    }
  }

  void check_group(const JsonNode& node, const FieldTable& table, std::string_view group,
                   const void* object) {
    std::vector<std::string> possible;
    std::vector<const Field*> present;
    for (const Field& field : table.fields) {
      if (field.group != group) continue;
      if (is_discriminator_wrong(node, table, field) || !applies(field, table, object)) continue;
      possible.emplace_back(field.name);
      if (given(node, field)) present.push_back(&field);
    }
    const std::string expected = "exactly one of " + any_of(possible);
    if (present.empty() && !possible.empty()) {
      context_.add(node.span, path_, "none of them", expected);
    }
    for (std::size_t i = 1; i < present.size(); ++i) {
      const Scope scope(*this, present[i]->name);
      fail(*node.find(present[i]->name),
           expected + " (\"" + std::string(present[0]->name) + "\" is there too)");
    }
  }

  LoadContext& context_;
  std::string path_;
};

bool is_empty(const ValueType& type, const void* value) {
  switch (type.kind) {
    case FieldKind::text:
      return static_cast<const std::string*>(value)->empty();
    case FieldKind::list:
      return type.list.size(value) == 0;
    case FieldKind::text_lists:
      return static_cast<const TextLists*>(value)->empty();
    default:
      return false;
  }
}

bool is_left_out(const Field& field, const FieldTable& table, const void* object) {
  const void* value = field.slot.get(object);
  if (!value || !applies(field, table, object)) return true;
  // What is not optional but empty was not given when nobody could have given it like that: in a
  // group, where to be there is to be chosen, or in a list that needs elements.
  const bool needs_content = !field.group.empty() || field.items_min > 0;
  return needs_content && !field.optional && is_empty(field.type, value);
}

}  // namespace

bool load(const JsonNode& node, const FieldTable& table, void* object, LoadContext& context,
          std::string path) {
  const std::size_t before = context.count();
  Loader(context, std::move(path)).object(node, table, object);
  return context.count() == before;
}

nlohmann::ordered_json dump(const FieldTable& table, const void* object) {
  nlohmann::ordered_json result = nlohmann::ordered_json::object();
  for (const Field& field : table.fields) {
    if (is_left_out(field, table, object)) continue;
    result[std::string(field.name)] = dump_value(field.type, field.slot.get(object));
  }
  return result;
}

nlohmann::ordered_json dump_value(const ValueType& type, const void* value) {
  switch (type.kind) {
    case FieldKind::boolean:
      return *static_cast<const bool*>(value);
    case FieldKind::integer:
      return type.integer_get(value);
    case FieldKind::quantity:
      return type.text->print(value);
    case FieldKind::text:
      return *static_cast<const std::string*>(value);
    case FieldKind::enumeration:
      return type.enum_print(value);
    case FieldKind::object:
      return dump(type.table(), value);
    case FieldKind::list: {
      nlohmann::ordered_json items = nlohmann::ordered_json::array();
      for (std::size_t i = 0; i < type.list.size(value); ++i) {
        items.push_back(dump_value(*type.element(), type.list.at(value, i)));
      }
      return items;
    }
    case FieldKind::text_lists: {
      nlohmann::ordered_json object = nlohmann::ordered_json::object();
      for (const auto& [key, texts] : *static_cast<const TextLists*>(value)) object[key] = texts;
      return object;
    }
  }
  return nullptr;
}

}  // namespace longhaul
