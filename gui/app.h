// The program: what is open, the views on it, and the frame.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gui/commands.h"
#include "gui/model/autosave.h"
#include "gui/model/exports.h"
#include "gui/model/settings.h"
#include "gui/model/workspace.h"
#include "gui/views/build_view.h"
#include "gui/views/compare_view.h"
#include "gui/views/dialogs.h"
#include "gui/views/drill_view.h"
#include "gui/views/run_view.h"
#include "gui/views/start_view.h"
#include "gui/views/sweep_view.h"
#include "gui/widgets/area.h"
#include "gui/widgets/theme.h"
#include "gui/widgets/widget_state.h"

namespace longhaul {

struct App {
  explicit App(std::function<void()> wake) : work(std::move(wake)) {}

  Workspace work;
  Settings settings;
  StartView start;
  BuildView build;
  RunViewPanel run;
  CompareView compare;
  SweepView sweep;
  DrillView drill;
  CommandPalette palette;
  Dialogs dialogs;
  Autosave autosave{autosave_folder()};
  WidgetState widgets;
  bool wants_exit = false;
  bool theme_changed = true;  // colours, fonts and sizes are to be applied before the next frame
  bool still = false;         // a script runs: nothing moves by itself but its clock
  std::string screenshot_to;  // a PNG of the next frame is wanted here, and nothing is said of it

  // A PNG of what is seen once menus and dialogs are gone, and said when it is there.
  void take_picture(std::string path);
  RunExport exporting;

  // Shown for a while at the bottom; the last one wins.
  void tell(std::string text, Tint tint = Tint::text);
  // Opens a file, or says why not: what the command line would say.
  std::vector<Error> open_file(const std::string& path, bool beside = false);
  // Likewise, but asks first about changes that it would lose.
  std::vector<Error> open_asking(const std::string& path, bool beside);
  void save(bool as = false);
  std::optional<Error> save_to(const std::string& path);
  // Each to its file, or beside it if that belongs to another; what went wrong.
  std::string save_designs(const std::vector<std::size_t>& designs);
  void restore(const Rescued& rescued);
  void close_design(std::size_t design);  // asks if that would lose something
  void exit();                            // likewise
  // Whether something works in the background beside the sessions.
  bool is_busy() const;
  // What gives the same in the terminal as is shown.
  std::string shown_command_line() const;

  std::string picture_to;
  int picture_in = 0;  // frames
  std::string told;
  Tint told_tint = Tint::text;
  double told_until = 0;
};

// One frame, between ImGui's NewFrame and Render. `now_s` is the time of the frame loop.
void draw_frame(App& app, double now_s, double elapsed_s);

// Whether something on the screen moves by itself, so that the next frame should come without an
// event.
bool is_moving(const App& app);
// Whether there is work in the background: progress to be shown now and then. Its end is an event.
bool is_working(const App& app);

}  // namespace longhaul
