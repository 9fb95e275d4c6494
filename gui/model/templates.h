// The scenarios that come with the program, and where they are.
#pragma once

#include <string>
#include <vector>

namespace longhaul {

struct Template {
  std::string path;
  std::string folder;   // "patterns"
  std::string name;     // of its file
  std::string purpose;  // the sentence in it
  bool is_drill = false;
  bool is_flagship = false;  // the first to open: what the README shows
};

// The first that is there: $LONGHAUL_SCENARIOS, scenarios/ below the working directory, beside the
// program's folder or two above it (a build tree), or in the share/ it is installed with. Empty:
// there is none.
std::string scenarios_folder();

// Whether the file is one of those that come with the program: the folder has our schema and our
// flagship in it.
bool is_template(const std::string& path);

// What is in its folders, in the order that a newcomer reads them: the flagship first. Files that
// are no scenarios are left out.
std::vector<Template> templates_in(const std::string& folder);

// "patterns" -> what stands above them.
std::string folder_title(const std::string& folder);

// Whether all words of `wanted` occur in name, purpose or folder; one is called "flagship".
bool fits_template(const Template& of, const std::string& wanted);

}  // namespace longhaul
