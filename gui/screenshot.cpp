#include "gui/screenshot.h"

#include <GLFW/glfw3.h>

#include <algorithm>
#include <map>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>

namespace longhaul {
namespace {

std::uint32_t colour_at(const Screenshot& shot, std::size_t pixel) {
  const std::uint8_t* rgb = &shot.rgb[pixel * 3];
  return static_cast<std::uint32_t>(rgb[0]) << 16 | static_cast<std::uint32_t>(rgb[1]) << 8 |
         rgb[2];
}

std::size_t pixels(const Screenshot& shot) { return shot.rgb.size() / 3; }

}  // namespace

Screenshot screenshot_of(GLFWwindow* window) {
  Screenshot shot;
  glfwGetFramebufferSize(window, &shot.width, &shot.height);
  shot.rgb.resize(static_cast<std::size_t>(shot.width) * shot.height * 3);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, shot.width, shot.height, GL_RGB, GL_UNSIGNED_BYTE, shot.rgb.data());
  return shot;
}

Screenshot cut(const Screenshot& shot, int left, int top, int right, int bottom) {
  left = std::clamp(left, 0, shot.width);
  right = std::clamp(right, left, shot.width);
  top = std::clamp(top, 0, shot.height);
  bottom = std::clamp(bottom, top, shot.height);
  Screenshot part{right - left, bottom - top, {}};
  for (int row = shot.height - bottom; row < shot.height - top; ++row) {
    const auto begin =
        shot.rgb.begin() + (static_cast<std::ptrdiff_t>(row) * shot.width + left) * 3;
    part.rgb.insert(part.rgb.end(), begin, begin + part.width * 3);
  }
  return part;
}

double share_changed(const Screenshot& before, const Screenshot& now) {
  if (before.width != now.width || before.height != now.height) return 1;
  std::size_t changed = 0;
  for (std::size_t i = 0; i < pixels(now); ++i)
    changed += colour_at(before, i) != colour_at(now, i);
  return now.rgb.empty() ? 0 : static_cast<double>(changed) / static_cast<double>(pixels(now));
}

double share_drawn(const Screenshot& shot) {
  if (shot.rgb.empty()) return 0;
  std::map<std::uint32_t, std::size_t> counts;
  std::size_t most = 0;
  for (std::size_t i = 0; i < pixels(shot); ++i) {
    most = std::max(most, ++counts[colour_at(shot, i)]);
  }
  return 1 - static_cast<double>(most) / static_cast<double>(pixels(shot));
}

bool write_png(const std::string& path, const Screenshot& shot) {
  stbi_flip_vertically_on_write(1);
  return stbi_write_png(path.c_str(), shot.width, shot.height, 3, shot.rgb.data(),
                        shot.width * 3) != 0;
}

}  // namespace longhaul
