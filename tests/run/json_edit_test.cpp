#include "run/json_edit.h"

#include <string>

#include "tests/catch.h"
#include "tests/run/sample_config.h"

using namespace longhaul;
using sample::Config;

namespace {

const std::string commented = R"(// A file that somebody wrote with care.
{
  "purpose": "base",  // why
  "loss": "1%", "regions": ["a", "b"],
  /* two servers */
  "nodes": [
    {"name": "n1", "role": "primary"},  // in the cellar
    {"name": "n2", "role": "replica",
     "follows": "n1"}
  ],
  "calls": [{"read": "x"}, {"write": "y", "times": 2}],
  "freshness": {
    "rule": "stick",
    "pin": "3s",  // long enough
  },
  "expect": {"reads{region:a.b}": ["count > 0"]}
}
)";

std::string set(const std::string& text, const std::string& path, const std::string& json,
                const JsonNode* below = nullptr) {
  const auto result = with_value(text, Config::fields(), path, json, below);
  return result ? result.value() : "! " + to_text(result.errors().front());
}

std::string append(const std::string& text, const std::string& path, const std::string& json,
                   const JsonNode* below = nullptr) {
  const auto result = with_element(text, Config::fields(), path, json, below);
  return result ? result.value() : "! " + to_text(result.errors().front());
}

std::string remove(const std::string& text, const std::string& path) {
  const auto result = without(text, Config::fields(), path);
  return result ? result.value() : "! " + to_text(result.errors().front());
}

// `text` with one place changed, by hand.
std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  REQUIRE(text.find(from, at + 1) == std::string::npos);
  return text.replace(at, from.size(), to);
}

JsonNode tree(const std::string& text) {
  auto document = parse_json("x.json", text);
  if (!document) FAIL(to_text(document.errors().front()) << "\n" << text);
  return document.value().root;
}

}  // namespace

TEST_CASE("json_edit: A value changes in its place and nothing else does", "[json_edit]") {
  CHECK(set(commented, "loss", "\"2%\"") == changed(commented, "1%", "2%"));
  CHECK(set(commented, "nodes.n2.follows", "\"n3\"") ==
        changed(commented, "\"follows\": \"n1\"", "\"follows\": \"n3\""));
  CHECK(set(commented, "calls[1].times", "17") ==
        changed(commented, "\"times\": 2", "\"times\": 17"));
  CHECK(set(commented, "freshness.pin", "\"3s\"") == commented);
}

TEST_CASE("json_edit: What is not there yet is added as its neighbours stand", "[json_edit]") {
  // In one line.
  CHECK(set(commented, "calls[0].times", "3") ==
        changed(commented, "{\"read\": \"x\"}", "{\"read\": \"x\", \"times\": 3}"));
  // On a line of its own, behind the comment of the line before and with its trailing comma.
  CHECK(set(commented, "freshness.wait", "\"1ms\"") ==
        changed(commented, "// long enough\n", "// long enough\n    \"wait\": \"1ms\",\n"));
  // With what lies on the way.
  CHECK(set(commented, "nodes.n1.pool.size", "9") ==
        changed(commented, "\"primary\"}", "\"primary\", \"pool\": {\"size\": 9}}"));
  CHECK(set("{}", "freshness.pin", "\"4s\"") == "{\"freshness\": {\"pin\": \"4s\"}}");
  CHECK(set("{\n  // nothing yet\n}\n", "loss", "\"4%\"") ==
        "{\n  // nothing yet\n  \"loss\": \"4%\"\n}\n");
  // Keys that are free may contain anything; one text is a list of it.
  CHECK(set(commented, "expect.reads{region:a.b}", "\"count > 9\"") ==
        changed(commented, "count > 0", "count > 9"));
  CHECK(append(commented, "expect.reads{region:a.b}", "\"count < 9\"") ==
        changed(commented, "\"count > 0\"", "\"count > 0\", \"count < 9\""));
  CHECK(set(commented, "expect.errors", "\"count == 0\"") ==
        changed(commented, "[\"count > 0\"]", "[\"count > 0\"], \"errors\": [\"count == 0\"]"));
}

TEST_CASE("json_edit: An element comes behind the last one", "[json_edit]") {
  CHECK(append(commented, "nodes", R"({"name": "n3", "role": "witness"})") ==
        changed(commented, "\"follows\": \"n1\"}\n",
                "\"follows\": \"n1\"},\n    {\"name\": \"n3\", \"role\": \"witness\"}\n"));
  CHECK(append(commented, "regions", "\"c\"") == changed(commented, "\"b\"]", "\"b\", \"c\"]"));
  CHECK(append("{}", "calls", "{\"read\": \"x\"}") == "{\"calls\": [{\"read\": \"x\"}]}");
  CHECK(append("{\"calls\": [ ]}", "calls", "{}") == "{\"calls\": [{}]}");
  // A text of several lines moves in as far as its place is.
  CHECK(append(commented, "nodes", "{\"name\": \"n3\",\n         \"role\": \"witness\"}") ==
        changed(commented, "\"follows\": \"n1\"}\n",
                "\"follows\": \"n1\"},\n    {\"name\": \"n3\",\n     \"role\": \"witness\"}\n"));
}

TEST_CASE("json_edit: What is taken out takes its comma and its comment along", "[json_edit]") {
  CHECK(
      remove(commented, "nodes.n1") ==
      changed(commented, "    {\"name\": \"n1\", \"role\": \"primary\"},  // in the cellar\n", ""));
  CHECK(
      remove(commented, "nodes.n2") ==
      changed(
          changed(commented,
                  "    {\"name\": \"n2\", \"role\": \"replica\",\n     \"follows\": \"n1\"}\n", ""),
          "\"primary\"},  //", "\"primary\"}  //"));
  CHECK(remove(commented, "nodes.n2.follows") ==
        changed(commented, ",\n     \"follows\": \"n1\"}", "}"));
  CHECK(remove(commented, "purpose") ==
        changed(commented, "  \"purpose\": \"base\",  // why\n", ""));
  CHECK(remove(commented, "loss") == changed(commented, "\"loss\": \"1%\", ", ""));
  CHECK(remove(commented, "calls[1]") ==
        changed(commented, ", {\"write\": \"y\", \"times\": 2}", ""));
  CHECK(remove(commented, "freshness.pin") ==
        changed(commented, "    \"pin\": \"3s\",  // long enough\n", ""));
  CHECK(remove(commented, "expect.reads{region:a.b}") ==
        changed(commented, "\"reads{region:a.b}\": [\"count > 0\"]", ""));
}

TEST_CASE("json_edit: What cannot stand beside a value goes with it", "[json_edit]") {
  // Another member of the group "statement".
  CHECK(set(commented, "calls[0].write", "\"x\"") ==
        changed(commented, "{\"read\": \"x\"}", "{\"write\": \"x\"}"));
  // `follows` is for replicas only.
  CHECK(set(commented, "nodes.n2.role", "\"witness\"") ==
        changed(commented, "\"replica\",\n     \"follows\": \"n1\"}", "\"witness\"}"));
}

TEST_CASE("json_edit: A layer is edited as a layer", "[json_edit]") {
  const JsonNode below = tree(commented);
  const std::string layer = "{\n  \"extends\": \"base.json\",\n  \"loss\": \"5%\"\n}\n";
  CHECK(set(layer, "nodes.n2.follows", "\"n3\"", &below) ==
        "{\n  \"extends\": \"base.json\",\n  \"loss\": \"5%\",\n"
        "  \"nodes\": [{\"name\": \"n2\", \"follows\": \"n3\"}]\n}\n");
  const std::string patched = set(layer, "nodes.n2.pool.size", "9", &below);
  CHECK(set(patched, "nodes.n1.pool.size", "8", &below) ==
        changed(patched, "{\"size\": 9}}",
                "{\"size\": 9}}, {\"name\": \"n1\", \"pool\": {\"size\": 8}}"));
  // A list without names would replace the one below: it is copied first.
  CHECK(append(layer, "calls", "{\"read\": \"z\"}", &below) ==
        changed(layer, "\"5%\"",
                "\"5%\",\n  \"calls\": [{\"read\": \"x\"}, "
                "{\"write\": \"y\", \"times\": 2}, {\"read\": \"z\"}]"));
  CHECK(set(layer, "calls[1].times", "4", &below) ==
        changed(layer, "\"5%\"",
                "\"5%\",\n  \"calls\": [{\"read\": \"x\"}, {\"write\": \"y\", \"times\": 4}]"));
  // One with names is patched, a new element is only its own.
  CHECK(append(layer, "nodes", "{\"name\": \"n3\", \"role\": \"witness\"}", &below) ==
        changed(layer, "\"5%\"",
                "\"5%\",\n  \"nodes\": [{\"name\": \"n3\", \"role\": \"witness\"}]"));
  // An empty list would wipe out the one below.
  CHECK(remove(set(layer, "nodes.n2.pool.size", "9", &below), "nodes.n2") == layer);
  CHECK(set(layer, "nodes.n7.pool.size", "9", &below)
            .starts_with("! nodes.n7.pool.size: no element"));
  // Positions below are not those of the layer.
  CHECK(remove(patched, "nodes[0]").starts_with("! "));
}

TEST_CASE("json_edit: An edit that cannot be made is refused", "[json_edit]") {
  CHECK(set(commented, "lss", "\"2%\"").find("did you mean \"loss\"") != std::string::npos);
  CHECK(set(commented, "nodes.n3.follows", "\"n1\"").find("no element \"n3\"") !=
        std::string::npos);
  CHECK(set(commented, "loss.x", "1").starts_with("! loss.x"));
  CHECK(set(commented, "", "1").starts_with("! "));
  CHECK(set(commented, "loss", "").starts_with("! "));
  CHECK(set(commented, "loss", "\"2%").starts_with("! "));
  CHECK(set(commented, "loss", "1, \"purpose\": 2").starts_with("! "));
  CHECK(set("{", "loss", "1").starts_with("! "));
  CHECK(append(commented, "loss", "1").starts_with("! "));
  CHECK(remove(commented, "freshness.wait").starts_with("! "));
  CHECK(remove(commented, "calls[2]").starts_with("! "));
  // A comment behind the value stays outside.
  CHECK(set(commented, "loss", "\"2%\" // two") == changed(commented, "1%", "2%"));
}

TEST_CASE("json_edit: What stands there can be asked for and put back", "[json_edit]") {
  CHECK(written_at(commented, Config::fields(), "calls[1]") == R"({"write": "y", "times": 2})");
  CHECK(written_at(commented, Config::fields(), "freshness.wait").empty());
  CHECK(written_at(commented, Config::fields(), "expect.reads{region:a.b}") == "[\"count > 0\"]");
}
