#include "run/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/units_text.h"

namespace longhaul {
namespace {

std::string without_spaces(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c != ' ') result += c;
  }
  return result;
}

// Durations to the microsecond: people read and edit the file.
std::int64_t rounded(const Expectation& figure, std::int64_t value) {
  const bool counts =
      figure.aggregation == Aggregation::count || figure.aggregation == Aggregation::rate;
  if (counts || info(figure.selector.metric).unit != MetricUnit::duration) return value;
  return div_floor(Int128{value} + 500, 1'000) * 1'000;
}

}  // namespace

std::optional<Expectation> unit_of(const BaselineFigure& figure) {
  Result<Expectation> unit = parse_figure_unit(figure.metric, figure.aggregation);
  if (!unit) return std::nullopt;
  return std::move(unit).value();
}

std::string key_of(const BaselineFigure& figure) {
  const std::string metric = without_spaces(figure.metric);
  const std::size_t brace = metric.find('{');
  std::string key = metric.substr(0, brace);
  if (brace != metric.npos) {
    std::string inside = metric.substr(brace + 1);
    if (inside.ends_with('}')) inside.pop_back();
    std::vector<std::string> labels;
    for (std::size_t begin = 0; begin < inside.size();) {
      const std::size_t end = std::min(inside.find(',', begin), inside.size());
      labels.push_back(inside.substr(begin, end - begin));
      begin = end + 1;
    }
    std::sort(labels.begin(), labels.end());
    for (const std::string& label : labels) key += "," + label;
  }
  return key + " " + without_spaces(figure.aggregation);
}

bool BaselineScenario::leaves_out(const BaselineFigure& figure) const {
  const std::string bare = figure.metric.substr(0, figure.metric.find('{'));
  return std::any_of(leave_out.begin(), leave_out.end(), [&](const std::string& one) {
    return one == bare || one == figure.metric || one == figure.metric + " " + figure.aggregation;
  });
}

std::optional<std::size_t> Baseline::find(const std::string& scenario) const {
  for (std::size_t i = 0; i < config.scenarios.size(); ++i) {
    if (config.scenarios[i].scenario == scenario) return i;
  }
  return std::nullopt;
}

WantedFigures want_figures(Scenario& scenario, const std::vector<BaselineFigure>& figures) {
  WantedFigures wanted;
  wanted.own = scenario.expectations.size();
  const LabelValues labels = label_values(scenario.cluster);
  for (const BaselineFigure& figure : figures) {
    WantedFigures::One& one = wanted.figures.emplace_back();
    one.figure = figure;
    Result<Expectation> parsed = parse_figure(figure.metric, figure.aggregation, labels);
    if (!parsed) {
      one.why_not = to_text(parsed.errors().front());
      continue;
    }
    one.place = scenario.expectations.size();
    scenario.expectations.push_back(std::move(parsed).value());
    scenario.expectation_lines.push_back(0);
  }
  return wanted;
}

std::vector<FoundFigure> take_figures(const WantedFigures& wanted, const Scenario& scenario,
                                      SweepResult& result) {
  std::vector<FoundFigure> found;
  for (const WantedFigures::One& one : wanted.figures) {
    FoundFigure& figure = found.emplace_back(FoundFigure{one.figure, {}, one.why_not});
    figure.figure.value.clear();
    if (!one.place) continue;
    const Verdict& verdict = result.pooled[*one.place];
    if (verdict.no_samples) {
      figure.why_not = "no samples";
      continue;
    }
    const Expectation& expectation = scenario.expectations[*one.place];
    figure.value = rounded(expectation, verdict.value);
    figure.figure.value = exact_text(expectation, *figure.value);
  }
  result.pooled.resize(wanted.own);
  for (SeedResult& seed : result.seeds) seed.verdicts.resize(wanted.own);
  return found;
}

namespace {

std::string tolerance_text(const BaselineTolerance& tolerance) {
  std::string text;
  if (tolerance.relative) text = to_text(*tolerance.relative);
  if (tolerance.absolute) text += (text.empty() ? "" : " or ") + *tolerance.absolute;
  return text.empty() ? "none" : text;
}

// "+21.4%", to a tenth.
std::string change_text(std::int64_t was, std::int64_t is) {
  if (was == 0 || is == was) return "";
  const Int128 size = was < 0 ? -Int128{was} : Int128{was};
  const std::int64_t mills = div_floor((Int128{is} - was) * 2'000 + size, 2 * size);
  if (mills >= 1'000'000'000) return "";
  const std::int64_t magnitude = mills < 0 ? -mills : mills;
  return fmt::format("{}{}.{}%", mills < 0 ? "-" : "+", magnitude / 10, magnitude % 10);
}

std::int64_t allowed_of(const BaselineFigure& held, const Expectation& unit, std::int64_t was) {
  std::int64_t absolute = 0;
  if (held.tolerance.absolute) parse_value(unit, *held.tolerance.absolute, absolute);
  const Int128 size = was < 0 ? -Int128{was} : Int128{was};
  const std::int64_t relative =
      div_floor(size * held.tolerance.relative.value_or(Ratio{0}).ppm, 1'000'000);
  return std::max(absolute, relative);
}

BaselineState state_of(BaselineDirection direction, Int128 growth, std::int64_t allowed) {
  if (direction == BaselineDirection::higher_is_better) growth = -growth;
  if (growth > allowed) return BaselineState::worse;
  if (growth >= -Int128{allowed}) return BaselineState::held;
  return direction == BaselineDirection::either ? BaselineState::worse : BaselineState::better;
}

}  // namespace

std::string BaselineRow::name() const {
  return aggregation.empty() ? metric : metric + " " + aggregation;
}

std::string BaselineRow::text() const {
  if (state == BaselineState::missing) return fmt::format("was {}, is missing: {}", was, why);
  if (state == BaselineState::added) return "is " + is + ", not in the baseline";
  return fmt::format("was {}, is {}{}, tolerance {}", was, is,
                     change.empty() ? "" : " (" + change + ")", allowed);
}

BaselineRow judge_figure(const BaselineFigure& held, int line, const FoundFigure& found) {
  BaselineRow row;
  row.metric = held.metric;
  row.aggregation = held.aggregation;
  row.line = line;
  row.was = held.value;
  row.allowed = tolerance_text(held.tolerance);
  const std::optional<Expectation> unit = unit_of(held);
  std::int64_t was = 0;
  if (!found.value || !unit || parse_value(*unit, held.value, was)) {
    row.state = BaselineState::missing;
    row.why = found.why_not;
    return row;
  }
  const std::int64_t is = *found.value;
  row.state = state_of(held.direction, Int128{is} - was, allowed_of(held, *unit, was));
  row.was = value_text(*unit, was);
  row.is = value_text(*unit, is);
  if (row.was == row.is && was != is) {  // what differs shall be seen
    row.was = exact_text(*unit, was);
    row.is = exact_text(*unit, is);
  }
  row.change = change_text(was, is);
  return row;
}

std::vector<BaselineFigure> figures_to_find(const BaselineScenario* held,
                                            const Scenario& scenario) {
  std::vector<BaselineFigure> figures;
  std::vector<std::string> keys;
  if (held != nullptr) figures = held->figures;
  for (const BaselineFigure& figure : figures) keys.push_back(key_of(figure));
  for (BaselineFigure& figure : default_figures(scenario)) {
    if (held != nullptr && held->leaves_out(figure)) continue;
    std::string key = key_of(figure);
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    keys.push_back(std::move(key));
    figures.push_back(std::move(figure));
  }
  return figures;
}

namespace {

// A phase that no failover had says nothing: scenarios without failovers have zeros alone.
bool says_something(const FoundFigure& found) {
  if (!found.value) return false;
  return *found.value != 0 || !found.figure.metric.starts_with("failover_duration{");
}

}  // namespace

std::vector<BaselineRow> judge_scenario(const Baseline& baseline, std::size_t scenario,
                                        const std::vector<FoundFigure>& found) {
  const std::vector<BaselineFigure>& held = baseline.config.scenarios[scenario].figures;
  std::vector<BaselineRow> rows;
  for (std::size_t i = 0; i < held.size(); ++i) {
    rows.push_back(judge_figure(held[i], baseline.figure_lines[scenario][i], found[i]));
  }
  const std::vector<BaselineRow> rest =
      judge_new({found.begin() + static_cast<std::ptrdiff_t>(held.size()), found.end()});
  rows.insert(rows.end(), rest.begin(), rest.end());
  return rows;
}

std::vector<BaselineRow> judge_new(const std::vector<FoundFigure>& found) {
  std::vector<BaselineRow> rows;
  for (const FoundFigure& one : found) {
    if (!says_something(one)) continue;
    BaselineRow& row = rows.emplace_back();
    row.state = BaselineState::added;
    row.metric = one.figure.metric;
    row.aggregation = one.figure.aggregation;
    row.is = value_text(*unit_of(one.figure), *one.value);
  }
  return rows;
}

BaselineScenario renewed(const BaselineScenario* before, const std::vector<FoundFigure>& found) {
  BaselineScenario scenario;
  if (before != nullptr) scenario = *before;
  const std::size_t held = scenario.figures.size();
  scenario.figures.clear();
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i < held ? found[i].value.has_value() : says_something(found[i])) {
      scenario.figures.push_back(found[i].figure);
    }
  }
  return scenario;
}

}  // namespace longhaul
