#include "tests/groundtruth/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace longhaul::groundtruth {
namespace {

constexpr double width = 720;
constexpr double height = 360;
constexpr double left = 70;
constexpr double right = 16;
constexpr double top = 56;
constexpr double bottom = 52;

// Vermillion and blue of Okabe and Ito: told apart by every kind of colour vision.
constexpr const char* measured_colour = "#d55e00";
constexpr const char* simulated_colour = "#0072b2";

// 1, 2 or 5 times a power of ten, so that at most eight fit into the span.
double tick_of(double span) {
  const double least = span / 8;
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (step * power >= least) return step * power;
  }
  return 10 * power;
}

struct Scale {
  double low = 0;
  double high = 1;
  double tick = 1;

  static Scale of(const std::vector<double>& a, const std::vector<double>& b) {
    Scale scale{0, 0, 1};
    for (const std::vector<double>* values : {&a, &b}) {
      for (const double value : *values) {
        scale.low = std::min(scale.low, value);
        scale.high = std::max(scale.high, value);
      }
    }
    scale.tick = tick_of(std::max(scale.high - scale.low, 1e-9));
    scale.low = std::floor(scale.low / scale.tick) * scale.tick;
    scale.high = std::ceil(scale.high / scale.tick) * scale.tick;
    return scale;
  }
  double share(double value) const { return (value - low) / (high - low); }
  int ticks() const { return static_cast<int>(std::lround((high - low) / tick)); }
};

class Drawing {
 public:
  explicit Drawing(const Chart& chart)
      : chart_(chart),
        x_(Scale::of(chart.measured.x, chart.simulated.x)),
        y_(Scale::of(chart.measured.y, chart.simulated.y)) {}

  std::string text() {
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" "
        "font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n",
        width, height);
    add("<title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
        chart_.title);
    label(left, 20, "start", chart_.title, " font-size=\"15\"");
    axes();
    legend();
    for (std::size_t i = 0; i < chart_.measured.x.size(); ++i) {
      add("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.4\" fill=\"{}\"/>\n",
          at_x(chart_.measured.x[i]), at_y(chart_.measured.y[i]), measured_colour);
    }
    line();
    return out_ + "</svg>\n";
  }

 private:
  double at_x(double value) const { return left + x_.share(value) * (width - left - right); }
  double at_y(double value) const {
    return height - bottom - y_.share(value) * (height - top - bottom);
  }

  template <class... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    out_ += fmt::format(format, std::forward<Values>(values)...);
  }

  void label(double x, double y, const char* anchor, const std::string& text,
             const std::string& more = {}) {
    add("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"#222222\"{}>{}</text>\n", x, y,
        anchor, more, text);
  }

  void axes() {
    for (int i = 0; i <= y_.ticks(); ++i) {
      const double value = y_.low + i * y_.tick;
      const double y = at_y(value);
      add("<path d=\"M{:.1f} {:.1f}H{:.1f}\" stroke=\"{}\"/>\n", left, y, width - right,
          i == 0 ? "#222222" : "#dddddd");
      label(left - 8, y + 4, "end", fmt::format("{:.6g}", value));
    }
    for (int i = 0; i <= x_.ticks(); ++i) {
      const double value = x_.low + i * x_.tick;
      add("<path d=\"M{:.1f} {:.1f}v5\" stroke=\"#222222\"/>\n", at_x(value), height - bottom);
      label(at_x(value), height - bottom + 20, "middle", fmt::format("{:.6g}", value));
    }
    label((left + width - right) / 2, height - 12, "middle", chart_.x_axis);
    label(16, (top + height - bottom) / 2, "middle", chart_.y_axis,
          fmt::format(" transform=\"rotate(-90 16 {:.1f})\"", (top + height - bottom) / 2));
  }

  void legend() {
    const double y = 38;
    add("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", left + 6, y - 4,
        measured_colour);
    label(left + 16, y, "start", "PostgreSQL 15");
    add("<path d=\"M{:.1f} {:.1f}h24\" stroke=\"{}\" stroke-width=\"2\"/>\n", left + 130, y - 4,
        simulated_colour);
    label(left + 160, y, "start", "simulated");
  }

  void line() {
    add("<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"2\" points=\"", simulated_colour);
    for (std::size_t i = 0; i < chart_.simulated.x.size(); ++i) {
      add("{}{:.1f},{:.1f}", i == 0 ? "" : " ", at_x(chart_.simulated.x[i]),
          at_y(chart_.simulated.y[i]));
    }
    out_ += "\"/>\n";
  }

  const Chart& chart_;
  Scale x_;
  Scale y_;
  std::string out_;
};

}  // namespace

std::string to_svg(const Chart& chart) { return Drawing(chart).text(); }

}  // namespace longhaul::groundtruth
