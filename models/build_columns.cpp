#include "models/build_columns.h"

#include <algorithm>

#include "models/names.h"

namespace longhaul {

void add_columns(const ClusterConfig& config, Plan& plan) {
  std::vector<const FaultConfig*> changes;
  for (const FaultConfig& fault : config.faults) {
    if (fault.adds || fault.drops) changes.push_back(&fault);
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const auto* a, const auto* b) { return a->at < b->at; });
  for (const FaultConfig* change : changes) {
    for (const std::optional<std::string>* name : {&change->adds, &change->drops}) {
      if (!*name) continue;
      const ColumnPlan column{set_of(plan, *change->data), **name};
      if (std::find(plan.columns.begin(), plan.columns.end(), column) != plan.columns.end())
        continue;
      CHECK(plan.columns.size() < columns_max);
      plan.columns.push_back(column);
      if (name == &change->drops) plan.first_columns |= column_bit(plan, column.set, column.name);
    }
  }
}

ColumnSet column_bit(const Plan& plan, DataSetId set, const std::string& name) {
  const auto at = std::find(plan.columns.begin(), plan.columns.end(), ColumnPlan{set, name});
  CHECK(at != plan.columns.end());
  return ColumnSet{1} << (at - plan.columns.begin());
}

}  // namespace longhaul
