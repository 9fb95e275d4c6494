// A simulated curve over measured points, as a file.
#pragma once

#include <string>
#include <vector>

namespace longhaul::groundtruth {

struct Points {
  std::vector<double> x;
  std::vector<double> y;
};

struct Chart {
  std::string file;  // without folder
  std::string title;
  std::string x_axis;
  std::string y_axis;
  Points measured;   // points
  Points simulated;  // a line
};

std::string to_svg(const Chart& chart);

}  // namespace longhaul::groundtruth
