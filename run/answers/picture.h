// What the pictures of the answers have in common: a title, what it was measured on, axes, a
// legend, and below all the sentence that one would say. Whole pixels on a Drawing (run/svg.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "run/plot.h"
#include "run/svg.h"

namespace longhaul {

enum class Anchor : std::uint8_t { start, middle, end };

class AnswerPicture {
 public:
  static constexpr std::int64_t width = 860;
  static constexpr std::int64_t margin = 16;

  // Draws the head.
  AnswerPicture(const std::string& title, const std::string& about);

  std::int64_t top() const { return top_; }  // where the picture itself may begin

  // `look`: classes of svg.h, such as "small faint".
  void text(std::int64_t x, std::int64_t y, Anchor anchor, std::string_view text,
            std::string_view look = "text");
  // Broken into lines across the width; returns the baseline of what comes next.
  std::int64_t paragraph(std::int64_t y, const std::string& text, std::string_view look = "text");
  void line(std::int64_t x1, std::int64_t y1, std::int64_t x2, std::int64_t y2,
            std::string_view look = "axis");
  void polyline(const std::vector<std::pair<std::int64_t, std::int64_t>>& points,
                std::size_t series);
  // In a series' colour and hatching.
  void area(std::int64_t x, std::int64_t y, std::int64_t width, std::int64_t height,
            std::size_t series, std::string_view tip = {});
  void rect(std::int64_t x, std::int64_t y, std::int64_t width, std::int64_t height,
            std::string_view look, std::string_view tip = {});
  void marker(std::int64_t x, std::int64_t y, std::size_t series, std::string_view tip = {});

  // From left to right, a line anew where the width ends; returns the last line's baseline.
  enum class Key : std::uint8_t { line, area, marker };
  std::int64_t legend(std::int64_t x, std::int64_t y, std::int64_t right, Key key,
                      const std::vector<std::pair<std::size_t, std::string>>& entries);

  // The sentence below `y`, and the whole.
  std::string finish(std::int64_t y, const std::string& sentence);

 private:
  Drawing drawing_;
  std::int64_t top_ = 0;
};

// Values on a line of pixels; `first` may be the larger pixel, as upwards. The end is moved up to
// the next tick.
class Scale {
 public:
  Scale(Quantity quantity, std::int64_t from, std::int64_t to, std::int64_t first,
        std::int64_t last, std::size_t ticks);

  std::int64_t at(std::int64_t value) const;

  // Lines across with their numbers at the left and the title above; lines down, all below.
  void draw_upwards(AnswerPicture& picture, std::int64_t left, std::int64_t right,
                    std::string_view title) const;
  void draw_along(AnswerPicture& picture, std::int64_t top, std::int64_t bottom,
                  std::string_view title) const;

 private:
  PlotAxis axis_;
  std::int64_t first_;
  std::int64_t last_;
  std::size_t most_;
};

}  // namespace longhaul
