// The schema and the loader judge the same documents: what the loader takes is valid, and what is
// invalid the loader refuses. Each document is a good one with one value exchanged, taken out or
// added, so every rule of the tables is touched from both sides.
#include "run/schema.h"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "run/config_json.h"
#include "run/layers.h"
#include "tests/catch.h"
#include "tests/run/sample_config.h"

using namespace longhaul;
using nlohmann::json;
using sample::Config;

namespace {

class Schema {
 public:
  explicit Schema(const nlohmann::ordered_json& text) : text_(json::parse(text.dump())) {
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(text_), schema_);
  }

  bool accepts(const json& document) const {
    valijson::Validator validator;
    return validator.validate(schema_, valijson::adapters::NlohmannJsonAdapter(document), nullptr);
  }

 private:
  json text_;
  valijson::Schema schema_;
};

const Schema& schema() {
  static const Schema schema(json_schema(Config::fields(), true));
  return schema;
}

JsonNode node_of(const json& document) {
  return parse_json("x.json", document.dump()).value().root;
}

bool loader_accepts(JsonNode root) {
  JsonDocument document;
  document.files = {"x.json"};
  document.root = std::move(root);
  return load_config<Config>(document).ok();
}

const json good = json::parse(R"({
  "purpose": "All kinds of fields.", "regions": ["a", "b"],
  "nodes": [{"name": "n1", "role": "primary", "pool": {"size": 5, "wait": "1s"}},
            {"name": "n2", "role": "replica", "follows": "n1"}],
  "calls": [{"read": "profile", "times": 3}, {"write": "profile"}],
  "delays": ["1ms", "2.5s"], "freshness": {"rule": "stick", "pin": "3s"},
  "enabled": false, "loss": "0.1%", "message": "16KiB", "bandwidth": "50Mbit/s",
  "expect": {"read_latency{region:a}": ["med < 15ms"], "stale_reads": []}
})");

// Every document that differs from `document` in one place.
std::vector<json> mutants_of(const json& document) {
  const std::vector<json> values = {nullptr,
                                    true,
                                    0,
                                    1,
                                    -1,
                                    300,
                                    1.5,
                                    "",
                                    "x",
                                    "N 1",
                                    "1s",
                                    "5%",
                                    "1KiB",
                                    "1MiB/s",
                                    "primary",
                                    "replica",
                                    "stick",
                                    "wait_for_token",
                                    json::array(),
                                    json::array({"a"}),
                                    json::array({"a", "b", "c", "d"}),
                                    json::object(),
                                    {{"name", "n3"}},
                                    {{"read", "a"}}};
  const std::vector<std::string> keys = {"name", "role", "follows", "read",    "write",    "rule",
                                         "wait", "pin",  "size",    "unknown", "bandwidth"};
  std::vector<json> mutants;
  const auto flat = document.flatten();
  std::vector<json::json_pointer> places;
  for (const auto& [path, value] : flat.items()) {
    for (json::json_pointer place(path);; place = place.parent_pointer()) {
      if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
      if (place.empty()) break;
    }
  }
  for (const auto& place : places) {
    for (const json& value : values) {
      json mutant = document;
      mutant[place] = value;
      mutants.push_back(mutant);
    }
    if (!place.empty()) {
      json mutant = document;
      json& parent = mutant[place.parent_pointer()];
      if (parent.is_object()) {
        parent.erase(place.back());
      } else {
        parent.erase(std::stoul(place.back()));
      }
      mutants.push_back(mutant);
    }
    if (!document[place].is_object()) continue;
    for (const std::string& key : keys) {
      for (const json& value : values) {
        json mutant = document;
        mutant[place][key] = value;
        mutants.push_back(mutant);
      }
    }
  }
  return mutants;
}

}  // namespace

TEST_CASE("schema: the good document is valid and a default one is", "[run][schema]") {
  REQUIRE(schema().accepts(good));
  REQUIRE(loader_accepts(node_of(good)));
  const Config config;
  json effective = json::parse(dump(Config::fields(), &config).dump());
  REQUIRE(schema().accepts(effective));
  effective["$schema"] = "sample.schema.json";
  REQUIRE(schema().accepts(effective));
}

TEST_CASE("schema: every rule of the tables is in it", "[run][schema]") {
  const auto refuses = [](const char* change) {
    json document = good;
    document.merge_patch(json::parse(change));
    return !loader_accepts(node_of(document)) && !schema().accepts(document);
  };
  REQUIRE(refuses(R"({"unknown": 1})"));
  REQUIRE(refuses(R"({"nodes": null})"));  // a merge patch takes the key out: missing
  REQUIRE(refuses(R"({"enabled": "yes"})"));
  REQUIRE(refuses(R"({"loss": 0.1})"));
  REQUIRE(refuses(R"({"loss": "0.1"})"));
  REQUIRE(refuses(R"({"regions": []})"));
  REQUIRE(refuses(R"({"regions": ["a", "b", "c", "d"]})"));
  REQUIRE(refuses(R"({"nodes": [{"name": "N", "role": "primary"}]})"));
  REQUIRE(refuses(R"({"nodes": [{"name": "n", "role": "leader"}]})"));
  REQUIRE(refuses(R"({"nodes": [{"name": "n", "role": "primary", "follows": "m"}]})"));
  REQUIRE(refuses(R"({"nodes": [{"name": "n", "role": "primary", "pool": {"size": 0}}]})"));
  REQUIRE(refuses(R"({"freshness": {"pin": null}})"));
  REQUIRE(refuses(R"({"freshness": {"wait": "1s"}})"));
  REQUIRE(refuses(R"({"calls": [{"times": 1}]})"));
  REQUIRE(refuses(R"({"calls": [{"read": "a", "write": "b"}]})"));
  REQUIRE(refuses(R"({"calls": [{"read": "a", "times": 256}]})"));
  REQUIRE(refuses(R"({"expect": {"m": "count == 0"}})"));
}

TEST_CASE("schema: it accepts whatever the loader accepts", "[run][schema]") {
  int accepted = 0;
  int both_refused = 0;
  int only_loader_refused = 0;
  for (const json& mutant : mutants_of(good)) {
    const bool loads = loader_accepts(node_of(mutant));
    const bool valid = schema().accepts(mutant);
    INFO(mutant.dump());
    REQUIRE((valid || !loads));
    (loads ? accepted : valid ? only_loader_refused : both_refused) += 1;
  }
  INFO(accepted << " accepted, " << both_refused << " refused, " << only_loader_refused
                << " refused by the loader only");
  REQUIRE(accepted > 100);
  REQUIRE(both_refused > 1000);
  // What remains to the loader are bounds of quantities and names given twice.
  REQUIRE(only_loader_refused * 50 < both_refused);
}

TEST_CASE("schema: a layer is valid when the layered whole loads", "[run][schema]") {
  int accepted = 0;
  for (json layer : mutants_of(json::parse(R"({
         "nodes": [{"name": "n2", "pool": {"size": 7}}], "calls": [{"read": "x"}],
         "freshness": {"rule": "stick"}, "expect": {"reads": ["count > 1"]}})"))) {
    if (!layer.is_object()) continue;
    JsonNode whole = node_of(good);
    merge_layer(whole, node_of(layer), Config::fields());
    const bool loads = loader_accepts(std::move(whole));
    layer["extends"] = "base.json";
    INFO(layer.dump());
    REQUIRE((schema().accepts(layer) || !loads));
    accepted += loads ? 1 : 0;
  }
  REQUIRE(accepted > 50);
}

TEST_CASE("schema: a table is written once however often it is used", "[run][schema]") {
  const auto text = json_schema(Config::fields(), false);
  REQUIRE(text["definitions"].size() == 5);
  REQUIRE(text["allOf"][0]["$ref"] == "#/definitions/sample");
  const auto& node = text["definitions"]["node"]["properties"];
  REQUIRE(
      node["role"]["description"] ==
      "What it does. primary: Takes writes. replica: Follows another node. witness: Only votes.");
  REQUIRE(text["definitions"]["pool"]["properties"]["wait"]["description"] ==
          "How long a request waits for a connection before it gives up. A duration such as "
          "\"250ms\" from 1ms to 1min. Source of the default: a guess for tests.");
  REQUIRE(text["definitions"]["pool"]["properties"]["wait"]["default"] == "250ms");
}
