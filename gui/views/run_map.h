// The map of an instant: who is what, how far behind, in truth and as applications believe, what
// is on its way, what is cut, and where reads go.
#pragma once

#include "gui/views/run_look.h"
#include "gui/widgets/map_canvas.h"

namespace longhaul {

// `second` is where dots on their way stand: they go from end to end in one of it.
// `faults` are the scenario's own, unless other ones happened.
MapContent map_of_instant(const Scenario& scenario, const Scene& scene, const RunSeries& series,
                          TimePoint now, double second,
                          const std::vector<FaultConfig>* faults = nullptr);

}  // namespace longhaul
