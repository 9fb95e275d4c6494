#include "gui/views/build_view.h"

#include "gui/app.h"
#include "gui/views/scenario_map.h"
#include "gui/widgets/controls.h"

namespace longhaul {

void BuildView::draw_canvas(App& app, Area area) {
  const Design* design = app.work.current();
  MapContent content = scenario_map(*design->document.scenario());
  add_catalogue(content);
  const MapAnswer answer = draw_map("build.map", area, content, map_, app.work.selection.path);
  if (!answer.clicked_path.empty()) app.work.selection.path = answer.clicked_path;
}

void BuildView::draw(App& app, Area area) {
  const Design* design = app.work.current();
  if (begin_panel("build", area, "", false) && design != nullptr && design->document.scenario()) {
    draw_canvas(app, area);
  }
  end_panel();
}

}  // namespace longhaul
