// Two axes with even ticks and units, and what is drawn between them.
//
// Values are the integers of the reports (ns, bytes, ppm, counts). Ticks stand at round values of
// the quantity: 1, 2 and 5 times a power of ten; of times above a minute 1, 2, 5, 10, 15 and 30
// minutes or hours; of bytes powers of two. A logarithmic axis has a tick for each power of ten
// (two, of bytes) that it has room for, and cannot show zero: values below its start stand at its
// start.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "run/svg.h"

namespace longhaul {

// `time` is a moment since the start; `rate` is per second in thousandths; `money` in millionths of
// a dollar.
enum class Quantity : std::uint8_t { duration, time, bytes, byte_rate, share, count, rate, money };

struct PlotAxis {
  std::string title;  // "replay lag"; units stand at the ticks
  Quantity quantity = Quantity::count;
  std::int64_t from = 0;
  std::int64_t to = 1;
  bool logarithmic = false;
};

struct Tick {
  std::int64_t value = 0;
  std::string text;
};

// "83.2ms", "12.5%", "1.5MiB", "28.5k"
std::string quantity_text(Quantity quantity, std::int64_t value);

// At most `most` of them, from the axis's range.
std::vector<Tick> ticks(const PlotAxis& axis, std::size_t most);

// The axis's end moved up to the next tick, so that the topmost value has a figure above it.
PlotAxis rounded(PlotAxis axis, std::size_t most);

struct PlotSample {
  std::int64_t x = 0;
  std::optional<std::int64_t> y;  // absent: the line has a gap
};

struct PlotLine {
  std::string name;  // stands at its end
  std::vector<PlotSample> samples;
  std::size_t series = 0;
  bool steps = false;    // holds its value until the next sample
  bool markers = false;  // one at every sample, else some to tell the lines apart
  // What it ran through up to each sample, as an area behind it: by sample, or empty.
  std::vector<PlotSample> least = {};
  std::vector<PlotSample> most = {};
};

// A span of the x axis with a cause: a fault, an outage.
struct PlotBand {
  std::string name;
  std::int64_t from = 0;
  std::int64_t to = 0;
};

class Plot {
 public:
  struct Size {
    std::int64_t width = 420;  // pixels
    std::int64_t height = 230;
    std::int64_t right = 10;  // room for the names of lines
    std::int64_t top = 22;    // for the title of the y axis
    std::int64_t below = 0;   // for what stands under the x axis
  };

  Plot(std::string_view title, Size size, PlotAxis x, PlotAxis y);

  // How much room names need at the right.
  static std::int64_t room_for(const std::vector<PlotLine>& lines);

  std::int64_t x(std::int64_t value) const;  // tenths of a pixel
  std::int64_t y(std::int64_t value) const;

  // In this order: bands, axes, areas, lines.
  void bands(const std::vector<PlotBand>& bands);
  void axes();
  void areas(const std::vector<PlotLine>& lines);  // each stands on those before it
  void lines(const std::vector<PlotLine>& lines);
  void level(std::int64_t value, std::string_view name);   // a bound, dashed across
  void moment(std::int64_t value, std::string_view name);  // likewise upwards

  Drawing& drawing() { return drawing_; }
  Box inner() const { return inner_; }

 private:
  struct Name {
    std::int64_t y = 0;
    const PlotLine* line = nullptr;
  };
  void names(std::vector<Name> names);
  void reach(const PlotLine& line);

  PlotAxis x_;
  PlotAxis y_;
  Box inner_;
  Drawing drawing_;
};

}  // namespace longhaul
