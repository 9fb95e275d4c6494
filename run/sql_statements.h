// Calls that a scenario gives as SQL text: what they do to which data set.
//
// "sql" is classified as a production process would classify it (sql/classify.h, with the
// scenario's "sql" block) and becomes a read, a locking read or a write of one data set: the one
// in "data", else the one that the statement changes, else the first that it names. A borderline
// statement is a read that is never stale: it goes to the primary, and what it may write there is
// not known. Left out: what the statement computes, and a second table that it touches.
#pragma once

#include <string>
#include <vector>

#include "run/load_context.h"
#include "run/scenario.h"

namespace longhaul {

// The scenario's users with every "sql" replaced by what it does. Adds mistakes to the context: SQL
// that does not parse, and statements that touch no data set. `notes` gets what is probably not
// meant: statements that only go to the primary because nobody vouches for a function.
std::vector<PopulationConfig> classified_workload(const ScenarioConfig& config,
                                                  LoadContext& context,
                                                  std::vector<std::string>& notes);

}  // namespace longhaul
