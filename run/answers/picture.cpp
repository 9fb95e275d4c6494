#include "run/answers/picture.h"

#include <algorithm>

#include "base/units.h"
#include "run/text_table.h"

namespace longhaul {

AnswerPicture::AnswerPicture(const std::string& title, const std::string& about)
    : drawing_(width, 0, title) {
  text(margin, 26, Anchor::start, title, "strong");
  top_ = paragraph(46, about, "faint") + 4;
}

void AnswerPicture::text(std::int64_t x, std::int64_t y, Anchor anchor, std::string_view text,
                         std::string_view look) {
  std::string classes(look);
  if (anchor == Anchor::middle) classes += " middle";
  if (anchor == Anchor::end) classes += " end";
  drawing_.text({pixels(x), pixels(y)}, text, classes);
}

std::int64_t AnswerPicture::paragraph(std::int64_t y, const std::string& text,
                                      std::string_view look) {
  const std::int64_t letter = width_of("n", look.find("small") != look.npos);
  const std::int64_t letters = pixels(width - 2 * margin) / letter;
  const std::string lines = wrapped(text, static_cast<std::size_t>(letters), 0);
  for (std::size_t begin = 0; begin <= lines.size();) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size());
    this->text(margin, y, Anchor::start, std::string_view(lines).substr(begin, end - begin), look);
    y += 16;
    begin = end + 1;
  }
  return y;
}

void AnswerPicture::line(std::int64_t x1, std::int64_t y1, std::int64_t x2, std::int64_t y2,
                         std::string_view look) {
  drawing_.line({pixels(x1), pixels(y1)}, {pixels(x2), pixels(y2)}, look);
}

void AnswerPicture::polyline(const std::vector<std::pair<std::int64_t, std::int64_t>>& points,
                             std::size_t series) {
  std::vector<Point> list;
  for (const auto& [x, y] : points) list.push_back({pixels(x), pixels(y)});
  drawing_.polyline(list, line_class(series));
}

void AnswerPicture::area(std::int64_t x, std::int64_t y, std::int64_t wide, std::int64_t high,
                         std::size_t series, std::string_view tip) {
  drawing_.area({pixels(x), pixels(y), pixels(wide), pixels(high)}, series, tip);
}

void AnswerPicture::rect(std::int64_t x, std::int64_t y, std::int64_t wide, std::int64_t high,
                         std::string_view look, std::string_view tip) {
  drawing_.rect({pixels(x), pixels(y), pixels(wide), pixels(high)}, look, tip);
}

void AnswerPicture::marker(std::int64_t x, std::int64_t y, std::size_t series,
                           std::string_view tip) {
  drawing_.marker({pixels(x), pixels(y)}, series, tip);
}

std::int64_t AnswerPicture::legend(
    std::int64_t x, std::int64_t y, std::int64_t right, Key key,
    const std::vector<std::pair<std::size_t, std::string>>& entries) {
  std::int64_t at = x;
  for (const auto& [series, name] : entries) {
    const std::int64_t wide = 32 + width_of(name, false) / 10 + 14;
    if (at > x && at + wide > right) {
      at = x;
      y += 19;
    }
    if (key == Key::area) {
      area(at, y - 10, 26, 12, series);
    } else {
      if (key == Key::line) polyline({{at, y - 4}, {at + 26, y - 4}}, series);
      marker(at + 13, y - 4, series);
    }
    text(at + 32, y, Anchor::start, name);
    at += wide;
  }
  return y;
}

std::string AnswerPicture::finish(std::int64_t y, const std::string& sentence) {
  drawing_.set_height(paragraph(y + 18, sentence));
  return drawing_.document();
}

Scale::Scale(Quantity quantity, std::int64_t from, std::int64_t to, std::int64_t first,
             std::int64_t last, std::size_t ticks)
    : axis_(rounded({"", quantity, from, std::max(to, from + 1)}, ticks)),
      first_(first),
      last_(last),
      most_(ticks + 1) {}

std::int64_t Scale::at(std::int64_t value) const {
  const Int128 part = Int128{value} - axis_.from;
  return first_ + static_cast<std::int64_t>(part * (last_ - first_) / (axis_.to - axis_.from));
}

void Scale::draw_upwards(AnswerPicture& picture, std::int64_t left, std::int64_t right,
                         std::string_view title) const {
  for (const Tick& tick : ticks(axis_, most_)) {
    const std::int64_t y = at(tick.value);
    picture.line(left, y, right, y, "grid");
    picture.text(left - 6, y + 4, Anchor::end, tick.text, "small");
  }
  picture.line(left, first_, right, first_);
  picture.text(left, std::min(first_, last_) - 9, Anchor::start, title, "strong");
}

void Scale::draw_along(AnswerPicture& picture, std::int64_t top, std::int64_t bottom,
                       std::string_view title) const {
  for (const Tick& tick : ticks(axis_, most_)) {
    const std::int64_t x = at(tick.value);
    picture.line(x, top, x, bottom, "grid");
    picture.text(x, bottom + 16, Anchor::middle, tick.text, "small");
  }
  picture.line(first_, top, first_, bottom);
  picture.text((first_ + last_) / 2, bottom + 34, Anchor::middle, title);
}

}  // namespace longhaul
