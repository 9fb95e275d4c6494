#include "gui/views/build_view.h"

#include "gui/app.h"
#include "gui/widgets/controls.h"

namespace longhaul {

void BuildView::draw(App&, Area area) {
  if (begin_panel("build", area)) empty_state("Build", "");
  end_panel();
}

}  // namespace longhaul
