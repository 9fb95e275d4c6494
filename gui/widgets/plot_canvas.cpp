#include "gui/widgets/plot_canvas.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "gui/model/decimate.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"

namespace longhaul {
namespace {

constexpr std::size_t columns_most = 700;  // of a line
constexpr std::size_t markers_of_a_line = 5;
constexpr std::size_t markers_all = 14;  // lines of so few samples have one at each

// The instant under the mouse in any plot over time, for all of them; as of its frame.
struct SharedInstant {
  std::int64_t x = 0;
  int frame = -10;
};
SharedInstant shared;

std::size_t room(float length, float gap) {
  return static_cast<std::size_t>(std::max(2.0f, length / gap + 1));
}

// From 0 at the start of the axis to 1 at its end, and beyond.
float share_along(const PlotAxis& axis, std::int64_t value) {
  if (axis.to <= axis.from) return 0;
  if (!axis.logarithmic) {
    return static_cast<float>(static_cast<double>(value - axis.from) /
                              static_cast<double>(axis.to - axis.from));
  }
  const auto height = [](std::int64_t at) {
    return std::log(static_cast<double>(std::max<std::int64_t>(1, at)));
  };
  const double from = height(axis.from);
  return static_cast<float>((height(std::max(axis.from, value)) - from) / (height(axis.to) - from));
}

ImVec2 text_size(std::string_view text) {
  return ImGui::CalcTextSize(text.data(), text.data() + text.size());
}

void put_text(ImDrawList* list, ImVec2 at, std::string_view text, ImU32 tint) {
  list->AddText(ImVec2{std::floor(at.x), std::floor(at.y)}, tint, text.data(),
                text.data() + text.size());
}

// The sample that stands for `x`: of steps the last one before, else the nearest.
const PlotSample* sample_at(const CanvasLine& line, std::int64_t x) {
  const auto after =
      std::upper_bound(line.samples.begin(), line.samples.end(), x,
                       [](std::int64_t at, const PlotSample& sample) { return at < sample.x; });
  if (after == line.samples.begin())
    return line.steps || after == line.samples.end() ? nullptr : &*after;
  const auto before = after - 1;
  if (line.steps || after == line.samples.end()) return &*before;
  return x - before->x <= after->x - x ? &*before : &*after;
}

}  // namespace

PlotCanvas::PlotCanvas(const char* id, ImVec2 size, const PlotAxis& x, const PlotAxis& y,
                       float names, std::vector<std::string> steps_of_x)
    : x_(x), y_(y), steps_of_x_(std::move(steps_of_x)), names_(names) {
  list_ = ImGui::GetWindowDrawList();
  size = {std::max(px(80), size.x), std::max(px(60), size.y)};
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const Area whole{from, {from.x + size.x, from.y + size.y}};
  ImGui::InvisibleButton(id, size);
  ImGui::SetItemAllowOverlap();
  mark(id);
  top_ = from.y;

  ImGui::PushFont(face(Face::small));
  const float line = ImGui::GetTextLineHeight();
  inner_.from.y = from.y + line + px(7);
  inner_.to.y = whole.to.y - line - px(6) - (x_.title.empty() ? 0 : line);
  y_ = rounded(y_, room(inner_.height(), px(34)));
  float widest = px(40);  // so that most plots above one another begin at one line
  for (const Tick& tick : ticks(y_, room(inner_.height(), px(34)))) {
    widest = std::max(widest, text_size(tick.text).x);
  }
  inner_.from.x = std::floor(from.x + widest + px(8));
  inner_.to.x = std::floor(whole.to.x - std::max(px(8), names_));
  inner_.to.x = std::max(inner_.to.x, inner_.from.x + px(20));
  inner_.to.y = std::max(inner_.to.y, inner_.from.y + px(10));
  const bool over = ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem);
  hovered_ = over && inner_.has(ImGui::GetIO().MousePos);
  if (hovered_) {
    read_at_ = value_at(ImGui::GetIO().MousePos.x);
    told_title_ = quantity_text(x_.quantity, *read_at_);
    if (!steps_of_x_.empty()) {
      const std::int64_t step =
          std::clamp<std::int64_t>(div_floor(*read_at_ + step_of_x / 2, step_of_x), 0,
                                   static_cast<std::int64_t>(steps_of_x_.size()) - 1);
      read_at_ = step * step_of_x;
      told_title_ = steps_of_x_[static_cast<std::size_t>(step)];
    }
    if (x_.quantity == Quantity::time) shared = {*read_at_, ImGui::GetFrameCount()};
  } else if (x_.quantity == Quantity::time && ImGui::GetFrameCount() - shared.frame <= 1 &&
             shared.x >= x_.from && shared.x <= x_.to) {
    read_at_ = shared.x;
  }
  draw_axes(whole);
  ImGui::PopFont();
}

PlotCanvas::~PlotCanvas() {
  if (read_at_) draw_crosshair();
  if (!hovered_ || told_.empty()) return;
  ImGui::BeginTooltip();
  if (!told_title_.empty()) say(told_title_, Tint::faint, Face::small);
  if (ImGui::BeginTable("told", 2, ImGuiTableFlags_SizingFixedFit)) {
    for (const Told& each : told_) {
      ImGui::TableNextRow();
      ImGui::TableNextColumn();
      if (each.series) series_key(*each.series);
      say(each.name, Tint::text, Face::small);
      ImGui::TableNextColumn();
      say_right(each.value, Tint::text, Face::small);
    }
    ImGui::EndTable();
  }
  ImGui::EndTooltip();
}

float PlotCanvas::room_for(const std::vector<CanvasLine>& lines) {
  ImGui::PushFont(face(Face::small));
  float widest = 0;
  for (const CanvasLine& line : lines) widest = std::max(widest, text_size(line.name).x);
  ImGui::PopFont();
  return widest == 0 ? 0 : widest + px(24);
}

float PlotCanvas::x_of(std::int64_t value) const {
  return inner_.from.x + inner_.width() * share_along(x_, value);
}

float PlotCanvas::y_of(std::int64_t value) const {
  const float share = std::clamp(share_along(y_, value), -1.0f, 2.0f);
  return inner_.to.y - inner_.height() * share;
}

std::int64_t PlotCanvas::value_at(float x) const {
  const double share = static_cast<double>((x - inner_.from.x) / std::max(1.0f, inner_.width()));
  if (!x_.logarithmic) {
    return x_.from + static_cast<std::int64_t>(share * static_cast<double>(x_.to - x_.from));
  }
  const double from = std::log(static_cast<double>(std::max<std::int64_t>(1, x_.from)));
  const double to = std::log(static_cast<double>(std::max<std::int64_t>(2, x_.to)));
  return static_cast<std::int64_t>(std::exp(from + share * (to - from)));
}

PlotAxis PlotCanvas::axis_of_steps(std::string title, std::size_t count) {
  const std::int64_t end = static_cast<std::int64_t>(std::max<std::size_t>(1, count)) * step_of_x;
  return {std::move(title), Quantity::count, -step_of_x / 2, end - step_of_x / 2, false};
}

std::vector<Tick> PlotCanvas::ticks_of_x() const {
  if (steps_of_x_.empty()) return ticks(x_, room(inner_.width(), px(82)));
  std::vector<Tick> made;
  for (std::size_t i = 0; i < steps_of_x_.size(); ++i) {
    made.push_back({static_cast<std::int64_t>(i) * step_of_x, steps_of_x_[i]});
  }
  return made;
}

void PlotCanvas::draw_axes(const Area& whole) {
  const ImU32 grid = colour(Tint::line, current_look() == Look::high_contrast ? 0.35f : 0.55f);
  const float line = ImGui::GetTextLineHeight();
  for (const Tick& tick : ticks(y_, room(inner_.height(), px(34)))) {
    const float at = std::floor(y_of(tick.value)) + 0.5f;
    list_->AddLine({inner_.from.x, at}, {inner_.to.x, at}, grid);
    put_text(list_, {inner_.from.x - px(6) - text_size(tick.text).x, at - line / 2}, tick.text,
             colour(Tint::faint));
  }
  list_->AddLine({inner_.from.x, inner_.to.y}, {inner_.to.x, inner_.to.y}, colour(Tint::line));
  float free_from = whole.from.x;
  for (const Tick& tick : ticks_of_x()) {
    const float at = std::floor(x_of(tick.value)) + 0.5f;
    const float width = text_size(tick.text).x;
    list_->AddLine({at, inner_.to.y}, {at, inner_.to.y + px(4)}, colour(Tint::line));
    const float text_at = std::min(at - width / 2, whole.to.x - width);
    if (text_at < free_from) continue;
    put_text(list_, {text_at, inner_.to.y + px(4)}, tick.text, colour(Tint::faint));
    free_from = text_at + width + px(8);
  }
  legend_from_ = inner_.to.x;
  if (!y_.title.empty()) {
    const std::string title = fitted(y_.title, whole.width());
    put_text(list_, {whole.from.x, whole.from.y}, title, colour(Tint::faint));
    title_end_ = whole.from.x + text_size(title).x;
  }
  if (!x_.title.empty()) {
    const std::string title = fitted(x_.title, inner_.width());
    put_text(list_, {inner_.to.x - text_size(title).x, inner_.to.y + px(4) + line}, title,
             colour(Tint::faint));
  }
}

void PlotCanvas::label(ImVec2 at, std::string_view text, ImU32 tint) const {
  const ImU32 ground = colour(Tint::panel, 0.75f);
  const ImVec2 size = text_size(text);
  list_->AddRectFilled({at.x - px(2), at.y}, {at.x + size.x + px(2), at.y + size.y}, ground, px(3));
  put_text(list_, at, text, tint);
}

void PlotCanvas::bands(const std::vector<PlotBand>& bands) {
  ImGui::PushFont(face(Face::small));
  list_->PushClipRect(inner_.from, inner_.to, true);
  const float line = ImGui::GetTextLineHeight();
  std::vector<float> ends;  // of the names, by row
  for (const PlotBand& band : bands) {
    if (band.to < x_.from || band.from > x_.to) continue;
    const float from = std::max(inner_.from.x, x_of(band.from));
    const float to = std::min(inner_.to.x, std::max(x_of(band.to), from + px(1.5f)));
    list_->AddRectFilled({from, inner_.from.y}, {to, inner_.to.y}, colour(Tint::warning, 0.10f));
    list_->AddRectFilled({from, inner_.from.y}, {to, inner_.from.y + px(2)},
                         colour(Tint::warning, 0.8f));
    list_->AddLine({from, inner_.from.y}, {from, inner_.to.y}, colour(Tint::warning, 0.45f));
    if (hovered_ && read_at_ && *read_at_ >= band.from && *read_at_ <= band.to) {
      tell(band.name, "");
    }
    const std::string name = fitted(band.name, inner_.to.x - from - px(8));
    if (name.empty()) continue;
    std::size_t row = 0;
    while (row < ends.size() && ends[row] > from) ++row;
    const float y = inner_.from.y + px(4) + line * static_cast<float>(row);
    if (y + line > inner_.to.y) continue;
    if (row == ends.size()) ends.push_back(0);
    ends[row] = from + px(10) + text_size(name).x;
    put_text(list_, {from + px(5), y}, name, colour(Tint::warning));
  }
  list_->PopClipRect();
  ImGui::PopFont();
}

void PlotCanvas::draw_line(const CanvasLine& line) {
  const auto columns = static_cast<std::size_t>(std::max(1.0f, inner_.width()));
  const std::vector<PlotSample> samples =
      decimated(line.samples, x_.from, x_.to, std::min(columns, columns_most));
  const float alpha = line.faint ? 0.6f : 1.0f;
  const ImU32 tint = category(line.series, alpha);
  const float thickness = px(line.faint ? 1.2f : 1.8f);
  const float left = inner_.from.x - px(4);
  const float right = inner_.to.x + px(4);
  std::vector<ImVec2> points;
  const auto add = [&](ImVec2 at) {
    // Cut at the sides, so that no dash is drawn far outside.
    if (!points.empty()) {
      ImVec2& last = points.back();
      const auto on_edge = [&](float x) {
        return last.y + (at.y - last.y) * (x - last.x) / std::max(0.001f, at.x - last.x);
      };
      if (last.x < left && at.x > left) last = {left, on_edge(left)};
      if (last.x < right && at.x > right) at = {right, on_edge(right)};
      if (last.x < left && at.x <= left) points.pop_back();
    }
    points.push_back(at);
  };
  const auto flush = [&] {
    if (points.size() == 1) points.push_back({points.front().x + px(1.5f), points.front().y});
    dashed_line(list_, points, line.series, thickness, tint);
    points.clear();
  };
  list_->PushClipRect({inner_.from.x, inner_.from.y - px(2)}, {inner_.to.x, inner_.to.y + px(2)},
                      true);
  for (const PlotSample& sample : samples) {
    if (!sample.y) {
      flush();
      continue;
    }
    const ImVec2 at{x_of(sample.x), y_of(*sample.y)};
    if (line.steps && !points.empty() && points.back().y != at.y) add({at.x, points.back().y});
    add(at);
  }
  flush();
  if (!line.faint && !samples.empty()) {
    const std::size_t size = samples.size();
    const bool all = size <= markers_all && !line.steps;
    const std::size_t stride = all ? 1 : std::max<std::size_t>(1, size / markers_of_a_line);
    const std::size_t first = all ? 0 : stride * (line.series % 5 + 1) / 6;
    for (std::size_t i = first; i < size; i += stride) {
      const PlotSample& sample = samples[i];
      if (sample.y) {
        series_marker(list_, {x_of(sample.x), y_of(*sample.y)}, line.series, px(3.4f), tint);
      }
    }
  }
  list_->PopClipRect();
}

void PlotCanvas::read_line(const CanvasLine& line) {
  if (!read_at_) return;
  const PlotSample* sample = sample_at(line, *read_at_);
  // Beyond the end of a line nothing is known; of one that ends nearby, its end.
  if (sample != nullptr && !line.steps) {
    const float off = x_of(sample->x) - x_of(*read_at_);
    if (std::abs(off) > px(40) &&
        (sample == &line.samples.front() || sample == &line.samples.back())) {
      sample = nullptr;
    }
  }
  const bool is_known = sample != nullptr && sample->y.has_value();
  if (is_known) {
    const ImVec2 at{line.steps ? x_of(*read_at_) : x_of(sample->x), y_of(*sample->y)};
    if (inner_.has(at)) {
      list_->AddCircleFilled(at, px(4.5f), colour(Tint::panel));
      list_->AddCircle(at, px(4.5f), category(line.series), 0, px(2));
    }
  }
  if (hovered_ && !line.name.empty()) {
    tell(line.name, is_known ? quantity_text(y_.quantity, *sample->y) : "-", line.series);
  }
}

void PlotCanvas::lines(const std::vector<CanvasLine>& lines, bool names_at_end) {
  for (const CanvasLine& line : lines) draw_line(line);
  for (const CanvasLine& line : lines) read_line(line);
  if (!names_at_end) return;
  if (names_ <= 0) {
    legend(lines);
    return;
  }
  std::vector<Name> ends;
  for (const CanvasLine& line : lines) {
    float end = inner_.to.y;
    for (const PlotSample& sample : line.samples) {
      if (sample.x > x_.to) break;
      if (sample.y) end = y_of(*sample.y);
    }
    if (!line.name.empty()) ends.push_back({std::clamp(end, inner_.from.y, inner_.to.y), &line});
  }
  names_at_right(std::move(ends));
}

// Moved apart.
void PlotCanvas::names_at_right(std::vector<Name> names) {
  ImGui::PushFont(face(Face::small));
  const float row = ImGui::GetTextLineHeight();
  std::stable_sort(names.begin(), names.end(),
                   [](const Name& a, const Name& b) { return a.y < b.y; });
  for (std::size_t i = 1; i < names.size(); ++i) {
    names[i].y = std::max(names[i].y, names[i - 1].y + row);
  }
  float lowest = inner_.to.y;
  for (std::size_t i = names.size(); i-- > 0;) {
    names[i].y = std::min(names[i].y, lowest);
    lowest = names[i].y - row;
  }
  for (const Name& name : names) {
    series_marker(list_, {inner_.to.x + px(9), name.y}, name.line->series, px(3.4f),
                  category(name.line->series));
    put_text(list_, {inner_.to.x + px(17), name.y - row / 2},
             fitted(name.line->name, names_ - px(18)), colour(Tint::text));
  }
  ImGui::PopFont();
}

void PlotCanvas::legend(const std::vector<CanvasLine>& lines) {
  ImGui::PushFont(face(Face::small));
  float width = 0;
  float names = 0;
  for (const CanvasLine& line : lines) {
    width += text_size(line.name).x + px(42);
    names += text_size(line.name).x;
  }
  // Where there is little room, a key is its marker.
  const bool tight = width > legend_from_ - title_end_ - px(14);
  const float key = px(tight ? 9 : 22);
  const float apart = px(tight ? 9 : 15);
  if (tight) width = names + static_cast<float>(lines.size()) * (key + px(5) + apart);
  float at = std::max(title_end_ + px(14), legend_from_ - width + px(10));
  const float end = legend_from_;
  legend_from_ = at - px(8);
  const float middle = top_ + ImGui::GetTextLineHeight() / 2;
  for (const CanvasLine& line : lines) {
    if (line.name.empty()) continue;
    const std::string name = fitted(line.name, end - at - key - px(4));
    if (name.empty()) break;
    const ImU32 tint = category(line.series, line.faint ? 0.6f : 1.0f);
    if (!tight || line.faint) {
      dashed_line(list_, {{at, middle}, {at + key, middle}}, line.series, px(1.8f), tint);
    }
    if (!line.faint) series_marker(list_, {at + key / 2, middle}, line.series, px(3.2f), tint);
    put_text(list_, {at + key + px(5), top_}, name, colour(Tint::text));
    at += key + px(5) + text_size(name).x + apart;
  }
  ImGui::PopFont();
}

void PlotCanvas::level(std::int64_t y, std::string_view name, Tint tint) {
  const float at = y_of(y);
  if (at < inner_.from.y || at > inner_.to.y) return;
  dashed_line(list_, {{inner_.from.x, at}, {inner_.to.x, at}}, 4, px(1.2f), colour(tint));
  if (name.empty()) return;
  ImGui::PushFont(face(Face::small));
  const std::string text = fitted(name, inner_.width() - px(10));
  const float height = ImGui::GetTextLineHeight();
  const float above = at - height - px(1);
  label({inner_.from.x + px(5), above < inner_.from.y ? at + px(2) : above}, text, colour(tint));
  ImGui::PopFont();
}

void PlotCanvas::moment(std::int64_t x, std::string_view name, Tint tint) {
  const float at = x_of(x);
  if (at < inner_.from.x || at > inner_.to.x) return;
  dashed_line(list_, {{at, inner_.from.y}, {at, inner_.to.y}}, 4, px(1.2f), colour(tint));
  if (name.empty()) return;
  ImGui::PushFont(face(Face::small));
  const bool left = at > inner_.from.x + inner_.width() / 2;
  const float free = (left ? at - inner_.from.x : inner_.to.x - at) - px(8);
  const std::string text = fitted(name, free);
  label({left ? at - px(5) - text_size(text).x : at + px(5), inner_.from.y + px(2)}, text,
        colour(tint));
  ImGui::PopFont();
}

void PlotCanvas::tell(std::string name, std::string value, std::optional<std::size_t> series) {
  told_.push_back({std::move(name), std::move(value), series});
}

void PlotCanvas::draw_crosshair() const {
  const float at = std::floor(x_of(*read_at_)) + 0.5f;
  list_->AddLine({at, inner_.from.y}, {at, inner_.to.y},
                 colour(Tint::text, hovered_ ? 0.5f : 0.3f));
}

}  // namespace longhaul
