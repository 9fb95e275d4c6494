// write_lag, flush_lag and replay_lag as the primary measures them, on its own clock alone.
//
// When a walsender is about to send and the log has grown it keeps a sample: the end of the log,
// and now. A reply that reports a position at or beyond a sample makes the lag now - the sample's
// time: way out, work on the standby and way back together, so a healthy standby shows at least a
// round trip. A position that stands between two samples gets a time between theirs, so that its
// lag grows; one that stands before the first sample it waits for gets that sample's time. Two
// replies in a row that have applied all that was sent clear the three lags to NULL. Without
// replies they stay as they are: the lags are no sign of life.
//
// The server's buffer holds 8192 samples for three readers; a reader that is overrun keeps the
// sample it waited for and, once past that, goes on with the oldest one left. Here the buffer grows
// as far as samples wait.
//
// Source: PostgreSQL walsender.c (LagTrackerWrite, LagTrackerRead, ProcessStandbyReplyMessage),
// with the overflow entries of 18 and the minor releases of October 2025. Left out: steps of the
// clock.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/units.h"
#include "models/ring.h"

namespace longhaul {

enum class ReportedPosition : std::uint8_t { write, flush, apply };

class LagTracker {
 public:
  static constexpr std::uint64_t capacity = 8192 - 1;  // the server keeps one slot free

  // The sender is about to send and the log ends at `end`.
  void note_send(Lsn end, TimePoint now);

  // A reply has arrived while everything up to `sent` is handed to the socket.
  void note_reply(Lsn write, Lsn flush, Lsn apply, Lsn sent, TimePoint now);

  // As pg_stat_replication shows it; absent: NULL.
  std::optional<Duration> lag(ReportedPosition position) const {
    return lags_[static_cast<std::size_t>(position)];
  }
  std::size_t samples() const { return samples_.size(); }

 private:
  struct Sample {
    Lsn end;
    TimePoint at;
  };

  struct Reader {
    std::uint64_t next = 0;         // number of the first sample not passed
    std::optional<Sample> overrun;  // waits for this one, which the buffer no longer holds
    std::optional<Sample> passed;   // the last one passed, while others wait
  };

  std::optional<Duration> read(Reader& reader, Lsn position, TimePoint now);
  void drop_samples();

  Ring<Sample> samples_;
  Lsn noted_;
  std::array<Reader, 3> readers_;
  std::array<std::optional<Duration>, 3> lags_;
  bool applied_all_before_ = false;
};

}  // namespace longhaul
