#include "gui/views/sweep_view.h"

#include "gui/app.h"
#include "gui/widgets/controls.h"

namespace longhaul {

void SweepView::draw(App&, Area area) {
  if (begin_panel("sweep", area)) empty_state("Sweep", "");
  end_panel();
}

}  // namespace longhaul
