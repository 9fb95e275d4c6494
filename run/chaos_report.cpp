#include "run/chaos_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <functional>
#include <map>
#include <utility>

#include "base/units_text.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

constexpr std::size_t examples_max = 20;  // violations with their commands

using Outcomes = std::vector<ChaosOutcome>;
using Test = std::function<bool(const ChaosOutcome&)>;

std::int64_t count(const Outcomes& outcomes, const Test& test) {
  return std::count_if(outcomes.begin(), outcomes.end(), test);
}

bool has(const ChaosOutcome& outcome, FaultKind kind) {
  return std::find(outcome.kinds.begin(), outcome.kinds.end(), kind) != outcome.kinds.end();
}

bool loses(const ChaosOutcome& outcome) { return outcome.lost_commits() > 0; }
bool splits(const ChaosOutcome& outcome) { return outcome.two_writers > Duration{}; }
bool fails(const ChaosOutcome& outcome) { return outcome.violation != Violation::none; }

std::string kinds_table(const Outcomes& outcomes, bool colour) {
  TextTable table({"kind of fault", "worlds", "faults", "failovers", "losses", "two writers"});
  for (const FaultKind kind : all_fault_kinds()) {
    const auto with = [kind](const ChaosOutcome& outcome) { return has(outcome, kind); };
    std::int64_t faults = 0;
    for (const ChaosOutcome& outcome : outcomes) {
      faults += std::count(outcome.kinds.begin(), outcome.kinds.end(), kind);
    }
    table.row(
        {std::string(enum_text(kind)), count_text(count(outcomes, with)), count_text(faults),
         count_text(count(outcomes, [&](const auto& o) { return with(o) && o.promotions > 0; })),
         count_text(count(outcomes, [&](const auto& o) { return with(o) && loses(o); })),
         count_text(count(outcomes, [&](const auto& o) { return with(o) && splits(o); }))});
  }
  return table.text(colour);
}

// The plainest world in which the manager's own way of doing things cost something.
std::string weakness_of(const Outcomes& outcomes) {
  const ChaosOutcome* plainest = nullptr;
  const auto reasons = [](const ChaosOutcome& outcome) {
    return std::pair{std::bitset<assumption_count>(outcome.broken).count(), outcome.kinds.size()};
  };
  for (const ChaosOutcome& outcome : outcomes) {
    if (!loses(outcome) && !splits(outcome)) continue;
    if (plainest == nullptr || reasons(outcome) < reasons(*plainest)) plainest = &outcome;
  }
  return plainest == nullptr ? "-" : std::to_string(plainest->seed);
}

std::string managers_table(const Outcomes& outcomes, bool colour) {
  TextTable table({"manager", "worlds", "failovers", "promised", "broken", "losses", "commits",
                   "split", "for", "twins", "people", "see seed"});
  const EnumNames& names = enum_names<FailoverManager>();
  for (std::size_t i = 0; i < names.names.size(); ++i) {
    Outcomes its;
    std::copy_if(outcomes.begin(), outcomes.end(), std::back_inserter(its),
                 [i](const ChaosOutcome& o) { return static_cast<std::size_t>(o.manager) == i; });
    std::int64_t commits = 0;
    Duration longest;
    for (const ChaosOutcome& outcome : its) {
      commits += outcome.lost_commits();
      longest = std::max(longest, outcome.two_writers);
    }
    const std::int64_t broken = count(its, [](const auto& o) { return o.broken == 0 && fails(o); });
    table.row({std::string(names.names[i]), count_text(static_cast<std::int64_t>(its.size())),
               count_text(count(its, [](const auto& o) { return o.promotions > 0; })),
               count_text(count(its, [](const auto& o) { return o.broken == 0; })),
               Cell{count_text(broken), broken > 0 ? Tone::bad : Tone::good},
               count_text(count(its, loses)), count_text(commits), count_text(count(its, splits)),
               longest > Duration{} ? to_short_text(longest) : "-",
               count_text(count(its, [](const auto& o) { return o.twins; })),
               count_text(count(its, [](const auto& o) { return !o.waits_for.empty(); })),
               weakness_of(its)});
  }
  return table.text(colour);
}

// What broke, and what was lost to it.
std::string assumptions_table(const Outcomes& outcomes, bool colour) {
  TextTable table({"assumption that broke", "worlds", "alone", "losses put down to it", "commits",
                   "two writers, it alone"});
  for (std::size_t i = 0; i < assumption_count; ++i) {
    const Assumptions it = bit(static_cast<Assumption>(i));
    std::int64_t commits = 0;
    for (const ChaosOutcome& outcome : outcomes) commits += outcome.lost_to[i];
    table.row(
        {std::string(enum_text(static_cast<Assumption>(i))),
         count_text(count(outcomes, [it](const auto& o) { return (o.broken & it) != 0; })),
         count_text(count(outcomes, [it](const auto& o) { return o.broken == it; })),
         count_text(count(outcomes, [i](const auto& o) { return o.lost_to[i] > 0; })),
         count_text(commits),
         count_text(count(outcomes, [it](const auto& o) { return o.broken == it && splits(o); }))});
  }
  return table.text(colour);
}

std::string causes_line(const Outcomes& outcomes) {
  std::string text;
  std::string line = "Lost commits by cause:";
  for (std::size_t i = 0; i < enum_names<Loss>().names.size(); ++i) {
    std::int64_t commits = 0;
    for (const ChaosOutcome& outcome : outcomes) commits += outcome.lost[i];
    line += i == 0 ? "" : ",";
    const std::string cause =
        fmt::format("{} {}", enum_names<Loss>().names[i], count_text(commits));
    if (line.size() + cause.size() > 90) text += std::exchange(line, "") + "\n ";
    line += " " + cause;
  }
  return text + line + ".\n";
}

std::string waits_table(const Outcomes& outcomes, bool colour) {
  std::map<std::string, std::int64_t> reasons;
  for (const ChaosOutcome& outcome : outcomes) {
    if (!outcome.waits_for.empty()) reasons[outcome.waits_for] += 1;
  }
  if (reasons.empty()) return {};
  TextTable table({"not together again: a person is needed", "worlds"});
  for (const auto& [reason, worlds] : reasons) table.row({reason, count_text(worlds)});
  return "\n" + table.text(colour);
}

std::string violations_text(const Outcomes& outcomes, bool colour) {
  std::string text;
  std::size_t shown = 0;
  for (const ChaosOutcome& outcome : outcomes) {
    if (!fails(outcome) || shown == examples_max) continue;
    shown += 1;
    text += fmt::format("  seed {}: {}: {}\n    longhaul shrink --chaos-seed {}\n", outcome.seed,
                        enum_text(outcome.violation), outcome.what, outcome.seed);
  }
  const std::int64_t all = count(outcomes, fails);
  const std::string head =
      fmt::format("{} of {} worlds did what must never happen", count_text(all),
                  count_text(static_cast<std::int64_t>(outcomes.size())));
  if (all == 0) return "\n" + toned(head, Tone::good, colour) + ".\n";
  const bool more = static_cast<std::size_t>(all) > shown;
  return "\n" + toned(head, Tone::bad, colour) + (more ? "; the first of them:\n" : ":\n") + text;
}

}  // namespace

bool chaos_holds(const Outcomes& outcomes) { return count(outcomes, fails) == 0; }

std::string chaos_text(const Outcomes& outcomes, bool colour) {
  if (outcomes.empty()) return "No worlds.\n";
  std::uint64_t events = 0;
  for (const ChaosOutcome& outcome : outcomes) events += outcome.events;
  const std::int64_t promised = count(outcomes, [](const auto& o) { return o.broken == 0; });
  std::string text = fmt::format(
      "Chaos: {} random worlds, seeds {} to {}, {} events.\n"
      "In {} of them every assumption held: no acknowledged commit may be lost there, and no two\n"
      "servers may accept writes at once. All others are listed by what broke.\n\n",
      count_text(static_cast<std::int64_t>(outcomes.size())), outcomes.front().seed,
      outcomes.back().seed, count_text(static_cast<std::int64_t>(events)), count_text(promised));
  text +=
      kinds_table(outcomes, colour) + "\n" + managers_table(outcomes, colour) +
      "\nPromised: every assumption held. Split: two servers accepted writes, and for how long at\n"
      "most. Twins: two timelines of one number. People: are needed to bring it together again.\n"
      "Documented weaknesses: docs/chaos.md.\n\n" +
      assumptions_table(outcomes, colour) + "\n" + causes_line(outcomes);
  return text + waits_table(outcomes, colour) + violations_text(outcomes, colour);
}

}  // namespace longhaul
