// What a folder has to choose from while a path is typed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace longhaul {

struct PathEntry {
  std::string name;
  bool is_folder = false;
};

struct PathList {
  std::string folder;  // as typed, with its last slash; empty: the working directory
  std::string begun;   // what is typed behind it
  std::vector<PathEntry>
      entries;  // that begin so: folders, then files with that ending; no hidden ones
  bool exists = false;
};

// `ending` ".json"; empty: folders only.
PathList list_path(const std::string& typed, std::string_view ending);

// As far as all entries agree; a single folder with its slash.
std::string completed(const PathList& list);

// "~/x" -> "/home/me/x"
std::string with_home(const std::string& path);

// Below the working directory without the way to it.
std::string near_path(const std::string& path);

}  // namespace longhaul
