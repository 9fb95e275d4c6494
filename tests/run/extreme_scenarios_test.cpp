// Valid scenarios at the edges of what may be said: each loads, runs for a moment or a number of
// events without a failed CHECK, and runs to the same digest again.
#include <string>
#include <vector>

#include "run/runner.h"
#include "run/scenario.h"
#include "tests/catch.h"

using namespace longhaul;

namespace {

const std::string base = R"({
  "format": 1, "name": "edge", "purpose": "The edge of what may be said.",
  "duration": "5s", "warmup": "0s",
  "topology": {
    "regions": ["aws:us-east-1", "aws:eu-west-1"],
    "nodes": [{"name": "db-us", "region": "aws:us-east-1", "role": "primary"},
              {"name": "db-eu", "region": "aws:eu-west-1", "role": "replica", "follows": "db-us"}],
    "apps": [{"name": "app", "region": "aws:eu-west-1"}]
  },
  "data": [{"name": "profile", "rows": "100"}],
  "workload": [{"name": "eu", "from": "aws:eu-west-1", "sessions": 4, "rate": "40/s",
                "pages": [{"name": "show", "calls": [{"read": "profile"}]},
                          {"name": "save", "calls": [{"write": "profile"}]}]}]
})";

// The base with a layer over it: the members of an object, without its braces.
Scenario edge(const std::string& layer, std::vector<std::string> sets = {}) {
  const std::string text =
      R"({"extends": "base.json")" + std::string(layer.empty() ? "" : ", ") + layer + "}";
  const ReadText read = [&](const std::string& path) -> Result<std::string> {
    return path == "base.json" ? base : text;
  };
  const Result<Scenario> scenario = load_scenario("edge.json", {.sets = std::move(sets)}, read);
  for (const Error& error : scenario.errors()) UNSCOPED_INFO(to_text(error));
  REQUIRE(scenario.ok());
  return scenario.value();
}

RunResult run_twice(const Scenario& scenario, std::uint64_t events = 200'000) {
  RunOptions options;
  options.event_limit = events;
  const RunResult first = run(scenario, 1, options);
  const RunResult second = run(scenario, 1, options);
  REQUIRE(first.digest == second.digest);
  REQUIRE(first.events == second.events);
  return first;
}

RunResult run_edge(const std::string& layer, std::vector<std::string> sets = {}) {
  CAPTURE(layer, sets);
  return run_twice(edge(layer, std::move(sets)));
}

std::string fault(const std::string& rest) {
  return R"({"kind": "cut_link", "between": ["aws:us-east-1", "aws:eu-west-1"], )" + rest + "}";
}

std::string pause(const std::string& rest) {
  return R"({"kind": "pause_replay", "node": "db-eu", )" + rest + "}";
}

std::int64_t count_of(const RunResult& result, Metric metric) {
  Selector selector;
  selector.metric = metric;
  return result.figures.select(selector).count();
}

}  // namespace

TEST_CASE("extreme_scenarios: the shortest and the longest run", "[run][extreme]") {
  run_edge("", {"duration=1ms"});
  // A year ends at the limit of events, not in a hang.
  RunResult year = run_edge("", {"duration=366d"});
  REQUIRE(year.event_limit_reached);
  // The rarest users of the longest run: the canary alone, 0.001/day, may come once in three years.
  year = run_edge(
      "", {"policy.lag_breaker.probe_interval=60min", "policy.lag_breaker.probe_timeout=60min",
           "duration=366d", "workload.eu.rate=1/day", "workload.eu.sessions=1", "canary=0.001/day",
           "postgres.wal_receiver_status_interval=2147483s",
           "postgres.wal_sender_timeout=0s", "postgres.wal_receiver_timeout=0s", "warmup=1d"});
  REQUIRE_FALSE(year.event_limit_reached);
  // 366 pages on average, 365 of them measured; 60 are 16 standard deviations.
  const std::int64_t statements = count_of(year, Metric::reads) + count_of(year, Metric::writes);
  REQUIRE(statements > 305);
  REQUIRE(statements < 425);
}

TEST_CASE("extreme_scenarios: nobody measures outages", "[run][extreme]") {
  const RunResult result = run_edge("", {"canary=0/s"});
  REQUIRE(result.write_outages.empty());
}

TEST_CASE("extreme_scenarios: one node, one session, no replica to read from", "[run][extreme]") {
  for (const char* when : {"primary", "fail"}) {
    const RunResult result = run_edge(
        R"("topology": {"regions": ["aws:us-east-1"], "nodes": [], "apps": []})",
        {R"(topology.nodes=[{"name": "db", "region": "aws:us-east-1", "role": "primary"}])",
         R"(topology.apps=[{"name": "app", "region": "aws:us-east-1"}])", "workload.eu.sessions=1",
         "policy.router.primary_reads=fallback_only",
         std::string("policy.router.when_no_replica=") + when});
    // Without a replica a read goes to the primary, or every read fails.
    REQUIRE((count_of(result, Metric::reads) > 0) == (std::string(when) == "primary"));
    REQUIRE(count_of(result, Metric::writes) > 0);
  }
}

TEST_CASE("extreme_scenarios: a network without any delay", "[run][extreme]") {
  const RunResult result =
      run_edge(R"("network": {"jitter": "0ms", "same_zone_rtt": "0ms", "cross_zone_rtt": "0ms"})",
               {"workload.eu.last_mile=0s",
                R"(topology.links=[{"between": ["aws:us-east-1", "aws:eu-west-1"], "rtt": "0ms"}])",
                "topology.nodes.db-us.fsync=0ms", "topology.nodes.db-eu.fsync=0ms",
                "data.profile.read_time=0ms", "data.profile.write_time=0ms"});
  REQUIRE(count_of(result, Metric::writes) > 0);
}

TEST_CASE("extreme_scenarios: everything takes ages", "[run][extreme]") {
  run_edge(R"("network": {"jitter": "30d", "retransmit_min": "60s"})", {"duration=366d"});
  run_edge("", {"data.profile.read_time=30d", "data.profile.write_time=30d", "duration=100d"});
  run_edge("", {"topology.nodes.db-us.fsync=30d", "duration=100d"});
  run_edge("", {R"(topology.links=[{"between": ["aws:us-east-1", "aws:eu-west-1"], )"
                R"("bandwidth": "1kbit/s", "rtt": "10s"}])",
                "network.jitter=lognormal(median 1ms, p99 30d)", "duration=10d",
                "topology.nodes.db-eu.replay_rate=1kB/s"});
}

TEST_CASE("extreme_scenarios: rows, sizes and skews at their bounds", "[run][extreme]") {
  run_edge("",
           {"data.profile.rows=1G", "data.profile.row_bytes=1MiB", "data.profile.skew=zipf(1.99)",
            R"(workload.eu.pages=[{"name": "p", "weight": 1000000, "calls": [)"
            R"({"write": "profile", "rows": 1000, "times": 10000}]}])"});
  run_edge("", {"data.profile.rows=1", "data.profile.skew=zipf(0)"});
  run_edge("", {"network.statement_request=64MiB", "network.statement_reply=64MiB",
                "network.page_reply=64MiB", "network.bandwidth=1kbit/s"});
  run_edge("", {"wal.tcp_window=1448B", "wal.tcp_initial_window=1448B", "wal.send_chunk=64MiB",
                "wal.record_overhead=1MiB", "wal.commit_record=1MiB"});
}

TEST_CASE("extreme_scenarios: rates at their upper bounds", "[run][extreme]") {
  const RunResult result =
      run_edge("", {"workload.eu.rate=10000000/s", "canary=1000/s", "workload.eu.in_flight_max=1"});
  // 200,000 events end the run long before its end.
  REQUIRE(result.event_limit_reached);
  run_edge("",
           {"topology.apps.app.pool.size=1", "topology.apps.app.pool.queue=0",
            "topology.nodes.db-us.max_connections=1", "topology.nodes.db-us.cpus=1",
            "topology.apps.app.pool.wait_timeout=1ms", "topology.apps.app.statement_timeout=1ms"});
}

TEST_CASE("extreme_scenarios: a page of a thousand calls, all reads own", "[run][extreme]") {
  std::string calls;
  for (int i = 0; i < 1'000; ++i) {
    calls += std::string(i == 0 ? "" : ", ") + R"({"read": "profile", "own": true})";
  }
  for (const char* rule : {"none", "pin_after_write", "lsn_token"}) {
    run_edge(
        R"("workload": [{"name": "eu", "pages": [{"name": "show", "calls": [)" + calls + "]}]}]",
        {std::string("policy.freshness.rule=") + rule, "policy.freshness.wait=0s"});
  }
}

TEST_CASE("extreme_scenarios: closed users who never think", "[run][extreme]") {
  run_edge("", {"workload.eu.think=0ms", "workload.eu.sessions=1000", "workload.eu.last_mile=0s",
                "workload.eu.sessions_per_user=1000"});
}

TEST_CASE("extreme_scenarios: faults at the start, overlapping, doubled and for ever",
          "[run][extreme]") {
  run_edge(R"("faults": [)" + fault(R"("at": "0s")") + ", " + fault(R"("at": "0s")") + ", " +
           fault(R"("at": "0s", "for": "1ns")") + "]");
  // Two overlapping cuts: the link heals when the longer one ends.
  const RunResult overlapping = run_edge(R"("faults": [)" + fault(R"("at": "1s", "for": "2s")") +
                                             ", " + fault(R"("at": "2s", "for": "10s")") + "]",
                                         {"duration=60s"});
  REQUIRE(count_of(overlapping, Metric::writes) > 0);
  run_edge(R"("faults": [)" + pause(R"("at": "0s")") + ", " + pause(R"("at": "1s", "for": "1s")") +
           ", " + pause(R"("at": "1s", "for": "366d")") + "]");
  run_edge(R"("faults": [)" + pause(R"("at": "4999999999ns")") + ", " +
           fault(R"("at": "4999999999ns")") + "]");
  std::string many;
  for (int i = 0; i < 200; ++i) {
    many += i == 0 ? "" : ", ";
    many += fault(R"("at": ")" + std::to_string(i * 20) + R"(ms", "for": "10ms")");
  }
  run_edge(R"("faults": [)" + many + "]");
  run_edge(R"("faults": [)" + fault(R"("at": "0s")") + "]",
           {"network.retransmits_max=0", "topology.apps.app.statement_timeout=100ms"});
}

TEST_CASE("extreme_scenarios: a synchronous standby cut off for ever", "[run][extreme]") {
  for (const char* level : {"off", "local", "remote_write", "on", "remote_apply"}) {
    const RunResult result =
        run_edge(R"("faults": [)" + fault(R"("at": "0s")") + "]",
                 {"postgres.synchronous_standby_names=*", "canary=0/s",
                  std::string("postgres.synchronous_commit=") + level,
                  "topology.apps.app.region=aws:us-east-1", "workload.eu.from=aws:us-east-1"});
    // The users are beside the primary: only a commit that waits for the standby never returns.
    const std::string name = level;
    REQUIRE((count_of(result, Metric::writes) > 0) == (name == "off" || name == "local"));
  }
}

TEST_CASE("extreme_scenarios: a cascade of fifteen", "[run][extreme]") {
  std::string nodes = R"([{"name": "db-0", "region": "aws:us-east-1", "role": "primary"})";
  for (int i = 1; i < 16; ++i) {
    nodes += R"(, {"name": "db-)" + std::to_string(i) +
             R"(", "region": "aws:eu-west-1", "role": "replica", "follows": "db-)" +
             std::to_string(i - 1) + "\"}";
  }
  const RunResult result = run_edge(
      "", {"topology.nodes=" + nodes + "]", "postgres.synchronous_standby_names=FIRST 1 (*)"});
  REQUIRE(count_of(result, Metric::writes) > 0);
}

TEST_CASE("extreme_scenarios: as many users as memory is promised for", "[.slow][run][extreme]") {
  const Scenario scenario = edge("", {"workload.eu.sessions=1000000", "workload.eu.rate=10000/s"});
  run_twice(scenario, 1'000'000);
}
