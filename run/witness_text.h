// What a witness has noted, in words: for explanations and traces.
#pragma once

#include <string>

#include "models/world.h"

namespace longhaul {

// A stretch of a page's time.
struct Stretch {
  const Note* note = nullptr;
  TimePoint ends;
  bool first = false;    // from the click on
  bool in_vain = false;  // the statement failed at its end
  bool down = false;     // in truth the node that it goes to was not up, at least at times
  Duration took() const { return ends - note->at; }
};

// The stretches of a page, in their order; together they are its latency. `now`: where a page that
// is not over stands.
std::vector<Stretch> stretches_of(const WitnessedPage& page, TimePoint now);

std::string instance_text(const Plan& plan, InstanceId instance);       // "app-eu/0"
std::string statement_text(const Plan& plan, const Note& note);         // "read of 3 rows of x"
std::string served_by_text(const Plan& plan, std::uint32_t served_by);  // node, cache or edge
std::string row_text(const Plan& plan, std::uint64_t row);              // "profile 17"
const std::string& users_region(const Plan& plan, const WitnessedPage& page);

// Who has the page meanwhile, and what is going on.
std::string where_text(const Plan& plan, const WitnessedPage& page, const Stretch& stretch);
std::string what_text(const Plan& plan, const WitnessedPage& page, const Stretch& stretch);

}  // namespace longhaul
