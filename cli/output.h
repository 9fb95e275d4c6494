// Files that results are kept in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/terminal.h"

namespace longhaul {

// Writes beside the file and renames, so that readers see the old file or the new one. Returns what
// went wrong.
std::optional<std::string> write_file(const std::string& path, std::string_view text);

// Whether that would succeed, as far as one can tell: before hours of work. Leaves nothing behind.
// Nothing to say without a path. Returns what is wrong.
std::optional<std::string> cannot_write(const std::string& path);

// Likewise, and says which option it is. False: then exit_code::usage.
bool can_write(const char* option, const std::string& path, Terminal& terminal);

// Makes the directory unless it exists. Returns what went wrong.
std::optional<std::string> make_directory(const std::string& path);

}  // namespace longhaul
