// Everything that can be done from the keyboard or by name: menus, shortcuts and the palette show
// the same list.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace longhaul {

struct App;

struct Command {
  std::string id;                           // "run.play", also what scripts call
  std::string title;                        // "Play or pause"
  std::string keys;                         // "Space", "Ctrl+Z"; empty: none
  std::function<bool(const App&)> enabled;  // null: always
  std::function<void(App&)> run;
};

const std::vector<Command>& commands();
const Command* find_command(std::string_view id);
// Runs the command whose keys were pressed in this frame, unless a text field has them.
void run_shortcuts(App& app);

// Ctrl+K: find a command by some letters of it.
class CommandPalette {
 public:
  void open();
  bool is_open() const { return open_; }
  void draw(App& app);

 private:
  bool open_ = false;
  bool focus_ = false;
  char text_[128] = {};
  int chosen_ = 0;
};

}  // namespace longhaul
