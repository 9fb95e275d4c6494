// Keys one after another: Dear ImGui 1.86 only knows which keys are down in a frame, so a key that
// is pressed and released between two frames would be lost whenever a frame takes long.
//
// Stands between GLFW and the callback that ImGui has installed, and hands over events in their
// order up to the first key that would move twice in one frame, or that moves after another went
// down: a modifier that is released at once still counts. The rest waits for the next frame.
#pragma once

struct GLFWwindow;

namespace longhaul {

// After ImGui_ImplGlfw_InitForOpenGL().
void install_key_queue(GLFWwindow* window);

// Before ImGui's frame. True when keys are left for the next one.
bool deliver_keys(GLFWwindow* window);

}  // namespace longhaul
