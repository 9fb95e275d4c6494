// A parameter over a row of values, or a crash at many instants, as a picture that fills in.
//
// At the left what is swept and over what, at the right the picture with the sentence that one
// would say. What does not fit the scenario says why.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gui/model/sweep_model.h"
#include "gui/widgets/area.h"

namespace longhaul {

struct App;

class SweepView {
 public:
  void draw(App& app, Area area);
  bool is_busy() const { return model_.running(); }
  // Of what is shown, else of what Start would begin; empty while that is not chosen yet.
  std::string command_line(const App& app) const;

 private:
  void draw_kinds(const ScenarioConfig& config, float room);
  void draw_choices(const ScenarioConfig& config);
  void draw_crash_choices(const ScenarioConfig& config);
  void draw_parameter_choices(const ScenarioConfig& config);
  void draw_search(const ScenarioConfig& config);
  void draw_figure_choice();
  void draw_start(App& app, const ScenarioConfig& config);
  void draw_picture(App& app);
  void draw_exports(App& app, const SweepPicture* picture);
  SweepAsked asked_now(const App& app) const;
  std::string missing(const ScenarioConfig& config) const;  // why it cannot start

  SweepModel model_;
  SweepAsked wish_;
  char search_[128] = {};
  char values_[256] = {};
  char metric_[128] = "page_latency";
  char aggregation_[32] = "p(95)";
  bool own_figure_ = false;
  std::size_t figure_ = 0;
  std::vector<FoundParameter> found_;
  std::string found_for_;
  float choices_height_ = 1e6f;  // of the last frame
};

}  // namespace longhaul
