// What is on the screen as pixels: PNG files, and what scripts expect of a region.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct GLFWwindow;

namespace longhaul {

struct Screenshot {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;  // rows from the bottom up, as OpenGL reads them
};

// Of the frame that has been drawn and is not yet swapped.
Screenshot screenshot_of(GLFWwindow* window);

// The part between two corners, counted from the top left; what lies outside is left out.
Screenshot cut(const Screenshot& shot, int left, int top, int right, int bottom);

// Of the pixels, those that are not as in the other one; 1 when the sizes differ.
double share_changed(const Screenshot& before, const Screenshot& now);

// Of the pixels, those that have another colour than the commonest: how much is drawn on a ground.
double share_drawn(const Screenshot& shot);

// False when the file could not be written.
bool write_png(const std::string& path, const Screenshot& shot);

}  // namespace longhaul
