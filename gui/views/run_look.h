// What the parts of the run view look at in a frame.
#pragma once

#include <memory>
#include <vector>

#include "gui/model/lanes.h"
#include "gui/model/run_figures.h"
#include "gui/model/workspace.h"

namespace longhaul {

struct RunLook {
  Design* design = nullptr;
  std::shared_ptr<const RunView> view;  // null: nothing is known yet
  std::shared_ptr<const Scene> scene;   // likewise
  std::vector<Lane> lanes;
  std::vector<FigureGroup> figures;  // empty until a run is complete
  bool out_of_date = false;          // a newer run has been young for a while
  bool unknown = false;              // the clock stands where nothing is simulated (yet)
};

// A table of figures in rows, with a column for each of at most four groups of a kind; more groups
// make more tables.
void draw_figure_tables(const std::vector<FigureGroup>& figures, std::string_view kind);

// The name of a region without its provider.
std::string_view short_region(std::string_view region);

}  // namespace longhaul
