#include "gui/key_queue.h"

#include <GLFW/glfw3.h>

#include <algorithm>
#include <deque>
#include <vector>

namespace longhaul {
namespace {

struct KeyEvent {
  bool is_sign = false;  // a letter that was typed; else a key that moved
  int key = 0;
  int scancode = 0;
  int action = 0;
  int mods = 0;
  unsigned sign = 0;
};

GLFWkeyfun key_of_imgui = nullptr;
GLFWcharfun sign_of_imgui = nullptr;
std::deque<KeyEvent> waiting;  // there is one window

void key_moved(GLFWwindow*, int key, int scancode, int action, int mods) {
  waiting.push_back({false, key, scancode, action, mods, 0});
}

void sign_typed(GLFWwindow*, unsigned sign) { waiting.push_back({true, 0, 0, 0, 0, sign}); }

}  // namespace

void install_key_queue(GLFWwindow* window) {
  waiting.clear();
  key_of_imgui = glfwSetKeyCallback(window, key_moved);
  sign_of_imgui = glfwSetCharCallback(window, sign_typed);
}

bool deliver_keys(GLFWwindow* window) {
  std::vector<int> moved;
  bool pressed = false;  // a key that is no modifier: those stay as they are with it
  while (!waiting.empty()) {
    const KeyEvent event = waiting.front();
    if (event.is_sign) {
      sign_of_imgui(window, event.sign);
    } else {
      if (pressed || std::find(moved.begin(), moved.end(), event.key) != moved.end()) return true;
      pressed = event.action == GLFW_PRESS && event.key < GLFW_KEY_LEFT_SHIFT;
      moved.push_back(event.key);
      key_of_imgui(window, event.key, event.scancode, event.action, event.mods);
    }
    waiting.pop_front();
  }
  return false;
}

}  // namespace longhaul
