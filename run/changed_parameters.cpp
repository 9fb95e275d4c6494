#include <map>
#include <nlohmann/json.hpp>

#include "run/config_json.h"
#include "run/diff.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

// An element of a list by the name it has, or by its position.
std::string segment(const json& element, std::size_t index) {
  if (element.is_object()) {
    const auto name = element.find("name");
    if (name != element.end() && name->is_string()) return "." + name->get<std::string>();
  }
  return "[" + std::to_string(index) + "]";
}

std::string value_text(const json& value) {
  return value.is_string() ? value.get<std::string>() : clipped(value.dump());
}

// The parts of an object or a list by their paths, in the order of the document.
std::vector<std::pair<std::string, const json*>> parts_of(const json& value) {
  std::vector<std::pair<std::string, const json*>> parts;
  if (value.is_object()) {
    for (const auto& [key, part] : value.items()) parts.emplace_back("." + key, &part);
  } else {
    for (std::size_t i = 0; i < value.size(); ++i) {
      parts.emplace_back(segment(value[i], i), &value[i]);
    }
  }
  return parts;
}

void compare(const std::string& path, const json& a, const json& b,
             std::vector<ChangedParameter>& changes) {
  if (a == b) return;
  if (!a.is_structured() || a.type() != b.type()) {
    changes.push_back({path, value_text(a), value_text(b)});
    return;
  }
  const auto parts_a = parts_of(a);
  const auto parts_b = parts_of(b);
  const std::map<std::string, const json*> find_a(parts_a.begin(), parts_a.end());
  const std::map<std::string, const json*> find_b(parts_b.begin(), parts_b.end());
  const std::size_t before = changes.size();
  const auto full = [&](const std::string& part) {
    return path.empty() ? part.substr(1) : path + part;
  };
  for (const auto& [part, value] : parts_a) {
    const auto other = find_b.find(part);
    if (other == find_b.end()) {
      changes.push_back({full(part), value_text(*value), ""});
    } else {
      compare(full(part), *value, *other->second, changes);
    }
  }
  for (const auto& [part, value] : parts_b) {
    if (!find_a.contains(part)) changes.push_back({full(part), "", value_text(*value)});
  }
  // The same parts in another order make another list.
  if (changes.size() == before && a.is_array()) {
    changes.push_back({path, value_text(a), value_text(b)});
  }
}

}  // namespace

std::vector<ChangedParameter> changed_parameters(const ScenarioConfig& a, const ScenarioConfig& b) {
  std::vector<ChangedParameter> changes;
  compare("", dump(ScenarioConfig::fields(), &a), dump(ScenarioConfig::fields(), &b), changes);
  return changes;
}

}  // namespace longhaul
