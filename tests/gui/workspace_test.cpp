// What is open, and the clock that all designs share.
#include "gui/model/workspace.h"

#include <chrono>
#include <string>
#include <thread>

#include "tests/catch.h"

namespace longhaul {
namespace {

const std::string flagship =
    std::string(LONGHAUL_ROOT) + "/scenarios/patterns/three_regions_read_replicas.json";

void settle(Workspace& work) {
  const auto began = std::chrono::steady_clock::now();
  const auto busy = [&] {
    for (const auto& design : work.designs) {
      if (design->session.working()) return true;
    }
    return false;
  };
  work.update(0);
  while (busy()) {
    REQUIRE(std::chrono::steady_clock::now() - began < std::chrono::minutes(2));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    work.update(0);
  }
  work.update(0);
}

TEST_CASE("workspace: a broken file is refused with its errors and leaves the open one", "[gui]") {
  Workspace work({});
  REQUIRE(work.open(flagship).empty());
  const std::vector<Error> errors = work.open(std::string(LONGHAUL_ROOT) + "/data/regions.csv");
  CHECK_FALSE(errors.empty());
  REQUIRE(work.designs.size() == 1);
  CHECK(work.current()->document.path() == flagship);
}

TEST_CASE("workspace: a fifth design is refused", "[gui]") {
  Workspace work({});
  REQUIRE(work.open(flagship).empty());
  for (int i = 0; i < 3; ++i) CHECK(work.duplicate() != nullptr);
  CHECK(work.duplicate() == nullptr);
  CHECK_FALSE(work.open_beside(flagship).empty());
  CHECK(work.designs.size() == 4);
  CHECK(work.designs[3]->name == "D");
  // Each is a copy of the one before, and called after the first.
  const std::string stem = flagship.substr(0, flagship.size() - std::string(".json").size());
  CHECK(work.designs[3]->document.path() == stem + "_d.json");
}

TEST_CASE("workspace: a copy has the same run, until it is changed", "[gui]") {
  Workspace work({});
  REQUIRE(work.open(flagship).empty());
  Design* copy = work.duplicate();
  REQUIRE(copy != nullptr);
  settle(work);
  const auto digest = [&](std::size_t i) {
    return work.designs[i]->session.view()->result->digest;
  };
  CHECK(digest(0) == digest(1));
  REQUIRE_FALSE(copy->document.set("workload.eu.rate", "\"60/s\""));
  settle(work);
  CHECK(digest(0) != digest(1));
  copy->document.undo();
  settle(work);
  CHECK(digest(0) == digest(1));
}

TEST_CASE("workspace: the version that was saved stands before the one with changes", "[gui]") {
  Workspace work({});
  REQUIRE(work.open(flagship).empty());
  REQUIRE(work.put_saved_before() == nullptr);  // nothing has changed
  const std::string saved = work.designs[0]->document.text();
  REQUIRE_FALSE(work.designs[0]->document.set("workload.eu.rate", "\"60/s\""));
  const Design* edited = work.current();
  REQUIRE(work.put_saved_before() != nullptr);
  REQUIRE(work.designs.size() == 2);
  CHECK(work.current() == edited);
  CHECK(work.designs[1].get() == edited);
  CHECK(work.designs[0]->name == "A");
  CHECK(edited->name == "B");
  CHECK(work.designs[0]->document.text() == saved);
  CHECK_FALSE(work.designs[0]->document.has_file());  // Ctrl+S does not write over the other
}

TEST_CASE("workspace: the clock plays at its speed and stops at the end", "[gui]") {
  Workspace work({});
  REQUIRE(work.open(flagship).empty());
  settle(work);
  work.go_to({});
  work.clock.speed = 100;
  work.clock.playing = true;
  work.update(0.5);
  CHECK(work.clock.now == TimePoint{} + seconds(50));
  CHECK(work.clock.playing);
  work.update(100);
  CHECK(work.clock.now == work.end());
  CHECK_FALSE(work.clock.playing);
}

TEST_CASE("workspace: the command that gives the same run names file and seed", "[gui]") {
  Workspace work({});
  REQUIRE(work.open(flagship).empty());
  CHECK(command_line(work) == "longhaul run " + flagship);
  work.seed = 7;
  CHECK(command_line(work) == "longhaul run " + flagship + " --seed 7");
  REQUIRE_FALSE(work.current()->document.set("duration", "\"5min\""));
  CHECK(command_line(work).ends_with("# save first"));
}

}  // namespace
}  // namespace longhaul
