#include "models/pg/lag_tracker.h"

#include <algorithm>

namespace longhaul {

void LagTracker::note_send(Lsn end, TimePoint now) {
  if (end == noted_) return;
  noted_ = end;
  for (Reader& reader : readers_) {
    if (reader.overrun || samples_.end() - reader.next < capacity) continue;
    reader.overrun = samples_.at(reader.next);
  }
  samples_.push_back({end, now});
  drop_samples();
}

void LagTracker::note_reply(Lsn write, Lsn flush, Lsn apply, Lsn sent, TimePoint now) {
  const std::array<Lsn, 3> positions{write, flush, apply};
  const bool applied_all = apply == sent;
  const bool clear = applied_all && applied_all_before_;
  applied_all_before_ = applied_all;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const std::optional<Duration> lag = read(readers_[i], positions[i], now);
    if (lag || clear) lags_[i] = lag;
  }
  drop_samples();
}

std::optional<Duration> LagTracker::read(Reader& reader, Lsn position, TimePoint now) {
  std::optional<TimePoint> sent_at;
  if (reader.overrun) {
    if (reader.overrun->end > position) return now - reader.overrun->at;
    sent_at = reader.overrun->at;
    reader.passed = reader.overrun;
    reader.overrun.reset();
    reader.next = samples_.end() - std::min<std::uint64_t>(samples_.size(), capacity);
  }
  while (reader.next != samples_.end() && samples_.at(reader.next).end <= position) {
    reader.passed = samples_.at(reader.next);
    sent_at = reader.passed->at;
    ++reader.next;
  }
  // Nothing waits: what was passed is no ground for the next burst after a pause.
  const bool all_passed = reader.next == samples_.end();
  if (sent_at || all_passed) {
    if (all_passed) reader.passed.reset();
    return sent_at ? std::optional(now - *sent_at) : std::nullopt;
  }
  const Sample& next = samples_.at(reader.next);
  if (!reader.passed) return now - next.at;
  if (position < reader.passed->end) return std::nullopt;
  const Int128 between =
      static_cast<Int128>((next.at - reader.passed->at).ns) * (position - reader.passed->end).value;
  return now - reader.passed->at -
         Duration{div_floor(between, (next.end - reader.passed->end).value)};
}

// Of a reader that was overrun nothing is kept but what the others need, or the newest.
void LagTracker::drop_samples() {
  std::uint64_t first = samples_.end();
  const std::uint64_t newest = samples_.end() - std::min(samples_.end(), capacity);
  for (const Reader& reader : readers_) {
    first = std::min(first, reader.overrun ? newest : reader.next);
  }
  while (samples_.first() < first) samples_.pop_front();
}

}  // namespace longhaul
