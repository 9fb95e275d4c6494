// What advice looks like: tables for people, JSON for programs.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "models/app/page_time.h"
#include "run/advise.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

// The page that an option changes most.
std::size_t page_most_changed(const AdviceReport& report, const Advice& advice) {
  const auto change = [&](std::size_t i) {
    return std::abs((report.pages[i].mean() - advice.pages[i].mean).ns);
  };
  std::size_t most = 0;
  for (std::size_t i = 1; i < report.pages.size(); ++i) {
    if (change(i) > change(most)) most = i;
  }
  return most;
}

std::string page_text(const AdviceReport& report, std::size_t i) {
  const PageBreakdown& page = report.pages[i];
  return report.labels[Label::region][page.region] + " / " + report.labels[Label::page][page.page];
}

std::string from_to(std::string before, std::string after) {
  return before == after ? before : std::move(before) + " -> " + std::move(after);
}

std::string stale_share(const Counter& stale) {
  return stale.count == 0 ? "0%" : share_text(share_ppm(stale).value_or(0));
}

std::string options_text(const AdviceReport& report, bool colour) {
  TextTable table(
      {"WHAT HELPS", "saves", "<most on", "<p50", "<p95", "<stale reads", "<USD a month"});
  const auto usd = [](const MonthlyCost& cost) {
    return count_text(div_floor(Int128{cost.total()} + 500'000, 1'000'000));
  };
  for (const Advice& advice : report.options) {
    if (!helps(report, advice)) continue;
    const std::size_t i = page_most_changed(report, advice);
    const PageBreakdown& page = report.pages[i];
    const PageEffect& after = advice.pages[i];
    table.row({advice.option.what,
               {to_short_text(advice.saved), Tone::good},
               page_text(report, i),
               from_to(to_short_text(page.quantile(percent(50))), to_short_text(after.p50)),
               from_to(to_short_text(page.quantile(percent(95))), to_short_text(after.p95)),
               from_to(stale_share(report.stale), stale_share(advice.stale)),
               from_to(usd(report.cost), usd(advice.cost))});
  }
  if (table.empty()) return "Nothing that was tried here helps.\n";
  return table.text(colour) +
         "  saves: the average over all pages above, most on: the page that changes most. stale "
         "reads: of the\n  statements that read, so where a query takes the place of several there "
         "are fewer of them.\n";
}

std::string useless_text(const AdviceReport& report) {
  std::string text;
  for (const Advice& advice : report.options) {
    if (helps(report, advice)) continue;
    text += (text.empty() ? "" : "; ") + advice.option.what;
    if (advice.saved > Duration{}) {
      text +=
          fmt::format(" (saves {}, but {} pages fail instead of {})", to_short_text(advice.saved),
                      count_text(advice.errors), count_text(report.errors));
    } else {
      text += fmt::format(" (a page takes {} more)", to_short_text(Duration{-advice.saved.ns}));
    }
  }
  return text.empty() ? "" : "  " + wrapped("tried, does not help: " + text + ".", 98, 4) + "\n";
}

// What the figures below are figures of.
std::string basis_text(const AdviceReport& report) {
  std::string text;
  if (report.errors > 0) {
    std::int64_t answered = 0;
    for (const PageBreakdown& page : report.pages) answered += page.time.pages;
    text += fmt::format("{} of {} pages failed: averages and quantiles are of those answered.",
                        count_text(report.errors), count_text(answered + report.errors));
  }
  if (report.faults > 0) {
    text += fmt::format("{}The figures include the scenario's faults ({}).",
                        text.empty() ? "" : " ", report.faults);
  }
  return text.empty() ? "" : wrapped(text, 100, 0) + "\n\n";
}

std::string cost_text(const MonthlyCost& cost) {
  std::string text = "A month as it is: " + usd_text(cost.total()) + " (";
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    const auto kind = static_cast<CostKind>(i);
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", title_of(kind), usd_text(cost[kind]));
  }
  text += "), at list prices";
  for (const std::string& source : cost.sources) text += "; transfer: " + source;
  for (const std::string& pair : cost.unpriced) text += "; no price known from " + pair;
  text += ". Left out: caches, queues, traffic to users and between zones, backups";
  return wrapped(text + ".", 100, 2) + "\n";
}

json time_json(const PageBreakdown& page, const LabelValues& labels) {
  json parts = json::object();
  for (std::size_t i = 0; i < page_parts; ++i) {
    const auto part = static_cast<PagePart>(i);
    parts[std::string(name_of(part))] = page.time[part].ns;
  }
  json legs = json::array();
  for (std::size_t node = 0; node < labels[Label::node].size(); ++node) {
    const Legs& to = page.time.legs[node];
    if (to.count == 0) continue;
    legs.push_back({{"node", labels[Label::node][node]},
                    {"count", to.count},
                    {"repeats", to.repeats},
                    {"network_ns", to.network.ns}});
  }
  return {{"region", labels[Label::region][page.region]},
          {"page", labels[Label::page][page.page]},
          {"pages", page.time.pages},
          {"errors", page.errors},
          {"mean_ns", page.mean().ns},
          {"p50_ns", page.quantile(percent(50)).ns},
          {"p95_ns", page.quantile(percent(95)).ns},
          {"sum_ns", parts},
          {"legs", legs}};
}

json cost_json(const MonthlyCost& cost) {
  json object{{"total_micro_usd", cost.total()}};
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    const auto kind = static_cast<CostKind>(i);
    object[std::string(title_of(kind)) + "_micro_usd"] = cost[kind];
  }
  object["price_sources"] = cost.sources;
  object["unpriced"] = cost.unpriced;
  return object;
}

json counter_json(const Counter& counter) {
  return {{"count", counter.count}, {"of", counter.population}};
}

}  // namespace

std::string advice_text(const AdviceReport& report, bool colour) {
  std::string text = toned(report.name, Tone::strong, colour) +
                     fmt::format(", {} seed{}\n\n", report.seeds, report.seeds == 1 ? "" : "s") +
                     basis_text(report);
  for (const PageBreakdown& page : report.pages) {
    text += breakdown_text(page, report.labels, colour) + "\n";
  }
  if (report.options.empty()) {
    text += "Nothing that is tried here would help.\n";
  } else {
    text += options_text(report, colour) + useless_text(report);
  }
  for (const Advice& advice : report.options) {
    if (advice.option.caveat.empty() || !helps(report, advice)) continue;
    text += "  " + wrapped(advice.option.what + ": " + advice.option.caveat, 98, 4) + "\n";
  }
  for (const std::string& what : report.impossible) text += "  not possible here: " + what + "\n";
  text += "\n";
  for (const std::string& answer : report.answers) text += wrapped(answer, 100, 2) + "\n";
  return text + cost_text(report.cost);
}

std::string advice_json(const AdviceReport& report) {
  json object{
      {"format", 1}, {"release", release()}, {"scenario", report.name}, {"seeds", report.seeds}};
  object["pages"] = json::array();
  for (const PageBreakdown& page : report.pages) {
    object["pages"].push_back(time_json(page, report.labels));
  }
  object["errors"] = report.errors;
  object["faults"] = report.faults;
  object["stale_reads"] = counter_json(report.stale);
  object["cost_usd_per_month"] = cost_json(report.cost);
  object["options"] = json::array();
  for (const Advice& advice : report.options) {
    json option{{"kind", name_of(advice.option.kind)},
                {"what", advice.option.what},
                {"saved_ns", advice.saved.ns},
                {"helps", helps(report, advice)}};
    for (std::size_t i = 0; i < report.pages.size(); ++i) {
      const PageEffect& after = advice.pages[i];
      option["pages"].push_back({{"region", report.labels[Label::region][report.pages[i].region]},
                                 {"page", report.labels[Label::page][report.pages[i].page]},
                                 {"mean_ns", after.mean.ns},
                                 {"p50_ns", after.p50.ns},
                                 {"p95_ns", after.p95.ns}});
    }
    option["errors"] = advice.errors;
    option["stale_reads"] = counter_json(advice.stale);
    option["cost_usd_per_month"] = cost_json(advice.cost);
    if (!advice.option.caveat.empty()) option["caveat"] = advice.option.caveat;
    object["options"].push_back(std::move(option));
  }
  object["answers"] = report.answers;
  object["impossible"] = report.impossible;
  return object.dump(2) + "\n";
}

}  // namespace longhaul
