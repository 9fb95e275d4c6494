// What one does to a design on the map, as the text of its document.
#include "gui/model/design_edits.h"

#include <string>

#include "gui/model/field_place.h"
#include "tests/catch.h"

using namespace longhaul;

namespace {

Document opened(const std::string& name) {
  Result<Document> document = Document::open(LONGHAUL_ROOT "/scenarios/" + name);
  if (!document) FAIL(to_text(document.errors().front()));
  return std::move(document).value();
}

void check_sound(const Document& document, const EditAnswer& answer) {
  if (answer.error) FAIL(to_text(*answer.error));
  if (!document.sound()) FAIL(to_text(document.errors().front()));
}

constexpr const char* tokyo = "aws:ap-northeast-1";

}  // namespace

TEST_CASE("design_edits: Tokyo gets a replica, an app and users", "[gui]") {
  Document document = opened("patterns/single_region.json");
  const std::string before = document.text();

  const EditAnswer replica = add_replica(document, tokyo);
  check_sound(document, replica);
  CHECK(replica.path == "topology.nodes.db-ap");
  const NodeConfig& node = document.scenario()->config.topology.nodes.back();
  CHECK(node.role == NodeRole::replica);
  CHECK(node.follows == "db-us");
  CHECK(node.max_connections == 200);  // as the primary
  CHECK(document.scenario()->config.topology.regions.back() == tokyo);

  const EditAnswer app = add_app(document, tokyo);
  check_sound(document, app);
  CHECK(app.path == "topology.apps.app-ap");
  CHECK(document.scenario()->config.topology.apps.back().pool.size == 20);

  const EditAnswer users = add_users(document, tokyo);
  check_sound(document, users);
  CHECK(users.path == "workload.ap-northeast-1");  // "ap" there is
  const auto& workload = document.scenario()->config.workload;
  CHECK(workload.back().from == tokyo);
  CHECK(workload.back().pages == workload.front().pages);

  // Each is one step, and comments stay.
  CHECK(document.text().find("// The flagship: 22 ms in all three regions.") != std::string::npos);
  document.undo();
  document.undo();
  document.undo();
  CHECK(document.text() == before);
  CHECK_FALSE(document.can_undo());
}

TEST_CASE("design_edits: What is removed takes the expectations about it along", "[gui]") {
  Document document = opened("patterns/three_regions_read_replicas.json");
  const std::string before = document.text();
  const EditAnswer answer = remove_thing(document, "topology.nodes.db-ap");
  check_sound(document, answer);
  // replication_lag{replica:db-ap} and reads{served_by:db-ap}.
  CHECK(answer.note == "Also removed 2 expectations about it.");
  CHECK(document.text().find("db-ap") == std::string::npos);
  document.undo();
  CHECK(document.text() == before);
}

TEST_CASE("design_edits: Another primary, and who follows it", "[gui]") {
  Document document = opened("patterns/three_regions_read_replicas.json");
  check_sound(document, make_primary(document, "topology.nodes.db-eu"));
  const auto& nodes = document.scenario()->config.topology.nodes;
  CHECK(nodes[0].role == NodeRole::replica);
  CHECK(nodes[0].follows == "db-eu");
  CHECK(nodes[1].role == NodeRole::primary);
  CHECK(nodes[2].follows == "db-eu");
  document.undo();
  CHECK_FALSE(document.dirty());
}

TEST_CASE("design_edits: Move, connect, duplicate", "[gui]") {
  Document document = opened("patterns/three_regions_read_replicas.json");
  check_sound(document, move_thing(document, "topology.apps.app-ap", "aws:ap-southeast-1"));
  CHECK(document.scenario()->config.topology.apps[2].region == "aws:ap-southeast-1");
  check_sound(document, move_thing(document, "workload.ap", "aws:ap-southeast-1"));
  CHECK(document.scenario()->config.workload[2].from == "aws:ap-southeast-1");

  const EditAnswer link = connect_regions(document, "aws:us-east-1", tokyo);
  check_sound(document, link);
  CHECK(link.path == "topology.links[1]");
  CHECK_FALSE(connect_regions(document, tokyo, "aws:us-east-1").note.empty());
  CHECK(document.scenario()->config.topology.links.size() == 2);

  const EditAnswer copy = duplicate_thing(document, "topology.nodes.db-us");
  check_sound(document, copy);
  CHECK(copy.path == "topology.nodes.db-us-2");
  CHECK(document.scenario()->config.topology.nodes.back().follows == "db-us");
  CHECK(duplicate_thing(document, "topology.links[0]").error);
}

TEST_CASE("design_edits: A layer is edited as a layer", "[gui]") {
  Document document = opened("limits/token_in_a_store.json");
  const std::string extends = document.text().substr(0, document.text().find("\"extends\""));
  const EditAnswer answer = add_replica(document, "aws:sa-east-1");
  check_sound(document, answer);
  CHECK(document.text().starts_with(extends));
  CHECK(document.scenario()->config.topology.nodes.back().name == "db-sa");
  CHECK(document.scenario()->config.topology.nodes.size() > 1);
}

TEST_CASE("design_edits: Every field of a scenario is found by its path", "[gui]") {
  const Document document = opened("patterns/three_regions_read_replicas.json");
  const ScenarioConfig& config = document.scenario()->config;
  const FieldTable& fields = ScenarioConfig::fields();
  const auto place = find_place(fields, &config, "policy.lag_breaker.open_above");
  REQUIRE(place);
  CHECK(place_text(*place->type, place->value) == "3s");
  const auto call = find_place(fields, &config, "workload.eu.pages.dashboard.calls[0].times");
  REQUIRE(call);
  CHECK(place_text(*call->type, call->value) == "3");
  CHECK_FALSE(find_place(fields, &config, "topology.nodes.nobody"));
  CHECK_FALSE(find_place(fields, &config, "topology.nodes.db-eu.follows.x"));
  int found = 0;
  for (const FieldPlace& each : places_in(fields, &config, "")) {
    CHECK(find_place(fields, &config, each.path));
    found += 1;
  }
  CHECK(found == static_cast<int>(fields.fields.size()));
  // What the text says there.
  const JsonNode root = parse_json("x", document.text()).value().root;
  REQUIRE(node_at(root, "topology.nodes.db-eu.follows") != nullptr);
  CHECK(node_at(root, "topology.nodes.db-eu.follows")->text == "db-us");
  CHECK(node_at(root, "expect.replication_lag{replica:db-eu,stage:replay}[1]")->text ==
        "max < 300ms");
  CHECK(node_at(root, "policy.lag_breaker.nothing") == nullptr);
}
