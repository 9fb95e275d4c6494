// Asks for a file: a path that completes itself, and what the folder has.
#pragma once

#include <functional>
#include <string>

namespace longhaul {

struct App;

class FileDialog {
 public:
  struct Wish {
    std::string title;   // "Open a scenario"
    std::string agree;   // "Open"
    std::string ending;  // of the files that are shown; empty: only folders
    std::string path;    // to begin with
    // Does it; what stands in the way is shown, and the dialog stays.
    std::function<std::string(App&, const std::string& path)> then;
  };

  void ask(Wish wish);
  bool is_open() const { return open_; }
  void draw(App& app);

 private:
  void draw_list(const std::string& typed);
  void put(std::string path);  // in the field, which gets the focus
  bool is_folder(const std::string& path) const;

  Wish wish_;
  bool open_ = false;
  bool fresh_ = false;  // nothing was typed yet: the first letter replaces all
  bool focus_ = false;
  bool moved_ = false;    // put() has written behind the field's back
  int chosen_ = -1;       // in the list
  bool entered_ = false;  // by a double click
  std::string problem_;
  char path_[1024] = {};
};

}  // namespace longhaul
