// A scenario as content of the map: what stands where, and the ways between.
//
// Places in the order of topology.regions, then those that only users come from. Ways: replication
// from upstream to standby, links that the scenario names, and between few regions the others too.
#pragma once

#include "gui/widgets/map_canvas.h"
#include "run/scenario.h"

namespace longhaul {

MapContent scenario_map(const Scenario& scenario);

// Adds the regions of the catalogue that are not in the content yet, faintly.
void add_catalogue(MapContent& content);

}  // namespace longhaul
