// Two to four designs on one clock: what differs, by how much, how surely.
//
// At once from the runs that are open; over many seeds, with verdicts, when asked for. Above the
// sentences, at the left figures with differences and what was changed, at the right plots over
// time, distributions, and cost against latency.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gui/model/compare_model.h"
#include "gui/widgets/area.h"
#include "gui/widgets/plot_canvas.h"

namespace longhaul {

struct App;
struct Design;

class CompareView {
 public:
  void draw(App& app, Area area);
  bool is_busy() const { return model_.work().running(); }
  std::string command_line() const { return model_.command_line(); }

 private:
  struct Plots {  // of the runs that are open
    std::vector<CanvasLine> latency;
    std::vector<CanvasLine> lag;
    std::vector<CanvasLine> distribution;
    std::vector<PlotBand> bands;
  };
  void take_designs(App& app);
  void make_plots();
  void draw_alone(App& app, Area area);
  void draw_page(App& app, Area area);
  void draw_figures(bool scrolls);
  void draw_controls(App& app);
  void draw_verdicts(float width);
  float verdict_height(float width) const;
  void draw_changes(const CompareReport& report);
  void draw_table(const CompareReport& report, bool scrolls);
  void draw_row(const CompareReport& report, const CompareRow& row, bool wide);
  void draw_plots(App& app, float height);
  void draw_time_plot(App& app, const char* id, ImVec2 size, const std::string& title,
                      const std::vector<CanvasLine>& lines);
  void draw_distribution(ImVec2 size);
  void draw_pareto(const Pareto& pareto, ImVec2 size);

  CompareModel model_;
  struct Shown {
    const Design* design = nullptr;
    std::shared_ptr<const RunView> view;  // its last complete run
  };
  std::vector<Shown> complete_;
  std::int64_t seeds_ = 20;
  bool only_differing_ = false;
  std::optional<bool> changes_open_;  // absent: where there is room for them
  std::string region_;
  TimeWindow window_;
  Plots plots_;
  std::string plots_of_;  // the region and the runs that they are of
};

}  // namespace longhaul
