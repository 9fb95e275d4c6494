#include "run/config_brief.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "run/config_json.h"
#include "run/field_text.h"
#include "run/json_edit.h"

namespace longhaul {
namespace {

using Json = nlohmann::ordered_json;

Json brief_value(const ValueType& type, const void* value);

Json brief(const FieldTable& table, const void* object) {
  Json json = Json::object();
  for (const Field& field : table.fields) {
    const void* value = field.slot.get(object);
    if (value == nullptr || !applies(field, table, object)) continue;
    const void* usual = field.slot.get(table.defaults());
    Json written = brief_value(field.type, value);
    if (!field.is_required && usual != nullptr && written == brief_value(field.type, usual)) {
      continue;
    }
    json[std::string(field.name)] = std::move(written);
  }
  return json;
}

Json brief_value(const ValueType& type, const void* value) {
  if (type.kind == FieldKind::object) return brief(type.table(), value);
  if (type.kind != FieldKind::list) return dump_value(type, value);
  Json list = Json::array();
  for (std::size_t i = 0; i < type.list.size(value); ++i) {
    list.push_back(brief_value(*type.element(), type.list.at(value, i)));
  }
  return list;
}

}  // namespace

std::string brief_json(const FieldTable& table, const void* object) {
  return in_one_line(parse_json("", brief(table, object).dump()).value().root);
}

std::string json_quoted(std::string_view text) { return nlohmann::json(text).dump(); }

}  // namespace longhaul
