#include "gui/model/templates.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <tuple>

#include "run/json_text.h"
#include "run/layers.h"

namespace longhaul {
namespace {

namespace fs = std::filesystem;

struct FolderTitle {
  const char* folder;
  const char* title;
};
constexpr FolderTitle folders[] = {
    {"patterns", "Patterns: ways to build it"},        {"limits", "Limits: where each way ends"},
    {"incidents", "Incidents: outages that happened"}, {"drills", "Drills: outages to practise"},
    {"claims", "Claims: rules of thumb, checked"},
};

constexpr const char* flagship = "patterns/three_regions_read_replicas.json";

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

std::string scenarios_folder() {
  std::vector<fs::path> places;
  if (const char* told = std::getenv("LONGHAUL_SCENARIOS"); told != nullptr && *told != '\0') {
    places.emplace_back(told);
  }
  places.emplace_back("scenarios");
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  if (!failed) {
    const fs::path home = program.parent_path();
    places.push_back(home / "scenarios");
    places.push_back(home.parent_path() / "scenarios");
    places.push_back(home.parent_path() / "share" / "longhaul" / "scenarios");
    places.push_back(home.parent_path().parent_path() / "scenarios");
  }
  for (const fs::path& place : places) {
    if (fs::is_directory(place, failed)) return place.string();
  }
  return {};
}

bool is_template(const std::string& path) {
  const std::string folder = scenarios_folder();
  std::error_code failed;
  if (folder.empty() || !fs::exists(fs::path(folder) / "scenario.schema.json", failed) ||
      !fs::exists(fs::path(folder) / flagship, failed)) {
    return false;
  }
  const fs::path inside = fs::weakly_canonical(path, failed);
  const fs::path below = fs::weakly_canonical(folder, failed);
  const auto ends = std::mismatch(below.begin(), below.end(), inside.begin(), inside.end());
  return ends.first == below.end();
}

std::vector<Template> templates_in(const std::string& folder) {
  std::vector<Template> found;
  if (folder.empty()) return found;
  for (const FolderTitle& of : folders) {
    std::error_code failed;
    const std::size_t first = found.size();
    for (const auto& entry : fs::directory_iterator(fs::path(folder) / of.folder, failed)) {
      if (entry.path().extension() != ".json") continue;
      const Result<std::string> text = read_text_file(entry.path().string());
      if (!text) continue;
      const Result<JsonDocument> document = parse_json(entry.path().string(), text.value());
      if (!document) continue;
      const JsonNode& root = document.value().root;
      const JsonNode* purpose = root.find("purpose");
      Template made{
          entry.path().string(),         of.folder,
          entry.path().stem().string(),  purpose != nullptr ? purpose->text : std::string(),
          root.find("drill") != nullptr, entry.path() == fs::path(folder) / flagship};
      found.push_back(std::move(made));
    }
    std::sort(found.begin() + static_cast<std::ptrdiff_t>(first), found.end(),
              [](const Template& a, const Template& b) {
                return std::tie(b.is_flagship, a.name) < std::tie(a.is_flagship, b.name);
              });
  }
  return found;
}

std::string folder_title(const std::string& folder) {
  for (const FolderTitle& of : folders) {
    if (folder == of.folder) return of.title;
  }
  return folder;
}

bool fits_template(const Template& of, const std::string& wanted) {
  std::string all = lower(of.name + " " + of.purpose + " " + of.folder);
  if (of.is_flagship) all += " flagship";
  const std::string with_spaces = [&all] {
    std::string copy = all;
    std::replace(copy.begin(), copy.end(), '_', ' ');
    return copy;
  }();
  std::istringstream words(lower(wanted));
  for (std::string word; words >> word;) {
    if (all.find(word) == all.npos && with_spaces.find(word) == with_spaces.npos) return false;
  }
  return true;
}

}  // namespace longhaul
