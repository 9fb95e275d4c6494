// A user of flesh in a file: what to click, type and wait for, and what must then be seen.
//
//   open FILE                    as with Ctrl+O
//   click NAME                   the middle of what is marked so
//   click NAME 0.5 0.3           at these shares of its width and height
//   right_click, double_click, move NAME   likewise
//   away                         the mouse leaves the window
//   drag NAME 0.2 0.5 NAME2 0.8 0.5
//   scroll NAME 0.5 0.5 3        so many steps of the wheel there
//   type some text               into what has the focus
//   key Ctrl+Z                   as in the list of commands; also Enter, Escape, Tab, Left, ...
//   command run.play             by its id
//   wait 10                      frames
//   wait_run                     until nothing works any more
//   wait_mark NAME               until it is there, 600 frames at most
//   expect NAME, expect_not NAME
//   expect_text NAME some words  what is shown there contains them
//   print NAME                   what is shown there, to standard output
//   marks                        every name and where it is, likewise
//   size 1280 800                of the window
//   screenshot FILE.png
//
// A line that begins with # is a comment. The clock of the frames is the script's own: a frame is a
// sixtieth of a second, however long it takes. Keys, letters and the wheel go in through the
// callbacks that ImGui has installed in GLFW; where the mouse is and which of its buttons are down
// is told to ImGui directly, for in 1.86 its back end asks the window system instead of listening.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

struct GLFWwindow;

namespace longhaul {

struct App;

class Script {
 public:
  static Result<Script> read(const std::string& path);
  static Script of_waiting();  // until all runs are over

  // Between two frames: goes on as far as it can. False when it is over, or has failed.
  bool advance(App& app, GLFWwindow* window);
  // After the back ends' NewFrame and before ImGui's.
  void put_mouse() const;

  const std::optional<Error>& failure() const { return failure_; }

 private:
  struct Line {
    int number = 0;
    std::vector<std::string> words;
    std::string rest;  // behind the first word, as written
  };
  struct Mouse {
    float x = -1;
    float y = -1;
    bool down[3] = {};
  };
  bool step(App& app, GLFWwindow* window, const Line& line);
  void fail(const Line& line, std::string expected);
  bool find(const Line& line, std::size_t word, float& x, float& y);

  std::string path_;
  std::vector<Line> lines_;
  std::size_t next_ = 0;
  int phase_ = 0;  // of the line, for what takes several frames
  int waited_ = 0;
  Mouse mouse_;
  std::optional<Error> failure_;
};

}  // namespace longhaul
