// Toys whose number of disagreements has a closed form.
#include "tests/groundtruth/self_judging.h"

#include <functional>

#include "sim/rng.h"
#include "tests/catch.h"

using namespace longhaul;
using namespace longhaul::groundtruth;

namespace {

// Even in [-1, 1): the median is 0, so the tolerance of 20 % of a value never reaches it.
double uniform(RandomStream& luck) {
  return static_cast<double>(below(luck.bits(), 2'000'000)) / 1e6 - 1;
}

struct Toy {
  FailoverExperiment experiment;
  SimulatedFailovers simulated;
};

Toy toy(int repetitions, const std::vector<std::string>& figures, int runs,
        const std::function<FailoverOutcome()>& run) {
  Toy made;
  made.experiment.id = "toy";
  for (const std::string& name : figures) made.experiment.figures.push_back({name, "s", ""});
  made.experiment.repetitions.resize(static_cast<std::size_t>(repetitions));
  made.simulated.runs.resize(static_cast<std::size_t>(repetitions));
  for (auto& of_repetition : made.simulated.runs) {
    for (int i = 0; i < runs; ++i) of_repetition.push_back(run());
  }
  return made;
}

std::vector<std::string> names(int count) {
  std::vector<std::string> all;
  for (int i = 0; i < count; ++i) all.push_back("f" + std::to_string(i));
  return all;
}

double mean_of(const std::vector<std::size_t>& counts) {
  double sum = 0;
  for (const std::size_t count : counts) sum += static_cast<double>(count);
  return sum / static_cast<double>(counts.size());
}

}  // namespace

// One repetition has no width. Of 501 runs one is drawn; the 5th and the 95th percentile of the
// other 500 are the 26th and the 475th, so it lies outside in 26 + 26 of 501 cases: binomial(20,
// 0.1038), 2.08 in the mean and 5 or more in 4.9 %. The pool of 501 leaves 0.06 to either side of
// the mean at one sigma.
TEST_CASE("self_judging: independent values disagree by a binomial of one in ten",
          "[groundtruth]") {
  RandomStream luck{stream(6, "toy")};
  const std::vector<std::string> figures = names(20);
  const Toy made = toy(1, figures, 501, [&] {
    FailoverOutcome outcome;
    for (const std::string& name : figures) outcome[name] = uniform(luck);
    return outcome;
  });
  const Chances chances = judge_itself(made.experiment, made.simulated, 2'000);
  REQUIRE(chances.in_all.size() == 2'000);
  REQUIRE(mean_of(chances.in_all) == Approx(2.08).margin(0.2));
  REQUIRE(share_with(chances.in_all, 5) == Approx(0.049).margin(0.03));
  REQUIRE(share_with(chances.in_all, 1) == Approx(1 - 0.112).margin(0.03));  // 0.8962^20
  REQUIRE(mean_of(chances.of_figure.at("f7")) == Approx(0.104).margin(0.03));
  REQUIRE(!is_beyond_chance(chances, 2));
  REQUIRE(is_beyond_chance(chances, 6));  // 1.5 %
}

// A whole run is drawn: twenty figures that are one disagree all or not at all.
TEST_CASE("self_judging: the figures of a pseudo-measurement belong to one run", "[groundtruth]") {
  RandomStream luck{stream(2, "toy")};
  const std::vector<std::string> figures = names(20);
  const Toy made = toy(1, figures, 501, [&] {
    FailoverOutcome outcome;
    const double value = uniform(luck);
    for (const std::string& name : figures) outcome[name] = value;
    return outcome;
  });
  const Chances chances = judge_itself(made.experiment, made.simulated, 2'000);
  REQUIRE(share_with(chances.in_all, 20) == Approx(0.104).margin(0.025));
  REQUIRE(share_with(chances.in_all, 1) == share_with(chances.in_all, 20));
}

// The simulated width is 0.9 of the whole, so the rule fails where the range R of n even values is
// below 0.45: n R^(n-1) - (n-1) R^n, which is 0.425 for three and 0.131 for five. On top of it
// come n values with 0.1 each.
TEST_CASE("self_judging: the width of three values fails in 42 of 100 cases, of five in 13",
          "[groundtruth]") {
  RandomStream luck{stream(3, "toy")};
  const auto run = [&] { return FailoverOutcome{{"f", uniform(luck)}}; };
  for (const auto& [n, fails] : {std::pair{3, 0.425}, std::pair{5, 0.131}}) {
    const Toy made = toy(n, {"f"}, 400, run);
    const Chances chances = judge_itself(made.experiment, made.simulated, 4'000);
    REQUIRE(mean_of(chances.in_all) == Approx(n * 0.104 + fails).margin(0.05));
  }
}

// An outcome with a share of one half, ten times: 0 or 1 of 10 have a 95 % interval that ends below
// one half (0.31 and 0.45), 2 of 10 one that does not (0.56); so 22 of 1,024.
TEST_CASE("self_judging: a mode's share disagrees as Clopper and Pearson have it",
          "[groundtruth]") {
  int next = 0;
  Toy made = toy(10, {}, 1'000, [&] { return FailoverOutcome{{"f", next++ % 2}}; });
  made.experiment.modes.push_back({"one", "f", 0.5, 1.5, {}});
  const Chances chances = judge_itself(made.experiment, made.simulated, 10'000);
  REQUIRE(mean_of(chances.of_figure.at("one")) == Approx(22.0 / 1024).margin(0.005));
}

// Half of the runs lack the figure: where one of them is drawn nothing is compared.
TEST_CASE("self_judging: what did not happen in a pseudo-measurement is not compared",
          "[groundtruth]") {
  RandomStream luck{stream(5, "toy")};
  int next = 0;
  const Toy made = toy(1, {"f"}, 1'000, [&] {
    FailoverOutcome outcome;
    if (next++ % 2 == 0) outcome["f"] = uniform(luck);
    return outcome;
  });
  const Chances chances = judge_itself(made.experiment, made.simulated, 4'000);
  REQUIRE(mean_of(chances.in_all) == Approx(0.052).margin(0.012));
}
