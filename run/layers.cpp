#include "run/layers.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <utility>

#include "run/field_text.h"

namespace longhaul {
namespace {

bool is_named_list(const ValueType& type) {
  if (type.kind != FieldKind::list) return false;
  const ValueType& element = *type.element();
  return element.kind == FieldKind::object && element.table().named;
}

void merge_named(std::vector<JsonNode>& base, std::vector<JsonNode> layer,
                 const FieldTable& table) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < base.size(); ++i) {
    if (const JsonNode* name = base[i].find("name")) places.emplace(name->text, i);
  }
  for (JsonNode& element : layer) {
    const JsonNode* name = element.find("name");
    const auto place = name ? places.find(name->text) : places.end();
    if (place == places.end()) {
      base.push_back(std::move(element));
    } else {
      merge_layer(base[place->second], std::move(element), table);
    }
  }
}

void merge_texts(JsonNode& base, JsonNode layer) {
  for (JsonMember& member : layer.members) {
    const auto same = [&](const JsonMember& old) { return old.key == member.key; };
    const auto old = std::find_if(base.members.begin(), base.members.end(), same);
    if (old == base.members.end()) {
      base.members.push_back(std::move(member));
    } else {
      *old = std::move(member);
    }
  }
  base.span = layer.span;
}

void merge_value(JsonNode& base, JsonNode layer, const ValueType& type) {
  const bool objects = base.kind == JsonKind::object && layer.kind == JsonKind::object;
  const bool lists = base.kind == JsonKind::list && layer.kind == JsonKind::list;
  if (objects && type.kind == FieldKind::object) {
    merge_layer(base, std::move(layer), type.table());
  } else if (objects && type.kind == FieldKind::text_lists) {
    merge_texts(base, std::move(layer));
  } else if (lists && is_named_list(type) && !layer.items.empty()) {
    base.span = layer.span;
    merge_named(base.items, std::move(layer.items), type.element()->table());
  } else {
    base = std::move(layer);
  }
}

class LayerReader {
 public:
  LayerReader(const FieldTable& root, const ReadText& read) : root_(root), read_(read) {}

  Result<JsonDocument> run(const std::string& path) {
    const std::string file = std::filesystem::path(path).lexically_normal().generic_string();
    auto text = read_(file);
    if (!text.ok()) return text.errors();
    auto node = layer(file, text.value());
    if (!node) return errors_;
    document_.root = std::move(*node);
    document_.errors = std::move(errors_);
    return std::move(document_);
  }

 private:
  // The node of a file with all that is below it; nothing when one of them cannot be read.
  std::optional<JsonNode> layer(const std::string& file, const std::string& text) {
    const auto number = static_cast<std::uint32_t>(document_.files.size());
    document_.files.push_back(file);
    auto parsed = parse_json(file, text, number);
    if (!parsed.ok()) {
      errors_.insert(errors_.end(), parsed.errors().begin(), parsed.errors().end());
      return std::nullopt;
    }
    errors_.insert(errors_.end(), parsed.value().errors.begin(), parsed.value().errors.end());
    JsonNode node = std::move(parsed.value().root);
    if (auto schema = take(node, "$schema"); schema && schema->kind != JsonKind::text) {
      fail(*schema, "$schema", "the address of a schema, in quotes");
    }
    const auto extends = take(node, "extends");
    if (!extends) return node;
    auto base = lower_layer(file, *extends);
    if (!base) return std::nullopt;
    if (base->kind != JsonKind::object) return node;
    merge_layer(*base, std::move(node), root_);
    return base;
  }

  std::optional<JsonNode> lower_layer(const std::string& file, const JsonNode& extends) {
    const auto refuse = [&](std::string expected) {
      fail(extends, "extends", std::move(expected));
      return std::nullopt;
    };
    if (extends.kind != JsonKind::text || extends.text.empty()) {
      return refuse("the path of one other file, in quotes");
    }
    const std::string lower = (std::filesystem::path(file).parent_path() / extends.text)
                                  .lexically_normal()
                                  .generic_string();
    const auto& files = document_.files;
    if (std::find(files.begin(), files.end(), lower) != files.end()) {
      return refuse("a file that is not one of those above it: " + chain());
    }
    if (files.size() == layers_max) {
      return refuse("at most " + std::to_string(layers_max) + " files over one another");
    }
    const auto text = read_(lower);
    if (!text.ok()) {
      return refuse("a file that can be read (" + text.errors().front().file + ": " +
                    text.errors().front().value + ")");
    }
    return layer(lower, text.value());
  }

  std::string chain() const {
    std::string text;
    for (const std::string& file : document_.files) text += (text.empty() ? "" : " -> ") + file;
    return text;
  }

  std::optional<JsonNode> take(JsonNode& node, std::string_view key) const {
    if (find_field(root_, key)) return std::nullopt;
    const auto is_key = [&](const JsonMember& member) { return member.key == key; };
    const auto found = std::find_if(node.members.begin(), node.members.end(), is_key);
    if (found == node.members.end()) return std::nullopt;
    JsonNode value = std::move(found->value);
    node.members.erase(std::remove_if(found, node.members.end(), is_key), node.members.end());
    return value;
  }

  void fail(const JsonNode& node, std::string path, std::string expected) {
    errors_.push_back({document_.files.at(node.span.file), static_cast<int>(node.span.line),
                       static_cast<int>(node.span.column), std::move(path), shown(node),
                       std::move(expected), ""});
  }

  const FieldTable& root_;
  const ReadText& read_;
  JsonDocument document_;
  std::vector<Error> errors_;
};

}  // namespace

Result<std::string> read_text_file(const std::string& path) {
  const auto refuse = [&](std::string why) {
    return Error{clipped(path, 200), 0, 0, "", std::move(why), "a file to read", ""};
  };
  if (path.empty() || path.find('\0') != std::string::npos) return refuse("not a path");
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return refuse("a directory");
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return refuse(errno != 0 ? std::strerror(errno) : "cannot be opened");
  // In pieces, so that an endless device is left at the limit.
  std::string text;
  std::string piece(std::size_t{1} << 16, '\0');
  while (stream.read(piece.data(), static_cast<std::streamsize>(piece.size())) ||
         stream.gcount() > 0) {
    text.append(piece, 0, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > json_bytes_max) return refuse("more than 16 MiB");
  }
  if (stream.bad()) return refuse("a read error");
  return text;
}

Result<JsonDocument> read_layers(const std::string& path, const FieldTable& root,
                                 const ReadText& read) {
  return LayerReader(root, read).run(path);
}

void merge_layer(JsonNode& base, JsonNode layer, const FieldTable& table) {
  if (base.kind != JsonKind::object || layer.kind != JsonKind::object) {
    base = std::move(layer);
    return;
  }
  for (const JsonMember& member : layer.members) {
    const Field* field = find_field(table, member.key);
    if (field) drop_rivals(base, table, *field, member.value.text);
  }
  for (JsonMember& member : layer.members) {
    const Field* field = find_field(table, member.key);
    const auto same = [&](const JsonMember& old) { return old.key == member.key; };
    const auto old = std::find_if(base.members.begin(), base.members.end(), same);
    if (old == base.members.end()) {
      base.members.push_back(std::move(member));
    } else if (!field) {
      *old = std::move(member);
    } else {
      old->key_span = member.key_span;
      merge_value(old->value, std::move(member.value), field->type);
    }
  }
  base.span = layer.span;
}

void drop_rivals(JsonNode& object, const FieldTable& table, const Field& chosen,
                 const std::string& value) {
  const auto is_rival = [&](const JsonMember& member) {
    const Field* field = find_field(table, member.key);
    if (!field || field->name == chosen.name) return false;
    if (!chosen.group.empty() && field->group == chosen.group) return true;
    if (field->when_field != chosen.name) return false;
    const std::vector<std::string> names = when_names(*field, table);
    return std::find(names.begin(), names.end(), value) == names.end();
  };
  object.members.erase(std::remove_if(object.members.begin(), object.members.end(), is_rival),
                       object.members.end());
}

}  // namespace longhaul
