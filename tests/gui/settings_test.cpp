#include "gui/model/settings.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "gui/model/autosave.h"
#include "gui/model/path_list.h"
#include "gui/model/templates.h"
#include "tests/run/drill/small_drill.h"

using namespace longhaul;
namespace fs = std::filesystem;

namespace {

fs::path scratch(const std::string& name) {
  const fs::path folder = fs::temp_directory_path() / "longhaul_settings_test" / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

void put(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

const char* const sound_text = small_drill::text;

// Runs it in a process of its own that ends without any farewell.
template <class Work>
void in_a_process_that_dies(const Work& work) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(9);
  }
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WEXITSTATUS(status) == 9);
}

}  // namespace

TEST_CASE("settings: what is saved is read again", "[gui][settings]") {
  const std::string path = (scratch("settings") / "deeper" / "gui.json").string();
  Settings settings;
  settings.look = "high contrast";
  settings.scale = 1.75f;
  settings.reduced_motion = true;
  settings.opened("/a/b \"c\" \\d.json");
  settings.opened("/e.json");
  settings.opened("/a/b \"c\" \\d.json");  // again: it moves to the front
  REQUIRE(save_settings(path, settings));
  const Settings read = load_settings(path);
  REQUIRE(read.look == settings.look);
  REQUIRE(read.scale == settings.scale);
  REQUIRE(read.reduced_motion);
  REQUIRE(read.recent == std::vector<std::string>{"/a/b \"c\" \\d.json", "/e.json"});
}

TEST_CASE("settings: twelve recent files are remembered", "[gui][settings]") {
  Settings settings;
  for (int i = 0; i < 40; ++i) settings.opened("/" + std::to_string(i));
  REQUIRE(settings.recent.size() == 12);
  REQUIRE(settings.recent.front() == "/39");
}

TEST_CASE("settings: garbage is as no file", "[gui][settings]") {
  const fs::path folder = scratch("garbage");
  const char* const texts[] = {"",
                               "{",
                               "[]",
                               "7",
                               "{\"look\": 7, \"scale\": \"x\", \"recent\": 3}",
                               "\xff\xfe\x00\x01",
                               "{\"scale\": 1e99, \"reduced_motion\": [{}]}"};
  for (const char* text : texts) {
    put(folder / "gui.json", text);
    const Settings read = load_settings((folder / "gui.json").string());
    REQUIRE(read.scale >= 0.75f);
    REQUIRE(read.scale <= 3.0f);
    REQUIRE(read.recent.empty());
    REQUIRE_FALSE(read.reduced_motion);
  }
  REQUIRE(load_settings((folder / "none.json").string()).look == "dark");
  REQUIRE(load_settings({}).look == "dark");
  REQUIRE_FALSE(save_settings({}, {}));
}

TEST_CASE("autosave: what a program had not saved is found after its death", "[gui][settings]") {
  const std::string folder = (scratch("autosave") / "unsaved").string();
  REQUIRE(unsaved(folder).empty());
  in_a_process_that_dies([&] {
    Workspace work([] {});
    Autosave autosave(folder);
    work.adopt(Document::from_text("/somewhere/x.json", sound_text));
    work.designs[0]->document.set("duration", "\"6min\"");
    autosave.update(work, 100.0);  // an edit is seen
    autosave.update(work, 101.9);
    if (!fs::exists(folder)) autosave.update(work, 102.0);  // two seconds of calm: it is kept
  });
  const std::vector<Rescued> found = unsaved(folder);
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].path == "/somewhere/x.json");
  REQUIRE(found[0].text.find("\"6min\"") != std::string::npos);
  REQUIRE(Document::from_text(found[0].path, found[0].text).sound());
  forget_rescued(found[0]);
  REQUIRE(unsaved(folder).empty());
}

TEST_CASE("autosave: kept while it is edited, forgotten when it is saved or closed",
          "[gui][settings]") {
  const fs::path home = scratch("autosave2");
  const std::string folder = (home / "unsaved").string();
  put(home / "x.json", sound_text);
  Workspace work([] {});
  Autosave autosave(folder);
  REQUIRE(work.open((home / "x.json").string()).empty());
  Document& document = work.designs[0]->document;
  const auto kept = [&] {
    std::error_code none;
    return fs::exists(folder) ? std::distance(fs::directory_iterator(folder, none), {}) : 0;
  };
  autosave.update(work, 0);
  REQUIRE(autosave.due_in(0) < 0);
  // Somebody edits every second: within ten the text is kept nevertheless.
  for (int second = 1; second <= 11; ++second) {
    REQUIRE(kept() == 0);
    REQUIRE_FALSE(document.set("duration", "\"" + std::to_string(30 + second) + "s\""));
    autosave.update(work, second);
  }
  REQUIRE(kept() == 1);
  REQUIRE(unsaved(folder).empty());  // of a program that runs, nothing is to be rescued
  REQUIRE_FALSE(document.save());
  autosave.update(work, 12);
  REQUIRE(kept() == 0);
  REQUIRE_FALSE(document.set("duration", "\"1min\""));
  autosave.update(work, 20);
  REQUIRE(autosave.due_in(20) == Approx(2));
  autosave.update(work, 23);
  REQUIRE(kept() == 1);
  work.close(0);
  autosave.update(work, 24);
  REQUIRE(kept() == 0);
}

TEST_CASE("autosave: what closing would lose", "[gui][settings]") {
  const fs::path home = scratch("lose");
  put(home / "x.json", sound_text);
  Workspace work([] {});
  REQUIRE(work.open((home / "x.json").string()).empty());
  REQUIRE(work.duplicate() != nullptr);
  REQUIRE(designs_that_would_lose(work).empty());  // the copy is the file
  REQUIRE_FALSE(work.designs[1]->document.set("duration", "\"50s\""));
  REQUIRE(designs_that_would_lose(work) == std::vector<std::size_t>{1});
  REQUIRE_FALSE(work.designs[0]->document.set("duration", "\"50s\""));
  REQUIRE(would_lose(work, 0));
}

TEST_CASE("paths: what a folder has to choose from", "[gui][settings]") {
  const fs::path home = scratch("paths");
  fs::create_directories(home / "later");
  fs::create_directories(home / ".hidden");
  for (const char* name : {"lag.json", "lag_b.json", "notes.md"}) put(home / name, "");
  const std::string in = home.string() + "/";
  const PathList all = list_path(in, ".json");
  REQUIRE(all.entries.size() == 3);
  REQUIRE(all.entries[0].name == "later");
  REQUIRE(all.entries[0].is_folder);
  REQUIRE(completed(all) == in + "la");
  REQUIRE(completed(list_path(in + "lat", ".json")) == in + "later/");
  REQUIRE(completed(list_path(in + "lag", ".json")) == in + "lag");
  REQUIRE(list_path(in + "x", ".json").entries.empty());
  REQUIRE(completed(list_path(in + "x", ".json")) == in + "x");
  REQUIRE_FALSE(list_path(in + "nowhere/x", ".json").exists);
  REQUIRE(near_path((fs::current_path() / "a" / "b").string()) == "a/b");
  REQUIRE(near_path("/b") == "/b");
}

TEST_CASE("templates: every shipped scenario with its purpose", "[gui][settings]") {
  const std::vector<Template> all = templates_in(std::string(LONGHAUL_ROOT) + "/scenarios");
  REQUIRE(all.size() > 100);
  REQUIRE(all.front().folder == "patterns");
  REQUIRE(all.front().is_flagship);
  REQUIRE(all.front().name == "three_regions_read_replicas");
  REQUIRE(std::count_if(all.begin(), all.end(), [](const Template& t) {
            return fits_template(t, "flagship") && t.is_flagship;
          }) == 1);
  std::size_t drills = 0;
  for (const Template& of : all) {
    INFO(of.path);
    REQUIRE_FALSE(of.purpose.empty());
    drills += of.is_drill ? 1 : 0;
  }
  REQUIRE(drills >= 3);
  const auto cached = std::find_if(
      all.begin(), all.end(), [](const Template& t) { return t.name == "read_through_cache"; });
  REQUIRE(cached != all.end());
  REQUIRE(fits_template(*cached, "THROUGH cache"));
  REQUIRE_FALSE(fits_template(*cached, "through kitchen"));
  REQUIRE(templates_in("/nowhere").empty());
  REQUIRE(folder_title("drills").starts_with("Drills"));
}

TEST_CASE("settings: what is damaged falls back, entry by entry, and is kept", "[gui][settings]") {
  const fs::path folder = scratch("damaged");
  const std::string path = (folder / "gui.json").string();
  const auto write = [&](const std::string& text) { std::ofstream(path) << text; };
  write(
      R"({"look": "purple", "scale": "big", "reduced_motion": 7, "recent": [null, "a.json", {}]})");
  const Settings odd = load_settings(path);
  REQUIRE(odd.look == "dark");
  REQUIRE(odd.scale == 1.0f);
  REQUIRE_FALSE(odd.reduced_motion);
  REQUIRE(std::find(odd.recent.begin(), odd.recent.end(), "a.json") != odd.recent.end());
  REQUIRE(std::find(odd.recent.begin(), odd.recent.end(), "") == odd.recent.end());
  REQUIRE_FALSE(fs::exists(path + ".damaged"));
  const std::string half = R"({"look": "light", "recent": ["a.js)";
  write(half);
  REQUIRE(load_settings(path).look == "dark");
  std::ifstream kept(path + ".damaged");
  REQUIRE(std::string(std::istreambuf_iterator<char>(kept), {}) == half);
}
