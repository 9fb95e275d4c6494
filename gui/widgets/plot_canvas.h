// Plots on ImGui's draw list: two axes with ticks and units, lines, steps, bands, histograms,
// points.
//
// Values are the integers of the reports (ns, bytes, ppm, counts); ticks and texts are those of
// run/plot.h, so a picture on the screen reads as the one in a report. A line is reduced to the
// least and the most of each column of pixels before it is drawn. The x axis of a plot over time is
// shared: whoever drags or zooms one moves all that were given the same TimeWindow.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "gui/widgets/area.h"
#include "run/plot.h"

namespace longhaul {

// What part of the run is seen. Dragging with the middle button or with the wheel's tilt moves it,
// the wheel zooms around the mouse, a double click shows all.
struct TimeWindow {
  TimePoint from;
  TimePoint to;  // equal: all
};

struct CanvasLine {
  std::string name;
  std::size_t series = 0;           // colour, dash and marker
  std::vector<PlotSample> samples;  // x rising
  bool steps = false;
  bool faint = false;  // a companion (observed beside true)
};

struct CanvasPoint {
  std::string name;
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::size_t series = 0;
  bool strong = false;
};

// One plot, drawn between construction and destruction.
class PlotCanvas {
 public:
  // `id` is also the name of its mark. Reserves the area of ImGui's cursor.
  PlotCanvas(const char* id, ImVec2 size, const PlotAxis& x, const PlotAxis& y);

  void bands(const std::vector<PlotBand>& bands);
  void lines(const std::vector<CanvasLine>& lines, bool names_at_end = true);
  void level(std::int64_t y, std::string_view name);   // dashed across
  void moment(std::int64_t x, std::string_view name);  // dashed upwards
  void points(const std::vector<CanvasPoint>& points, bool names = true);
  void bars(const std::vector<CanvasPoint>& bars, std::int64_t width);  // from zero up

  float x_of(std::int64_t value) const;
  float y_of(std::int64_t value) const;
  std::int64_t value_at(float x) const;  // of the x axis
  bool hovered() const { return hovered_; }
  const Area& inner() const { return inner_; }
  ImDrawList* list() const { return list_; }

 private:
  PlotAxis x_;
  PlotAxis y_;
  Area inner_;
  ImDrawList* list_ = nullptr;
  bool hovered_ = false;
};

// A polyline with the dash of its series; never more vertices than ImGui takes.
void dashed_line(ImDrawList* list, const std::vector<ImVec2>& points, std::size_t series,
                 float thickness, ImU32 colour);

// Moves and zooms the window by what the mouse does over the area of a time axis.
void drag_time(const Area& inner, TimePoint begin, TimePoint end, TimeWindow& window);

}  // namespace longhaul
