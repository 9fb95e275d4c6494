// The first page: what can be done here, recent files, templates, what was rescued; and the dialogs
// that ask for a file.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gui/model/settings.h"
#include "gui/model/templates.h"
#include "gui/views/file_dialog.h"
#include "gui/widgets/area.h"

namespace longhaul {

struct App;

class StartView {
 public:
  void draw(App& app, Area area);
  void draw_dialogs(App& app);
  void search() { searches_ = true; }  // the keyboard goes to the search in templates

  void ask_what_to_open(const App& app, bool beside);
  void ask_where_to_save(App& app);
  // A picture or a folder of reports, of what is seen.
  void ask_for_path(FileDialog::Wish wish) { dialog_.ask(std::move(wish)); }

 private:
  void draw_rescued(App& app);
  void draw_recent(App& app);
  void draw_templates(App& app, bool scrolls);

  FileDialog dialog_;
  std::optional<std::vector<Template>> templates_;
  std::optional<std::vector<Rescued>> rescued_;
  char wanted_[128] = {};
  bool searches_ = false;
};

// "x.json" -> "x_more"; beside the active design.
std::string path_beside(const App& app, const std::string& more);

}  // namespace longhaul
