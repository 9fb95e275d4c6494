// A run as one page that stands by itself: no script, no network, no file beside it.
//
// Pictures are SVG inside the page (run/svg.h), the style follows the reader's light or dark, and
// paper gets its own. A policy in the page forbids it to load anything, whatever a name in the
// scenario says. A section without content says why, or is left out where nothing was asked.
#pragma once

#include <string>

#include "run/reports/material.h"

namespace longhaul {

std::string report_html(const Material& material);

}  // namespace longhaul
