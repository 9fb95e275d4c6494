// The account of a request: steps, decisions, reads. The sentence below it is explain_why.cpp's.
#include "run/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units_text.h"
#include "run/explain_parts.h"
#include "run/witness_text.h"

namespace longhaul {
namespace {

constexpr std::uint64_t asked_every = 4'096;

std::string text(Duration value) { return to_short_text(value); }

const std::string& node_name(const Plan& plan, NodeId node) {
  static const std::string nobody = "-";
  return node.valid() ? plan.nodes[node.value].config.name : nobody;
}

bool is_message(const Note& note) { return note.expected.ns >= 0; }

// What stands beside a stretch: the way of a message and what it took beyond.
std::string why_stretch(const Plan& plan, const Stretch& stretch) {
  const Note& note = *stretch.note;
  const bool connects = note.part == PagePart::pool || note.part == PagePart::connect;
  if (connects && stretch.down) return node_name(plan, note.node) + " is down";
  if (!is_message(note)) return "";
  if (stretch.in_vain) return "no answer comes";
  const Duration late = stretch.took() - note.expected;
  if (late <= Duration{}) return "the way";
  if (late >= milliseconds(200) && late > note.expected) {
    return fmt::format("{}, lost or held up for {}", text(note.expected), text(late));
  }
  return fmt::format("{} + jitter, queue", text(note.expected));
}

std::string why_failed(const Plan& plan, const WitnessedPage& page, const Note& failure) {
  const AppConfig& app = plan.apps[app_number(plan, page)].config;
  switch (failure.error) {
    case ErrorKind::timeout:
      return fmt::format("statement_timeout {} or page_timeout", to_text(app.statement_timeout));
    case ErrorKind::pool_timeout:
      return "no connection within wait_timeout " + to_text(app.pool.wait_timeout);
    case ErrorKind::server_down:
      return "the connection is refused, closed or dead";
    default:
      return "";
  }
}

std::string why_retry(const Note& retry) {
  if (retry.retry == RetryReason::try_again) {
    return "again after " + text(retry.until - retry.at);
  }
  return "not again: " + std::string(to_text(retry.retry));
}

std::string position_text(const Plan& plan, const PositionNote& position) {
  const char* verdict = position.verdict == WaitVerdict::serve          ? "is there"
                        : position.verdict == WaitVerdict::keep_waiting ? "is not there yet"
                                                                        : "left the timeline";
  return fmt::format("{} {}: {} of {}", node_name(plan, position.node), verdict,
                     to_text(position.position), to_text(position.required));
}

class Account {
 public:
  Account(const Plan& plan, const WitnessedPage& page, TimePoint now)
      : plan_(plan), page_(page), now_(now) {}

  std::vector<ExplainedStep> steps() const {
    const std::vector<Stretch> stretches = stretches_of(page_, now_);
    std::vector<ExplainedStep> steps;
    std::size_t next = 0;
    for (const Note& note : page_.notes) {
      if (note.kind == NoteKind::part) {
        add_stretch(steps, stretches[next++]);
      } else {
        add_note(steps, note);
      }
    }
    return steps;
  }

 private:
  Duration since_click(TimePoint at) const { return at - page_.clicked; }

  void add_stretch(std::vector<ExplainedStep>& steps, const Stretch& stretch) const {
    if (stretch.took() == Duration{}) return;
    steps.push_back({since_click(stretch.note->at), stretch.took(),
                     where_text(plan_, page_, stretch), what_text(plan_, page_, stretch),
                     why_stretch(plan_, stretch), stretch.note->part == PagePart::retries,
                     stretch.note->part == PagePart::user && !stretch.first});
  }

  void add_note(std::vector<ExplainedStep>& steps, const Note& note) const {
    ExplainedStep step;
    step.at = since_click(note.at);
    step.where = instance_text(plan_, page_.instance);
    switch (note.kind) {
      case NoteKind::decision: {
        const DecisionNote& decision = page_.decisions[note.detail];
        step.what = decision_text(plan_, decision) + ": " + statement_text(plan_, note);
        step.why = to_text(decision.decision.reason);
        step.bad = decision.decision.kind == DecisionKind::refuse;
        step.begins = true;
        break;
      }
      case NoteKind::position: {
        const PositionNote& position = page_.positions[note.detail];
        step.what = position_text(plan_, position);
        step.asks = position.verdict == WaitVerdict::keep_waiting ? 1 : 0;
        if (step.asks > 0 && !steps.empty() && steps.back().asks > 0) {
          steps.back().what = step.what;
          steps.back().asks += 1;
          steps.back().why = fmt::format("asked {} times", steps.back().asks);
          return;
        }
        break;
      }
      case NoteKind::read: {
        const ReadNote& read = page_.reads[note.detail];
        if (!read.verdict.stale && !read.verdict.went_back && !read.verdict.own_write_lost) return;
        step.where = served_by_text(plan_, read.served_by);
        step.what = "reads an old version of " + row_text(plan_, read.row);
        step.why = read.verdict.stale ? stale_text(read.verdict.staleness) : "went back";
        step.bad = true;
        break;
      }
      case NoteKind::unheard:
        step.what = "no acknowledgement from " + node_name(plan_, note.node);
        step.why = "TCP gives up " + text(note.until - note.at) + " later";
        step.bad = true;
        break;
      case NoteKind::failed:
        step.what = fmt::format("{}: {}", statement_text(plan_, note), enum_text(note.error));
        step.why = why_failed(plan_, page_, note);
        step.bad = true;
        break;
      case NoteKind::retry:
        step.what = fmt::format("try {} has failed", note.tries + 1);
        step.why = why_retry(note);
        break;
      case NoteKind::acknowledged:
        step.what = "knows that the write is committed";
        break;
      case NoteKind::part:
        return;
    }
    steps.push_back(std::move(step));
  }

  const Plan& plan_;
  const WitnessedPage& page_;
  TimePoint now_;
};

// ---- What the router saw
// -------------------------------------------------------------------------

std::string covers_text(const std::optional<Coverage>& covers) {
  if (!covers) return "";
  switch (*covers) {
    case Coverage::covered:
      return "covered";
    case Coverage::behind:
      return "behind";
    case Coverage::other_timeline:
      return "other_timeline";
  }
  return "";
}

ExplainedSight explained(const Plan& plan, const Sight& sight, TimePoint at) {
  ExplainedSight result;
  result.node = node_name(plan, sight.node);
  result.is_primary = sight.is_primary;
  result.place = sight.place;
  result.round_trip = sight.round_trip;
  if (sight.seen) {
    result.age = at - sight.seen->measured_at;
    result.lag = sight.seen->lag;
    result.lag_bytes = sight.seen->lag_bytes;
  }
  result.breaker = to_text(sight.breaker);
  result.breaker_reason = to_text(sight.breaker_reason);
  result.admits = sight.admits;
  result.covers = covers_text(sight.covers);
  if (sight.ejected) result.kept_out_by = "outlier_ejection";
  if (sight.rejected) result.kept_out_by = "call_breaker";
  result.truly_up = sight.truly_up;
  result.truly_primary = sight.truly_primary;
  result.true_lag = sight.true_lag;
  result.true_missing = sight.true_missing;
  return result;
}

ExplainedDecision explained(const Plan& plan, const WitnessedPage& page, const Note& note) {
  const DecisionNote& decision = page.decisions[note.detail];
  ExplainedDecision result;
  result.statement = note.ordinal + 1;
  result.at = note.at - page.clicked;
  result.text = statement_text(plan, note);
  result.kind = to_text(decision.decision.kind);
  if (decision.node.valid()) result.node = node_name(plan, decision.node);
  result.reason = to_text(decision.decision.reason);
  result.sentence = explain(decision.decision.reason);
  if (decision.token.has_written) {
    result.wrote_ago = note.at - decision.token.wrote_at;
    result.token = decision.token.lsn;
  }
  if (decision.decision.wait > Duration{}) result.wait = decision.decision.wait;
  for (const Sight& sight : decision.sights) {
    result.sights.push_back(explained(plan, sight, note.at));
  }
  std::stable_sort(result.sights.begin(), result.sights.end(),
                   [](const ExplainedSight& a, const ExplainedSight& b) {
                     return a.place != 0 && (b.place == 0 || a.place < b.place);
                   });
  return result;
}

// Whether nothing new was seen and the same was said.
bool same_sights(const DecisionNote& a, const DecisionNote& b) {
  for (std::size_t i = 0; i < a.sights.size(); ++i) {
    const Sight& x = a.sights[i];
    const Sight& y = b.sights[i];
    const bool same_news = x.seen.has_value() == y.seen.has_value() &&
                           (!x.seen || x.seen->measured_at == y.seen->measured_at);
    if (!same_news || x.breaker != y.breaker || x.admits != y.admits || x.covers != y.covers ||
        x.place != y.place || x.rejected != y.rejected || x.ejected != y.ejected) {
      return false;
    }
  }
  return true;
}

bool alike(const DecisionNote& a, const DecisionNote& b) {
  return a.decision.kind == b.decision.kind && a.decision.reason == b.decision.reason &&
         a.node == b.node && same_sights(a, b);
}

std::vector<ExplainedDecision> decisions_of(const Plan& plan, const WitnessedPage& page) {
  std::vector<ExplainedDecision> decisions;
  const DecisionNote* before = nullptr;
  for (const Note& note : page.notes) {
    if (note.kind != NoteKind::decision) continue;
    const DecisionNote& decision = page.decisions[note.detail];
    if (before != nullptr && alike(*before, decision)) {
      decisions.back().likewise += 1;
    } else {
      decisions.push_back(explained(plan, page, note));
    }
    before = &decision;
  }
  return decisions;
}

// ---- What was read
// -------------------------------------------------------------------------------

std::vector<ExplainedRead> reads_of(const Plan& plan, const WitnessedPage& page) {
  std::vector<ExplainedRead> reads;
  for (const Note& note : page.notes) {
    if (note.kind != NoteKind::read) continue;
    const ReadNote& read = page.reads[note.detail];
    ExplainedRead result;
    result.statement = note.ordinal + 1;
    result.at = note.at - page.clicked;
    result.served_by = served_by_text(plan, read.served_by);
    result.stale = read.verdict.stale;
    result.own_write_missed = read.verdict.own_write_missed;
    result.own_write_lost = read.verdict.own_write_lost;
    result.went_back = read.verdict.went_back;
    result.staleness = read.verdict.staleness;
    result.row = row_text(plan, read.row);
    result.missed = read.missed;
    if (read.missed > 0) result.missed_end = read.missed_end;
    if (read.shown != Lsn{}) result.shown = read.shown;
    reads.push_back(std::move(result));
  }
  return reads;
}

std::string beside_text(const Plan& plan, const WitnessedPage& page, const WitnessedPage& other) {
  const Duration since = other.clicked - page.clicked;
  if (other.left_behind) {
    if (other.ended == TimePoint::never()) {
      return fmt::format("The server is still at the statement that the app gave up at {}.",
                         text(since));
    }
    return fmt::format(
        "The server went on with the statement that the app gave up at {} until {}: {}.",
        text(since), text(other.ended - page.clicked),
        other.committed ? "it was committed all the same" : "nothing of it was committed");
  }
  std::string node = "?";
  for (const Note& note : other.notes) node = node_name(plan, note.node);
  const char* what = other.duty == Duty::drain ? "The queue's write" : "The optimistic write";
  if (other.ended == TimePoint::never()) return fmt::format("{} is still under way.", what);
  const bool done = std::any_of(other.notes.begin(), other.notes.end(), [](const Note& note) {
    return note.kind == NoteKind::acknowledged;
  });
  return fmt::format("{} to {} took from {} to {} and was {}.", what, node, text(since),
                     text(other.ended - page.clicked), done ? "committed" : "not acknowledged");
}

}  // namespace

std::uint32_t app_number(const Plan& plan, const WitnessedPage& page) {
  std::uint32_t found = 0;
  for (std::uint32_t i = 0; i < plan.apps.size(); ++i) {
    if (plan.apps[i].first_instance.value <= page.instance.value) found = i;
  }
  return found;
}

std::string decision_text(const Plan& plan, const DecisionNote& decision) {
  switch (decision.decision.kind) {
    case DecisionKind::serve:
      return "to " + node_name(plan, decision.node);
    case DecisionKind::wait_then_serve:
      return "wait for " + node_name(plan, decision.node);
    case DecisionKind::queue:
      return "queue";
    case DecisionKind::refuse:
      return "refused";
  }
  return "?";
}

WatchedRequest watch_request(Cluster& cluster, const RequestName& name,
                             const ExplainOptions& options) {
  World& world = cluster.world();
  Witness what;
  what.session = name.session;
  what.number = name.number;
  watch_pages(world, what);
  WatchedRequest watched;
  TimePoint limit = cluster.end();
  Event event;
  bool is_over = false;
  const auto goes_on = [](const WitnessedPage& page) { return page.watched; };
  while (world.scheduler.pop_until(limit, event)) {
    execute(world, event);
    if (options.go_on && world.scheduler.events() % asked_every == 0 &&
        !options.go_on(world.now())) {
      watched.interrupted = true;
      return watched;
    }
    if (world.witness.ended.size() == watched.pages.size()) continue;
    watched.pages = world.witness.ended;
    const auto page = std::find_if(watched.pages.begin(), watched.pages.end(), [](const auto& it) {
      return it.duty == Duty::page && !it.left_behind;
    });
    if (page == watched.pages.end()) continue;
    if (!is_over) limit = std::min(limit, world.now() + options.followed_for);
    is_over = true;
    const std::vector<WitnessedPage>& slots = world.witness.by_slot;
    if (std::none_of(slots.begin(), slots.end(), goes_on)) break;
  }
  std::copy_if(world.witness.by_slot.begin(), world.witness.by_slot.end(),
               std::back_inserter(watched.pages), goes_on);
  std::stable_partition(watched.pages.begin(), watched.pages.end(), [](const WitnessedPage& page) {
    return page.duty == Duty::page && !page.left_behind;
  });
  watched.now = world.now();
  watched.clicked = world.sessions[name.session.value].pages;
  return watched;
}

Explanation explain(const Plan& plan, const std::string& scenario, const WatchedRequest& watched) {
  const WitnessedPage& page = watched.pages.front();
  Explanation result;
  result.id = request_text(plan, {page.session, page.number});
  result.scenario = scenario;
  result.seed = plan.seed;
  result.page = plan.labels[Label::page][plan.pages[page.page].label];
  result.region = users_region(plan, page);
  result.app = instance_text(plan, page.instance);
  result.clicked = page.clicked - TimePoint{};
  result.over = page.ended != TimePoint::never();
  result.took = (result.over ? page.ended : watched.now) - page.clicked;
  result.outcome = page.failed ? std::string(enum_text(page.error)) : "ok";
  result.steps = Account(plan, page, watched.now).steps();
  result.decisions = decisions_of(plan, page);
  result.reads = reads_of(plan, page);
  result.parts = parts_of(plan, page, watched.now);
  for (std::size_t i = 1; i < watched.pages.size(); ++i) {
    result.beside.push_back(beside_text(plan, page, watched.pages[i]));
  }
  result.sentence = sentence_of(plan, page, result);
  return result;
}

}  // namespace longhaul
