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
//   remember NAME                its pixels
//   expect_same NAME, expect_changed NAME   none of them differs; some differ
//   expect_drawn NAME 5          so many percent differ from the commonest colour there (1)
//   print NAME                   what is shown there, to standard output
//   marks                        every name and where it is, likewise
//   size 1280 800                of the window
//   screenshot FILE.png
//
// A line that begins with # is a comment. The clock of the frames is the script's own: a frame is a
// sixtieth of a second, however long it takes. Keys, letters, buttons and the wheel go in through
// the callbacks installed for the window; where the pointer is and what is held down, which GLFW
// would ask the system for, is put in its place.
#pragma once

#include <imgui.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gui/screenshot.h"

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

  bool waits_for_runs() const;

  const std::optional<Error>& failure() const { return failure_; }

  // Behind a frame that has been drawn and is not yet swapped.
  void see(GLFWwindow* window);

 private:
  struct Line {
    int number = 0;
    std::vector<std::string> words;
    std::string rest;  // behind the first word, as written
  };
  struct Stage {
    App& app;
    GLFWwindow* window;
  };
  struct Verb {
    std::string_view name;
    std::size_t words;  // at least, behind the verb
    bool (Script::*act)(Stage&, const Line&);
  };
  struct Mouse {
    float x = -1;
    float y = -1;
    bool down[3] = {};
  };
  static const Verb verbs[];

  bool step(Stage& stage, const Line& line);
  void fail(const Line& line, std::string expected);
  std::optional<ImVec2> find(const Line& line, std::size_t word);
  bool point_at(const Line& line, std::size_t word);
  void hold(Stage& stage, int button, bool down);
  std::optional<Screenshot> look(const Line& line);

  bool open(Stage& stage, const Line& line);
  bool command(Stage& stage, const Line& line);
  bool size(Stage& stage, const Line& line);
  bool wait(Stage& stage, const Line& line);
  bool wait_run(Stage& stage, const Line& line);
  bool wait_mark(Stage& stage, const Line& line);
  bool move(Stage& stage, const Line& line);
  bool away(Stage& stage, const Line& line);
  bool click(Stage& stage, const Line& line);
  bool drag(Stage& stage, const Line& line);
  bool scroll(Stage& stage, const Line& line);
  bool type(Stage& stage, const Line& line);
  bool key(Stage& stage, const Line& line);
  bool expect(Stage& stage, const Line& line);
  bool expect_not(Stage& stage, const Line& line);
  bool expect_text(Stage& stage, const Line& line);
  bool remember(Stage& stage, const Line& line);
  bool expect_pixels(Stage& stage, const Line& line);
  bool print(Stage& stage, const Line& line);
  bool marks(Stage& stage, const Line& line);
  bool screenshot(Stage& stage, const Line& line);

  std::string path_;
  std::vector<Line> lines_;
  std::size_t next_ = 0;
  int phase_ = 0;  // of the line, for what takes several frames
  int waited_ = 0;
  Mouse mouse_;
  bool wants_picture_ = false;  // of the frame that comes
  Screenshot picture_;
  std::map<std::string, Screenshot, std::less<>> remembered_;
  std::optional<Error> failure_;
};

}  // namespace longhaul
