// Where the time of a request went, and the sentence that says why.
#include <fmt/format.h>

#include <algorithm>

#include "base/units_text.h"
#include "run/explain_parts.h"
#include "run/report.h"
#include "run/witness_text.h"

namespace longhaul {
namespace {

std::string text(Duration value) { return to_short_text(value); }

bool is_at_node(PagePart part) {
  return is_leg(part) || part == PagePart::cpu || part == PagePart::service ||
         part == PagePart::locks || part == PagePart::flush || part == PagePart::standbys;
}

class Sums {
 public:
  Sums(const Plan& plan, const WitnessedPage& page) : plan_(plan), page_(page) {}

  void add(const Stretch& stretch) {
    const Note& note = *stretch.note;
    const PagePart part = note.part == PagePart::repeats ? PagePart::legs : note.part;
    if (is_leg(part) && stretch.in_vain) {
      put(in_vain, note.node, stretch.took(), 1);
      return;
    }
    const bool is_late = note.expected.ns >= 0 && stretch.took() > note.expected;
    const Duration own = is_late ? note.expected : stretch.took();
    const bool counts = !is_leg(part) || note.sets_out;
    ExplainedPart& sum =
        put(part, is_at_node(part) ? note.node : NodeId::none(), own, counts ? 1 : 0);
    const bool connects = part == PagePart::pool || part == PagePart::connect;
    if (connects && stretch.down && sum.down.empty()) sum.down = name_of_node(note.node);
    if (is_late) put(PagePart::transfer, NodeId::none(), stretch.took() - note.expected, 1);
  }

  std::vector<ExplainedPart> sorted() && {
    std::stable_sort(parts_.begin(), parts_.end(),
                     [](const auto& a, const auto& b) { return a.second.took > b.second.took; });
    std::vector<ExplainedPart> result;
    for (auto& [key, part] : parts_) {
      if (part.took == Duration{}) continue;
      part.text = text_of(key, part);
      result.push_back(std::move(part));
    }
    return result;
  }

 private:
  // Where nothing else comes with a node.
  static constexpr PagePart in_vain = PagePart::transfer;

  struct Key {
    PagePart part;
    NodeId node;
  };

  ExplainedPart& put(PagePart part, NodeId node, Duration took, std::int64_t times) {
    auto found = std::find_if(parts_.begin(), parts_.end(), [&](const auto& entry) {
      return entry.first.part == part && entry.first.node == node;
    });
    if (found == parts_.end()) {
      std::string name(part == in_vain && node.valid() ? "in_vain" : name_of(part));
      if (node.valid()) name += " " + name_of_node(node);
      parts_.push_back({Key{part, node}, ExplainedPart{std::move(name), {}, 0, {}, {}}});
      found = parts_.end() - 1;
    }
    found->second.took += took;
    found->second.times += times;
    return found->second;
  }

  const std::string& name_of_node(NodeId node) const { return plan_.nodes[node.value].config.name; }

  std::string text_of(const Key& key, const ExplainedPart& part) const {
    const std::string node = key.node.valid() ? name_of_node(key.node) : "";
    switch (key.part) {
      case PagePart::user:
        return fmt::format("the way between the user in {} and {}", users_region(plan_, page_),
                           plan_.apps[app_number(plan_, page_)].config.name);
      case PagePart::legs:
        return fmt::format("{} round trip{} to {}", part.times, part.times == 1 ? "" : "s", node);
      case PagePart::transfer:
        if (!node.empty()) return fmt::format("waiting in vain for {}", node);
        return "jitter, queues of links and messages sent again";
      case PagePart::cpu:
        return "the queue for a processor of " + node;
      case PagePart::service:
        return "work at " + node;
      case PagePart::locks:
        return "waiting for locks at " + node;
      case PagePart::flush:
        return "the local flush at " + node;
      case PagePart::standbys:
        return "waiting for the synchronous standbys of " + node;
      case PagePart::token:
        return "waiting for the session's token";
      case PagePart::pool:
        return "waiting for a connection of the pool";
      case PagePart::connect:
        return "opening a connection";
      case PagePart::cache:
        return "the cache";
      case PagePart::retries:
        return "pauses before it was tried again";
      default:
        return "being held back by the app";
    }
  }

  const Plan& plan_;
  const WitnessedPage& page_;
  std::vector<std::pair<Key, ExplainedPart>> parts_;
};

std::string lower_first(std::string_view sentence) {
  std::string result(sentence);
  // "The primary ..." inside a sentence; names and abbreviations stay as they are.
  if (result.size() > 1 && result[1] >= 'a' && result[1] <= 'z') {
    result[0] = static_cast<char>(result[0] - 'A' + 'a');
  }
  if (!result.empty() && result.back() == '.') result.pop_back();
  return result;
}

// The replica that would have been nearest, and what kept it out.
std::string kept_out(const ExplainedDecision& decision) {
  const ExplainedSight* nearest = nullptr;
  for (const ExplainedSight& sight : decision.sights) {
    if (sight.is_primary || sight.place == 0 || sight.node == decision.node) continue;
    if (nearest == nullptr || sight.place < nearest->place) nearest = &sight;
  }
  if (nearest == nullptr) return "";
  if (!nearest->kept_out_by.empty()) {
    return fmt::format("; {} was kept out by its {}", nearest->node, nearest->kept_out_by);
  }
  const std::string as_of = nearest->age ? text(*nearest->age) + " old" : "never seen";
  if (!nearest->admits) {
    const std::string lag =
        nearest->lag ? fmt::format(", lag {} seen, {}", text(*nearest->lag), as_of) : "";
    const std::string truth = nearest->true_lag
                                  ? "in truth it lagged by " + text(*nearest->true_lag)
                                  : "in truth it had nothing to lag with";
    return fmt::format("; the breaker of {} was {} ({}{}), {}", nearest->node, nearest->breaker,
                       nearest->breaker_reason, lag, truth);
  }
  if (nearest->covers == "behind") {
    return fmt::format("; {} was last seen before the write, {}", nearest->node, as_of);
  }
  return "";
}

// Who was chosen and had gone.
std::string downfall(const ExplainedDecision& decision) {
  for (const ExplainedSight& sight : decision.sights) {
    if (sight.node != decision.node || sight.truly_up || !sight.age) continue;
    return fmt::format("; in truth {} was down, and had answered the probe of {} before",
                       sight.node, text(*sight.age));
  }
  return "";
}

// Why the time of a part was spent there.
std::string because(const ExplainedPart& part, const Explanation& explanation) {
  const std::size_t space = part.part.find(' ');
  const bool has_node = space != part.part.npos;
  if (!part.down.empty()) {
    return fmt::format("; in truth {}, where it was to go, was down meanwhile", part.down);
  }
  const std::string node = has_node ? part.part.substr(space + 1) : "";
  for (const ExplainedDecision& decision : explanation.decisions) {
    const bool waits = part.part == "token" && decision.kind == "wait_then_serve";
    const bool went = has_node && decision.node == node && decision.kind != "wait_then_serve";
    if (!waits && !went) continue;
    return ", because " + lower_first(decision.sentence) +
           (waits ? "" : kept_out(decision) + downfall(decision));
  }
  return "";
}

std::string time_sentence(const Explanation& explanation) {
  if (explanation.took <= Duration{} || explanation.parts.empty()) return "It took no time.";
  const ExplainedPart& first = explanation.parts.front();
  std::string sentence =
      fmt::format("{} of {} ({}) {} {}{}", text(first.took), text(explanation.took),
                  percent_text(first.took, explanation.took), explanation.over ? "was" : "is",
                  first.text, because(first, explanation));
  if (explanation.parts.size() > 1 && explanation.parts[1].took * 10 >= explanation.took) {
    const ExplainedPart& second = explanation.parts[1];
    sentence += fmt::format(". {} ({}) was {}{}", text(second.took),
                            percent_text(second.took, explanation.took), second.text,
                            because(second, explanation));
  }
  return sentence + ".";
}

const ExplainedDecision* decision_before(const Explanation& explanation,
                                         const ExplainedRead& read) {
  const ExplainedDecision* before = nullptr;
  for (const ExplainedDecision& decision : explanation.decisions) {
    if (decision.at <= read.at) before = &decision;
  }
  return before;
}

// What the router believed of who served the read.
std::string believed(const Explanation& explanation, const ExplainedRead& read) {
  const ExplainedDecision* decision = decision_before(explanation, read);
  if (decision == nullptr) return "";
  for (const ExplainedSight& sight : decision->sights) {
    if (sight.node != read.served_by || !sight.age) continue;
    const std::string lag = sight.lag ? "lag " + text(*sight.lag) : "no lag in time";
    return fmt::format(" The router had seen {}, {} before ({}); {}.", lag, text(*sight.age),
                       decision->reason,
                       sight.true_lag ? "the true lag then was " + text(*sight.true_lag)
                                      : "in truth there was no lag to measure");
  }
  return "";
}

// Of a page that failed, what its reads before that found is told only when it was wrong.
std::string truth_sentence(const Explanation& explanation, bool failed) {
  const ExplainedRead* worst = nullptr;
  for (const ExplainedRead& read : explanation.reads) {
    if (!read.stale && !read.own_write_lost && !read.went_back) continue;
    if (worst == nullptr || read.staleness > worst->staleness) worst = &read;
  }
  if (worst == nullptr) {
    return explanation.reads.empty() || failed ? "" : " What it read was up to date.";
  }
  if (!worst->stale) {
    return worst->own_write_lost ? " It read a row whose last write by this user is lost."
                                 : " It read an older version than the same user had seen before.";
  }
  std::string sentence = fmt::format(
      " Its read of {} at {} was {}: it missed {} version{} of the row, the oldest acknowledged {}",
      worst->row, worst->served_by, stale_text(worst->staleness), worst->missed,
      worst->missed == 1 ? "" : "s",
      worst->staleness > Duration{} ? "that long before the read was sent" : "as it was sent");
  if (worst->missed_end && worst->shown) {
    sentence += fmt::format(" (commit at {}, shown up to {})", to_text(*worst->missed_end),
                            to_text(*worst->shown));
  }
  sentence += ".";
  for (const ExplainedRead& read : explanation.reads) {
    if (!read.own_write_missed) continue;
    sentence += &read == worst ? " It was the user's own write."
                               : fmt::format(" Statement {} missed the user's own write, too.",
                                             read.statement);
    break;
  }
  return sentence + believed(explanation, *worst);
}

}  // namespace

std::string since_begin_text(Duration since_begin) {
  return fmt::format("{}.{:03}s", since_begin.ns / 1'000'000'000,
                     since_begin.ns / 1'000'000 % 1000);
}

std::string percent_text(Duration part, Duration whole) {
  if (whole <= Duration{}) return "-";
  return fmt::format("{}%", div_floor(Int128{part.ns} * 200 + whole.ns, whole.ns * 2));
}

std::string staleness_text(Duration staleness) {
  return staleness > Duration{} ? text(staleness) : "just now";
}

std::string stale_text(Duration staleness) {
  return staleness > Duration{} ? text(staleness) + " stale" : "stale since that very moment";
}

std::vector<ExplainedPart> parts_of(const Plan& plan, const WitnessedPage& page, TimePoint now) {
  Sums sums(plan, page);
  for (const Stretch& stretch : stretches_of(page, now)) sums.add(stretch);
  return std::move(sums).sorted();
}

std::string sentence_of(const Plan& plan, const WitnessedPage& page,
                        const Explanation& explanation) {
  std::string sentence = time_sentence(explanation);
  const Note* failure = nullptr;
  for (const Note& note : page.notes) {
    if (note.kind == NoteKind::failed) failure = &note;
  }
  if (page.failed && failure != nullptr) {
    sentence += fmt::format(" It failed with {}, at the {}", enum_text(failure->error),
                            statement_text(plan, *failure));
    sentence += page.retries > 0 ? fmt::format(" after {} tries.", page.retries + 1) : ".";
  } else if (page.failed) {
    sentence += fmt::format(" It failed with {}.", enum_text(page.error));
  } else if (page.retries > 0) {
    sentence += fmt::format(
        " {} tr{} failed before, the first with {}.", page.retries, page.retries == 1 ? "y" : "ies",
        enum_text(std::find_if(page.notes.begin(), page.notes.end(), [](const Note& note) {
                    return note.kind == NoteKind::failed;
                  })->error));
  }
  return sentence + truth_sentence(explanation, page.failed);
}

}  // namespace longhaul
