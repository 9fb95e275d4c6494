// A palette of faults and operator actions: each is recorded into the scenario at the playhead, and
// what came of an order is told once its run is over.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gui/model/fault_palette.h"
#include "gui/views/run_look.h"

namespace longhaul {

struct App;

class RunInjectTab {
 public:
  void draw(App& app, const RunLook& look);
  // At a node, an app or a link of the scenario, by its path, or at a region.
  void aim(const std::string& path, const std::string& region);

 private:
  void palette(const ScenarioConfig& config, const std::vector<FaultChoice>& choices, bool scrolls);
  void targets(const FaultChoice& choice, const FaultTarget& chosen, float labels);
  // Absent: what is typed is none, and `wrong` says so.
  std::optional<Duration> length(const FaultChoice& choice, float labels, std::string& wrong);
  void form(App& app, const RunLook& look, const FaultChoice& choice);
  void recorded(App& app, const RunLook& look);
  void outcome(App& app, const RunLook& look);
  void parameters(const FaultChoice& choice, FaultValues& values, float labels);
  // What would be wrong with it; asks anew only when something has changed.
  const std::string& objection(const Document& document, const std::string& json);

  std::string kind_;
  std::string target_;
  bool until_end_ = false;
  char length_[32] = "30s";
  std::map<std::string, FaultValues> values_;  // by kind
  float form_height_ = 160;
  std::string shown_kind_;    // by the palette, in the last frame
  float palette_height_ = 0;  // likewise
  int leads_frames_ = 0;      // in which it still scrolls to the form
  std::uint64_t asked_revision_ = 0;
  std::string asked_json_;
  std::string objection_;
  // What was thrown in last, until its run is over: the design's number, and the fault's.
  std::optional<std::pair<std::uint64_t, std::size_t>> awaited_;
};

}  // namespace longhaul
