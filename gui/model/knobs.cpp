#include "gui/model/knobs.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "run/field_text.h"

namespace longhaul {
namespace {

constexpr std::int64_t range = 1000;  // of a slider, down and up

struct Found {
  const Field* field = nullptr;
  const FieldTable* table = nullptr;
  const void* owner = nullptr;
  const void* value = nullptr;
};

// Walks tables and lists along a path with names where elements have one, else indices.
Found find_value(const FieldTable& root, const void* object, std::string_view path) {
  const FieldTable* table = &root;
  Found found;
  const ValueType* list = nullptr;
  const void* elements = nullptr;
  while (!path.empty()) {
    const std::size_t end = path.find_first_of(".[", path[0] == '[' ? 1 : 0);
    std::string_view word = path.substr(0, end);
    path = end == path.npos ? "" : path.substr(path[end] == '.' ? end + 1 : end);
    if (list != nullptr) {
      const ValueType& element = *list->element();
      const std::size_t size = list->list.size(elements);
      std::size_t place = size;
      if (word.starts_with('[')) {
        place = static_cast<std::size_t>(std::atoll(std::string(word.substr(1)).c_str()));
      } else if (element.kind == FieldKind::object && element.table().named) {
        for (std::size_t i = 0; i < size; ++i) {
          const void* name = element.table().fields.front().slot.get(list->list.at(elements, i));
          if (name != nullptr && *static_cast<const std::string*>(name) == word) place = i;
        }
      }
      if (place >= size || element.kind != FieldKind::object) return {};
      object = list->list.at(elements, place);
      table = &element.table();
      list = nullptr;
      continue;
    }
    if (table == nullptr) return {};
    const Field* field = find_field(*table, word);
    if (field == nullptr || object == nullptr) return {};
    found = {field, table, object, field->slot.get(object)};
    object = found.value;
    table = field->type.kind == FieldKind::object ? &field->type.table() : nullptr;
    if (field->type.kind == FieldKind::list) {
      list = &field->type;
      elements = found.value;
      if (elements == nullptr) return {};
    }
  }
  return list == nullptr ? found : Found{};
}

std::string title_of(std::string_view path) {
  if (path == "policy.lag_breaker.open_above") return "Breaker opens above";
  if (path == "policy.lag_breaker.close_below") return "Breaker closes below";
  if (path == "policy.freshness.rule") return "Own writes are seen by";
  if (path == "policy.freshness.wait") return "Longest wait for a replica";
  if (path == "policy.freshness.pin") return "Pinned to the primary for";
  if (path == "postgres.synchronous_commit") return "synchronous_commit";
  if (path == "postgres.synchronous_standby_names") return "synchronous_standby_names";
  return std::string(path);
}

// Units that values of a type are rounded in, the largest first.
std::vector<std::int64_t> units_of(std::string_view type) {
  if (type == "rate") return {8'640'000, 1'440'000, 24'000, 1'000};  // 0.1/s, 1/min, 1/h, 1/day
  if (type == "data rate") return {125'000, 125, 1};
  if (type == "size") return {1 << 20, 1 << 10, 1};
  return {1};
}

std::int64_t rounded_value(const Knob& knob, double value) {
  std::int64_t unit = 1;
  if (knob.field->type.text != nullptr) {
    for (const std::int64_t candidate : units_of(knob.field->type.text->name)) {
      unit = candidate;
      if (value >= 10.0 * static_cast<double>(candidate)) break;
    }
  }
  double count = value / static_cast<double>(unit);
  double step = 1;
  while (count / step >= 100) step *= 10;
  count = std::round(count / step) * step;
  return static_cast<std::int64_t>(count) * unit;
}

// Where the logarithmic part begins.
std::int64_t first_of(const Knob& knob) {
  return knob.least > 0 ? knob.least : std::max<std::int64_t>(1, knob.most / (range * range));
}

// Whether a read has anywhere to go but a primary: else no breaker opens and no write is waited
// for.
bool reads_elsewhere(const ScenarioConfig& config) {
  if (!config.policy.router.use_replica_reads) return false;
  const auto& nodes = config.topology.nodes;
  const bool all = config.topology.primaries == Primaries::active_active && nodes.size() > 1;
  return all || std::any_of(nodes.begin(), nodes.end(),
                            [](const NodeConfig& node) { return node.role != NodeRole::primary; });
}

// Whether something lies between regions that has the bandwidth of no link of its own.
bool has_other_links(const ScenarioConfig& config) {
  std::vector<std::string> places = config.topology.regions;
  for (const PopulationConfig& users : config.workload) places.push_back(users.from);
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  std::size_t own = 0;
  for (const LinkConfig& link : config.topology.links) {
    if (link.bandwidth) own += link.between.size() == 2 ? 2 : 1;
  }
  return places.size() * (places.size() - 1) > own;
}

// The first hundredth of the way is zero's, if it has one.
constexpr double zero_share = 0.01;

}  // namespace

Knob knob_at(const ScenarioConfig& config, std::string_view path) {
  Knob knob;
  const Found found = find_value(ScenarioConfig::fields(), &config, path);
  if (found.value == nullptr) return knob;
  const ValueType& type = found.field->type;
  knob.path = path;
  knob.title = title_of(path);
  knob.about = found.field->doc;
  if (type.kind == FieldKind::enumeration) {
    knob.field = found.field;
    knob.choices = enum_name_list(type);
    knob.choice = type.enum_print(found.value);
    return knob;
  }
  if (type.kind == FieldKind::integer) {
    knob.value = type.integer_get(found.value);
  } else if (type.kind == FieldKind::quantity && type.text->as_integer != nullptr) {
    knob.value = type.text->as_integer(found.value);
  } else {
    return knob;
  }
  knob.field = found.field;
  std::int64_t anchor = knob.value;
  if (anchor <= 0) {
    const void* usual =
        found.table->defaults == nullptr ? nullptr : found.field->slot.get(found.table->defaults());
    if (usual != nullptr) {
      anchor =
          type.kind == FieldKind::integer ? type.integer_get(usual) : type.text->as_integer(usual);
    }
    if (anchor <= 0) anchor = type.kind == FieldKind::integer ? 10 : 1'000'000'000;
  }
  knob.least = std::max(found.field->min, anchor / range);
  if (found.field->min <= 0) knob.least = std::max<std::int64_t>(found.field->min, 0);
  const Int128 up = static_cast<Int128>(anchor) * range;
  knob.most = up > found.field->max ? found.field->max : static_cast<std::int64_t>(up);
  knob.least = std::min(knob.least, knob.value);
  knob.most = std::max(knob.most, knob.value);
  return knob;
}

std::vector<Knob> knobs_of(const ScenarioConfig& config) {
  std::vector<Knob> knobs;
  const auto add = [&](const std::string& path, std::string title = "") {
    Knob knob = knob_at(config, path);
    if (knob.field == nullptr) return;
    if (!title.empty()) knob.title = std::move(title);
    knobs.push_back(std::move(knob));
  };
  const bool elsewhere = reads_elsewhere(config);
  if (elsewhere && config.policy.lag_breaker.enabled) {
    add("policy.lag_breaker.open_above");
    add("policy.lag_breaker.close_below");
  }
  const FreshnessRule rule = config.policy.freshness.rule;
  if (elsewhere) add("policy.freshness.rule");
  if (elsewhere && rule == FreshnessRule::lsn_token) add("policy.freshness.wait");
  if (elsewhere && rule == FreshnessRule::pin_after_write) add("policy.freshness.pin");
  add("postgres.synchronous_commit");
  for (const PopulationConfig& users : config.workload) {
    add("workload." + users.name + ".rate", "Pages of users " + users.name);
  }
  for (std::size_t i = 0; i < config.topology.links.size(); ++i) {
    const LinkConfig& link = config.topology.links[i];
    const std::string ends = link.between.size() == 2
                                 ? link.between[0] + " - " + link.between[1]
                                 : link.from.value_or("") + " > " + link.to.value_or("");
    add("topology.links[" + std::to_string(i) + "].bandwidth", "Bandwidth " + ends);
  }
  if (has_other_links(config)) add("network.bandwidth", "Bandwidth of other links");
  return knobs;
}

double position_of(const Knob& knob, std::int64_t value) {
  if (knob.most <= knob.least || value <= knob.least) return 0;
  if (value >= knob.most) return 1;
  const std::int64_t first = first_of(knob);
  const double low = std::log(static_cast<double>(first));
  const double high = std::log(static_cast<double>(knob.most));
  const double share =
      high > low ? (std::log(static_cast<double>(std::max(first, value))) - low) / (high - low) : 0;
  if (knob.least >= first) return share;
  return zero_share + share * (1 - zero_share);
}

std::int64_t value_at(const Knob& knob, double position) {
  if (position <= 0) return knob.least;
  if (position >= 1) return knob.most;
  const std::int64_t first = first_of(knob);
  double share = position;
  if (knob.least < first) {
    if (position < zero_share / 2) return knob.least;
    share = std::max(0.0, (position - zero_share) / (1 - zero_share));
  }
  const double low = std::log(static_cast<double>(first));
  const double high = std::log(static_cast<double>(knob.most));
  const std::int64_t value = rounded_value(knob, std::exp(low + share * (high - low)));
  return std::clamp(value, knob.least, knob.most);
}

std::int64_t in_few_digits(const Knob& knob, std::int64_t value) {
  const std::int64_t rounded = rounded_value(knob, static_cast<double>(value));
  return std::clamp(rounded, std::min(knob.least, value), std::max(knob.most, value));
}

std::string value_text(const Knob& knob, std::int64_t value) {
  const ValueType& type = knob.field->type;
  return type.kind == FieldKind::quantity ? type.text->print_integer(value) : std::to_string(value);
}

std::string value_json(const Knob& knob, std::int64_t value) {
  const std::string text = value_text(knob, value);
  return knob.field->type.kind == FieldKind::quantity ? "\"" + text + "\"" : text;
}

std::optional<std::int64_t> parse_value(const Knob& knob, std::string_view text) {
  const ValueType& type = knob.field->type;
  std::int64_t value = 0;
  if (type.kind == FieldKind::integer) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  } else {
    // All quantities are one integer.
    std::int64_t room[4] = {};
    if (type.text->parse(text, room)) return std::nullopt;
    value = type.text->as_integer(room);
  }
  if (knob.field->bounded && (value < knob.field->min || value > knob.field->max)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace longhaul
