#include "run/store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>
#include <utility>

#include "run/store_schema.h"

namespace longhaul {

namespace {

// A prepared statement; parameters are bound in their order.
class Statement {
 public:
  Statement(sqlite3* database, const std::string& sql) : database_(database) {
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK) {
      statement_ = nullptr;
    }
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::int64_t value) {
    sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  Statement& bind(const std::string& value) {
    sqlite3_bind_text(statement_, ++bound_, value.c_str(), -1, SQLITE_TRANSIENT);
    return *this;
  }
  Statement& bind(std::optional<std::int64_t> value) {
    if (value) return bind(*value);
    sqlite3_bind_null(statement_, ++bound_);
    return *this;
  }

  // Whether there is a row.
  bool step() { return statement_ != nullptr && sqlite3_step(statement_) == SQLITE_ROW; }

  // For what returns no rows; false when it failed. Ready to be bound again.
  bool run() {
    const bool is_done = statement_ != nullptr && sqlite3_step(statement_) == SQLITE_DONE;
    sqlite3_reset(statement_);
    bound_ = 0;
    return is_done;
  }

  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::optional<std::int64_t> maybe(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }
  std::string text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes == nullptr ? std::string() : std::string(bytes);
  }

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

Error about(const std::string& path, const std::string& value, const std::string& expected) {
  Error error;
  error.file = path;
  error.value = value;
  error.expected = expected;
  return error;
}

std::vector<std::pair<std::string, std::string>> rows_of(const SweepKey& key) {
  return {{"release", key.release},
          {"scenario", key.scenario},
          {"scenario_digest", key.digest},
          {"first_seed", std::to_string(key.first_seed)},
          {"last_seed", std::to_string(key.last_seed)},
          {"crash_instants", std::to_string(key.crash_instants)},
          {"crash_from_ns", std::to_string(key.crash_from_ns)},
          {"crash_until_ns", std::to_string(key.crash_until_ns)},
          {"horizon_ns", std::to_string(key.horizon_ns)},
          {"failure", key.failure},
          {"tie_order", key.tie_order ? std::to_string(*key.tie_order) : ""},
          {"until_ns", std::to_string(key.until_ns)}};
}

// The name of the first thing in which two sweeps differ.
std::string difference_of(const SweepKey& a, const SweepKey& b) {
  const auto rows_a = rows_of(a);
  const auto rows_b = rows_of(b);
  for (std::size_t i = 0; i < rows_a.size(); ++i) {
    if (rows_a[i].second == rows_b[i].second) continue;
    if (rows_a[i].first == "scenario" || rows_a[i].first == "scenario_digest") return "scenario";
    return fmt::format("{} {}, not {}", rows_a[i].first, rows_a[i].second, rows_b[i].second);
  }
  return "axes";
}

std::string labels_text(const MetricRow& row) {
  std::string text;
  for (const auto& [label, value] : row.labels) {
    text += (text.empty() ? "" : ",") + label + ":" + value;
  }
  return text;
}

}  // namespace

std::int64_t SweepKey::settings() const { return settings_of(axes); }

std::int64_t SweepKey::stems() const { return settings() * (last_seed - first_seed + 1); }

std::int64_t SweepKey::cells() const { return stems() * std::max<std::int64_t>(1, crash_instants); }

struct Store::Database {
  sqlite3* handle = nullptr;
  SweepKey key;

  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { sqlite3_close(handle); }

  bool run(const std::string& sql) {
    return sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  std::string message() const { return sqlite3_errmsg(handle); }

  bool open(const std::string& path, int flags) {
    if (sqlite3_open_v2(path.c_str(), &handle, flags, nullptr) != SQLITE_OK) return false;
    sqlite3_busy_timeout(handle, 10'000);
    return true;
  }

  std::int64_t version() {
    Statement statement(handle, "PRAGMA user_version");
    return statement.step() ? statement.integer(0) : -1;
  }

  bool create(const SweepKey& made) {
    key = made;
    if (!run("BEGIN IMMEDIATE") || !run(store_schema)) return false;
    Statement row(handle, "INSERT INTO sweep VALUES (?, ?)");
    for (const auto& [name, value] : rows_of(key)) {
      if (!row.bind(name).bind(value).run()) return false;
    }
    Statement axis(handle, "INSERT INTO axis VALUES (?, ?)");
    for (std::size_t i = 0; i < key.axes.size(); ++i) {
      if (!axis.bind(static_cast<std::int64_t>(i)).bind(key.axes[i].path).run()) return false;
    }
    Statement setting(handle, "INSERT INTO setting VALUES (?, ?, ?)");
    for (std::int64_t i = 0; i < key.settings(); ++i) {
      const std::vector<std::string> values = values_of(key.axes, i);
      for (std::size_t j = 0; j < values.size(); ++j) {
        setting.bind(i).bind(static_cast<std::int64_t>(j)).bind(values[j]);
        if (!setting.run()) return false;
      }
    }
    return run(fmt::format("PRAGMA user_version = {}", store_version)) && run("COMMIT");
  }

  std::string text_of(const std::string& name) {
    Statement statement(handle, "SELECT value FROM sweep WHERE key = ?");
    return statement.bind(name).step() ? statement.text(0) : "";
  }
  std::int64_t whole_of(const std::string& name) {
    Statement statement(handle, "SELECT CAST(value AS INTEGER) FROM sweep WHERE key = ?");
    return statement.bind(name).step() ? statement.integer(0) : 0;
  }

  void read_key() {
    key = {};
    key.release = text_of("release");
    key.scenario = text_of("scenario");
    key.digest = text_of("scenario_digest");
    key.first_seed = whole_of("first_seed");
    key.last_seed = whole_of("last_seed");
    key.crash_instants = whole_of("crash_instants");
    key.crash_from_ns = whole_of("crash_from_ns");
    key.crash_until_ns = whole_of("crash_until_ns");
    key.horizon_ns = whole_of("horizon_ns");
    key.failure = text_of("failure");
    key.until_ns = whole_of("until_ns");
    if (!text_of("tie_order").empty()) {
      key.tie_order = static_cast<std::uint64_t>(whole_of("tie_order"));
    }
    Statement axes(handle, "SELECT path FROM axis ORDER BY axis");
    while (axes.step()) key.axes.push_back({axes.text(0), {}});
    // In the order in which the settings bring them.
    Statement values(handle,
                     "SELECT axis, value FROM setting GROUP BY axis, value ORDER BY min(setting)");
    while (values.step()) {
      key.axes[static_cast<std::size_t>(values.integer(0))].values.push_back(values.text(1));
    }
  }

  bool add(const CellResult& cell) {
    const Report& report = cell.report;
    Statement row(handle, "INSERT OR IGNORE INTO cell VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    row.bind(cell.cell).bind(cell.setting).bind(static_cast<std::int64_t>(cell.seed));
    row.bind(cell.crash_ns).bind(std::int64_t{report.holds()}).bind(cell.cost_micro_usd);
    row.bind(static_cast<std::int64_t>(report.unfinished_pages));
    row.bind(static_cast<std::int64_t>(report.events)).bind(hex_text(report.digest));
    if (!row.run()) return false;
    if (sqlite3_changes(handle) == 0) return true;  // another process has written the same
    return add_figures(cell) && add_verdicts(cell) && add_failovers(cell);
  }

  bool add_figures(const CellResult& cell) {
    Statement row(handle,
                  "INSERT OR IGNORE INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const MetricReport& metric : cell.report.metrics) {
      const MetricInfo& of = info(metric.metric);
      const auto add = [&](const MetricRow& figure) {
        row.bind(cell.cell).bind(std::string(of.name)).bind(labels_text(figure));
        row.bind(std::string(unit_name(of.unit)));
        if (of.kind == MetricKind::counter) {
          row.bind(figure.counter.count);
          row.bind(of.share_of.empty() ? std::nullopt : std::optional(figure.counter.population));
          for (int i = 0; i < 8; ++i) row.bind(std::optional<std::int64_t>());
          return row.run();
        }
        const Summary& s = figure.summary;
        row.bind(s.count).bind(std::optional<std::int64_t>());
        for (const std::int64_t value : {s.min, s.avg, s.med, s.p90, s.p95, s.p99, s.p999, s.max}) {
          row.bind(s.count == 0 ? std::nullopt : std::optional(value));
        }
        return row.run();
      };
      if (!add(metric.total)) return false;
      for (const MetricRow& figure : metric.rows) {
        if (!add(figure)) return false;
      }
    }
    return true;
  }

  bool add_verdicts(const CellResult& cell) {
    Statement row(handle, "INSERT OR IGNORE INTO verdict VALUES (?, ?, ?, ?, ?)");
    for (const ExpectationReport& verdict : cell.report.expectations) {
      row.bind(cell.cell).bind(verdict.metric).bind(verdict.text);
      row.bind(std::int64_t{verdict.verdict.holds});
      row.bind(verdict.verdict.no_samples ? std::nullopt : std::optional(verdict.verdict.value));
      if (!row.run()) return false;
    }
    return true;
  }

  bool add_failovers(const CellResult& cell) {
    Statement row(handle, "INSERT INTO failover VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    Statement phase(handle, "INSERT INTO phase VALUES (?, ?, ?, ?, ?)");
    std::int64_t number = 0;
    for (const FailoverReport& failover : cell.report.failovers) {
      const auto if_outage = [&](std::int64_t value) {
        return failover.region.empty() ? std::nullopt : std::optional(value);
      };
      row.bind(cell.cell).bind(number).bind(failover.from).bind(failover.to);
      row.bind(failover.reason).bind(std::int64_t{failover.needless}).bind(failover.ordered.ns);
      row.bind(failover.opened ? std::optional(failover.opened->ns) : std::nullopt);
      row.bind(failover.region).bind(if_outage(failover.began.ns));
      row.bind(if_outage(failover.ended.ns)).bind(if_outage(failover.censored));
      if (!row.run()) return false;
      std::int64_t position = 0;
      for (const FailoverReport::Part& part : failover.parts) {
        phase.bind(cell.cell).bind(number).bind(position++).bind(part.phase);
        if (!phase.bind((part.ended - part.began).ns).run()) return false;
      }
      number += 1;
    }
    return true;
  }
};

Store::Store(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::read(const std::string& path) {
  auto database = std::make_unique<Database>();
  std::error_code unknown;
  if (!std::filesystem::exists(path, unknown)) {
    return about(path, "no such file", "a file that `longhaul sweep --store` has written");
  }
  if (!database->open(path, SQLITE_OPEN_READWRITE)) {
    return about(path, database->message(), "a file that can be read and written");
  }
  const std::int64_t version = database->version();
  if (version != store_version) {
    return about(path, version <= 0 ? "no results of a sweep" : fmt::format("version {}", version),
                 fmt::format("results of a sweep, version {}", store_version));
  }
  database->read_key();
  return Store(std::move(database));
}

Result<Store> Store::open(const std::string& path, const SweepKey& key) {
  std::error_code unknown;
  const bool is_new =
      !std::filesystem::exists(path, unknown) || std::filesystem::file_size(path, unknown) == 0;
  if (is_new) {
    auto database = std::make_unique<Database>();
    if (!database->open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) ||
        !database->create(key)) {
      return about(path, database->message(), "a file that can be written");
    }
    return Store(std::move(database));
  }
  Result<Store> found = read(path);
  if (found && found.value().key() != key) {
    return about(path, "another sweep: " + difference_of(found.value().key(), key),
                 "a file of this sweep, or a new one");
  }
  return found;
}

const SweepKey& Store::key() const { return database_->key; }

std::vector<bool> Store::finished() const {
  std::vector<bool> list(static_cast<std::size_t>(key().cells()), false);
  Statement statement(database_->handle, "SELECT cell FROM cell");
  while (statement.step()) list.at(static_cast<std::size_t>(statement.integer(0))) = true;
  return list;
}

std::optional<std::string> Store::add(const std::vector<CellResult>& cells) {
  bool is_well = database_->run("BEGIN IMMEDIATE");
  for (const CellResult& cell : cells) is_well = is_well && database_->add(cell);
  if (is_well && database_->run("COMMIT")) return std::nullopt;
  const std::string message = database_->message();
  database_->run("ROLLBACK");
  return message;
}

Result<std::int64_t> Store::merge(const std::string& path) {
  const Result<Store> other = read(path);
  if (!other) return other.errors();
  if (other.value().key() != key()) {
    return about(path, "another sweep: " + difference_of(other.value().key(), key()),
                 "a part of the same sweep");
  }
  Statement attach(database_->handle, "ATTACH ? AS part");
  bool is_well = attach.bind(path).run() && database_->run("BEGIN IMMEDIATE");
  std::int64_t added = 0;
  if (is_well) {
    Statement count(database_->handle,
                    "SELECT count(*) FROM part.cell WHERE cell NOT IN (SELECT cell FROM cell)");
    if (count.step()) added = count.integer(0);
  }
  for (const char* table : {"figure", "verdict", "failover", "phase", "cell"}) {
    is_well = is_well && database_->run(fmt::format(
                             "INSERT INTO main.{0} SELECT * FROM part.{0} WHERE cell NOT IN "
                             "(SELECT cell FROM main.cell)",
                             table));
  }
  const std::string message = database_->message();
  database_->run(is_well ? "COMMIT" : "ROLLBACK");
  database_->run("DETACH part");
  if (!is_well) return about(path, message, "a part that can be merged");
  return added;
}

std::vector<StoredCell> Store::cells() const {
  std::vector<StoredCell> list;
  Statement statement(database_->handle,
                      "SELECT cell, setting, seed, crash_ns, holds, cost_micro_usd, "
                      "unfinished_pages FROM cell ORDER BY 1");
  while (statement.step()) {
    list.push_back({statement.integer(0), statement.integer(1),
                    static_cast<std::uint64_t>(statement.integer(2)), statement.maybe(3),
                    statement.integer(4) != 0, statement.integer(5), statement.integer(6)});
  }
  return list;
}

std::vector<StoredFigure> Store::figures(const std::string& metric, const std::string& labels,
                                         const std::string& column) const {
  std::vector<StoredFigure> list;
  // Cells without the row have no such figure: a gap, not a zero.
  Statement statement(
      database_->handle,
      fmt::format("SELECT cell.cell, figure.{} FROM cell LEFT JOIN figure ON figure.cell = "
                  "cell.cell AND metric = ? AND labels = ? ORDER BY 1",
                  column));
  statement.bind(metric).bind(labels);
  while (statement.step()) list.push_back({statement.integer(0), statement.maybe(1)});
  return list;
}

std::vector<std::string> Store::labels(const std::string& metric) const {
  std::vector<std::string> list;
  Statement statement(database_->handle,
                      "SELECT DISTINCT labels FROM figure WHERE metric = ? ORDER BY 1");
  statement.bind(metric);
  while (statement.step()) list.push_back(statement.text(0));
  return list;
}

std::vector<StoredPhase> Store::phases() const {
  std::vector<StoredPhase> list;
  Statement statement(
      database_->handle,
      "SELECT cell, failover, phase, duration_ns, censored, outage_ended_ns FROM phase "
      "JOIN failover USING (cell, failover) ORDER BY 1, 2, position");
  while (statement.step()) {
    list.push_back({statement.integer(0), statement.integer(1), statement.text(2),
                    statement.integer(3), statement.integer(4) != 0, statement.integer(5)});
  }
  return list;
}

}  // namespace longhaul
