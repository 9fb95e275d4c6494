// A scenario under edit: the text is the truth, every edit has a way back, and a mistake costs
// nothing.
#include "gui/model/document.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/catch.h"

namespace longhaul {
namespace {

const std::string flagship =
    std::string(LONGHAUL_ROOT) + "/scenarios/patterns/three_regions_read_replicas.json";

Document opened() {
  Result<Document> document = Document::open(flagship);
  REQUIRE(document);
  return std::move(document).value();
}

TEST_CASE("document: an edit changes what was meant and no other byte", "[gui]") {
  Document document = opened();
  const std::string before = document.text();
  REQUIRE_FALSE(document.set("policy.lag_breaker.open_above", "\"2s\""));
  std::string wanted = before;
  const std::string old = "\"open_above\": \"3s\"";
  wanted.replace(wanted.find(old), old.size(), "\"open_above\": \"2s\"");
  CHECK(document.text() == wanted);
  CHECK(document.scenario()->config.policy.lag_breaker.open_above == seconds(2));
  CHECK(document.dirty());
  document.undo();
  CHECK(document.text() == before);
  CHECK_FALSE(document.dirty());
  document.redo();
  CHECK(document.text() == wanted);
}

TEST_CASE("document: a slider that is dragged is one step back", "[gui]") {
  Document document = opened();
  const std::string before = document.text();
  for (const char* value : {"\"2s\"", "\"1500ms\"", "\"1200ms\""}) {
    REQUIRE_FALSE(document.set("policy.lag_breaker.open_above", value, "drag"));
  }
  document.settle();
  REQUIRE_FALSE(document.set("policy.lag_breaker.open_above", "\"1100ms\"", "drag"));
  document.undo();
  CHECK(document.scenario()->config.policy.lag_breaker.open_above == milliseconds(1200));
  document.undo();
  CHECK(document.text() == before);
}

TEST_CASE("document: a mistake keeps the last sound scenario and says what is wrong", "[gui]") {
  Document document = opened();
  const auto sound = document.scenario();
  REQUIRE_FALSE(document.set("topology.nodes.db-eu.follows", "\"nobody\""));
  CHECK_FALSE(document.sound());
  CHECK(document.scenario() == sound);
  CHECK(document.errors().front().path == "topology.nodes.db-eu.follows");
  document.undo();
  CHECK(document.sound());
}

TEST_CASE("document: an edit that cannot be made leaves everything as it is", "[gui]") {
  Document document = opened();
  const std::string before = document.text();
  const std::uint64_t revision = document.revision();
  CHECK(document.set("topology.nodes.nobody.region", "\"aws:us-east-1\""));
  CHECK(document.remove("policy.no_such_thing"));
  CHECK(document.text() == before);
  CHECK(document.revision() == revision);
  CHECK_FALSE(document.can_undo());
}

TEST_CASE("document: several edits are one step", "[gui]") {
  Document document = opened();
  const std::string before = document.text();
  document.begin_step();
  REQUIRE_FALSE(document.set("duration", "\"5min\""));
  REQUIRE_FALSE(document.append(
      "faults", R"({"kind": "crash", "node": "db-us", "at": "60s", "for": "20s"})"));
  document.end_step();
  CHECK(document.sound());
  CHECK(document.scenario()->config.faults.size() == 1);
  document.undo();
  CHECK(document.text() == before);
}

TEST_CASE("document: what is saved is what is read again", "[gui]") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / "longhaul_document_test";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "saved.json").string();
  Document document = opened();
  REQUIRE_FALSE(document.set("duration", "\"4min\""));
  REQUIRE_FALSE(document.save_as(path));
  CHECK_FALSE(document.dirty());
  const Result<Document> again = Document::open(path);
  REQUIRE(again);
  CHECK(again.value().text() == document.text());
  // A folder cannot be written; the file that was is untouched, and nothing is left beside it.
  CHECK(document.save_as(folder.string()));
  CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == 1);
}

TEST_CASE("document: a file with mistakes is refused with all of them", "[gui]") {
  const Result<Document> document =
      Document::open(std::string(LONGHAUL_ROOT) + "/no/such/file.json");
  REQUIRE_FALSE(document);
  CHECK(document.errors().front().file.ends_with("/no/such/file.json"));
}

}  // namespace
}  // namespace longhaul
