// The figures of the measured experiments that are compared, as figures.json lists them.
#pragma once

#include <string>
#include <vector>

namespace longhaul::groundtruth {

struct Figure {
  std::string name;
  std::string unit;  // ms, s, bytes, MB/s, 1/s
  double median = 0;
  double min = 0;
  double max = 0;
  std::string definition;
};

struct NotCompared {
  std::vector<std::string> figures;
  std::string reason;
};

struct Experiment {
  std::string id;  // kind/case
  std::string scenario;
  std::string parameters;
  std::vector<Figure> figures;
  std::vector<NotCompared> not_compared;

  std::string kind() const { return id.substr(0, id.find('/')); }
  std::string variant() const {
    return id.find('/') == std::string::npos ? "" : id.substr(id.find('/') + 1);
  }
};

std::vector<Experiment> read_experiments(const std::string& path);

// A column of a measured curve by its name in the first line.
std::vector<double> read_column(const std::string& path, const std::string& name);

}  // namespace longhaul::groundtruth
