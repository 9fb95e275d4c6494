// The palette of faults: whatever it offers makes a sound scenario.
#include "gui/model/fault_palette.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "gui/model/document.h"
#include "run/field_text.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

const std::string scenarios = std::string(LONGHAUL_ROOT) + "/scenarios/";
const std::string flagship = scenarios + "patterns/three_regions_read_replicas.json";

Document opened(const std::string& path) {
  Result<Document> document = Document::open(path);
  REQUIRE(document);
  return std::move(document).value();
}

// Behind all that the scenario has, where a backup of it has been taken.
TimePoint late_in(const ScenarioConfig& config) {
  return TimePoint{} + config.duration - milliseconds(500);
}

Document with_fault(const Document& document, const FaultChoice& choice, const FaultTarget& target,
                    const FaultValues& values) {
  Document trial = document;
  const TimePoint at = late_in(document.scenario()->config);
  const std::string json = fault_json(choice, target, at, milliseconds(200), values);
  INFO(json);
  REQUIRE(!trial.append("faults", json));
  return trial;
}

// One that the field's type reads.
std::string example_of(const FaultParameter& parameter, const ScenarioConfig& config) {
  const Field& field = *parameter.field;
  if (!parameter.usual.empty()) return parameter.usual;
  if (!parameter.names.empty()) return parameter.names.front();
  if (field.name == "value") {
    for (const NodeConfig& node : config.topology.nodes) {
      if (node.role == NodeRole::replica && !node.follows->empty()) return "ANY 1 (*)";
    }
    return "";
  }
  switch (field.type.kind) {
    case FieldKind::boolean:
      return "false";
    case FieldKind::enumeration:
      return enum_name_list(field.type).back();
    case FieldKind::integer:
      return "0";
    case FieldKind::quantity:
      return field.type.text->print_integer(field.min > 0 ? field.min : 1'000'000);
    default:
      return "note";
  }
}

}  // namespace

TEST_CASE("faults: every kind of the palette makes a sound scenario", "[gui][faults]") {
  std::set<std::string> kinds;
  std::string refused;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scenarios)) {
    if (entry.path().extension() != ".json") continue;
    const Result<Document> read = Document::open(entry.path().string());
    if (!read) continue;
    const Document& document = read.value();
    const ScenarioConfig& config = document.scenario()->config;
    for (const FaultChoice& choice : fault_choices(config)) {
      for (const FaultTarget& target : choice.targets) {
        const Document trial = with_fault(document, choice, target, usual_values(choice));
        if (!trial.sound()) {
          refused += entry.path().filename().string() + ": " + choice.name + " " + target.text +
                     ": " + to_text(trial.errors().front()) + "\n";
          continue;
        }
        kinds.insert(choice.name);
        const FaultConfig& fault = trial.scenario()->config.faults.back();
        REQUIRE(fault.kind == choice.kind);
        REQUIRE(fault.at == late_in(config) - TimePoint{});
        REQUIRE(fault.lasts.has_value() == choice.has_length);
      }
    }
  }
  INFO(refused);
  CHECK(refused.empty());
  for (const std::string_view name : enum_names<FaultKind>().names) {
    INFO(name);
    CHECK(kinds.count(std::string(name)) == 1);
  }
}

TEST_CASE("faults: every parameter that a form asks for can be given", "[gui][faults]") {
  std::set<std::string_view> given;
  for (const char* name :
       {"patterns/three_regions_read_replicas.json", "limits/patroni_region_isolated.json",
        "limits/switchover_under_load.json"}) {
    const Document document = opened(scenarios + name);
    const ScenarioConfig& config = document.scenario()->config;
    for (const FaultChoice& choice : fault_choices(config)) {
      for (const FaultParameter& parameter : choice.parameters) {
        FaultValues values = usual_values(choice);
        const std::string field(parameter.field->name);
        values[field] = example_of(parameter, config);
        const Document trial = with_fault(document, choice, choice.targets.front(), values);
        INFO(name << " " << choice.name << " " << field << " = " << values[field]);
        CAPTURE(trial.sound() ? std::string() : to_text(trial.errors().front()));
        CHECK(trial.sound());
        if (!trial.sound()) continue;
        const FaultConfig& fault = trial.scenario()->config.faults.back();
        CHECK(parameter.field->slot.get(&fault) != nullptr);
        given.insert(parameter.field->name);
      }
    }
  }
  // Whatever a kind takes that names no thing.
  for (const char* field :
       {"speed", "by", "drift", "rate", "checkpoint", "compressed_to", "instance", "every", "share",
        "adds", "drops", "others_follow", "stops_after", "value", "region", "pause_poolers"}) {
    INFO(field);
    CHECK(given.count(field) == 1);
  }
}

TEST_CASE("faults: what is typed is what stands in the scenario", "[gui][faults]") {
  const Document document = opened(flagship);
  const std::vector<FaultChoice> choices = fault_choices(document.scenario()->config);
  const auto of = [&](const char* name) {
    const auto found = std::find_if(choices.begin(), choices.end(),
                                    [&](const FaultChoice& one) { return one.name == name; });
    REQUIRE(found != choices.end());
    return *found;
  };
  const FaultChoice slow = of("slow_replay");
  CHECK(usual_values(slow).at("speed") == "10%");
  const Document slowed = with_fault(document, slow, slow.targets[0], {{"speed", "35%"}});
  REQUIRE(slowed.sound());
  CHECK(slowed.scenario()->config.faults.back().speed == percent(35));
  // Nonsense is the loader's to refuse, and nothing required is left out in silence.
  CHECK_FALSE(with_fault(document, slow, slow.targets[0], {{"speed", "fast"}}).sound());
  CHECK_FALSE(with_fault(document, slow, slow.targets[0], {}).sound());
  const FaultChoice crash = of("app_crash");
  const Document second = with_fault(document, crash, crash.targets[0], {{"instance", "1"}});
  REQUIRE(second.sound());
  CHECK(second.scenario()->config.faults.back().instance == 1);
  // One way of a link.
  const FaultChoice cut = of("cut_link");
  const auto one_way =
      std::find_if(cut.targets.begin(), cut.targets.end(), [](const FaultTarget& target) {
        return target.text == "from aws:eu-west-1 to aws:us-east-1";
      });
  REQUIRE(one_way != cut.targets.end());
  const Document half = with_fault(document, cut, *one_way, {});
  REQUIRE(half.sound());
  CHECK(half.scenario()->config.faults.back().from == "aws:eu-west-1");
  CHECK_FALSE(half.scenario()->config.faults.back().between);
}

TEST_CASE("faults: what a scenario has nothing for is not offered", "[gui]") {
  const Document document = opened(flagship);  // no manager, no lease store
  for (const FaultChoice& choice : fault_choices(document.scenario()->config)) {
    REQUIRE(choice.name != "switchover");
    REQUIRE(choice.name != "lease_store_down");
    if (choice.name != "promote") continue;
    REQUIRE(choice.targets.size() == 2);
    REQUIRE(choice.targets[0].text == "db-eu");
    REQUIRE(choice.targets[1].text == "db-ap");
  }
}

TEST_CASE("faults: a server that is gone is offered last, and as gone", "[gui][faults]") {
  const Document document = opened(flagship);
  std::vector<FaultChoice> choices = fault_choices(document.scenario()->config);
  const auto choice = [&](FaultKind kind) -> const FaultChoice& {
    return *std::find_if(choices.begin(), choices.end(),
                         [kind](const FaultChoice& one) { return one.kind == kind; });
  };
  const std::string first = choice(FaultKind::crash).targets.front().text;
  Scene scene;
  for (const NodeConfig& node : document.scenario()->config.topology.nodes) {
    SceneNode seen;
    seen.name = node.name;
    seen.liveness = node.name == first ? Liveness::vanished : Liveness::up;
    scene.nodes.push_back(seen);
  }
  scene.now = TimePoint{} + seconds(60);
  // Thrown in at that very instant: it may be taken out again, and nothing is said.
  FaultConfig crash;
  crash.kind = FaultKind::crash;
  crash.at = seconds(60);
  crash.node = first;
  note_states(choices, scene, {crash});
  REQUIRE(choice(FaultKind::crash).targets.front().text == first);
  REQUIRE(choice(FaultKind::crash).targets.front().state.empty());
  crash.at = seconds(59);
  note_states(choices, scene, {crash});
  const std::vector<FaultTarget>& targets = choice(FaultKind::crash).targets;
  REQUIRE(targets.back().text == first);
  REQUIRE(targets.back().state == "gone");
  REQUIRE(targets.front().state.empty());
  // What a server lacks can be brought back to it.
  for (const FaultTarget& target : choice(FaultKind::data_directory_lost).targets) {
    REQUIRE(target.state.empty());
  }
}

TEST_CASE("faults: what is thrown in at the end or beyond is told to come too late",
          "[gui][faults]") {
  const TimePoint end = TimePoint{} + seconds(120);
  const InjectInstant usual = inject_instant(TimePoint{} + nanoseconds(41'500'700'000), end);
  REQUIRE(usual.at == TimePoint{} + milliseconds(41'500));  // whole milliseconds
  REQUIRE(usual.remark.empty());
  const InjectInstant last = inject_instant(end, end);
  REQUIRE(last.at == TimePoint{} + milliseconds(119'999));
  REQUIRE(last.remark.find("stands at the end of this run") != std::string::npos);
  // Another design's run may be longer.
  const InjectInstant beyond = inject_instant(TimePoint{} + seconds(300), end);
  REQUIRE(beyond.at == last.at);
  REQUIRE(beyond.remark.find("stands at 5:00, this run ends at 2:00") != std::string::npos);
}

TEST_CASE("faults: where nobody takes orders it is said why none is offered", "[gui][faults]") {
  const Document alone = opened(flagship);
  REQUIRE(why_no_orders(alone.scenario()->config).find("policy.failover.manager is none") !=
          std::string::npos);
  const Document managed = opened(scenarios + "limits/switchover_under_load.json");
  REQUIRE(why_no_orders(managed.scenario()->config).empty());
}

}  // namespace longhaul
