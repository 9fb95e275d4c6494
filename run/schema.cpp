#include "run/schema.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "run/config_json.h"
#include "run/field_text.h"

namespace longhaul {
namespace {

using Json = nlohmann::ordered_json;

// Whether an object stands alone or patches one of the same kind in the file below.
enum class Form { whole, layer };

class SchemaWriter {
 public:
  explicit SchemaWriter(const FieldTable& root) : root_(root) {}

  Json write(bool layers) {
    Json schema;
    schema["$schema"] = "http://json-schema.org/draft-07/schema#";
    schema["title"] = root_.title;
    schema["type"] = "object";
    const Json whole = reference(root_, Form::whole);
    if (layers) {
      schema["if"]["required"] = {"extends"};
      schema["then"] = reference(root_, Form::layer);
      schema["else"] = whole;
    } else {
      schema["allOf"] = Json::array({whole});
    }
    schema["definitions"] = std::move(definitions_);
    return schema;
  }

 private:
  struct Definition {
    const FieldTable* table = nullptr;
    Form form = Form::whole;
    std::string name;
  };

  Json reference(const FieldTable& table, Form form) {
    for (const Definition& known : known_) {
      if (known.table == &table && known.form == form) return to(known.name);
    }
    std::string name(table.title);
    std::replace(name.begin(), name.end(), ' ', '_');
    if (form == Form::layer) name += "_layer";
    while (definitions_.contains(name)) name += "_";
    known_.push_back({&table, form, name});
    definitions_[name] = nullptr;  // keeps the place while the tables inside are written
    Json written = object(table, form);
    definitions_[name] = std::move(written);
    return to(name);
  }

  static Json to(const std::string& name) { return {{"$ref", "#/definitions/" + name}}; }

  Json object(const FieldTable& table, Form form) {
    Json schema;
    schema["type"] = "object";
    schema["additionalProperties"] = false;
    Json& properties = schema["properties"] = Json::object();
    if (&table == &root_) {
      properties["$schema"] = {{"type", "string"}};
      if (form == Form::layer) {
        properties["extends"] = {{"type", "string"},
                                 {"description", "The file that this one is laid over."}};
      }
    }
    Json required = Json::array();
    for (const Field& field : table.fields) {
      const std::string name(field.name);
      properties[name] = property(table, field, form);
      const bool is_key = form == Form::layer && table.named && name == "name" && &table != &root_;
      const bool always = form == Form::whole && field.is_required && field.when_field.empty();
      if (is_key || always) required.push_back(name);
    }
    if (!required.empty()) schema["required"] = std::move(required);
    Json rules = Json::array();
    add_variants(rules, table, form);
    add_groups(rules, table, form);
    if (!rules.empty()) schema["allOf"] = std::move(rules);
    return schema;
  }

  Json property(const FieldTable& table, const Field& field, Form form) {
    Json schema = value(field.type, field, form);
    if (schema.contains("$ref")) schema = {{"allOf", Json::array({schema})}};
    if (table.named && field.name == "name") {
      schema["pattern"] = "^[a-z0-9_.:-]+$";
      schema["maxLength"] = 100;
    }
    std::string description(field.doc);
    const auto append = [&](const std::string& sentence) {
      if (!sentence.empty()) description += (description.empty() ? "" : " ") + sentence;
    };
    append(unit_sentence(field));
    append(enum_sentences(field));
    const void* fallback = field.slot.get(table.defaults());
    const bool says_something = fallback && !is_container(field.type, fallback);
    if (says_something && !field.is_required) {
      schema["default"] = dump_value(field.type, fallback);
      if (!field.default_source.empty()) {
        append("Source of the default: " + std::string(field.default_source) + ".");
      }
    }
    if (!description.empty()) schema["description"] = description;
    return schema;
  }

  // Objects, whose fields have defaults of their own, and lists without elements.
  static bool is_container(const ValueType& type, const void* value) {
    return type.kind == FieldKind::object || dump_value(type, value).empty();
  }

  static std::string unit_sentence(const Field& field) {
    if (field.type.kind != FieldKind::quantity) return {};
    std::string sentence = expected_text(field.type, field) + ".";
    if (sentence[0] >= 'a' && sentence[0] <= 'z') sentence[0] = static_cast<char>(sentence[0] - 32);
    return sentence;
  }

  static std::string enum_sentences(const Field& field) {
    if (field.type.kind != FieldKind::enumeration) return {};
    const EnumNames& names = *field.type.names();
    std::string sentences;
    for (std::size_t i = 0; i < names.docs.size(); ++i) {
      sentences += (i > 0 ? " " : "") + std::string(names.names[i]) + ": ";
      sentences += names.docs[i];
    }
    return sentences;
  }

  Json value(const ValueType& type, const Field& field, Form form) {
    Json schema;
    switch (type.kind) {
      case FieldKind::boolean:
        return {{"type", "boolean"}};
      case FieldKind::integer: {
        const IntegerLimits limits = integer_limits(type, field);
        return {{"type", "integer"}, {"minimum", limits.min}, {"maximum", limits.max}};
      }
      case FieldKind::quantity:
        schema["type"] = "string";
        if (!type.text->pattern.empty()) schema["pattern"] = type.text->pattern;
        return schema;
      case FieldKind::text:
        return {{"type", "string"}};
      case FieldKind::enumeration:
        return {{"enum", enum_name_list(type)}};
      case FieldKind::object:
        return reference(type.table(), form);
      case FieldKind::list:
        return list(type, field, form);
      case FieldKind::text_lists:
        schema["type"] = "object";
        schema["additionalProperties"] = {{"type", "array"}, {"items", {{"type", "string"}}}};
        add_length(schema, field, form, "minProperties", "maxProperties");
        return schema;
    }
    return schema;
  }

  // Lists of named things are patched by the layer above; all others are replaced as a whole.
  Json list(const ValueType& type, const Field& field, Form form) {
    const ValueType& element = *type.element();
    const bool patched = element.kind == FieldKind::object && element.table().named;
    const Form elements = patched ? form : Form::whole;
    Json schema;
    schema["type"] = "array";
    schema["items"] = value(element, field, elements);
    add_length(schema, field, elements, "minItems", "maxItems");
    return schema;
  }

  static void add_length(Json& schema, const Field& field, Form form, const char* least,
                         const char* most) {
    if (form == Form::whole && field.items_min > 0) schema[least] = field.items_min;
    if (field.items_max != std::numeric_limits<std::size_t>::max()) schema[most] = field.items_max;
  }

  static bool same_variant(const Field& a, const Field& b) {
    return a.when_field == b.when_field && a.when_values == b.when_values;
  }

  // One rule for the fields that belong to the same values of the same enumeration.
  static void add_variants(Json& rules, const FieldTable& table, Form form) {
    for (std::size_t i = 0; i < table.fields.size(); ++i) {
      const Field& first = table.fields[i];
      if (first.when_field.empty()) continue;
      const auto same = [&](const Field& other) { return same_variant(first, other); };
      const auto here = table.fields.begin() + static_cast<std::ptrdiff_t>(i);
      if (std::any_of(table.fields.begin(), here, same)) continue;
      Json rule;
      rule["if"] = mismatch(table, first, form);
      Json required = Json::array();
      for (const Field& field : table.fields) {
        if (!same(field)) continue;
        rule["then"]["properties"][std::string(field.name)] = false;
        if (form == Form::whole && field.is_required) required.push_back(field.name);
      }
      if (!required.empty()) rule["else"]["required"] = std::move(required);
      rules.push_back(std::move(rule));
    }
  }

  // Holds for an object whose discriminator excludes the field. Absent, it has its default, or in a
  // layer what the file below says.
  static Json mismatch(const FieldTable& table, const Field& field, Form form) {
    const std::string key(field.when_field);
    Json schema;
    schema["properties"][key]["not"]["enum"] = when_names(field, table);
    if (form == Form::layer || applies(field, table, table.defaults())) schema["required"] = {key};
    return schema;
  }

  static void add_groups(Json& rules, const FieldTable& table, Form form) {
    std::vector<std::string_view> done;
    for (const Field& first : table.fields) {
      if (first.group.empty()) continue;
      if (std::find(done.begin(), done.end(), first.group) != done.end()) continue;
      done.push_back(first.group);
      add_group(rules, table, first.group, form);
    }
  }

  static void add_group(Json& rules, const FieldTable& table, std::string_view group, Form form) {
    Json one_of = Json::array();
    bool same = true;
    const Field* first = nullptr;
    for (const Field& field : table.fields) {
      if (field.group != group) continue;
      if (!first) first = &field;
      same = same && same_variant(*first, field);
      one_of.push_back({{"required", {field.name}}});
    }
    if (form == Form::layer || !same) {
      // None of them may be enough here, but two are always too many.
      Json none;
      none["not"]["anyOf"] = one_of;
      one_of.push_back(std::move(none));
      rules.push_back({{"oneOf", std::move(one_of)}});
    } else if (first->when_field.empty()) {
      rules.push_back({{"oneOf", std::move(one_of)}});
    } else {
      Json rule;
      rule["if"] = mismatch(table, *first, form);
      rule["else"]["oneOf"] = std::move(one_of);
      rules.push_back(std::move(rule));
    }
  }

  const FieldTable& root_;
  std::vector<Definition> known_;
  Json definitions_ = Json::object();
};

}  // namespace

nlohmann::ordered_json json_schema(const FieldTable& root, bool layers) {
  return SchemaWriter(root).write(layers);
}

}  // namespace longhaul
