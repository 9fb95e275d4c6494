#include "gui/stroke.h"

#include <GLFW/glfw3.h>

#include <cstdlib>

namespace longhaul {
namespace {

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
  if (name.size() > 1 && name[0] == 'F') {
    const int number = std::atoi(name.c_str() + 1);
    return number >= 1 && number <= 25 ? GLFW_KEY_F1 + number - 1 : -1;
  }
  if (name.size() == 1) {
    const char c = name[0];
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;  // GLFW's codes of printed signs are ASCII
  }
  return -1;
}

void send_key(GLFWwindow* window, int code, int action, int mods) {
  const GLFWkeyfun installed = glfwSetKeyCallback(window, nullptr);
  glfwSetKeyCallback(window, installed);
  if (installed != nullptr) installed(window, code, 0, action, mods);
}

}  // namespace

Stroke stroke_called(std::string text) {
  Stroke stroke;
  const auto takes = [&](const char* prefix) {
    if (!text.starts_with(prefix)) return false;
    text.erase(0, std::string(prefix).size());
    return true;
  };
  stroke.ctrl = takes("Ctrl+");
  stroke.shift = takes("Shift+");
  stroke.code = code_of(text);
  return stroke;
}

void send_stroke(GLFWwindow* window, const Stroke& stroke, bool down) {
  const int action = down ? GLFW_PRESS : GLFW_RELEASE;
  const int mods = (stroke.ctrl ? GLFW_MOD_CONTROL : 0) | (stroke.shift ? GLFW_MOD_SHIFT : 0);
  if (stroke.ctrl) send_key(window, GLFW_KEY_LEFT_CONTROL, action, mods);
  if (stroke.shift) send_key(window, GLFW_KEY_LEFT_SHIFT, action, mods);
  send_key(window, stroke.code, action, mods);
}

void send_char(GLFWwindow* window, unsigned sign) {
  const GLFWcharfun installed = glfwSetCharCallback(window, nullptr);
  glfwSetCharCallback(window, installed);
  if (installed != nullptr) installed(window, sign);
}

void send_scroll(GLFWwindow* window, double steps) {
  const GLFWscrollfun installed = glfwSetScrollCallback(window, nullptr);
  glfwSetScrollCallback(window, installed);
  if (installed != nullptr) installed(window, 0, steps);
}

void send_button(GLFWwindow* window, int button, bool down) {
  const GLFWmousebuttonfun installed = glfwSetMouseButtonCallback(window, nullptr);
  glfwSetMouseButtonCallback(window, installed);
  if (installed != nullptr) installed(window, button, down ? GLFW_PRESS : GLFW_RELEASE, 0);
}

}  // namespace longhaul
