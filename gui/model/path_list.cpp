#include "gui/model/path_list.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace longhaul {

namespace fs = std::filesystem;

std::string with_home(const std::string& path) {
  const char* home = std::getenv("HOME");
  if (home == nullptr || (path != "~" && !path.starts_with("~/"))) return path;
  return home + path.substr(1);
}

std::string near_path(const std::string& path) {
  std::error_code failed;
  const std::string here = fs::current_path(failed).string() + "/";
  return !failed && path.starts_with(here) ? path.substr(here.size()) : path;
}

PathList list_path(const std::string& typed, std::string_view ending) {
  PathList list;
  const std::size_t slash = typed.rfind('/');
  list.folder = slash == typed.npos ? std::string() : typed.substr(0, slash + 1);
  list.begun = slash == typed.npos ? typed : typed.substr(slash + 1);
  const std::string place = list.folder.empty() ? std::string(".") : with_home(list.folder);
  std::error_code failed;
  fs::directory_iterator entry(place, failed);
  if (failed) return list;
  list.exists = true;
  for (; entry != fs::directory_iterator(); entry.increment(failed)) {
    if (failed) break;
    const std::string name = entry->path().filename().string();
    if (name.starts_with(".") || !name.starts_with(list.begun)) continue;
    std::error_code unknown;
    const bool folder = entry->is_directory(unknown);
    if (!folder && (ending.empty() || !name.ends_with(ending))) continue;
    list.entries.push_back({name, folder});
  }
  std::sort(list.entries.begin(), list.entries.end(), [](const PathEntry& a, const PathEntry& b) {
    return a.is_folder != b.is_folder ? a.is_folder : a.name < b.name;
  });
  return list;
}

std::string completed(const PathList& list) {
  if (list.entries.empty()) return list.folder + list.begun;
  std::string common = list.entries.front().name;
  for (const PathEntry& entry : list.entries) {
    std::size_t same = 0;
    while (same < common.size() && same < entry.name.size() && common[same] == entry.name[same]) {
      same += 1;
    }
    common.resize(same);
  }
  const bool one = list.entries.size() == 1;
  return list.folder + common + (one && list.entries.front().is_folder ? "/" : "");
}

}  // namespace longhaul
