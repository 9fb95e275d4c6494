// The files of `longhaul run --out DIR`, by name; docs/reports.md describes each.
#pragma once

#include <string>
#include <vector>

#include "run/reports/material.h"

namespace longhaul {

struct OutFile {
  std::string name;
  std::string text;
};

std::vector<OutFile> report_files(const Material& material);

}  // namespace longhaul
