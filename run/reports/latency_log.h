// The latency log of a migration project: how long what takes between which regions, before and
// after.
//
// A row is what users of one region asked of one region (or of all together: "*"), by type of query
// and by page (or "*"): reads, writes and transactions from the moment a page needs them until
// their answer is at the app, pages from the click until the page is back at the user. Failures are
// counted apart; their latencies stand in no figure.
//
// "after" is this run. The baseline is an earlier log: its "after" columns, row by row. It may come
// from a run of the system as it is, or be written by hand from what production measures; only the
// first four columns and after_p50_ms are needed. After a migration other regions answer, so the
// rows to look at are those to "*"; a row that only one side has keeps the other side empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "run/figures.h"

namespace longhaul {

struct Scenario;

struct LatencyLogRow {
  std::string from;   // region of the users
  std::string to;     // region that answered, or *
  std::string query;  // read, write, transaction, page
  std::string page;   // its name, or *

  struct Side {
    std::optional<std::int64_t> count;  // absent, here and below: a log by hand did not give it
    std::optional<std::int64_t> errors;
    std::int64_t p50_us = 0;
    std::optional<std::int64_t> p95_us;
    std::optional<std::int64_t> p99_us;
  };
  // Whether anything was answered, so that there are percentiles.
  static bool has_latency(const std::optional<Side>& side) {
    return side && side->count.value_or(1) > 0;
  }
  std::optional<Side> baseline;
  std::optional<Side> after;
};

struct LatencyLog {
  bool has_baseline = false;
  std::vector<LatencyLogRow> rows;
};

LatencyLog latency_log(const Scenario& scenario, const Figures& figures);

// The rows of a log that was written before, as `after`.
Result<LatencyLog> read_latency_log(std::string_view csv, const std::string& file);

void add_baseline(LatencyLog& log, const LatencyLog& baseline);

std::string latency_log_csv(const LatencyLog& log);

// 1234 is "1.234".
std::string milliseconds_text(std::int64_t us);

}  // namespace longhaul
