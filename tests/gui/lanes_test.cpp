// Lanes and figures of a run say what its report and its series say.
#include "gui/model/lanes.h"

#include <algorithm>
#include <memory>
#include <string>

#include "gui/model/run_figures.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

// As a session hands it out at the end.
RunView complete_view(const std::string& name, const std::vector<std::string>& sets = {}) {
  Result<Scenario> loaded =
      load_scenario(std::string(LONGHAUL_ROOT) + "/scenarios/" + name, {.sets = sets});
  REQUIRE(loaded);
  RunView view;
  view.scenario = std::make_shared<const Scenario>(std::move(loaded).value());
  SeriesSampler sampler(*view.scenario);
  RunOptions options;
  options.sampler = &sampler;
  Cluster cluster = build_run(*view.scenario, 1, options);
  view.end = cluster.end();
  view.reached = view.end;
  REQUIRE(advance(cluster, view.end, options));
  view.result = finish_run(std::move(cluster), *view.scenario, options);
  view.series = sampler.take(*view.result);
  view.report = make_report(*view.scenario, *view.result);
  view.cost = monthly_cost(*view.scenario, view.result->figures);
  return view;
}

const Lane& lane_of(const std::vector<Lane>& lanes, const std::string& id) {
  for (const Lane& lane : lanes) {
    if (lane.id == id) return lane;
  }
  FAIL("no lane " + id);
  return lanes.front();
}

TEST_CASE("lanes: outages, failovers and roles are those of the report", "[gui]") {
  const RunView view = complete_view("limits/patroni_primary_host_lost.json");
  const std::vector<Lane> lanes = lanes_of(view);
  REQUIRE(!view.report->write_outages.empty());
  std::size_t spans = 0;
  for (const LaneRow& row : lane_of(lanes, "outages").rows) {
    for (const LaneSpan& span : row.spans) {
      const auto same = [&](const OutageReport& outage) {
        return outage.region == row.name && outage.began == span.from && outage.ended == span.to;
      };
      REQUIRE(
          std::any_of(view.report->write_outages.begin(), view.report->write_outages.end(), same));
      spans += 1;
    }
  }
  REQUIRE(spans == view.report->write_outages.size());

  const Lane& failovers = lane_of(lanes, "failovers");
  REQUIRE(failovers.rows.size() == view.report->failovers.size());
  const FailoverReport& first = view.report->failovers.front();
  REQUIRE(failovers.rows[0].spans.size() == first.parts.size());
  REQUIRE(failovers.rows[0].spans.back().to == first.parts.back().ended);

  // The end of a row of roles is the role at the end; spans follow one another without a gap.
  const Lane& roles = lane_of(lanes, "roles");
  REQUIRE(roles.rows.size() == view.report->nodes.size());
  for (std::size_t i = 0; i < roles.rows.size(); ++i) {
    const LaneRow& row = roles.rows[i];
    REQUIRE(row.spans.back().text.starts_with(view.report->nodes[i].role_at_end));
    REQUIRE(row.spans.front().from == TimePoint{});
    REQUIRE(row.spans.back().to == view.end);
    for (std::size_t k = 1; k < row.spans.size(); ++k) {
      REQUIRE(row.spans[k].from == row.spans[k - 1].to);
      REQUIRE(row.spans[k].text != row.spans[k - 1].text);
    }
  }
}

TEST_CASE("lanes: the shares of those who answer reads make a whole", "[gui]") {
  const RunView view =
      complete_view("patterns/three_regions_read_replicas.json", {"duration=1min"});
  const Lane routing = lane_of(lanes_of(view), "routing");
  REQUIRE(routing.rows.size() == 3);
  for (const LaneRow& row : routing.rows) {
    for (std::size_t i = 0; i < view.series.at.size(); ++i) {
      std::int64_t whole = 0;
      bool any = false;
      for (const LaneShare& share : row.shares) {
        any = any || share.samples[i].y.has_value();
        whole += share.samples[i].y.value_or(0);
      }
      // Each is rounded down by less than one in a million.
      if (any) REQUIRE(whole <= 1'000'000);
      if (any) REQUIRE(whole > 1'000'000 - static_cast<std::int64_t>(row.shares.size()));
    }
  }
}

TEST_CASE("lanes: true lag, what was seen of it, and the threshold", "[gui]") {
  const RunView view = complete_view("limits/replica_paused_breaker_on.json");
  const std::vector<Lane> lanes = lanes_of(view);
  const Lane& lag = lane_of(lanes, "lag");
  REQUIRE(lag.level);
  REQUIRE(lag.level->value == view.scenario->config.policy.lag_breaker.open_above.ns);
  REQUIRE(lag.axis.logarithmic);
  REQUIRE(lag.axis.to >= lag.level->value);
  std::size_t truths = 0;
  for (const LaneLine& line : lag.lines) truths += line.faint ? 0 : 1;
  REQUIRE(truths == view.report->replicas.size());
  // What opens the breaker is in its lane.
  const Lane& breakers = lane_of(lanes, "breakers");
  bool opens = false;
  for (const LaneRow& row : breakers.rows) {
    for (const LaneSpan& span : row.spans) opens = opens || span.text.starts_with("open");
  }
  REQUIRE(opens);
  const Lane& faults = lane_of(lanes, "faults");
  REQUIRE(faults.rows.front().spans.front().from ==
          TimePoint{} + view.scenario->config.faults.front().at);
}

TEST_CASE("lanes: what is said of an instant is of the interval that it is in", "[gui]") {
  Lane lane;
  lane.axis.quantity = Quantity::count;
  lane.lines.push_back({"n", 0, false, {{10, 1}, {20, std::nullopt}, {30, 3}}});
  lane.rows.push_back({"row", "", {{TimePoint{5}, TimePoint{15}, "on", LaneTone::bad, false}}, {}});
  const auto texts = [&](std::int64_t at) {
    std::string all;
    for (const LaneValue& value : values_at(lane, TimePoint{at})) all += value.text + " ";
    return all;
  };
  REQUIRE(texts(4) == "1 ");
  REQUIRE(texts(5) == "on 1 ");
  REQUIRE(texts(12) == "on ");
  REQUIRE(texts(15).empty());
  REQUIRE(texts(21) == "3 ");
  REQUIRE(texts(31).empty());
}

TEST_CASE("lanes: lag is what an interval ran through", "[gui]") {
  const RunView view =
      complete_view("patterns/three_regions_read_replicas.json", {"duration=1min"});
  const Lane lag = lane_of(lanes_of(view), "lag");
  const LaneLine& line = lag.lines.front();
  REQUIRE(line.name == "db-eu");
  REQUIRE(line.reach.size() == line.samples.size());
  for (std::size_t i = 0; i < line.reach.size(); ++i) {
    REQUIRE(line.reach[i]);
    REQUIRE(line.reach[i]->least <= *line.samples[i].y);
    REQUIRE(line.reach[i]->most >= *line.samples[i].y);
    // Half a round trip of 69.6 ms to Ireland and a millisecond to flush, whatever the looks hit.
    REQUIRE(line.reach[i]->most > milliseconds(35).ns);
  }
  REQUIRE(lag.axis.to >= milliseconds(35).ns);
  const std::string said = values_at(lag, TimePoint{} + seconds(40)).front().text;
  REQUIRE(said.find(" to ") != said.npos);
  REQUIRE(said.find("mean ") != said.npos);
}

TEST_CASE("lanes: a drill's run lists the faults of the variant that it is of", "[gui]") {
  // The first: the server's processes die at 4 minutes and are back 50 s later.
  const RunView view = complete_view("drills/drill_false_alarm.json");
  REQUIRE(view.scenario->config.faults.empty());
  const std::vector<Lane> lanes = lanes_of(view);
  const Lane& faults = lane_of(lanes, "faults");
  REQUIRE(faults.rows.size() == 1);
  REQUIRE(faults.rows[0].spans.size() == 1);
  REQUIRE(faults.rows[0].spans[0].text == "crash db-us");
  REQUIRE(faults.rows[0].spans[0].from == TimePoint{} + seconds(240));
  REQUIRE(faults.rows[0].spans[0].to == TimePoint{} + seconds(290));
}

TEST_CASE("figures: integers of the report, and what changed", "[gui]") {
  const RunView a = complete_view("patterns/three_regions_read_replicas.json", {"duration=1min"});
  const RunView b = complete_view("patterns/three_regions_read_replicas.json",
                                  {"duration=1min", "policy.router.use_replica_reads=false"});
  const auto before = figures_of(a);
  const auto after = figures_of(b);
  for (const RegionReport& region : a.report->regions) {
    const RunFigure* p95 = find_figure(before, "page_p95." + region.region);
    REQUIRE(p95 != nullptr);
    REQUIRE(p95->value == region.pages.p95);
  }
  const RunFigure* lag = find_figure(before, "lag_max.db-ap");
  REQUIRE(lag != nullptr);
  REQUIRE(lag->value == a.report->replicas[1].lag[3].max);
  REQUIRE(find_figure(before, "cost_per_month")->value == a.cost->total());
  // Reads cross the ocean: Ireland's pages take three more round trips.
  const RunFigure* p50 = find_figure(before, "page_p50.aws:eu-west-1");
  const RunFigure* far = find_figure(after, "page_p50.aws:eu-west-1");
  REQUIRE(p50 != nullptr);
  REQUIRE(far != nullptr);
  REQUIRE(change_text(*p50, *far).starts_with("+2"));  // 3 x 69.6 ms
  REQUIRE(change_text(*p50, *p50).empty());
}

TEST_CASE("figures: a breaker that opened before anything was measured is not told as never open",
          "[gui]") {
  // Ireland is 34.8 ms away, so no sight of its replica is below 1 ms: opened in the warm-up, its
  // breakers never close.
  const RunView view = complete_view(
      "patterns/three_regions_read_replicas.json",
      {"duration=1min", "policy.lag_breaker.open_above=5ms", "policy.lag_breaker.close_below=1ms"});
  const auto figures = figures_of(view);
  const RunFigure* opened = find_figure(figures, "breaker_opened.db-eu");
  REQUIRE(opened != nullptr);
  REQUIRE(opened->value == 0);
  REQUIRE(opened->text == "open all the time");
  const RunView calm =
      complete_view("patterns/three_regions_read_replicas.json", {"duration=1min"});
  const auto calm_figures = figures_of(calm);
  RunFigure before = *find_figure(calm_figures, "breaker_opened.db-eu");
  REQUIRE(before.text == "0");
  // Of which nobody says that it opened two times less often.
  before.value = 2;
  REQUIRE(change_text(before, *opened).empty());
}

TEST_CASE("figures: what was never measured has no samples", "[gui]") {
  ExpectationReport one;
  one.value_text = "0s";
  one.verdict.no_samples = true;
  REQUIRE(found_text(one) == "no samples");
  one.verdict.no_samples = false;
  REQUIRE(found_text(one) == "0s");
}

TEST_CASE("figures: the expectations that a run misses are counted", "[gui]") {
  // Held as shipped; reads that cross the ocean for Ireland's pages miss its median.
  REQUIRE(missed_expectations(RunView{}) == 0);
  const RunView held = complete_view("patterns/three_regions_read_replicas.json", {});
  REQUIRE(!held.report->expectations.empty());
  REQUIRE(missed_expectations(held) == 0);
  const RunView far = complete_view("patterns/three_regions_read_replicas.json",
                                    {"policy.router.use_replica_reads=false"});
  REQUIRE(missed_expectations(far) >= 1);
}

}  // namespace
}  // namespace longhaul
