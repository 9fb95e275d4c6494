#include "gui/widgets/timeline_lanes.h"

#include <cmath>
#include <optional>
#include <vector>

#include "gui/widgets/controls.h"
#include "gui/widgets/fit_text.h"
#include "gui/widgets/theme.h"

namespace longhaul {
namespace {

constexpr float title_height = 20;
constexpr float row_height = 19;
constexpr float lines_height = 78;
constexpr float gap = 5;  // below a lane

bool has_names(const Lane& lane) { return !lane.rows.empty() && !lane.rows.front().name.empty(); }

ImU32 tone_colour(LaneTone tone, float alpha) {
  switch (tone) {
    case LaneTone::plain:
      return colour(Tint::faint, alpha * 0.55f);
    case LaneTone::accent:
      return colour(Tint::accent, alpha);
    case LaneTone::good:
      return colour(Tint::good, alpha);
    case LaneTone::warning:
      return colour(Tint::warning, alpha);
    case LaneTone::bad:
      return colour(Tint::bad, alpha);
  }
  return 0;
}

void draw_moment(ImDrawList* list, const LaneSpan& span, Area row, float room,
                 const TimeScale& scale) {
  const float x = scale.x_of(span.from);
  if (x < scale.left - px(8) || x > scale.right + px(8)) return;
  const float middle = (row.from.y + row.to.y) / 2;
  const float size = px(5);
  list->AddQuadFilled({x, middle - size}, {x + size, middle}, {x, middle + size},
                      {x - size, middle}, tone_colour(span.tone, 1));
  draw_fitted(list, face(Face::small), {x + px(9), row.from.y + px(1)}, colour(Tint::text),
              span.text, room - px(12));
}

void draw_spans(ImDrawList* list, const LaneRow& lane_row, Area row, const TimeScale& scale) {
  const auto& spans = lane_row.spans;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const LaneSpan& span = spans[i];
    if (span.from > scale.to || span.to < scale.from) continue;
    const float next = i + 1 < spans.size() ? scale.x_of(spans[i + 1].from) : scale.right;
    if (span.from == span.to) {
      draw_moment(list, span, row, std::min(next, scale.right) - scale.x_of(span.from), scale);
      continue;
    }
    const float from = std::max(scale.left, scale.x_of(span.from));
    const float to = std::min(scale.right, std::max(scale.x_of(span.to), from + px(2)));
    const ImVec2 a{from, row.from.y + px(1)};
    const ImVec2 b{to, row.to.y - px(2)};
    list->AddRectFilled(a, b, tone_colour(span.tone, 0.32f), px(2));
    if (span.hatched) hatch(list, a, b, tone_colour(span.tone, 0.36f));
    list->AddRectFilled(a, {a.x + px(2), b.y}, tone_colour(span.tone, 1));
    // A short bar has its name beside it, when there is room.
    const float inside = to - from - px(10);
    ImFont* font = face(Face::small);
    const float wanted = font->CalcTextSizeA(font->FontSize, 1e9f, 0, span.text.c_str()).x + px(2);
    const bool beside = inside < wanted && std::min(next, scale.right) - to - px(8) >= wanted;
    draw_fitted(list, font, {beside ? to + px(5) : from + px(6), row.from.y + px(1)},
                colour(Tint::text), span.text, beside ? wanted : inside);
  }
}

// Rectangles of one colour as long as nothing changes by a pixel.
void draw_shares(ImDrawList* list, const LaneRow& lane_row, Area row, const TimeScale& scale) {
  if (lane_row.shares.empty()) return;
  const float top = row.from.y + px(1);
  const float height = row.height() - px(3);
  const std::size_t looks = lane_row.shares.front().samples.size();
  std::vector<float> edges(lane_row.shares.size() + 1);
  std::vector<float> before;
  float began = scale.left;
  std::size_t leader_before = lane_row.shares.size();
  float leader_began = scale.left;
  const auto name_leader = [&](std::size_t leader, float from, float to) {
    if (leader >= lane_row.shares.size()) return;
    ImFont* font = face(Face::small);
    const std::string& name = lane_row.shares[leader].name;
    const float wanted = font->CalcTextSizeA(font->FontSize, 1e9f, 0, name.c_str()).x;
    if (to - from < wanted + px(12)) return;
    const ImVec2 at{from + px(6), row.from.y + px(1)};
    list->AddRectFilled({at.x - px(3), at.y + px(1)}, {at.x + wanted + px(3), row.to.y - px(3)},
                        colour(Tint::panel, 0.75f), px(2));
    draw_fitted(list, font, at, colour(Tint::text), name, wanted + 1);
  };
  const auto flush = [&](float to) {
    for (std::size_t k = 0; k + 1 < before.size(); ++k) {
      if (before[k + 1] - before[k] < 0.5f) continue;
      const std::size_t series = lane_row.shares[k].series;
      const ImVec2 a{began, top + before[k]};
      const ImVec2 b{to, top + before[k + 1]};
      list->AddRectFilled(a, b, category(series, 0.5f));
      if (series % 2 == 1) hatch(list, a, b, category(series, 0.6f));
    }
  };
  float end = scale.left;
  for (std::size_t i = 0; i < looks; ++i) {
    const TimePoint at{lane_row.shares.front().samples[i].x};
    const TimePoint since{i == 0 ? 0 : lane_row.shares.front().samples[i - 1].x};
    if (at < scale.from || since > scale.to) continue;
    const float from = std::max(scale.left, scale.x_of(since));
    end = std::min(scale.right, scale.x_of(at));
    edges[0] = 0;
    std::size_t leader = lane_row.shares.size();
    std::int64_t most = 500'000;
    for (std::size_t k = 0; k < lane_row.shares.size(); ++k) {
      const auto& samples = lane_row.shares[k].samples;
      const std::int64_t share = i < samples.size() ? samples[i].y.value_or(0) : 0;
      edges[k + 1] = edges[k] + std::round(height * static_cast<float>(share) / 1e6f);
      if (share > most) leader = k;
      if (share > most) most = share;
    }
    if (edges != before) {
      flush(from);
      before = edges;
      began = from;
    }
    if (leader != leader_before) {
      name_leader(leader_before, leader_began, from);
      leader_before = leader;
      leader_began = from;
    }
  }
  flush(end);
  name_leader(leader_before, leader_began, end);
}

float y_of(const PlotAxis& axis, Area body, std::int64_t value) {
  const std::int64_t at = std::clamp(value, axis.from, axis.to);
  double share = 0;
  if (axis.logarithmic) {
    const double low = std::log(static_cast<double>(std::max<std::int64_t>(1, axis.from)));
    const double high = std::log(static_cast<double>(axis.to));
    share = high > low ? (std::log(static_cast<double>(std::max<std::int64_t>(1, at))) - low) /
                             (high - low)
                       : 0;
  } else if (axis.to > axis.from) {
    share = static_cast<double>(at - axis.from) / static_cast<double>(axis.to - axis.from);
  }
  return body.to.y - px(3) - static_cast<float>(share) * (body.height() - px(8));
}

// When the interval that ends at a sample began.
TimePoint began(const LaneLine& line, std::size_t i) {
  return TimePoint{i == 0 ? 0 : line.samples[i - 1].x};
}

void draw_line(ImDrawList* list, const Lane& lane, const LaneLine& line, Area body,
               const TimeScale& scale) {
  std::vector<ImVec2> points;
  const ImU32 tint = category(line.series, line.faint ? 0.65f : 1.0f);
  const auto flush = [&] {
    if (points.size() == 1) points.push_back({points[0].x + px(2), points[0].y});
    if (points.size() > 1) {
      dashed_line(list, points, line.series, px(line.faint ? 1.0f : 1.6f), tint);
    }
    points.clear();
  };
  for (std::size_t i = 0; i < line.samples.size(); ++i) {
    const PlotSample& sample = line.samples[i];
    // One on either side of what is seen.
    const bool ends_before = i + 1 < line.samples.size() && line.samples[i + 1].x < scale.from.ns;
    const bool begins_behind = i > 0 && line.samples[i - 1].x > scale.to.ns;
    if (ends_before || begins_behind) continue;
    if (!sample.y) {
      flush();
      continue;
    }
    const float y = y_of(lane.axis, body, *sample.y);
    // A mean is of an interval.
    if (!line.reach.empty()) points.push_back({scale.x_of(began(line, i)), y});
    points.push_back({scale.x_of(TimePoint{sample.x}), y});
  }
  flush();
}

// From the least to the greatest value of each interval; one rectangle while nothing changes by a
// pixel, with an edge along the greatest.
void draw_reach(ImDrawList* list, const Lane& lane, const LaneLine& line, Area body,
                const TimeScale& scale) {
  const ImU32 fill = category(line.series, 0.16f);
  const ImU32 edge = category(line.series, 0.6f);
  std::optional<Area> open;
  const auto flush = [&] {
    if (!open) return;
    list->AddRectFilled(open->from, open->to, fill);
    list->AddLine(open->from, {open->to.x, open->from.y}, edge, px(1));
    open.reset();
  };
  for (std::size_t i = 0; i < line.reach.size(); ++i) {
    const TimePoint from = began(line, i);
    const TimePoint to{line.samples[i].x};
    if (!line.reach[i] || to < scale.from || from > scale.to) {
      flush();
      continue;
    }
    const float top = std::round(y_of(lane.axis, body, line.reach[i]->most));
    const float bottom = std::round(y_of(lane.axis, body, line.reach[i]->least));
    const float x = scale.x_of(from);
    if (!open || open->from.y != top || open->to.y != bottom) {
      flush();
      open = Area{{x, top}, {x, bottom}};
    }
    open->to.x = scale.x_of(to);
  }
  flush();
}

void draw_lines(ImDrawList* list, const Lane& lane, Area body, const TimeScale& scale) {
  ImFont* font = face(Face::small);
  for (const Tick& tick : ticks(lane.axis, 3)) {
    const float y = y_of(lane.axis, body, tick.value);
    list->AddLine({body.from.x, y}, {body.to.x, y},
                  colour(Tint::line, current_look() == Look::high_contrast ? 0.3f : 0.5f));
  }
  if (lane.level) {
    const float y = y_of(lane.axis, body, lane.level->value);
    for (float x = body.from.x; x < body.to.x; x += px(9)) {
      list->AddLine({x, y}, {std::min(x + px(5), body.to.x), y}, colour(Tint::warning), px(1));
    }
  }
  for (const LaneLine& line : lane.lines) draw_reach(list, lane, line, body, scale);
  for (const LaneLine& line : lane.lines) {
    if (line.faint) draw_line(list, lane, line, body, scale);
  }
  for (const LaneLine& line : lane.lines) {
    if (!line.faint) draw_line(list, lane, line, body, scale);
  }
  // Figures of the axis last, on a ground of their own.
  float highest = body.to.y + px(100);
  for (const Tick& tick : ticks(lane.axis, 3)) {
    const float y = std::clamp(y_of(lane.axis, body, tick.value) - font->FontSize / 2, body.from.y,
                               body.to.y - font->FontSize);
    if (highest - y < font->FontSize) continue;
    highest = y;
    const float width = font->CalcTextSizeA(font->FontSize, 1e9f, 0, tick.text.c_str()).x;
    list->AddRectFilled({body.from.x, y}, {body.from.x + width + px(6), y + font->FontSize},
                        colour(Tint::panel, 0.8f), px(2));
    list->AddText(font, font->FontSize, {body.from.x + px(3), y}, colour(Tint::faint),
                  tick.text.c_str());
  }
  if (lane.level) {
    const float width = font->CalcTextSizeA(font->FontSize, 1e9f, 0, lane.level->text.c_str()).x;
    const float y = y_of(lane.axis, body, lane.level->value);
    const float above = y - font->FontSize - px(1);
    const ImVec2 at{body.to.x - width - px(6), above < body.from.y ? y + px(1) : above};
    list->AddRectFilled({at.x - px(3), at.y}, {at.x + width + px(3), at.y + font->FontSize},
                        colour(Tint::panel, 0.8f), px(2));
    list->AddText(font, font->FontSize, at, colour(Tint::warning), lane.level->text.c_str());
  }
}

// Names with a piece of their line.
void draw_legend(ImDrawList* list, const Lane& lane, Area gutter) {
  ImFont* font = face(Face::small);
  float y = gutter.from.y + px(title_height);
  std::size_t left = 0;
  for (const LaneLine& line : lane.lines) left += line.faint ? 0 : 1;
  for (const LaneLine& line : lane.lines) {
    if (line.faint) continue;
    const bool last = y + 2 * (font->FontSize + px(1)) > gutter.to.y;
    if (last && left > 1) {
      draw_fitted(list, font, {gutter.from.x + px(42), y}, colour(Tint::faint),
                  std::to_string(left) + " more", gutter.width() - px(46));
      return;
    }
    const float middle = y + font->FontSize / 2;
    dashed_line(list, {{gutter.from.x + px(18), middle}, {gutter.from.x + px(38), middle}},
                line.series, px(2), category(line.series));
    draw_fitted(list, font, {gutter.from.x + px(44), y}, colour(Tint::text), line.name,
                gutter.width() - px(48));
    y += font->FontSize + px(1);
    left -= 1;
  }
  const bool companions = std::any_of(lane.lines.begin(), lane.lines.end(),
                                      [](const LaneLine& line) { return line.faint; });
  if (companions && y + font->FontSize <= gutter.to.y) {
    draw_fitted(list, font, {gutter.from.x + px(44), y}, colour(Tint::faint), "thin: as observed",
                gutter.width() - px(48));
  }
}

}  // namespace

void hatch(ImDrawList* list, ImVec2 from, ImVec2 to, ImU32 tint) {
  if (to.x - from.x < px(3)) return;
  const float height = to.y - from.y;
  list->PushClipRect(from, to, true);
  // From a fixed grid, so that the pattern stands still.
  const float step = px(6);
  const float first = std::floor((from.x - height) / step) * step;
  for (float x = first; x < to.x; x += step) {
    list->AddLine({x, to.y}, {x + height, from.y}, tint, px(1));
  }
  list->PopClipRect();
}

float lane_height(const Lane& lane, bool folded) {
  if (folded || !lane.note.empty()) return px(title_height + gap - 2);
  if (!lane.lines.empty()) return px(lines_height + gap);
  const float rows = px(row_height) * static_cast<float>(lane.rows.size());
  return rows + px(has_names(lane) ? title_height - 2 : 0) + px(gap);
}

void draw_lane(ImDrawList* list, const Lane& lane, bool folded, Area gutter, Area body,
               const TimeScale& scale) {
  ImFont* small = face(Face::small);
  list->AddLine({gutter.from.x, gutter.to.y - px(2)}, {body.to.x, gutter.to.y - px(2)},
                colour(Tint::line, 0.6f));
  gutter.to.y -= px(gap);
  body.to.y -= px(gap);
  const char* sign = folded ? icon::right : icon::down;
  list->AddText(small, small->FontSize, {gutter.from.x + px(2), gutter.from.y + px(2)},
                colour(Tint::faint), sign);
  draw_fitted(list, small, {gutter.from.x + px(20), gutter.from.y + px(2)}, colour(Tint::text),
              lane.title, gutter.width() - px(24));
  if (!lane.note.empty()) {
    draw_fitted(list, small, {body.from.x + px(6), body.from.y + px(2)}, colour(Tint::faint),
                lane.note, body.width() - px(12));
    return;
  }
  if (folded) return;
  list->PushClipRect(body.from, body.to, true);
  float y = body.from.y + px(has_names(lane) ? title_height - 2 : 0);
  for (const LaneRow& lane_row : lane.rows) {
    const Area row{{body.from.x, y}, {body.to.x, y + px(row_height)}};
    draw_spans(list, lane_row, row, scale);
    draw_shares(list, lane_row, row, scale);
    y += px(row_height);
  }
  if (!lane.lines.empty()) draw_lines(list, lane, body, scale);
  list->PopClipRect();
  y = body.from.y + px(title_height - 2);
  for (const LaneRow& lane_row : lane.rows) {
    if (!lane_row.name.empty()) {
      draw_fitted(list, small, {gutter.from.x + px(20), y + px(1)}, colour(Tint::faint),
                  lane_row.name, gutter.width() - px(24));
    }
    y += px(row_height);
  }
  if (!lane.lines.empty()) draw_legend(list, lane, gutter);
}

}  // namespace longhaul
