// The first page: recent files, templates, what was rescued; and the dialogs that ask for a file.
#pragma once

#include <string>
#include <vector>

#include "gui/widgets/area.h"

namespace longhaul {

struct App;

class StartView {
 public:
  void draw(App& app, Area area);
  void draw_dialogs(App& app);

  void ask_what_to_open(bool beside);
  void ask_where_to_save(const std::string& suggested);

 private:
  enum class Asking { nothing, open, open_beside, save };
  Asking asking_ = Asking::nothing;
  bool focus_ = false;
  char path_[1024] = {};
};

}  // namespace longhaul
