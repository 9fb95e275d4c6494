// Pictures as SVG text: shapes that name their role, and one style sheet that gives roles colours.
//
// Coordinates are whole tenths of a CSS pixel, so the bytes of a picture depend on nothing but its
// input. What a shape looks like stands in its class. Series are told apart by the colours of Okabe
// and Ito ("Color Universal Design", 2008; lightened on dark ground) and, never by colour alone, by
// dashes, markers and text beside them. The same picture stands in a page that holds svg_style()
// once, or in a file of its own; both follow the reader's light or dark, and paper is white. No
// script, no font file, no reference to anything outside.
//
// Classes of style:
//   axis grid frame band (a time span) area (with an edge) reach (faint) mark (a dashed bound)
//   text small strong faint halo (over lines) middle end (where it is held)
//   ground good bad warning, and of series i: line-i with dash-i, fill-i
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "run/escaped_text.h"

namespace longhaul {

inline constexpr std::size_t series_styles = 7;

// "line-3 dash-3": of the 11th series the same as of the 4th, and so on.
std::string line_class(std::size_t series);
std::string fill_class(std::size_t series);

std::string svg_style();

struct Point {
  std::int64_t x = 0;  // tenths of a pixel
  std::int64_t y = 0;
};

struct Box {
  std::int64_t x = 0;  // left
  std::int64_t y = 0;  // top
  std::int64_t width = 0;
  std::int64_t height = 0;
};

constexpr std::int64_t pixels(std::int64_t count) { return count * 10; }

// How wide a text is likely to be in the fonts of the style, in tenths of a pixel.
std::int64_t width_of(std::string_view text, bool small = true);

class Drawing {
 public:
  // Pixels. The title is read out to who cannot see the picture.
  Drawing(std::int64_t width, std::int64_t height, std::string_view title);

  std::int64_t width() const { return pixels(width_); }
  std::int64_t height() const { return pixels(height_); }
  void set_height(std::int64_t height) { height_ = height; }  // known when all is drawn

  void line(Point from, Point to, std::string_view classes);
  void polyline(const std::vector<Point>& points, std::string_view classes);
  void polygon(const std::vector<Point>& points, std::string_view classes);
  void curve(Point from, Point bend, Point to, std::string_view classes);  // quadratic
  // `tip` is shown on hover and read out; may be empty. As for marker().
  void rect(Box box, std::string_view classes, std::string_view tip = {});
  // In a series' colour and, but for the first, its hatching: for areas that touch.
  void area(Box box, std::size_t series, std::string_view tip = {});
  // Circle, square, triangle, diamond, cross, and again from the circle.
  void marker(Point at, std::size_t series, std::string_view tip = {}, std::int64_t radius = 35);
  void text(Point at, std::string_view text, std::string_view classes = "text");

  std::string inside() const;    // for a page
  std::string document() const;  // for a file

 private:
  std::string open(std::string_view attributes) const;

  std::int64_t width_;
  std::int64_t height_;
  std::string title_;
  std::string shapes_;
  std::array<bool, series_styles> hatched_{};
};

}  // namespace longhaul
