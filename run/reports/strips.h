// Rows of what was so when, and what all pictures over time share.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "run/plot.h"
#include "run/reports/material.h"

namespace longhaul {

struct Strip {
  enum class Look { thin, half, full, broken };
  struct Part {
    std::int64_t from = 0;
    std::int64_t to = 0;
    Look look = Look::thin;
    std::string text;
  };
  std::string name;
  std::vector<Part> parts;
  std::size_t series = 0;
};

// From `top` on ten pixels down; `x` says where a time is.
void draw_strip(Drawing& drawing, const Strip& strip, std::int64_t top,
                const std::function<std::int64_t(std::int64_t)>& x);

// The breakers of an app's instances by the state of most concern; without parts if there are none.
Strip breaker_strip(const Material& material, std::string_view replica, std::string_view app,
                    std::string name);

// From the start of the run to its end.
PlotAxis time_axis(const Material& material);

// Of the scenario's faults; a moment is a band of no width, which is drawn as a line.
std::vector<PlotBand> fault_bands(const Material& material);

// Without the provider: "aws:eu-west-1" is too long to stand beside a line.
std::string short_region(const std::string& region);

}  // namespace longhaul
