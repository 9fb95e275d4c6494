// The rules of the house that a compiler does not know: which folder may include which, what would
// break determinism, and what makes files hard to read. Each rule is a function from one source
// file to complaints; the last test applies them all to every file of the repository.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/catch.h"

namespace longhaul {
namespace {

using Complaints = std::vector<std::string>;
using Names = std::set<std::string, std::less<>>;

struct Source {
  std::string path;  // from the root of the repository
  std::string text;

  std::string folder() const { return path.substr(0, path.find('/')); }
};

std::string at(const Source& source, int line, std::string_view message) {
  return source.path + ":" + std::to_string(line) + ": " + std::string(message);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// ---- Floors ------------------------------------------------------------------------------------

// What a folder may include of ours, and the packages (by the beginning of the header's name).
struct Floor {
  Names folders;
  Names packages;
};

const std::map<std::string, Floor, std::less<>>& floors() {
  static const Names below_run{"base", "policy", "sql", "sim", "models"};
  static const Names below_cli{"base", "policy", "sql", "sim", "models", "run"};
  static const std::map<std::string, Floor, std::less<>> table{
      {"base", {{}, {}}},
      {"policy", {{"base"}, {}}},
      {"sql", {{"base", "policy"}, {"pg_query.h"}}},
      {"sim", {{"base"}, {"Random123/"}}},
      {"models", {{"base", "policy", "sim"}, {"boost/", "Eigen/"}}},
      {"run", {below_run, {"nlohmann/", "fmt/", "sqlite3.h"}}},
      {"live", {below_cli, {"libpq", "spdlog/", "fmt/"}}},
      {"cli",
       {below_cli, {"CLI/", "spdlog/", "fmt/", "nlohmann/", "poll.h", "sys/wait.h", "unistd.h"}}},
      {"gui",
       {below_cli, {"imgui", "backends/imgui", "GLFW/", "stb/", "fmt/", "malloc.h", "unistd.h"}}},
  };
  return table;
}

// Headers with a home: allowed in these files and nowhere else on the floors.
const std::map<std::string, Names, std::less<>>& homes() {
  static const Names sweep{"run/sweep.cpp", "run/sweep.h"};
  static const std::map<std::string, Names, std::less<>> table{
      {"Eigen/", {"models/theory.cpp"}},
      {"boost/",
       {"models/net/topology.cpp", "models/net/topology.h", "models/build.cpp", "models/build.h"}},
      {"sqlite3.h", {"run/store.cpp"}},
      {"thread", sweep},
      {"mutex", sweep},
      {"condition_variable", sweep},
      {"future", sweep},
  };
  return table;
}

// Standard headers that floors 0 to 2 do without: clocks, files, threads, printing, luck, libm.
const Names& headers_above_models() {
  static const Names names{"atomic", "chrono",        "cmath",         "condition_variable",
                           "cstdio", "ctime",         "filesystem",    "fstream",
                           "future", "iostream",      "math.h",        "mutex",
                           "print",  "random",        "stdio.h",       "thread",
                           "time.h", "unordered_map", "unordered_set", "regex"};
  return names;
}

bool is_below_run(const Source& source) {
  return source.folder() == "base" || source.folder() == "policy" || source.folder() == "sql" ||
         source.folder() == "sim" || source.folder() == "models";
}

bool is_theory(const Source& source) { return source.path.starts_with("models/theory."); }

bool is_det_math(const Source& source) { return source.path.starts_with("sim/det_math."); }

std::string complaint_about_own(const Source& source, const std::string& header) {
  std::size_t slash = header.find('/');
  if (slash == header.npos) return "is not written from the root of the repository";
  std::string folder = header.substr(0, slash);
  if (folder == source.folder()) return "";
  bool allowed = floors().at(source.folder()).folders.contains(folder);
  return allowed ? "" : "points from " + source.folder() + " to " + folder;
}

std::string complaint_about_package(const Source& source, const std::string& header) {
  if (is_below_run(source) && headers_above_models().contains(header)) {
    bool excused = (header == "cmath" && (is_theory(source) || is_det_math(source))) ||
                   (header == "cstdio" && source.path == "base/check_abort.cpp");
    return excused ? "" : "has no place below run";
  }
  for (const auto& [beginning, files] : homes()) {
    bool same = beginning.ends_with('/') ? header.starts_with(beginning) : header == beginning;
    if (same && floors().at(source.folder()).folders.size() < 6 && !files.contains(source.path)) {
      return "belongs into " + *files.begin();
    }
  }
  bool standard = header.find('/') == header.npos && header.find('.') == header.npos;
  if (standard) return "";
  for (const std::string& package : floors().at(source.folder()).packages) {
    if (header.starts_with(package)) return "";
  }
  return "is of a package that " + source.folder() + " does not use";
}

Complaints wrong_includes(const Source& source) {
  Complaints complaints;
  if (!floors().contains(source.folder())) return complaints;
  int number = 0;
  for (const std::string& line : lines_of(source.text)) {
    number += 1;
    if (!line.starts_with("#include")) continue;
    std::size_t open = line.find_first_of("<\"");
    std::size_t close = line.find_first_of(">\"", open + 1);
    if (open == line.npos || close == line.npos) continue;
    std::string header = line.substr(open + 1, close - open - 1);
    std::string complaint = line[open] == '"' ? complaint_about_own(source, header)
                                              : complaint_about_package(source, header);
    if (!complaint.empty()) {
      complaints.push_back(at(source, number, line.substr(open) + " " + complaint));
    }
  }
  return complaints;
}

// ---- Words that end determinism ----------------------------------------------------------------

// The text with comments and the insides of literals as spaces; the lines stay where they are.
// A digit separator is no character literal. Raw strings end at the first )".
std::string code_only(const std::string& text) {
  std::string code = text;
  auto blank = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < std::min(to, code.size()); ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
  };
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    if (text.compare(i, 2, "//") == 0) {
      end = std::min(text.find('\n', i), text.size());
      blank(i, end);
    } else if (text.compare(i, 2, "/*") == 0) {
      end = std::min(text.find("*/", i + 2), text.size() - 2) + 2;
      blank(i, end);
    } else if (text.compare(i, 3, "R\"(") == 0) {
      end = std::min(text.find(")\"", i + 3), text.size() - 2) + 2;
      blank(i, end);
    } else if (text[i] == '"' || (text[i] == '\'' && (i == 0 || !std::isalnum(text[i - 1])))) {
      while (end < text.size() && text[end] != text[i]) end += text[end] == '\\' ? 2 : 1;
      blank(i + 1, end);
      end += 1;
    }
    i = end;
  }
  return code;
}

struct Word {
  std::string text;
  int line = 0;
  bool in_std = false;   // std:: stands in front
  bool is_bare = false;  // no scope, object or type stands in front
  bool is_call = false;  // ( stands behind
};

std::vector<Word> words_of(const std::string& code) {
  std::vector<Word> words;
  auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  int line = 1;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] == '\n') line += 1;
    if (!is_letter(code[i])) continue;
    std::size_t end = i;
    while (end < code.size() && is_letter(code[end])) end += 1;
    Word word{.text = code.substr(i, end - i), .line = line};
    word.in_std = i >= 5 && code.compare(i - 5, 5, "std::") == 0;
    word.is_bare = i == 0 || (code[i - 1] != ':' && code[i - 1] != '.' && code[i - 1] != '>');
    const bool is_declared = i >= 3 && code.compare(i - 2, 2, "& ") == 0 && is_letter(code[i - 3]);
    word.is_bare = word.is_bare && !is_declared;  // "WalLog& log("
    word.is_call = end < code.size() && code[end] == '(';
    words.push_back(word);
    i = end - 1;
  }
  return words;
}

bool is_libm_call(const Word& word) {
  static const Names names{"log",   "log2", "log10", "log1p",  "exp",     "exp2",
                           "expm1", "pow",  "sqrt",  "cbrt",   "hypot",   "sin",
                           "cos",   "tan",  "fmod",  "tgamma", "lgamma",  "erf",
                           "floor", "ceil", "round", "lround", "llround", "trunc"};
  static const Names plain{"log", "exp", "pow", "sqrt", "sin", "cos", "tan"};
  if (!word.is_call) return false;
  return (word.in_std && names.contains(word.text)) || (word.is_bare && plain.contains(word.text));
}

Complaints banned_words(const Source& source) {
  Complaints complaints;
  if (!is_below_run(source)) return complaints;
  bool may_use_double =
      is_det_math(source) || is_theory(source) || source.path.starts_with("sim/distributions.");
  for (const Word& word : words_of(code_only(source.text))) {
    std::string reason;
    if (word.text == "float") reason = "rounds differently; use integers";
    if (word.text == "double" && !may_use_double) reason = "belongs into det_math; use integers";
    if (word.in_std && word.text.starts_with("unordered_")) reason = "has no order; use a vector";
    if (word.in_std && (word.text == "shuffle" || word.text == "random_device" ||
                        word.text.starts_with("mt19937"))) {
      reason = "differs between libraries; draw by key (sim/rng.h)";
    }
    if (word.text == "thread_local") reason = "hides state; the world is a value";
    // IEEE 754 demands a correctly rounded square root, so that one is the same everywhere.
    bool is_exact = word.text == "sqrt" && is_det_math(source);
    if (is_libm_call(word) && !is_exact && !is_theory(source)) {
      reason = "differs between machines; det_math.h";
    }
    if (!reason.empty()) complaints.push_back(at(source, word.line, word.text + " " + reason));
  }
  return complaints;
}

// ---- Shape -------------------------------------------------------------------------------------

std::size_t columns_of(std::string_view line) {
  // The bytes behind the first of a UTF-8 character begin with the bits 10.
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

Complaints wrong_shape(const Source& source) {
  Complaints complaints;
  std::vector<std::string> lines = lines_of(source.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (columns_of(lines[i]) <= 100) continue;
    complaints.push_back(at(source, static_cast<int>(i) + 1, "has more than 100 columns"));
  }
  if (lines.size() > 500) complaints.push_back(at(source, 501, "split the file by concern"));
  std::istringstream parts(std::filesystem::path(source.path).stem().string());
  for (std::string part; std::getline(parts, part, '_');) {
    for (const char* vague : {"util", "utils", "helper", "helpers", "common", "misc"}) {
      if (part == vague) complaints.push_back(at(source, 1, "the name says nothing: " + part));
    }
  }
  if (source.path.ends_with(".h") && source.text.find("\n#pragma once\n") == std::string::npos) {
    complaints.push_back(at(source, 1, "the header lacks #pragma once below its comment"));
  }
  return complaints;
}

// ---- The repository ----------------------------------------------------------------------------

std::vector<Source> sources_below(const std::filesystem::path& root) {
  std::vector<Source> sources;
  for (const char* folder : {"base", "policy", "sql", "sim", "models", "run", "live", "cli", "gui",
                             "tests", "bench", "tools"}) {
    if (!std::filesystem::exists(root / folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      std::string extension = entry.path().extension().string();
      if (!entry.is_regular_file() || (extension != ".h" && extension != ".cpp")) continue;
      std::ostringstream text;
      text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      sources.push_back({std::filesystem::relative(entry.path(), root).string(), text.str()});
    }
  }
  std::sort(sources.begin(), sources.end(),
            [](const Source& a, const Source& b) { return a.path < b.path; });
  return sources;
}

// Two types of one name in two headers: a program that holds both breaks silently.
Complaints types_of_one_name(const std::vector<Source>& sources) {
  Complaints complaints;
  std::map<std::string, std::string> homes;  // by namespace and name
  for (const Source& source : sources) {
    if (!source.path.ends_with(".h") || floors().count(source.folder()) == 0) continue;
    std::string space;
    for (const std::string& line : lines_of(source.text)) {
      std::istringstream words(line);
      std::string kind;
      std::string name;
      words >> kind >> name;
      if (line.starts_with("namespace ")) space = name;
      if (line.starts_with("enum class ")) words >> name;
      const bool begins_type = line.starts_with("struct ") || line.starts_with("class ") ||
                               line.starts_with("enum class ");
      if (!begins_type || line.find('{') == std::string::npos) continue;
      const auto [at, is_new] = homes.emplace(space + "::" + name, source.path);
      if (!is_new) complaints.push_back(source.path + ": " + name + " is also in " + at->second);
    }
  }
  return complaints;
}

Complaints include_in(const std::string& path, const std::string& header) {
  return wrong_includes({path, "#include " + header + "\n"});
}

Complaints word_in(const std::string& path, const std::string& code) {
  return banned_words({path, code + "\n"});
}

}  // namespace

TEST_CASE("tidy: floors: an arrow upwards or sideways names the pair", "[tidy]") {
  REQUIRE(include_in("policy/router.h", "\"sim/rng.h\"") ==
          Complaints{"policy/router.h:1: \"sim/rng.h\" points from policy to sim"});
  REQUIRE(include_in("base/units.h", "\"policy/types.h\"").size() == 1);
  REQUIRE(include_in("sim/trace.h", "\"policy/types.h\"").size() == 1);
  REQUIRE(include_in("models/cluster.h", "\"run/report.h\"").size() == 1);
  REQUIRE(include_in("policy/router.h", "\"sql/classify.h\"").size() == 1);
  REQUIRE(include_in("models/cluster.h", "\"sql/classify.h\"").size() == 1);
  REQUIRE(include_in("run/runner.cpp", "\"cli/commands.h\"").size() == 1);
  REQUIRE(include_in("gui/app.cpp", "\"cli/commands.h\"").size() == 1);
  REQUIRE(include_in("policy/router.h", "\"types.h\"").size() == 1);
}

TEST_CASE("tidy: floors: an arrow downwards or within a folder is fine", "[tidy]") {
  REQUIRE(include_in("policy/router.h", "\"base/units.h\"").empty());
  REQUIRE(include_in("policy/router.h", "\"policy/types.h\"").empty());
  REQUIRE(include_in("models/app/app_node.h", "\"policy/router.h\"").empty());
  REQUIRE(include_in("cli/main.cpp", "\"run/report.h\"").empty());
  REQUIRE(include_in("tests/tidy_test.cpp", "\"run/report.h\"").empty());
}

TEST_CASE("tidy: floors: packages stay where they belong", "[tidy]") {
  REQUIRE(include_in("sim/rng.h", "<Random123/philox.h>").empty());
  REQUIRE(include_in("policy/router.h", "<vector>").empty());
  REQUIRE(include_in("sql/parse_tree.cpp", "<pg_query.h>").empty());
  REQUIRE(include_in("run/scenario.cpp", "<pg_query.h>").size() == 1);
  REQUIRE(include_in("models/theory.cpp", "<Eigen/Dense>").empty());
  REQUIRE(include_in("run/sweep.cpp", "<thread>").empty());
  REQUIRE(include_in("run/config_json.cpp", "<nlohmann/json.hpp>").empty());
  REQUIRE(include_in("models/cluster.cpp", "<Random123/philox.h>").size() == 1);
  REQUIRE(include_in("models/cluster.cpp", "<Eigen/Dense>") ==
          Complaints{"models/cluster.cpp:1: <Eigen/Dense> belongs into models/theory.cpp"});
  REQUIRE(include_in("run/runner.cpp", "<thread>").size() == 1);
  REQUIRE(include_in("run/runner.cpp", "<spdlog/spdlog.h>").size() == 1);
  REQUIRE(include_in("models/cluster.cpp", "<nlohmann/json.hpp>").size() == 1);
  REQUIRE(include_in("policy/router.cpp", "<chrono>").size() == 1);
  REQUIRE(include_in("sim/rng.h", "<random>").size() == 1);
  REQUIRE(include_in("models/net/network.cpp", "<cmath>").size() == 1);
}

TEST_CASE("tidy: words: what ends determinism is found in code", "[tidy]") {
  REQUIRE(word_in("sim/metrics.cpp", "\ndouble mean = 0;") ==
          Complaints{"sim/metrics.cpp:2: double belongs into det_math; use integers"});
  REQUIRE(word_in("sim/det_math.h", "float x;").size() == 1);
  REQUIRE(word_in("models/data.h", "std::unordered_map<int, int> rows;").size() == 1);
  REQUIRE(word_in("models/data.h", "std::shuffle(a, b, c);").size() == 1);
  REQUIRE(word_in("models/data.h", "auto x = std::floor(y);").size() == 1);
  REQUIRE(word_in("sim/distributions.h", "auto x = log(y);").size() == 1);
  REQUIRE(word_in("sim/det_math.cpp", "auto x = std::exp(y);").size() == 1);
  REQUIRE(word_in("base/units.h", "thread_local int x;").size() == 1);
}

TEST_CASE("tidy: words: comments, texts and other names are left alone", "[tidy]") {
  REQUIRE(word_in("sim/metrics.cpp", "// a double").empty());
  REQUIRE(word_in("sim/metrics.cpp", "/* a\n double */ int i = 1'000; char c = '\"';").empty());
  REQUIRE(word_in("sim/metrics.cpp", "auto s = \"a \\\" double\"; int doubled;").empty());
  REQUIRE(word_in("sim/metrics.cpp", "int i = 1'000; double j;").size() == 1);
  REQUIRE(word_in("sim/metrics.cpp", "auto s = R\"(a double)\"; double j;").size() == 1);
  REQUIRE(word_in("sim/det_math.h", "double x = det_log(y); trace.log(x);").empty());
  REQUIRE(word_in("models/world.h", "WalLog& log(LogId id);").empty());
  REQUIRE(word_in("models/world.h", "bool x = a && log(y);").size() == 1);
  REQUIRE(word_in("sim/det_math.cpp", "double x = std::sqrt(y);").empty());
  REQUIRE(word_in("models/theory.cpp", "double x = std::exp(y);").empty());
  REQUIRE(word_in("run/report.cpp", "double x = std::exp(y);").empty());
}

TEST_CASE("tidy: shape: long lines, long files and vague names are found", "[tidy]") {
  std::string header = "// Says what.\n#pragma once\n";
  REQUIRE(wrong_shape({"sim/rng.h", header + std::string(100, 'x') + "\n"}).empty());
  REQUIRE(wrong_shape({"sim/rng.h", header + std::string(101, 'x') + "\n"}) ==
          Complaints{"sim/rng.h:3: has more than 100 columns"});
  REQUIRE(wrong_shape({"sim/rng.h", header + std::string(99, 'x') + "µ\n"}).empty());
  REQUIRE(wrong_shape({"sim/rng.cpp", std::string(500, '\n')}).empty());
  REQUIRE(wrong_shape({"sim/rng.cpp", std::string(501, '\n')}).size() == 1);
  REQUIRE(wrong_shape({"sim/time_utils.cpp", "\n"}).size() == 1);
  REQUIRE(wrong_shape({"sim/commonly.cpp", "\n"}).empty());
  REQUIRE(wrong_shape({"sim/rng.h", "#ifndef X\n"}).size() == 1);
}

TEST_CASE("tidy: types: a name that two headers give to different types is found", "[tidy]") {
  const std::string text = "namespace longhaul {\n\nstruct Axis {\n};\n";
  REQUIRE(types_of_one_name({{"run/a.h", text}, {"run/b.h", text}}).size() == 1);
  REQUIRE(types_of_one_name({{"run/a.h", text}, {"run/b.cpp", text}}).empty());
  REQUIRE(types_of_one_name({{"run/a.h", text}, {"run/b.h", "struct Axis;\n"}}).empty());
}

TEST_CASE("tidy: every test source is built", "[tidy]") {
  namespace fs = std::filesystem;
  std::string lists;
  std::vector<std::string> sources;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(LONGHAUL_ROOT) / "tests")) {
    const std::string name = entry.path().filename().string();
    if (name == "CMakeLists.txt") {
      std::ifstream file(entry.path());
      lists.append(std::istreambuf_iterator<char>(file), {});
    } else if (name.ends_with("_test.cpp")) {
      sources.push_back(name);
    }
  }
  REQUIRE(sources.size() > 50);
  for (const std::string& source : sources) {
    INFO(source);
    REQUIRE(lists.find(source) != std::string::npos);
  }
}

TEST_CASE("tidy: every source file keeps the rules of the house", "[tidy]") {
  std::vector<Source> sources = sources_below(LONGHAUL_ROOT);
  auto is_this = [](const Source& source) { return source.path == "tests/tidy_test.cpp"; };
  REQUIRE(std::any_of(sources.begin(), sources.end(), is_this));
  std::string all;
  for (const Source& source : sources) {
    for (const auto& rule : {wrong_includes, banned_words, wrong_shape}) {
      for (const std::string& complaint : rule(source)) all += complaint + "\n";
    }
  }
  for (const std::string& complaint : types_of_one_name(sources)) all += complaint + "\n";
  INFO(all);
  REQUIRE(all.empty());
}

}  // namespace longhaul
