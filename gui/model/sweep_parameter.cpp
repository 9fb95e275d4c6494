#include "gui/model/sweep_parameter.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "run/answers/knobs.h"
#include "run/answers/picture.h"
#include "run/answers/sensitivity.h"

namespace longhaul {
namespace {

// What every search looks through; what is not in a scenario has no number.
const std::vector<std::string> everything{"policy",  "topology", "postgres", "wal",
                                          "network", "workload", "data",     "caches",
                                          "dns",     "control",  "canary",   "duration"};

ParameterPoint point_of(const std::string& value, const VariantResult& result) {
  ParameterPoint point;
  point.value = value;
  std::vector<std::int64_t> values;
  for (const SeedResult& seed : result.runs.seeds) {
    point.no_samples = point.no_samples || seed.verdicts[0].no_samples;
    values.push_back(seed.verdicts[0].no_samples ? 0 : seed.verdicts[0].value);
  }
  point.mean = over_seeds(std::move(values));
  return point;
}

std::string mean_of_point(const ParameterSweep& answer, const ParameterPoint& point) {
  return figure_text(answer.quantity, div_floor(point.mean.mean_milli, 1'000));
}

}  // namespace

Result<ParameterSweep> sweep_parameter(const ParameterAsked& asked, const SweepOptions& options) {
  const Result<Expectation> unit =
      parse_figure_unit(asked.figure.selector, asked.figure.aggregation);
  if (!unit) return unit.errors();
  if (auto wrong = mistakes_in({asked.axis}); !wrong.empty()) return wrong;
  const Result<Scenario> base = asked.load({});
  if (!base) return base.errors();
  ParameterSweep answer;
  answer.scenario = base.value().config.name;
  answer.axis = asked.axis;
  answer.figure = asked.figure.selector + " " + asked.figure.aggregation;
  answer.quantity = quantity_of(unit.value());
  answer.seeds = asked.seeds;
  VariantPlan plan;
  plan.wanted = {asked.figure};
  plan.seeds = asked.seeds;
  plan.load = [&](const Variant& variant) { return asked.load(variant.sets); };
  for (const std::string& value : asked.axis.values) {
    plan.variants.push_back({value, {asked.axis.path + "=" + value}});
  }
  plan.finished = [&](const VariantResult& result) {
    answer.points.push_back(point_of(asked.axis.values[answer.points.size()], result));
    answer.complete = answer.points.size() == asked.axis.values.size();
    if (asked.so_far) asked.so_far(answer);
  };
  const Result<std::vector<VariantResult>> results = run_variants(plan, options);
  if (!results) return results.errors();
  return answer;
}

std::string parameter_sentence(const ParameterSweep& answer) {
  std::vector<const ParameterPoint*> points;
  for (const ParameterPoint& point : answer.points) {
    if (!point.no_samples) points.push_back(&point);
  }
  if (points.size() < 2) return "Fewer than two values have a figure yet.";
  const auto [least, most] = std::minmax_element(
      points.begin(), points.end(),
      [](const auto* a, const auto* b) { return a->mean.mean_milli < b->mean.mean_milli; });
  const std::int64_t seeds = answer.seeds.last - answer.seeds.first + 1;
  const PairedDifference difference =
      paired_difference((*least)->mean.by_seed, (*most)->mean.by_seed);
  const std::string over = fmt::format("{} seed{}", seeds, seeds == 1 ? "" : "s");
  if (difference.all_equal || (*least)->mean.mean_milli == (*most)->mean.mean_milli) {
    return fmt::format("{} does not move: {} at every value ({}).", answer.figure,
                       mean_of_point(answer, **least), over);
  }
  const std::string both =
      fmt::format("from {} at {} to {} at {}", mean_of_point(answer, **least), (*least)->value,
                  mean_of_point(answer, **most), (*most)->value);
  const bool is_sure = difference.pairs > 1 && difference.mean_milli > difference.half_width_milli;
  if (is_sure) return fmt::format("{} goes {} ({}).", answer.figure, both, over);
  if (seeds == 1) {
    return fmt::format("{} goes {}; one seed does not say how much of that is luck.", answer.figure,
                       both);
  }
  return fmt::format("{} goes {}, which luck alone may do ({}).", answer.figure, both, over);
}

std::string parameter_svg(const ParameterSweep& answer) {
  constexpr std::int64_t left = 70;
  constexpr std::int64_t right = AnswerPicture::width - 30;
  constexpr std::int64_t high = 260;
  AnswerPicture picture(
      answer.figure + " by " + answer.axis.path,
      fmt::format("{}, seeds {}..{}", answer.scenario, answer.seeds.first, answer.seeds.last));
  const std::int64_t top = picture.top() + 28;
  const std::int64_t bottom = top + high;
  if (answer.points.empty()) return picture.finish(top, "Nothing was finished.");
  std::int64_t most = 1;
  for (const ParameterPoint& point : answer.points) {
    most = std::max(most, div_ceil(point.mean.mean_milli + point.mean.half_width_milli, 1'000));
  }
  const Scale y(answer.quantity, 0, most, bottom, top, 6);
  y.draw_upwards(picture, left, right, answer.figure);
  const auto count = static_cast<std::int64_t>(answer.axis.values.size());
  std::vector<std::pair<std::int64_t, std::int64_t>> points;
  for (std::size_t i = 0; i < answer.points.size(); ++i) {
    const ParameterPoint& point = answer.points[i];
    const std::int64_t x =
        left + (right - left) * (2 * static_cast<std::int64_t>(i) + 1) / (2 * count);
    picture.text(x, bottom + 16, Anchor::middle, point.value, "small");
    if (point.no_samples) continue;
    const MeanOfSeeds& mean = point.mean;
    const std::int64_t low = std::max<std::int64_t>(0, mean.mean_milli - mean.half_width_milli);
    picture.line(x, y.at(div_floor(low, 1'000)), x,
                 y.at(div_ceil(mean.mean_milli + mean.half_width_milli, 1'000)), "axis");
    points.emplace_back(x, y.at(div_floor(mean.mean_milli, 1'000)));
  }
  picture.polyline(points, 0);
  for (const auto& [x, at] : points) picture.marker(x, at, 0);
  picture.text(AnswerPicture::width / 2, bottom + 36, Anchor::middle,
               answer.axis.path + "; grey bars: 95 % intervals of the mean over seeds");
  return picture.finish(bottom + 44, parameter_sentence(answer));
}

std::vector<std::string> values_around(const ScenarioConfig& config, const std::string& path) {
  std::vector<std::string> low;
  std::vector<std::string> high;
  std::string base;
  for (const std::int64_t factor : {4'000, 2'000}) {
    for (const NumberKnob& knob : knobs_of(config, {path}, factor)) {
      if (knob.path != path) continue;
      base = knob.base;
      if (!knob.low.empty()) low.push_back(knob.low);
      if (!knob.high.empty()) high.insert(high.begin(), knob.high);
    }
  }
  std::vector<std::string> values = low;
  if (!base.empty()) values.push_back(base);
  values.insert(values.end(), high.begin(), high.end());
  std::vector<std::string> once;
  for (std::string& value : values) {
    if (std::find(once.begin(), once.end(), value) == once.end()) once.push_back(std::move(value));
  }
  return once;
}

std::vector<FoundParameter> find_parameters(const ScenarioConfig& config, const std::string& wanted,
                                            std::size_t most) {
  std::vector<std::string> words;
  std::istringstream stream(wanted);
  for (std::string word; stream >> word;) words.push_back(word);
  std::vector<FoundParameter> found;
  // What the scenario says itself comes first.
  for (const std::vector<std::string>& under : {std::vector<std::string>{}, everything}) {
    for (const NumberKnob& knob : knobs_of(config, under, 2'000)) {
      if (found.size() == most) return found;
      const bool fits = std::all_of(words.begin(), words.end(), [&](const std::string& word) {
        return knob.path.find(word) != knob.path.npos;
      });
      const bool is_there = std::any_of(found.begin(), found.end(), [&](const FoundParameter& one) {
        return one.path == knob.path;
      });
      if (fits && !is_there) found.push_back({knob.path, knob.base});
    }
  }
  return found;
}

}  // namespace longhaul
