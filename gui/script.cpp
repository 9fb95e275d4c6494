#include "gui/script.h"

#include <GLFW/glfw3.h>
#include <imgui.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "gui/app.h"
#include "gui/widgets/marks.h"
#include "run/layers.h"

namespace longhaul {
namespace {

constexpr int patience = 600;         // frames for what should be there at once
constexpr int run_patience = 36'000;  // for runs: ten minutes of frames

struct KeyName {
  const char* name;
  int code;
};
constexpr KeyName key_names[] = {{"Enter", GLFW_KEY_ENTER},    {"Escape", GLFW_KEY_ESCAPE},
                                 {"Tab", GLFW_KEY_TAB},        {"Delete", GLFW_KEY_DELETE},
                                 {"Left", GLFW_KEY_LEFT},      {"Right", GLFW_KEY_RIGHT},
                                 {"Up", GLFW_KEY_UP},          {"Down", GLFW_KEY_DOWN},
                                 {"Space", GLFW_KEY_SPACE},    {"Home", GLFW_KEY_HOME},
                                 {"End", GLFW_KEY_END},        {"Backspace", GLFW_KEY_BACKSPACE},
                                 {"PageUp", GLFW_KEY_PAGE_UP}, {"PageDown", GLFW_KEY_PAGE_DOWN}};

int code_of(const std::string& name) {
  for (const KeyName& key : key_names) {
    if (name == key.name) return key.code;
  }
  if (name.size() > 1 && name[0] == 'F') return GLFW_KEY_F1 + std::atoi(name.c_str() + 1) - 1;
  if (name.size() == 1) {
    const char c = name[0];
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;  // GLFW's codes of printed signs are ASCII
  }
  return -1;
}

// Sends through the callback that ImGui has installed.
void send_key(GLFWwindow* window, int code, int action, int mods) {
  const GLFWkeyfun installed = glfwSetKeyCallback(window, nullptr);
  glfwSetKeyCallback(window, installed);
  if (installed != nullptr) installed(window, code, 0, action, mods);
}

void send_char(GLFWwindow* window, unsigned sign) {
  const GLFWcharfun installed = glfwSetCharCallback(window, nullptr);
  glfwSetCharCallback(window, installed);
  if (installed != nullptr) installed(window, sign);
}

void send_scroll(GLFWwindow* window, double by) {
  const GLFWscrollfun installed = glfwSetScrollCallback(window, nullptr);
  glfwSetScrollCallback(window, installed);
  if (installed != nullptr) installed(window, 0, by);
}

struct KeyWish {
  int code = -1;
  bool ctrl = false;
  bool shift = false;
};

KeyWish parse_keys(std::string text) {
  KeyWish wish;
  const auto takes = [&](const char* prefix) {
    if (!text.starts_with(prefix)) return false;
    text.erase(0, std::string(prefix).size());
    return true;
  };
  wish.ctrl = takes("Ctrl+");
  wish.shift = takes("Shift+");
  wish.code = code_of(text);
  return wish;
}

void press(GLFWwindow* window, const KeyWish& wish, bool down) {
  const int action = down ? GLFW_PRESS : GLFW_RELEASE;
  const int mods = (wish.ctrl ? GLFW_MOD_CONTROL : 0) | (wish.shift ? GLFW_MOD_SHIFT : 0);
  if (wish.ctrl) send_key(window, GLFW_KEY_LEFT_CONTROL, action, mods);
  if (wish.shift) send_key(window, GLFW_KEY_LEFT_SHIFT, action, mods);
  send_key(window, wish.code, action, mods);
}

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

void Script::put_mouse() const {
  ImGuiIO& io = ImGui::GetIO();
  io.MousePos = mouse_.x < 0 ? ImVec2{-1e30f, -1e30f} : ImVec2{mouse_.x, mouse_.y};
  for (int button = 0; button < 3; ++button) io.MouseDown[button] = mouse_.down[button];
}

bool Script::find(const Line& line, std::size_t word, float& x, float& y) {
  const auto rect = marked(line.words[word]);
  if (!rect) return false;
  const auto share = [&](std::size_t at) {
    return at < line.words.size() ? std::strtof(line.words[at].c_str(), nullptr) : 0.5f;
  };
  x = rect->from.x + (rect->to.x - rect->from.x) * share(word + 1);
  y = rect->from.y + (rect->to.y - rect->from.y) * share(word + 2);
  return true;
}

bool Script::advance(App& app, GLFWwindow* window) {
  while (next_ < lines_.size() && !failure_) {
    const Line& line = lines_[next_];
    if (!step(app, window, line)) return !failure_;  // in the next frame
    next_ += 1;
    phase_ = 0;
    waited_ = 0;
  }
  return false;
}

// Whether the line is done.
bool Script::step(App& app, GLFWwindow* window, const Line& line) {
  const std::string& verb = line.words[0];
  const auto wants = [&](std::size_t words) {
    if (line.words.size() > words) return true;
    fail(line, "more words");
    return false;
  };
  if (verb == "open") {
    app.open_file(line.rest);
    return true;
  }
  if (verb == "size") {
    if (!wants(2)) return false;
    if (phase_++ == 0) {
      glfwSetWindowSize(window, std::atoi(line.words[1].c_str()), std::atoi(line.words[2].c_str()));
    }
    return phase_ > 4;
  }
  if (verb == "wait") {
    return wants(1) && ++waited_ > std::atoi(line.words[1].c_str());
  }
  if (verb == "wait_run") {
    waited_ += 1;
    if (waited_ > run_patience) fail(line, "runs that end within ten minutes of frames");
    // Work that was asked for in the last frame has begun two frames later.
    phase_ = is_idle(app) ? phase_ + 1 : 0;
    return phase_ > 3;
  }
  if (verb == "wait_mark" || verb == "expect") {
    if (!wants(1)) return false;
    if (marked(line.words[1])) return true;
    if (++waited_ > (verb == "expect" ? 4 : patience)) fail(line, "such a mark on the screen");
    return false;
  }
  if (verb == "expect_not") {
    if (!wants(1)) return false;
    if (++waited_ < 3) return false;
    if (marked(line.words[1])) fail(line, "no such mark on the screen");
    return true;
  }
  if (verb == "expect_text") {
    if (!wants(2)) return false;
    const std::string wanted =
        line.rest.substr(line.rest.find(line.words[2], line.words[1].size()));
    const auto text = marked_text(line.words[1]);
    if (text && text->find(wanted) != text->npos) return true;
    if (++waited_ > 10) fail(line, "that text; there is \"" + text.value_or("nothing") + "\"");
    return false;
  }
  if (verb == "print") {
    if (!wants(1)) return false;
    if (++waited_ < 3) return false;
    std::printf("%s %s\n", line.words[1].c_str(), marked_text(line.words[1]).value_or("-").c_str());
    return true;
  }
  if (verb == "marks") {
    for (const auto& [name, rect] : all_marks()) {
      std::printf("%s %.0f,%.0f %.0f,%.0f\n", name.c_str(), rect.from.x, rect.from.y, rect.to.x,
                  rect.to.y);
    }
    return true;
  }
  if (verb == "screenshot") {
    if (phase_++ == 0) app.screenshot_to = line.rest;
    return app.screenshot_to.empty();
  }
  if (verb == "command") {
    const Command* command = wants(1) ? find_command(line.words[1]) : nullptr;
    if (command == nullptr) {
      fail(line, "the id of a command");
    } else {
      command->run(app);
    }
    return true;
  }
  if (verb == "key") {
    const KeyWish wish = parse_keys(line.words.size() > 1 ? line.words[1] : "");
    if (wish.code < 0) {
      fail(line, "a key");
      return false;
    }
    // Held for two frames: ImGui 1.86 sees keys, not strokes.
    if (phase_ == 0) press(window, wish, true);
    if (phase_ == 2) press(window, wish, false);
    return ++phase_ > 3;
  }
  if (verb == "type") {
    for (const char c : line.rest) {
      if (phase_ == 0) send_char(window, static_cast<unsigned char>(c));
    }
    return ++phase_ > 2;
  }
  if (verb == "scroll") {
    if (!wants(2)) return false;
    if (phase_ == 0 && !find(line, 1, mouse_.x, mouse_.y)) {
      if (++waited_ > 10) fail(line, "such a mark on the screen");
      return false;
    }
    // NAME steps, or NAME x y steps.
    if (phase_ == 1) send_scroll(window, std::strtod(line.words.back().c_str(), nullptr));
    return ++phase_ > 2;
  }
  if (verb == "move" || verb == "click" || verb == "right_click" || verb == "double_click") {
    if (!wants(1)) return false;
    if (phase_ == 0 && !find(line, 1, mouse_.x, mouse_.y)) {
      if (++waited_ > 10) fail(line, "such a mark on the screen");
      return false;
    }
    if (verb == "move") return ++phase_ > 2;
    const int button = verb == "right_click" ? 1 : 0;
    const int presses = verb == "double_click" ? 2 : 1;
    // A frame to hover, then down and up, each for two frames.
    const int at = phase_ - 1;
    if (at >= 0) mouse_.down[button] = at / 2 % 2 == 0 && at / 4 < presses;
    return ++phase_ > 2 + 4 * presses;
  }
  if (verb == "away") {
    mouse_.x = mouse_.y = -1;
    return ++phase_ > 2;
  }
  if (verb == "drag") {
    if (!wants(6)) return false;
    float x = 0;
    float y = 0;
    if (phase_ == 0 && !find(line, 1, mouse_.x, mouse_.y)) {
      if (++waited_ > 10) fail(line, "such a mark to drag from");
      return false;
    }
    if (phase_ == 2) mouse_.down[0] = true;
    if (phase_ >= 4 && phase_ < 14) {
      if (!find(line, 4, x, y)) {
        fail(line, "such a mark to drag to");
        return false;
      }
      const float left = static_cast<float>(14 - phase_);
      mouse_.x += (x - mouse_.x) / left;
      mouse_.y += (y - mouse_.y) / left;
    }
    if (phase_ == 16) mouse_.down[0] = false;
    return ++phase_ > 18;
  }
  fail(line,
       "one of open, click, right_click, double_click, drag, move, away, scroll, type, key, "
       "command, "
       "wait, wait_run, wait_mark, expect, expect_not, expect_text, size, screenshot, print, "
       "marks");
  return false;
}

}  // namespace longhaul
