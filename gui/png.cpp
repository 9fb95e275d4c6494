#include "gui/png.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>

namespace longhaul {

bool write_png(const std::string& path, int width, int height,
               const std::vector<unsigned char>& bottom_up) {
  stbi_flip_vertically_on_write(1);
  return stbi_write_png(path.c_str(), width, height, 3, bottom_up.data(), width * 3) != 0;
}

}  // namespace longhaul
