// Columns that schema changes add or drop, numbered.
#pragma once

#include <string>

#include "models/build.h"
#include "models/plan.h"

namespace longhaul {

// Those of all faults. What a column's first change drops is there from the start.
void add_columns(const ClusterConfig& config, Plan& plan);

// The bit of a column that is among them.
ColumnSet column_bit(const Plan& plan, DataSetId set, const std::string& name);

}  // namespace longhaul
