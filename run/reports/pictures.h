// The pictures of a report, each with a sentence that says what to look at.
//
// All have the width of a column that a telephone shows and three of which a screen has room for;
// what needs more is drawn twice, wide and narrow. Times are simulated, from the start of the run;
// faults are bands F1, F2, ... in the order of the scenario.
#pragma once

#include <string>
#include <vector>

#include "run/reports/material.h"

namespace longhaul {

struct Picture {
  std::string caption;
  std::string svg;
};

// Who was primary, which breakers were open, when writes were out, what was broken: row by row.
// Empty when there is nothing but one quiet server.
std::string timeline_svg(const Material& material, std::int64_t width);

std::vector<Picture> latency_pictures(const Material& material);
std::vector<Picture> distribution_pictures(const Material& material);
std::vector<Picture> lag_pictures(const Material& material);
std::vector<Picture> routing_pictures(const Material& material);
std::vector<Picture> load_pictures(const Material& material);

// The phases of an outage one after another; numbers stand for the rows of the table beside it.
std::string phases_svg(const FailoverReport& failover, std::int64_t width);

// "F1", "F2", as the faults are called in pictures.
std::string fault_name(std::size_t fault);

}  // namespace longhaul
