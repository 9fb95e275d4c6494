#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "run/site_loss.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

struct Span {
  Duration least = Duration::max();
  Duration most;
  Int128 sum = 0;
  std::int64_t count = 0;

  void add(Duration value) {
    least = std::min(least, value);
    most = std::max(most, value);
    sum += value.ns;
    count += 1;
  }
  Duration mean() const { return {count == 0 ? 0 : div_floor(sum, count)}; }
};

// Of the seeds with one fate.
Span out_span(const SiteLine& line, std::size_t region, WriteFate fate) {
  Span span;
  for (const SiteRun& run : line.runs) {
    if (run.regions[region].writes == fate) span.add(run.regions[region].out);
  }
  return span;
}

// A third of a second says nothing of an outage.
std::string rough(Duration value) {
  if (value < seconds(10)) return to_short_text(value);
  return to_short_text(seconds(div_floor(value.ns + 500'000'000, 1'000'000'000)));
}

std::string span_text(const Span& span) {
  const std::string least = rough(span.least);
  const std::string most = rough(span.most);
  return least == most ? most : least + " to " + most;
}

Cell writes_cell(const SiteLine& line, std::size_t region) {
  const std::string text = writes_text(line, region);
  if (text == gone_text) return {text, Tone::faint};
  constexpr std::array tones{Tone::good, Tone::warning, Tone::bad, Tone::bad};
  return {text, tones[static_cast<std::size_t>(line.worst(region))]};
}

constexpr std::int64_t nearly_all_ppm = 950'000;

// Names of the cases that a condition is true of.
template <class Condition>
std::string names_where(const SiteLoss& table, std::int64_t& count, Condition condition) {
  std::string names;
  count = 0;
  for (const SiteLine& line : table.lines) {
    if (!condition(line)) continue;
    count += 1;
    names +=
        fmt::format("{}{} {}", names.empty() ? "" : ", ", name_of(line.what.kind), line.what.name);
  }
  return names;
}

json line_json(const SiteLoss& table, const SiteLine& line) {
  json regions = json::array();
  for (std::size_t i = 0; i < table.regions.size(); ++i) {
    Span out;
    Span behind;
    json fates = json::object();
    for (const WriteFate fate :
         {WriteFate::unharmed, WriteFate::resumed, WriteFate::waited, WriteFate::stuck}) {
      if (const std::size_t seeds = line.count(i, fate); seeds > 0) {
        fates[std::string(name_of(fate))] = seeds;
      }
    }
    for (const SiteRun& run : line.runs) {
      out.add(run.regions[i].out);
      behind.add(run.regions[i].behind);
    }
    json region{{"region", table.regions[i]},          {"gone", static_cast<bool>(line.gone[i])},
                {"writes", name_of(line.worst(i))},    {"seeds", std::move(fates)},
                {"write_outage_ns_min", out.least.ns}, {"write_outage_ns_mean", out.mean().ns},
                {"write_outage_ns_max", out.most.ns},  {"after_healing_ns_max", behind.most.ns}};
    if (const auto share = line.reads_ppm(i)) region["reads_ppm"] = *share;
    regions.push_back(std::move(region));
  }
  return {{"kind", name_of(line.what.kind)},
          {"lost", line.what.name},
          {"lasts_ns", line.lasts.ns},
          {"writes", name_of(line.worst())},
          {"split_brain_duration_ns_max", line.split_max().ns},
          {"lost_transactions_milli_mean", line.lost_milli()},
          {"regions", std::move(regions)}};
}

}  // namespace

std::string writes_text(const SiteLine& line, std::size_t region) {
  const WriteFate fate = line.worst(region);
  if (line.gone[region] && fate == WriteFate::waited) return std::string(gone_text);
  const std::size_t seeds = line.count(region, fate);
  std::string share;
  if (seeds < line.runs.size()) share = fmt::format(" ({} of {})", seeds, line.runs.size());
  switch (fate) {
    case WriteFate::unharmed:
      return "yes";
    case WriteFate::resumed:
      return "after " + span_text(out_span(line, region, fate)) + share;
    case WriteFate::waited:
      return "no" + share;
    case WriteFate::stuck:
      return "STUCK" + share;
  }
  __builtin_unreachable();
}

std::string reads_text(const SiteLine& line, std::size_t region) {
  const std::optional<std::int64_t> share = line.reads_ppm(region);
  if (!share) return "-";
  if (*share >= nearly_all_ppm) return "yes";
  return *share == 0 ? "no" : to_text(Ratio{(*share + 5'000) / 10'000 * 10'000});
}

std::string split_text(const SiteLine& line) {
  const Duration split = line.split_max();
  return split == Duration{} ? "-" : rough(split);
}

std::string lost_text(const SiteLine& line) {
  const std::int64_t milli = line.lost_milli();
  if (milli == 0) return "-";
  return milli < 10'000 ? fmt::format("{}.{}", milli / 1000, milli % 1000 / 100)
                        : std::to_string((milli + 500) / 1000);
}

std::string site_loss_text(const SiteLoss& table, bool colour) {
  std::vector<std::string> titles{"LOST", "<"};
  for (const std::string& region : table.regions) {
    titles.push_back("<writes from\n" + region);
    titles.push_back("<reads");
  }
  titles.insert(titles.end(), {"two\nprimaries", "lost"});
  TextTable lines(titles);
  for (const SiteLine& line : table.lines) {
    std::vector<Cell> cells{std::string(name_of(line.what.kind)), line.what.name};
    for (std::size_t i = 0; i < table.regions.size(); ++i) {
      cells.push_back(writes_cell(line, i));
      cells.emplace_back(reads_text(line, i));
    }
    cells.emplace_back(split_text(line), line.split_max() == Duration{} ? Tone::plain : Tone::bad);
    cells.emplace_back(lost_text(line));
    lines.row(std::move(cells));
  }
  std::string text = lines.text(colour) + "\n";
  text += wrapped(
      "writes: whether users can write while it is lost; \"no\" until it is back, STUCK long after "
      "that. gone: their app is lost with the region. reads: answered in its last half minute. two "
      "primaries: how long at most. lost: acknowledged transactions, mean of the seeds.",
      100, 0);
  text += "\n";
  if (table.faults > 0) {
    text += fmt::format("The scenario's own faults ({}) are left out.\n", table.faults);
  }
  return text + "\n";
}

std::string site_loss_json(const SiteLoss& table) {
  json lines = json::array();
  for (const SiteLine& line : table.lines) lines.push_back(line_json(table, line));
  const json object{{"format", 1},
                    {"scenario", table.scenario},
                    {"seeds", {{"first", table.seeds.first}, {"last", table.seeds.last}}},
                    {"at_ns", table.at.ns},
                    {"watch_ns", table.watch.ns},
                    {"cases", std::move(lines)},
                    {"conclusion", conclusion(table)}};
  return object.dump(2) + "\n";
}

std::string conclusion(const SiteLoss& table) {
  if (table.lines.empty()) return "Nothing was finished.";
  std::int64_t count = 0;
  const auto nobody = [](const SiteLine& line) {
    return std::find(line.gone.begin(), line.gone.end(), false) == line.gone.end();
  };
  const std::string without_app = names_where(table, count, nobody);
  const auto whole = static_cast<std::int64_t>(table.lines.size()) - count;
  names_where(table, count, [&](const SiteLine& line) {
    return !nobody(line) && line.worst() < WriteFate::waited;
  });
  std::string text = fmt::format(
      "In {} of {} cases everybody who still has an app can write while the thing is lost.", count,
      whole);
  const auto add = [&](const std::string& what, const std::string& names) {
    if (!names.empty()) text += " " + what + ": " + names + ".";
  };
  add("Somebody waits until it is back", names_where(table, count, [](const SiteLine& line) {
        return line.worst() == WriteFate::waited;
      }));
  add("Somebody has to act", names_where(table, count, [](const SiteLine& line) {
        return line.worst() == WriteFate::stuck;
      }));
  add("Two primaries at once", names_where(table, count, [](const SiteLine& line) {
        return line.split_max() > Duration{};
      }));
  add("Nobody has an app left", without_app);
  return text;
}

}  // namespace longhaul
