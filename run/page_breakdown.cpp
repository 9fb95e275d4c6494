#include "run/page_breakdown.h"

#include <fmt/format.h>

#include "base/units_text.h"
#include "models/app/page_time.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

constexpr std::int64_t bar_columns = 30;

std::string bar(std::int64_t ppm) {
  const std::int64_t filled = div_floor(Int128{ppm} * bar_columns + 500'000, 1'000'000);
  return std::string(static_cast<std::size_t>(filled), '#');
}

}  // namespace

Duration PageBreakdown::mean(PagePart part) const {
  return time.pages == 0 ? Duration{} : Duration{time[part].ns / time.pages};
}

Duration PageBreakdown::mean() const {
  return time.pages == 0 ? Duration{} : Duration{time.total().ns / time.pages};
}

std::int64_t PageBreakdown::share_ppm(PagePart part) const {
  const Duration total = time.total();
  return total == Duration{} ? 0 : div_floor(Int128{time[part].ns} * 1'000'000, total.ns);
}

std::vector<PageBreakdown> page_breakdowns(const Figures& figures) {
  std::vector<PageBreakdown> pages;
  for (std::uint32_t region = 0; region < figures.labels[Label::region].size(); ++region) {
    for (std::uint32_t page = 0; page < figures.labels[Label::page].size(); ++page) {
      PageBreakdown row;
      row.region = region;
      row.page = page;
      const auto sum_of = [&](Outcome outcome) {
        const std::size_t cell = page_time_cell(figures.labels, region, page, outcome);
        PageTime sum;
        for (const auto& part : figures.parts) {
          if (cell < part->page_times.size()) sum.add(part->page_times[cell]);
        }
        return sum;
      };
      row.time = sum_of(Outcome::ok);
      row.errors = sum_of(Outcome::error).pages;
      if (row.time.pages + row.errors == 0) continue;
      row.latency = figures.select({Metric::page_latency,
                                    {{Label::region, region},
                                     {Label::page, page},
                                     {Label::outcome, static_cast<std::uint32_t>(Outcome::ok)}}});
      pages.push_back(std::move(row));
    }
  }
  return pages;
}

std::string mean_text(std::int64_t sum, std::int64_t count) {
  if (count == 0) return "0";
  const std::int64_t hundredths = div_floor(Int128{sum} * 100 + count / 2, count);
  if (hundredths < 10 && sum > 0)
    return hundredths == 0 ? "<0.01" : fmt::format("0.0{}", hundredths);
  const std::int64_t tenths = div_floor(Int128{sum} * 10 + count / 2, count);
  return tenths % 10 == 0 ? std::to_string(tenths / 10)
                          : fmt::format("{}.{}", tenths / 10, tenths % 10);
}

std::string legs_text(const PageTime& time, const LabelValues& labels) {
  std::string text;
  const std::vector<std::string>& nodes = labels[Label::node];
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    const Legs& legs = time.legs[node];
    if (legs.count == 0) continue;
    if (!text.empty()) text += "; ";
    text += fmt::format("{} x {} to {}", mean_text(legs.count, time.pages),
                        to_short_text(Duration{legs.network.ns / legs.count}), nodes[node]);
    if (legs.repeats > 0) {
      text += fmt::format(", {} of them N + 1", mean_text(legs.repeats, time.pages));
    }
  }
  return text;
}

std::string breakdown_text(const PageBreakdown& page, const LabelValues& labels, bool colour) {
  std::string text =
      fmt::format("{} / {}: {} on average, p50 {}, p95 {}, {} pages\n",
                  labels[Label::region][page.region], labels[Label::page][page.page],
                  to_short_text(page.mean()), to_short_text(page.quantile(percent(50))),
                  to_short_text(page.quantile(percent(95))), count_text(page.time.pages));
  if (page.errors > 0) text += fmt::format("  and {} that failed\n", count_text(page.errors));
  const std::string legs = legs_text(page.time, labels);
  if (!legs.empty()) text += "  " + wrapped("legs " + legs, 98, 7) + "\n";
  TextTable table({"", "", "", "<"});
  for (std::size_t i = 0; i < page_parts; ++i) {
    const auto part = static_cast<PagePart>(i);
    if (page.time[part] == Duration{}) continue;
    const std::int64_t ppm = page.share_ppm(part);
    table.row({std::string(title_of(part)), to_short_text(page.mean(part)),
               share_text(div_floor(ppm + 500, 1'000) * 1'000), bar(ppm)});
  }
  return text + table.text(colour);
}

}  // namespace longhaul
