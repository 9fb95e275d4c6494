// Failovers over many seeds: how often, to whom, how long each phase took, and what was lost.
//
// Each seed begins with agents at other moments of their loops, so a fault at a fixed time sweeps
// the loop. A setting is the scenario with values of its own laid over it. Every promotion is a
// failover; phases and outage are those of the region whose writes were out for longest, which may
// be one that was cut off itself, and a phase that an outage did not have counts zero, so that the
// means sum. Losses and writes of a
// split brain are counted by run, needless failovers are those whose old primary took writes
// (docs/metrics.md).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "run/variants.h"

namespace longhaul {

struct FailoversAsked {
  std::vector<Axis> vary;          // crossed; none: the scenario as it is
  std::vector<Axis> along;         // change with the values of the only one that varies
  std::optional<SeedRange> seeds;  // absent: the scenario's own
  std::function<Result<Scenario>(const Variant&)> load;
};

// The sample is not empty.
struct DurationSummary {
  Duration min;
  Duration mean;
  Duration p95;
  Duration max;
};

struct CountSummary {
  std::int64_t median = 0;
  std::int64_t p99 = 0;
  std::int64_t max = 0;
};

struct FailoversRow {
  std::vector<std::string> values;  // of the varied parameters
  std::int64_t runs = 0;
  std::int64_t runs_with_failover = 0;
  std::int64_t failovers = 0;
  std::int64_t unopened = 0;        // promotions that did not take writes before the end
  std::int64_t without_outage = 0;  // no region's writes were out for longer than 2 s
  std::int64_t censored = 0;        // outages open at the end of the run
  std::int64_t needless = 0;
  std::int64_t runs_with_needless = 0;
  std::vector<std::pair<std::string, std::int64_t>> to;  // failovers by who was promoted
  std::array<std::optional<DurationSummary>, failover_phase_count> phases;
  std::optional<DurationSummary> outage;  // of those with one
  // Failovers by the region whose outage the phases divide, and all outages of writes by run in
  // each region that had one.
  std::vector<std::pair<std::string, std::int64_t>> longest_in;
  std::vector<std::pair<std::string, DurationSummary>> out_by_region;
  DurationSummary out_by_run;  // in the region that had most
  CountSummary lost;                      // acknowledged and gone, by run
  std::vector<std::pair<std::string, CountSummary>> lost_by_cause;  // causes that occurred
  CountSummary split_brain_writes;
};

struct FailoversTable {
  std::string scenario;
  SeedRange seeds;
  std::vector<std::string> paths;  // varied, and then those that go along
  std::size_t axes = 0;            // how many of them are varied
  std::vector<FailoversRow> rows;
};

// Runs everything. Fewer rows than asked for after a stop.
Result<FailoversTable> failovers_table(const FailoversAsked& asked, const SweepOptions& options);

std::string failovers_text(const FailoversTable& table, bool colour = false);
std::string failovers_json(const FailoversTable& table);

// By setting: the share of runs with a failover and with a needless one, and how long writes were
// out in a run on average.
std::string failovers_svg(const FailoversTable& table);

}  // namespace longhaul
