// What can be taken along of a run: the files of `longhaul run --out DIR`, and its pictures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "gui/model/background.h"
#include "gui/model/run_session.h"
#include "run/reports/files.h"

namespace longhaul {

// Of a complete run: those of the command line, byte for byte (but trace.json, for which see
// trace_while()), and pictures/*.svg.
std::vector<OutFile> exported_files(const RunView& run);

// Into that folder, which is made if need be. What the system said against it.
std::optional<Error> write_files(const std::string& folder, const std::vector<OutFile>& files);

// All of that with trace.json, written in the background: a trace needs a run of its own.
class RunExport {
 public:
  void start(std::string folder, std::shared_ptr<const RunView> run, std::function<void()> wake);
  bool running() const { return work_.running(); }
  struct Outcome {
    std::string folder;
    std::optional<Error> error;
  };
  // Of the work that has ended; told once.
  std::optional<Outcome> take();

 private:
  Background<Outcome> work_;
};

}  // namespace longhaul
