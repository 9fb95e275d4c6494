#include "run/answers/knobs.h"

#include <algorithm>
#include <array>

namespace longhaul {
namespace {

// Not turned unless they are asked for: the run, its observers, its accidents, its bill.
constexpr std::array<std::string_view, 12> not_the_system{
    "format", "seeds",      "duration", "warmup", "canary", "canary_reads",
    "faults", "monitoring", "cost",     "sla",    "drill",  "expect"};

bool is_at_or_below(std::string_view path, std::string_view of) {
  return path.starts_with(of) &&
         (path.size() == of.size() || path[of.size()] == '.' || path[of.size()] == '[');
}

// The integer behind a number, if it is one.
std::optional<std::int64_t> raw_of(const ValueType& type, const void* value) {
  if (type.kind == FieldKind::integer) return type.integer_get(value);
  if (type.kind != FieldKind::quantity || !type.text->as_integer || !type.text->print_integer) {
    return std::nullopt;
  }
  return type.text->as_integer(value);
}

std::string text_of(const ValueType& type, std::int64_t raw) {
  return type.kind == FieldKind::integer ? std::to_string(raw) : type.text->print_integer(raw);
}

std::int64_t within_int64(Int128 value) {
  constexpr Int128 most = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(value, most));
}

class Walk {
 public:
  Walk(const std::vector<std::string>& under, std::int64_t factor_milli)
      : under_(under), factor_milli_(factor_milli) {}

  void object(const FieldTable& table, const void* object, const std::string& path) {
    const void* defaults = table.defaults ? table.defaults() : nullptr;
    for (const Field& field : table.fields) {
      const void* value = field.slot.get(object);
      if (!value || !is_in_use(table, field, object)) continue;
      const std::string at =
          path.empty() ? std::string(field.name) : path + "." + std::string(field.name);
      if (path.empty() && under_.empty() && is_left_out(at)) continue;
      const void* usual = defaults ? field.slot.get(defaults) : nullptr;
      any(field.type, value, at, &field, usual);
    }
  }

  std::vector<NumberKnob> knobs;

 private:
  static bool is_left_out(const std::string& name) {
    return std::find(not_the_system.begin(), not_the_system.end(), name) != not_the_system.end();
  }

  // Fields of another variant say nothing.
  static bool is_in_use(const FieldTable& table, const Field& field, const void* object) {
    if (field.when_field.empty()) return true;
    for (const Field& other : table.fields) {
      if (other.name != field.when_field) continue;
      const void* chosen = other.slot.get(object);
      if (!chosen || !other.type.names) return false;
      const std::string name = other.type.enum_print(chosen);
      const auto& names = other.type.names()->names;
      const auto at = std::find(names.begin(), names.end(), name) - names.begin();
      return (field.when_values >> static_cast<unsigned>(at) & 1) != 0;
    }
    return true;
  }

  void any(const ValueType& type, const void* value, const std::string& path, const Field* field,
           const void* usual) {
    if (type.kind == FieldKind::object) return object(type.table(), value, path);
    if (type.kind == FieldKind::list) return list(type, value, path);
    const std::optional<std::int64_t> raw = raw_of(type, value);
    if (!raw || *raw <= 0 || !is_asked_for(type, *raw, path, usual)) return;
    const std::int64_t least = field ? field->min : std::numeric_limits<std::int64_t>::min();
    const std::int64_t most = field ? field->max : std::numeric_limits<std::int64_t>::max();
    const std::int64_t low = std::max(least, div_floor(Int128{*raw} * 1'000, factor_milli_));
    const std::int64_t high = std::min(most, within_int64(Int128{*raw} * factor_milli_ / 1'000));
    NumberKnob knob{path, text_of(type, *raw), "", ""};
    if (low < *raw) knob.low = text_of(type, low);
    if (high > *raw) knob.high = text_of(type, high);
    if (!knob.low.empty() || !knob.high.empty()) knobs.push_back(std::move(knob));
  }

  void list(const ValueType& type, const void* value, const std::string& path) {
    const ValueType& element = *type.element();
    for (std::size_t i = 0; i < type.list.size(value); ++i) {
      const void* one = type.list.at(value, i);
      std::string segment = "[" + std::to_string(i) + "]";
      if (element.kind == FieldKind::object && element.table().named) {
        const void* name = element.table().fields.front().slot.get(one);
        if (name) segment = "." + *static_cast<const std::string*>(name);
      }
      any(element, one, path + segment, nullptr, nullptr);
    }
  }

  bool is_asked_for(const ValueType& type, std::int64_t raw, const std::string& path,
                    const void* usual) const {
    if (under_.empty()) return !usual || raw_of(type, usual) != raw;
    return std::any_of(under_.begin(), under_.end(),
                       [&](const std::string& of) { return is_at_or_below(path, of); });
  }

  const std::vector<std::string>& under_;
  std::int64_t factor_milli_;
};

}  // namespace

std::vector<NumberKnob> knobs_of(const ScenarioConfig& config,
                                 const std::vector<std::string>& under, std::int64_t factor_milli) {
  Walk walk(under, factor_milli);
  walk.object(ScenarioConfig::fields(), &config, "");
  return std::move(walk.knobs);
}

}  // namespace longhaul
