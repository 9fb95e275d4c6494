#include "run/answers/lag_threshold.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "run/answers/crashes.h"
#include "run/answers/picture.h"
#include "run/quantity.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

constexpr std::int64_t whole_ppm = 1'000'000;
const std::string above_path = "policy.lag_breaker.open_above";
const std::string below_path = "policy.lag_breaker.close_below";

// In the order in which they are asked for.
enum Wanted : std::size_t { stale, reads, load, openings, open_count, open_mean };

std::vector<WantedFigure> wanted_figures(const std::string& primary) {
  return {{"stale_reads", "count"},
          {"reads", "count"},
          {"cpu_utilisation{node:" + primary + "}", "avg"},
          {"breaker_transitions{to:open}", "count"},
          {"breaker_open_duration", "count"},
          {"breaker_open_duration", "avg"}};
}

std::string primary_of(const Scenario& scenario) {
  for (const NodeConfig& node : scenario.config.topology.nodes) {
    if (node.role == NodeRole::primary) return node.name;
  }
  return "";
}

// Breakers: one for each replica in each instance.
std::int64_t breakers_of(const ScenarioConfig& config) {
  std::int64_t instances = 0;
  for (const AppConfig& app : config.topology.apps) instances += app.instances;
  const std::int64_t replicas =
      std::count_if(config.topology.nodes.begin(), config.topology.nodes.end(),
                    [](const NodeConfig& node) { return node.role != NodeRole::primary; });
  return std::max<std::int64_t>(1, instances * replicas);
}

LagThresholdLine line_of(const VariantResult& result) {
  LagThresholdLine line;
  line.unfinished_pages = static_cast<std::int64_t>(result.runs.unfinished_pages());
  const Scenario& scenario = result.scenario;
  line.open_above = scenario.config.policy.lag_breaker.open_above;
  line.close_below = scenario.config.policy.lag_breaker.close_below;
  const Duration measured = scenario.cluster.duration - scenario.cluster.warmup;
  const std::int64_t time = std::max<std::int64_t>(1, measured.ns * breakers_of(scenario.config));
  std::vector<std::int64_t> stale_ppm;
  std::vector<std::int64_t> load_ppm;
  std::vector<std::int64_t> opened;
  std::vector<std::int64_t> open_ppm;
  for (const SeedResult& seed : result.runs.seeds) {
    const auto value = [&](Wanted wanted) {
      return seed.verdicts[wanted].no_samples ? 0 : seed.verdicts[wanted].value;
    };
    line.stale += value(stale);
    line.reads += value(reads);
    stale_ppm.push_back(
        div_floor(Int128{value(stale)} * whole_ppm, std::max<std::int64_t>(1, value(reads))));
    load_ppm.push_back(value(load));
    opened.push_back(value(openings));
    open_ppm.push_back(std::min(
        whole_ppm, div_floor(Int128{value(open_count)} * value(open_mean) * whole_ppm, time)));
  }
  line.stale_ppm = over_seeds(std::move(stale_ppm));
  line.load_ppm = over_seeds(std::move(load_ppm));
  line.openings = over_seeds(std::move(opened));
  line.open_ppm = over_seeds(std::move(open_ppm));
  return line;
}

// The least and the most of a figure over the lines, as positions.
struct Ends {
  std::size_t least = 0;
  std::size_t most = 0;
};

Ends ends_of(const LagThreshold& answer, MeanOfSeeds LagThresholdLine::*figure) {
  const auto found = std::minmax_element(answer.lines.begin(), answer.lines.end(),
                                         [&](const LagThresholdLine& a, const LagThresholdLine& b) {
                                           return (a.*figure).mean_milli < (b.*figure).mean_milli;
                                         });
  return {static_cast<std::size_t>(found.first - answer.lines.begin()),
          static_cast<std::size_t>(found.second - answer.lines.begin())};
}

// Beyond the 95 % interval of the difference within the seeds.
bool differ(const MeanOfSeeds& a, const MeanOfSeeds& b) {
  const PairedDifference difference = paired_difference(a.by_seed, b.by_seed);
  return difference.pairs > 1 && !difference.all_equal &&
         difference.mean_milli > difference.half_width_milli;
}

// From 0 to a million between the least and the most.
std::int64_t scaled(const LagThreshold& answer, MeanOfSeeds LagThresholdLine::*figure,
                    const Ends& ends, std::size_t line) {
  const std::int64_t least = (answer.lines[ends.least].*figure).mean_milli;
  const std::int64_t most = (answer.lines[ends.most].*figure).mean_milli;
  const std::int64_t own = (answer.lines[line].*figure).mean_milli;
  return div_floor(Int128{own - least} * whole_ppm, std::max<std::int64_t>(1, most - least));
}

// Both of a value added up, in each seed.
std::vector<std::int64_t> sums_of(const LagThreshold& answer, std::size_t line, Ends stale_ends,
                                  Ends load_ends) {
  const LagThresholdLine& of = answer.lines[line];
  std::vector<std::int64_t> sums(of.stale_ppm.by_seed.size());
  const auto add = [&](MeanOfSeeds LagThresholdLine::*figure, const Ends& ends) {
    const std::int64_t least = (answer.lines[ends.least].*figure).mean_milli;
    const std::int64_t most = (answer.lines[ends.most].*figure).mean_milli;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const Int128 above = Int128{(of.*figure).by_seed[i]} * 1'000 - least;
      sums[i] += div_floor(above * whole_ppm, std::max<std::int64_t>(1, most - least));
    }
  };
  add(&LagThresholdLine::stale_ppm, stale_ends);
  add(&LagThresholdLine::load_ppm, load_ends);
  return sums;
}

// Three digits of a share.
std::string share_of(std::int64_t milli_ppm) {
  std::int64_t ppm = (milli_ppm + 500) / 1'000;
  std::int64_t digit = 1;
  while (ppm / digit >= 1'000) digit *= 10;
  return share_text((ppm + digit / 2) / digit * digit);
}

std::string stale_text(const LagThresholdLine& line) {
  if (line.stale == 0 && line.reads > 0) return "0 (< " + never_text(line.reads) + ")";
  return share_of(line.stale_ppm.mean_milli);
}

std::string count_of(std::int64_t milli) {
  return milli < 10'000 ? fmt::format("{}.{}", milli / 1'000, milli % 1'000 / 100)
                        : count_text((milli + 500) / 1'000);
}

json mean_json(const MeanOfSeeds& mean) {
  return {{"mean_milli", mean.mean_milli}, {"half_width_95_milli", mean.half_width_milli}};
}

std::string about_text(const LagThreshold& answer) {
  return fmt::format("{}, seeds {}..{}: {} over {} values, close_below in proportion",
                     answer.scenario, answer.seeds.first, answer.seeds.last, above_path,
                     answer.lines.size());
}

constexpr const char* rule =
    "The knee: stale reads and the primary's load, each scaled from its least to its most over the "
    "values, have their smallest sum.";

}  // namespace

MeanOfSeeds over_seeds(std::vector<std::int64_t> values) {
  MeanOfSeeds mean;
  const PairedDifference from_zero =
      paired_difference(std::vector<std::int64_t>(values.size()), values);
  mean.mean_milli = from_zero.mean_milli;
  mean.half_width_milli = from_zero.half_width_milli;
  mean.by_seed = std::move(values);
  return mean;
}

const std::vector<Duration>& usual_thresholds() {
  static const std::vector<Duration> values{milliseconds(100), milliseconds(200), milliseconds(500),
                                            seconds(1),        seconds(2),        seconds(3),
                                            seconds(5),        seconds(7),        seconds(10),
                                            seconds(15),       seconds(20),       seconds(30)};
  return values;
}

Result<LagThreshold> lag_threshold(const LagThresholdAsked& asked, const SweepOptions& options) {
  const Result<Scenario> base = asked.load({});
  if (!base) return base.errors();
  const auto& breaker = base.value().config.policy.lag_breaker;
  VariantPlan plan;
  plan.wanted = wanted_figures(primary_of(base.value()));
  plan.seeds = asked.seeds;
  plan.load = [&](const Variant& variant) { return asked.load(variant.sets); };
  for (const Duration above : asked.values) {
    // To the microsecond, so that it can be written.
    const std::int64_t below =
        div_floor(Int128{above.ns} * breaker.close_below.ns, breaker.open_above.ns * 1'000) * 1'000;
    plan.variants.push_back(
        {to_text(above),
         {"policy.lag_breaker.enabled=true", above_path + "=" + to_text(above),
          below_path + "=" + to_text(Duration{std::max<std::int64_t>(below, 1'000)})}});
  }
  LagThreshold answer;
  answer.scenario = base.value().config.name;
  answer.primary = primary_of(base.value());
  answer.seeds = asked.seeds;
  answer.configured = breaker.open_above;
  plan.finished = [&](const VariantResult& result) {
    answer.lines.push_back(line_of(result));
    answer.complete = answer.lines.size() == plan.variants.size();
    find_knee(answer);
    if (asked.so_far) asked.so_far(answer);
  };
  answer.complete = false;
  const Result<std::vector<VariantResult>> results = run_variants(plan, options);
  if (!results) return results.errors();
  find_knee(answer);
  return answer;
}

void find_knee(LagThreshold& answer) {
  answer.knee.reset();
  answer.alike.clear();
  answer.without = "";
  if (answer.lines.size() < 3) {
    answer.without = "fewer than three values have no knee";
    return;
  }
  if (answer.seeds.first == answer.seeds.last) {
    answer.without = "one seed does not tell a knee from luck";
    return;
  }
  const Ends stale_ends = ends_of(answer, &LagThresholdLine::stale_ppm);
  const Ends load_ends = ends_of(answer, &LagThresholdLine::load_ppm);
  if (!differ(answer.lines[stale_ends.least].stale_ppm, answer.lines[stale_ends.most].stale_ppm)) {
    answer.without = "stale reads are no more under any value than luck makes them under another";
    return;
  }
  if (!differ(answer.lines[load_ends.least].load_ppm, answer.lines[load_ends.most].load_ppm)) {
    answer.without = "the primary's load differs by no more than luck";
    return;
  }
  std::size_t best = 0;
  std::int64_t least = 3 * whole_ppm;
  for (std::size_t i = 0; i < answer.lines.size(); ++i) {
    const std::int64_t sum = scaled(answer, &LagThresholdLine::stale_ppm, stale_ends, i) +
                             scaled(answer, &LagThresholdLine::load_ppm, load_ends, i);
    if (sum >= least) continue;
    least = sum;
    best = i;
  }
  if (best == 0 || best + 1 == answer.lines.size()) {
    answer.without =
        fmt::format("the {} value is the best compromise: look beyond {}",
                    best == 0 ? "lowest" : "highest", to_text(answer.lines[best].open_above));
    return;
  }
  answer.knee = best;
  const std::vector<std::int64_t> sums = sums_of(answer, best, stale_ends, load_ends);
  for (std::size_t i = 0; i < answer.lines.size(); ++i) {
    if (i == best) continue;
    const PairedDifference worse =
        paired_difference(sums, sums_of(answer, i, stale_ends, load_ends));
    if (worse.mean_milli <= worse.half_width_milli) answer.alike.push_back(i);
  }
}

namespace {

// "500ms, 1s and 2s": the knee and what is like it, in their order.
std::string candidates_text(const LagThreshold& answer) {
  std::vector<std::size_t> all = answer.alike;
  all.push_back(*answer.knee);
  std::sort(all.begin(), all.end());
  std::string text;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) text += i + 1 == all.size() ? " and " : ", ";
    text += to_text(answer.lines[all[i]].open_above);
  }
  return text;
}

}  // namespace

std::string knee_name(const LagThreshold& answer) {
  return answer.alike.empty() ? "knee" : "best on average";
}

std::string lag_threshold_sentence(const LagThreshold& answer) {
  if (answer.lines.empty()) return "Nothing was finished.";
  const std::int64_t count = answer.seeds.last - answer.seeds.first + 1;
  const std::string seeds = fmt::format("{} seed{}", count, count == 1 ? "" : "s");
  const LagThresholdLine& low = answer.lines.front();
  const LagThresholdLine& high = answer.lines.back();
  if (count == 1) {
    return fmt::format(
        "One seed does not say whether there is a knee between {} and {}: what differs may be luck "
        "(stale reads {} to {}, {} {} to {} busy). Take 5 seeds or more.",
        to_text(low.open_above), to_text(high.open_above), stale_text(low), stale_text(high),
        answer.primary, share_of(low.load_ppm.mean_milli), share_of(high.load_ppm.mean_milli));
  }
  if (!answer.knee) {
    return fmt::format(
        "No knee between {} and {} over {}: {} (stale reads {} to {}, {} {} to {} busy).",
        to_text(low.open_above), to_text(high.open_above), seeds, answer.without, stale_text(low),
        stale_text(high), answer.primary, share_of(low.load_ppm.mean_milli),
        share_of(high.load_ppm.mean_milli));
  }
  const LagThresholdLine& knee = answer.lines[*answer.knee];
  const std::string advice =
      answer.alike.empty()
          ? fmt::format("Open the breaker at {}", to_text(knee.open_above))
          : fmt::format(
                "Not decided between {}, which differ by no more than luck. On average {} "
                "is best",
                candidates_text(answer), to_text(knee.open_above));
  return fmt::format(
      "{}: {} of reads are then stale and {} is {} busy; at {} it is {} and "
      "{}, at {} it is {} and {} ({}{}).",
      advice, stale_text(knee), answer.primary, share_of(knee.load_ppm.mean_milli),
      to_text(low.open_above), stale_text(low), share_of(low.load_ppm.mean_milli),
      to_text(high.open_above), stale_text(high), share_of(high.load_ppm.mean_milli), seeds,
      answer.configured == knee.open_above
          ? ", and it is what you have"
          : fmt::format("; you have {}", to_text(answer.configured)));
}

std::string lag_threshold_text(const LagThreshold& answer, bool colour) {
  std::string text = wrapped(about_text(answer), 100, 2) + "\n\n";
  TextTable table({"OPEN ABOVE", "close below", "stale reads", "<±", "primary busy", "<±",
                   "openings", "<±", "open", "<"});
  std::uint64_t unfinished = 0;
  for (std::size_t i = 0; i < answer.lines.size(); ++i) {
    const LagThresholdLine& line = answer.lines[i];
    unfinished += static_cast<std::uint64_t>(line.unfinished_pages);
    const bool is_knee = answer.knee == i;
    const bool alike = std::find(answer.alike.begin(), answer.alike.end(), i) != answer.alike.end();
    std::string note = is_knee ? "<- " + knee_name(answer) : alike ? "<- or this" : "";
    if (line.open_above == answer.configured) note += note.empty() ? "<- as it is" : ", as it is";
    table.row({{to_text(line.open_above), is_knee ? Tone::strong : Tone::plain},
               to_short_text(line.close_below),
               stale_text(line),
               {share_of(line.stale_ppm.half_width_milli), Tone::faint},
               share_of(line.load_ppm.mean_milli),
               {share_of(line.load_ppm.half_width_milli), Tone::faint},
               count_of(line.openings.mean_milli),
               {count_of(line.openings.half_width_milli), Tone::faint},
               share_of(line.open_ppm.mean_milli),
               {note, Tone::strong}});
  }
  text += table.text(colour);
  const std::int64_t runs =
      (answer.seeds.last - answer.seeds.first + 1) * static_cast<std::int64_t>(answer.lines.size());
  if (unfinished > 0) text += wrapped(unfinished_text(unfinished, runs), 100, 0) + "\n";
  return text + "\n" + wrapped(rule, 100, 0) + "\n\n" +
         wrapped(lag_threshold_sentence(answer), 100, 0) + "\n";
}

std::string lag_threshold_json(const LagThreshold& answer) {
  json lines = json::array();
  for (const LagThresholdLine& line : answer.lines) {
    lines.push_back({{"open_above_ns", line.open_above.ns},
                     {"close_below_ns", line.close_below.ns},
                     {"stale_reads", line.stale},
                     {"reads", line.reads},
                     {"stale_reads_ppm", mean_json(line.stale_ppm)},
                     {"primary_load_ppm", mean_json(line.load_ppm)},
                     {"openings", mean_json(line.openings)},
                     {"time_open_ppm", mean_json(line.open_ppm)},
                     {"unfinished_pages", line.unfinished_pages}});
  }
  json object{{"format", 1},
              {"answer", "lag-threshold"},
              {"scenario", answer.scenario},
              {"primary", answer.primary},
              {"seeds", {{"first", answer.seeds.first}, {"last", answer.seeds.last}}},
              {"configured_ns", answer.configured.ns},
              {"values", std::move(lines)}};
  if (answer.knee) object["knee_ns"] = answer.lines[*answer.knee].open_above.ns;
  if (!answer.alike.empty()) {
    for (const std::size_t line : answer.alike) {
      object["not_decided_against_ns"].push_back(answer.lines[line].open_above.ns);
    }
  }
  if (!answer.knee) object["no_knee"] = answer.without;
  object["sentence"] = lag_threshold_sentence(answer);
  return object.dump(2) + "\n";
}

// ---- the picture -------------------------------------------------------------------------------

namespace {

struct Panel {
  MeanOfSeeds LagThresholdLine::*figure;
  Quantity quantity;
  std::string title;
};

void draw_panel(AnswerPicture& picture, const LagThreshold& answer, const Panel& panel,
                std::size_t style, std::int64_t left, std::int64_t top, std::int64_t right,
                std::int64_t bottom) {
  std::int64_t most = 1;
  for (const LagThresholdLine& line : answer.lines) {
    const MeanOfSeeds& mean = line.*panel.figure;
    most = std::max(most, div_ceil(mean.mean_milli + mean.half_width_milli, 1'000));
  }
  const Scale y(panel.quantity, 0, most, bottom, top, 4);
  y.draw_upwards(picture, left, right, panel.title);
  const auto n = static_cast<std::int64_t>(answer.lines.size());
  const auto x = [&](std::size_t i) {
    return left + (right - left) * (2 * static_cast<std::int64_t>(i) + 1) / (2 * n);
  };
  if (answer.knee) {
    picture.line(x(*answer.knee), top - 4, x(*answer.knee), bottom, "mark");
    picture.text(x(*answer.knee) + 5, top + 8, Anchor::start, "knee", "small strong");
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> points;
  for (std::size_t i = 0; i < answer.lines.size(); ++i) {
    const MeanOfSeeds& mean = answer.lines[i].*panel.figure;
    points.emplace_back(x(i), y.at(div_floor(mean.mean_milli, 1'000)));
    const std::int64_t low = std::max<std::int64_t>(0, mean.mean_milli - mean.half_width_milli);
    picture.line(x(i), y.at(div_floor(low, 1'000)), x(i),
                 y.at(div_ceil(mean.mean_milli + mean.half_width_milli, 1'000)), "axis");
    // Every other name where they would touch.
    if (n <= 8 || i % 2 == 0 || answer.knee == i) {
      const bool is_beside_knee = answer.knee && answer.knee != i &&
                                  (i + 1 == *answer.knee || i == *answer.knee + 1) && n > 8;
      if (!is_beside_knee) {
        picture.text(x(i), bottom + 16, Anchor::middle, to_short_text(answer.lines[i].open_above),
                     answer.knee == i ? "small strong" : "small");
      }
    }
  }
  picture.polyline(points, style);
  for (const auto& [px, py] : points) picture.marker(px, py, style);
}

}  // namespace

std::string lag_threshold_svg(const LagThreshold& answer) {
  constexpr std::int64_t width = AnswerPicture::width;
  constexpr std::int64_t left = 62;
  constexpr std::int64_t wide = 344;
  constexpr std::int64_t gap = 76;
  constexpr std::int64_t high = 150;
  const std::string title = "At which lag to stop reading from a replica";
  AnswerPicture picture(title, about_text(answer));
  std::int64_t top = picture.top() + 28;
  if (answer.lines.empty()) return picture.finish(top, "Nothing was finished.");
  const std::vector<Panel> panels{
      {&LagThresholdLine::stale_ppm, Quantity::share, "stale reads, of all"},
      {&LagThresholdLine::load_ppm, Quantity::share, "processors of " + answer.primary + " busy"},
      {&LagThresholdLine::openings, Quantity::count, "openings of breakers, a run"},
      {&LagThresholdLine::open_ppm, Quantity::share, "breakers open, of their time"}};
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const std::int64_t x = left + static_cast<std::int64_t>(i % 2) * (wide + gap);
    const std::int64_t y = top + static_cast<std::int64_t>(i / 2) * (high + 66);
    draw_panel(picture, answer, panels[i], i, x, y, x + wide, y + high);
  }
  const std::int64_t below = top + 2 * high + 66 + 36;
  picture.text(width / 2, below, Anchor::middle,
               "open_above; grey bars: 95 % intervals of the mean over seeds");
  const std::int64_t y = picture.paragraph(below + 22, rule, "small faint");
  return picture.finish(y - 8, lag_threshold_sentence(answer));
}

}  // namespace longhaul
