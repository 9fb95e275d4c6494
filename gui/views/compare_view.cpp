#include "gui/views/compare_view.h"

#include "gui/app.h"
#include "gui/widgets/controls.h"

namespace longhaul {

void CompareView::draw(App&, Area area) {
  if (begin_panel("compare", area)) empty_state("Compare", "");
  end_panel();
}

}  // namespace longhaul
