#include <fmt/format.h>

#include <algorithm>

#include "base/units_text.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

std::string why(FailoverReason reason) {
  const bool says_nothing = reason == FailoverReason::none || reason == FailoverReason::routine;
  return says_nothing ? "" : std::string(explain(reason));
}

std::string at_text(TimePoint at) { return to_short_text(at - TimePoint{}); }

std::string title(const FailoverReport& failover) {
  std::string text = fmt::format("FAILOVER from {} to {}, promoted at {}", failover.from,
                                 failover.to, at_text(failover.ordered));
  if (!failover.opened) return text + ", which did not take writes before the end";
  if (failover.needless) text += ", needless: the primary before took writes";
  return text;
}

// Of the region that was out for longest, whose outage is divided; how long it was in others.
std::string phases(const Report& report, const FailoverReport& failover, bool colour) {
  if (failover.region.empty()) {
    return failover.watched ? "no region's writes were out for longer than 2 s\n"
                            : "whether writes were out is unknown: the scenario has no canary\n";
  }
  TextTable table({"phase", "began at", "lasted", "<because"});
  for (const FailoverReport::Part& part : failover.parts) {
    table.row({part.phase, at_text(part.began), to_short_text(part.ended - part.began), part.why});
  }
  table.row({"writes out in " + failover.region, at_text(failover.began),
             to_short_text(failover.ended - failover.began),
             failover.censored ? "open at the end of the run" : ""});
  for (const OutageReport& other : report.write_outages) {
    const bool meets = other.began < failover.ended && other.ended > failover.began;
    if (!meets || other.region == failover.region) continue;
    table.row({"  in " + other.region, at_text(other.began),
               to_short_text(other.ended - other.began),
               other.censored ? "open at the end of the run" : ""});
  }
  return table.text(colour);
}

std::string candidates(const FailoverReport& failover, bool colour) {
  if (failover.candidates.empty()) return "";
  TextTable table({"candidate", "<was", "timeline", "position", "<may be promoted", "<"});
  for (const FailoverReport::Candidate& candidate : failover.candidates) {
    table.row({candidate.node, candidate.state, std::to_string(candidate.timeline),
               to_text(candidate.position), candidate.eligible ? "yes" : "no", candidate.why});
  }
  return table.text(colour);
}

std::string refusals(const std::vector<FailoverReport::Refusal>& list, bool colour) {
  if (list.empty()) return "";
  TextTable table({"refused", "last at", "<because"});
  for (const FailoverReport::Refusal& refusal : list) {
    table.row({refusal.node, at_text(refusal.at), refusal.why});
  }
  return table.text(colour);
}

}  // namespace

void add_failovers(Report& report, const RunResult& result) {
  const auto node = [&](NodeId id) {
    return id.valid() ? report.effective.topology.nodes[id.value].name : std::string("nobody");
  };
  const auto refused = [&](const std::vector<RefusalNote>& notes) {
    std::vector<FailoverReport::Refusal> list;
    for (const RefusalNote& note : notes) {
      list.push_back(
          {note.at, node(note.node), std::string(to_text(note.reason)), why(note.reason)});
    }
    return list;
  };
  for (const FailoverRecord& record : result.failovers) {
    const PromotionNote& promotion = record.promotion;
    FailoverReport failover;
    failover.from = node(promotion.from);
    failover.to = node(promotion.to);
    failover.reason = to_text(promotion.reason);
    failover.why = why(promotion.reason);
    failover.ordered = promotion.ordered;
    if (promotion.opened != TimePoint::never()) failover.opened = promotion.opened;
    failover.needless = promotion.needless;
    failover.watched = report.effective.canary.milli_per_day > 0;
    if (record.has_outage) {
      failover.region = result.figures.labels[Label::region][record.region];
      failover.began = record.outage.began;
      failover.ended = record.outage.ended;
      failover.censored = record.outage.censored;
    }
    for (const FailoverPart& part : record.parts) {
      failover.parts.push_back(
          {std::string(to_text(part.phase)), why(part.reason), part.began, part.ended});
    }
    for (const CandidateNote& note : record.candidates) {
      failover.candidates.push_back({node(note.node), std::string(to_text(note.status.state)),
                                     note.status.timeline, position_of(note.status), note.eligible,
                                     std::string(to_text(note.reason)), why(note.reason)});
    }
    failover.refusals = refused(record.refusals);
    report.failovers.push_back(std::move(failover));
  }
  // Who lost the race hears so when the last promotion has been ordered already.
  for (const FailoverReport::Refusal& refusal : refused(result.refusals)) {
    const bool raced =
        !report.failovers.empty() && report.failovers.back().opened &&
        refusal.at <= std::max(*report.failovers.back().opened, report.failovers.back().ended);
    (raced ? report.failovers.back().refusals : report.refusals).push_back(refusal);
  }
}

std::string failovers_text(const Report& report, bool colour) {
  constexpr std::size_t shown_max = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown_max, report.failovers.size()); ++i) {
    const FailoverReport& failover = report.failovers[i];
    if (i > 0) text += "\n";
    text += title(failover) + "\n" + phases(report, failover, colour) +
            candidates(failover, colour) + refusals(failover.refusals, colour);
  }
  if (report.failovers.size() > shown_max) {
    text += fmt::format("\nand {} more\n", report.failovers.size() - shown_max);
  }
  if (!report.refusals.empty()) {
    text += report.failovers.empty() ? "NO FAILOVER\n" : "\nREFUSED SINCE THEN\n";
    text += refusals(report.refusals, colour);
  }
  return text;
}

}  // namespace longhaul
