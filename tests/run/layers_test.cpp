#include "run/layers.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "run/config_json.h"
#include "run/overrides.h"
#include "tests/catch.h"
#include "tests/run/sample_config.h"

using namespace longhaul;
using sample::Config;

namespace {

using Files = std::map<std::string, std::string>;

Result<JsonDocument> layered(const Files& files, const std::string& path) {
  return read_layers(path, Config::fields(), [&](const std::string& name) -> Result<std::string> {
    const auto file = files.find(name);
    if (file == files.end()) return Error{name, 0, 0, "", "no such file", "a file to read", ""};
    return file->second;
  });
}

Config config_of(const Files& files, const std::string& path) {
  const auto document = layered(files, path);
  if (!document.ok()) FAIL(to_text(document.errors().front()));
  const auto config = load_config<Config>(document.value());
  if (!config.ok()) FAIL(to_text(config.errors().front()));
  return config.value();
}

std::string mistake(const Files& files, const std::string& path) {
  const auto document = layered(files, path);
  if (!document.ok()) return to_text(document.errors().front());
  const auto config = load_config<Config>(document.value());
  REQUIRE_FALSE(config.ok());
  return to_text(config.errors().front());
}

const std::string base = R"({
  "purpose": "base", "regions": ["a", "b"], "loss": "1%",
  "nodes": [{"name": "n1", "role": "primary", "pool": {"size": 5, "wait": "1s"}},
            {"name": "n2", "role": "replica", "follows": "n1"}],
  "freshness": {"rule": "stick", "pin": "3s"},
  "calls": [{"read": "x"}],
  "expect": {"stale_reads": ["count == 0"], "reads": ["count > 0"]}
})";

// The base file with one assignment, loaded.
Result<Config> assigned(const std::string& assignment) {
  auto document = parse_json("x.json", base);
  REQUIRE(document.ok());
  if (auto error = set_by_path(document.value(), Config::fields(), assignment)) return *error;
  return load_config<Config>(document.value());
}

Config with(const std::string& assignment) {
  const auto config = assigned(assignment);
  if (!config.ok()) FAIL(to_text(config.errors().front()));
  return config.value();
}

std::string refusal(const std::string& assignment) {
  const auto config = assigned(assignment);
  REQUIRE_FALSE(config.ok());
  return to_text(config.errors().front());
}

}  // namespace

TEST_CASE("layers: objects merge, named lists patch, other lists replace", "[run][layers]") {
  const Config config = config_of({{"dir/base.json", base}, {"dir/top.json", R"({
    "$schema": "../scenario.schema.json", "extends": "base.json",
    "regions": ["c"],
    "nodes": [{"name": "n1", "pool": {"size": 7}}, {"name": "n3", "role": "witness"}],
    "calls": [{"write": "y"}],
    "expect": {"reads": ["count > 5"], "writes": ["count > 1"]}})"}},
                                  "dir/top.json");
  REQUIRE(config.purpose == "base");
  REQUIRE(config.loss == percent(1));
  REQUIRE(config.regions == std::vector<std::string>{"c"});
  REQUIRE(config.nodes.size() == 3);
  REQUIRE(config.nodes[0].pool == sample::Pool{7, seconds(1)});
  REQUIRE(config.nodes[0].role == sample::Role::primary);
  REQUIRE(config.nodes[1].follows == "n1");
  REQUIRE(config.nodes[2].name == "n3");
  REQUIRE(config.calls.size() == 1);
  REQUIRE(config.calls[0].write == "y");
  REQUIRE(config.expect == TextLists{{"stale_reads", {"count == 0"}},
                                     {"reads", {"count > 5"}},
                                     {"writes", {"count > 1"}}});
}

TEST_CASE("layers: an empty list empties a named list", "[run][layers]") {
  const Files files{{"b", base}, {"t", R"({"extends": "b", "nodes": []})"}};
  REQUIRE(config_of(files, "t").nodes.empty());
}

TEST_CASE("layers: choosing another variant drops the fields of the old one", "[run][layers]") {
  const Files files{{"b", base}, {"t", R"({"extends": "b", "freshness": {"rule": "wait_for_token"},
                              "nodes": [{"name": "n2", "role": "primary"}]})"}};
  const Config config = config_of(files, "t");
  REQUIRE(config.freshness.rule == sample::Rule::wait_for_token);
  REQUIRE(config.freshness.pin == sample::Freshness{}.pin);
  REQUIRE_FALSE(config.nodes[1].follows.has_value());
  // What the layer itself says is not dropped but judged.
  REQUIRE(
      mistake({{"b", base},
               {"t", R"({"extends": "b", "freshness": {"rule": "primary_only", "pin": "1s"}})"}},
              "t")
          .find("t:1:63: freshness.pin: \"1s\"; expected no such key here") == 0);
}

TEST_CASE("layers: mistakes are reported in the file that made them", "[run][layers]") {
  const std::string broken = "{\"nodes\": [],\n \"loss\": 3, \"loss\": \"3%\"}";
  const auto document =
      layered({{"a/b", broken}, {"a/t", "{\"extends\": \"b\",\n\n \"x\": 1}"}}, "a/t");
  REQUIRE(document.ok());
  const std::vector<Error> errors = load_config<Config>(document.value()).errors();
  REQUIRE(errors.size() == 3);
  REQUIRE(to_text(errors[0]).find("a/t:3:2: x: unknown key \"x\"") == 0);
  REQUIRE(to_text(errors[1]).find("a/b:2:10: loss: 3; expected a share") == 0);
  REQUIRE(to_text(errors[2]).find("a/b:2:13: loss: \"loss\" again") == 0);
}

TEST_CASE("layers: cycles, missing files and towers are refused", "[run][layers]") {
  REQUIRE(mistake({{"a", R"({"extends": "./b"})"}, {"b", R"({"extends": "a"})"}}, "a") ==
          "b:1:13: extends: \"a\"; expected a file that is not one of those above it: a -> b");
  REQUIRE(mistake({{"d/a", R"({"extends": "../e/b.json"})"}}, "d/a") ==
          "d/a:1:13: extends: \"../e/b.json\"; expected a file that can be read (e/b.json: no such "
          "file)");
  REQUIRE(mistake({{"a", R"({"extends": ["b", "c"]})"}}, "a") ==
          "a:1:13: extends: [...]; expected the path of one other file, in quotes");
  REQUIRE(mistake({{"a", R"({"extends": "b"})"}, {"b", "{"}}, "a").find("b:1:2: ") == 0);
  REQUIRE(mistake({}, "a") == "a: no such file; expected a file to read");
  Files tower;
  for (int i = 0; i < 20; ++i) {
    tower[std::to_string(i)] = "{\"extends\": \"" + std::to_string(i + 1) + "\"}";
  }
  REQUIRE(mistake(tower, "0").find("15:1:13: extends: \"16\"; expected at most 16 files") == 0);
}

TEST_CASE("layers: files of every kind are read or refused with a reason", "[run][layers]") {
  const auto folder = std::filesystem::temp_directory_path();
  const auto file = folder / "longhaul_layers_test.json";
  std::ofstream(file) << "{} \n";
  REQUIRE(read_text_file(file.string()).value() == "{} \n");
  std::filesystem::remove(file);
  REQUIRE(read_text_file(file.string()).errors()[0].value == "No such file or directory");
  REQUIRE(read_text_file(folder.string()).errors()[0].value == "a directory");
  REQUIRE(read_text_file("").errors()[0].value == "not a path");
  REQUIRE(read_text_file(std::string("a\0b", 3)).errors()[0].value == "not a path");
  REQUIRE(read_text_file("/dev/zero").errors()[0].value == "more than 16 MiB");
}

TEST_CASE("overrides: a value arrives at its path, whatever its kind", "[run][overrides]") {
  REQUIRE(with("loss=0.5%").loss == Ratio{5000});
  REQUIRE_FALSE(with("enabled=false").enabled);
  REQUIRE(with("purpose=a = b").purpose == "a = b");
  REQUIRE(with("purpose=\"true\"").purpose == "true");
  REQUIRE(with("regions=[\"x\", \"y\",]").regions == std::vector<std::string>{"x", "y"});
  REQUIRE(with("nodes.n2.follows=n9").nodes[1].follows == "n9");
  REQUIRE(with("nodes[0].pool.size=9").nodes[0].pool == sample::Pool{9, seconds(1)});
  REQUIRE(with("nodes.n2.pool.wait=2s").nodes[1].pool == sample::Pool{20, seconds(2)});
  REQUIRE(with("calls[0].times=4").calls[0].times == 4);
  REQUIRE(with("calls=[{\"write\": \"z\"}]").calls[0].write == "z");
  REQUIRE(with("expect.reads=count > 9").expect[1].second[0] == "count > 9");
  REQUIRE(with("expect.m{a:b.c}=[\"x\", \"y\"]").expect[2] ==
          std::pair<std::string, std::vector<std::string>>{"m{a:b.c}", {"x", "y"}});
}

TEST_CASE("overrides: choosing another variant or group member drops the old one",
          "[run][overrides]") {
  REQUIRE(with("freshness.rule=primary_only").freshness == sample::Freshness{});
  const Config config = with("calls[0].write=y");
  REQUIRE(config.calls[0].write == "y");
  REQUIRE_FALSE(config.calls[0].read.has_value());
}

TEST_CASE("overrides: a wrong path names what is near", "[run][overrides]") {
  REQUIRE(refusal("nodes.n2.folows=n1") ==
          "--set: nodes.n2.folows: unknown key \"folows\"; expected a key of a node; did you "
          "mean \"follows\"?");
  REQUIRE(refusal("nodes.n9.follows=n1") ==
          "--set: nodes.n9.follows: no element \"n9\"; expected an element: \"n1\" or \"n2\"; did "
          "you mean \"n1\"?");
  REQUIRE(refusal("calls[7].times=1") ==
          "--set: calls[7].times: no element \"[7]\"; expected an element: \"[0]\"; did you mean "
          "\"[0]\"?");
  REQUIRE(refusal("delays[0]=1s") ==
          "--set: delays[0]: no element \"[0]\"; expected a list with elements");
  REQUIRE(refusal("loss.x=1%") ==
          "--set: loss.x: .x; expected nothing behind the name of a single value");
  REQUIRE(refusal("loss") ==
          "--set: \"loss\"; expected PATH=VALUE such as policy.lag_breaker.open_above=3s");
  REQUIRE(refusal("=1").find("--set: unknown key \"\"") == 0);
  REQUIRE(refusal("regions=[1").find("--set: regions: the end of the file") == 0);
  REQUIRE(refusal("purpose=\xFF") == "--set: a byte that is not UTF-8; expected text in UTF-8");
}

TEST_CASE("overrides: a wrong value is the loader's business", "[run][overrides]") {
  REQUIRE(refusal("loss=3") ==
          "--set: loss: \"3\"; expected a share such as \"0.1%\" or \"3/1000\"; did you mean "
          "\"3%\"?");
  REQUIRE(refusal("nodes.n1.pool.size=0") ==
          "--set: nodes.n1.pool.size: 0; expected a whole number from 1 to 1000");
  REQUIRE(refusal("enabled=yes") == "--set: enabled: \"yes\"; expected true or false");
  REQUIRE(
      refusal("freshness.wait=1s").find("--set: freshness.wait: \"1s\"; expected no such key") ==
      0);
}
