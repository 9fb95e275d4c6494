// Input by nobody's hand: through the callbacks that are installed for the window, as GLFW calls
// them for a real keyboard, wheel and mouse button.
#pragma once

#include <string>

struct GLFWwindow;

namespace longhaul {

struct Stroke {
  int code = -1;  // GLFW's; less than 0: there is no such key
  bool ctrl = false;
  bool shift = false;
};

// "Ctrl+Shift+P", "Enter", "F5", "Left", "a".
Stroke stroke_called(std::string text);

void send_stroke(GLFWwindow* window, const Stroke& stroke, bool down);
void send_char(GLFWwindow* window, unsigned sign);
void send_scroll(GLFWwindow* window, double steps);
void send_button(GLFWwindow* window, int button, bool down);

}  // namespace longhaul
