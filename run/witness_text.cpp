#include "run/witness_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units_text.h"

namespace longhaul {
namespace {

const Call& call_of(const Plan& plan, const Note& note) { return plan.calls[note.call]; }

std::string_view waiting_text(Phase phase) {
  switch (phase) {
    case Phase::finding_token:
      return "asks the store for the session's token";
    case Phase::keeping_token:
      return "waits until the store keeps its token";
    case Phase::awaiting_replay:
      return "committed; waits until the replica has replayed it";
    default:
      return "asks the replica until it has replayed the token";
  }
}

std::string_view held_text(Phase phase) {
  switch (phase) {
    case Phase::queueing:
      return "queues: the router has nobody for it";
    case Phase::held_back:
      return "is held back, because replicas lag";
    case Phase::enqueuing:
    case Phase::storing:
      return "waits until the queue has its write";
    default:
      return "is at the app";
  }
}

}  // namespace

std::vector<Stretch> stretches_of(const WitnessedPage& page, TimePoint now) {
  std::vector<Stretch> stretches;
  for (const Note& note : page.notes) {
    if (note.kind == NoteKind::failed && !stretches.empty()) stretches.back().in_vain = true;
    if (!stretches.empty() && note.node == stretches.back().note->node) {
      stretches.back().down |= note.down;
    }
    if (note.kind != NoteKind::part) continue;
    if (!stretches.empty()) stretches.back().ends = note.at;
    stretches.push_back({&note, note.at, stretches.empty(), false, note.down});
  }
  const TimePoint end = page.ended == TimePoint::never() ? now : page.ended;
  if (!stretches.empty()) stretches.back().ends = std::max(end, stretches.back().note->at);
  return stretches;
}

std::string instance_text(const Plan& plan, InstanceId instance) {
  for (const AppPlan& app : plan.apps) {
    const std::uint32_t number = instance.value - app.first_instance.value;
    if (instance.value >= app.first_instance.value &&
        number < static_cast<std::uint32_t>(app.config.instances)) {
      return fmt::format("{}/{}", app.config.name, number);
    }
  }
  return fmt::format("instance {}", instance.value);
}

std::string statement_text(const Plan& plan, const Note& note) {
  const Step& step = plan.steps[note.step];
  const char* verb = "?";
  switch (step.verb) {
    case Verb::begin:
      return "BEGIN";
    case Verb::commit:
      return "COMMIT";
    case Verb::read:
      verb = "read of";
      break;
    case Verb::locking_read:
      verb = "locking read of";
      break;
    case Verb::write:
      verb = "write of";
      break;
  }
  const std::string& set = plan.sets[step.set.value].config.name;
  return fmt::format("{} {}{} of {}", verb, step.own ? "own " : "",
                     step.rows == 1 ? "row" : fmt::format("{} rows", step.rows), set);
}

std::string served_by_text(const Plan& plan, std::uint32_t served_by) {
  return plan.labels[Label::served_by].at(served_by);
}

std::string row_text(const Plan& plan, std::uint64_t row) {
  const DataSetPlan* set = nullptr;
  for (const DataSetPlan& candidate : plan.sets) {
    if (candidate.first_row <= row) set = &candidate;
  }
  if (set == nullptr) return fmt::format("row {}", row);
  return fmt::format("{} {}", set->config.name, row - set->first_row);
}

const std::string& users_region(const Plan& plan, const WitnessedPage& page) {
  for (const PopulationPlan& population : plan.populations) {
    const auto sessions = static_cast<std::uint32_t>(population.config.sessions);
    if (page.session.value - population.first_session.value < sessions) {
      return plan.labels[Label::region][population.region];
    }
  }
  return plan.labels[Label::region].front();
}

std::string where_text(const Plan& plan, const WitnessedPage& page, const Stretch& stretch) {
  const Note& note = *stretch.note;
  const std::string app = instance_text(plan, page.instance);
  const std::string node = note.node.valid() ? plan.nodes[note.node.value].config.name : "?";
  switch (note.part) {
    case PagePart::user:
      if (page.from_edge) return "edge";
      return stretch.first ? "user > " + app : app + " > user";
    case PagePart::legs:
    case PagePart::repeats:
      return note.sets_out ? app + " > " + node : node + " > " + app;
    case PagePart::cpu:
    case PagePart::service:
    case PagePart::locks:
    case PagePart::flush:
    case PagePart::standbys:
      return node;
    default:
      return app;
  }
}

std::string what_text(const Plan& plan, const WitnessedPage& page, const Stretch& stretch) {
  const Note& note = *stretch.note;
  if (is_leg(note.part)) return note.sets_out ? statement_text(plan, note) : "its answer";
  switch (note.part) {
    case PagePart::user:
      if (page.from_edge) return "the edge has the answer";
      if (stretch.first) return "click";
      return page.failed ? "error page" : "page";
    case PagePart::cpu:
      return "waits for a processor";
    case PagePart::service:
      return "runs";
    case PagePart::locks:
      return "waits for a lock";
    case PagePart::flush:
      return "commit: local flush";
    case PagePart::standbys:
      return fmt::format("commit: waits for standbys ({})", enum_text(call_of(plan, note).level));
    case PagePart::token:
      return std::string(waiting_text(note.phase));
    case PagePart::pool:
      return "waits for a connection";
    case PagePart::connect:
      return "a connection is opened";
    case PagePart::cache:
      return "asks the cache";
    case PagePart::retries:
      return "pauses before it tries again";
    default:
      return std::string(held_text(note.phase));
  }
}

}  // namespace longhaul
