// What is so in truth while a drill is played, for who leads it; nothing of it is for the trainee.
//
// The scene is that of Run mode's map. What has happened is told in the scenario's own verbs: what
// happens in every variant, what is hidden, what the trainee's actions did when they were done, and
// what came with injects.
#pragma once

#include <string>
#include <vector>

#include "gui/model/scene.h"
#include "run/drill/session.h"
#include "run/series.h"

namespace longhaul {

enum class DrillCause : std::uint8_t { scenario, hidden, trainee, inject };

// "region_loss aws:us-east-1", from then on or until then.
struct DrillHappening {
  FaultConfig fault;  // `at` is when it began
  DrillCause cause = DrillCause::scenario;
};

// Everything that has begun by now, in the order of time.
std::vector<DrillHappening> happened(const DrillSession& session);

// Who answered the reads of late, as the column "reads" of a run's series has it: since the first
// look at first, then of the last 10 to 20 s.
class DrillReads {
 public:
  void look(const World& world);  // about once a second
  RunSeries lately() const;

 private:
  struct Glance {
    TimePoint at;
    std::vector<std::int64_t> counts;  // by cell of Metric::reads
    std::vector<SeriesLabels> labels;
  };
  Glance before_;
  Glance middle_;
  Glance now_;
};

}  // namespace longhaul
