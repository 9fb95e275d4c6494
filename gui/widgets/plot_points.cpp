// Points with their names, and bars.
#include <algorithm>
#include <cmath>

#include "gui/widgets/plot_canvas.h"

namespace longhaul {
namespace {

ImVec2 text_size(std::string_view text) {
  return ImGui::CalcTextSize(text.data(), text.data() + text.size());
}

bool overlaps(const Area& a, const Area& b) {
  return a.from.x < b.to.x && b.from.x < a.to.x && a.from.y < b.to.y && b.from.y < a.to.y;
}

}  // namespace

void PlotCanvas::points(const std::vector<CanvasPoint>& points, bool names) {
  ImGui::PushFont(face(Face::small));
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  std::vector<Area> taken;
  const CanvasPoint* nearest = nullptr;
  float least = px(16);
  for (const CanvasPoint& point : points) {
    const ImVec2 at{x_of(point.x), y_of(point.y)};
    const float radius = px(4.5f) * point.size;
    taken.push_back(Area{at, at}.inset(-radius - px(1)));
    taken.back().to = {at.x + radius, at.y + radius};
    if (point.strong) {
      list_->AddCircle(at, radius + px(4), colour(Tint::text, 0.75f), 0, px(1.5f));
    }
    series_marker(list_, at, point.series, radius, category(point.series));
    const float distance = std::hypot(mouse.x - at.x, mouse.y - at.y);
    if (hovered_ && distance < std::max(least, radius)) {
      least = distance;
      nearest = &point;
    }
  }
  for (std::size_t i = 0; names && i < points.size(); ++i) {
    if (points[i].name.empty()) continue;
    const ImVec2 at{x_of(points[i].x), y_of(points[i].y)};
    const ImVec2 size = text_size(points[i].name);
    const float off = px(4.5f) * points[i].size + px(points[i].strong ? 7 : 4);
    const float within =
        std::clamp(at.x - size.x / 2, inner_.from.x, std::max(inner_.from.x, inner_.to.x - size.x));
    for (const ImVec2 from :
         {ImVec2{at.x + off, at.y - size.y / 2}, ImVec2{at.x - off - size.x, at.y - size.y / 2},
          ImVec2{within, at.y - off - size.y}, ImVec2{within, at.y + off}}) {
      const Area own{from, {from.x + size.x, from.y + size.y}};
      const bool inside = own.from.x >= inner_.from.x && own.to.x <= inner_.to.x &&
                          own.from.y >= inner_.from.y - px(4) && own.to.y <= inner_.to.y;
      const bool free = std::none_of(taken.begin(), taken.end(),
                                     [&](const Area& other) { return overlaps(own, other); });
      if (!inside || !free) continue;
      list_->AddText({std::floor(from.x), std::floor(from.y)}, colour(Tint::text),
                     points[i].name.c_str());
      taken.push_back(own);
      break;
    }
  }
  ImGui::PopFont();
  if (nearest == nullptr) return;
  told_title_ = nearest->name.empty() ? quantity_text(x_.quantity, nearest->x) : nearest->name;
  if (!x_.title.empty()) tell(x_.title, quantity_text(x_.quantity, nearest->x));
  tell(y_.title, quantity_text(y_.quantity, nearest->y));
  if (!nearest->more.empty()) tell(nearest->more, "");
}

void PlotCanvas::bars(const std::vector<CanvasPoint>& bars, std::int64_t width) {
  list_->PushClipRect(inner_.from, inner_.to, true);
  for (const CanvasPoint& bar : bars) {
    const float from = x_of(bar.x);
    const float to = std::max(from + 1, x_of(bar.x + width) - px(1));
    const float top = y_of(bar.y);
    const bool under =
        hovered_ && ImGui::GetIO().MousePos.x >= from && ImGui::GetIO().MousePos.x <= to + px(1);
    list_->AddRectFilled({from, top}, {to, inner_.to.y}, category(bar.series, under ? 1.0f : 0.8f));
    if (!under) continue;
    told_title_ = quantity_text(x_.quantity, bar.x);
    tell(bar.name.empty() ? y_.title : bar.name, quantity_text(y_.quantity, bar.y), bar.series);
    if (!bar.more.empty()) tell(bar.more, "");
  }
  list_->PopClipRect();
}

}  // namespace longhaul
