// Rolling deploys and schema changes: calls of versions, columns that statements need.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "run/validate.h"

namespace longhaul {
namespace {

class VersionsValidator {
 public:
  VersionsValidator(const ScenarioConfig& config, LoadContext& context) : context_(context) {
    std::size_t count = 0;
    for (const FaultConfig& fault : config.faults) {
      if (!fault.data) continue;
      std::vector<std::string>& columns = columns_[*fault.data];
      for (const std::optional<std::string>* name : {&fault.adds, &fault.drops}) {
        if (!*name || std::find(columns.begin(), columns.end(), **name) != columns.end()) continue;
        columns.push_back(**name);
        count += 1;
      }
    }
    if (count > columns_max) wrong("faults", "at most 64 columns that are added or dropped");
  }

  void all(const std::vector<PopulationConfig>& workload) {
    for (const PopulationConfig& population : workload) {
      for (const PageConfig& one : population.pages) {
        page("workload." + population.name + ".pages." + one.name, one);
      }
    }
  }

 private:
  void wrong(const std::string& path, std::string expected, std::string nearest = {}) {
    context_.add(context_.at(path, std::move(expected), std::move(nearest)));
  }

  void page(const std::string& path, const PageConfig& page) {
    for (std::size_t i = 0; i < page.calls.size(); ++i) {
      call(path + ".calls[" + std::to_string(i) + "]", page.calls[i]);
    }
    const CallConfig& first = page.calls.front();
    if (page.cdn && page.cdn->ttl && (first.from_version > 1 || first.until_version)) {
      wrong(path + ".cdn.ttl", "a first call that all versions make, for its row names the answer");
    }
  }

  void call(const std::string& path, const CallConfig& call) {
    if (call.until_version && *call.until_version < call.from_version) {
      wrong(path + ".until_version", "from_version or a later one");
    }
    if (!call.transaction) return statement(path, call, call.enqueue);
    if (!call.needs.empty()) wrong(path + ".needs", "nothing: its statements say what they need");
    for (std::size_t k = 0; k < call.transaction->size(); ++k) {
      statement(path + ".transaction[" + std::to_string(k) + "]", (*call.transaction)[k], {});
    }
  }

  template <class Statement>
  void statement(const std::string& path, const Statement& statement,
                 const std::optional<std::string>& enqueue) {
    const std::optional<std::string>& set = statement.read           ? statement.read
                                            : statement.locking_read ? statement.locking_read
                                            : statement.write        ? statement.write
                                                                     : enqueue;
    if (!set) return;
    const std::vector<std::string>& columns = columns_[*set];
    for (std::size_t i = 0; i < statement.needs.size(); ++i) {
      const std::string& name = statement.needs[i];
      if (std::find(columns.begin(), columns.end(), name) != columns.end()) continue;
      wrong(path + ".needs[" + std::to_string(i) + "]",
            "a column that an alter_table of its data set adds or drops",
            nearest_of(name, columns));
    }
  }

  LoadContext& context_;
  std::map<std::string, std::vector<std::string>> columns_;  // by data set
};

}  // namespace

void validate_versions(const ScenarioConfig& config, const std::vector<PopulationConfig>& workload,
                       LoadContext& context) {
  VersionsValidator(config, context).all(workload);
}

}  // namespace longhaul
