// A run is a function of its scenario and its seed, and luck has a name.
#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "models/app/pages.h"
#include "models/checks.h"
#include "run/runner.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

const std::string flagship = LONGHAUL_ROOT "/scenarios/patterns/three_regions_read_replicas.json";

Scenario load(const std::vector<std::string>& sets) {
  Result<Scenario> loaded = load_scenario(flagship, {.sets = sets});
  if (!loaded) FAIL(to_text(loaded.errors().front()));
  return std::move(loaded).value();
}

const std::vector<std::string> a_short_run_with_faults = {
    "duration=20s", "warmup=2s",
    "faults=[{\"kind\": \"pause_replay\", \"node\": \"db-eu\", \"at\": \"5s\", \"for\": \"4s\"},"
    "{\"kind\": \"cut_link\", \"between\": [\"aws:us-east-1\", \"aws:ap-northeast-1\"],"
    " \"at\": \"8s\", \"for\": \"3s\"}]"};

std::uint64_t digest_of_run(Cluster cluster) {
  cluster.run_until(cluster.end());
  return cluster.world().scheduler.digest();
}

// Everything that a page does and that its users' luck decides: when it was asked for, which page,
// which instance, which rows, how long its statements would take.
class LuckRecorder : public EventObserver {
 public:
  using Key = std::pair<std::string, std::uint64_t>;  // session's name, page number
  using Luck = std::tuple<TimePoint, std::uint32_t, std::vector<std::uint64_t>>;

  void before(const World& world, const Event& event) override {
    if (static_cast<EventKind>(event.kind) != EventKind::page_at_app) return;
    const MessageArg arg = MessageArg::unpack(event.arg);
    const Request& request = world.requests[arg.slot];
    const Session& session = world.sessions[request.session.value];
    const PopulationPlan& population = world.plan->populations[session.population.value];
    std::vector<std::uint64_t> draws;
    for (std::uint32_t k = 0; k < 3; ++k) {
      const DataSetPlan& set = world.plan->sets[0];
      draws.push_back(set.picker.pick(draw(world, request, Purpose::row, k)));
      draws.push_back(draw(world, request, Purpose::service, k));
      draws.push_back(draw(world, request, Purpose::to_node, k));
    }
    const std::uint32_t page = request.page - population.first_page;
    const std::string name = population.config.name + "/" +
                             std::to_string(request.session.value - population.first_session.value);
    seen[{name, request.number}] = {request.clicked, page, draws};
  }

  std::map<Key, Luck> seen;
};

std::map<LuckRecorder::Key, LuckRecorder::Luck> luck_of(const Scenario& scenario) {
  LuckRecorder recorder;
  Cluster cluster = build_run(scenario, 1);
  cluster.run_until(cluster.end(), &recorder);
  return recorder.seen;
}

}  // namespace

TEST_CASE("determinism: the same scenario and seed give the same digest", "[determinism]") {
  const Scenario scenario = load(a_short_run_with_faults);
  const std::uint64_t first = digest_of_run(build_run(scenario, 7));
  REQUIRE(digest_of_run(build_run(scenario, 7)) == first);
  REQUIRE(digest_of_run(build_run(scenario, 8)) != first);
}

TEST_CASE("determinism: a world copied half-way continues like the original", "[determinism]") {
  const Scenario scenario = load(a_short_run_with_faults);
  Cluster original = build_run(scenario, 3);
  // In the middle of both faults: paused replica, cut link, parked messages, hanging streams.
  original.run_until(TimePoint{} + milliseconds(8'500));
  const Cluster copy = original;
  const std::uint64_t continued = digest_of_run(original);
  REQUIRE(digest_of_run(copy) == continued);
  REQUIRE(digest_of_run(build_run(scenario, 3)) == continued);
}

TEST_CASE("determinism: the figures of a copy are those of the original", "[determinism]") {
  const Scenario scenario = load(a_short_run_with_faults);
  Cluster original = build_run(scenario, 3);
  original.run_until(TimePoint{} + seconds(9));
  const RunResult from_copy = finish_run(Cluster(original), scenario);
  const RunResult from_original = finish_run(std::move(original), scenario);
  for (const MetricInfo& row : metric_table()) {
    Selector all;
    all.metric = row.metric;
    const Figure a = from_copy.figures.select(all);
    const Figure b = from_original.figures.select(all);
    REQUIRE(a.count() == b.count());
    REQUIRE(a.max() == b.max());
    REQUIRE(a.average() == b.average());
  }
}

TEST_CASE("determinism: permuting ties breaks no invariant and is repeatable", "[determinism]") {
  class Checker : public EventObserver {
   public:
    void before(const World& world, const Event&) override {
      if (++events % 16 != 0) return;  // every invariant after every event is random_worlds' work
      const std::string complaint = broken_invariant(world);
      if (!complaint.empty()) FAIL(complaint);
    }
    std::uint64_t events = 0;
  };
  std::vector<std::string> sets = a_short_run_with_faults;
  sets.push_back("workload.us.rate=5/s");
  sets.push_back("workload.eu.rate=5/s");
  sets.push_back("workload.ap.rate=5/s");
  const Scenario scenario = load(sets);
  const std::uint64_t plain = digest_of_run(build_run(scenario, 1));
  for (std::uint64_t seed : {1u, 2u, 3u}) {
    Checker checker;
    Cluster cluster = build_run(scenario, 1, {.permute_ties = seed});
    cluster.run_until(cluster.end(), &checker);
    REQUIRE(cluster.world().scheduler.ties() > 0);
    const std::uint64_t digest = cluster.world().scheduler.digest();
    REQUIRE(digest == digest_of_run(build_run(scenario, 1, {.permute_ties = seed})));
    REQUIRE(digest != plain);
  }
}

TEST_CASE("determinism: an idle replica changes nobody's luck", "[determinism]") {
  const auto before = luck_of(load({"duration=10s", "warmup=1s"}));
  const auto after = luck_of(load(
      {"duration=10s", "warmup=1s",
       "topology.nodes=[{\"name\": \"db-us\", \"region\": \"aws:us-east-1\", \"role\": \"primary\","
       " \"max_connections\": 200},"
       "{\"name\": \"idle\", \"region\": \"aws:us-east-1\", \"zone\": \"b\", \"role\": \"replica\","
       " \"follows\": \"db-us\"},"
       "{\"name\": \"db-eu\", \"region\": \"aws:eu-west-1\", \"role\": \"replica\","
       " \"follows\": \"db-us\"},"
       "{\"name\": \"db-ap\", \"region\": \"aws:ap-northeast-1\", \"role\": \"replica\","
       " \"follows\": \"db-us\"}]"}));
  // 150 pages a second and 30 canary writes for ten seconds.
  REQUIRE(before.size() > 1'500);
  REQUIRE(before == after);
}

TEST_CASE("determinism: another population changes nobody's luck", "[determinism]") {
  const auto before = luck_of(load({"duration=10s", "warmup=1s", "canary=0/s"}));
  const std::string users =
      "[{\"name\": \"first\", \"from\": \"aws:eu-central-1\", \"sessions\": 50, \"rate\": \"20/s\","
      " \"pages\": [{\"name\": \"dashboard\", \"calls\": [{\"read\": \"profile\"}]}]}";
  // In front of the others, so that every position and id of theirs moves.
  std::string all = users;
  for (const char* region : {"us-east-1", "eu-west-1", "ap-northeast-1"}) {
    const std::string name = std::string(region).substr(0, 2);
    all += ", {\"name\": \"" + name + "\", \"from\": \"aws:" + region +
           "\", \"last_mile\": \"20ms\", \"sessions\": 500, \"rate\": \"50/s\", \"pages\": ["
           "{\"name\": \"dashboard\", \"weight\": 19, \"calls\": [{\"read\": \"profile\", "
           "\"times\": 3}]},"
           "{\"name\": \"save_profile\", \"weight\": 1, \"calls\": [{\"write\": \"profile\"}, "
           "{\"read\": \"profile\", \"own\": true}]}]}";
  }
  auto after = luck_of(load({"duration=10s", "warmup=1s", "canary=0/s", "workload=" + all + "]"}));
  std::erase_if(after, [](const auto& page) { return page.first.first.starts_with("first/"); });
  REQUIRE(before.size() > 1'200);
  REQUIRE(before == after);
}

}  // namespace longhaul
