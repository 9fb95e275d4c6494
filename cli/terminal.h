// Standard output for results, standard error for everything else.
//
// Colour goes to a terminal only, never under NO_COLOR or TERM=dumb; progress goes to standard
// error when that is a terminal and nobody else reads along (CI). A reader that went away is no
// error.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace longhaul {

class Terminal {
 public:
  Terminal();
  ~Terminal() { clear_progress(); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  bool out_colour() const { return out_colour_; }
  void set_quiet(bool quiet);
  void set_verbose(bool verbose);

  // A part of the result. Written through at once.
  void out(std::string_view text);

  // Whether everything given to out() was written; a reader that left counts as yes.
  bool finish();

  // A line for people on standard error, whatever --quiet says.
  void error(std::string_view line);

  // Text for a program that reads standard error along.
  void raw_error(std::string_view text);

  // The log: what happened and how long it took. Shown on a terminal, or with --verbose.
  void log(const std::string& line);

  // One line that replaces itself, at most ten times a second.
  void progress(std::string_view line);
  void clear_progress();

 private:
  bool out_colour_ = false;
  bool err_terminal_ = false;
  bool show_progress_ = false;
  bool out_failed_ = false;
  bool out_closed_ = false;
  int out_error_ = 0;
  bool progress_shown_ = false;
  std::chrono::steady_clock::time_point progress_at_;
};

}  // namespace longhaul
