// Where the time of a page goes, for people and for programs: the sums of models/app/page_time.h by
// the users' region and page, as means of one page.
//
//   eu / dashboard: 231.4ms, 28,512 pages
//     legs 3 x 69.6ms to db-us, 2 of them N + 1
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/app/page_parts.h"
#include "run/figures.h"

namespace longhaul {

// The pages of one name that users of one region got, all seeds together. Failed ones are counted
// and left out of the time.
struct PageBreakdown {
  std::uint32_t region = 0;  // label positions
  std::uint32_t page = 0;
  PageTime time;
  std::int64_t errors = 0;
  Figure latency;

  Duration mean(PagePart part) const;  // of one page, rounded down
  Duration mean() const;
  std::int64_t share_ppm(PagePart part) const;
  Duration quantile(Ratio q) const { return {latency.quantile(q)}; }
};

// Of all pages that were asked for, region by region. Empty when pages were not timed.
std::vector<PageBreakdown> page_breakdowns(const Figures& figures);

// "3 x 69.6ms to db-us, 2 of them N + 1; 1 x 0.1ms to db-eu". Legs are means of one page.
std::string legs_text(const PageTime& time, const LabelValues& labels);

// A mean that is not a whole number has one decimal, "2.9", or two below 0.1: "0.04".
std::string mean_text(std::int64_t sum, std::int64_t count);

// A table of the parts that take time, each with its mean, its share and a bar.
std::string breakdown_text(const PageBreakdown& page, const LabelValues& labels, bool colour);

}  // namespace longhaul
