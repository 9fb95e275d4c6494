// Probes of one server, one after the other, and how many in a row have failed.
//
// A probe has failed when it is refused, when the server answers that it is not a primary, or when
// it has no answer after `timeout`. The next one is sent `interval` after the last, or as soon as
// the last has ended when that took longer. Answers to older probes are ignored.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fields.h"
#include "policy/failover/types.h"

namespace longhaul {

struct HeartbeatConfig {
  Duration interval = seconds(1);
  Duration timeout = seconds(1);
  std::int32_t failures = 3;

  static const FieldTable& fields();
  friend constexpr bool operator==(const HeartbeatConfig&, const HeartbeatConfig&) = default;
};

enum class ProbeOutcome : std::uint8_t { none, answered, missed };

class Heartbeat {
 public:
  Heartbeat(const HeartbeatConfig& config, TimePoint first) : config_(config), next_(first) {}

  bool is_due(TimePoint now) const { return number_ == 0 && now >= next_; }
  void sent(TimePoint now, std::uint32_t number) {
    number_ = number;
    sent_at_ = now;
  }
  // What an event says about the probe that is under way.
  ProbeOutcome handle(TimePoint now, const FailoverEvent& event) {
    if (number_ == 0 || event.number != number_) return ProbeOutcome::none;
    const bool is_refusal = event.kind == FailoverEventKind::member_refused;
    if (event.kind != FailoverEventKind::member_status && !is_refusal) return ProbeOutcome::none;
    return end(now, !is_refusal && event.status.server.state == ServerState::primary);
  }
  ProbeOutcome on_timer(TimePoint now) {
    if (number_ == 0 || now < sent_at_ + config_.timeout) return ProbeOutcome::none;
    return end(now, false);
  }
  TimePoint next_deadline() const { return number_ == 0 ? next_ : sent_at_ + config_.timeout; }

  std::int32_t missed() const { return missed_; }
  bool has_failed() const { return missed_ >= config_.failures; }

  // Another server is probed, or the same one from scratch.
  void restart(TimePoint first) {
    number_ = 0;
    missed_ = 0;
    next_ = first;
  }

 private:
  ProbeOutcome end(TimePoint now, bool is_good) {
    number_ = 0;
    const TimePoint regular = sent_at_ + config_.interval;
    next_ = regular > now ? regular : now;
    if (is_good) {
      missed_ = 0;
    } else if (missed_ < config_.failures) {
      missed_ += 1;
    }
    return is_good ? ProbeOutcome::answered : ProbeOutcome::missed;
  }

  HeartbeatConfig config_;
  TimePoint next_{};
  TimePoint sent_at_{};
  std::uint32_t number_ = 0;  // of the probe under way; 0: none
  std::int32_t missed_ = 0;
};

}  // namespace longhaul
