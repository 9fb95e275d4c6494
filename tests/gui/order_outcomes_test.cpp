// What came of an operator's order: carried out, refused with the reason of `longhaul run`,
// nothing.
#include "gui/model/order_outcomes.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gui/model/document.h"
#include "gui/model/lanes.h"
#include "run/runner.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

// Of a switchover under Patroni between two servers, which its operator asks for at 1:00: the
// leader finds it in its next round, within loop_wait, 10 s. With other faults in its place.
struct Played {
  std::vector<OrderOutcome> orders;
  Report report;
  std::vector<Lane> lanes;
};

Played played(const std::string& faults, const std::string& duration = "\"2min\"",
              const std::string& scenario = "limits/switchover_under_load.json") {
  Result<Document> opened = Document::open(std::string(LONGHAUL_ROOT) + "/scenarios/" + scenario);
  REQUIRE(opened);
  Document document = std::move(opened).value();
  REQUIRE(!document.set("duration", duration));
  REQUIRE(!document.set("faults", faults));
  REQUIRE(document.sound());
  RunView view;
  view.scenario = document.scenario();
  const RunOptions options;
  Cluster cluster = build_run(*view.scenario, 1, options);
  view.end = cluster.end();
  REQUIRE(advance(cluster, view.end, options));
  view.orders = outcomes_of(view.scenario->cluster.faults, cluster.world());
  view.result = finish_run(std::move(cluster), *view.scenario, options);
  view.report = make_report(*view.scenario, *view.result);
  return {view.orders, *view.report, lanes_of(view)};
}

const LaneSpan& span_of(const Played& run, const std::string& text) {
  for (const LaneRow& row : run.lanes.front().rows) {
    for (const LaneSpan& span : row.spans) {
      if (span.text == text) return span;
    }
  }
  FAIL("no span " + text);
  return run.lanes.front().rows.front().spans.front();
}

constexpr const char* three_regions = "patterns/three_regions_with_failover.json";

}  // namespace

TEST_CASE("orders: a switchover that is carried out says whom it promoted", "[gui][orders]") {
  const Played run = played(R"([{"kind": "switchover", "node": "db-b", "at": "1min"}])");
  REQUIRE(run.orders.size() == 1);
  REQUIRE(run.orders[0].result == OrderResult::done);
  REQUIRE(run.orders[0].text.starts_with("db-b was promoted at 1:0"));
  REQUIRE(span_of(run, "switchover db-b").note == "switchover db-b: " + run.orders[0].text);
}

TEST_CASE("orders: one that nobody may take over is refused, in the words of the report",
          "[gui][orders]") {
  const Played run = played(R"([{"kind": "crash", "node": "db-b", "at": "50s"},
                                {"kind": "switchover", "node": "db-b", "at": "1min"}])");
  REQUIRE(run.orders.size() == 1);
  REQUIRE(run.orders[0].fault == 1);
  REQUIRE(run.orders[0].result == OrderResult::refused);
  REQUIRE(run.report.failovers.empty());
  REQUIRE(run.report.refusals.size() == 1);
  REQUIRE(run.orders[0].text.starts_with("refused at 1:0"));
  REQUIRE(run.orders[0].text.ends_with(": " + run.report.refusals[0].why));
  // On the lane of the faults, and for who points a little beside the moment.
  const LaneSpan& span = span_of(run, "switchover db-b, refused");
  REQUIRE(span.tone == LaneTone::bad);
  const TimePoint beside = span.from + milliseconds(300);
  REQUIRE(values_at(run.lanes.front(), beside).size() == 1);  // the crash alone
  const std::vector<LaneValue> values = values_at(run.lanes.front(), beside, milliseconds(400));
  const bool told = std::any_of(values.begin(), values.end(), [&](const LaneValue& value) {
    return value.text == "switchover db-b: " + run.orders[0].text;
  });
  REQUIRE(told);
}

TEST_CASE("orders: of two equal refusals each is told; the report keeps the last",
          "[gui][orders]") {
  const Played run = played(R"([{"kind": "crash", "node": "db-b", "at": "40s"},
                                {"kind": "switchover", "node": "db-b", "at": "50s"},
                                {"kind": "switchover", "node": "db-b", "at": "80s"}])");
  REQUIRE(run.report.refusals.size() == 1);
  REQUIRE(run.orders.size() == 2);
  REQUIRE(run.orders[0].result == OrderResult::refused);
  REQUIRE(run.orders[1].result == OrderResult::refused);
  // Within loop_wait after each order.
  REQUIRE(run.orders[0].text.starts_with("refused at 0:5"));
  REQUIRE(run.orders[1].text.starts_with("refused at 1:2"));
}

TEST_CASE("orders: what comes of a loss minutes later is not told of the order before it",
          "[gui][orders]") {
  const std::string before = R"({"kind": "crash", "node": "db-b", "at": "50s", "for": "40s"},
                                {"kind": "switchover", "node": "db-b", "at": "1min"})";
  const std::string loss = R"(, {"kind": "node_loss", "node": "db-a", "at": "4min"})";
  const Played alone = played("[" + before + "]", "\"6min\"");
  const Played then = played("[" + before + loss + "]", "\"6min\"");
  REQUIRE(then.report.failovers.size() == 1);  // db-b is back by then
  REQUIRE(then.orders.size() == 1);
  REQUIRE(then.orders[0].result == OrderResult::refused);
  REQUIRE(then.orders[0].text == alone.orders[0].text);
  // Nor is the failover credited to an order that came to nothing.
  const std::string paused = R"([{"kind": "pause_failover", "at": "30s", "for": "2min"},
                                 {"kind": "switchover", "node": "db-b", "at": "1min"},
                                 {"kind": "node_loss", "node": "db-a", "at": "61s"}])";
  const Played unattended = played(paused, "\"6min\"");
  REQUIRE(unattended.report.failovers.size() == 1);
  REQUIRE(unattended.orders[0].result == OrderResult::nothing);
}

TEST_CASE("orders: what comes of a cut is not told of the order before it", "[gui][orders]") {
  // Virginia is cut off before its leader has found the order in its next round; its lease expires
  // half a minute later, and Ohio is elected.
  const std::string order = R"([{"kind": "switchover", "node": "db-ohio", "at": "44s"},)";
  const std::string cut = R"({"kind": "cut_link", "between": ["aws:us-east-1", "aws:us-east-2"],
                              "at": "44100ms"},
                             {"kind": "cut_link", "between": ["aws:us-east-1", "aws:eu-west-1"],
                              "at": "44100ms"}])";
  const std::string flaps = R"({"kind": "flapping", "between": ["aws:us-east-1", "aws:us-east-2"],
                                "every": "10min", "share": "99%", "at": "44100ms"},
                               {"kind": "flapping", "between": ["aws:us-east-1", "aws:eu-west-1"],
                                "every": "10min", "share": "99%", "at": "44100ms"}])";
  for (const std::string& fault : {cut, flaps}) {
    const Played run = played(order + fault, "\"4min\"", three_regions);
    REQUIRE(run.report.failovers.size() == 1);
    REQUIRE(run.orders.size() == 1);
    REQUIRE(run.orders[0].result == OrderResult::nothing);
    REQUIRE(run.orders[0].text == "not carried out before the primary was cut off");
  }
}

TEST_CASE("orders: a cut that the leader lives through ends no order", "[gui][orders]") {
  // The leader finds the order within loop_wait, 10 s, and hands over; its lease, of 30 s, was
  // renewed less than 10 s before, so nobody is elected because of the cut within 20 s.
  const Played run = played(R"([{"kind": "switchover", "node": "db-ohio", "at": "1min"},
                                {"kind": "cut_link", "at": "60100ms", "for": "500ms",
                                 "between": ["aws:us-east-1", "aws:eu-west-1"]},
                                {"kind": "lease_store_down", "member": "etcd-3",
                                 "at": "60200ms"}])",
                            "\"3min\"", three_regions);
  REQUIRE(run.orders.size() == 1);
  REQUIRE(run.orders[0].result == OrderResult::done);
  REQUIRE(run.orders[0].text.starts_with("db-ohio was promoted at 1:"));
}

TEST_CASE("orders: who is elected when the lease store is back was not ordered", "[gui][orders]") {
  // The leader gives up its place while the store is gone, before it has looked for orders.
  const Played run = played(R"([{"kind": "switchover", "node": "db-b", "at": "59900ms"},
                                {"kind": "lease_store_down", "at": "60s", "for": "90s"}])",
                            "\"4min\"");
  REQUIRE_FALSE(run.report.failovers.empty());
  REQUIRE(run.orders.size() == 1);
  REQUIRE(run.orders[0].result == OrderResult::nothing);
  REQUIRE(run.orders[0].text == "not carried out before the primary was cut off");
}

TEST_CASE("orders: while failover is paused nothing comes of one, and why is said",
          "[gui][orders]") {
  const Played run = played(R"([{"kind": "pause_failover", "at": "30s"},
                                {"kind": "switchover", "node": "db-b", "at": "1min"}])");
  REQUIRE(run.orders.size() == 1);
  REQUIRE(run.orders[0].result == OrderResult::nothing);
  REQUIRE(run.orders[0].text == "not carried out: Failover is paused for maintenance.");
  // A pause that ends lets it go on.
  const Played later = played(R"([{"kind": "pause_failover", "at": "30s", "for": "40s"},
                                  {"kind": "switchover", "node": "db-b", "at": "1min"}])");
  REQUIRE(later.orders[0].result == OrderResult::done);
}

TEST_CASE("orders: a promotion by hand takes writes", "[gui][orders]") {
  const Played run = played(R"([{"kind": "node_loss", "node": "db-a", "at": "40s"},
                                {"kind": "promote", "node": "db-b", "at": "41s"}])");
  REQUIRE(run.orders.size() == 1);
  REQUIRE(run.orders[0].result == OrderResult::done);
  REQUIRE(run.orders[0].text.starts_with("db-b takes writes from 0:4"));
  // The old primary was well: two of them take writes.
  const Played both = played(R"([{"kind": "promote", "node": "db-b", "at": "41s"}])");
  REQUIRE(both.orders[0].text.ends_with(", beside db-a, which did"));
}

}  // namespace longhaul
