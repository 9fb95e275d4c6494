#include "run/sweep.h"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

std::vector<std::uint64_t> digests(const SweepResult& result) {
  std::vector<std::uint64_t> list;
  for (const SeedResult& seed : result.seeds) list.push_back(seed.digest);
  return list;
}

}  // namespace

TEST_CASE("sweep: the number of threads changes nothing", "[run][sweep]") {
  const Scenario scenario = load_tiny();
  const SweepResult one = run_seeds(scenario, {3, 12}, 1);
  const SweepResult four = run_seeds(scenario, {3, 12}, 4);
  REQUIRE(one.complete);
  REQUIRE(one.seeds.size() == 10);
  REQUIRE(one.seeds.front().seed == 3);
  REQUIRE(one.seeds.back().seed == 12);
  REQUIRE(digests(one) == digests(four));
  for (std::size_t i = 0; i < one.pooled.size(); ++i) {
    REQUIRE(one.pooled[i].value == four.pooled[i].value);
    REQUIRE(one.pooled[i].holds == four.pooled[i].holds);
  }
}

TEST_CASE("sweep: each seed is the run of that seed, and pooled is all of them", "[run][sweep]") {
  const Scenario scenario = load_tiny();
  const SweepResult result = run_seeds(scenario, {1, 3}, 2);
  Figures all;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const RunResult alone = run(scenario, seed);
    all.add(alone.figures);
    const SeedResult& found = result.seeds[seed - 1];
    REQUIRE(found.digest == alone.digest);
    const std::vector<Verdict> verdicts = judge_all(scenario, alone.figures);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      REQUIRE(found.verdicts[i].value == verdicts[i].value);
      REQUIRE(found.verdicts[i].holds == verdicts[i].holds);
    }
  }
  const std::vector<Verdict> pooled = judge_all(scenario, all);
  for (std::size_t i = 0; i < pooled.size(); ++i) {
    REQUIRE(result.pooled[i].value == pooled[i].value);
    REQUIRE(result.pooled[i].upper_bound_ppm == pooled[i].upper_bound_ppm);
  }
}

TEST_CASE("sweep: tasks are handed out in order, each when it is finished", "[run][sweep]") {
  const Scenario slow = load_tiny({"duration=60s"});
  const Scenario quick = load_tiny({"duration=2s"});
  std::vector<std::size_t> order;
  sweep({{&slow, {1, 2}}, {&quick, {1, 5}}, {&slow, {1, 1}}}, {.jobs = 3},
        [&](std::size_t task, SweepResult result) {
          REQUIRE(result.complete);
          order.push_back(task);
        });
  REQUIRE(order == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("sweep: a stop keeps the seeds that are finished", "[run][sweep]") {
  const Scenario scenario = load_tiny({"duration=2s"});
  SweepOptions options;
  options.run_seed = [](const Scenario& what, std::uint64_t seed) -> std::optional<RunResult> {
    if (seed == 6) return std::nullopt;
    return run(what, seed);
  };
  std::vector<std::size_t> sizes;
  // One thread takes the seeds in order, so it stops after five of the second task's ten.
  sweep({{&scenario, {1, 2}}, {&scenario, {1, 10}}, {&scenario, {1, 2}}}, options,
        [&](std::size_t, SweepResult result) { sizes.push_back(result.seeds.size()); });
  REQUIRE(sizes == std::vector<std::size_t>{2, 5});
}

TEST_CASE("sweep: threads that run ahead of a slow seed wait", "[run][sweep]") {
  using namespace std::chrono_literals;
  const Scenario scenario = load_tiny({"duration=2s"});
  std::atomic<int> finished{0};
  std::atomic<bool> released{false};
  int ahead = 0;
  SweepOptions options{.jobs = 2};
  options.run_seed = [&](const Scenario& what, std::uint64_t seed) -> std::optional<RunResult> {
    if (seed == 1) {
      // 32 may be under way beyond what is taken over, this one among them.
      for (int i = 0; i < 20'000 && finished < 31; ++i) std::this_thread::sleep_for(1ms);
      std::this_thread::sleep_for(20ms);
      ahead = finished;
      released = true;
    } else if (!released) {
      finished += 1;
    }
    return run(what, seed);
  };
  const auto nothing = [](std::size_t, SweepResult) {};
  sweep({{&scenario, {1, 100}}}, options, nothing);
  REQUIRE(ahead == 31);
}

TEST_CASE("sweep: what a run throws comes out at the caller", "[run][sweep]") {
  const Scenario scenario = load_tiny();
  SweepOptions options{.jobs = 2};
  options.run_seed = [](const Scenario&, std::uint64_t) -> std::optional<RunResult> {
    throw std::runtime_error("out of luck");
  };
  const auto nothing = [](std::size_t, SweepResult) {};
  REQUIRE_THROWS_AS(sweep({{&scenario, {1, 5}}}, options, nothing), std::runtime_error);
}

}  // namespace longhaul
