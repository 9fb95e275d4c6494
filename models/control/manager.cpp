#include "models/control/manager.h"

#include "base/check.h"

namespace longhaul {
namespace {

// No manager: nothing happens.
void handle(std::monostate&, TimePoint, const FailoverEvent&) {}
void on_timer(std::monostate&, TimePoint) {}
std::optional<FailoverAction> poll(std::monostate&) { return std::nullopt; }
std::optional<TimePoint> next_deadline(const std::monostate&) { return std::nullopt; }

template <class M>
void handle(M& machine, TimePoint now, const FailoverEvent& event) {
  machine.handle(now, event);
}
template <class M>
void on_timer(M& machine, TimePoint now) {
  machine.on_timer(now);
}
template <class M>
std::optional<FailoverAction> poll(M& machine) {
  return machine.poll();
}
template <class M>
std::optional<TimePoint> next_deadline(const M& machine) {
  return machine.next_deadline();
}

}  // namespace

ManagerPlace place_of(FailoverManager manager) {
  switch (manager) {
    case FailoverManager::none:
      return ManagerPlace::none;
  }
  CHECK(false);
  __builtin_unreachable();
}

FailoverPhase first_phase(FailoverManager manager) {
  switch (manager) {
    case FailoverManager::none:
      return FailoverPhase::detect;
  }
  CHECK(false);
  __builtin_unreachable();
}

Manager make_manager(const FailoverConfig& config, std::span<const MemberInfo> members,
                     MemberIndex self, TimePoint now, std::uint64_t luck) {
  (void)members;
  (void)self;
  (void)now;
  (void)luck;
  switch (config.manager) {
    case FailoverManager::none:
      return std::monostate{};
  }
  CHECK(false);
  __builtin_unreachable();
}

void handle(Manager& manager, TimePoint now, const FailoverEvent& event) {
  std::visit([&](auto& machine) { handle(machine, now, event); }, manager);
}

void on_timer(Manager& manager, TimePoint now) {
  std::visit([&](auto& machine) { on_timer(machine, now); }, manager);
}

std::optional<FailoverAction> poll(Manager& manager) {
  return std::visit([](auto& machine) { return poll(machine); }, manager);
}

std::optional<TimePoint> next_deadline(const Manager& manager) {
  return std::visit([](const auto& machine) { return next_deadline(machine); }, manager);
}

}  // namespace longhaul
