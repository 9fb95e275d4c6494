// The pictures of the sweep mode, with as many cells as are finished. Each fills the room that is
// left in ImGui's panel.
#pragma once

#include "gui/model/sweep_model.h"

namespace longhaul {

void draw_lag_threshold(const LagThreshold& answer);
void draw_data_loss(const DataLoss& loss);
void draw_outages(const Outages& outages);
void draw_parameter(const ParameterSweep& answer);

}  // namespace longhaul
