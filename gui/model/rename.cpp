#include "gui/model/rename.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "gui/model/field_place.h"
#include "run/config_brief.h"
#include "run/json_texts.h"

namespace longhaul {
namespace {

enum class Thing : std::uint8_t {
  server,
  app,
  cache,
  member,
  controller,
  data,
  population,
  page,
  region,
  other,
};

// How a text has a name: it is one, or has it among other names and words, or is SQL.
enum class Has : std::uint8_t { name_alone, names, sql };

// A field whose text has the name of such a thing.
struct Reference {
  const FieldTable& (*table)();
  std::string_view field;
  Thing to;
  Has has = Has::name_alone;
};

constexpr Reference references[] = {
    {&NodeConfig::fields, "follows", Thing::server},
    {&ConnectConfig::fields, "hosts", Thing::server},
    {&StandbyClusterConfig::fields, "nodes", Thing::server},
    {&DataSetConfig::fields, "home", Thing::server},
    {&PopulationConfig::fields, "home", Thing::server},
    {&FaultConfig::fields, "node", Thing::server},
    {&DrillAction::fields, "node", Thing::server},
    {&DrillAction::fields, "checks", Thing::server},
    {&PostgresConfig::fields, "synchronous_standby_names", Thing::server, Has::names},
    {&FaultConfig::fields, "value", Thing::server, Has::names},
    {&DrillAction::fields, "command", Thing::server, Has::names},
    {&PopulationConfig::fields, "enters", Thing::app},
    {&FaultConfig::fields, "app", Thing::app},
    {&LeaseStoreConfig::fields, "leader", Thing::member},
    {&StandbyClusterConfig::fields, "lease_store", Thing::member},
    {&FaultConfig::fields, "member", Thing::member},
    {&CallConfig::fields, "read", Thing::data},
    {&CallConfig::fields, "locking_read", Thing::data},
    {&CallConfig::fields, "write", Thing::data},
    {&CallConfig::fields, "enqueue", Thing::data},
    {&CallConfig::fields, "data", Thing::data},
    {&CallConfig::fields, "sql", Thing::data, Has::sql},
    {&StatementConfig::fields, "read", Thing::data},
    {&StatementConfig::fields, "locking_read", Thing::data},
    {&StatementConfig::fields, "write", Thing::data},
    {&StatementConfig::fields, "data", Thing::data},
    {&StatementConfig::fields, "sql", Thing::data, Has::sql},
    {&FaultConfig::fields, "data", Thing::data},
    {&TopologyConfig::fields, "regions", Thing::region},
    {&NodeConfig::fields, "region", Thing::region},
    {&AppConfig::fields, "region", Thing::region},
    {&CacheConfig::fields, "region", Thing::region},
    {&StoreMemberConfig::fields, "region", Thing::region},
    {&ControllerConfig::fields, "region", Thing::region},
    {&ConnectConfig::fields, "region", Thing::region},
    {&OutboxConfig::fields, "broker", Thing::region},
    {&RolloutConfig::fields, "region", Thing::region},
    {&DnsConfig::fields, "resolver_region", Thing::region},
    {&PopulationConfig::fields, "from", Thing::region},
    {&LinkConfig::fields, "between", Thing::region},
    {&LinkConfig::fields, "from", Thing::region},
    {&LinkConfig::fields, "to", Thing::region},
    {&FaultConfig::fields, "region", Thing::region},
    {&FaultConfig::fields, "between", Thing::region},
    {&FaultConfig::fields, "from", Thing::region},
    {&FaultConfig::fields, "to", Thing::region},
    {&DrillSignals::fields, "region", Thing::region},
    {&DrillAction::fields, "from", Thing::region},
    {&DrillAction::fields, "reaches", Thing::region},
    {&DrillAction::fields, "asks", Thing::region},
};

struct LabelOf {
  std::string_view label;
  Thing thing;
};

constexpr LabelOf labels[] = {
    {"region", Thing::region},   {"from_region", Thing::region}, {"to_region", Thing::region},
    {"node", Thing::server},     {"replica", Thing::server},     {"served_by", Thing::server},
    {"served_by", Thing::cache}, {"cache", Thing::cache},        {"app", Thing::app},
    {"page", Thing::page},
};

Thing thing_of(const FieldPlace& place) {
  if (place.path.starts_with("topology.regions[")) return Thing::region;
  if (place.type->kind != FieldKind::object) return Thing::other;
  const FieldTable* table = &place.type->table();
  if (table == &NodeConfig::fields()) return Thing::server;
  if (table == &AppConfig::fields()) return Thing::app;
  if (table == &CacheConfig::fields()) return Thing::cache;
  if (table == &StoreMemberConfig::fields()) return Thing::member;
  if (table == &ControllerConfig::fields()) return Thing::controller;
  if (table == &DataSetConfig::fields()) return Thing::data;
  if (table == &PopulationConfig::fields()) return Thing::population;
  if (table == &PageConfig::fields()) return Thing::page;
  return Thing::other;
}

bool is_of_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// Whether the character at `at` goes on with the word that ends or begins beside it. A name may
// have "." and ":" within it, a sentence behind it; in SQL they part a table from its column.
bool goes_on(std::string_view text, std::size_t at, std::ptrdiff_t away, Has has) {
  if (at >= text.size()) return false;
  if (is_of_word(text[at])) return true;
  const std::size_t next = at + static_cast<std::size_t>(away);
  const bool joins = has == Has::names && (text[at] == '.' || text[at] == ':');
  return joins && next < text.size() && is_of_word(text[next]);
}

std::string with_word(const std::string& text, const std::string& old, const std::string& name,
                      Has has) {
  std::string changed;
  std::size_t from = 0;
  for (std::size_t at = text.find(old); at != text.npos; at = text.find(old, at + old.size())) {
    const std::size_t end = at + old.size();
    if (goes_on(text, at - 1, -1, has) || goes_on(text, end, 1, has)) continue;
    changed += text.substr(from, at - from) + name;
    from = end;
  }
  return changed + text.substr(from);
}

// "lag{replica:db-eu,stage:replay}" with what the labels of such a thing say.
std::string with_labels(const std::string& key, Thing thing, const std::string& old,
                        const std::string& name) {
  std::string changed;
  std::size_t at = 0;
  while (at < key.size()) {
    const std::size_t end = std::min(key.find_first_of("{,}", at), key.size());
    std::string part = key.substr(at, end - at);
    const std::size_t colon = part.find(':');
    const std::size_t begin = part.find_first_not_of(' ');
    if (colon != part.npos) {
      const std::string label = part.substr(begin, colon - begin);
      const bool names = std::any_of(std::begin(labels), std::end(labels), [&](const LabelOf& one) {
        return one.label == label && one.thing == thing;
      });
      if (names) {
        part = part.substr(0, colon + 1) + with_word(part.substr(colon + 1), old, name, Has::names);
      }
    }
    changed += part;
    if (end < key.size()) changed += key[end];
    at = end + 1;
  }
  return changed;
}

class Renaming {
 public:
  Renaming(const Document& document, const FieldPlace& place, const std::string& name)
      : thing_(thing_of(place)), path_(place.path), name_(name) {
    old_ =
        thing_ == Thing::region
            ? *static_cast<const std::string*>(place.value)
            : *static_cast<const std::string*>(place.type->table().fields[0].slot.get(place.value));
    // A label goes by the name that pages of several populations may have.
    if (thing_ == Thing::page) {
      std::size_t such = 0;
      for (const PopulationConfig& users : document.scenario()->config.workload) {
        for (const PageConfig& page : users.pages) such += page.name == old_ ? 1 : 0;
      }
      labels_too_ = such < 2;
    }
  }

  const std::string& old() const { return old_; }
  std::size_t followed() const { return followed_; }

  std::optional<std::string> operator()(const TextPlace& place) {
    const std::string text = changed(place);
    if (text == place.text) return std::nullopt;
    if (!is_itself(place)) followed_ += 1;
    return text;
  }

 private:
  bool is_itself(const TextPlace& place) const {
    return place.path == path_ || place.path == path_ + ".name";
  }

  std::string changed(const TextPlace& place) const {
    if (is_itself(place)) return name_;
    if (place.is_key) {
      return labels_too_ ? with_labels(place.text, thing_, old_, name_) : place.text;
    }
    for (const Reference& reference : references) {
      if (reference.to != thing_ || reference.field != place.field->name) continue;
      if (&reference.table() != place.table) continue;
      if (reference.has != Has::name_alone) {
        return with_word(place.text, old_, name_, reference.has);
      }
      return place.text == old_ ? name_ : place.text;
    }
    return place.text;
  }

  Thing thing_;
  std::string path_;
  std::string old_;
  std::string name_;
  bool labels_too_ = true;
  std::size_t followed_ = 0;
};

Error refusal(const std::string& path, const std::string& name, std::string expected) {
  Error error;
  error.path = path;
  error.value = "\"" + name + "\"";
  error.expected = std::move(expected);
  return error;
}

}  // namespace

EditAnswer rename_thing(Document& document, const std::string& path, const std::string& name) {
  const ScenarioConfig& config = document.scenario()->config;
  const auto place = find_place(ScenarioConfig::fields(), &config, path);
  const bool region = path.starts_with("topology.regions[");
  const std::string field = region ? path : path + ".name";
  const bool has_name = place && place->value != nullptr &&
                        (region || (place->type->kind == FieldKind::object &&
                                    place->field == nullptr && place->type->table().named));
  if (!has_name) return {refusal(path, name, "a thing with a name"), {}, {}};
  Renaming renaming(document, *place, name);
  if (renaming.old() == name) return {std::nullopt, path, {}};
  const Result<std::string> text = with_texts(document.text(), ScenarioConfig::fields(),
                                              [&](const TextPlace& at) { return renaming(at); });
  if (!text) return {text.errors().front(), {}, {}};

  const bool is_below =
      !region && document.below() != nullptr && node_at(*document.below(), path) != nullptr;
  if (text.value() == document.text() || is_below) {
    return {
        refusal(field, name, "a thing of this file; this one comes from the file that it extends"),
        {},
        {}};
  }
  const Document trial = Document::from_text(document.path(), text.value());
  if (trial.errors().size() > document.errors().size()) {
    // What the reader of scenarios says of it, which finds it in its list at its new name.
    const std::string list = path.substr(0, path.size() - renaming.old().size() - 1);
    const auto is_own = [&](const Error& error) {
      return error.path == field ||
             (!region && error.path.starts_with(list) && error.path.ends_with(".name") &&
              error.value == json_quoted(name));
    };
    const auto& errors = trial.errors();
    const auto own = std::find_if(errors.begin(), errors.end(), is_own);
    if (own != errors.end()) {
      Error error = *own;
      error.path = field;
      return {std::move(error), {}, {}};
    }
    const auto is_old = [&](const Error& error) {
      const auto& before = document.errors();
      return std::any_of(before.begin(), before.end(), [&](const Error& other) {
        return other.path == error.path && other.expected == error.expected;
      });
    };
    const auto made = std::find_if_not(errors.begin(), errors.end(), is_old);
    const Error& first = made != errors.end() ? *made : errors.front();
    return {refusal(field, name,
                    "a name that everything else can follow; " + first.path + " would expect " +
                        first.expected),
            {},
            {}};
  }
  document.replace_text(text.value());
  document.settle();
  const std::size_t stem = path.size() - renaming.old().size();
  const std::size_t count = renaming.followed();
  std::string note;
  if (count > 0) {
    note =
        "Renamed; " + std::to_string(count) +
        (count == 1 ? " place that names it has followed." : " places that name it have followed.");
  }
  return {std::nullopt, region ? path : path.substr(0, stem) + name, note};
}

}  // namespace longhaul
