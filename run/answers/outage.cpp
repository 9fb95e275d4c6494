#include "run/answers/outage.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/units_text.h"
#include "models/measures.h"
#include "run/answers/picture.h"
#include "run/quantity.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

const std::string nobody_took_over = "nobody took over";

// A canary that fails shortly before the end has not yet been out for as long as the horizon.
constexpr std::int64_t near_the_end_ns = 5'000'000'000;

std::vector<std::int64_t> totals(const Outages& outages) {
  std::vector<std::int64_t> values;
  for (const CrashOutage& one : outages.each) values.push_back(one.total());
  return values;
}

std::vector<std::int64_t> of_phase(const Outages& outages, std::size_t phase) {
  std::vector<std::int64_t> values;
  for (const CrashOutage& one : outages.each) values.push_back(one.phases_ns[phase]);
  return values;
}

// To the millisecond.
std::string time_text(std::int64_t ns) {
  return to_short_text(Duration{(ns + 500'000) / 1'000'000 * 1'000'000});
}

std::string at_least_text(std::int64_t ns, bool open) {
  return (open ? "more than " : "") + time_text(ns);
}

// Whether the one at that rank was still open: then it is a bound.
bool is_open_at(const Outages& outages, std::int64_t value) {
  return std::any_of(outages.each.begin(), outages.each.end(),
                     [&](const CrashOutage& one) { return one.open && one.total() <= value; });
}

json spread_object(const std::vector<std::int64_t>& values) {
  const Spread spread = spread_of(values);
  return {{"mean_ns", mean_of(values)},
          {"p50_ns", spread.median},
          {"p99_ns", spread.p99},
          {"max_ns", spread.worst}};
}

}  // namespace

std::int64_t CrashOutage::total() const {
  return std::accumulate(phases_ns.begin(), phases_ns.end(), std::int64_t{0});
}

std::int64_t Outages::still_open() const {
  return std::count_if(each.begin(), each.end(), [](const CrashOutage& one) { return one.open; });
}

std::int64_t Outages::without() const {
  return std::count_if(each.begin(), each.end(),
                       [](const CrashOutage& one) { return one.total() == 0; });
}

std::int64_t Outages::abandoned() const {
  if (phases.empty() || phases.back() != nobody_took_over) return 0;
  return std::count_if(each.begin(), each.end(),
                       [](const CrashOutage& one) { return one.open && one.phases_ns.back() > 0; });
}

std::int64_t Outages::share_percent(std::size_t phase) const {
  Int128 of_it = 0;
  Int128 all = 0;
  for (const CrashOutage& one : each) {
    of_it += one.phases_ns[phase];
    all += one.total();
  }
  return all == 0 ? 0 : div_floor(of_it * 100 + all / 2, all);
}

Outages outages(const Store& store) {
  Outages result;
  result.crashes = crash_set(store);
  const std::vector<StoredCell> cells = store.cells();
  const std::vector<StoredPhase> stored = store.phases();
  for (std::size_t i = 0; i < failover_phase_count; ++i) {
    const std::string name(to_text(static_cast<FailoverPhase>(i)));
    const bool occurs = std::any_of(stored.begin(), stored.end(), [&](const StoredPhase& phase) {
      return phase.phase == name && phase.duration_ns > 0;
    });
    if (occurs) result.phases.push_back(name);
  }
  const std::vector<std::int64_t> longest = column_of(store, "write_outage", "", "max");
  std::size_t next = 0;
  bool unended = false;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    CrashOutage one;
    one.at_ns = result.crashes.at_ns[i];
    one.phases_ns.resize(result.phases.size() + 1);
    const std::int64_t end = one.at_ns + result.crashes.horizon_ns;
    for (; next < stored.size() && stored[next].cell == cells[i].cell; ++next) {
      const auto at = std::find(result.phases.begin(), result.phases.end(), stored[next].phase);
      if (at == result.phases.end()) continue;
      one.phases_ns[static_cast<std::size_t>(at - result.phases.begin())] +=
          stored[next].duration_ns;
      one.open = one.open || (stored[next].censored && stored[next].outage_ended_ns >= end);
    }
    if (one.total() == 0 && longest[i] > 0) {
      one.phases_ns.back() = longest[i];
      one.open = longest[i] > result.crashes.horizon_ns - near_the_end_ns;
      unended = true;
    }
    result.each.push_back(std::move(one));
  }
  if (unended) {
    result.phases.push_back(nobody_took_over);
  } else {
    for (CrashOutage& one : result.each) one.phases_ns.pop_back();
  }
  return result;
}

std::string outages_sentence(const Outages& outages) {
  const std::int64_t n = outages.crashes.crashes();
  if (n == 0) return "Nothing was finished.";
  const std::vector<std::int64_t> values = totals(outages);
  const Spread spread = spread_of(values);
  if (spread.worst == 0) {
    return fmt::format(
               "In none of {} crashes ({}) were writes out for longer than 2 s, so at 95 % "
               "confidence "
               "fewer than {} of such crashes bring an outage.",
               n, outages.crashes.failure, never_text(n)) +
           one_seed_text(outages.crashes);
  }
  std::size_t most = 0;
  for (std::size_t i = 0; i < outages.phases.size(); ++i) {
    if (mean_of(of_phase(outages, i)) > mean_of(of_phase(outages, most))) most = i;
  }
  const std::int64_t share = outages.share_percent(most);
  std::string text =
      fmt::format("When {}, writes are out for {} in the median and {} at {}; ",
                  failure_words(outages.crashes.failure),
                  at_least_text(spread.median, is_open_at(outages, spread.median)),
                  at_least_text(spread.p99, is_open_at(outages, spread.p99)), p99_title(n));
  if (outages.phases[most] == nobody_took_over) {
    text += fmt::format("{} % of all that time is in crashes after which nobody took over", share);
  } else {
    text += fmt::format("{} % of all that time goes into the phase \"{}\"", share,
                        outages.phases[most]);
  }
  if (const std::int64_t open = outages.still_open(); open > 0) {
    text += fmt::format("; after {} crashes writes were still out when we stopped watching",
                        of_text(open, n));
  } else {
    text += fmt::format(
        "; all {} were over within {}, so at 95 % confidence fewer than {} last "
        "longer than we watched",
        n, time_text(spread.worst), never_text(n));
  }
  return text + "." + one_seed_text(outages.crashes);
}

std::string outages_text(const Outages& outages, bool colour) {
  const std::int64_t n = outages.crashes.crashes();
  std::string text = wrapped(crash_text(outages.crashes), 100, 2) + "\n\n";
  TextTable table({"WRITES OUT", "crashes", "mean", "share", "p50", p99_title(n), "worst"});
  const std::vector<std::int64_t> all = totals(outages);
  const auto add = [&](const std::string& title, const std::vector<std::int64_t>& values) {
    const Spread spread = spread_of(values);
    const std::int64_t with =
        std::count_if(values.begin(), values.end(), [](std::int64_t value) { return value > 0; });
    const std::int64_t share = div_floor(Int128{mean_of(values)} * 1'000 + mean_of(all) / 2,
                                         std::max<std::int64_t>(1, mean_of(all)));
    table.row({title, fmt::format("{}/{}", with, n), time_text(mean_of(values)),
               to_text(Ratio{share * 1'000}), time_text(spread.median), time_text(spread.p99),
               time_text(spread.worst)});
  };
  for (std::size_t i = 0; i < outages.phases.size(); ++i) {
    add(outages.phases[i], of_phase(outages, i));
  }
  add("in all", all);
  text += table.text(colour);
  if (outages.still_open() > 0) {
    text += fmt::format("  not over at the end, counted as long as seen: {}\n",
                        of_text(outages.still_open(), n));
  }
  text += unfinished_text(outages.crashes);
  return text + "\n" + wrapped(outages_sentence(outages), 100, 0) + "\n";
}

std::string outages_json(const Outages& outages) {
  json object{
      {"format", 1},
      {"answer", "outage"},
      {"scenario", outages.crashes.scenario},
      {"failure", outages.crashes.failure},
      {"seeds", {{"first", outages.crashes.seeds.first}, {"last", outages.crashes.seeds.last}}},
      {"crash_instants", outages.crashes.instants},
      {"crashes", outages.crashes.crashes()},
      {"unfinished_pages", outages.crashes.unfinished_pages},
      {"without_outage", outages.without()},
      {"still_open", outages.still_open()},
      {"write_outage", spread_object(totals(outages))}};
  json phases = json::object();
  for (std::size_t i = 0; i < outages.phases.size(); ++i) {
    phases[outages.phases[i]] = spread_object(of_phase(outages, i));
  }
  object["phases"] = std::move(phases);
  json each = json::array();
  for (const CrashOutage& one : outages.each) {
    json parts = json::object();
    for (std::size_t i = 0; i < outages.phases.size(); ++i) {
      if (one.phases_ns[i] > 0) parts[outages.phases[i]] = one.phases_ns[i];
    }
    each.push_back({{"at_ns", one.at_ns}, {"open", one.open}, {"phases_ns", std::move(parts)}});
  }
  object["each"] = std::move(each);
  object["sentence"] = outages_sentence(outages);
  return object.dump(2) + "\n";
}

// ---- the picture -------------------------------------------------------------------------------

namespace {

constexpr std::int64_t width = AnswerPicture::width;
constexpr std::int64_t height = 300;
constexpr std::int64_t left = 70;
constexpr std::int64_t right = width - 24;

// Crashes from the shortest outage to the longest, one bar each, or some together.
struct Bar {
  std::vector<std::int64_t> phases_ns;  // means
  bool open = false;
};

std::vector<Bar> bars_of(const Outages& outages, std::size_t at_most) {
  std::vector<const CrashOutage*> sorted;
  for (const CrashOutage& one : outages.each) sorted.push_back(&one);
  std::stable_sort(sorted.begin(), sorted.end(), [](const CrashOutage* a, const CrashOutage* b) {
    return a->total() < b->total();
  });
  const std::size_t count = std::min(at_most, sorted.size());
  std::vector<Bar> bars(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = sorted.size() * i / count;
    const std::size_t end = sorted.size() * (i + 1) / count;
    for (std::size_t phase = 0; phase < outages.phases.size(); ++phase) {
      Int128 sum = 0;
      for (std::size_t j = begin; j < end; ++j) sum += sorted[j]->phases_ns[phase];
      bars[i].phases_ns.push_back(div_floor(sum, static_cast<std::int64_t>(end - begin)));
    }
    for (std::size_t j = begin; j < end; ++j) bars[i].open = bars[i].open || sorted[j]->open;
  }
  return bars;
}

}  // namespace

std::string outages_svg(const Outages& outages) {
  const std::string title = "How long writes are out after a crash, by phase";
  AnswerPicture picture(title, crash_text(outages.crashes));
  std::int64_t top = picture.top() + 14;
  std::vector<std::pair<std::size_t, std::string>> legend;
  for (std::size_t i = 0; i < outages.phases.size(); ++i) {
    legend.emplace_back(i, fmt::format("{} ({} on average)", outages.phases[i],
                                       time_text(mean_of(of_phase(outages, i)))));
  }
  top = picture.legend(left, top, right, AnswerPicture::Key::area, legend) + 36;
  const std::int64_t bottom = top + height;
  const Spread spread = spread_of(totals(outages));
  const Scale y(Quantity::duration, 0, std::max<std::int64_t>(1, spread.worst), bottom, top, 6);
  y.draw_upwards(picture, left, right, "writes out");
  const std::vector<Bar> bars = bars_of(outages, 80);
  const auto n = static_cast<std::int64_t>(bars.size());
  for (std::int64_t i = 0; i < n; ++i) {
    const Bar& bar = bars[static_cast<std::size_t>(i)];
    const std::int64_t x = left + 1 + (right - left - 1) * i / n;
    const std::int64_t wide = left + 1 + (right - left - 1) * (i + 1) / n - x - (n < 200 ? 1 : 0);
    std::int64_t sum = 0;
    for (std::size_t phase = 0; phase < bar.phases_ns.size(); ++phase) {
      const std::int64_t below = y.at(sum);
      sum += bar.phases_ns[phase];
      if (below > y.at(sum))
        picture.area(x, y.at(sum), std::max<std::int64_t>(1, wide), below - y.at(sum), phase);
    }
    if (bar.open) picture.text(x + wide / 2, y.at(sum) - 3, Anchor::middle, "+");
  }
  const auto mark = [&](std::int64_t percent, const std::string& text, Anchor anchor) {
    const std::int64_t x = left + (right - left) * percent / 100;
    picture.line(x, top, x, bottom, "mark");
    picture.text(x + (anchor == Anchor::end ? -5 : 5), top + 14, anchor, text, "strong");
  };
  mark(50, "p50 " + time_text(spread.median), Anchor::end);
  if (spread.samples >= 100) mark(99, "p99 " + time_text(spread.p99), Anchor::end);
  picture.text((left + right) / 2, bottom + 18, Anchor::middle,
               fmt::format("{} crashes from the shortest outage to the longest{}{}", spread.samples,
                           spread.samples > n ? fmt::format(", {} bars of means", n) : "",
                           outages.still_open() > 0 ? "; + : not over when the run ended" : ""));
  return picture.finish(bottom + 30, outages_sentence(outages));
}

}  // namespace longhaul
