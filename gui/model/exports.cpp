#include "gui/model/exports.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "gui/model/runs.h"
#include "run/reports/pictures.h"
#include "run/svg.h"

namespace longhaul {
namespace {

constexpr std::int64_t timeline_width = 1200;

// A picture of a page as a file of its own.
std::string standalone(const std::string& inside) {
  const std::size_t begins = inside.find("<svg");
  const std::size_t ends = inside.find('>', begins);
  if (begins == inside.npos || ends == inside.npos) return inside;
  const std::size_t shapes = ends + 1;
  return "<svg xmlns=\"http://www.w3.org/2000/svg\"" +
         inside.substr(begins + 4, shapes - begins - 4) + "\n<style>\n" + svg_style() +
         "</style>\n<rect class=\"ground\" width=\"100%\" height=\"100%\"/>" +
         inside.substr(shapes);
}

void add_pictures(std::vector<OutFile>& files, const std::string& name,
                  const std::vector<Picture>& pictures) {
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const std::string number = pictures.size() == 1 ? "" : "_" + std::to_string(i + 1);
    files.push_back({"pictures/" + name + number + ".svg", standalone(pictures[i].svg)});
  }
}

}  // namespace

std::vector<OutFile> exported_files(const RunView& run) {
  const LatencyLog log = latency_log(*run.scenario, run.result->figures);
  const Material material{*run.scenario, *run.result, *run.report, run.series, *run.cost, log};
  std::vector<OutFile> files = report_files(material);
  if (const std::string svg = timeline_svg(material, timeline_width); !svg.empty()) {
    files.push_back({"pictures/timeline.svg", standalone(svg)});
  }
  add_pictures(files, "latency", latency_pictures(material));
  add_pictures(files, "distribution", distribution_pictures(material));
  add_pictures(files, "lag", lag_pictures(material));
  add_pictures(files, "routing", routing_pictures(material));
  add_pictures(files, "load", load_pictures(material));
  return files;
}

std::optional<Error> write_files(const std::string& folder, const std::vector<OutFile>& files) {
  namespace fs = std::filesystem;
  for (const OutFile& file : files) {
    const fs::path path = fs::path(folder) / file.name;
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    std::ofstream stream(path, std::ios::binary | std::ios::trunc);
    stream << file.text;
    stream.close();
    if (!failed && stream) continue;
    Error error;
    error.file = path.string();
    error.value = failed ? failed.message() : "no place for it";
    error.expected = "a file to write";
    return error;
  }
  return std::nullopt;
}

void RunExport::start(std::string folder, std::shared_ptr<const RunView> run,
                      std::function<void()> wake) {
  work_.start(
      [folder = std::move(folder),
       run = std::move(run)](BackgroundControl& control) -> std::optional<Outcome> {
        std::vector<OutFile> files = exported_files(*run);
        auto trace = trace_while(*run->scenario, run->seed, [&] { return !control.cancelled(); });
        if (!trace) return std::nullopt;
        files.push_back({"trace.json", std::move(*trace)});
        return Outcome{folder, write_files(folder, files)};
      },
      std::move(wake));
}

std::optional<RunExport::Outcome> RunExport::take() {
  const auto outcome = work_.result();
  if (!outcome || work_.running()) return std::nullopt;
  work_.forget();
  return *outcome;
}

}  // namespace longhaul
