// Screenshots as PNG files.
#pragma once

#include <string>
#include <vector>

namespace longhaul {

// Rows of RGB from the bottom up, as OpenGL reads them. False when the file could not be written.
bool write_png(const std::string& path, int width, int height,
               const std::vector<unsigned char>& bottom_up);

}  // namespace longhaul
