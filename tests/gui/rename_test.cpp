// A thing under another name, and everything that names it.
#include "gui/model/rename.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "gui/model/field_place.h"
#include "run/json_texts.h"
#include "tests/catch.h"

using namespace longhaul;

namespace {

Document opened(const std::string& name) {
  Result<Document> document = Document::open(LONGHAUL_ROOT "/scenarios/" + name);
  if (!document) FAIL(to_text(document.errors().front()));
  return std::move(document).value();
}

std::size_t occurrences(const std::string& text, const std::string& of) {
  std::size_t count = 0;
  for (std::size_t at = text.find(of); at != text.npos; at = text.find(of, at + 1)) count += 1;
  return count;
}

// What has a name, as paths.
std::vector<std::string> named_things(const ScenarioConfig& config) {
  std::vector<std::string> paths;
  for (const auto& one : config.topology.nodes) paths.push_back("topology.nodes." + one.name);
  for (const auto& one : config.topology.apps) paths.push_back("topology.apps." + one.name);
  for (const auto& one : config.topology.caches) paths.push_back("topology.caches." + one.name);
  for (const auto& one : config.control.controllers) {
    paths.push_back("control.controllers." + one.name);
  }
  if (config.topology.lease_store) {
    for (const auto& one : config.topology.lease_store->members) {
      paths.push_back("topology.lease_store.members." + one.name);
    }
  }
  for (const auto& one : config.data) paths.push_back("data." + one.name);
  for (const auto& users : config.workload) {
    paths.push_back("workload." + users.name);
    for (const auto& page : users.pages) {
      paths.push_back("workload." + users.name + ".pages." + page.name);
    }
  }
  return paths;
}

}  // namespace

TEST_CASE("rename: a server, and who names it, in one step", "[gui]") {
  Document document = opened("patterns/three_regions_read_replicas.json");
  const std::string before = document.text();
  const std::size_t named = occurrences(before, "\"db-us\"");
  REQUIRE(named == 3);  // its name, and two that follow it
  const EditAnswer answer = rename_thing(document, "topology.nodes.db-us", "db-home");
  if (answer.error) FAIL(to_text(*answer.error));
  CHECK(document.sound());
  CHECK(answer.path == "topology.nodes.db-home");
  CHECK(document.scenario()->config.topology.nodes[1].follows == "db-home");
  CHECK(occurrences(document.text(), "\"db-home\"") == named);
  // Nothing else: with the name put back it is the text before.
  CHECK_FALSE(answer.note.empty());
  Document back = document;
  REQUIRE(!rename_thing(back, "topology.nodes.db-home", "db-us").error);
  CHECK(back.text() == before);
  document.undo();
  CHECK(document.text() == before);
  CHECK_FALSE(document.can_undo());
}

TEST_CASE("rename: labels of expectations follow", "[gui]") {
  Document document = opened("patterns/three_regions_read_replicas.json");
  REQUIRE(!rename_thing(document, "topology.nodes.db-ap", "tokyo").error);
  CHECK(document.text().find("served_by:tokyo}") != std::string::npos);
  CHECK(document.text().find("replication_lag{replica:tokyo,stage:replay}") != std::string::npos);
  CHECK(document.text().find("db-ap") == std::string::npos);
}

TEST_CASE("rename: a region of the list takes everything in it along", "[gui]") {
  Document document = opened("patterns/three_regions_read_replicas.json");
  const auto& regions = document.scenario()->config.topology.regions;
  const auto at = std::find(regions.begin(), regions.end(), "aws:eu-west-1") - regions.begin();
  const std::string path = "topology.regions[" + std::to_string(at) + "]";
  const EditAnswer answer = rename_thing(document, path, "aws:eu-central-1");
  if (answer.error) FAIL(to_text(*answer.error));
  CHECK(document.sound());
  CHECK(answer.path == path);
  const ScenarioConfig& config = document.scenario()->config;
  CHECK(config.topology.nodes[1].region == "aws:eu-central-1");
  CHECK(config.topology.apps[1].region == "aws:eu-central-1");
  CHECK(config.workload[1].from == "aws:eu-central-1");
  CHECK(config.topology.links[0].between[1] == "aws:eu-central-1");
  CHECK(document.text().find("region:aws:eu-west-1") == std::string::npos);

  // Another of the list already, or none of the catalogue: refused, and nothing has changed.
  const std::string text = document.text();
  const EditAnswer twice = rename_thing(document, path, "aws:us-east-1");
  REQUIRE(twice.error);
  CHECK(twice.error->path == path);
  const EditAnswer unknown = rename_thing(document, path, "aws:nowhere-1");
  REQUIRE(unknown.error);
  CHECK(unknown.error->expected.find("catalogue") != std::string::npos);
  CHECK(document.text() == text);
}

TEST_CASE("rename: what cannot be done says why", "[gui]") {
  Document document = opened("patterns/three_regions_read_replicas.json");
  const std::string before = document.text();
  const auto refusal = [&](const char* path, const char* name) {
    const EditAnswer answer = rename_thing(document, path, name);
    CHECK(document.text() == before);
    return answer.error ? answer.error->path + ": " + answer.error->expected : std::string();
  };
  CHECK(refusal("topology.nodes.db-us", "DB US").starts_with("topology.nodes.db-us.name: a name"));
  CHECK(refusal("topology.apps.app-eu", "nearest").find("way to enter") != std::string::npos);
  CHECK_FALSE(refusal("topology.nodes.db-us", "db-eu").empty());  // there is one
  CHECK_FALSE(refusal("topology.links[0]", "x").empty());
  CHECK(refusal("topology.nodes.db-us", "db-us").empty());  // its own name is no change
}

TEST_CASE("rename: words of settings follow, parts of words do not", "[gui]") {
  Document document = opened("patterns/three_regions_read_replicas.json");
  REQUIRE(!document.set("postgres.synchronous_standby_names", "\"ANY 1 (db-eu, db-ap)\""));
  REQUIRE(!document.set("faults",
                        "[{\"at\": \"1min\", \"kind\": \"set_synchronous_standby_names\", "
                        "\"value\": \"db-eu\"}, {\"at\": \"2min\", \"kind\": \"crash\", \"node\": "
                        "\"db-eu\", \"for\": \"10s\"}]"));
  REQUIRE(!duplicate_thing(document, "topology.nodes.db-eu").error);  // db-eu-2
  REQUIRE(document.sound());
  REQUIRE(!rename_thing(document, "topology.nodes.db-eu", "dublin").error);
  const ScenarioConfig& config = document.scenario()->config;
  CHECK(config.postgres.synchronous_standby_names == "ANY 1 (dublin, db-ap)");
  CHECK(config.faults[0].value == "dublin");
  CHECK(config.faults[1].node == "dublin");
  CHECK(config.topology.nodes.back().name == "db-eu-2");
}

TEST_CASE("rename: names may have points and colons within them", "[gui]") {
  Document document = opened("patterns/three_regions_read_replicas.json");
  REQUIRE(!rename_thing(document, "topology.nodes.db-eu", "db").error);
  REQUIRE(!rename_thing(document, "topology.nodes.db-ap", "db.eu").error);
  REQUIRE(!document.set("postgres.synchronous_standby_names", "\"ANY 1 (db, db.eu)\""));
  REQUIRE(document.sound());
  const EditAnswer answer = rename_thing(document, "topology.nodes.db", "db:2");
  if (answer.error) FAIL(to_text(*answer.error));
  CHECK(document.sound());
  CHECK(document.scenario()->config.postgres.synchronous_standby_names == "ANY 1 (db:2, db.eu)");
  CHECK(document.text().find("{replica:db.eu,") != std::string::npos);
  REQUIRE(!rename_thing(document, "topology.nodes.db.eu", "db-ap").error);
  CHECK(document.scenario()->config.postgres.synchronous_standby_names == "ANY 1 (db:2, db-ap)");
  CHECK(document.text().find("{replica:db-ap,") != std::string::npos);
}

TEST_CASE("rename: in SQL a point parts a table from its column", "[gui]") {
  Document document = opened("patterns/single_region.json");
  const PopulationConfig users = document.scenario()->config.workload[0];
  const std::string data = document.scenario()->config.data[0].name;
  const std::string calls = "workload." + users.name + ".pages." + users.pages[0].name + ".calls";
  const std::string sql = "SELECT " + data + ".id FROM " + data + " WHERE " + data + "_id = $1";
  REQUIRE(!document.set(calls, "[{\"sql\": \"" + sql + "\"}]"));
  REQUIRE(document.sound());
  const EditAnswer answer = rename_thing(document, "data." + data, "things");
  if (answer.error) FAIL(to_text(*answer.error));
  CHECK(document.scenario()->config.workload[0].pages[0].calls[0].sql ==
        "SELECT things.id FROM things WHERE " + data + "_id = $1");
}

TEST_CASE("rename: a name that cannot be is refused in the words of the reader", "[gui]") {
  Document document = opened("patterns/three_regions_read_replicas.json");
  // The same text, written by hand.
  const auto reader_says = [&](const std::string& name) {
    std::string text = document.text();
    const std::string own = "\"name\": \"db-us\"";
    text.replace(text.find(own), own.size(), "\"name\": \"" + name + "\"");
    const Document read = Document::from_text(document.path(), text);
    for (const Error& error : read.errors()) {
      if (error.path.ends_with(".name")) return error;
    }
    return Error{};
  };
  for (const std::string name : {"db-eu", "DB US"}) {
    const EditAnswer answer = rename_thing(document, "topology.nodes.db-us", name);
    REQUIRE(answer.error);
    const Error reader = reader_says(name);
    CHECK(answer.error->path == "topology.nodes.db-us.name");
    CHECK(answer.error->line == reader.line);
    CHECK(answer.error->value == reader.value);
    CHECK(answer.error->expected == reader.expected);
  }
}

TEST_CASE("rename: what a file below has is renamed there", "[gui]") {
  Document document = opened("limits/token_in_a_store.json");
  const std::string before = document.text();
  const std::string app = document.scenario()->config.topology.apps[0].name;
  const EditAnswer answer = rename_thing(document, "topology.apps." + app, "another");
  REQUIRE(answer.error);
  CHECK(answer.error->expected.find("extends") != std::string::npos);
  CHECK(document.text() == before);
}

TEST_CASE("rename: everything with a name, in every scenario, there and back", "[gui]") {
  std::size_t renamed = 0;
  std::size_t refused = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(LONGHAUL_ROOT "/scenarios")) {
    if (entry.path().extension() != ".json") continue;
    Result<Document> read = Document::open(entry.path().string());
    if (!read) continue;
    const Document document = std::move(read).value();
    if (document.text().find("\"extends\"") != std::string::npos) continue;
    for (const std::string& path : named_things(document.scenario()->config)) {
      INFO(entry.path().string() << " " << path);
      Document trial = document;
      const EditAnswer answer = rename_thing(trial, path, "x_new");
      if (answer.error) {
        refused += 1;
        CAPTURE(to_text(*answer.error));
        CHECK(document.text() == trial.text());
        continue;
      }
      renamed += 1;
      REQUIRE(trial.sound());
      const EditAnswer back =
          rename_thing(trial, answer.path, path.substr(path.find_last_of('.') + 1));
      REQUIRE(!back.error);
      REQUIRE(trial.text() == document.text());
    }
  }
  CHECK(renamed > 600);
  CHECK(refused == 0);
}
