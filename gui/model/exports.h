// What can be taken along of a run: the files of `longhaul run --out DIR`, and its pictures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "gui/model/run_session.h"
#include "run/reports/files.h"

namespace longhaul {

// Of a complete run: those of the command line, byte for byte (but trace.json, which needs a run of
// its own), and pictures/*.svg.
std::vector<OutFile> exported_files(const RunView& run);

// Into that folder, which is made if need be. What the system said against it.
std::optional<Error> write_files(const std::string& folder, const std::vector<OutFile>& files);

}  // namespace longhaul
