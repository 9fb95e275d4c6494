#include "gui/model/design_edits.h"

#include <algorithm>
#include <vector>

#include "gui/model/field_place.h"
#include "run/catalogue.h"
#include "run/config_brief.h"
#include "run/json_edit.h"

namespace longhaul {
namespace {

// A step of the document that is taken back when something in it fails.
class EditStep {
 public:
  explicit EditStep(Document& document) : document_(document), before_(document.text()) {
    document_.begin_step();
  }
  EditStep(const EditStep&) = delete;
  EditStep& operator=(const EditStep&) = delete;
  ~EditStep() {
    if (answer_.error) document_.replace_text(before_);
    document_.end_step();
  }

  void set(const std::string& path, const std::string& json) {
    if (!answer_.error) answer_.error = document_.set(path, json);
  }
  void append(const std::string& list, const std::string& json) {
    if (!answer_.error) answer_.error = document_.append(list, json);
  }
  void remove(const std::string& path) {
    if (!answer_.error) answer_.error = document_.remove(path);
  }
  void fail(std::string path, std::string value, std::string expected) {
    Error error;
    error.path = std::move(path);
    error.value = std::move(value);
    error.expected = std::move(expected);
    answer_.error = std::move(error);
  }
  EditAnswer& answer() { return answer_; }

 private:
  Document& document_;
  std::string before_;
  EditAnswer answer_;
};

// "ap" of "aws:ap-northeast-1"; the whole code when that is taken, then with a number.
template <class Things>
std::string free_name(const Things& things, const std::string& prefix, const std::string& region) {
  const auto taken = [&](const std::string& name) {
    return std::any_of(things.begin(), things.end(),
                       [&](const auto& thing) { return thing.name == name; });
  };
  const std::string code = region.substr(region.find(':') + 1);
  const std::string brief = prefix + code.substr(0, code.find('-'));
  if (!taken(brief)) return brief;
  if (!taken(prefix + code)) return prefix + code;
  for (int i = 2;; ++i) {
    const std::string name = prefix + code + "-" + std::to_string(i);
    if (!taken(name)) return name;
  }
}

const NodeConfig* primary_of(const ScenarioConfig& config) {
  for (const NodeConfig& node : config.topology.nodes) {
    if (node.role == NodeRole::primary) return &node;
  }
  return nullptr;
}

void list_region(EditStep& step, const ScenarioConfig& config, const std::string& region) {
  const auto& regions = config.topology.regions;
  if (std::find(regions.begin(), regions.end(), region) == regions.end()) {
    step.append("topology.regions", json_quoted(region));
  }
}

// What is wrong with the text, as it would be loaded.
std::vector<Error> errors_of(const Document& document) {
  return Document::from_text(document.path(), document.text()).errors();
}

// Expectations that name what is not there any more.
std::size_t remove_expectations(EditStep& step, Document& document) {
  std::size_t removed = 0;
  for (int round = 0; round < 200 && !step.answer().error; ++round) {
    const std::vector<Error> errors = errors_of(document);
    const auto expectation = std::find_if(errors.begin(), errors.end(), [](const Error& error) {
      return error.path.starts_with("expect.");
    });
    if (expectation == errors.end()) break;
    std::string path = expectation->path;
    if (path.ends_with(']')) path.resize(path.rfind('['));
    step.remove(path);
    removed += 1;
  }
  return removed;
}

template <class Thing, class Table>
void append_changed(EditStep& step, const std::string& list, const Thing& thing,
                    const Table& table) {
  step.append(list, brief_json(table, &thing));
  step.answer().path = list + "." + thing.name;
}

}  // namespace

EditAnswer add_replica(Document& document, const std::string& region) {
  const ScenarioConfig config = document.scenario()->config;
  EditStep step(document);
  const NodeConfig* primary = primary_of(config);
  if (primary == nullptr) {
    step.fail("topology.nodes", "no primary", "a primary that a replica can follow");
    return step.answer();
  }
  list_region(step, config, region);
  NodeConfig made;
  made.name = free_name(config.topology.nodes, "db-", region);
  made.region = region;
  made.follows = primary->name;
  made.cpus = primary->cpus;
  made.max_connections = primary->max_connections;
  made.fsync = primary->fsync;
  append_changed(step, "topology.nodes", made, NodeConfig::fields());
  return step.answer();
}

EditAnswer add_app(Document& document, const std::string& region) {
  const ScenarioConfig config = document.scenario()->config;
  EditStep step(document);
  list_region(step, config, region);
  AppConfig made = config.topology.apps.empty() ? AppConfig{} : config.topology.apps.back();
  made.name = free_name(config.topology.apps, "app-", region);
  made.region = region;
  append_changed(step, "topology.apps", made, AppConfig::fields());
  return step.answer();
}

EditAnswer add_users(Document& document, const std::string& region) {
  const ScenarioConfig config = document.scenario()->config;
  EditStep step(document);
  PopulationConfig made = config.workload.back();
  made.name = free_name(config.workload, "", region);
  made.from = region;
  append_changed(step, "workload", made, PopulationConfig::fields());
  return step.answer();
}

EditAnswer connect_regions(Document& document, const std::string& a, const std::string& b) {
  const ScenarioConfig config = document.scenario()->config;
  EditStep step(document);
  const auto& links = config.topology.links;
  for (std::size_t i = 0; i < links.size(); ++i) {
    const auto& between = links[i].between;
    const bool has_a = std::find(between.begin(), between.end(), a) != between.end();
    const bool has_b = std::find(between.begin(), between.end(), b) != between.end();
    if (!has_a || !has_b) continue;
    step.answer().path = "topology.links[" + std::to_string(i) + "]";
    step.answer().note = "They have a link already.";
    return step.answer();
  }
  step.append("topology.links", "{\"between\": [" + json_quoted(a) + ", " + json_quoted(b) +
                                    "], \"bandwidth\": \"100Mbit/s\"}");
  step.answer().path = "topology.links[" + std::to_string(links.size()) + "]";
  return step.answer();
}

EditAnswer move_thing(Document& document, const std::string& path, const std::string& region) {
  const ScenarioConfig config = document.scenario()->config;
  EditStep step(document);
  const bool users = path.starts_with("workload.");
  if (!users) list_region(step, config, region);
  step.set(path + (users ? ".from" : ".region"), json_quoted(region));
  step.answer().path = path;
  return step.answer();
}

EditAnswer duplicate_thing(Document& document, const std::string& path) {
  const ScenarioConfig config = document.scenario()->config;
  EditStep step(document);
  const auto place = find_place(ScenarioConfig::fields(), &config, path);
  const std::size_t dot = path.rfind('.');
  if (!place || place->type->kind != FieldKind::object || place->field != nullptr ||
      !place->type->table().named || dot == std::string::npos) {
    step.fail(path, "this", "a thing with a name");
    return step.answer();
  }
  const std::string list = path.substr(0, dot);
  const std::string stem = path.substr(dot + 1);
  std::string name;
  for (int i = 2; name.empty(); ++i) {
    const std::string tried = stem + "-" + std::to_string(i);
    if (!find_place(ScenarioConfig::fields(), &config, list + "." + tried)) name = tried;
  }
  const std::string brief = brief_json(place->type->table(), place->value);
  JsonNode made = parse_json("", brief).value().root;
  made.find("name")->text = name;
  JsonNode* role = made.find("role");
  if (role != nullptr && role->text == "primary") {
    role->text = "replica";
    JsonNode follows;
    follows.kind = JsonKind::text;
    follows.text = stem;
    made.members.push_back({"follows", {}, std::move(follows)});
  }
  step.append(list, in_one_line(made));
  step.answer().path = list + "." + name;
  return step.answer();
}

EditAnswer make_primary(Document& document, const std::string& path) {
  const ScenarioConfig config = document.scenario()->config;
  EditStep step(document);
  const NodeConfig* old = primary_of(config);
  const std::string name = path.substr(path.rfind('.') + 1);
  step.answer().path = path;
  if (old == nullptr || config.topology.primaries != Primaries::one) {
    step.fail(path, "make primary", "a topology with one primary");
    return step.answer();
  }
  if (old->name == name) return step.answer();
  step.set(path + ".role", json_quoted("primary"));
  step.set("topology.nodes." + old->name + ".role", json_quoted("replica"));
  step.set("topology.nodes." + old->name + ".follows", json_quoted(name));
  for (const NodeConfig& node : config.topology.nodes) {
    if (node.name == name || node.follows != old->name) continue;
    step.set("topology.nodes." + node.name + ".follows", json_quoted(name));
  }
  return step.answer();
}

EditAnswer remove_thing(Document& document, const std::string& path) {
  const ScenarioConfig config = document.scenario()->config;
  EditStep step(document);
  const auto& nodes = config.topology.nodes;
  for (const NodeConfig& node : nodes) {
    if (path != "topology.nodes." + node.name) continue;
    for (const NodeConfig& other : nodes) {
      if (other.follows != node.name || !node.follows) continue;
      step.set("topology.nodes." + other.name + ".follows", json_quoted(*node.follows));
    }
  }
  const std::size_t wrong = errors_of(document).size();
  step.remove(path);
  if (wrong == 0) {
    const std::size_t count = remove_expectations(step, document);
    if (count > 0) {
      step.answer().note = "Also removed " + std::to_string(count) +
                           (count == 1 ? " expectation" : " expectations") + " about it.";
    }
  }
  step.answer().path = parent_path(path);
  return step.answer();
}

}  // namespace longhaul
