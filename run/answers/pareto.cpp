#include "run/answers/pareto.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "run/answers/crashes.h"
#include "run/answers/picture.h"
#include "run/cost.h"
#include "run/quantity.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

constexpr std::int64_t dollar = 1'000'000;

std::int64_t in_dollars(std::int64_t micro_usd) {
  return div_floor(micro_usd + dollar / 2, dollar);
}

std::int64_t p99_of(const ParetoDesign& design) { return spread_of(design.lost).p99; }

// Below zero: a is the better one.
int compare_latency(const ParetoDesign& a, const ParetoDesign& b) {
  const std::size_t pairs = std::min(a.latency.size(), b.latency.size());
  if (pairs == 0) return 0;
  const PairedDifference difference =
      paired_difference({a.latency.data(), pairs}, {b.latency.data(), pairs});
  const Int128 size =
      difference.mean_milli < 0 ? -Int128{difference.mean_milli} : Int128{difference.mean_milli};
  if (size * 100 < Int128{a.latency_mean()} * 1'000) return 0;
  if (pairs > 1 && size <= difference.half_width_milli) return 0;
  return difference.mean_milli > 0 ? -1 : 1;
}

int compare_whole(std::int64_t a, std::int64_t b) { return a < b ? -1 : a > b ? 1 : 0; }

bool beats(const ParetoDesign& a, const ParetoDesign& b) {
  const std::array<int, 3> outcome{
      compare_whole(in_dollars(a.cost_mean()), in_dollars(b.cost_mean())), compare_latency(a, b),
      compare_whole(p99_of(a), p99_of(b))};
  const bool is_worse = std::any_of(outcome.begin(), outcome.end(), [](int o) { return o > 0; });
  const bool is_better = std::any_of(outcome.begin(), outcome.end(), [](int o) { return o < 0; });
  return is_better && !is_worse;
}

std::string letter_of(std::size_t number) {
  std::string name(1, static_cast<char>('A' + number % 26));
  return number < 26 ? name : name + std::to_string(number / 26);
}

// A column of the store's finished cells, those of each setting together.
std::vector<std::vector<std::int64_t>> by_setting(const Store& store, const std::string& metric,
                                                  const std::string& column) {
  std::vector<std::vector<std::int64_t>> values(static_cast<std::size_t>(store.key().settings()));
  const std::vector<StoredCell> cells = store.cells();
  const std::vector<std::int64_t> all = column_of(store, metric, "", column);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    values[static_cast<std::size_t>(cells[i].setting)].push_back(all[i]);
  }
  return values;
}

struct Filled {
  Store store;
  bool complete;
};

Result<Filled> run_grid(const GridAsked& asked, const GridOptions& options) {
  const Result<Grid> grid = make_grid(asked);
  if (!grid) return grid.errors();
  Result<Store> store = Store::open(":memory:", grid.value().key);
  if (!store) return store.errors();
  const Result<bool> complete = fill(grid.value(), store.value(), options);
  if (!complete) return complete.errors();
  return Filled{std::move(store).value(), complete.value()};
}

// The figures that are asked of a calm run, in their order.
enum Wanted : std::size_t { latency, lost, outage };

std::vector<std::int64_t> by_seed(const VariantResult& result, Wanted wanted) {
  std::vector<std::int64_t> values;
  for (const SeedResult& seed : result.runs.seeds) values.push_back(seed.verdicts[wanted].value);
  return values;
}

Error same_design(const std::string& first, const std::string& again) {
  Error error;
  error.file = again;
  error.expected = "another design: this one is the same as " + (first == again ? "before" : first);
  return error;
}

Error wrong_latency(const ParetoAsked& asked, const std::string& expected) {
  Error error;
  error.path = "--latency";
  error.value = asked.latency.selector + " " + asked.latency.aggregation;
  error.expected = expected;
  return error;
}

bool is_time(const Expectation& figure) {
  return info(figure.selector.metric).unit == MetricUnit::duration &&
         figure.aggregation != Aggregation::count && figure.aggregation != Aggregation::rate &&
         figure.aggregation != Aggregation::share;
}

// The bill and the latency of each setting, calm; loss and outage too, if nothing crashes.
Result<std::vector<ParetoDesign>> run_calm(const ParetoAsked& asked, const VariantPlan& plan,
                                           const SweepOptions& options) {
  SweepOptions keeping = options;
  keeping.keep_figures = true;
  const Result<std::vector<VariantResult>> results = run_variants(plan, keeping);
  if (!results) return results.errors();
  std::vector<ParetoDesign> designs;
  for (const VariantResult& result : results.value()) {
    ParetoDesign design;
    design.scenario = result.scenario.config.name;
    design.values = values_of(asked.axes, static_cast<std::int64_t>(designs.size()));
    for (const SeedResult& seed : result.runs.seeds) {
      if (!seed.verdicts[latency].no_samples) continue;
      return wrong_latency(asked, "a figure that every design has in every seed; " +
                                      design.scenario + " has none in seed " +
                                      std::to_string(seed.seed));
    }
    design.unfinished_pages = static_cast<std::int64_t>(result.runs.unfinished_pages());
    design.runs = static_cast<std::int64_t>(result.runs.seeds.size());
    design.latency = by_seed(result, latency);
    design.lost = by_seed(result, lost);
    design.outage_ns = by_seed(result, outage);
    const Figures& all = result.runs.figures;
    const auto parts = static_cast<std::int64_t>(all.parts.size());
    for (const auto& part : all.parts) {
      design.cost.push_back(
          monthly_cost(result.scenario, {{part}, all.labels, {all.measured.ns / parts}}).total());
    }
    designs.push_back(std::move(design));
  }
  return designs;
}

void add_crashes(std::vector<ParetoDesign>& designs, const Store& crashed) {
  const auto lost_by_setting = by_setting(crashed, "lost_transactions", "count");
  const auto outage_by_setting = by_setting(crashed, "write_outage", "max");
  for (std::size_t i = 0; i < designs.size(); ++i) {
    designs[i].lost = lost_by_setting[i];
    designs[i].outage_ns = outage_by_setting[i];
  }
  for (const StoredCell& cell : crashed.cells()) {
    ParetoDesign& design = designs[static_cast<std::size_t>(cell.setting)];
    design.unfinished_pages += cell.unfinished_pages;
    design.runs += 1;
  }
}

std::string setting_text(const Pareto& answer, const ParetoDesign& design) {
  std::string text = design.scenario;
  for (std::size_t i = 0; i < design.values.size(); ++i) {
    text += ", " + answer.axes[i].substr(answer.axes[i].rfind('.') + 1) + " " + design.values[i];
  }
  return text;
}

std::string about_text(const Pareto& answer) {
  std::string text = fmt::format("{} designs, seeds {}..{}", answer.designs.size(),
                                 answer.seeds.first, answer.seeds.last);
  if (answer.instants == 0) return text;
  return text +
         fmt::format("; loss and outage: {} at {} instants of each seed, {} crashes a design",
                     answer.failure, answer.instants,
                     answer.designs.empty() ? 0 : answer.designs[0].lost.size());
}

std::string loss_text(const ParetoDesign& design) {
  const Spread spread = spread_of(design.lost);
  if (spread.worst > 0) return figure_text(Quantity::count, spread.p99);
  return "0 (< " + never_text(spread.samples) + ")";
}

std::string names_text(const Pareto& answer, const std::vector<std::size_t>& which) {
  std::string text;
  for (const std::size_t i : which) text += (text.empty() ? "" : ", ") + answer.designs[i].name;
  return text;
}

std::vector<std::size_t> worth_a_look(const Pareto& answer) {
  std::vector<std::size_t> list;
  for (std::size_t i = 0; i < answer.designs.size(); ++i) {
    if (answer.designs[i].beaten_by.empty()) list.push_back(i);
  }
  std::stable_sort(list.begin(), list.end(), [&](std::size_t a, std::size_t b) {
    return answer.designs[a].cost_mean() < answer.designs[b].cost_mean();
  });
  return list;
}

}  // namespace

std::int64_t ParetoDesign::cost_mean() const { return mean_of(cost); }
std::int64_t ParetoDesign::latency_mean() const { return mean_of(latency); }

Result<Pareto> pareto(const ParetoAsked& asked, const SweepOptions& calm,
                      const GridOptions& crashes) {
  const Result<Expectation> unit =
      parse_figure_unit(asked.latency.selector, asked.latency.aggregation);
  if (unit && !is_time(unit.value()))
    return wrong_latency(asked, "avg, med, p(N) or max of a time");
  Pareto answer;
  for (const Axis& axis : asked.axes) answer.axes.push_back(axis.path);
  answer.latency = asked.latency.selector + " " + asked.latency.aggregation;
  answer.instants = asked.crash.instants;
  std::optional<SeedRange> seeds = asked.seeds;
  if (auto wrong = mistakes_in(asked.axes); !wrong.empty()) return wrong;
  std::vector<Scenario> bases;
  for (const auto& load : asked.load) {
    Result<Scenario> base = load({});
    if (!base) return base.errors();
    for (const Scenario& other : bases) {
      if (other.digest != base.value().digest) continue;
      return same_design(other.file, base.value().file);
    }
    bases.push_back(base.value());
    if (!seeds) seeds = base.value().config.seeds;
    answer.seeds = *seeds;
    VariantPlan plan;
    plan.seeds = *seeds;
    plan.wanted = {asked.latency, {"lost_transactions", "count"}, {"write_outage", "max"}};
    plan.load = [&](const Variant& variant) { return load(variant.sets); };
    for (std::int64_t i = 0; i < settings_of(asked.axes); ++i) {
      Variant variant{"", sets_of(asked.axes, values_of(asked.axes, i))};
      if (asked.crash.instants > 0) variant.sets.emplace_back("faults=[]");
      plan.variants.push_back(std::move(variant));
    }
    Result<std::vector<ParetoDesign>> designs = run_calm(asked, plan, calm);
    if (!designs) return designs.errors();
    answer.complete = designs.value().size() == plan.variants.size();
    if (!answer.complete) break;
    if (asked.crash.instants > 0) {
      GridAsked grid;
      grid.axes = asked.axes;
      grid.seeds = seeds;
      grid.tie_order = asked.tie_order;
      grid.load = load;
      grid.crash = asked.crash;
      const Result<Filled> crashed = run_grid(grid, crashes);
      if (!crashed) return crashed.errors();
      answer.complete = crashed.value().complete;
      if (!answer.complete) break;
      answer.failure = crash_set(crashed.value().store).failure;
      add_crashes(designs.value(), crashed.value().store);
    }
    for (ParetoDesign& design : designs.value()) {
      design.name = letter_of(answer.designs.size());
      answer.designs.push_back(std::move(design));
    }
  }
  find_beaten(answer);
  return answer;
}

void find_beaten(Pareto& answer) {
  for (std::size_t i = 0; i < answer.designs.size(); ++i) {
    answer.designs[i].beaten_by.clear();
    for (std::size_t j = 0; j < answer.designs.size(); ++j) {
      if (j != i && beats(answer.designs[j], answer.designs[i])) {
        answer.designs[i].beaten_by.push_back(j);
      }
    }
  }
}

namespace {

// What a column of zeros does not say. Empty when every design lost something.
std::string unseen_losses(const Pareto& answer) {
  std::vector<std::size_t> unseen;
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < answer.designs.size(); ++i) {
    const std::vector<std::int64_t>& lost = answer.designs[i].lost;
    if (lost.empty() || spread_of(lost).worst > 0) continue;
    unseen.push_back(i);
    fewest = std::min(fewest, static_cast<std::int64_t>(lost.size()));
  }
  if (unseen.empty()) return "";
  return fmt::format(
      " Of {} no loss was seen in {} {}: at 95 % confidence fewer than {} of such lose anything, "
      "and other failures may.",
      names_text(answer, unseen), fewest,
      answer.instants == 0 ? "runs" : "crashes (" + answer.failure + ")", never_text(fewest));
}

}  // namespace

std::string pareto_sentence(const Pareto& answer) {
  const std::vector<std::size_t> good = worth_a_look(answer);
  if (good.empty()) return "Nothing was finished.";
  const auto said = [&](const ParetoDesign& design) {
    return fmt::format("{} ({}: {} a month, {} {}, loses {} at p99)", design.name,
                       setting_text(answer, design), usd_text(design.cost_mean()), answer.latency,
                       to_short_text(Duration{design.latency_mean()}), loss_text(design));
  };
  if (good.size() == 1) {
    return fmt::format("Of {} designs {} beats all others.", answer.designs.size(),
                       said(answer.designs[good[0]])) +
           unseen_losses(answer);
  }
  std::string text = fmt::format(
      "Only {} of {} designs are worth discussing: from {} to {}", good.size(),
      answer.designs.size(), said(answer.designs[good.front()]), said(answer.designs[good.back()]));
  if (good.size() == answer.designs.size()) {
    text = fmt::format("None of {} designs beats another one: from {} to {}", good.size(),
                       said(answer.designs[good.front()]), said(answer.designs[good.back()]));
  }
  const auto beaten = std::find_if(answer.designs.begin(), answer.designs.end(),
                                   [](const ParetoDesign& d) { return !d.beaten_by.empty(); });
  if (beaten != answer.designs.end()) {
    text += fmt::format("; {} is beaten by {} in all that differs", beaten->name,
                        answer.designs[beaten->beaten_by.front()].name);
  }
  return text + "." + unseen_losses(answer);
}

std::string pareto_text(const Pareto& answer, bool colour) {
  std::string text = wrapped(about_text(answer), 100, 2) + "\n\n";
  TextTable table({"", "<design", "a month", answer.latency, "<±", "lost p99", "worst",
                   "outage p50", "worst", "<"});
  std::uint64_t unfinished = 0;
  std::int64_t runs = 0;
  for (const ParetoDesign& design : answer.designs) {
    unfinished += static_cast<std::uint64_t>(design.unfinished_pages);
    runs += design.runs;
    const PairedDifference mean =
        paired_difference(std::vector<std::int64_t>(design.latency.size()), design.latency);
    const Spread outage = spread_of(design.outage_ns);
    const auto rough = [](std::int64_t ns) {
      return ns == 0 ? std::string("0")
                     : to_short_text(Duration{(ns + 50'000'000) / 100'000'000 * 100'000'000});
    };
    const bool is_good = design.beaten_by.empty();
    table.row({{design.name, is_good ? Tone::strong : Tone::plain},
               setting_text(answer, design),
               usd_text(design.cost_mean()),
               to_short_text(Duration{design.latency_mean()}),
               {mean.pairs < 2 ? "?" : to_short_text(Duration{mean.half_width_milli / 1'000}),
                Tone::faint},
               loss_text(design),
               figure_text(Quantity::count, spread_of(design.lost).worst),
               rough(outage.median),
               rough(outage.worst),
               {is_good ? "worth a look" : "beaten by " + names_text(answer, design.beaten_by),
                is_good ? Tone::good : Tone::faint}});
  }
  text += table.text(colour);
  if (unfinished > 0) text += "  " + wrapped(unfinished_text(unfinished, runs), 98, 2) + "\n";
  return text + "\n" + wrapped(pareto_sentence(answer), 100, 0) + "\n";
}

std::string pareto_json(const Pareto& answer) {
  json designs = json::array();
  for (const ParetoDesign& design : answer.designs) {
    json values = json::object();
    for (std::size_t i = 0; i < answer.axes.size(); ++i) values[answer.axes[i]] = design.values[i];
    const Spread lost = spread_of(design.lost);
    const Spread outage = spread_of(design.outage_ns);
    json beaten = json::array();
    for (const std::size_t by : design.beaten_by) beaten.push_back(answer.designs[by].name);
    designs.push_back({{"name", design.name},
                       {"scenario", design.scenario},
                       {"values", std::move(values)},
                       {"cost_micro_usd", design.cost_mean()},
                       {"latency_ns", design.latency_mean()},
                       {"samples", lost.samples},
                       {"unfinished_pages", design.unfinished_pages},
                       {"lost_transactions", {{"p99", lost.p99}, {"max", lost.worst}}},
                       {"write_outage_ns", {{"p50", outage.median}, {"max", outage.worst}}},
                       {"beaten_by", std::move(beaten)}});
  }
  const json object{{"format", 1},
                    {"answer", "pareto"},
                    {"seeds", {{"first", answer.seeds.first}, {"last", answer.seeds.last}}},
                    {"crash_instants", answer.instants},
                    {"failure", answer.failure},
                    {"latency", answer.latency},
                    {"designs", std::move(designs)},
                    {"sentence", pareto_sentence(answer)}};
  return object.dump(2) + "\n";
}

std::string pareto_svg(const Pareto& answer) {
  constexpr std::int64_t left = 80;
  constexpr std::int64_t right = AnswerPicture::width - 150;
  constexpr std::int64_t height = 330;
  AnswerPicture picture("Cost, latency and loss: which designs no other one beats",
                        about_text(answer));
  if (answer.designs.empty()) return picture.finish(picture.top(), "Nothing was finished.");
  const std::int64_t top = picture.top() + 44;
  const std::int64_t bottom = top + height;
  picture.legend(left, top - 30, right, AnswerPicture::Key::marker,
                 {{0, "worth a look"}, {1, "beaten by another one"}});
  std::int64_t cost = 1;
  std::int64_t p95 = 1;
  for (const ParetoDesign& design : answer.designs) {
    cost = std::max(cost, design.cost_mean());
    p95 = std::max(p95, design.latency_mean());
  }
  const Scale x(Quantity::money, 0, cost, left, right, 6);
  const Scale y(Quantity::duration, 0, p95, bottom, top, 6);
  y.draw_upwards(picture, left, right, answer.latency);
  x.draw_along(picture, top, bottom, "a month at list prices, USD");
  // Loss is told by the length of a bar beside the point, and by its figure.
  std::int64_t most = 1;
  for (const ParetoDesign& design : answer.designs) most = std::max(most, p99_of(design));
  // Texts of points that lie together go below one another.
  std::vector<std::pair<std::int64_t, std::int64_t>> taken;
  std::vector<std::size_t> order = worth_a_look(answer);
  for (std::size_t i = 0; i < answer.designs.size(); ++i) {
    if (!answer.designs[i].beaten_by.empty()) order.push_back(i);
  }
  for (const std::size_t i : order) {
    const ParetoDesign& design = answer.designs[i];
    const std::int64_t px = x.at(design.cost_mean());
    const std::int64_t py = y.at(design.latency_mean());
    std::int64_t text_y = py + 4;
    for (bool moved = true; moved;) {
      moved = false;
      for (const auto& [other_x, other_y] : taken) {
        if (other_x - px < 170 && px - other_x < 170 && other_y - text_y < 15 &&
            text_y - other_y < 15) {
          text_y = other_y + 15;
          moved = true;
        }
      }
    }
    taken.emplace_back(px, text_y);
    const bool is_good = design.beaten_by.empty();
    if (text_y != py + 4) picture.line(px, py, px + 10, text_y - 4, "grid");
    const std::int64_t bar = p99_of(design) * 40 / most;
    picture.text(px + 12, text_y, Anchor::start, design.name, is_good ? "strong" : "text");
    if (bar > 0) picture.rect(px + 28, text_y - 9, bar, 9, "fill-6");
    picture.text(px + 32 + bar, text_y, Anchor::start, "loses " + loss_text(design), "small");
  }
  // Those worth a look on top.
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    const ParetoDesign& design = answer.designs[*i];
    picture.marker(x.at(design.cost_mean()), y.at(design.latency_mean()),
                   design.beaten_by.empty() ? 0 : 1);
  }
  std::int64_t below = bottom + 58;
  for (const ParetoDesign& design : answer.designs) {
    picture.text(AnswerPicture::margin, below, Anchor::start, design.name, "strong");
    picture.text(AnswerPicture::margin + 24, below, Anchor::start,
                 setting_text(answer, design) +
                     (design.beaten_by.empty()
                          ? ""
                          : "  (beaten by " + names_text(answer, design.beaten_by) + ")"),
                 design.beaten_by.empty() ? "text" : "faint");
    below += 17;
  }
  return picture.finish(below - 4, pareto_sentence(answer));
}

}  // namespace longhaul
