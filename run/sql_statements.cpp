#include "run/sql_statements.h"

#include <algorithm>
#include <optional>

#include "sql/classify.h"

namespace longhaul {
namespace {

class SqlReader {
 public:
  SqlReader(const ScenarioConfig& config, LoadContext& context, std::vector<std::string>& notes)
      : rules_(config.sql), context_(context), notes_(notes) {
    for (const DataSetConfig& set : config.data) sets_.push_back(set.name);
  }

  // `call` is what the statement belongs to, or the statement itself.
  template <class Statement>
  void replace(const std::string& path, Statement& statement, CallConfig& call) {
    if (!statement.sql) {
      if (statement.data) wrong(path + ".data", "\"sql\" beside it, whose data set it names");
      return;
    }
    const Result<SqlVerdict> verdict = classify(*statement.sql, rules_);
    if (!verdict) {
      const Error& error = verdict.errors().front();
      const std::string place = error.line == 0
                                    ? ""
                                    : " in line " + std::to_string(error.line) + ", column " +
                                          std::to_string(error.column) + " of the statement";
      return wrong(path + ".sql", error.expected + place);
    }
    const std::optional<std::string> set = set_of(path, statement.data, verdict.value());
    if (!set) return;
    switch (verdict.value().sql_class) {
      case SqlClass::locking_read:
        statement.locking_read = *set;
        break;
      case SqlClass::write:
        statement.write = *set;
        break;
      case SqlClass::borderline:
        note(path, verdict.value());
        call.max_staleness = Duration{};
        [[fallthrough]];
      default:
        statement.read = *set;
    }
    statement.sql.reset();
    statement.data.reset();
  }

 private:
  void wrong(const std::string& path, std::string expected, std::string nearest = {}) {
    context_.add(context_.at(path, std::move(expected), std::move(nearest)));
  }

  bool is_set(const std::string& name) const {
    return std::find(sets_.begin(), sets_.end(), name) != sets_.end();
  }

  std::optional<std::string> set_of(const std::string& path,
                                    const std::optional<std::string>& given,
                                    const SqlVerdict& verdict) {
    if (verdict.sql_class == SqlClass::session || verdict.sql_class == SqlClass::transaction) {
      wrong(path + ".sql",
            "a statement that touches data; BEGIN and COMMIT are what \"transaction\" stands for");
      return std::nullopt;
    }
    if (given) {
      if (is_set(*given)) return given;
      wrong(path + ".data", "the name of a data set", nearest_of(*given, sets_));
      return std::nullopt;
    }
    if (is_set(verdict.changed)) return verdict.changed;
    for (const std::string& table : verdict.tables) {
      if (is_set(table)) return table;
    }
    const std::string table = verdict.tables.empty() ? "" : verdict.tables.front();
    wrong(path + ".sql",
          table.empty() ? "a statement that names a table, or its data set in \"data\""
                        : "a table that is a data set, which \"" + table +
                              "\" is not, or its data set in \"data\"",
          nearest_of(table, sets_));
    return std::nullopt;
  }

  void note(const std::string& path, const SqlVerdict& verdict) {
    if (verdict.sql_class != SqlClass::borderline) return;
    const std::string function = verdict.what.empty() ? "" : " (" + verdict.what + ")";
    const auto reason = static_cast<std::size_t>(verdict.reason);
    notes_.push_back(path + ".sql: runs on the primary, because " +
                     std::string(enum_names<SqlReason>().docs.at(reason)) + function);
  }

  std::vector<std::string> sets_;
  const SqlRules& rules_;
  LoadContext& context_;
  std::vector<std::string>& notes_;
};

}  // namespace

std::vector<PopulationConfig> classified_workload(const ScenarioConfig& config,
                                                  LoadContext& context,
                                                  std::vector<std::string>& notes) {
  SqlReader reader(config, context, notes);
  std::vector<PopulationConfig> workload = config.workload;
  for (PopulationConfig& population : workload) {
    for (PageConfig& page : population.pages) {
      for (std::size_t i = 0; i < page.calls.size(); ++i) {
        CallConfig& call = page.calls[i];
        const std::string at = "workload." + population.name + ".pages." + page.name + ".calls[" +
                               std::to_string(i) + "]";
        reader.replace(at, call, call);
        if (!call.transaction) continue;
        for (std::size_t k = 0; k < call.transaction->size(); ++k) {
          reader.replace(at + ".transaction[" + std::to_string(k) + "]", (*call.transaction)[k],
                         call);
        }
      }
    }
  }
  return workload;
}

}  // namespace longhaul
