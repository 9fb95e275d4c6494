// How long frames took, and how long it took from a change to the picture of its result: median,
// 99th percentile, longest.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace longhaul {

class FrameTimes {
 public:
  void add(double seconds) { ms_.push_back(static_cast<float>(seconds * 1e3)); }

  // "812 frames: median 4.1 ms, p99 9.8 ms, longest 61.3 ms"
  std::string text(const char* of_what) const {
    std::vector<float> sorted = ms_;
    std::sort(sorted.begin(), sorted.end());
    if (sorted.empty()) return std::string("no ") + of_what;
    const auto at = [&](double share) {
      return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
    };
    char text[96];
    std::snprintf(text, sizeof text, "%zu %s: median %.1f ms, p99 %.1f ms, longest %.1f ms",
                  sorted.size(), of_what, at(0.5), at(0.99), at(1.0));
    return text;
  }

 private:
  std::vector<float> ms_;
};

// From the frame in which a run was asked for to the end of the one that shows its result.
class ResultTimes {
 public:
  // Of one frame: which run is wanted, counted from 1, and which one's result was drawn, 0: none.
  void add(std::uint64_t wanted, std::uint64_t drawn, double began_s, double ended_s) {
    if (wanted != wanted_) asked_s_ = began_s;
    wanted_ = wanted;
    if (drawn == wanted && shown_ != drawn) times_.add(ended_s - asked_s_);
    shown_ = drawn;
  }
  std::string text() const { return times_.text("results"); }

 private:
  FrameTimes times_;
  std::uint64_t wanted_ = 0;
  std::uint64_t shown_ = 0;
  double asked_s_ = 0;
};

}  // namespace longhaul
