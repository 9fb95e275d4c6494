#include "gui/model/sweep_model.h"

#include <chrono>
#include <thread>

#include "gui/model/runs.h"
#include "run/grid.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

const std::string root = LONGHAUL_ROOT;

struct Opened {
  std::string file;
  std::string text;
  Scenario scenario;
};

Opened opened(const std::string& name) {
  const std::string file = root + "/scenarios/" + name;
  Result<std::string> text = read_text_file(file);
  REQUIRE(text);
  Result<Scenario> scenario = load_text(file, text.value());
  REQUIRE(scenario);
  return {file, text.value(), std::move(scenario).value()};
}

SweepAsked parameter_sweep(const Opened& of) {
  SweepAsked asked;
  asked.kind = SweepKind::parameter;
  asked.file = of.file;
  asked.text = of.text;
  asked.seeds = 2;
  asked.duration = "40s";
  asked.jobs = 2;
  asked.axis = {"workload.us.last_mile", {"10ms", "30ms", "90ms"}};
  asked.figure = {"page_latency{region:aws:us-east-1}", "med"};
  return asked;
}

// The newest picture after each cell of the background, and the last one.
std::vector<std::shared_ptr<const SweepPicture>> pictures_of(const SweepAsked& asked,
                                                             const ScenarioConfig& config) {
  std::vector<std::shared_ptr<const SweepPicture>> seen;
  SweepModel model;
  // On the model's thread, and never two at a time.
  model.start(asked, config, [&] { seen.push_back(model.newest()); });
  while (model.running()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return seen;
}

TEST_CASE("a sweep shows what is finished, and that is the beginning of the whole",
          "[gui][sweep_model]") {
  const Opened of = opened("patterns/single_region.json");
  const SweepAsked asked = parameter_sweep(of);
  const auto seen = pictures_of(asked, of.scenario.config);
  REQUIRE(seen.size() >= 3);
  const ParameterSweep& whole = *seen.back()->parameter;
  REQUIRE(seen.back()->complete);
  REQUIRE(whole.points.size() == 3);
  REQUIRE_FALSE(seen.front()->complete);
  REQUIRE(seen.front()->parameter->points.size() == 1);
  for (const auto& picture : seen) {
    for (std::size_t i = 0; i < picture->parameter->points.size(); ++i) {
      REQUIRE(picture->parameter->points[i].mean.by_seed == whole.points[i].mean.by_seed);
    }
  }
  // 80 ms more on the way are 80 ms more for a page.
  const std::int64_t more = whole.points[2].mean.mean_milli - whole.points[0].mean.mean_milli;
  REQUIRE(more > 74'000'000'000);
  REQUIRE(more < 86'000'000'000);
  REQUIRE(parameter_sentence(whole).find("at 10ms to") != std::string::npos);
  REQUIRE(parameter_svg(whole).starts_with("<svg"));
}

TEST_CASE("a crash is swept with the cells of longhaul data-loss", "[gui][sweep_model]") {
  const Opened of = opened("patterns/one_region_with_failover.json");
  SweepAsked asked;
  asked.kind = SweepKind::data_loss;
  asked.file = of.file;
  asked.text = of.text;
  asked.seeds = 1;
  asked.instants = 3;
  asked.horizon = seconds(30);
  asked.jobs = 1;
  const std::vector<std::size_t> movable = movable_faults(of.scenario.config);
  if (!movable.empty()) asked.fault = movable.front();
  const auto seen = pictures_of(asked, of.scenario.config);
  REQUIRE(seen.back()->complete);
  REQUIRE(seen.back()->errors.empty());
  REQUIRE(seen.back()->data_loss->crashes.crashes() == 3);
  REQUIRE(seen.back()->outages->each.size() == 3);
  REQUIRE(seen.back()->svg(SweepKind::outage).starts_with("<svg"));

  GridAsked grid_asked;
  const std::int64_t first = of.scenario.config.seeds.first;
  grid_asked.seeds = SeedRange{first, first};
  grid_asked.crash.instants = 3;
  grid_asked.crash.horizon = seconds(30);
  grid_asked.crash.fault = asked.fault;
  const std::vector<std::string> sets = sweep_sets(asked, of.scenario.config);
  grid_asked.load = [&](const std::vector<std::string>& own) {
    std::vector<std::string> all = sets;
    all.insert(all.end(), own.begin(), own.end());
    ScenarioOptions options;
    options.sets = all;
    return load_scenario(of.file, options);
  };
  const Result<Grid> grid = make_grid(grid_asked);
  REQUIRE(grid);
  Result<Store> store = Store::open(":memory:", grid.value().key);
  REQUIRE(store);
  REQUIRE(fill(grid.value(), store.value(), {}));
  REQUIRE(data_loss_json(*seen.back()->data_loss) == data_loss_json(data_loss(store.value())));
}

TEST_CASE("what does not fit a scenario says what is missing", "[gui][sweep_model]") {
  const Opened alone = opened("patterns/single_region.json");
  REQUIRE(why_not(SweepKind::lag_threshold, alone.scenario.config).find("replica") !=
          std::string::npos);
  REQUIRE(why_not(SweepKind::outage, alone.scenario.config).find("failover manager") !=
          std::string::npos);
  REQUIRE(why_not(SweepKind::parameter, alone.scenario.config).empty());
  const Opened replicas = opened("patterns/three_regions_read_replicas.json");
  REQUIRE(why_not(SweepKind::lag_threshold, replicas.scenario.config).empty());
  const Opened failover = opened("patterns/one_region_with_failover.json");
  REQUIRE(why_not(SweepKind::data_loss, failover.scenario.config).empty());
}

TEST_CASE("a value that cannot be is refused with its place", "[gui][sweep_model]") {
  const Opened of = opened("patterns/single_region.json");
  SweepAsked asked = parameter_sweep(of);
  asked.axis.values = {"10ms", "banana"};
  const auto seen = pictures_of(asked, of.scenario.config);
  REQUIRE_FALSE(seen.back()->errors.empty());
  const std::string why = to_text(seen.back()->errors.front());
  REQUIRE(why.starts_with("workload.us.last_mile: \"banana\"; expected a duration"));
  REQUIRE(why.find("--") == std::string::npos);  // options are the command line's words
  REQUIRE_FALSE(seen.back()->has(SweepKind::parameter));
}

TEST_CASE("the command line has all that was chosen", "[gui][sweep_model]") {
  const Opened of = opened("patterns/single_region.json");
  SweepAsked asked = parameter_sweep(of);
  REQUIRE(sweep_command_line(asked, of.scenario.config) ==
          "longhaul sweep " + of.file +
              " --vary workload.us.last_mile=10ms,30ms,90ms --seeds 1..2 --set duration=40s");
}

TEST_CASE("the command line says when the file would not give what is shown",
          "[gui][sweep_model]") {
  Result<Document> read = Document::open(root + "/scenarios/patterns/single_region.json");
  REQUIRE(read);
  Document document = std::move(read).value();
  REQUIRE_FALSE(document.set("duration", "\"30s\""));
  SweepAsked asked;
  asked.kind = SweepKind::parameter;
  asked.file = document.path();
  asked.text = document.text();
  asked.seeds = 1;
  asked.axis = {"workload.us.last_mile", {"10ms"}};
  SweepModel model;
  model.start(asked, document.scenario()->config, {});
  while (model.running()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const std::string line =
      "longhaul sweep " + document.path() + " --vary workload.us.last_mile=10ms --seeds 1..1";
  REQUIRE(model.command_line(SweepKind::parameter, document) == line + "   # save first");
  REQUIRE_FALSE(document.set("duration", "\"20s\""));
  REQUIRE(model.command_line(SweepKind::parameter, document) ==
          line + "   # of the scenario as it was");
}

TEST_CASE("one seed of a parameter says nothing of luck", "[gui][sweep_model]") {
  const Opened of = opened("patterns/single_region.json");
  SweepAsked asked = parameter_sweep(of);
  asked.seeds = 1;
  const auto seen = pictures_of(asked, of.scenario.config);
  REQUIRE(parameter_sentence(*seen.back()->parameter)
              .ends_with("; one seed does not say how much of that is luck."));
}

TEST_CASE("parameters are found by words of their path", "[gui][sweep_model]") {
  const Opened of = opened("patterns/three_regions_read_replicas.json");
  const auto found = find_parameters(of.scenario.config, "lag open", 10);
  REQUIRE_FALSE(found.empty());
  REQUIRE(found[0].path == "policy.lag_breaker.open_above");
  REQUIRE(found[0].value == "3s");
  const std::vector<std::string> values =
      values_around(of.scenario.config, "policy.lag_breaker.open_above");
  REQUIRE(values == std::vector<std::string>{"750ms", "1.5s", "3s", "6s", "12s"});
}

}  // namespace
}  // namespace longhaul
