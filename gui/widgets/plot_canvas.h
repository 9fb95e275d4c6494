// Plots on ImGui's draw list: two axes with ticks and units, lines, steps, bands, histograms,
// points.
//
// Values are the integers of the reports (ns, bytes, ppm, counts); ticks and texts are those of
// run/plot.h, so a picture on the screen reads as the one in a report. A line is reduced to the
// least and the most of each column of pixels before it is drawn. The x axis of a plot over time is
// shared: whoever drags or zooms one moves all that were given the same TimeWindow, and the instant
// under the mouse is shown in all plots over time.
//
// Dashes and markers are drawn beside the colour of a series. What is under the mouse is told with
// its values when the plot is finished.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "gui/widgets/area.h"
#include "gui/widgets/theme.h"
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
  float size = 1;    // of its marker
  std::string more;  // on hover, below the name
};

// One plot, drawn between construction and destruction.
class PlotCanvas {
 public:
  // `id` is also the name of its mark. Reserves the area of ImGui's cursor. `names` is the room at
  // the right for the names of lines, in pixels of the screen (room_for()); without, they stand as
  // a legend above the plot. The end of the y axis is moved up to its next tick. With `steps_of_x`
  // the x axis has these in place of figures: the first at 0, the next at `step_of_x` and so on.
  PlotCanvas(const char* id, ImVec2 size, const PlotAxis& x, const PlotAxis& y, float names = 0,
             std::vector<std::string> steps_of_x = {});
  static constexpr std::int64_t step_of_x = 1'000;
  // The axis for so many of them.
  static PlotAxis axis_of_steps(std::string title, std::size_t count);
  ~PlotCanvas();
  PlotCanvas(const PlotCanvas&) = delete;
  PlotCanvas& operator=(const PlotCanvas&) = delete;

  static float room_for(const std::vector<CanvasLine>& lines);

  void bands(const std::vector<PlotBand>& bands);
  void lines(const std::vector<CanvasLine>& lines, bool names_at_end = true);
  void level(std::int64_t y, std::string_view name, Tint tint = Tint::bad);   // dashed across
  void moment(std::int64_t x, std::string_view name, Tint tint = Tint::bad);  // dashed upwards
  void points(const std::vector<CanvasPoint>& points, bool names = true);
  void bars(const std::vector<CanvasPoint>& bars, std::int64_t width);  // from zero up
  // A line of what is told on hover.
  void tell(std::string name, std::string value, std::optional<std::size_t> series = {});

  float x_of(std::int64_t value) const;
  float y_of(std::int64_t value) const;
  std::int64_t value_at(float x) const;  // of the x axis
  bool hovered() const { return hovered_; }
  const Area& inner() const { return inner_; }
  ImDrawList* list() const { return list_; }

 private:
  struct Told {
    std::string name;
    std::string value;
    std::optional<std::size_t> series;
  };
  struct Name {
    float y = 0;
    const CanvasLine* line = nullptr;
  };
  void draw_axes(const Area& whole);
  std::vector<Tick> ticks_of_x() const;
  void draw_line(const CanvasLine& line);
  void read_line(const CanvasLine& line);
  void names_at_right(std::vector<Name> names);
  void legend(const std::vector<CanvasLine>& lines);
  void label(ImVec2 at, std::string_view text, ImU32 tint) const;  // readable over lines
  void draw_crosshair() const;

  PlotAxis x_;
  PlotAxis y_;
  std::vector<std::string> steps_of_x_;
  Area inner_;
  float top_ = 0;  // of the whole
  float title_end_ = 0;
  float legend_from_ = 0;  // where the next legend ends
  float names_ = 0;
  ImDrawList* list_ = nullptr;
  bool hovered_ = false;
  std::optional<std::int64_t> read_at_;  // lines tell their values here
  std::vector<Told> told_;
  std::string told_title_;
};

// A polyline with the dash of its series; never more vertices than ImGui takes.
void dashed_line(ImDrawList* list, const std::vector<ImVec2>& points, std::size_t series,
                 float thickness, ImU32 colour);
// The marker of a series: circle, square, triangle, diamond, cross, and again from the circle.
void series_marker(ImDrawList* list, ImVec2 at, std::size_t series, float radius, ImU32 colour);
// A line across with its marker, as in a legend, at ImGui's cursor; stays on the line.
void series_key(std::size_t series);

// The axis of what the window shows of [begin, end].
PlotAxis time_axis(const TimeWindow& window, TimePoint begin, TimePoint end);

// Moves and zooms the window by what the mouse does over the area of a time axis. Call it while the
// plot lives. With `left_zooms`, a span that is drawn with the left button fills the plot. Without
// `wheel_zooms`, the wheel is the panel's, which scrolls.
void drag_time(const Area& inner, TimePoint begin, TimePoint end, TimeWindow& window,
               bool left_zooms = false, bool wheel_zooms = true);

// Text of no more than `width` pixels, with "..." at its end if it is cut. With the current face.
std::string fitted(std::string_view text, float width);
// Likewise, in its middle: for names that differ at their end.
std::string fitted_middle(std::string_view text, float width);

}  // namespace longhaul
