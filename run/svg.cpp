#include "run/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

std::string px(std::int64_t tenths) {
  const std::int64_t size = tenths < 0 ? -tenths : tenths;
  std::string text = (tenths < 0 ? "-" : "") + std::to_string(size / 10);
  if (size % 10 != 0) text += "." + std::to_string(size % 10);
  return text;
}

std::string pair_text(Point at) { return px(at.x) + "," + px(at.y); }

std::string points_text(const std::vector<Point>& points) {
  std::string text;
  for (const Point& at : points) text += (text.empty() ? "" : " ") + pair_text(at);
  return text;
}

std::string tip_text(std::string_view tip) {
  return tip.empty() ? "/>" : fmt::format("><title>{}</title>", escaped(tip));
}

std::string closed(std::string_view tag, std::string_view tip) {
  return tip.empty() ? "\n" : fmt::format("</{}>\n", tag);
}

// Without yellow, which is too pale to be a line on paper.
constexpr std::array<std::string_view, series_styles> on_light{
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222"};
constexpr std::array<std::string_view, series_styles> on_dark{
    "#4aa8e0", "#ff8a3d", "#2cc79a", "#e39bc4", "#f0b640", "#9ad4f5", "#eeeeee"};
constexpr std::array<std::string_view, series_styles> dashes{"none", "7 3", "2 2.5", "9 3 2 3",
                                                             "4 2",  "1 3", "12 4"};

// Across a tile of 8 x 8.
constexpr std::array<std::string_view, series_styles> hatches{"",
                                                              "M-2 10L10 -2M-2 2L2 -2M6 10L10 6",
                                                              "M0 4H8",
                                                              "M-2 -2L10 10M-2 6L2 10M6 -2L10 2",
                                                              "M4 0V8",
                                                              "M0 4H8M4 0V8",
                                                              "M2 2h2M6 6h2"};

// Corners in quarters of the radius; none: a circle.
const std::array<std::vector<Point>, 5>& marker_shapes() {
  static const std::array<std::vector<Point>, 5> shapes{{
      {},
      {{-4, -4}, {4, -4}, {4, 4}, {-4, 4}},
      {{0, -5}, {5, 4}, {-5, 4}},
      {{0, -6}, {6, 0}, {0, 6}, {-6, 0}},
      {{-2, -5},
       {2, -5},
       {2, -2},
       {5, -2},
       {5, 2},
       {2, 2},
       {2, 5},
       {-2, 5},
       {-2, 2},
       {-5, 2},
       {-5, -2},
       {-2, -2}},
  }};
  return shapes;
}

struct Tone {
  std::string_view name;
  std::string_view light;
  std::string_view dark;
};
constexpr std::array tones{
    Tone{"ground", "#ffffff", "#16191d"}, Tone{"ink", "#1c1f23", "#e8eaed"},
    Tone{"pale", "#5b6168", "#a9b0b8"},   Tone{"rule", "#dfe2e6", "#343a41"},
    Tone{"band", "#f3e3c3", "#4a3a1c"},   Tone{"good", "#00704f", "#3fd0a3"},
    Tone{"bad", "#b23c00", "#ff9a57"},    Tone{"warning", "#8a5b00", "#f0b640"},
};

std::string variables(bool dark) {
  std::string text;
  for (const Tone& tone : tones) {
    text += fmt::format("--{}:{};", tone.name, dark ? tone.dark : tone.light);
  }
  for (std::size_t i = 0; i < series_styles; ++i) {
    text += fmt::format("--s{}:{};", i, dark ? on_dark[i] : on_light[i]);
  }
  return text;
}

std::string_view light_of(std::string_view name) {
  for (const Tone& tone : tones) {
    if (tone.name == name) return tone.light;
  }
  for (std::size_t i = 0; i < series_styles; ++i) {
    if (name == fmt::format("s{}", i)) return on_light[i];
  }
  CHECK(false);
}

// "fill:var(--ink)" becomes "fill:#1c1f23;fill:var(--ink)": who knows no variables draws on white.
std::string with_plain_colours(std::string_view rules) {
  std::string text;
  for (std::size_t at = 0; at < rules.size();) {
    const std::size_t value = rules.find(":var(--", at);
    if (value == rules.npos) return text.append(rules.substr(at));
    const std::size_t property = rules.find_last_of("{;", value) + 1;
    const std::size_t name = value + 7;
    const std::size_t end = rules.find(')', name);
    text.append(rules.substr(at, value - at)).append(":");
    text.append(light_of(rules.substr(name, end - name))).append(";");
    text.append(rules.substr(property, end + 1 - property));
    at = end + 1;
  }
  return text;
}

}  // namespace

std::string line_class(std::size_t series) {
  const std::size_t i = series % series_styles;
  return fmt::format("line-{} dash-{}", i, i);
}

std::string fill_class(std::size_t series) {
  return fmt::format("fill-{}", series % series_styles);
}

std::string svg_style() {
  std::string text = fmt::format(
      ":root{{color-scheme:light dark;{}}}\n"
      "@media (prefers-color-scheme:dark){{:root{{{}}}}}\n"
      "@media print{{:root{{color-scheme:light;{}}}}}\n",
      variables(false), variables(true), variables(false));
  std::string rules =
      "svg{font-family:system-ui,'DejaVu Sans',Arial,sans-serif;font-size:12px;"
      "font-variant-numeric:tabular-nums}\n"
      "svg text{fill:var(--ink)}svg .small{font-size:11px}svg .strong{font-weight:600}"
      "svg .faint{fill:var(--pale)}svg .middle{text-anchor:middle}svg .end{text-anchor:end}\n"
      "svg .halo{paint-order:stroke;stroke:var(--ground);stroke-width:4px;stroke-linejoin:round}\n"
      "svg .ground{fill:var(--ground)}svg .band{fill:var(--band);fill-opacity:.7}"
      "svg .area{fill-opacity:.8;stroke:var(--ground);stroke-width:1px}"
      "svg .reach{fill-opacity:.2}"
      "svg .axis{stroke:var(--pale);fill:none}svg .grid{stroke:var(--rule);fill:none}"
      "svg .frame{stroke:var(--rule);fill:none}\n"
      "svg .good{fill:var(--good)}svg .bad{fill:var(--bad)}svg .warning{fill:var(--warning)}"
      "svg .hatch{stroke:var(--ground);stroke-width:1.2px;fill:none}"
      "svg .mark{stroke:var(--bad);stroke-dasharray:3 2;fill:none}\n";
  for (std::size_t i = 0; i < series_styles; ++i) {
    rules += fmt::format(
        "svg .line-{0}{{stroke:var(--s{0});fill:none;stroke-width:1.6px;stroke-linejoin:round}}"
        "svg .fill-{0}{{fill:var(--s{0})}}svg .dash-{0}{{stroke-dasharray:{1}}}\n",
        i, dashes[i]);
  }
  return text + with_plain_colours(rules);
}

std::int64_t width_of(std::string_view text, bool small) {
  return static_cast<std::int64_t>(width_of_text(text)) * (small ? 66 : 72);
}

Drawing::Drawing(std::int64_t width, std::int64_t height, std::string_view title)
    : width_(width), height_(height), title_(title) {}

void Drawing::line(Point from, Point to, std::string_view classes) {
  shapes_ +=
      fmt::format("<path class=\"{}\" d=\"M{}L{}\"/>\n", classes, pair_text(from), pair_text(to));
}

void Drawing::polyline(const std::vector<Point>& points, std::string_view classes) {
  if (points.empty()) return;
  shapes_ += fmt::format("<polyline class=\"{}\" points=\"{}\"/>\n", classes, points_text(points));
}

void Drawing::polygon(const std::vector<Point>& points, std::string_view classes) {
  if (points.empty()) return;
  shapes_ += fmt::format("<polygon class=\"{}\" points=\"{}\"/>\n", classes, points_text(points));
}

void Drawing::curve(Point from, Point bend, Point to, std::string_view classes) {
  shapes_ += fmt::format("<path class=\"{}\" d=\"M{}Q{} {}\"/>\n", classes, pair_text(from),
                         pair_text(bend), pair_text(to));
}

void Drawing::rect(Box box, std::string_view classes, std::string_view tip) {
  shapes_ += fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}{}",
                         classes, px(box.x), px(box.y), px(box.width), px(box.height),
                         tip_text(tip), closed("rect", tip));
}

void Drawing::area(Box box, std::size_t series, std::string_view tip) {
  const std::size_t style = series % series_styles;
  rect(box, fill_class(style), hatches[style].empty() ? tip : std::string_view{});
  if (hatches[style].empty()) return;
  hatched_[style] = true;
  shapes_ += fmt::format(
      "<rect fill=\"url(#hatch-{})\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}{}", style,
      px(box.x), px(box.y), px(box.width), px(box.height), tip_text(tip), closed("rect", tip));
}

void Drawing::marker(Point at, std::size_t series, std::string_view tip, std::int64_t radius) {
  const std::string classes = fill_class(series);
  const std::vector<Point>& corners = marker_shapes()[series % marker_shapes().size()];
  if (corners.empty()) {
    shapes_ += fmt::format("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"{}\"{}{}", classes,
                           px(at.x), px(at.y), px(radius), tip_text(tip), closed("circle", tip));
    return;
  }
  std::vector<Point> points;
  for (const Point& corner : corners) {
    points.push_back({at.x + corner.x * radius / 4, at.y + corner.y * radius / 4});
  }
  shapes_ += fmt::format("<polygon class=\"{}\" points=\"{}\"{}{}", classes, points_text(points),
                         tip_text(tip), closed("polygon", tip));
}

void Drawing::text(Point at, std::string_view text, std::string_view classes) {
  shapes_ += fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\">{}</text>\n", classes, px(at.x),
                         px(at.y), escaped(text));
}

std::string Drawing::open(std::string_view attributes) const {
  std::string text = fmt::format("<svg{} viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n",
                                 attributes, width_, height_, escaped(title_));
  // The same in every picture of a page, so that names may repeat.
  for (std::size_t i = 0; i < series_styles; ++i) {
    if (!hatched_[i]) continue;
    text += fmt::format(
        "<defs><pattern id=\"hatch-{}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
        "<path class=\"hatch\" d=\"{}\"/></pattern></defs>\n",
        i, hatches[i]);
  }
  return text;
}

std::string Drawing::inside() const { return open("") + shapes_ + "</svg>\n"; }

std::string Drawing::document() const {
  const std::string size = fmt::format(" width=\"{}\" height=\"{}\"", width_, height_);
  return open(" xmlns=\"http://www.w3.org/2000/svg\"" + size) + "<title>" + escaped(title_) +
         "</title>\n<style>\n" + svg_style() +
         "</style>\n<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n" + shapes_ +
         "</svg>\n";
}

}  // namespace longhaul
