#include "cli/loading.h"

#include <filesystem>
#include <fstream>

#include "run/runner.h"
#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

namespace fs = std::filesystem;

// A folder below the one that the tests run in, gone afterwards.
class Folder {
 public:
  explicit Folder(const std::string& name) : path_(fs::current_path() / name) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  std::string add(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("loading: a directory stands for the scenarios below it, sorted", "[cli][loading]") {
  const Folder folder("longhaul_loading_test_files");
  const std::string b = folder.add("b.json", tiny_scenario);
  const std::string a = folder.add("deep/er/a.json", tiny_scenario);
  const std::string layer = folder.add("layer.json", R"({"extends": "b.json"})");
  const std::string broken = folder.add("x_broken.json", "{");
  folder.add("scenario.schema.json", R"({"format": 1})");
  folder.add("results.json", R"({"seed": 1})");
  folder.add("notes.txt", "format");
  const auto files = scenario_files({folder.path()});
  REQUIRE(files);
  REQUIRE(files.value() == std::vector<std::string>{b, a, layer, broken});
  // A file that is named is taken as it is, and each file once.
  const auto twice = scenario_files({a, folder.path(), "missing.json"});
  REQUIRE(twice.value() == std::vector<std::string>{a, b, layer, broken, "missing.json"});
}

TEST_CASE("loading: a directory without a scenario is a mistake", "[cli][loading]") {
  const Folder folder("longhaul_loading_test_empty");
  const auto files = scenario_files({folder.path()});
  REQUIRE(!files);
  REQUIRE(files.errors()[0].expected == "a scenario below it");
}

TEST_CASE("loading: --until ends the run early and is its beginning", "[cli][loading]") {
  const Folder folder("longhaul_loading_test_until");
  const std::string file = folder.add("tiny.json", tiny_scenario);
  const Result<Scenario> half = load(file, {.until = seconds(10)});
  REQUIRE(half.value().cluster.duration == seconds(10));
  REQUIRE(half.value().config.duration == seconds(20));
  REQUIRE(load(file, {.until = seconds(60)}).value().cluster.duration == seconds(20));
  const Result<Scenario> nothing = load(file, {.until = seconds(1)});
  REQUIRE(!nothing);
  REQUIRE(nothing.errors()[0].path == "--until");
  Cluster early = build_run(half.value(), 1);
  Cluster whole = build_run(load(file, {}).value(), 1);
  early.run_until(early.end());
  whole.run_until(early.end());
  REQUIRE(early.world().scheduler.digest() == whole.world().scheduler.digest());
}

TEST_CASE("loading: own round trips take the place of the catalogue's", "[cli][loading]") {
  const Folder folder("longhaul_loading_test_rtt");
  const std::string csv = folder.add("rtt.csv", "src,dst,rtt_ms\naws:us-east-1,aws:eu-west-1,60\n");
  const Result<Catalogue> catalogue = load_catalogue(csv);
  REQUIRE(catalogue);
  REQUIRE(catalogue.value().between("aws:eu-west-1", "aws:us-east-1").value().rtt_us == 60'000);
  REQUIRE(!load_catalogue(folder.path() + "/missing.csv"));
  // The run's effective network changes with it, and so does the scenario's digest.
  const std::string file = folder.add("tiny.json", tiny_scenario);
  REQUIRE(load(file, {.rtt_csv = csv}).value().digest != load(file, {}).value().digest);
}

TEST_CASE("loading: the command that replays a seed can be pasted", "[cli][loading]") {
  REQUIRE(replay_command("x.json", 3, {}) == "longhaul run x.json --seed 3");
  ScenarioArgs args;
  args.sets = {"workload.eu.rate=50/s", "expect.reads=[\"count > 1\"]", "purpose=it's"};
  args.until = minutes(5);
  args.permute_ties = 9;
  args.rtt_csv = "my pings.csv";
  REQUIRE(replay_command("a b.json", 1, args) ==
          "longhaul run 'a b.json' --seed 1 --set workload.eu.rate=50/s "
          "--set 'expect.reads=[\"count > 1\"]' --set 'purpose=it'\\''s' --until 5min "
          "--tie-order permute:9 --rtt-csv 'my pings.csv'");
}

}  // namespace longhaul
