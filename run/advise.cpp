#include "run/advise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/units_text.h"
#include "run/report.h"
#include "run/variants.h"

namespace longhaul {
namespace {

constexpr std::int64_t enough_percent = 80;  // of what a replica saves
constexpr std::int64_t nothing_percent = 5;  // of a page's time

// By name: an option may bring regions of its own.
std::vector<PageEffect> effects(const AdviceReport& report, const std::vector<PageBreakdown>& found,
                                const LabelValues& labels) {
  std::vector<PageEffect> result;
  for (const PageBreakdown& page : report.pages) {
    const auto same = [&](Label label, std::uint32_t a, std::uint32_t b) {
      return report.labels[label][a] == labels[label][b];
    };
    const auto at = std::find_if(found.begin(), found.end(), [&](const PageBreakdown& other) {
      return same(Label::region, page.region, other.region) &&
             same(Label::page, page.page, other.page);
    });
    result.push_back(at == found.end() ? PageEffect{}
                                       : PageEffect{at->mean(), at->quantile(percent(50)),
                                                    at->quantile(percent(95))});
  }
  return result;
}

// The mean of what the pages of a region save, each as often as it was asked for; all regions when
// none is named.
Duration saved(const AdviceReport& report, const Advice& advice, const std::string& region) {
  Int128 sum = 0;
  Int128 count = 0;
  for (std::size_t i = 0; i < report.pages.size(); ++i) {
    const PageBreakdown& page = report.pages[i];
    if (!region.empty() && report.labels[Label::region][page.region] != region) continue;
    sum += Int128{page.time.pages} * (page.mean() - advice.pages[i].mean).ns;
    count += page.time.pages;
  }
  return {count == 0 ? 0 : static_cast<std::int64_t>(sum / count)};
}

Duration mean_of(const AdviceReport& report, const std::string& region) {
  Int128 sum = 0;
  Int128 count = 0;
  for (const PageBreakdown& page : report.pages) {
    if (!region.empty() && report.labels[Label::region][page.region] != region) continue;
    sum += page.time.total().ns;
    count += page.time.pages;
  }
  return {count == 0 ? 0 : static_cast<std::int64_t>(sum / count)};
}

std::string stale_text(const Counter& stale) {
  const auto share = share_ppm(stale);
  return share && stale.count > 0 ? share_text(*share) + " stale reads" : "no stale reads";
}

std::string more_text(const AdviceReport& report, const Advice& advice) {
  const std::int64_t more = advice.cost.total() - report.cost.total();
  if (std::abs(more) < 500'000) return "the same cost";
  return usd_text(std::abs(more)) + (more > 0 ? " a month more" : " a month less");
}

std::string outcome_text(const AdviceReport& report, const Advice& advice,
                         const std::string& region) {
  const Duration mean = mean_of(report, region);
  return fmt::format("{} takes their pages from {} to {}, at {} and with {}", advice.option.what,
                     to_short_text(mean), to_short_text(mean - saved(report, advice, region)),
                     more_text(report, advice), stale_text(advice.stale));
}

// Is the replica worth it, held against the best that does without one?
std::string answer(const AdviceReport& report, const Advice& replica) {
  const std::string& region = replica.option.region;
  const Duration with = saved(report, replica, region);
  const Duration mean = mean_of(report, region);
  if (Int128{with.ns} * 100 < Int128{mean.ns} * nothing_percent) {
    return fmt::format("Users of {} do not need a replica: it saves {} of {}.", region,
                       to_short_text(std::max(with, Duration{})), to_short_text(mean));
  }
  const Advice* best = nullptr;
  for (const Advice& other : report.options) {
    if (other.option.kind == OptionKind::replica || other.errors > report.errors) continue;
    if (!best || saved(report, other, region) > saved(report, *best, region)) best = &other;
  }
  const Duration without = best ? saved(report, *best, region) : Duration{};
  const bool enough = best && Int128{without.ns} * 100 >= Int128{with.ns} * enough_percent &&
                      best->cost.total() <= replica.cost.total();
  if (enough) {
    return fmt::format("Users of {} do not need a replica: {}; {}.", region,
                       outcome_text(report, *best, region), outcome_text(report, replica, region));
  }
  std::string text = fmt::format("For users of {} a replica pays: {}", region,
                                 outcome_text(report, replica, region));
  if (without > Duration{}) {
    text += "; the best without one: " + outcome_text(report, *best, region);
  }
  return text + ".";
}

// Nothing that a replica could change was found.
std::string answer_without(const AdviceReport& report) {
  Duration legs;
  Duration all;
  for (const PageBreakdown& page : report.pages) {
    legs += page.time[PagePart::legs] + page.time[PagePart::repeats];
    all += page.time.total();
  }
  const std::int64_t ppm = all == Duration{} ? 0 : div_floor(Int128{legs.ns} * 1'000'000, all.ns);
  const std::string share = share_text(div_floor(ppm + 500, 1'000) * 1'000);
  const char* why = ppm < 100'000        ? ""
                    : report.moved_reads ? ", for writes and for reads that rules sent there"
                                         : ", for what only the primary can answer";
  return fmt::format(
      "Nobody needs another replica: {} of the time of these pages goes between app and "
      "database{}.",
      share, why);
}

void answer_all(AdviceReport& report) {
  for (const Advice& advice : report.options) {
    if (advice.option.kind == OptionKind::replica) report.answers.push_back(answer(report, advice));
  }
  if (report.answers.empty()) report.answers.push_back(answer_without(report));
}

Counter stale_reads(const Figures& figures) {
  return figures.select({Metric::stale_reads, {}}).counter;
}

// Whether rules or breakers sent reads elsewhere than where they were to be answered.
bool moved_reads(const Figures& figures) {
  return figures.select({Metric::freshness_moved_reads, {}}).counter.count > 0 ||
         figures.select({Metric::breaker_open_duration, {}}).count() > 0;
}

std::int64_t errors_of(const std::vector<PageBreakdown>& pages) {
  std::int64_t sum = 0;
  for (const PageBreakdown& page : pages) sum += page.errors;
  return sum;
}

Error unknown_page(const std::string& page, const std::vector<PageBreakdown>& pages,
                   const LabelValues& labels) {
  std::string names;
  for (const PageBreakdown& known : pages) {
    const std::string& name = labels[Label::page][known.page];
    if (names.find(name) != names.npos) continue;
    names += (names.empty() ? "" : ", ") + name;
  }
  Error error;
  error.path = "--page";
  error.value = page;
  error.expected = "a page of the scenario: " + names;
  return error;
}

Result<Scenario> loaded(const AdviceOption& option, const AdviceRequest& request) {
  const std::string json = scenario_json(option.config);
  return load_scenario(option.config.name, {.sets = {}, .catalogue = request.catalogue},
                       [&](const std::string&) -> Result<std::string> { return json; });
}

}  // namespace

bool helps(const AdviceReport& report, const Advice& advice) {
  return advice.saved > Duration{} && Int128{advice.errors} * 10 <= Int128{report.errors} * 11;
}

Result<AdviceReport> advise(const Scenario& scenario, const AdviceRequest& request,
                            SweepOptions options) {
  options.keep_figures = true;
  if (!options.run_seed) {
    options.run_seed = [](const Scenario& variant, std::uint64_t seed) {
      return std::optional<RunResult>(run(variant, seed, {.time_pages = true}));
    };
  }
  AdviceReport report;
  report.name = scenario.config.name;
  report.file = scenario.file;
  report.seeds = static_cast<std::uint64_t>(request.seeds.last - request.seeds.first + 1);
  const auto run_all = [&](std::vector<Variant> variants,
                           std::function<Result<Scenario>(const Variant&)> load) {
    return run_variants({std::move(variants), {}, request.seeds, std::move(load)}, options);
  };
  auto base =
      run_all({{"as it is", {}}}, [&](const Variant&) { return Result<Scenario>(scenario); });
  if (!base) return base.errors();
  if (base.value().empty()) return report;  // stopped
  const Figures& figures = base.value().front().runs.figures;
  report.labels = figures.labels;
  report.pages = page_breakdowns(figures);
  report.stale = stale_reads(figures);
  report.cost = monthly_cost(scenario, figures);
  report.faults = scenario.config.faults.size();
  report.moved_reads = moved_reads(figures);
  if (!request.page.empty()) {
    const std::vector<PageBreakdown> all = report.pages;
    std::erase_if(report.pages, [&](const PageBreakdown& page) {
      return report.labels[Label::page][page.page] != request.page;
    });
    if (report.pages.empty()) {
      return std::vector<Error>{unknown_page(request.page, all, report.labels)};
    }
  }
  report.errors = errors_of(report.pages);

  std::vector<AdviceOption> offered;
  std::vector<Scenario> scenarios;
  std::vector<Variant> variants;
  for (AdviceOption& option : advice_options(scenario, report.pages, report.labels)) {
    Result<Scenario> variant = loaded(option, request);
    if (!variant) {
      const Error& error = variant.errors().front();
      report.impossible.push_back(
          fmt::format("{}: {}: expected {}", option.what, error.path, error.expected));
      continue;
    }
    variants.push_back({std::to_string(scenarios.size()), {}});
    scenarios.push_back(std::move(variant).value());
    offered.push_back(std::move(option));
  }
  std::size_t next = 0;
  auto results =
      run_all(variants, [&](const Variant&) { return Result<Scenario>(scenarios[next++]); });
  if (!results) return results.errors();
  for (std::size_t i = 0; i < results.value().size(); ++i) {
    const Figures& found = results.value()[i].runs.figures;
    const std::vector<PageBreakdown> pages = page_breakdowns(found);
    Advice advice;
    advice.option = std::move(offered[i]);
    advice.pages = effects(report, pages, found.labels);
    advice.stale = stale_reads(found);
    advice.errors = errors_of(pages);
    advice.cost = monthly_cost(scenarios[i], found);
    advice.saved = saved(report, advice, "");
    report.options.push_back(std::move(advice));
  }
  std::stable_sort(report.options.begin(), report.options.end(),
                   [](const Advice& a, const Advice& b) { return a.saved > b.saved; });
  answer_all(report);
  return report;
}

}  // namespace longhaul
