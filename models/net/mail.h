// What messages carry beyond their event, and messages that wait to be sent again.
#pragma once

#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "base/units.h"
#include "sim/event.h"

namespace longhaul {

constexpr std::uint32_t no_mail = 0xffffffffu;

// What a message carries beyond the slot it is about. Freed when the message has arrived.
struct Mail {
  std::uint32_t about = 0;  // stream, or probe number
  std::uint32_t from = 0;   // database index of a probe
  Lsn write;                // also: first byte of a piece of WAL
  Lsn flush;                // also: end of a piece of WAL
  Lsn apply;
  Lsn snapshot;  // hot_standby_feedback
  std::optional<Duration> lag;
  std::optional<Bytes> lag_bytes;
  TimePoint sent_at;
  std::uint32_t timeline = 0;
  std::uint32_t segments = 0;  // of a piece of WAL
  bool is_primary = false;
  std::uint32_t next = no_mail;  // the next row of a probe's answer
};

// A message that TCP will send again because a cut swallowed it.
struct Parked {
  Event event;
  PathId path;
  Bytes size;
  Duration delay;
  std::uint64_t luck = 0;
  std::uint32_t attempts = 0;
};

}  // namespace longhaul
