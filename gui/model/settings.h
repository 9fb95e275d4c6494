// What the program remembers of its user between two starts, as JSON in their configuration folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace longhaul {

struct Settings {
  std::string look = "dark";  // light, high contrast
  float scale = 1.0f;         // 0.75 to 3
  bool reduced_motion = false;
  std::vector<std::string> recent;  // files, the newest first

  void opened(const std::string& path);
};

// $XDG_CONFIG_HOME/longhaul/gui.json, or below ~/.config. Empty without either.
std::string settings_path();
// What cannot be read is as if it were not there; a file that is no JSON is kept as PATH.damaged.
Settings load_settings(const std::string& path);
bool save_settings(const std::string& path, const Settings& settings);

// ---- Autosave: unsaved texts survive a crash ----------------------------------------------------

struct Rescued {
  std::string file;  // where the text was kept
  std::string path;  // of the document
  std::string text;
};

// Keeps the unsaved text of a document; the same document of the same program replaces its earlier
// text.
bool keep_unsaved(const std::string& folder, const std::string& path, const std::string& text);
void forget_unsaved(const std::string& folder, const std::string& path);
// What programs kept that run no more.
std::vector<Rescued> unsaved(const std::string& folder);
void forget_rescued(const Rescued& rescued);
std::string autosave_folder();  // beside the settings

}  // namespace longhaul
