#include "gui/views/drill_view.h"

#include "gui/app.h"
#include "gui/widgets/controls.h"

namespace longhaul {

void DrillView::draw(App&, Area area) {
  if (begin_panel("drill", area)) empty_state("Drill", "");
  end_panel();
}

}  // namespace longhaul
