// Files that results are kept in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace longhaul {

// Writes beside the file and renames, so that readers see the old file or the new one. Returns what
// went wrong.
std::optional<std::string> write_file(const std::string& path, std::string_view text);

// Makes the directory unless it exists. Returns what went wrong.
std::optional<std::string> make_directory(const std::string& path);

}  // namespace longhaul
