// How long frames took: median, 99th percentile, longest.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace longhaul {

class FrameTimes {
 public:
  void add(double seconds) { ms_.push_back(static_cast<float>(seconds * 1e3)); }

  // "812 frames: median 4.1 ms, p99 9.8 ms, longest 61.3 ms"
  std::string text() const {
    std::vector<float> sorted = ms_;
    std::sort(sorted.begin(), sorted.end());
    if (sorted.empty()) return "no frames";
    const auto at = [&](double share) {
      return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
    };
    char text[96];
    std::snprintf(text, sizeof text, "%zu frames: median %.1f ms, p99 %.1f ms, longest %.1f ms",
                  sorted.size(), at(0.5), at(0.99), at(1.0));
    return text;
  }

 private:
  std::vector<float> ms_;
};

}  // namespace longhaul
