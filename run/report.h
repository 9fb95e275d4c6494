// What a run has to say, filled once: text, JSON and every other face print this struct.
//
// Figures are integers in the unit of their metric (ns, bytes, ppm, count). Nothing in a report
// depends on the machine, the wall clock or the compiler. Left out: the log, which has all that.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "run/runner.h"
#include "run/scenario.h"

namespace longhaul {

// Of the program, as CMakeLists.txt has it.
std::string_view release();

// A distribution in nine figures. Of time-weighted metrics, `count` is nanoseconds.
struct Summary {
  std::int64_t count = 0;
  std::int64_t min = 0;
  std::int64_t avg = 0;
  std::int64_t med = 0;
  std::int64_t p90 = 0;
  std::int64_t p95 = 0;
  std::int64_t p99 = 0;
  std::int64_t p999 = 0;
  std::int64_t max = 0;
};

Summary summary_of(const Figure& figure);

// One label set of a metric. A label that is not named takes all its values together, as in an
// expectation. `counter` is filled for counters, `summary` for all others.
struct MetricRow {
  std::vector<std::pair<std::string, std::string>> labels;
  Summary summary;
  Counter counter;
};

// A row for each value of the metric's first label, then the cells in which something was counted.
struct MetricReport {
  Metric metric = Metric::reads;
  MetricRow total;  // of all labels together
  std::vector<MetricRow> rows;
};

struct OutageReport {
  std::string region;
  TimePoint began;
  TimePoint ended;
  bool censored = false;
};

// What the users of one region saw. The canary's pages are left out.
struct RegionReport {
  std::string region;
  Summary pages;
  std::int64_t page_errors = 0;
  std::vector<std::pair<std::string, std::int64_t>> errors_by_kind;  // the most frequent first
  std::int64_t reads = 0;  // that were answered
  Summary read_latency;    // of failed ones too, as the next two
  std::vector<std::pair<std::string, std::int64_t>> reads_by_node;        // the busiest first
  std::vector<std::pair<std::string, std::int64_t>> decisions_by_reason;  // the most frequent first
  Summary write_latency;
  Summary transaction_latency;
  std::int64_t reads_failed = 0;
  std::int64_t writes_failed = 0;
  std::int64_t transactions_failed = 0;
  Counter stale_reads;
  Summary staleness;
  Counter own_writes_missed;
  Counter went_back;
  Counter users_hit;
  Summary write_outage;
  bool write_outage_censored = false;
  Counter availability;
};

struct ReplicaReport {
  std::string name;
  std::array<Summary, 4> lag;       // by LagStage; truth
  Summary lag_bytes;                // replay
  Summary observed_lag;             // as the probes of all apps reported it
  std::int64_t breaker_opened = 0;  // over all instances, from half open too
  std::int64_t breaker_moves = 0;
  Summary breaker_open;
};

// "open all the time" of a breaker that had opened before anything was measured and never moved,
// "open at first" of one that then only closed; else how often breakers opened.
std::string breakers_opened_text(const ReplicaReport& replica);

struct NodeReport {
  std::string name;
  std::string region;
  bool primary = false;     // as the run begins
  std::string role_at_end;  // primary, replica or down
  Summary cpu;              // ppm
  Summary connections;
  std::int64_t max_connections = 0;
  Summary commit_latency;
  std::int64_t wal_bytes = 0;
};

struct TrafficReport {
  std::string from;
  std::string to;
  std::vector<std::int64_t> bytes;  // by Traffic
  std::int64_t total() const {
    return std::accumulate(bytes.begin(), bytes.end(), std::int64_t{0});
  }
};

// A promotion, the outage that it ended and those who were judged before it.
struct FailoverReport {
  struct Part {
    std::string phase;
    std::string why;  // a sentence; may be empty
    TimePoint began;
    TimePoint ended;
  };
  struct Candidate {
    std::string node;
    std::string state;
    std::uint32_t timeline = 0;
    Lsn position;
    bool eligible = false;
    std::string reason;  // its name
    std::string why;
  };
  std::string from;
  std::string to;
  std::string reason;
  std::string why;
  TimePoint ordered;
  std::optional<TimePoint> opened;  // absent: the promotion did not succeed
  bool needless = false;
  bool watched = true;  // a canary saw whether writes were out
  std::string region;  // of the outage; empty: there was none
  TimePoint began;
  TimePoint ended;
  bool censored = false;
  struct Refusal {
    TimePoint at;
    std::string node;    // "nobody": nobody is promoted
    std::string reason;  // its name
    std::string why;
  };
  std::vector<Part> parts;
  std::vector<Candidate> candidates;
  std::vector<Refusal> refusals;  // until the outage ended, not said of a candidate
};

struct ExpectationReport {
  std::string metric;  // with its labels, as written
  std::string text;    // "med < 15ms"
  Verdict verdict;
  std::string unit;        // of verdict.value
  std::string value_text;  // verdict.value for people
};

struct Report {
  ScenarioConfig effective;
  std::string file;
  std::uint64_t scenario_digest = 0;
  std::uint64_t seed = 0;
  std::optional<std::uint64_t> permute_ties;
  Duration simulated;
  Duration measured;
  std::vector<std::string> warnings;
  std::vector<std::string> estimates;
  std::vector<MetricReport> metrics;
  std::vector<RegionReport> regions;
  std::vector<ReplicaReport> replicas;
  std::vector<NodeReport> nodes;
  std::vector<TrafficReport> traffic;  // the heaviest first
  std::vector<ExpectationReport> expectations;
  std::vector<OutageReport> write_outages;
  std::vector<FailoverReport> failovers;
  std::vector<FailoverReport::Refusal> refusals;  // after the last failover, or without one
  std::uint64_t events = 0;
  std::uint64_t ties = 0;
  std::uint64_t statements = 0;
  std::uint64_t unfinished_pages = 0;
  std::uint64_t digest = 0;
  bool event_limit_reached = false;

  bool holds() const;  // every expectation
};

// Its part about failovers.
void add_failovers(Report& report, const RunResult& result);

Report make_report(const Scenario& scenario, const RunResult& result,
                   const RunOptions& options = {});

// ---- printing ---------------------------------------------------------------------------------

// The result as JSON, keys in a fixed order, ending with a line feed.
std::string report_json(const Report& report);

// The effective configuration as a scenario file.
std::string scenario_json(const ScenarioConfig& config);

// What was counted and stands in none of the other tables of the text: a line for each metric, of
// all labels together. Empty when there is nothing.
std::string other_figures_text(const Report& report, bool colour);

// Each failover with its phases and candidates; empty when there is none.
std::string failovers_text(const Report& report, bool colour);

// Tables for people. `colour`: with ANSI escape codes; no meaning hangs on them alone.
std::string report_text(const Report& report, bool colour = false);

// Only what did not hold; empty when everything did.
std::string missed_text(const Report& report, bool colour = false);

// "12 pages were still waiting for their answer at the end of 20 runs and count nowhere above":
// what a short run keeps out of its latencies. Empty when there are none.
std::string unfinished_text(std::uint64_t pages, std::int64_t runs = 1);

// Count by population in ppm, rounded down; nothing when the population is empty.
std::optional<std::int64_t> share_ppm(const Counter& counter);
// Of a count of zero: the share that the sample still allows at 95 % (3 / n).
std::optional<std::int64_t> share_bound_ppm(const Counter& counter);

std::string hex_text(std::uint64_t digest);                 // 16 digits
std::string count_text(std::int64_t count);                 // 28,512
std::string counted(std::int64_t count, const char* noun);  // "1 page", "28,512 pages"
std::string share_text(std::int64_t ppm);          // 0.421%, never 0% nor 100% unless it is
std::string_view unit_name(MetricUnit unit);       // ns, bytes, ppm, count
std::string verdict_word(const Verdict& verdict);  // ok, MISSED, NO SAMPLES

}  // namespace longhaul
