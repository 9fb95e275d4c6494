#include "run/answers/sensitivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "run/answers/picture.h"
#include "run/quantity.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

Error wrong(const std::string& path, const std::string& value, const std::string& expected) {
  Error error;
  error.path = path;
  error.value = value;
  error.expected = expected;
  return error;
}

// Absent: the seed has no samples.
std::vector<std::optional<std::int64_t>> by_seed(const VariantResult& result) {
  std::vector<std::optional<std::int64_t>> values;
  for (const SeedResult& seed : result.runs.seeds) {
    const Verdict& verdict = seed.verdicts[0];
    values.push_back(verdict.no_samples ? std::nullopt : std::optional(verdict.value));
  }
  return values;
}

// Over the seeds that have samples in both.
PairedDifference difference_of(const std::vector<std::optional<std::int64_t>>& a,
                               const std::vector<std::optional<std::int64_t>>& b) {
  std::vector<std::int64_t> from;
  std::vector<std::int64_t> to;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!a[i] || !b[i]) continue;
    from.push_back(*a[i]);
    to.push_back(*b[i]);
  }
  return paired_difference(from, to);
}

std::int64_t seeds_of(const Sensitivity& answer) {
  return answer.seeds.last - answer.seeds.first + 1;
}

std::int64_t size_of(std::int64_t value) { return value < 0 ? -value : value; }

bool is_effect(const PairedDifference& difference, std::int64_t base_milli) {
  const Int128 size = size_of(difference.mean_milli);
  return difference.pairs > 1 && !difference.all_equal &&
         size > 2 * Int128{difference.half_width_milli} && size * 100 >= base_milli;
}

std::string signed_text(const Sensitivity& answer, const KnobSide& side) {
  return signed_difference_text(answer.quantity, side.difference.mean_milli);
}

// "150ms: +2.1ms", "150ms: no samples", "150ms: +2.1ms (9 of 20 seeds)"
std::string side_text(const Sensitivity& answer, const KnobSide& side) {
  const PairedDifference& difference = side.difference;
  if (difference.pairs == 0) return side.value + ": no samples";
  std::string text =
      side.value + (difference.all_equal ? ": the same" : ": " + signed_text(answer, side));
  if (difference.pairs == seeds_of(answer)) return text;
  return text + fmt::format(" ({} of {} seeds)", difference.pairs, seeds_of(answer));
}

std::string width_text(const Sensitivity& answer, const KnobSide& side) {
  return "± " + difference_text(answer.quantity, side.difference.half_width_milli);
}

std::string factor_text(std::int64_t milli) {
  std::string text = fmt::format("{}.{:03}", milli / 1'000, milli % 1'000);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

// Long paths keep their end, which says what it is.
std::string short_path(const std::string& path, std::size_t most) {
  return path.size() <= most ? path : "..." + path.substr(path.size() - most + 3);
}

std::string about_text(const Sensitivity& answer) {
  return fmt::format("{}: {}, {} as it is, seeds {}..{}; each number alone times and divided by {}",
                     answer.scenario, answer.figure,
                     figure_text(answer.quantity, div_floor(answer.base_milli, 1'000)),
                     answer.seeds.first, answer.seeds.last, factor_text(answer.factor_milli));
}

std::int64_t effects(const Sensitivity& answer) {
  return std::count_if(answer.lines.begin(), answer.lines.end(),
                       [](const KnobLine& line) { return line.is_effect(); });
}

json side_json(const KnobSide& side) {
  return {{"value", side.value},
          {"pairs", side.difference.pairs},
          {"difference_milli", side.difference.mean_milli},
          {"half_width_95_milli", side.difference.half_width_milli},
          {"effect", side.is_effect},
          {"unfinished_pages", side.unfinished_pages}};
}

}  // namespace

Quantity quantity_of(const Expectation& figure) {
  if (figure.aggregation == Aggregation::count) return Quantity::count;
  if (figure.aggregation == Aggregation::share) return Quantity::share;
  switch (info(figure.selector.metric).unit) {
    case MetricUnit::duration:
      return Quantity::duration;
    case MetricUnit::bytes:
      return Quantity::bytes;
    case MetricUnit::ratio:
      return Quantity::share;
    case MetricUnit::count:
      return Quantity::count;
  }
  __builtin_unreachable();
}

bool KnobLine::is_effect() const { return (low && low->is_effect) || (high && high->is_effect); }

std::int64_t KnobLine::size_milli() const {
  std::int64_t size = 0;
  for (const std::optional<KnobSide>& side : {low, high}) {
    if (side && (side->is_effect || !is_effect())) {
      size = std::max(size, size_of(side->difference.mean_milli));
    }
  }
  return size;
}

Result<Sensitivity> sensitivity(const SensitivityAsked& asked, const SweepOptions& options) {
  if (asked.seeds.last <= asked.seeds.first) {
    return wrong("--seeds", "one seed", "two or more: with one nothing can be told from luck");
  }
  const Result<Expectation> unit =
      parse_figure_unit(asked.figure.selector, asked.figure.aggregation);
  if (unit && unit.value().aggregation == Aggregation::rate) {
    return wrong("--value", "rate", "avg, med, p(95), max, count or share");
  }
  const Result<Scenario> base = asked.load({});
  if (!base) return base.errors();
  const std::vector<NumberKnob> knobs =
      knobs_of(base.value().config, asked.knobs, asked.factor_milli);
  if (knobs.empty()) return wrong("--knob", "no number", "paths with numbers above zero");
  Sensitivity answer;
  answer.scenario = base.value().config.name;
  answer.factor_milli = asked.factor_milli;
  answer.seeds = asked.seeds;

  VariantPlan plan;
  plan.wanted = {asked.figure};
  plan.seeds = asked.seeds;
  plan.load = [&](const Variant& variant) { return asked.load(variant.sets); };
  plan.variants.push_back({"as it is", {}});
  // What the rest of the scenario does not allow is left out.
  const auto add = [&](KnobLine& line, std::optional<KnobSide>& side, const std::string& value) {
    if (value.empty()) return;
    const std::string set = line.knob.path + "=" + value;
    if (!asked.load({set})) return;
    side = KnobSide{value, {}, false};
    plan.variants.push_back({set, {set}});
  };
  for (const NumberKnob& knob : knobs) {
    KnobLine line{knob, {}, {}};
    add(line, line.low, knob.low);
    add(line, line.high, knob.high);
    if (line.low || line.high) answer.lines.push_back(std::move(line));
  }
  const Result<std::vector<VariantResult>> results = run_variants(plan, options);
  if (!results) return results.errors();
  answer.complete = results.value().size() == plan.variants.size();
  if (!answer.complete) {
    answer.lines.clear();
    return answer;
  }
  const Expectation& figure = results.value().front().scenario.expectations.front();
  answer.quantity = quantity_of(figure);
  answer.figure = asked.figure.selector + " " + asked.figure.aggregation;
  const auto as_it_is = by_seed(results.value().front());
  const PairedDifference mean = difference_of(
      std::vector<std::optional<std::int64_t>>(as_it_is.size(), std::int64_t{0}), as_it_is);
  if (mean.pairs == 0) {
    return wrong("--metric", answer.figure,
                 "a figure with samples; " + answer.scenario + " as it is has none in any seed");
  }
  answer.base_milli = mean.mean_milli;
  answer.unfinished_pages =
      static_cast<std::int64_t>(results.value().front().runs.unfinished_pages());
  std::size_t next = 1;
  for (KnobLine& line : answer.lines) {
    for (std::optional<KnobSide>* side : {&line.low, &line.high}) {
      if (!*side) continue;
      const VariantResult& result = results.value()[next++];
      (*side)->difference = difference_of(as_it_is, by_seed(result));
      (*side)->unfinished_pages = static_cast<std::int64_t>(result.runs.unfinished_pages());
      (*side)->is_effect = is_effect((*side)->difference, answer.base_milli);
    }
  }
  std::stable_sort(answer.lines.begin(), answer.lines.end(),
                   [](const KnobLine& a, const KnobLine& b) {
                     if (a.is_effect() != b.is_effect()) return a.is_effect();
                     return a.size_milli() > b.size_milli();
                   });
  return answer;
}

std::string sensitivity_sentence(const Sensitivity& answer) {
  if (answer.lines.empty()) return "Nothing was finished.";
  const std::int64_t count = effects(answer);
  const auto all = static_cast<std::int64_t>(answer.lines.size());
  const std::int64_t seeds = seeds_of(answer);
  if (count == 0) {
    return fmt::format(
        "None of {} numbers, each times and divided by {}, moves {} beyond what luck does over {} "
        "seeds.",
        all, factor_text(answer.factor_milli), answer.figure, seeds);
  }
  const auto said = [&](const KnobLine& line) {
    std::string text = line.knob.path;
    const auto add = [&](const std::optional<KnobSide>& side) {
      if (side && side->is_effect) {
        text += fmt::format("{}{} at {}", text == line.knob.path ? " (" : ", ",
                            signed_text(answer, *side), side->value);
      }
    };
    add(line.low);
    add(line.high);
    return text + ")";
  };
  std::string text =
      fmt::format("{} of {} is {}, and {} moves it most", answer.figure, answer.scenario,
                  figure_text(answer.quantity, answer.base_milli / 1'000), said(answer.lines[0]));
  if (count > 1) text += ", then " + said(answer.lines[1]);
  if (count < all) {
    text += fmt::format(
        "; {} of the {} numbers move it by less than 1 %, or no more than luck does over {} seeds",
        all - count, all, seeds);
  }
  return text + ".";
}

std::string sensitivity_text(const Sensitivity& answer, bool colour) {
  std::string text = wrapped(about_text(answer), 100, 2) + "\n\n";
  TextTable table({"NUMBER", "as it is", "<lower", "<± 95 %", "<higher", "<± 95 %"});
  const std::int64_t count = effects(answer);
  for (std::size_t i = 0; i < answer.lines.size(); ++i) {
    const KnobLine& line = answer.lines[i];
    if (static_cast<std::int64_t>(i) == count) table.row({"below 1 %, or no more than luck:"});
    std::vector<Cell> cells{short_path(line.knob.path, 38), line.knob.base};
    for (const std::optional<KnobSide>& side : {line.low, line.high}) {
      if (!side) {
        cells.insert(cells.end(), {"-", ""});
        continue;
      }
      const Tone tone = side->is_effect ? Tone::strong : Tone::faint;
      const bool says_it = side->difference.all_equal || side->difference.pairs == 0;
      cells.emplace_back(side_text(answer, *side), tone);
      cells.emplace_back(says_it ? "" : width_text(answer, *side), Tone::faint);
    }
    table.row(std::move(cells));
  }
  text += table.text(colour);
  std::int64_t unfinished = answer.unfinished_pages;
  std::int64_t runs = seeds_of(answer);
  for (const KnobLine& line : answer.lines) {
    for (const std::optional<KnobSide>& side : {line.low, line.high}) {
      if (!side) continue;
      unfinished += side->unfinished_pages;
      runs += seeds_of(answer);
    }
  }
  if (unfinished > 0) {
    text +=
        "  " + wrapped(unfinished_text(static_cast<std::uint64_t>(unfinished), runs), 98, 2) + "\n";
  }
  return text + "\n" + wrapped(sensitivity_sentence(answer), 100, 0) + "\n";
}

std::string sensitivity_json(const Sensitivity& answer) {
  json lines = json::array();
  for (const KnobLine& line : answer.lines) {
    json entry{{"path", line.knob.path}, {"base", line.knob.base}, {"effect", line.is_effect()}};
    if (line.low) entry["low"] = side_json(*line.low);
    if (line.high) entry["high"] = side_json(*line.high);
    lines.push_back(std::move(entry));
  }
  const json object{{"format", 1},
                    {"answer", "sensitivity"},
                    {"scenario", answer.scenario},
                    {"figure", answer.figure},
                    {"unit", unit_of(answer.quantity)},
                    {"base_milli", answer.base_milli},
                    {"unfinished_pages", answer.unfinished_pages},
                    {"factor_milli", answer.factor_milli},
                    {"seeds", {{"first", answer.seeds.first}, {"last", answer.seeds.last}}},
                    {"numbers", std::move(lines)},
                    {"sentence", sensitivity_sentence(answer)}};
  return object.dump(2) + "\n";
}

// ---- the picture -------------------------------------------------------------------------------

std::string sensitivity_svg(const Sensitivity& answer) {
  constexpr std::int64_t width = AnswerPicture::width;
  constexpr std::int64_t left = 320;
  constexpr std::int64_t right = width - 70;
  constexpr std::int64_t row = 34;
  constexpr std::size_t rows_max = 14;
  const std::string title = "Which number moves it most: " + answer.figure;
  AnswerPicture picture(title, about_text(answer));
  std::int64_t top = picture.top() + 16;
  top = picture.legend(left, top, right, AnswerPicture::Key::area,
                       {{1, "the number lower"}, {0, "higher"}}) +
        28;
  const auto count = static_cast<std::size_t>(effects(answer));
  const std::size_t shown = std::min(rows_max, std::max<std::size_t>(count, 1));
  std::int64_t least = answer.base_milli;
  std::int64_t most = answer.base_milli;
  for (std::size_t i = 0; i < std::min(shown, answer.lines.size()); ++i) {
    for (const std::optional<KnobSide>& side : {answer.lines[i].low, answer.lines[i].high}) {
      if (!side) continue;
      const std::int64_t at = answer.base_milli + side->difference.mean_milli;
      least = std::min(least, at - side->difference.half_width_milli);
      most = std::max(most, at + side->difference.half_width_milli);
    }
  }
  const std::int64_t bottom = top + row * static_cast<std::int64_t>(std::min(shown, count)) + 6;
  const Scale x(answer.quantity, std::max<std::int64_t>(0, div_floor(least, 1'000)),
                div_floor(most, 1'000) + 1, left, right, 6);
  x.draw_along(picture, top, bottom, answer.figure);
  const std::int64_t base = x.at(div_floor(answer.base_milli, 1'000));
  for (std::size_t i = 0; i < std::min(shown, count); ++i) {
    const KnobLine& line = answer.lines[i];
    const std::int64_t y = top + row * static_cast<std::int64_t>(i) + 6;
    picture.text(left - 10, y + 11, Anchor::end, short_path(line.knob.path, 44));
    picture.text(left - 10, y + 25, Anchor::end, "as it is: " + line.knob.base, "small faint");
    std::int64_t bar = y;
    for (const bool is_low : {true, false}) {
      const std::optional<KnobSide>& side = is_low ? line.low : line.high;
      if (!side) continue;
      const std::int64_t value = answer.base_milli + side->difference.mean_milli;
      const std::int64_t end = x.at(div_floor(value, 1'000));
      if (side->is_effect) {
        picture.area(std::min(base, end), bar, std::max<std::int64_t>(1, size_of(end - base)), 12,
                     is_low ? 1 : 0);
      }
      const std::int64_t from = x.at(div_floor(value - side->difference.half_width_milli, 1'000));
      const std::int64_t to = x.at(div_floor(value + side->difference.half_width_milli, 1'000));
      picture.line(from, bar + 6, to, bar + 6, "line-6");
      const std::string text =
          side->is_effect ? fmt::format("{}: {}", side->value, signed_text(answer, *side))
          : side->difference.pairs == 0 ? side->value + ": no samples"
                                        : fmt::format("{}: little", side->value);
      const bool at_left = end < base;
      const std::int64_t beside = at_left ? std::min(end, from) - 5 : std::max(end, to) + 5;
      // Where there is no room at the outer end it stands on the other side of the middle.
      const std::int64_t wide = width_of(text) / 10;
      const bool fits = at_left ? beside - wide > left - 4 : beside + wide < width - 4;
      if (fits) {
        picture.text(beside, bar + 10, at_left ? Anchor::end : Anchor::start, text, "small");
      } else {
        picture.text(base + (at_left ? 5 : -5), bar + 10, at_left ? Anchor::start : Anchor::end,
                     text, "small");
      }
      bar += 13;
    }
  }
  picture.line(base, top - 4, base, bottom, "line-6");
  picture.text(base, top - 8, Anchor::middle, "as it is");
  std::string rest;
  for (std::size_t i = count; i < answer.lines.size(); ++i) {
    rest += (rest.empty() ? "" : ", ") + answer.lines[i].knob.path;
  }
  std::int64_t y = bottom + 52;
  if (count > shown) {
    y = picture.paragraph(y, fmt::format("and {} smaller ones", count - shown));
  }
  if (!rest.empty()) {
    y = picture.paragraph(y, "Below 1 %, or no more than luck: " + rest + ".", "small faint");
  }
  y = picture.paragraph(
      y + 2,
      "Black lines: 95 % intervals of the mean difference over seeds. A bar is drawn "
      "where the difference is larger than twice that and than 1 %.",
      "small faint");
  return picture.finish(y - 8, sensitivity_sentence(answer));
}

}  // namespace longhaul
