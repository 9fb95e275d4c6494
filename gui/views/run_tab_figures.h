// The figures of a run: of a selected range, of users, replicas, what was lost and what it costs,
// expectations with their verdicts, failovers with their phases.
#pragma once

#include <cstdint>

#include "gui/views/run_look.h"

namespace longhaul {

struct App;

class RunFiguresTab {
 public:
  void draw(App& app, const RunLook& look);

 private:
  void range(App& app, const RunLook& look);

  // What was asked of the session last.
  TimePoint asked_from_;
  TimePoint asked_to_;
  std::uint64_t asked_run_ = 0;
};

}  // namespace longhaul
