// The account of a request as text and as JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "run/explain.h"
#include "run/report.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t columns = 100;

std::string text(Duration value) { return to_short_text(value); }

std::string header(const Explanation& request, bool colour) {
  std::string when = fmt::format("clicked at {} of the run", since_begin_text(request.clicked));
  const std::string end = request.over ? fmt::format("answered after {}", text(request.took))
                                       : fmt::format("not answered after {}", text(request.took));
  const std::string outcome = request.over ? ": " + request.outcome : "";
  return toned(request.id, Tone::strong, colour) + "  " +
         wrapped(fmt::format("page {} of a user in {}, {}, {} by {}{}", request.page,
                             request.region, when, end, request.app, outcome),
                 columns - request.id.size() - 2, 2) +
         "\n";
}

// A statement in the path: from where it is sent to, up to the next.
struct Block {
  std::size_t from = 0;
  std::size_t end = 0;
};

std::vector<Block> blocks_of(const std::vector<ExplainedStep>& steps) {
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (blocks.empty() || steps[i].begins) blocks.push_back({i, i});
    blocks.back().end = i + 1;
  }
  return blocks;
}

// But for the time that each step took.
bool alike(const std::vector<ExplainedStep>& steps, const Block& a, const Block& b) {
  if (a.end - a.from != b.end - b.from) return false;
  for (std::size_t i = 0; i < a.end - a.from; ++i) {
    const ExplainedStep& x = steps[a.from + i];
    const ExplainedStep& y = steps[b.from + i];
    if (x.bad || y.bad || x.where != y.where || x.what != y.what) return false;
  }
  return true;
}

void add_row(TextTable& table, const ExplainedStep& step) {
  table.row({text(step.at),
             step.took > Duration{} ? text(step.took) : "",
             step.where,
             {step.what, step.bad ? Tone::bad : Tone::plain},
             {step.why, step.bad ? Tone::bad : Tone::faint}});
}

// Statements that go as the one before are told in one line.
std::string steps_text(const Explanation& request, bool colour) {
  const std::vector<ExplainedStep>& steps = request.steps;
  TextTable table({"PATH", "took", "<where", "<what", "<"});
  const std::vector<Block> blocks = blocks_of(steps);
  for (std::size_t i = 0; i < blocks.size();) {
    for (std::size_t k = blocks[i].from; k < blocks[i].end; ++k) add_row(table, steps[k]);
    std::size_t next = i + 1;
    while (next < blocks.size() && alike(steps, blocks[i], blocks[next])) ++next;
    if (next > i + 1) {
      const ExplainedStep& first = steps[blocks[i + 1].from];
      const ExplainedStep& last = steps[blocks[next - 1].end - 1];
      const char* plural = next == i + 2 ? "" : "s";
      table.row({text(first.at), text(last.at + last.took - first.at), first.where,
                 fmt::format("{} more statement{} likewise", next - i - 1, plural)});
    }
    i = next;
  }
  return table.text(colour);
}

std::string seen_text(const ExplainedSight& sight) {
  return sight.age ? text(*sight.age) + " ago" : "never";
}

std::string lag_text(const ExplainedSight& sight) {
  if (sight.lag) return text(*sight.lag);
  return sight.is_primary || !sight.age ? "-" : "NULL";
}

Cell truth_cell(const ExplainedSight& sight) {
  if (!sight.truly_up) return {"down", Tone::bad};
  if (sight.truly_primary) return {sight.is_primary ? "primary" : "is primary"};
  const Tone tone = sight.is_primary ? Tone::bad : Tone::plain;
  if (!sight.true_lag) return {"no data, or follows nobody", Tone::warning};
  if (!sight.true_missing) return {"lag " + text(*sight.true_lag) + ", another branch", tone};
  if (*sight.true_lag == Duration{} && *sight.true_missing == Bytes{}) return {"no lag", tone};
  return {fmt::format("lag {}, {}", text(*sight.true_lag), to_short_text(*sight.true_missing)),
          tone};
}

std::string breaker_text(const ExplainedSight& sight) {
  std::string result = sight.breaker;
  if (!sight.admits) result += ": " + sight.breaker_reason;
  if (!sight.kept_out_by.empty()) result += ", " + sight.kept_out_by;
  return result;
}

std::string sights_text(const ExplainedDecision& decision, bool colour) {
  bool with_bytes = false;
  bool with_token = false;
  for (const ExplainedSight& sight : decision.sights) {
    with_bytes |= sight.lag_bytes.has_value();
    with_token |= !sight.covers.empty();
  }
  std::vector<std::string> titles = {"  candidate", "turn", "way", "seen", "lag"};
  if (with_bytes) titles.push_back("bytes");
  titles.push_back("<breaker");
  if (with_token) titles.push_back("<token");
  titles.push_back("<in truth");
  TextTable table(titles);
  for (const ExplainedSight& sight : decision.sights) {
    std::vector<Cell> row = {"  " + sight.node, sight.place > 0 ? std::to_string(sight.place) : "-",
                             text(sight.round_trip), seen_text(sight), lag_text(sight)};
    if (with_bytes) row.push_back(sight.lag_bytes ? to_short_text(*sight.lag_bytes) : "-");
    row.push_back({breaker_text(sight), sight.admits ? Tone::plain : Tone::warning});
    if (with_token) row.push_back(sight.covers.empty() ? "-" : sight.covers);
    row.push_back(truth_cell(sight));
    table.row(std::move(row));
  }
  return table.text(colour);
}

std::string decision_text(const ExplainedDecision& decision, bool colour) {
  std::string what = fmt::format("  at {}, statement {}, {}", text(decision.at), decision.statement,
                                 decision.text);
  if (decision.likewise > 0) what += fmt::format(", and {} more likewise", decision.likewise);
  std::string said =
      fmt::format("{}{}: {}. {}", decision.kind, decision.node.empty() ? "" : " " + decision.node,
                  decision.reason, decision.sentence);
  if (decision.wrote_ago) {
    said += fmt::format(" Its last write was {} ago, up to {}.", text(*decision.wrote_ago),
                        to_text(*decision.token));
  }
  if (decision.wait) said += fmt::format(" For {} at most.", to_text(*decision.wait));
  return what + "\n  " + wrapped(said, columns - 2, 2) + "\n" + sights_text(decision, colour);
}

std::string reads_text(const Explanation& request, bool colour) {
  TextTable table(
      {"STALE READS", "statement", "<at", "<row", "staleness", "versions missed", "<promise"});
  for (const ExplainedRead& read : request.reads) {
    const bool bad = read.stale || read.own_write_lost || read.went_back;
    if (!bad) continue;
    const char* promise = read.own_write_missed ? "read your writes"
                          : read.own_write_lost ? "own write is lost"
                          : read.went_back      ? "monotonic reads"
                                                : "";
    table.row({text(read.at),
               std::to_string(read.statement),
               read.served_by,
               read.row,
               read.stale ? staleness_text(read.staleness) : "-",
               std::to_string(read.missed),
               {promise, Tone::bad}});
  }
  return table.empty() ? "" : "\n" + table.text(colour);
}

std::string parts_text(const Explanation& request, bool colour) {
  TextTable table({"WHERE THE TIME WENT", "took", "share"});
  for (const ExplainedPart& part : request.parts) {
    table.row({part.text, text(part.took), percent_text(part.took, request.took)});
  }
  return table.empty() ? "" : "\n" + table.text(colour);
}

json sight_object(const ExplainedSight& sight) {
  json object = {{"node", sight.node},
                 {"primary", sight.is_primary},
                 {"place", sight.place},
                 {"round_trip_ns", sight.round_trip.ns}};
  if (sight.age) object["age_ns"] = sight.age->ns;
  if (sight.lag) object["lag_ns"] = sight.lag->ns;
  if (sight.lag_bytes) object["lag_bytes"] = sight.lag_bytes->value;
  object["breaker"] = sight.breaker;
  object["breaker_reason"] = sight.breaker_reason;
  object["admits"] = sight.admits;
  if (!sight.covers.empty()) object["token"] = sight.covers;
  if (!sight.kept_out_by.empty()) object["kept_out_by"] = sight.kept_out_by;
  json& truth = object["truth"] = {{"up", sight.truly_up}, {"primary", sight.truly_primary}};
  if (sight.true_lag) truth["lag_ns"] = sight.true_lag->ns;
  if (sight.true_missing) truth["missing_bytes"] = sight.true_missing->value;
  return object;
}

json decision_object(const ExplainedDecision& decision) {
  json object = {{"statement", decision.statement}, {"likewise", decision.likewise},
                 {"at_ns", decision.at.ns},         {"text", decision.text},
                 {"decision", decision.kind},       {"reason", decision.reason},
                 {"sentence", decision.sentence}};
  if (!decision.node.empty()) object["node"] = decision.node;
  if (decision.wrote_ago) object["wrote_ago_ns"] = decision.wrote_ago->ns;
  if (decision.token) object["token"] = to_text(*decision.token);
  if (decision.wait) object["wait_ns"] = decision.wait->ns;
  object["candidates"] = json::array();
  for (const ExplainedSight& sight : decision.sights) {
    object["candidates"].push_back(sight_object(sight));
  }
  return object;
}

json read_object(const ExplainedRead& read) {
  json object = {{"statement", read.statement},
                 {"at_ns", read.at.ns},
                 {"served_by", read.served_by},
                 {"row", read.row},
                 {"stale", read.stale},
                 {"staleness_ns", read.staleness.ns},
                 {"versions_missed", read.missed},
                 {"read_your_writes_violation", read.own_write_missed},
                 {"own_write_lost", read.own_write_lost},
                 {"monotonic_reads_violation", read.went_back}};
  if (read.missed_end) object["missed_commit"] = to_text(*read.missed_end);
  if (read.shown) object["shown"] = to_text(*read.shown);
  return object;
}

}  // namespace

std::string explanation_text(const Explanation& request, bool colour) {
  std::string result = header(request, colour) + "\n" + steps_text(request, colour);
  if (!request.decisions.empty()) {
    result += "\n" + toned("WHAT THE ROUTER SAW", Tone::strong, colour) + "\n";
  }
  for (std::size_t i = 0; i < request.decisions.size(); ++i) {
    if (i > 0) result += "\n";
    result += decision_text(request.decisions[i], colour);
  }
  result += reads_text(request, colour) + parts_text(request, colour) + "\n";
  for (const std::string& sentence : request.beside) result += wrapped(sentence, columns, 0) + "\n";
  return result + wrapped(request.sentence, columns, 0) + "\n";
}

std::string explanation_json(const Explanation& request) {
  json object = {{"format", 1},
                 {"request", request.id},
                 {"scenario", request.scenario},
                 {"seed", request.seed},
                 {"page", request.page},
                 {"region", request.region},
                 {"app", request.app},
                 {"clicked_ns", request.clicked.ns},
                 {"took_ns", request.took.ns},
                 {"over", request.over},
                 {"outcome", request.outcome}};
  object["steps"] = json::array();
  for (const ExplainedStep& step : request.steps) {
    object["steps"].push_back({{"at_ns", step.at.ns},
                               {"took_ns", step.took.ns},
                               {"where", step.where},
                               {"what", step.what},
                               {"why", step.why}});
  }
  object["decisions"] = json::array();
  for (const ExplainedDecision& decision : request.decisions) {
    object["decisions"].push_back(decision_object(decision));
  }
  object["reads"] = json::array();
  for (const ExplainedRead& read : request.reads) object["reads"].push_back(read_object(read));
  object["parts"] = json::array();
  for (const ExplainedPart& part : request.parts) {
    object["parts"].push_back({{"part", part.part},
                               {"text", part.text},
                               {"times", part.times},
                               {"took_ns", part.took.ns}});
    if (!part.down.empty()) object["parts"].back()["down"] = part.down;
  }
  object["beside"] = request.beside;
  object["sentence"] = request.sentence;
  return object.dump(2) + "\n";
}

}  // namespace longhaul
