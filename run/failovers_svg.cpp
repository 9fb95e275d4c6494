// The failovers table as a picture: two panels above each other, a point for each setting.
#include <fmt/format.h>

#include <algorithm>

#include "base/units_text.h"
#include "run/answers/picture.h"
#include "run/failovers_table.h"
#include "run/report.h"

namespace longhaul {
namespace {

constexpr std::int64_t left = 70;
constexpr std::int64_t right = AnswerPicture::width - 40;
constexpr std::int64_t high = 170;
constexpr std::size_t names_max = 12;  // below the picture; of more settings every other, and so on

struct Line {
  std::size_t style;
  std::vector<std::int64_t> values;  // by setting
};

std::string name_of(const FailoversTable& table, const FailoversRow& row) {
  std::string name = table.axes == 0 ? "as it is" : "";
  for (std::size_t i = 0; i < table.axes; ++i) name += (i == 0 ? "" : " ") + row.values[i];
  return name;
}

std::int64_t share_of(std::int64_t runs, const FailoversRow& row) {
  return row.runs == 0 ? 0 : runs * 1'000'000 / row.runs;
}

std::int64_t x_of(const FailoversTable& table, std::size_t setting) {
  const auto count = static_cast<std::int64_t>(table.rows.size());
  return left + (right - left) * (2 * static_cast<std::int64_t>(setting) + 1) / (2 * count);
}

void draw_panel(AnswerPicture& picture, const FailoversTable& table, const std::string& title,
                const Scale& y, const std::vector<Line>& lines) {
  y.draw_upwards(picture, left, right, title);
  for (const Line& line : lines) {
    std::vector<std::pair<std::int64_t, std::int64_t>> points;
    for (std::size_t i = 0; i < line.values.size(); ++i) {
      points.emplace_back(x_of(table, i), y.at(line.values[i]));
    }
    picture.polyline(points, line.style);
    for (const auto& [px, py] : points) picture.marker(px, py, line.style);
  }
}

std::string sentence(const FailoversTable& table) {
  const auto least = std::min_element(table.rows.begin(), table.rows.end(),
                                      [](const FailoversRow& a, const FailoversRow& b) {
                                        return a.out_by_run.mean < b.out_by_run.mean;
                                      });
  const auto told = [](Duration out) {
    return to_short_text(Duration{(out.ns + 500'000) / 1'000'000 * 1'000'000});
  };
  const std::string of = fmt::format("{} of {} had a needless failover", least->runs_with_needless,
                                     counted(least->runs, "run"));
  if (table.rows.size() == 1) {
    return fmt::format("Writes are out for {} a run on average; {}.", told(least->out_by_run.mean),
                       of);
  }
  return fmt::format("Writes are out for the shortest time, {} a run on average, at {}; {} there.",
                     told(least->out_by_run.mean), name_of(table, *least), of);
}

}  // namespace

std::string failovers_svg(const FailoversTable& table) {
  std::string varied;
  for (std::size_t i = 0; i < table.axes; ++i) varied += (i == 0 ? "" : ", ") + table.paths[i];
  AnswerPicture picture("Failovers, and how long writes are out",
                        fmt::format("{}, seeds {}..{}{}", table.scenario, table.seeds.first,
                                    table.seeds.last, varied.empty() ? "" : ", by " + varied));
  if (table.rows.empty()) return picture.finish(picture.top(), "Nothing was finished.");
  Line failovers{0, {}};
  Line needless{1, {}};
  Line out{2, {}};
  for (const FailoversRow& row : table.rows) {
    failovers.values.push_back(share_of(row.runs_with_failover, row));
    needless.values.push_back(share_of(row.runs_with_needless, row));
    out.values.push_back(row.out_by_run.mean.ns);
  }
  const std::int64_t keys =
      picture.legend(left, picture.top() + 12, right, AnswerPicture::Key::line,
                     {{0, "runs with a failover"},
                      {1, "with a needless one"},
                      {2, "writes out, a run on average"}});
  const std::int64_t first = keys + 44;
  draw_panel(picture, table, "of the runs",
             Scale(Quantity::share, 0, 1'000'000, first + high, first, 5), {failovers, needless});
  const std::int64_t second = first + high + 50;
  const std::int64_t most = *std::max_element(out.values.begin(), out.values.end());
  draw_panel(picture, table, "writes out in the region that had most",
             Scale(Quantity::duration, 0, std::max(most, seconds(1).ns), second + high, second, 5),
             {out});
  const std::size_t step = (table.rows.size() + names_max - 1) / names_max;
  for (std::size_t i = 0; i < table.rows.size(); i += step) {
    picture.text(x_of(table, i), second + high + 18, Anchor::middle, name_of(table, table.rows[i]),
                 "small");
  }
  if (!varied.empty()) {
    picture.text((left + right) / 2, second + high + 38, Anchor::middle, varied);
  }
  return picture.finish(second + high + 56, sentence(table));
}

}  // namespace longhaul
