#include "run/config_json.h"

#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/run/sample_config.h"

using namespace longhaul;
using sample::Config;

namespace {

JsonDocument document_of(const std::string& text) {
  auto document = parse_json("x.json", text);
  REQUIRE(document.ok());
  return std::move(document).value();
}

Config config_of(const std::string& text) {
  const auto config = load_config<Config>(document_of(text));
  if (!config.ok()) FAIL(to_text(config.errors().front()));
  return config.value();
}

std::vector<Error> errors_of(const std::string& text) {
  return load_config<Config>(document_of(text)).errors();
}

// "path: value; expected ...; did you mean ...", of the only mistake in an otherwise good file.
std::string mistake(const std::string& members) {
  std::vector<Error> errors = errors_of("{\"nodes\": [], " + members + "}");
  REQUIRE(errors.size() == 1);
  errors[0].file.clear();
  return to_text(errors[0]);
}

constexpr const char* full = R"({
  "purpose": "All kinds of fields.",
  "regions": ["a", "b"],
  "nodes": [{"name": "db-us", "role": "primary", "pool": {"size": 5, "wait": "1s"}},
            {"name": "db-eu", "role": "replica", "follows": "db-us"}],
  "calls": [{"read": "profile", "times": 3}, {"write": "profile"}],
  "delays": ["1ms", "2.5s"],
  "freshness": {"rule": "stick", "pin": "3s"},
  "enabled": false, "loss": "0.1%", "message": "16KiB", "bandwidth": "50Mbit/s",
  "expect": {"read_latency{region:a}": ["med < 15ms", "p(99) < 1s"], "stale_reads": []}
})";

}  // namespace

TEST_CASE("config_json: every kind of field is filled", "[run][config_json]") {
  const Config config = config_of(full);
  REQUIRE(config.purpose == "All kinds of fields.");
  REQUIRE(config.regions == std::vector<std::string>{"a", "b"});
  REQUIRE(config.nodes.size() == 2);
  REQUIRE(config.nodes[0].pool == sample::Pool{5, seconds(1)});
  REQUIRE(config.nodes[1].role == sample::Role::replica);
  REQUIRE(config.nodes[1].follows == "db-us");
  REQUIRE(config.nodes[1].pool == sample::Pool{});
  REQUIRE(config.calls[0].times == 3);
  REQUIRE_FALSE(config.calls[1].read.has_value());
  REQUIRE(config.delays == std::vector<Duration>{milliseconds(1), milliseconds(2500)});
  REQUIRE(config.freshness.pin == seconds(3));
  REQUIRE_FALSE(config.enabled);
  REQUIRE(config.loss == Ratio{1000});
  REQUIRE(config.message == kibibytes(16));
  // 50 Mbit/s = 50'000'000 / 8 bytes a second.
  REQUIRE(config.bandwidth == ByteRate{6'250'000});
  REQUIRE(config.expect.size() == 2);
  REQUIRE(config.expect[0].first == "read_latency{region:a}");
  REQUIRE(config.expect[0].second[1] == "p(99) < 1s");
  REQUIRE(config.expect[1].second.empty());
}

TEST_CASE("config_json: what is absent keeps its default", "[run][config_json]") {
  REQUIRE(config_of("{\"nodes\": []}") == Config{});
}

TEST_CASE("config_json: loading what was dumped gives the same configuration",
          "[run][config_json]") {
  for (const std::string& text : {std::string(full), std::string("{\"nodes\": []}")}) {
    const Config config = config_of(text);
    const std::string printed = dump(Config::fields(), &config).dump();
    REQUIRE(config_of(printed) == config);
  }
}

TEST_CASE("config_json: dump follows the table and leaves other variants out",
          "[run][config_json]") {
  const Config config = config_of(full);
  const auto json = dump(Config::fields(), &config);
  REQUIRE(json.begin().key() == "purpose");
  REQUIRE(json["nodes"][0].dump() ==
          R"({"name":"db-us","role":"primary","pool":{"size":5,"wait":"1s"}})");
  REQUIRE(json["freshness"].dump() == R"({"rule":"stick","pin":"3s"})");
  REQUIRE(json["calls"][1].dump() == R"({"write":"profile","times":1})");
  const Config plain;
  REQUIRE_FALSE(dump(Config::fields(), &plain).contains("bandwidth"));
}

TEST_CASE("config_json: an unknown key names the nearest one", "[run][config_json]") {
  REQUIRE(mistake(R"("mesage": "1KiB")") ==
          "mesage: unknown key \"mesage\"; expected a key of a sample; did you mean \"message\"?");
  REQUIRE(mistake(R"("freshness": {"zzz": 1})") ==
          "freshness.zzz: unknown key \"zzz\"; expected a key of a freshness rule: \"rule\", "
          "\"wait\" or \"pin\"");
}

TEST_CASE("config_json: a number without a unit is refused with a proposal", "[run][config_json]") {
  REQUIRE(mistake(R"("delays": [80])") ==
          "delays[0]: 80; expected a duration such as \"250ms\" from 0s to 10s, with its unit and "
          "in quotes; did you mean \"80ms\"?");
  REQUIRE(mistake(R"("message": "128")") ==
          "message: \"128\"; expected a size such as \"16MiB\"; did you mean \"128KiB\"?");
}

TEST_CASE("config_json: the unit proposed brings the number nearest to the default",
          "[run][config_json]") {
  // The default is 128 KiB: 2 MB are 15.3 times as much, 2 MiB 16 times, 2 KiB a 64th.
  REQUIRE(mistake(R"("message": 2)").find("did you mean \"2MB\"?") != std::string::npos);
  REQUIRE(mistake(R"("message": 90)").find("did you mean \"90KiB\"?") != std::string::npos);
  // 16 MiB is the most: 128,000,000 are a size in bytes or none at all.
  REQUIRE(mistake(R"("message": 128000000)").find("did you mean") == std::string::npos);
  REQUIRE(mistake(R"("message": 1280000)").find("did you mean \"1280000B\"?") != std::string::npos);
}

TEST_CASE("config_json: bounds are printed in the text of the type", "[run][config_json]") {
  REQUIRE(mistake(R"("message": "1GiB")") ==
          "message: \"1GiB\"; expected a size such as \"16MiB\" from 1KiB to 16MiB");
  REQUIRE(mistake(R"("delays": ["1s", "11s"])") ==
          "delays[1]: \"11s\"; expected a duration such as \"250ms\" from 0s to 10s");
}

TEST_CASE("config_json: integers are whole numbers that fit their member", "[run][config_json]") {
  const std::string path = "calls[0].times: ";
  // std::uint8_t holds 0 to 255.
  const std::string expected = "; expected a whole number from 0 to 255";
  REQUIRE(mistake(R"("calls": [{"read": "x", "times": 256}])") == path + "256" + expected);
  REQUIRE(mistake(R"("calls": [{"read": "x", "times": -1}])") == path + "-1" + expected);
  REQUIRE(mistake(R"("calls": [{"read": "x", "times": 1.5}])") == path + "1.5" + expected);
  REQUIRE(mistake(R"("calls": [{"read": "x", "times": 99999999999999999999}])") ==
          path + "99999999999999999999" + expected);
  REQUIRE(mistake(R"("calls": [{"read": "x", "times": "3"}])") ==
          path + "\"3\"; expected a whole number without quotes");
}

TEST_CASE("config_json: wrong types say which one is right", "[run][config_json]") {
  REQUIRE(mistake(R"("enabled": 1)") == "enabled: 1; expected true or false");
  REQUIRE(mistake(R"("purpose": ["x"])") == "purpose: [...]; expected a text in quotes");
  REQUIRE(mistake(R"("regions": "a")") ==
          "regions: \"a\"; expected a list [...] of texts in quotes");
  REQUIRE(mistake(R"("freshness": "stick")") ==
          "freshness: \"stick\"; expected an object {...}, a freshness rule");
  REQUIRE(mistake(R"("expect": [])") == "expect: []; expected an object {...} of lists of texts");
  REQUIRE(mistake(R"("expect": {"m{a:b}": [1]})") ==
          "expect.m{a:b}[0]: 1; expected a text in quotes");
  REQUIRE(mistake(R"("bandwidth": null)") ==
          "bandwidth: null; expected a data rate such as \"50Mbit/s\", or no such key");
  REQUIRE(mistake(R"("regions": [null])") == "regions[0]: null; expected a text in quotes");
}

TEST_CASE("config_json: the root has to be an object", "[run][config_json]") {
  const std::vector<Error> errors = errors_of("[]");
  REQUIRE(errors.size() == 1);
  REQUIRE(errors[0].expected == "an object {...}, a sample");
}

TEST_CASE("config_json: an unknown name of an enumeration lists the known ones",
          "[run][config_json]") {
  REQUIRE(mistake(R"("freshness": {"rule": "stik"})") ==
          "freshness.rule: \"stik\"; expected \"primary_only\", \"wait_for_token\" or \"stick\"; "
          "did you mean \"stick\"?");
}

TEST_CASE("config_json: a field of another variant says where it belongs", "[run][config_json]") {
  REQUIRE(mistake(R"("freshness": {"wait": "1s"})") ==
          "freshness.wait: \"1s\"; expected no such key here: it belongs to \"rule\": "
          "\"wait_for_token\", and \"rule\" is \"primary_only\"");
  // A field that its variant requires.
  REQUIRE(mistake(R"("freshness": {"rule": "stick"})") ==
          "freshness.pin: missing; expected a duration such as \"250ms\"");
}

TEST_CASE("config_json: of a group exactly one is given", "[run][config_json]") {
  REQUIRE(mistake(R"("calls": [{}])") ==
          "calls[0]: none of them; expected exactly one of \"read\" or \"write\"");
  REQUIRE(mistake(R"("calls": [{"read": "a", "write": "b"}])") ==
          "calls[0].write: \"b\"; expected exactly one of \"read\" or \"write\" (\"read\" is there "
          "too)");
}

TEST_CASE("config_json: lists keep their length and named lists their names",
          "[run][config_json]") {
  REQUIRE(mistake(R"("regions": [])") == "regions: 0 elements; expected 1 to 3 elements");
  std::vector<Error> errors = errors_of(
      "{\"nodes\": [{\"name\": \"n\", \"role\": \"primary\"},\n {\"name\": \"n\", \"role\": "
      "\"primary\"},\n"
      " {\"name\": \"N 1\", \"role\": \"primary\"}]}");
  REQUIRE(errors.size() == 2);
  REQUIRE(errors[0].path == "nodes.n.name");
  REQUIRE(errors[0].line == 2);
  REQUIRE(errors[0].expected == "a name of its own (the first is in line 1)");
  REQUIRE(errors[1].path == "nodes[2].name");
  REQUIRE(errors[1].expected == "a name of a-z, 0-9 and _ . : - with at most 100 characters");
}

TEST_CASE("config_json: all mistakes come at once, in the order of the file",
          "[run][config_json]") {
  const std::vector<Error> errors = errors_of(R"({
    "nodes": [{"name": "a", "rol": "primary"}],
    "enabled": "yes",
    "enabled": true,
    "loss": 0.1
  })");
  REQUIRE(errors.size() == 5);
  REQUIRE(errors[0].path == "nodes.a.role");  // missing: at the bracket of the node
  REQUIRE(errors[1].path == "nodes.a.rol");
  REQUIRE(errors[1].nearest == "role");
  REQUIRE(errors[2].path == "enabled");
  REQUIRE(errors[2].expected == "true or false");
  REQUIRE(errors[3].expected.find("each key once") == 0);
  REQUIRE(errors[4].path == "loss");
  REQUIRE(to_text(errors[3]) ==
          "x.json:4:5: enabled: \"enabled\" again; expected each key once (the first is in line 3, "
          "column 5)");
}

TEST_CASE("config_json: thousands of mistakes are counted, not shown", "[run][config_json]") {
  std::string text = "{\"nodes\": [";
  for (int i = 0; i < 700; ++i) text += "1,";
  const std::vector<Error> errors = errors_of(text + "]}");
  // 500 are kept and one line counts the other 200.
  REQUIRE(errors.size() == 501);
  REQUIRE(errors.back().value == "200 more mistakes");
}

TEST_CASE("config_json: later validation finds the place of a path", "[run][config_json]") {
  const std::string text =
      "{\"nodes\": [{\"name\": \"db.eu\",\n  \"follows\": \"x\", \"role\": \"replica\"}],\n"
      " \"calls\": [{\"read\": \"a\"},\n {\"read\": \"b\"}],\n \"expect\": {\"m{a:b.c}\": "
      "[\"x\"]}}";
  const JsonDocument document = document_of(text);
  const LoadContext context(document);
  const Error follows = context.at("nodes.db.eu.follows", "the name of another node", "y");
  REQUIRE(to_text(follows) ==
          "x.json:2:14: nodes.db.eu.follows: \"x\"; expected the name of another node; did you "
          "mean \"y\"?");
  REQUIRE(context.at("calls[1].read", "").line == 4);
  REQUIRE(context.at("expect.m{a:b.c}[0]", "").line == 5);
  // Not in the file: the place of the list's element around it.
  REQUIRE(context.at("calls[1].times", "").line == 4);
  REQUIRE(context.at("calls[1].times", "").value == "missing");
  REQUIRE(context.at("calls[7].times", "").line == 3);
  REQUIRE(context.at("", "").line == 1);
}
