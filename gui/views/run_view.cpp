#include "gui/views/run_view.h"

#include "gui/app.h"
#include "gui/widgets/controls.h"

namespace longhaul {

void RunViewPanel::draw(App&, Area area) {
  if (begin_panel("run", area)) empty_state("Run", "");
  end_panel();
}

}  // namespace longhaul
