#include "gui/model/settings.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/digest.h"
#include "run/json_text.h"

namespace longhaul {
namespace {

constexpr std::size_t recent_max = 12;

std::string json_text(std::string_view text) {
  std::string made = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      made += '\\';
      made += c;
    } else if (c == '\n') {
      made += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      made += ' ';
    } else {
      made += c;
    }
  }
  return made + '"';
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

bool write_text(const std::filesystem::path& path, const std::string& text) {
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  const std::filesystem::path beside = path.string() + ".new";
  std::ofstream stream(beside, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream) return false;
  std::filesystem::rename(beside, path, failed);
  return !failed;
}

std::filesystem::path place_of(const std::string& folder, const std::string& path) {
  Digest digest;
  digest.add(std::string_view(path));
  char name[40];
  std::snprintf(name, sizeof name, "%016llx-%ld", static_cast<unsigned long long>(digest.value()),
                static_cast<long>(getpid()));
  return std::filesystem::path(folder) / name;
}

// Whether the program that keeps that file still runs, and will ask about it itself.
bool is_kept_by_another(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  const std::size_t dash = name.rfind('-');
  if (dash == name.npos) return false;
  const std::string process = name.substr(dash + 1);
  if (process == std::to_string(getpid())) return true;
  std::string comm = file_text("/proc/" + process + "/comm");
  return comm.starts_with("longhaul-gui");
}

}  // namespace

void Settings::opened(const std::string& path) {
  recent.erase(std::remove(recent.begin(), recent.end(), path), recent.end());
  recent.insert(recent.begin(), path);
  if (recent.size() > recent_max) recent.resize(recent_max);
}

std::string settings_path() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  if (config != nullptr && *config == '/') return std::string(config) + "/longhaul/gui.json";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return std::string(home) + "/.config/longhaul/gui.json";
  return {};
}

Settings load_settings(const std::string& path) {
  Settings settings;
  if (path.empty()) return settings;
  const std::string text = file_text(path);
  const Result<JsonDocument> document = parse_json(path, text);
  if (!document) {
    // The next save would replace it; somebody may want their list back.
    if (!text.empty()) write_text(path + ".damaged", text);
    return settings;
  }
  const JsonNode& root = document.value().root;
  if (const JsonNode* look = root.find("look"); look != nullptr) {
    for (const char* known : {"dark", "light", "high contrast"}) {
      if (look->text == known) settings.look = known;
    }
  }
  if (const JsonNode* scale = root.find("scale"); scale != nullptr) {
    const float given = std::strtof(scale->text.c_str(), nullptr);
    if (given > 0) settings.scale = std::clamp(given, 0.75f, 3.0f);
  }
  if (const JsonNode* motion = root.find("reduced_motion"); motion != nullptr) {
    settings.reduced_motion = motion->text == "true";
  }
  if (const JsonNode* recent = root.find("recent"); recent != nullptr) {
    for (const JsonNode& item : recent->items) {
      if (!item.text.empty() && settings.recent.size() < recent_max) {
        settings.recent.push_back(item.text);
      }
    }
  }
  return settings;
}

bool save_settings(const std::string& path, const Settings& settings) {
  if (path.empty()) return false;
  std::ostringstream text;
  text << "{\n  \"look\": " << json_text(settings.look) << ",\n  \"scale\": " << settings.scale
       << ",\n  \"reduced_motion\": " << (settings.reduced_motion ? "true" : "false")
       << ",\n  \"recent\": [";
  for (std::size_t i = 0; i < settings.recent.size(); ++i) {
    text << (i == 0 ? "\n    " : ",\n    ") << json_text(settings.recent[i]);
  }
  text << (settings.recent.empty() ? "]" : "\n  ]") << "\n}\n";
  return write_text(path, text.str());
}

bool keep_unsaved(const std::string& folder, const std::string& path, const std::string& text) {
  if (folder.empty()) return false;
  return write_text(place_of(folder, path), path + "\n" + text);
}

void forget_unsaved(const std::string& folder, const std::string& path) {
  std::error_code ignored;
  if (!folder.empty()) std::filesystem::remove(place_of(folder, path), ignored);
}

std::vector<Rescued> unsaved(const std::string& folder) {
  std::vector<Rescued> found;
  std::error_code failed;
  if (folder.empty()) return found;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (entry.path().extension() == ".new" || is_kept_by_another(entry.path())) continue;
    const std::string text = file_text(entry.path());
    const std::size_t end = text.find('\n');
    if (end == text.npos) continue;
    found.push_back({entry.path().string(), text.substr(0, end), text.substr(end + 1)});
  }
  std::sort(found.begin(), found.end(),
            [](const Rescued& a, const Rescued& b) { return a.path < b.path; });
  return found;
}

void forget_rescued(const Rescued& rescued) {
  std::error_code ignored;
  std::filesystem::remove(rescued.file, ignored);
}

std::string autosave_folder() {
  const std::string settings = settings_path();
  return settings.empty() ? settings
                          : (std::filesystem::path(settings).parent_path() / "unsaved").string();
}

}  // namespace longhaul
