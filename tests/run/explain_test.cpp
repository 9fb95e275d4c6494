#include "run/explain.h"

#include "base/units_text.h"
#include "run/explain_find.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

// The primary in "us", 80 ms from app, users and a replica in "eu".
ClusterConfig across() {
  ClusterConfig config = empty({"us", "eu"});
  config.duration = seconds(60);
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db", "us");
  replica(config, "db-eu", "eu", "db");
  app(config, "app", "eu");
  rows(config, milliseconds(1), 1);
  config.policy.router.use_replica_reads = true;
  config.policy.lag_breaker.enabled = false;
  return config;
}

Explanation explained(const ClusterConfig& config, const std::string& id) {
  Cluster cluster = build(config, 1);
  const std::shared_ptr<const Plan> plan = cluster.world().plan;
  const WatchedRequest watched = watch_request(cluster, parse_request(*plan, id).value());
  REQUIRE(!watched.pages.empty());
  return explain(*plan, "test", watched);
}

// "0s +10ms user > app/0: click", a line for each step.
std::string steps_of(const Explanation& request) {
  std::string text;
  for (const ExplainedStep& step : request.steps) {
    text += to_text(step.at);
    if (step.took > Duration{}) text += " +" + to_text(step.took);
    text += " " + step.where + ": " + step.what + "\n";
  }
  return text;
}

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  INFO("lacks: " << part);
  return text.find(part) != text.npos;
}

TEST_CASE("explain: the path of a write and its own read, with its times", "[run][explain]") {
  // The last mile takes 20 ms there and back. The write: 40 ms there, 1 ms of work, 2 ms of fsync,
  // 40 ms back, so that its answer is there at 10 + 83 ms. The log was sent with the answer and is
  // flushed 3 ms and replayed some microseconds after it arrived; asked every millisecond, the
  // replica in the app's own region has it at the fifth question, 4 ms later. 1 ms of work there,
  // and home: 10 + 83 + 4 + 1 + 10 = 108 ms.
  ClusterConfig config = across();
  config.policy.freshness.rule = FreshnessRule::lsn_token;
  config.apps[0].position_poll = milliseconds(1);
  PopulationConfig& people = users(config, "people", "eu", 1, {write(), own(read())});
  people.think = always(seconds(5));
  people.last_mile = milliseconds(20);
  const Explanation request = explained(config, "people/0#1");
  REQUIRE(request.took == milliseconds(108));
  REQUIRE(request.outcome == "ok");
  REQUIRE(request.over);
  const std::string steps = steps_of(request);
  REQUIRE(
      steps.starts_with("0s +10ms user > app/0: click\n"
                        "10ms app/0: to db: write of row of rows\n"
                        "10ms +40ms app/0 > db: write of row of rows\n"
                        "50ms +1ms db: runs\n"
                        "51ms +2ms db: commit: local flush\n"
                        "53ms +40ms db > app/0: its answer\n"
                        "93ms app/0: knows that the write is committed\n"
                        "93ms app/0: wait for db-eu: read of own row of rows\n"
                        "93ms +4ms app/0: asks the replica until it has replayed the token\n"));
  REQUIRE(
      steps.ends_with("97ms app/0: to db-eu: read of own row of rows\n"
                      "97ms +1ms db-eu: runs\n"
                      "98ms +10ms app/0 > user: page\n"));
  REQUIRE(request.decisions.size() == 3);
  REQUIRE(request.decisions[1].reason == "token_awaited");
  REQUIRE(request.decisions[1].wrote_ago == Duration{});
  REQUIRE(request.decisions[1].sights.size() == 2);
  REQUIRE(request.decisions[1].sights[0].covers == "behind");
  REQUIRE(request.decisions[1].sights[0].true_lag == milliseconds(40));  // flushed one way ago
  // 80 of 108 ms are 74.07 %, 20 are 18.5 %.
  REQUIRE(has(request.sentence,
              "80ms of 108ms (74%) was 1 round trip to db, because only the "
              "primary takes writes"));
  REQUIRE(has(request.sentence, "20ms (19%) was the way between the user in eu and app"));
  REQUIRE(has(request.sentence, "up to date"));
}

// Every 5 s, and the time it takes, a page reads the only row and then writes it. From 22 s on the
// replica that reads it replays nothing.
ClusterConfig paused() {
  ClusterConfig config = across();
  users(config, "people", "eu", 1, {read(), write()}).think = always(seconds(5));
  FaultConfig pause;
  pause.kind = FaultKind::pause_replay;
  pause.at = seconds(22);
  pause.node = "db-eu";
  config.faults.push_back(pause);
  return config;
}

TEST_CASE("explain: a stale read, by how much, and what the router believed", "[run][explain]") {
  // The first page after the pause misses what the page before wrote, acknowledged when that page
  // ended, 5 s before the click; the second misses two versions, the older one of them a page and
  // a pause longer ago: 1 ms for the read, 83 ms for the write, 5 s.
  const FoundRequests found =
      find_requests(build(paused(), 1), {.kinds = {FoundKind::ryw_violation}});
  REQUIRE(found.kinds.size() == 1);
  std::vector<FoundRequest> stale = found.kinds[0].worst;
  REQUIRE(stale.size() >= 3);
  std::reverse(stale.begin(), stale.end());  // the least bad, which is the earliest, first
  REQUIRE(stale[0].staleness == seconds(5));
  REQUIRE(stale[1].staleness == seconds(10) + milliseconds(84));

  const Explanation request = explained(paused(), stale[1].id);
  REQUIRE(request.id == stale[1].id);
  REQUIRE(request.clicked == stale[1].clicked);
  REQUIRE(request.took == milliseconds(84));
  REQUIRE(request.reads.size() == 1);
  const ExplainedRead& read = request.reads[0];
  REQUIRE(read.stale);
  REQUIRE(read.own_write_missed);
  REQUIRE(read.staleness == seconds(10) + milliseconds(84));
  REQUIRE(read.missed == 2);
  REQUIRE(read.served_by == "db-eu");
  REQUIRE(read.row == "rows 0");
  REQUIRE(*read.missed_end > *read.shown);
  REQUIRE(
      has(request.sentence, "Its read of rows 0 at db-eu was 10.1s stale: it missed 2 versions"));
  REQUIRE(has(request.sentence, "It was the user's own write."));
  REQUIRE(has(request.sentence, "the true lag then was 10"));
}

TEST_CASE("explain: time-outs and tries", "[run][explain]") {
  // The way is cut from 10 s to 18 s. A write that is sent then is given up after 1 s, pauses for
  // 500 ms and is tried twice more; each try needs a new connection, which the cut swallows, and
  // gives it up after wait_timeout, 2 s: 1 + 0.5 + 2 + 0.5 + 2 = 6 s from the first sending.
  ClusterConfig config = across();
  config.apps[0].statement_timeout = seconds(1);
  config.apps[0].pool.wait_timeout = seconds(2);
  config.policy.retries.attempts = 3;
  config.policy.retries.in_doubt = true;
  FaultConfig cut;
  cut.kind = FaultKind::cut_link;
  cut.at = seconds(10);
  cut.lasts = seconds(8);
  cut.between = {"us", "eu"};
  config.faults.push_back(cut);
  users(config, "people", "eu", 1, {write()}).think = always(milliseconds(700));
  const FoundRequests found = find_requests(build(config, 1), {.kinds = {FoundKind::error}});
  REQUIRE(found.kinds[0].count >= 1);
  const FoundRequest worst = found.kinds[0].worst[0];
  REQUIRE(worst.retries == 2);
  REQUIRE(worst.took == seconds(6));
  const Explanation request = explained(config, worst.id);
  REQUIRE(request.outcome == "pool_timeout");
  REQUIRE(request.took == seconds(6));
  const std::string steps = steps_of(request);
  REQUIRE(has(steps, "0s app/0: no acknowledgement from db\n"));
  REQUIRE(has(steps,
              "1s app/0: write of row of rows: timeout\n"
              "1s app/0: try 1 has failed\n"
              "1s +500ms app/0: pauses before it tries again\n"));
  REQUIRE(has(steps, "1.5s +2s app/0: waits for a connection\n"));
  REQUIRE(has(steps, "3.5s app/0: write of row of rows: pool_timeout\n"));
  REQUIRE(has(request.sentence,
              "It failed with pool_timeout, at the write of row of rows after 3 "
              "tries."));
  REQUIRE(request.beside.size() == 1);
  REQUIRE(has(request.beside[0], "gave up at 1s"));
}

TEST_CASE("explain: a failed page is not praised for what it read before", "[run][explain]") {
  // The replica beside the app answers the read, up to date; from 10 s on the way to the primary
  // is cut, and the write of the same page is given up after 1 s.
  ClusterConfig config = across();
  config.apps[0].statement_timeout = seconds(1);
  FaultConfig cut;
  cut.kind = FaultKind::cut_link;
  cut.at = seconds(10);
  cut.lasts = seconds(8);
  cut.between = {"us", "eu"};
  config.faults.push_back(cut);
  users(config, "people", "eu", 1, {read(), write()}).think = always(seconds(5));
  const FoundRequests found = find_requests(build(config, 1), {.kinds = {FoundKind::error}});
  REQUIRE(found.kinds[0].count >= 1);
  const Explanation request = explained(config, found.kinds[0].worst[0].id);
  REQUIRE(request.reads.size() == 1);
  REQUIRE(request.reads[0].served_by == "db-eu");
  REQUIRE(!request.reads[0].stale);
  REQUIRE(has(request.sentence, "It failed with "));
  REQUIRE(request.sentence.find("up to date") == request.sentence.npos);
}

TEST_CASE("explain: a wait for a server that is down says so", "[run][explain]") {
  // The primary's host is gone from 10 s on. The write of then is given up after 1 s; its two other
  // tries wait 2 s each for a connection that nobody answers.
  ClusterConfig config = across();
  config.apps[0].statement_timeout = seconds(1);
  config.apps[0].pool.wait_timeout = seconds(2);
  config.policy.retries.attempts = 3;
  config.policy.retries.in_doubt = true;
  FaultConfig loss;
  loss.kind = FaultKind::node_loss;
  loss.at = seconds(10);
  loss.node = "db";
  config.faults.push_back(loss);
  users(config, "people", "eu", 1, {write()}).think = always(milliseconds(700));
  const FoundRequests found = find_requests(build(config, 1), {.kinds = {FoundKind::error}});
  const Explanation request = explained(config, found.kinds[0].worst[0].id);
  REQUIRE(request.parts.front().part == "pool");
  REQUIRE(request.parts.front().down == "db");
  REQUIRE(has(request.sentence,
              "was waiting for a connection of the pool; in truth db, where it was to go, was down "
              "meanwhile"));
  bool told = false;
  for (const ExplainedStep& step : request.steps) told |= step.why == "db is down";
  REQUIRE(told);
}

TEST_CASE("explain: a read that misses what was acknowledged as it was sent", "[run][explain]") {
  // The read of an own write goes at once to a replica that flushes for 3 ms yet.
  ClusterConfig config = across();
  users(config, "people", "eu", 1, {write(), own(read())}).think = always(seconds(5));
  const Explanation request = explained(config, "people/0#1");
  REQUIRE(request.reads.size() == 1);
  REQUIRE(request.reads[0].staleness == Duration{});
  REQUIRE(has(request.sentence,
              "was stale since that very moment: it missed 1 version of the row, the oldest "
              "acknowledged as it was sent"));
  REQUIRE(explanation_text(request, false).find("0s stale") == std::string::npos);
}

TEST_CASE("explain: names of requests are read back, and wrong ones are told", "[run][explain]") {
  const Cluster cluster = build(paused(), 1);
  const Plan& plan = *cluster.world().plan;
  const Result<RequestName> good = parse_request(plan, "people/0#17");
  REQUIRE(good.ok());
  REQUIRE(good.value().number == 17);
  REQUIRE(request_text(plan, good.value()) == "people/0#17");
  REQUIRE(has(parse_request(plan, "4711").errors()[0].expected, "eu/17#42"));
  REQUIRE(parse_request(plan, "poeple/0#1").errors()[0].nearest == "people");
  REQUIRE(has(parse_request(plan, "people/1#1").errors()[0].expected, "from 0 to 0"));
  REQUIRE(!parse_request(plan, "people/0#-1").ok());
  REQUIRE(!parse_request(plan, "people/0#").ok());
  // A page that is never clicked: how many there are comes back.
  Cluster again = build(paused(), 1);
  const WatchedRequest nobody = watch_request(again, {{0}, 1000});
  REQUIRE(nobody.pages.empty());
  REQUIRE(nobody.clicked > 5);
  REQUIRE(nobody.clicked < 15);
}

TEST_CASE("explain: the run stops when the request is over", "[run][explain]") {
  Cluster cluster = build(paused(), 1);
  const WatchedRequest watched = watch_request(cluster, {{0}, 2});
  REQUIRE(watched.now == watched.pages.front().ended);
}

TEST_CASE("explain: the worst of each kind, and of a region", "[run][explain]") {
  const FoundRequests found = find_requests(build(paused(), 1), {.each = 3});
  REQUIRE(found.kinds.size() == found_kinds);
  for (const FoundKindList& list : found.kinds) {
    REQUIRE(list.worst.size() <= 3);
    for (std::size_t i = 1; i < list.worst.size(); ++i) {
      const bool by_time = list.kind == FoundKind::slowest || list.kind == FoundKind::error;
      REQUIRE((by_time ? list.worst[i - 1].took >= list.worst[i].took
                       : list.worst[i - 1].staleness >= list.worst[i].staleness));
    }
  }
  // Looking for them changes nothing.
  Cluster alone = build(paused(), 1);
  alone.run_until(alone.end());
  REQUIRE(found.digest == alone.world().scheduler.digest());
  const FoundRequests elsewhere = find_requests(build(paused(), 1), {.region = "us"});
  REQUIRE(elsewhere.kinds[1].count == 0);
}

}  // namespace
}  // namespace longhaul
