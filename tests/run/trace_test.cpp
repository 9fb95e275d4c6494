// The trace of a run against the format that Perfetto reads, by a checker of our own.
#include "run/trace.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/catch.h"
#include "tests/run/tiny_scenario.h"

namespace longhaul {
namespace {

using nlohmann::json;

struct Slice {
  std::int64_t from = 0;
  std::int64_t to = 0;
};
using TrackId = std::pair<std::int64_t, std::int64_t>;

std::int64_t ns_of(const json& micros) { return std::llround(micros.get<double>() * 1000); }

bool encloses(const std::vector<Slice>& slices, std::int64_t at) {
  return std::any_of(slices.begin(), slices.end(),
                     [at](const Slice& slice) { return slice.from <= at && at <= slice.to; });
}

// What is wrong with a trace; empty: nothing.
class Checker {
 public:
  explicit Checker(const json& trace) {
    if (!trace.is_object() || !trace.contains("traceEvents")) {
      complain("no traceEvents");
      return;
    }
    for (const json& event : trace["traceEvents"]) look_at(event);
    for (const TrackId& track : used_) {
      if (!processes_.contains(track.first)) complain("a process without a name");
      if (track.second != 0 && !threads_.contains(track)) complain("a track without a name");
    }
    for (const auto& [id, flow] : flows_) check(flow);
  }

  const std::set<std::string>& complaints() const { return complaints_; }
  std::int64_t count(const std::string& phase) const {
    const auto found = counts_.find(phase);
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  struct End {
    int times = 0;
    TrackId track;
    std::int64_t at = 0;
  };
  struct Flow {
    End begin;
    End end;
  };

  void complain(const std::string& what) { complaints_.insert(what); }

  void look_at(const json& event) {
    const std::string phase = event.value("ph", "");
    counts_[phase] += 1;
    if (!event.contains("name") || !event["name"].is_string()) complain("no name");
    if (!event.contains("pid") || !event.contains("tid")) return complain("no pid or tid");
    const TrackId track{event["pid"].get<std::int64_t>(), event["tid"].get<std::int64_t>()};
    if (phase == "M") return name(event, track);
    if (!event.contains("ts") || !event["ts"].is_number()) return complain("no ts");
    // Others would not nest where readers add them in floating point.
    if (!event["ts"].is_number_integer()) complain("a time between two microseconds");
    const std::int64_t at = ns_of(event["ts"]);
    if (at < last_) complain("not in the order of time");
    last_ = at;
    used_.insert(track);
    if (phase == "X") return slice(event, track, at);
    if (phase == "s" || phase == "f") return flow(event, phase, track, at);
    if (phase == "i") return instant(event);
    if (phase == "C") return counter(event);
    complain("a phase that is not used: " + phase);
  }

  void name(const json& event, TrackId track) {
    if (event["name"] == "process_name") processes_.insert(track.first);
    if (event["name"] == "thread_name") threads_.insert(track);
  }

  // A slice lies within those of its track that are open when it begins.
  void slice(const json& event, TrackId track, std::int64_t at) {
    if (!event.contains("dur") || ns_of(event["dur"]) <= 0) return complain("no dur");
    if (!event["dur"].is_number_integer()) complain("a time between two microseconds");
    const std::int64_t end = at + ns_of(event["dur"]);
    std::vector<std::int64_t>& open = open_[track];
    while (!open.empty() && open.back() <= at) open.pop_back();
    if (!open.empty() && end > open.back()) complain("slices that overlap without nesting");
    open.push_back(end);
    slices_[track].push_back({at, end});
  }

  void flow(const json& event, const std::string& phase, TrackId track, std::int64_t at) {
    if (!event.contains("id")) return complain("a flow without id");
    Flow& known = flows_[event["id"].get<std::int64_t>()];
    End& end = phase == "s" ? known.begin : known.end;
    end = {end.times + 1, track, at};
    if (phase == "f" && event.value("bp", "") != "e")
      complain("a flow that ends at the next slice");
  }

  void instant(const json& event) {
    const std::string scope = event.value("s", "");
    if (scope != "g" && scope != "p" && scope != "t") complain("an instant without scope");
  }

  void counter(const json& event) {
    if (!event.contains("args") || event["args"].empty()) return complain("an empty counter");
    for (const json& value : event["args"]) {
      if (!value.is_number() || value.get<double>() < 0) complain("a counter that is no number");
    }
  }

  void check(const Flow& flow) {
    if (flow.begin.times != 1 || flow.end.times != 1) return complain("a flow without both ends");
    if (flow.begin.at > flow.end.at) complain("a flow that ends before it begins");
    for (const End& end : {flow.begin, flow.end}) {
      if (!encloses(slices_[end.track], end.at)) complain("the end of a flow is in no slice");
    }
  }

  std::set<std::string> complaints_;
  std::map<std::string, std::int64_t> counts_;
  std::set<std::int64_t> processes_;
  std::set<TrackId> threads_;
  std::set<TrackId> used_;
  std::map<TrackId, std::vector<std::int64_t>> open_;
  std::map<TrackId, std::vector<Slice>> slices_;
  std::map<std::int64_t, Flow> flows_;
  std::int64_t last_ = 0;
};

// More of it at once than a session or a processor can take: pages overlap, statements queue; a cut
// lets some time out.
const std::vector<std::string> busy = {
    "workload.eu.rate=200/s",
    "topology.nodes.db-us.cpus=1",
    "topology.nodes.db-eu.cpus=1",
    "policy.router.use_replica_reads=true",
    "policy.freshness.rule=lsn_token",
    "topology.apps.app-eu.statement_timeout=1s",
    "policy.retries.attempts=2",
    R"(faults=[{"kind": "cut_link", "between": ["aws:us-east-1", "aws:eu-west-1"],)"
    R"( "at": "6s", "for": "3s"}, {"kind": "pause_replay", "node": "db-eu", "at": "11s"}])"};

struct Traced {
  RunResult result;
  json trace;
  std::size_t pages = 0;
};

Traced traced(const Scenario& scenario, std::optional<TraceWindow> window = {}) {
  TraceRecorder recorder(window.value_or(default_trace_window(scenario.cluster)));
  RunOptions options;
  options.observer = &recorder;
  Cluster cluster = build_run(scenario, 1, options);
  watch_pages(cluster.world(), trace_witness(recorder.window()));
  Traced traced;
  advance(cluster, cluster.end(), options);
  recorder.finish(cluster.world());
  traced.result = finish_run(std::move(cluster), scenario, options);
  traced.trace = json::parse(trace_json(scenario, traced.result, recorder));
  traced.pages = recorder.pages().size();
  return traced;
}

std::string all(const std::set<std::string>& complaints) {
  std::string text;
  for (const std::string& complaint : complaints) text += complaint + "\n";
  return text;
}

TEST_CASE("trace: it is what the format asks for", "[run][trace]") {
  for (const Scenario& scenario : {load_tiny(), load_tiny(busy)}) {
    const Traced run = traced(scenario);
    REQUIRE(run.pages > 100);
    const Checker checker(run.trace);
    REQUIRE(all(checker.complaints()) == "");
    for (const char* phase : {"X", "s", "f", "C", "M"}) {
      INFO(phase);
      REQUIRE(checker.count(phase) > 10);
    }
    REQUIRE(checker.count("s") == checker.count("f"));
    // Two faults, one of which ends.
    REQUIRE(checker.count("i") >= (scenario.cluster.faults.empty() ? 0 : 3));
    // Whoever records changes nothing.
    REQUIRE(longhaul::run(scenario, 1).digest == run.result.digest);
  }
}

TEST_CASE("trace: the checker finds what is wrong", "[run][trace]") {
  const json good = traced(load_tiny()).trace;
  const auto wrong_if = [&good](const std::string& complaint, const auto& spoil) {
    json trace = good;
    for (json& event : trace["traceEvents"]) {
      if (spoil(event)) break;
    }
    INFO(complaint << "\nfound:\n" << all(Checker(trace).complaints()));
    REQUIRE(Checker(trace).complaints().contains(complaint));
  };
  const auto is = [](const json& event, const char* phase) { return event["ph"] == phase; };
  wrong_if("a process without a name", [&](json& event) {
    if (event["name"] != "process_name" || event["pid"] == 1) return false;
    event["name"] = "process_labels";
    return true;
  });
  wrong_if("a flow without both ends", [&](json& event) {
    if (!is(event, "f")) return false;
    event["id"] = 1'000'000;
    return true;
  });
  wrong_if("slices that overlap without nesting", [&](json& event) {
    if (!is(event, "X") || event["cat"] != "statement") return false;
    event["dur"] = 1e9;
    return true;
  });
  wrong_if("the end of a flow is in no slice", [&](json& event) {
    if (!is(event, "s")) return false;
    event["pid"] = 1;
    return true;
  });
  wrong_if("not in the order of time", [&](json& event) {
    if (!is(event, "X")) return false;
    event["ts"] = 1e12;
    return true;
  });
}

TEST_CASE("trace: pages are those of the window", "[run][trace]") {
  const Scenario scenario = load_tiny();
  const TraceWindow window{TimePoint{} + seconds(3), TimePoint{} + seconds(5)};
  const Traced run = traced(scenario, window);
  // 2 s of 20 pages a second: 40, give or take five times its root.
  REQUIRE(run.pages > 8);
  REQUIRE(run.pages < 72);
  std::size_t pages = 0;
  for (const json& event : run.trace["traceEvents"]) {
    if (event["ph"] != "X" || event["cat"] != "page") continue;
    pages += 1;
    REQUIRE(ns_of(event["ts"]) >= seconds(3).ns);
    REQUIRE(ns_of(event["ts"]) < seconds(5).ns);
    REQUIRE(event["args"]["request"].get<std::string>().starts_with("eu/"));
  }
  REQUIRE(pages == run.pages);
}

TEST_CASE("trace: pages that still wait when the run ends are there, up to then", "[run][trace]") {
  // From 6 s on, and after the end at 8 s, nothing passes: whoever clicks what writes still waits.
  const Scenario scenario =
      load_tiny({"duration=8s", "topology.apps.app-eu.statement_timeout=20s",
                 R"(faults=[{"kind": "cut_link", "between": ["aws:us-east-1", "aws:eu-west-1"],)"
                 R"( "at": "6s", "for": "3s"}])"});
  const Traced run = traced(scenario);
  REQUIRE(run.result.unfinished_pages > 0);
  std::uint64_t open = 0;
  for (const json& event : run.trace["traceEvents"]) {
    if (event["ph"] != "X" || event["cat"] != "page" || event["args"]["outcome"] != "open")
      continue;
    open += 1;
    REQUIRE(ns_of(event["ts"]) + ns_of(event["dur"]) == seconds(8).ns);
  }
  REQUIRE(open > 0);
  REQUIRE(open <= run.result.unfinished_pages);
  REQUIRE(all(Checker(run.trace).complaints()) == "");
}

TEST_CASE("trace: more pages than it takes are said to be left out", "[run][trace]") {
  // 200 pages a second, for 12 s of window.
  const Scenario scenario = load_tiny({"workload.eu.rate=200/s", "duration=14s"});
  const TraceWindow window{TimePoint{} + seconds(1), TimePoint{} + seconds(13)};
  const Traced run = traced(scenario, window);
  REQUIRE(run.trace["otherData"]["left_out"] == "pages behind the first 2,000");
  REQUIRE(!traced(load_tiny()).trace["otherData"].contains("left_out"));
}

TEST_CASE("trace: the window begins a second before the first fault", "[run][trace]") {
  const TraceWindow quiet = default_trace_window(load_tiny().cluster);
  REQUIRE(quiet.from == TimePoint{} + seconds(1));  // the end of the warm-up
  REQUIRE(quiet.until == TimePoint{} + seconds(11));
  const TraceWindow cut = default_trace_window(load_tiny(busy).cluster);
  REQUIRE(cut.from == TimePoint{} + seconds(5));
  REQUIRE(cut.until == TimePoint{} + seconds(15));
}

}  // namespace
}  // namespace longhaul
