#include <algorithm>

#include "run/answers/data_loss.h"
#include "run/answers/lag_threshold.h"
#include "run/answers/outage.h"
#include "run/answers/pareto.h"
#include "run/answers/picture.h"
#include "run/answers/sensitivity.h"
#include "run/quantity.h"
#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

MeanOfSeeds certain(std::int64_t value) {
  // Four seeds that differ by a little: the mean is `value`, the interval narrow.
  MeanOfSeeds mean;
  mean.by_seed = {value - 1, value, value, value + 1};
  mean.mean_milli = value * 1'000;
  mean.half_width_milli = 1'300;
  return mean;
}

LagThreshold threshold_of(const std::vector<std::int64_t>& stale_ppm,
                          const std::vector<std::int64_t>& load_ppm) {
  LagThreshold answer;
  answer.seeds = {1, 4};
  answer.primary = "db-us";
  for (std::size_t i = 0; i < stale_ppm.size(); ++i) {
    LagThresholdLine line;
    line.open_above = seconds(static_cast<std::int64_t>(i) + 1);
    line.stale_ppm = certain(stale_ppm[i]);
    line.load_ppm = certain(load_ppm[i]);
    line.stale = stale_ppm[i];
    line.reads = 1'000'000;
    answer.lines.push_back(line);
  }
  find_knee(answer);
  return answer;
}

ParetoDesign design(const std::string& name, std::int64_t usd, std::int64_t p95_ms,
                    std::int64_t lost) {
  ParetoDesign made;
  made.name = name;
  made.scenario = name;
  const std::int64_t p95 = milliseconds(p95_ms).ns;
  made.cost = {usd * 1'000'000, usd * 1'000'000};
  made.latency = {p95 - 1'000, p95 + 1'000};
  made.lost.assign(10, lost);
  made.outage_ns.assign(10, 0);
  return made;
}

CrashSet crashes_of(std::int64_t count) {
  CrashSet crashes;
  crashes.scenario = "tiny";
  crashes.failure = "node_loss db-us";
  crashes.seeds = {1, 5};
  crashes.instants = count;
  crashes.from_ns = 0;
  crashes.until_ns = seconds(100).ns;
  crashes.horizon_ns = seconds(90).ns;
  for (std::int64_t i = 0; i < count; ++i) crashes.at_ns.push_back(i * 100'000'000);
  return crashes;
}

const NumberKnob* find(const std::vector<NumberKnob>& knobs, const std::string& path) {
  const auto at = std::find_if(knobs.begin(), knobs.end(),
                               [&](const NumberKnob& knob) { return knob.path == path; });
  return at == knobs.end() ? nullptr : &*at;
}

}  // namespace

TEST_CASE("answers: the knee is where both are near their best", "[run][answers]") {
  // Scaled: stale 0, 1/8, 2/8, 1/2, 1; load 1, 0.5, 0.1, 0.05, 0: sums 1, 0.63, 0.35, 0.55, 1.
  const LagThreshold answer = threshold_of({1'000, 2'000, 3'000, 5'000, 9'000},
                                           {300'000, 200'000, 120'000, 110'000, 100'000});
  REQUIRE(answer.knee == 2);
  REQUIRE(lag_threshold_sentence(answer).starts_with("Open the breaker at 3s: 0.3% of reads"));
}

TEST_CASE("answers: a knee that luck may have chosen is not recommended", "[run][answers]") {
  // As above, but at 4s the stale reads of the seeds, scaled, are 0, 1, 1/8 and 7/8 in place of
  // 1/2, with a load of 0.05: less the knee's 0.35 that is -0.3, 0.7, -0.175 and 0.575. On average
  // 4s is worse by 0.2, give or take 3.18 * 0.51 / 2 = 0.81.
  LagThreshold answer = threshold_of({1'000, 2'000, 3'000, 5'000, 9'000},
                                     {300'000, 200'000, 120'000, 110'000, 100'000});
  REQUIRE(answer.alike.empty());
  answer.lines[3].stale_ppm = over_seeds({1'000, 9'000, 2'000, 8'000});
  find_knee(answer);
  REQUIRE(answer.knee == 2);
  REQUIRE(answer.alike == std::vector<std::size_t>{3});
  REQUIRE(lag_threshold_sentence(answer).starts_with(
      "Not decided between 3s and 4s, which differ by no more than luck. On average 3s is best:"));
  REQUIRE(lag_threshold_json(answer).find("not_decided_against_ns") != std::string::npos);
}

TEST_CASE("answers: no knee where nothing bends or nothing moves", "[run][answers]") {
  // Every second of lag costs as much load as the last: the sums are all alike, the first wins.
  const LagThreshold straight = threshold_of({1'000, 2'000, 3'000}, {300'000, 200'000, 100'000});
  REQUIRE(!straight.knee);
  // The load differs by less than its seeds do.
  LagThreshold luck = threshold_of({1'000, 2'000, 9'000}, {200'001, 200'000, 200'000});
  luck.lines[0].load_ppm.by_seed = {200'040, 199'960, 200'030, 199'974};
  find_knee(luck);
  REQUIRE(!luck.knee);
  REQUIRE(luck.without == "the primary's load differs by no more than luck");
  REQUIRE(lag_threshold_sentence(luck).starts_with("No knee between 1s and 3s over 4 seeds"));
}

TEST_CASE("answers: one seed says nothing of a knee", "[run][answers]") {
  // The figures of a clear knee, but nobody knows how far luck moves them.
  LagThreshold answer = threshold_of({1'000, 2'000, 3'000, 5'000, 9'000},
                                     {300'000, 200'000, 120'000, 110'000, 100'000});
  REQUIRE(answer.knee);
  answer.seeds = {7, 7};
  for (LagThresholdLine& line : answer.lines) {
    line.stale_ppm = over_seeds({line.stale_ppm.by_seed[0]});
    line.load_ppm = over_seeds({line.load_ppm.by_seed[0]});
  }
  find_knee(answer);
  REQUIRE(!answer.knee);
  REQUIRE(lag_threshold_sentence(answer).starts_with("One seed does not say whether there is"));
}

TEST_CASE("answers: what no crash of n lost is rarer than 3 in n", "[run][answers]") {
  DataLoss loss;
  loss.crashes = crashes_of(200);
  loss.transactions.assign(200, 0);
  loss.bytes.assign(200, 0);
  loss.lost_ns.assign(200, 0);
  REQUIRE(data_loss_sentence(loss) ==
          "None of 200 crashes (node_loss db-us) lost an acknowledged transaction, so at 95 % "
          "confidence fewer than 1.5% of such crashes do.");
  REQUIRE(never_text(7) == "42.9%");  // 3/7, rounded up
  loss.crashes.seeds = {3, 3};
  REQUIRE(
      data_loss_sentence(loss).ends_with("fewer than 1.5% of such crashes do. All of them "
                                         "interrupt the run of one seed: what is luck in it, "
                                         "they do not say."));
}

TEST_CASE("answers: of 50 crashes the 99th percentile is the worst, and is called so",
          "[run][answers]") {
  DataLoss loss;
  loss.crashes = crashes_of(50);
  loss.transactions.assign(50, 0);
  loss.transactions[7] = 12;
  loss.bytes.assign(50, 0);
  loss.lost_ns.assign(50, 0);
  loss.causes.push_back({"unreplicated", loss.transactions});
  const std::string sentence = data_loss_sentence(loss);
  REQUIRE(sentence.find("1 of 50 (2%) crashes lose") != sentence.npos);
  REQUIRE(sentence.find("0 in the median, 12 at p99 = worst") != sentence.npos);
  REQUIRE(sentence.find("because the promoted replica had not received them") != sentence.npos);
}

TEST_CASE("answers: a design is beaten by what is worse in nothing and better in something",
          "[run][answers]") {
  Pareto answer;
  answer.seeds = {1, 2};
  answer.designs = {design("A", 1'000, 100, 5), design("B", 2'000, 30, 5),
                    design("C", 2'000, 30, 0), design("D", 3'000, 100, 5)};
  find_beaten(answer);
  REQUIRE(answer.designs[0].beaten_by.empty());                         // the cheapest
  REQUIRE(answer.designs[1].beaten_by == std::vector<std::size_t>{2});  // C loses less
  REQUIRE(answer.designs[2].beaten_by.empty());
  REQUIRE(answer.designs[3].beaten_by == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("answers: latency that luck explains decides nothing", "[run][answers]") {
  Pareto answer;
  ParetoDesign noisy = design("B", 1'000, 100, 5);
  noisy.latency = {milliseconds(60).ns, milliseconds(120).ns};  // 10 ms less on average
  answer.designs = {design("A", 1'000, 100, 5), noisy};
  find_beaten(answer);
  REQUIRE(answer.designs[0].beaten_by.empty());
  REQUIRE(answer.designs[1].beaten_by.empty());
}

TEST_CASE("answers: knobs are the numbers that a scenario sets, within their bounds",
          "[run][answers]") {
  const Scenario scenario = load_tiny({"topology.nodes.db-us.cpus=6"});
  const std::vector<NumberKnob> knobs = knobs_of(scenario.config, {}, 2'000);
  const NumberKnob* rate = find(knobs, "workload.eu.rate");
  REQUIRE(rate);
  REQUIRE(rate->base == "20/s");
  REQUIRE(rate->low == "10/s");
  REQUIRE(rate->high == "40/s");
  REQUIRE(find(knobs, "topology.nodes.db-us.cpus")->high == "12");
  REQUIRE(!find(knobs, "topology.nodes.db-eu.cpus"));  // the default
  REQUIRE(!find(knobs, "duration"));                   // the run's, not the system's
  // Those that are asked for, defaults among them.
  const std::vector<NumberKnob> asked = knobs_of(scenario.config, {"policy.lag_breaker"}, 2'000);
  REQUIRE(find(asked, "policy.lag_breaker.open_above"));
  REQUIRE(asked.size() == static_cast<std::size_t>(
                              std::count_if(asked.begin(), asked.end(), [](const NumberKnob& knob) {
                                return knob.path.starts_with("policy.lag_breaker");
                              })));
}

TEST_CASE("answers: what adds a constant is told from what does nothing", "[run][answers]") {
  // The last mile of 10 ms is twice in a page's median at 20 ms, and 5 ms less at 5 ms; db-eu's
  // weight among one replica says nothing.
  SensitivityAsked asked;
  asked.figure = {"page_latency{page:show}", "med"};
  asked.knobs = {"workload.eu.last_mile", "topology.nodes.db-eu.weight"};
  asked.seeds = {1, 3};
  asked.load = [](const std::vector<std::string>& sets) -> Result<Scenario> {
    std::vector<std::string> all{"workload.eu.last_mile=10ms"};
    all.insert(all.end(), sets.begin(), sets.end());
    return load_tiny(all);
  };
  const Sensitivity answer = sensitivity(asked, {.jobs = 2}).value();
  REQUIRE(answer.lines.size() == 2);
  const KnobLine& first = answer.lines[0];
  REQUIRE(first.knob.path == "workload.eu.last_mile");
  REQUIRE(first.is_effect());
  // Medians come from buckets about 1 % wide.
  REQUIRE(first.high->difference.mean_milli / 1'000 > milliseconds(9).ns);
  REQUIRE(first.high->difference.mean_milli / 1'000 < milliseconds(11).ns);
  REQUIRE(first.low->difference.mean_milli / 1'000 < -milliseconds(4).ns);
  REQUIRE(!answer.lines[1].is_effect());
  REQUIRE(answer.lines[1].high->difference.all_equal);
  asked.seeds = {1, 1};
  REQUIRE(!sensitivity(asked, {}));
}

TEST_CASE("answers: a figure without samples is no zero", "[run][answers]") {
  // No replica serves reads, so there are none at db-eu.
  SensitivityAsked asked;
  asked.figure = {"read_latency{served_by:db-eu}", "med"};
  asked.knobs = {"workload.eu.rate"};
  asked.seeds = {1, 2};
  asked.load = [](const std::vector<std::string>& sets) -> Result<Scenario> {
    std::vector<std::string> all{"policy.router.use_replica_reads=false"};
    all.insert(all.end(), sets.begin(), sets.end());
    return load_tiny(all);
  };
  const Result<Sensitivity> none = sensitivity(asked, {.jobs = 2});
  REQUIRE(!none);
  REQUIRE(none.errors()[0].path == "--metric");
  REQUIRE(none.errors()[0].expected.find("has none in any seed") != std::string::npos);

  Sensitivity some;
  some.seeds = {1, 2};
  some.figure = "read_latency med";
  some.lines.push_back({{"policy.x", "1", "0.5", "2"}, KnobSide{"0.5", {}, false}, {}});
  REQUIRE(sensitivity_text(some, false).find("0.5: no samples") != std::string::npos);
}

// 25 crashes without a loss leave 3 in 25 at 95 % confidence (the rule of three).
TEST_CASE("answers: a design that lost nothing in a few crashes may still lose", "[run][answers]") {
  Pareto answer;
  answer.instants = 5;
  answer.failure = "node_loss db-us";
  answer.latency = "page_latency p(95)";
  for (const std::int64_t cost : {100'000'000, 200'000'000}) {
    ParetoDesign design;
    design.name = cost == 100'000'000 ? "A" : "B";
    design.cost = {cost};
    design.latency = {1'000'000};
    design.lost.assign(25, 0);
    answer.designs.push_back(design);
  }
  find_beaten(answer);
  const std::string said = pareto_sentence(answer);
  REQUIRE(said.find("A (") != said.npos);
  REQUIRE(said.ends_with(
      "Of A, B no loss was seen in 25 crashes (node_loss db-us): at 95 % confidence fewer "
      "than 12% of such lose anything, and other failures may."));
  answer.designs[0].lost[0] = 1;
  answer.designs[1].lost[0] = 1;
  REQUIRE(pareto_sentence(answer).find("no loss was seen") == std::string::npos);
}

TEST_CASE("answers: pages that wait at the end are told, and one design is not two",
          "[run][answers]") {
  // The way of the writes is cut for the last 2 s, and nobody gives up.
  const std::vector<std::string> cut{
      "duration=8s", "topology.apps.app-eu.statement_timeout=20s",
      R"(faults=[{"kind": "cut_link", "between": ["aws:us-east-1", "aws:eu-west-1"],)"
      R"( "at": "6s", "for": "3s"}])"};
  LagThresholdAsked asked;
  asked.values = {seconds(1), seconds(2)};
  asked.seeds = {1, 2};
  asked.load = [&](const std::vector<std::string>& sets) -> Result<Scenario> {
    std::vector<std::string> all = cut;
    all.insert(all.end(), sets.begin(), sets.end());
    return load_tiny(all);
  };
  const LagThreshold answer = lag_threshold(asked, {.jobs = 2}).value();
  REQUIRE(answer.lines[0].unfinished_pages > 0);
  REQUIRE(lag_threshold_text(answer, false)
              .find("still waiting for their answer at the end of 4 "
                    "runs") != std::string::npos);
  ParetoAsked twice;
  twice.load = {asked.load, asked.load};
  const Result<Pareto> refused = pareto(twice, {.jobs = 1}, {});
  REQUIRE(!refused);
  REQUIRE(refused.errors()[0].expected.find("another design") == 0);
}

TEST_CASE("answers: differences of shares are points, and little money has cents",
          "[run][answers]") {
  REQUIRE(difference_text(Quantity::share, 61'100'000) == "6.11 points");
  REQUIRE(difference_text(Quantity::share, -611'000) == "0.0611 points");
  REQUIRE(difference_text(Quantity::money, 1'234'567'000) == "1.23 USD");
  REQUIRE(difference_text(Quantity::money, 701'000'000'000) == "701 USD");
  REQUIRE(difference_text(Quantity::count, 2'500) == "2.50");
}

TEST_CASE("answers: what rounds to zero has no sign", "[run][answers]") {
  // A cent is 10,000 millionths of a dollar, in thousandths 10^7: half of it is shown as one.
  REQUIRE(signed_difference_text(Quantity::money, -4'999'999) == "0.00 USD");
  REQUIRE(signed_difference_text(Quantity::money, -5'000'000) == "-0.01 USD");
  REQUIRE(signed_difference_text(Quantity::count, 9) == "0.00");
  REQUIRE(signed_difference_text(Quantity::count, 10) == "+0.01");
  REQUIRE(signed_difference_text(Quantity::duration, 0) == "0s");
}

TEST_CASE("answers: a scale reaches the next round number", "[run][answers]") {
  const Scale scale(Quantity::share, 0, 370'000, 0, 400, 4);
  REQUIRE(scale.at(0) == 0);
  REQUIRE(scale.at(200'000) == 200);  // ends at 40 %
  const Scale upwards(Quantity::share, 0, 370'000, 400, 0, 4);
  REQUIRE(upwards.at(400'000) == 0);
}

TEST_CASE("outage: a phase's share is of all time that writes were out", "[run][answers]") {
  // 20 + 21 s of lease and 4 + 15 s of anything else: 41 of 60 s are 68.3 %, 19 are 31.7 %.
  Outages outages;
  outages.crashes = crashes_of(2);
  outages.phases = {"lease", "elect"};
  outages.each = {{0, {seconds(20).ns, seconds(4).ns}}, {0, {seconds(21).ns, seconds(15).ns}}};
  REQUIRE(outages.share_percent(0) == 68);
  REQUIRE(outages.share_percent(1) == 32);
  REQUIRE_THAT(outages_sentence(outages), Catch::Contains("68 % of all that time"));
  outages.each = {{0, {0, 0}}};
  REQUIRE(outages.share_percent(0) == 0);  // nothing was out
}

}  // namespace longhaul
