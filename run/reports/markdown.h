// A run as Markdown: the tables of the page (html.h) for tickets, wikis and summaries of CI.
#pragma once

#include <string>

#include "run/reports/material.h"

namespace longhaul {

std::string report_markdown(const Material& material);

}  // namespace longhaul
