// What is asked and shown over the view: unsaved changes, settings, the keys, the menu.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace longhaul {

struct App;

class Dialogs {
 public:
  // Does `then`, after asking about these designs if there are any.
  void ask_unsaved(App& app, std::vector<std::size_t> designs, std::string what,
                   std::function<void(App&)> then);
  bool asks() const { return asking_ || asking_play_; }
  // Does `then`, after asking whether the play of a drill that is under way may be lost.
  void ask_play(App& app, std::string what, std::function<void(App&)> then);

  void show_settings() { settings_ = true; }
  void show_keys() { keys_ = true; }
  void show_menu() { menu_ = true; }
  void draw(App& app);

 private:
  void draw_unsaved(App& app);
  void draw_play(App& app);
  void draw_settings(App& app);
  void draw_keys();
  void draw_menu(App& app);

  bool asking_ = false;
  std::vector<std::size_t> designs_;
  std::string what_;
  std::string problem_;
  std::function<void(App&)> then_;
  bool asking_play_ = false;
  std::string play_what_;
  std::function<void(App&)> play_then_;
  bool settings_ = false;
  bool keys_ = false;
  bool menu_ = false;
};

}  // namespace longhaul
