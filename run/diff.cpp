#include "run/diff.h"

#include <fmt/format.h>

#include "models/event_kinds.h"
#include "run/report.h"
#include "run/witness_text.h"

namespace longhaul {
namespace {

bool same(const Event& a, const Event& b) {
  return a.at == b.at && a.event_class() == b.event_class() && a.target == b.target &&
         a.kind == b.kind && a.generation == b.generation && a.arg == b.arg;
}

// One run, an event at a time.
class Stepper {
 public:
  explicit Stepper(Cluster cluster) : cluster_(std::move(cluster)) {}

  TimePoint now() const { return cluster_.world().now(); }
  std::uint64_t digest() const { return cluster_.world().scheduler.digest(); }

  std::optional<NumberedEvent> pop() {
    Scheduler& scheduler = cluster_.world().scheduler;
    if (!scheduler.pop_until(cluster_.end(), event_)) return std::nullopt;
    return NumberedEvent{scheduler.events(), event_, request_of(cluster_.world(), event_)};
  }

  void execute_popped() { execute(cluster_.world(), event_); }

  // The popped event and those that follow it.
  std::vector<NumberedEvent> from(std::optional<NumberedEvent> event, std::size_t count) {
    std::vector<NumberedEvent> events;
    while (event && events.size() < count) {
      events.push_back(*event);
      execute_popped();
      event = pop();
    }
    return events;
  }

 private:
  Cluster cluster_;
  Event event_;
};

constexpr std::uint64_t asked_every = 4'096;

}  // namespace

std::string target_text(const Plan& plan, std::uint32_t target) {
  const std::uint32_t index = target_index(target);
  switch (target_kind(target)) {
    case TargetKind::agent:
      return "agent";
    case TargetKind::run:
      return "run";
    case TargetKind::fault:
      return fmt::format("faults[{}]", index);
    case TargetKind::node:
      return index < plan.nodes.size() ? plan.nodes[index].config.name
                                       : fmt::format("node {}", index);
    case TargetKind::instance:
      return instance_text(plan, InstanceId{index});
    case TargetKind::session:
      return "session " + session_text(plan, SessionId{index});
    case TargetKind::request:
      return fmt::format("request {}", index);
    case TargetKind::network:
      return "network";
    case TargetKind::cache:
      return fmt::format("cache {}", index);
    case TargetKind::store_member:
      return index < plan.lease_store.places.size() ? plan.lease_store.config.members[index].name
                                                    : fmt::format("store member {}", index);
    case TargetKind::store_client:
      return fmt::format("store client {}", index);
  }
  return fmt::format("target {:#x}", target);
}

std::string event_text(const Plan& plan, const NumberedEvent& numbered) {
  const Event& event = numbered.event;
  const std::string request =
      numbered.request ? "  (" + request_text(plan, *numbered.request) + ")" : "";
  return fmt::format("{} at {}.{:09}s  {} of {}  generation {}, argument {:#x}{}",
                     count_text(static_cast<std::int64_t>(numbered.number)),
                     event.at.ns / 1'000'000'000, event.at.ns % 1'000'000'000,
                     to_text(static_cast<EventKind>(event.kind)), target_text(plan, event.target),
                     event.generation, event.arg, request);
}

RunDiff diff_runs(Cluster a, Cluster b, const DiffOptions& options) {
  RunDiff diff;
  Stepper left(std::move(a));
  Stepper right(std::move(b));
  while (true) {
    if (options.go_on && diff.events % asked_every == 0 && !options.go_on(left.now())) {
      diff.interrupted = true;
      return diff;
    }
    diff.digest = left.digest();
    const std::optional<NumberedEvent> next_left = left.pop();
    const std::optional<NumberedEvent> next_right = right.pop();
    if (!next_left && !next_right) return diff;
    if (!next_left || !next_right || !same(next_left->event, next_right->event)) {
      diff.differ = true;
      diff.a = left.from(next_left, options.after);
      diff.b = right.from(next_right, options.after);
      return diff;
    }
    diff.events += 1;
    diff.shared.push_back(*next_left);
    if (diff.shared.size() > options.before) diff.shared.erase(diff.shared.begin());
    left.execute_popped();
    right.execute_popped();
  }
}

}  // namespace longhaul
