#include "run/manual.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "run/config_json.h"
#include "run/field_text.h"

namespace longhaul {
namespace {

constexpr std::size_t columns = 100;

struct Entry {
  std::string section;  // path of the object around it
  std::string path;
  std::string type;
  std::string fallback;  // as it would be written, or "required", "none"
  std::string bounds;
  std::string doc;
  std::string source;
  std::string condition;
  std::vector<std::string> choices;  // "replica: Follows another node."
};

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!text.empty()) text += between;
    text += part;
  }
  return text;
}

std::string type_text(const ValueType& type) {
  switch (type.kind) {
    case FieldKind::boolean:
      return "true or false";
    case FieldKind::integer:
      return "whole number";
    case FieldKind::quantity:
      return std::string(type.text->name);
    case FieldKind::text:
      return "text";
    case FieldKind::enumeration:
      return joined(enum_name_list(type), " | ");
    case FieldKind::object:
      return std::string(type.table().title);
    case FieldKind::list:
      return "list: " + type_text(*type.element());
    case FieldKind::text_lists:
      return "lists of texts by key";
  }
  return {};
}

// The table of what stands below a field, and how a path goes on there.
const FieldTable* table_below(const ValueType& type, std::string& path) {
  if (type.kind == FieldKind::object) return &type.table();
  if (type.kind != FieldKind::list) return nullptr;
  const ValueType& element = *type.element();
  const bool named = element.kind == FieldKind::object && element.table().named;
  path += named ? ".NAME" : "[N]";
  return table_below(element, path);
}

class Collector {
 public:
  explicit Collector(std::string_view under) : under_(under) {}

  void visit(const FieldTable& table, const std::string& path) {
    // A table may contain itself; the manual says it once.
    if (std::find(open_.begin(), open_.end(), &table) != open_.end()) return;
    open_.push_back(&table);
    for (const Field& field : table.fields) {
      std::string below = (path.empty() ? "" : path + ".") + std::string(field.name);
      if (is_wanted(below)) entries_.push_back(describe(table, field, path, below));
      if (const FieldTable* inner = table_below(field.type, below)) visit(*inner, below);
    }
    open_.pop_back();
  }

  std::vector<Entry> take() { return std::move(entries_); }

 private:
  bool is_wanted(std::string_view path) const {
    if (under_.empty()) return true;
    if (path.substr(0, under_.size()) != under_) return false;
    path = path.substr(under_.size());
    return path.empty() || path[0] == '.' || path[0] == '[';
  }

  static Entry describe(const FieldTable& table, const Field& field, const std::string& section,
                        const std::string& path) {
    Entry entry;
    entry.section = section;
    entry.path = path;
    entry.type = type_text(field.type);
    entry.fallback = fallback_text(table, field);
    entry.bounds = joined({bounds_text(field.type, field), items_text(field)}, ", ");
    entry.doc = field.doc;
    entry.source = field.default_source;
    entry.condition = condition_text(table, field);
    if (field.presets) {
      for (const NamedPreset& preset : field.presets()) {
        entry.choices.push_back(std::string(preset.name) + ": " + values_text(table, preset) +
                                " (" + std::string(preset.source) + ").");
      }
    }
    if (field.type.kind == FieldKind::enumeration) {
      const EnumNames& names = *field.type.names();
      for (std::size_t i = 0; i < names.docs.size(); ++i) {
        entry.choices.push_back(std::string(names.names[i]) + ": " + std::string(names.docs[i]));
      }
    }
    return entry;
  }

  // "open_above 1min, close_after 0": where a preset differs from the defaults.
  static std::string values_text(const FieldTable& table, const NamedPreset& preset) {
    const auto values = dump(table, preset.values).flatten();
    const auto defaults = dump(table, table.defaults()).flatten();
    std::vector<std::string> parts;
    for (const auto& [path, value] : values.items()) {
      if (defaults.contains(path) && defaults[path] == value) continue;
      std::string name = path.substr(1);
      std::replace(name.begin(), name.end(), '/', '.');
      parts.push_back(name + " " + (value.is_string() ? value.get<std::string>() : value.dump()));
    }
    return parts.empty() ? "the defaults" : joined(parts, ", ");
  }

  static std::string fallback_text(const FieldTable& table, const Field& field) {
    if (field.is_required) return "required";
    const void* value = field.slot.get(table.defaults());
    if (!value) return "none";
    if (field.type.kind == FieldKind::object) return {};
    const nlohmann::ordered_json written = dump_value(field.type, value);
    return written.empty() ? "none" : written.dump();
  }

  static std::string condition_text(const FieldTable& table, const Field& field) {
    std::vector<std::string> parts;
    if (!field.when_field.empty()) {
      parts.push_back("Only with " + std::string(field.when_field) + " " +
                      any_of(when_names(field, table)) + ".");
    }
    if (!field.group.empty()) {
      std::vector<std::string> names;
      for (const Field& other : table.fields) {
        if (other.group == field.group) names.emplace_back(other.name);
      }
      parts.push_back("Exactly one of " + any_of(names) + ".");
    }
    return joined(parts, " ");
  }

  std::string_view under_;
  std::vector<const FieldTable*> open_;
  std::vector<Entry> entries_;
};

std::vector<Entry> entries_of(const FieldTable& root, std::string_view under) {
  Collector collector(under);
  collector.visit(root, "");
  return collector.take();
}

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// Breaks at spaces; a word longer than a line stands alone.
std::string wrapped(std::string_view text, std::size_t first_indent, std::size_t indent) {
  std::string result(first_indent, ' ');
  std::size_t used = first_indent;
  bool line_begins = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    at = end + 1;
    if (!line_begins && used + 1 + width(word) > columns) {
      result += '\n' + std::string(indent, ' ');
      used = indent;
      line_begins = true;
    }
    if (!line_begins) result += ' ';
    used += width(word) + (line_begins ? 0 : 1);
    result += word;
    line_begins = false;
  }
  return result + '\n';
}

// Text in a cell of a Markdown table, where only the bar has a meaning.
std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

std::string code(std::string_view text) { return text.empty() ? "" : '`' + cell(text) + '`'; }

std::string default_text(const Entry& entry) {
  if (entry.fallback.empty() || entry.fallback == "required") return entry.fallback;
  return "default " + entry.fallback;
}

}  // namespace

std::string manual_text(const FieldTable& root, std::string_view under) {
  std::string text;
  for (const Entry& entry : entries_of(root, under)) {
    if (!text.empty()) text += '\n';
    const std::string facts = joined({entry.type, default_text(entry), entry.bounds}, ", ");
    text += wrapped(entry.path + "  " + facts, 0, 4);
    const std::string source =
        entry.source.empty() ? "" : "Source of the default: " + entry.source + ".";
    const std::string about = joined({entry.doc, entry.condition, source}, " ");
    if (!about.empty()) text += wrapped(about, 4, 4);
    for (const std::string& choice : entry.choices) text += wrapped(choice, 6, 8);
  }
  return text;
}

std::string manual_markdown(const FieldTable& root, std::string_view under) {
  std::vector<Entry> entries = entries_of(root, under);
  // What stands in one object stays together; the objects inside it follow.
  std::vector<std::string> sections;
  for (const Entry& entry : entries) {
    if (std::find(sections.begin(), sections.end(), entry.section) == sections.end()) {
      sections.push_back(entry.section);
    }
  }
  std::string text;
  for (const std::string& section : sections) {
    if (!text.empty()) text += '\n';
    text += "## " + (section.empty() ? std::string(root.title) : code(section)) + "\n\n";
    text += "| parameter | type | default | bounds | meaning |\n|---|---|---|---|---|\n";
    for (const Entry& entry : entries) {
      if (entry.section != section) continue;
      const std::string about =
          joined({entry.doc, entry.condition, joined(entry.choices, " "),
                  entry.source.empty() ? "" : "Source of the default: " + entry.source + "."},
                 " ");
      const bool words = entry.fallback == "required" || entry.fallback == "none";
      text += "| " + code(entry.path) + " | " + cell(entry.type) + " | " +
              (words ? entry.fallback : code(entry.fallback)) + " | " + cell(entry.bounds) + " | " +
              cell(about) + " |\n";
    }
  }
  return text;
}

}  // namespace longhaul
