#include "gui/script.h"

#include <GLFW/glfw3.h>
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "gui/app.h"
#include "gui/stroke.h"
#include "gui/widgets/marks.h"
#include "run/layers.h"

namespace longhaul {
namespace {

constexpr int soon = 10;              // frames for what should be there at once
constexpr int patience = 600;         // for what takes its time
constexpr int run_patience = 36'000;  // for runs: ten minutes of frames

bool is_idle(const App& app) {
  for (const auto& design : app.work.designs) {
    if (design->session.working()) return false;
  }
  return !app.is_busy();
}

}  // namespace

Result<Script> Script::read(const std::string& path) {
  const Result<std::string> text = read_text_file(path);
  if (!text) return text.errors();
  Script script;
  script.path_ = path;
  std::istringstream stream(text.value());
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    number += 1;
    std::istringstream parts(line);
    Line made;
    made.number = number;
    for (std::string word; parts >> word;) made.words.push_back(word);
    if (made.words.empty() || made.words[0][0] == '#') continue;
    const std::size_t first = line.find(made.words[0]) + made.words[0].size();
    const std::size_t rest = line.find_first_not_of(" \t", first);
    if (rest != line.npos) made.rest = line.substr(rest);
    script.lines_.push_back(std::move(made));
  }
  return script;
}

Script Script::of_waiting() {
  Script script;
  script.lines_.push_back({1, {"wait_run"}, ""});
  return script;
}

void Script::fail(const Line& line, std::string expected) {
  Error error;
  error.file = path_;
  error.line = line.number;
  error.value = line.words[0] + (line.rest.empty() ? "" : " " + line.rest);
  error.expected = std::move(expected);
  failure_ = error;
}

void Script::see(GLFWwindow* window) {
  if (wants_picture_) picture_ = screenshot_of(window);
}

void Script::put_mouse() const {
  ImGuiIO& io = ImGui::GetIO();
  io.MousePos = mouse_.x < 0 ? ImVec2{-1e30f, -1e30f} : ImVec2{mouse_.x, mouse_.y};
  for (int button = 0; button < 3; ++button) io.MouseDown[button] = mouse_.down[button];
}

std::optional<ImVec2> Script::find(const Line& line, std::size_t word) {
  const auto rect = marked(line.words[word]);
  if (!rect) {
    if (++waited_ > soon) fail(line, "such a mark on the screen");
    return std::nullopt;
  }
  const auto share = [&](std::size_t at) {
    return at < line.words.size() ? std::strtof(line.words[at].c_str(), nullptr) : 0.5f;
  };
  return ImVec2{rect->from.x + (rect->to.x - rect->from.x) * share(word + 1),
                rect->from.y + (rect->to.y - rect->from.y) * share(word + 2)};
}

bool Script::point_at(const Line& line, std::size_t word) {
  const auto there = find(line, word);
  if (!there) return false;
  mouse_.x = there->x;
  mouse_.y = there->y;
  return true;
}

void Script::hold(Stage& stage, int button, bool down) {
  if (mouse_.down[button] == down) return;
  mouse_.down[button] = down;
  send_button(stage.window, button, down);
}

std::optional<Screenshot> Script::look(const Line& line) {
  if (!marked(line.words[1])) {
    if (++waited_ > soon) fail(line, "such a mark on the screen");
    return std::nullopt;
  }
  wants_picture_ = phase_++ == 0;  // of the next frame
  if (wants_picture_) return std::nullopt;
  const auto rect = marked(line.words[1]);
  const float pixels = ImGui::GetIO().DisplayFramebufferScale.x;
  const auto at = [&](float where) { return static_cast<int>(where * pixels); };
  return cut(picture_, at(rect->from.x), at(rect->from.y), at(rect->to.x), at(rect->to.y));
}

// ---- Verbs: each is called once a frame until it says that it is done
// -----------------------------

bool Script::open(Stage& stage, const Line& line) {
  stage.app.open_file(line.rest);
  return true;
}

bool Script::command(Stage& stage, const Line& line) {
  if (const Command* command = find_command(line.words[1])) {
    command->run(stage.app);
  } else {
    fail(line, "the id of a command");
  }
  return true;
}

bool Script::size(Stage& stage, const Line& line) {
  if (phase_++ == 0) {
    glfwSetWindowSize(stage.window, std::atoi(line.words[1].c_str()),
                      std::atoi(line.words[2].c_str()));
  }
  return phase_ > 4;
}

bool Script::wait(Stage&, const Line& line) { return ++waited_ > std::atoi(line.words[1].c_str()); }

bool Script::wait_run(Stage& stage, const Line& line) {
  if (++waited_ > run_patience) fail(line, "runs that end within ten minutes of frames");
  // Work that was asked for in the last frame has begun two frames later.
  phase_ = is_idle(stage.app) ? phase_ + 1 : 0;
  return phase_ > 3;
}

bool Script::waits_for_runs() const {
  return next_ < lines_.size() && lines_[next_].words[0] == "wait_run";
}

bool Script::wait_mark(Stage&, const Line& line) {
  if (marked(line.words[1])) return true;
  if (++waited_ > patience) fail(line, "such a mark on the screen");
  return false;
}

bool Script::move(Stage&, const Line& line) {
  if (phase_ == 0 && !point_at(line, 1)) return false;
  return ++phase_ > 2;
}

bool Script::away(Stage&, const Line&) {
  mouse_.x = mouse_.y = -1;
  return ++phase_ > 2;
}

bool Script::click(Stage& stage, const Line& line) {
  if (phase_ == 0 && !point_at(line, 1)) return false;
  const int button = line.words[0] == "right_click" ? 1 : 0;
  const int presses = line.words[0] == "double_click" ? 2 : 1;
  // A frame to hover, then down and up, each for two frames.
  const int at = phase_ - 1;
  if (at >= 0) hold(stage, button, at / 2 % 2 == 0 && at / 4 < presses);
  return ++phase_ > 2 + 4 * presses;
}

bool Script::drag(Stage& stage, const Line& line) {
  if (phase_ == 0 && !point_at(line, 1)) return false;
  if (phase_ == 2) hold(stage, 0, true);
  if (phase_ >= 4 && phase_ < 14) {
    const auto there = find(line, 4);
    if (!there) return false;
    const float left = static_cast<float>(14 - phase_);
    mouse_.x += (there->x - mouse_.x) / left;
    mouse_.y += (there->y - mouse_.y) / left;
  }
  if (phase_ == 16) hold(stage, 0, false);
  return ++phase_ > 18;
}

bool Script::scroll(Stage& stage, const Line& line) {
  if (phase_ == 0 && !point_at(line, 1)) return false;
  // NAME steps, or NAME x y steps.
  if (phase_ == 1) send_scroll(stage.window, std::strtod(line.words.back().c_str(), nullptr));
  return ++phase_ > 2;
}

bool Script::type(Stage& stage, const Line& line) {
  for (const char c : line.rest) {
    if (phase_ == 0) send_char(stage.window, static_cast<unsigned char>(c));
  }
  return ++phase_ > 2;
}

bool Script::key(Stage& stage, const Line& line) {
  const Stroke stroke = stroke_called(line.words[1]);
  if (stroke.code < 0) {
    fail(line, "a key");
    return false;
  }
  // Held for two frames: ImGui 1.86 sees keys, not strokes.
  if (phase_ == 0) send_stroke(stage.window, stroke, true);
  if (phase_ == 2) send_stroke(stage.window, stroke, false);
  return ++phase_ > 3;
}

bool Script::expect(Stage&, const Line& line) {
  if (marked(line.words[1])) return true;
  if (++waited_ > 4) fail(line, "such a mark on the screen");
  return false;
}

bool Script::expect_not(Stage&, const Line& line) {
  if (++waited_ < 3) return false;
  if (marked(line.words[1])) fail(line, "no such mark on the screen");
  return true;
}

bool Script::expect_text(Stage&, const Line& line) {
  const std::string wanted = line.rest.substr(line.rest.find(line.words[2], line.words[1].size()));
  const auto text = marked_text(line.words[1]);
  if (text && text->find(wanted) != text->npos) return true;
  if (++waited_ > soon) fail(line, "that text; there is \"" + text.value_or("nothing") + "\"");
  return false;
}

bool Script::remember(Stage&, const Line& line) {
  auto seen = look(line);
  if (!seen) return false;
  remembered_[line.words[1]] = std::move(*seen);
  return true;
}

bool Script::expect_pixels(Stage&, const Line& line) {
  const auto seen = look(line);
  if (!seen) return false;
  const std::string& verb = line.words[0];
  if (verb == "expect_drawn") {
    const double wanted = line.words.size() > 2 ? std::strtod(line.words[2].c_str(), nullptr) : 1;
    const double drawn = share_drawn(*seen) * 100;
    if (drawn < wanted) {
      fail(line, fmt::format("more to be seen there; of its pixels {:.2f} % differ from the ground",
                             drawn));
    }
    return true;
  }
  const auto before = remembered_.find(line.words[1]);
  if (before == remembered_.end()) {
    fail(line, "remember " + line.words[1] + " before it");
    return true;
  }
  const double changed = share_changed(before->second, *seen) * 100;
  if ((verb == "expect_changed") == (changed > 0)) return true;
  fail(line, changed > 0 ? fmt::format("the same pixels; {:.2f} % of them changed", changed)
                         : "other pixels than were remembered");
  return true;
}

bool Script::print(Stage&, const Line& line) {
  if (++waited_ < 3) return false;
  std::printf("%s %s\n", line.words[1].c_str(), marked_text(line.words[1]).value_or("-").c_str());
  return true;
}

bool Script::marks(Stage&, const Line&) {
  for (const auto& [name, rect] : all_marks()) {
    std::printf("%s %.0f,%.0f %.0f,%.0f\n", name.c_str(), rect.from.x, rect.from.y, rect.to.x,
                rect.to.y);
  }
  return true;
}

bool Script::screenshot(Stage& stage, const Line& line) {
  if (phase_++ == 0) stage.app.screenshot_to = line.rest;
  return stage.app.screenshot_to.empty();
}

const Script::Verb Script::verbs[] = {
    {"open", 1, &Script::open},
    {"command", 1, &Script::command},
    {"size", 2, &Script::size},
    {"wait", 1, &Script::wait},
    {"wait_run", 0, &Script::wait_run},
    {"wait_mark", 1, &Script::wait_mark},
    {"move", 1, &Script::move},
    {"away", 0, &Script::away},
    {"click", 1, &Script::click},
    {"right_click", 1, &Script::click},
    {"double_click", 1, &Script::click},
    {"drag", 6, &Script::drag},
    {"scroll", 2, &Script::scroll},
    {"type", 1, &Script::type},
    {"key", 1, &Script::key},
    {"expect", 1, &Script::expect},
    {"expect_not", 1, &Script::expect_not},
    {"expect_text", 2, &Script::expect_text},
    {"remember", 1, &Script::remember},
    {"expect_changed", 1, &Script::expect_pixels},
    {"expect_same", 1, &Script::expect_pixels},
    {"expect_drawn", 1, &Script::expect_pixels},
    {"print", 1, &Script::print},
    {"marks", 0, &Script::marks},
    {"screenshot", 1, &Script::screenshot},
};

bool Script::step(Stage& stage, const Line& line) {
  std::string names;
  for (const Verb& verb : verbs) {
    if (line.words[0] != verb.name) {
      names += (names.empty() ? "" : ", ") + std::string(verb.name);
    } else if (line.words.size() <= verb.words) {
      fail(line, "more words");
      return false;
    } else {
      return (this->*verb.act)(stage, line);
    }
  }
  fail(line, "one of " + names);
  return false;
}

bool Script::advance(App& app, GLFWwindow* window) {
  Stage stage{app, window};
  while (next_ < lines_.size() && !failure_) {
    if (!step(stage, lines_[next_])) return !failure_;  // in the next frame
    next_ += 1;
    phase_ = 0;
    waited_ = 0;
  }
  return false;
}

}  // namespace longhaul
