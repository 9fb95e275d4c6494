// Whether a write waits because the replicas are behind.
//
// Writers that ask before they write and wait while a replica lags keep the lag bounded: what they
// would have added to the log waits in the application instead. The lag that decides is the largest
// that the probes of this process last saw; a replica that has not answered for heard_within, or
// lags by more than ignore_above, does not count: it would hold up every write for as long as it is
// broken. A write never waits longer than wait_max.
//
// Sources: freno (GitHub: a throttler that clients ask before each batch of writes; max lag of the
// cluster against a threshold of about 1 s; hosts that are down are ignored).
// Left out: shares of writes by application (freno's throttle-app), freno's own answering time.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fields.h"
#include "policy/types.h"

namespace longhaul {

class Router;

// What becomes of a write that has waited for wait_max.
enum class ThrottleOtherwise : std::uint8_t { proceed, fail };

template <>
const EnumNames& enum_names<ThrottleOtherwise>();

struct ThrottleConfig {
  std::optional<Duration> above;  // absent: writes never wait
  Duration look_again = milliseconds(100);
  Duration wait_max = seconds(1);
  ThrottleOtherwise otherwise = ThrottleOtherwise::proceed;
  Duration heard_within = seconds(5);
  Duration ignore_above = minutes(1);

  static const FieldTable& fields();
  friend constexpr bool operator==(const ThrottleConfig&, const ThrottleConfig&) = default;
};

enum class ThrottleAction : std::uint8_t { proceed, wait, refuse };

struct ThrottleVerdict {
  ThrottleAction action = ThrottleAction::proceed;
  Duration wait;  // ThrottleAction::wait: ask again after it

  friend constexpr bool operator==(const ThrottleVerdict&, const ThrottleVerdict&) = default;
};

// The largest lag of a replica that counts; nothing when none does.
std::optional<Duration> lag_that_counts(const ThrottleConfig& config, TimePoint now,
                                        const Router& router);

// A write that is wanted since `since` asks whether it may go.
ThrottleVerdict judge_write(const ThrottleConfig& config, TimePoint now, TimePoint since,
                            std::optional<Duration> lag);

}  // namespace longhaul
