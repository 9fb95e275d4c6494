#include <fmt/format.h>

#include <algorithm>

#include "base/units_text.h"
#include "run/answers/picture.h"
#include "run/site_loss.h"

namespace longhaul {
namespace {

constexpr std::int64_t row_height = 24;
constexpr std::int64_t lost_width = 60;
constexpr std::int64_t split_width = 92;

// Shape and colour of a fate: circle, triangle, square, cross.
std::size_t series_of(WriteFate fate) {
  constexpr std::array<std::size_t, 4> series{0, 2, 1, 4};
  return series[static_cast<std::size_t>(fate)];
}

// Cut at the end, if it is too long.
std::string fitting(const std::string& text, std::int64_t width) {
  const auto letters = static_cast<std::size_t>(std::max<std::int64_t>(4, width * 10 / 62));
  return text.size() <= letters ? text : text.substr(0, letters - 1) + "…";
}

void draw_writes(AnswerPicture& picture, const SiteLine& line, std::size_t region, std::int64_t x,
                 std::int64_t y) {
  const std::string text = writes_text(line, region);
  if (text == gone_text) {
    picture.text(x + 18, y, Anchor::start, "app gone", "small faint");
    return;
  }
  const WriteFate fate = line.worst(region);
  picture.marker(x + 8, y - 4, series_of(fate));
  picture.text(x + 18, y, Anchor::start, text,
               fate >= WriteFate::waited ? "small strong" : "small");
}

}  // namespace

std::string site_loss_svg(const SiteLoss& table) {
  const std::int64_t regions =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(table.regions.size()));
  std::string about = fmt::format("{}, seeds {}..{}: one thing lost at a time", table.scenario,
                                  table.seeds.first, table.seeds.last);
  if (!table.lines.empty()) {
    about += fmt::format(", a host for {}, then given back and watched for {}",
                         to_text(table.lines.front().lasts), to_text(table.watch));
  }
  AnswerPicture picture("What is lost, and who can still write and read", about);
  constexpr std::int64_t left = AnswerPicture::margin;
  constexpr std::int64_t right = AnswerPicture::width - AnswerPicture::margin;
  // What is left beside the names is shared by the regions.
  const std::int64_t name_width = regions > 3 ? 190 : 250;
  const std::int64_t each = (right - left - name_width - split_width - lost_width) / regions;
  const std::int64_t reads_at = each * 7 / 10;
  const auto column = [&](std::int64_t region) { return left + name_width + region * each; };
  std::int64_t y = picture.legend(left, picture.top() + 14, right, AnswerPicture::Key::marker,
                                  {{series_of(WriteFate::unharmed), "writes go on"},
                                   {series_of(WriteFate::resumed), "after an outage"},
                                   {series_of(WriteFate::waited), "not until it is back"},
                                   {series_of(WriteFate::stuck), "STUCK: somebody has to act"}}) +
                   30;
  picture.text(left, y + 16, Anchor::start, "lost", "strong");
  for (std::int64_t i = 0; i < regions && !table.regions.empty(); ++i) {
    picture.text(column(i), y, Anchor::start,
                 fitting(table.regions[static_cast<std::size_t>(i)], each), "strong");
    picture.text(column(i), y + 16, Anchor::start, "writes", "small");
    picture.text(column(i) + reads_at, y + 16, Anchor::start, "reads", "small");
  }
  const std::int64_t split_at = right - lost_width - split_width;
  picture.text(split_at, y, Anchor::start, "two primaries", "strong");
  picture.text(split_at, y + 16, Anchor::start, "at most", "small");
  picture.text(right, y, Anchor::end, "lost", "strong");
  picture.text(right, y + 16, Anchor::end, "mean", "small");
  y += 24;
  for (const SiteLine& line : table.lines) {
    picture.line(left, y, right, y, "grid");
    if (line.worst() >= WriteFate::waited) picture.rect(left, y, right - left, row_height, "band");
    y += row_height;
    const std::int64_t baseline = y - 8;
    picture.text(
        left + 4, baseline, Anchor::start,
        fitting(fmt::format("{} {}", name_of(line.what.kind), line.what.name), name_width - 8),
        "small");
    for (std::size_t i = 0; i < table.regions.size(); ++i) {
      const std::int64_t x = column(static_cast<std::int64_t>(i));
      draw_writes(picture, line, i, x, baseline);
      picture.text(x + reads_at, baseline, Anchor::start, reads_text(line, i), "small");
    }
    picture.text(split_at, baseline, Anchor::start, split_text(line),
                 line.split_max() == Duration{} ? "small" : "small strong");
    picture.text(right - 4, baseline, Anchor::end, lost_text(line), "small");
  }
  picture.line(left, y, right, y);
  y = picture.paragraph(y + 20,
                        "Tinted rows: somebody who still has an app waits until the thing is back, "
                        "or longer. In brackets: in how many of the seeds. Lost: acknowledged "
                        "transactions.",
                        "small faint");
  return picture.finish(y - 8, conclusion(table));
}

}  // namespace longhaul
