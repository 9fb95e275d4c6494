#include "gui/picture.h"

#include <GLFW/glfw3.h>

#include <algorithm>
#include <map>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>

namespace longhaul {
namespace {

std::uint32_t colour_at(const Picture& picture, std::size_t pixel) {
  const std::uint8_t* rgb = &picture.rgb[pixel * 3];
  return static_cast<std::uint32_t>(rgb[0]) << 16 | static_cast<std::uint32_t>(rgb[1]) << 8 |
         rgb[2];
}

std::size_t pixels(const Picture& picture) { return picture.rgb.size() / 3; }

}  // namespace

Picture picture_of(GLFWwindow* window) {
  Picture picture;
  glfwGetFramebufferSize(window, &picture.width, &picture.height);
  picture.rgb.resize(static_cast<std::size_t>(picture.width) * picture.height * 3);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, picture.width, picture.height, GL_RGB, GL_UNSIGNED_BYTE, picture.rgb.data());
  return picture;
}

Picture cut(const Picture& picture, int left, int top, int right, int bottom) {
  left = std::clamp(left, 0, picture.width);
  right = std::clamp(right, left, picture.width);
  top = std::clamp(top, 0, picture.height);
  bottom = std::clamp(bottom, top, picture.height);
  Picture part{right - left, bottom - top, {}};
  for (int row = picture.height - bottom; row < picture.height - top; ++row) {
    const auto begin =
        picture.rgb.begin() + (static_cast<std::ptrdiff_t>(row) * picture.width + left) * 3;
    part.rgb.insert(part.rgb.end(), begin, begin + part.width * 3);
  }
  return part;
}

double share_changed(const Picture& before, const Picture& now) {
  if (before.width != now.width || before.height != now.height) return 1;
  std::size_t changed = 0;
  for (std::size_t i = 0; i < pixels(now); ++i)
    changed += colour_at(before, i) != colour_at(now, i);
  return now.rgb.empty() ? 0 : static_cast<double>(changed) / static_cast<double>(pixels(now));
}

double share_drawn(const Picture& picture) {
  if (picture.rgb.empty()) return 0;
  std::map<std::uint32_t, std::size_t> counts;
  std::size_t most = 0;
  for (std::size_t i = 0; i < pixels(picture); ++i) {
    most = std::max(most, ++counts[colour_at(picture, i)]);
  }
  return 1 - static_cast<double>(most) / static_cast<double>(pixels(picture));
}

bool write_png(const std::string& path, const Picture& picture) {
  stbi_flip_vertically_on_write(1);
  return stbi_write_png(path.c_str(), picture.width, picture.height, 3, picture.rgb.data(),
                        picture.width * 3) != 0;
}

}  // namespace longhaul
