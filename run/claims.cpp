#include "run/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/units_text.h"
#include "models/app/page_time.h"
#include "run/config_json.h"
#include "run/expectations.h"
#include "run/report.h"

namespace longhaul {

const FieldTable& ClaimFigureConfig::fields() {
  using Config = ClaimFigureConfig;
  static const FieldTable table = field_table<Config>(
      "figure",
      {
          field<&Config::what>("what").about("What is measured, for people.").required(),
          field<&Config::scenario>("scenario").about("A file beside this one.").required(),
          field<&Config::metric>("metric").about("A metric, with labels.").required(),
          field<&Config::value>("value").about("avg, med, p(N), max, count, share.").required(),
          field<&Config::of>("of").about("Another figure of the claim, which this is a share of."),
          field<&Config::at_least>("at_least").about("The claim's lower bound."),
          field<&Config::at_most>("at_most").about("The claim's upper bound."),
      });
  return table;
}

const FieldTable& ClaimConfig::fields() {
  static const FieldTable table = field_table<ClaimConfig>(
      "claim",
      {
          field<&ClaimConfig::name>("name").about("Name of the claim.").required(),
          field<&ClaimConfig::claim>("claim").about("What is claimed.").required(),
          field<&ClaimConfig::figures>("figures")
              .about("What would confirm it.")
              .items(1, 100)
              .required(),
          field<&ClaimConfig::assumption>("assumption").about("Under which it holds, and why."),
          field<&ClaimConfig::assumed>("assumed")
              .about("What would confirm it under the assumption.")
              .items(0, 100),
      });
  return table;
}

const FieldTable& ClaimsConfig::fields() {
  static const FieldTable table =
      field_table<ClaimsConfig>("claims", {field<&ClaimsConfig::claims>("claims")
                                               .about("Claims of the literature.")
                                               .items(1, 1'000)
                                               .required()});
  return table;
}

std::string_view words_of(ClaimVerdict verdict) {
  constexpr std::string_view words[] = {"reproduced", "reproduced under a stated assumption",
                                        "refuted"};
  return words[static_cast<std::size_t>(verdict)];
}

namespace {

Error wrong(const ClaimFigureConfig& figure, std::string value, std::string expected) {
  Error error;
  error.path = figure.what;
  error.value = std::move(value);
  error.expected = std::move(expected);
  return error;
}

// A bound in the unit of its figure; of a quotient, ppm.
Result<std::int64_t> bound(const ClaimFigureConfig& figure, const std::string& text,
                           const LabelValues& labels) {
  if (figure.of) {
    const Result<Ratio> ratio = parse_text<Ratio>(text);
    if (!ratio) return std::vector<Error>{wrong(figure, text, "a share such as 20%")};
    return ratio.value().ppm;
  }
  Result<Expectation> parsed =
      parse_expectation(figure.metric, figure.value + " <= " + text, labels);
  if (!parsed) return parsed.errors();
  return parsed.value().value;
}

class Judge {
 public:
  Judge(std::string folder, ClaimOptions options, const ReadText& read)
      : folder_(std::move(folder)), options_(std::move(options)), read_(read) {
    options_.sweep.keep_figures = true;
    if (options_.sweep.run_seed) return;
    options_.sweep.run_seed = [](const Scenario& scenario, std::uint64_t seed) {
      return std::optional<RunResult>(run(scenario, seed, {.time_pages = true}));
    };
  }

  // Loads and runs whatever the claims need; false when it was stopped.
  Result<bool> run_all(const std::vector<ClaimConfig>& claims) {
    for (const ClaimConfig& claim : claims) {
      for (const auto* figures : {&claim.figures, &claim.assumed}) {
        for (const ClaimFigureConfig& figure : *figures) {
          if (places_.contains(figure.scenario)) continue;
          Result<Scenario> scenario = load_scenario(
              folder_ + figure.scenario, {.sets = {}, .catalogue = options_.catalogue}, read_);
          if (!scenario) return scenario.errors();
          scenario.value().expectations.clear();
          places_[figure.scenario] = scenarios_.size();
          scenarios_.push_back(std::move(scenario).value());
        }
      }
    }
    std::vector<SweepTask> tasks;
    for (const Scenario& scenario : scenarios_) {
      tasks.push_back({&scenario, scenario.config.seeds});
    }
    figures_.resize(scenarios_.size());
    std::size_t complete = 0;
    sweep(tasks, options_.sweep, [&](std::size_t task, SweepResult result) {
      complete += result.complete;
      figures_[task] = std::move(result.figures);
    });
    return complete == scenarios_.size();
  }

  Result<ClaimResult> judge(const ClaimConfig& claim) const {
    ClaimResult result;
    result.name = claim.name;
    result.claim = claim.claim;
    result.assumption = claim.assumption.value_or("");
    for (auto [configs, figures] :
         {std::pair{&claim.figures, &result.figures}, std::pair{&claim.assumed, &result.assumed}}) {
      for (const ClaimFigureConfig& config : *configs) {
        Result<ClaimFigure> figure = measure(config, *configs);
        if (!figure) return figure.errors();
        figures->push_back(std::move(figure).value());
      }
    }
    const auto all_hold = [](const std::vector<ClaimFigure>& figures) {
      return std::all_of(figures.begin(), figures.end(),
                         [](const ClaimFigure& figure) { return figure.holds; });
    };
    if (all_hold(result.figures)) {
      result.verdict = ClaimVerdict::reproduced;
    } else if (!result.assumed.empty() && all_hold(result.assumed)) {
      result.verdict = ClaimVerdict::under_assumption;
    }
    return result;
  }

 private:
  const Figures& figures_of(const ClaimFigureConfig& config) const {
    return figures_[places_.at(config.scenario)];
  }

  Result<std::pair<Expectation, Verdict>> value_of(const ClaimFigureConfig& config) const {
    const Figures& figures = figures_of(config);
    Result<Expectation> parsed = parse_figure(config.metric, config.value, figures.labels);
    if (!parsed) return parsed.errors();
    const Verdict verdict = longhaul::judge(parsed.value(), figures);
    return std::pair{std::move(parsed).value(), verdict};
  }

  Result<ClaimFigure> measure(const ClaimFigureConfig& config,
                              const std::vector<ClaimFigureConfig>& others) const {
    const auto found = value_of(config);
    if (!found) return found.errors();
    const auto& [expectation, verdict] = found.value();
    ClaimFigure figure;
    figure.what = config.what;
    figure.scenario = scenarios_[places_.at(config.scenario)].config.name;
    figure.holds = !verdict.no_samples;
    figure.measured = verdict.no_samples ? "-" : value_text(expectation, verdict.value);
    std::int64_t value = verdict.value;
    if (config.of) {
      const auto other = std::find_if(others.begin(), others.end(), [&](const auto& candidate) {
        return candidate.what == *config.of;
      });
      if (other == others.end()) {
        return std::vector<Error>{wrong(config, *config.of, "another figure of the claim")};
      }
      const auto whole = value_of(*other);
      if (!whole) return whole.errors();
      const std::int64_t base = whole.value().second.value;
      figure.holds = figure.holds && base > 0;
      value = base > 0 ? div_floor(Int128{value} * 1'000'000, base) : 0;
      figure.measured += fmt::format(", {}", share_text(div_floor(value + 500, 1'000) * 1'000));
    }
    for (const auto& [text, lower] :
         {std::pair{config.at_least, true}, std::pair{config.at_most, false}}) {
      if (!text) continue;
      const Result<std::int64_t> limit = bound(config, *text, figures_of(config).labels);
      if (!limit) return limit.errors();
      figure.holds = figure.holds && (lower ? value >= limit.value() : value <= limit.value());
    }
    if (config.at_least && config.at_most) {
      figure.claimed = *config.at_least + " to " + *config.at_most;
    } else if (config.at_least || config.at_most) {
      figure.claimed = (config.at_least ? "at least " : "at most ") +
                       config.at_least.value_or(config.at_most.value_or(""));
    }
    figure.pages = pages_of(expectation.selector, figures_of(config));
    return figure;
  }

  // Of metrics of pages and their statements.
  std::vector<std::string> pages_of(const Selector& selector, const Figures& figures) const {
    std::vector<std::string> lines;
    const std::vector<Label>& labels = info(selector.metric).labels;
    if (std::find(labels.begin(), labels.end(), Label::page) == labels.end()) return lines;
    const auto fits = [&](Label label, std::uint32_t value) {
      return std::all_of(selector.where.begin(), selector.where.end(), [&](const auto& fixed) {
        return fixed.first != label || fixed.second == value;
      });
    };
    for (const PageBreakdown& page : page_breakdowns(figures)) {
      if (fits(Label::region, page.region) && fits(Label::page, page.page)) {
        lines.push_back(sum_text(page, figures.labels));
      }
    }
    return lines;
  }

  std::string folder_;
  ClaimOptions options_;
  const ReadText& read_;
  std::map<std::string, std::size_t> places_;  // by file
  std::vector<Scenario> scenarios_;
  std::vector<Figures> figures_;
};

std::string figure_rows(const std::vector<ClaimFigure>& figures) {
  std::string text = "| figure | scenario | claimed | measured | |\n|---|---|---|---|---|\n";
  for (const ClaimFigure& figure : figures) {
    text += fmt::format("| {} | `{}` | {} | {} | {} |\n", figure.what, figure.scenario,
                        figure.claimed, figure.measured,
                        figure.claimed.empty() ? ""
                        : figure.holds         ? "yes"
                                               : "**no**");
  }
  return text;
}

// Each page of each scenario once.
std::string page_rows(const ClaimResult& claim) {
  std::vector<std::string> lines;
  for (const auto* figures : {&claim.figures, &claim.assumed}) {
    for (const ClaimFigure& figure : *figures) {
      for (const std::string& page : figure.pages) {
        std::string line = fmt::format("- `{}`, {}\n", figure.scenario, page);
        if (std::find(lines.begin(), lines.end(), line) == lines.end()) {
          lines.push_back(std::move(line));
        }
      }
    }
  }
  std::string text;
  for (const std::string& line : lines) text += line;
  return text.empty() ? "" : "\nWhere the time of a page goes:\n\n" + text;
}

}  // namespace

Result<std::vector<ClaimResult>> judge_claims(const std::string& path, ClaimOptions options,
                                              const ReadText& read) {
  const Result<JsonDocument> document = read_layers(path, ClaimsConfig::fields(), read);
  if (!document) return document.errors();
  const Result<ClaimsConfig> config = load_config<ClaimsConfig>(document.value());
  if (!config) return config.errors();
  Judge judge(path.substr(0, path.rfind('/') + 1), std::move(options), read);
  const Result<bool> complete = judge.run_all(config.value().claims);
  if (!complete) return complete.errors();
  std::vector<ClaimResult> results;
  if (!complete.value()) return results;
  for (const ClaimConfig& claim : config.value().claims) {
    Result<ClaimResult> result = judge.judge(claim);
    if (!result) return result.errors();
    results.push_back(std::move(result).value());
  }
  return results;
}

std::string sum_text(const PageBreakdown& page, const LabelValues& labels) {
  std::string text;
  const auto add = [&](const std::string& summand) {
    text += (text.empty() ? "" : " + ") + summand;
  };
  const auto add_part = [&](PagePart part) {
    if (page.mean(part) >= microseconds(10)) {
      add(fmt::format("{} {}", title_of(part), to_short_text(page.mean(part))));
    }
  };
  add_part(PagePart::user);
  const std::string legs = legs_text(page.time, labels);
  if (!legs.empty()) add("legs " + legs);
  for (std::size_t i = static_cast<std::size_t>(PagePart::repeats) + 1; i < page_parts; ++i) {
    add_part(static_cast<PagePart>(i));
  }
  return fmt::format("{} / {}: {} = {}", labels[Label::region][page.region],
                     labels[Label::page][page.page], to_short_text(page.mean()), text);
}

std::string claims_markdown(const std::vector<ClaimResult>& claims) {
  std::string text =
      "# Claims of the literature\n\n"
      "What articles say about databases in several regions, run with the round trips of the\n"
      "catalogue and defaults for the rest; nothing is tuned to a claim. `longhaul claims` prints "
      "this:\nthe verdicts follow from the figures.\n\n"
      "| claim | verdict |\n|---|---|\n";
  for (const ClaimResult& claim : claims) {
    text += fmt::format("| {} | **{}** |\n", claim.claim, words_of(claim.verdict));
  }
  for (const ClaimResult& claim : claims) {
    text +=
        fmt::format("\n## {}\n\n{}\n\n**{}**", claim.name, claim.claim, words_of(claim.verdict));
    if (claim.verdict == ClaimVerdict::under_assumption) text += ": " + claim.assumption + ".";
    text += "\n\n" + figure_rows(claim.figures);
    if (claim.verdict == ClaimVerdict::under_assumption) {
      text += "\nUnder the assumption:\n\n" + figure_rows(claim.assumed);
    }
    text += page_rows(claim);
  }
  return text;
}

}  // namespace longhaul
