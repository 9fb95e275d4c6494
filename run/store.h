// The results of a sweep in one SQLite file: cells, their figures, verdicts and failovers.
//
// A cell is a setting of the axes, a seed and, if the world was forked, an instant of the crash.
// Each cell is written in one transaction, so a process that is killed leaves whole cells and
// nothing else; whoever opens the file again sees which are missing. Rows lie in the order of their
// keys and nothing in them depends on time, machine or threads: two files of the same sweep have
// the same content (`sqlite3 FILE .dump`). The file knows what it is a sweep of and takes no cells
// of another. docs/store.md describes the tables; `user_version` is their version.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "run/report.h"
#include "run/variants.h"

namespace longhaul {

constexpr int store_version = 2;

// What a sweep is, as far as its results depend on it.
struct SweepKey {
  std::string release;
  std::string scenario;  // the effective one as JSON
  std::string digest;    // of it and of the catalogue
  std::vector<Axis> axes;
  std::int64_t first_seed = 1;
  std::int64_t last_seed = 1;
  std::int64_t crash_instants = 0;  // of each run; 0: whole runs
  std::int64_t crash_from_ns = 0;
  std::int64_t crash_until_ns = 0;
  std::int64_t horizon_ns = 0;
  std::string failure;  // "0: node_loss db-us": which of the faults strikes at the instants
  std::optional<std::uint64_t> tie_order;
  std::int64_t until_ns = 0;

  std::int64_t settings() const;
  std::int64_t stems() const;  // settings × seeds
  std::int64_t cells() const;
  friend bool operator==(const SweepKey&, const SweepKey&) = default;
};

struct CellResult {
  std::int64_t cell = 0;
  std::int64_t setting = 0;
  std::uint64_t seed = 0;
  std::optional<std::int64_t> crash_ns;
  Report report;
  std::int64_t cost_micro_usd = 0;  // a month
  std::uint64_t shared_events = 0;  // of the report's, executed before the fork; not stored
};

// A figure of a cell as it was stored; what a kind of metric does not have is absent.
struct StoredFigure {
  std::int64_t cell = 0;
  std::optional<std::int64_t> value;
};

struct StoredCell {
  std::int64_t cell = 0;
  std::int64_t setting = 0;
  std::uint64_t seed = 0;
  std::optional<std::int64_t> crash_ns;
  bool holds = false;
  std::int64_t cost_micro_usd = 0;
  std::int64_t unfinished_pages = 0;
};

struct StoredPhase {
  std::int64_t cell = 0;
  std::int64_t failover = 0;
  std::string phase;
  std::int64_t duration_ns = 0;
  bool censored = false;  // of the outage: its calm was not seen, or its end
  std::int64_t outage_ended_ns = 0;
};

class Store {
 public:
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // Makes the file, or goes on with one of the same sweep. Another sweep's file, or what is no
  // such file, is an error that says what differs.
  static Result<Store> open(const std::string& path, const SweepKey& key);
  // A file as it is, to read.
  static Result<Store> read(const std::string& path);

  const SweepKey& key() const;
  std::vector<bool> finished() const;  // by cell
  // In one transaction; cells that are there already stay. Returns what went wrong.
  std::optional<std::string> add(const std::vector<CellResult>& cells);
  // The cells of another file of the same sweep, those that are not here yet. Returns how many.
  Result<std::int64_t> merge(const std::string& path);

  std::vector<StoredCell> cells() const;
  // One column (count, population, min, avg, med, p90, p95, p99, p999, max) of a metric with these
  // labels ("region:aws:eu-west-1,outcome:ok"; empty: all together), by cell.
  std::vector<StoredFigure> figures(const std::string& metric, const std::string& labels,
                                    const std::string& column) const;
  std::vector<std::string> labels(const std::string& metric) const;
  std::vector<StoredPhase> phases() const;

 private:
  struct Database;
  explicit Store(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};

}  // namespace longhaul
