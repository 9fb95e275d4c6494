#include "run/store.h"

#include <filesystem>
#include <fstream>

#include "run/grid.h"
#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

// A file of its own for each test, gone before and after it.
class Scratch {
 public:
  explicit Scratch(const std::string& name)
      : path_((std::filesystem::temp_directory_path() / ("longhaul_store_" + name)).string()) {
    std::filesystem::remove(path_);
  }
  ~Scratch() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Grid tiny_grid(SeedRange seeds = {1, 3}) {
  GridAsked asked;
  asked.axes = {{"workload.eu.rate", {"10/s", "20/s"}}};
  asked.seeds = seeds;
  asked.load = [](const std::vector<std::string>& sets) -> Result<Scenario> {
    std::vector<std::string> all{"duration=3s", "canary=10/s"};
    all.insert(all.end(), sets.begin(), sets.end());
    return load_tiny(all);
  };
  return make_grid(asked).value();
}

// Everything that is in it, for comparison.
std::string content(const Store& store) {
  std::string text;
  for (const StoredCell& cell : store.cells()) {
    text += std::to_string(cell.cell) + " " + std::to_string(cell.setting) + " " +
            std::to_string(cell.seed) + " " + std::to_string(cell.cost_micro_usd) + "\n";
  }
  for (const char* metric : {"page_latency", "reads", "write_latency"}) {
    for (const std::string& labels : store.labels(metric)) {
      text += std::string(metric) + "{" + labels + "}";
      for (const StoredFigure& figure : store.figures(metric, labels, "count")) {
        text += " " + (figure.value ? std::to_string(*figure.value) : "-");
      }
      text += "\n";
    }
  }
  return text;
}

}  // namespace

TEST_CASE("run store the last axis changes fastest", "[run][store]") {
  SweepKey key;
  key.axes = {{"a", {"1", "2"}}, {"b", {"x", "y", "z"}}};
  REQUIRE(key.settings() == 6);
  REQUIRE(values_of(key.axes, 0) == std::vector<std::string>{"1", "x"});
  REQUIRE(values_of(key.axes, 2) == std::vector<std::string>{"1", "z"});
  REQUIRE(values_of(key.axes, 3) == std::vector<std::string>{"2", "x"});
}

TEST_CASE("run store a file that is opened again knows what it is and what it lacks",
          "[run][store]") {
  const Grid grid = tiny_grid();
  const Scratch file("again.sqlite");
  {
    Store store = Store::open(file.path(), grid.key).value();
    REQUIRE(!store.add(run_stem(grid, 4, {})));
  }
  const Store store = Store::open(file.path(), grid.key).value();
  REQUIRE(store.key() == grid.key);
  REQUIRE(store.finished() == std::vector<bool>{false, false, false, false, true, false});
  // Stem 4 of 2 settings × 3 seeds: the second setting's second seed.
  REQUIRE(store.cells().at(0).setting == 1);
  REQUIRE(store.cells().at(0).seed == 2);
}

TEST_CASE("run store what is filled in two goes on one thread equals one go on two",
          "[run][store]") {
  const Grid grid = tiny_grid();
  Store whole = Store::open(":memory:", grid.key).value();
  GridOptions options;
  options.jobs = 2;
  REQUIRE(fill(grid, whole, options).value());
  Store parts = Store::open(":memory:", grid.key).value();
  int asked = 0;
  options.jobs = 1;
  options.go_on = [&] { return ++asked < 150; };
  REQUIRE(!fill(grid, parts, options).value());
  REQUIRE(parts.cells().size() < 6);
  options.go_on = {};
  REQUIRE(fill(grid, parts, options).value());
  REQUIRE(content(parts) == content(whole));
}

TEST_CASE("run store shards that are merged equal one process", "[run][store]") {
  const Grid grid = tiny_grid();
  Store whole = Store::open(":memory:", grid.key).value();
  REQUIRE(fill(grid, whole, {}).value());
  const Scratch files[] = {Scratch("part1.sqlite"), Scratch("part2.sqlite"),
                           Scratch("part3.sqlite"), Scratch("part4.sqlite")};
  Store merged = Store::open(":memory:", grid.key).value();
  std::int64_t added = 0;
  for (std::int64_t part = 4; part >= 1; --part) {
    const std::string& path = files[part - 1].path();
    Store store = Store::open(path, grid.key).value();
    GridOptions options;
    options.shard = {part, 4};
    REQUIRE(fill(grid, store, options).value());
    added += merged.merge(path).value();
    REQUIRE(merged.merge(path).value() == 0);  // nothing twice
  }
  REQUIRE(added == 6);
  REQUIRE(content(merged) == content(whole));
}

TEST_CASE("run store a file of another sweep is refused with what differs", "[run][store]") {
  const Scratch file("other.sqlite");
  { REQUIRE(Store::open(file.path(), tiny_grid().key).ok()); }
  const Result<Store> seeds = Store::open(file.path(), tiny_grid({1, 4}).key);
  REQUIRE(!seeds.ok());
  REQUIRE(seeds.errors()[0].value == "another sweep: last_seed 3, not 4");
  SweepKey axes = tiny_grid().key;
  axes.axes[0].values.pop_back();
  REQUIRE(Store::open(file.path(), axes).errors()[0].value == "another sweep: axes");
}

TEST_CASE("run store what is no store is an error and stays as it is", "[run][store]") {
  const Scratch file("text.sqlite");
  std::ofstream(file.path()) << "nothing of the kind, and more than a header's worth of it\n";
  const Result<Store> store = Store::open(file.path(), tiny_grid().key);
  REQUIRE(!store.ok());
  std::string line;
  std::ifstream(file.path()) >> line;
  REQUIRE(line == "nothing");
  REQUIRE(!Store::read("/no/such/file.sqlite").ok());
}

}  // namespace longhaul
