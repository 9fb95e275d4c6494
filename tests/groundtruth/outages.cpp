#include <algorithm>

#include "tests/groundtruth/case.h"

namespace longhaul::groundtruth {

namespace {

std::vector<Chart> lag_charts(const Case& now, const Recording& recording, TimePoint begin,
                              const std::string& bytes_column,
                              const std::function<double(const Reading&)>& bytes) {
  const TimePoint from = begin - seconds(2);
  const auto kilobytes = [&](const Reading& reading) { return bytes(reading) / 1e3; };
  return {now.chart(bytes_column, bytes_column, 1e-3,
                    bytes_column == "replay_lag" ? "WAL not replayed yet" : "WAL not received yet",
                    "kB", curve(recording, begin, from, kilobytes)),
          now.chart("time_lag", "time_lag_s", 1, "age of the last commit replayed", "s",
                    curve(recording, begin, from, time_lag_s))};
}

}  // namespace

Simulated replay_pause(const Case& now) {
  const Recording recording = now.recorded("eu", {.reading = milliseconds(100)});
  const TimePoint begin = at(now.fault().at);
  const TimePoint resumed = begin + *now.fault().lasts;
  const Points replay = curve(recording, begin, begin, replay_lag);
  const Points time = curve(recording, begin, begin, time_lag_s);
  const Lsn received = recording.at(resumed).received;
  Lsn committed;  // the last commit acknowledged during the pause
  for (const Answer& answer : answers_of(recording, 0, begin, resumed)) {
    committed = std::max(committed, answer.commit_end);
  }
  const auto replayed = [&](Lsn position) {
    return in_seconds(
        first(recording, resumed, [&](const Step& step) { return step.replayed >= position; }) -
        resumed);
  };
  return {{{"peak_replay_lag", peak_of(replay)},
           {"peak_time_lag", peak_of(time)},
           {"peak_visible_lag", peak_visible_lag_s(now, recording)},
           {"resume_to_replayed_backlog", replayed(received)},
           {"resume_to_all_visible", replayed(committed)}},
          {},
          lag_charts(now, recording, begin, "replay_lag", replay_lag)};
}

Simulated link_cut(const Case& now) {
  const Recording recording = now.recorded("eu");
  const TimePoint begin = at(now.fault().at);
  const TimePoint healed = begin + *now.fault().lasts;
  const Points receive = curve(recording, begin, begin, receive_lag);
  const Lsn before = recording.at(healed).received;
  const Lsn written = reading_at(recording, healed).written;
  const TimePoint moved =
      first(recording, healed, [&](const Step& step) { return step.received > before; });
  const TimePoint caught_up =
      first(recording, healed, [&](const Step& step) { return step.replayed >= written; });
  return {{{"heal_to_first_byte", in_seconds(moved - healed)},
           {"heal_to_caught_up", in_seconds(caught_up - healed)},
           {"peak_receive_lag", peak_of(receive)},
           {"peak_visible_lag", peak_visible_lag_s(now, recording)}},
          {},
          lag_charts(now, recording, begin, "receive_lag", receive_lag)};
}

namespace {

// One reader of the altered table on the replica: its longest read is the blocked one.
Simulated replica_conflict_alter(const Case& now) {
  const Recording recording = now.recorded("eu");
  const TimePoint altered = at(now.fault().at);
  const TimePoint committed = altered + *now.fault().lasts;
  const auto reads = answers_of(recording, 1, now.measured_from());
  const Answer& blocked =
      *std::max_element(reads.begin(), reads.end(),
                        [](const Answer& a, const Answer& b) { return a.latency() < b.latency(); });
  return {{{"reader_blocked", in_seconds(blocked.latency())},
           {"reader_block_start_after_alter", in_seconds(blocked.clicked - altered)},
           {"reader_unblock_after_commit", in_seconds(blocked.at - committed)}},
          {},
          {}};
}

// The report is cancelled when replay goes on.
Simulated replica_conflict_long_read(const Case& now) {
  const Recording recording = now.recorded("eu", {.reading = milliseconds(100)});
  const TimePoint committed = at(now.fault(1).at + *now.fault(1).lasts);
  TimePoint cancelled;
  Duration longest;
  const Step* before = &recording.steps.front();
  for (const Step& step : recording.steps) {
    if (step.replayed == before->replayed) continue;
    if (step.at - before->at > longest) {
      longest = step.at - before->at;
      cancelled = step.at;
    }
    before = &step;
  }
  const TimePoint from = now.measured_from();
  return {{{"alter_commit_to_cancel", in_seconds(cancelled - committed)},
           {"peak_visible_lag", peak_visible_lag_s(now, recording)},
           {"peak_replay_lag", peak_of(curve(recording, from, from, replay_lag))},
           {"peak_time_lag", peak_of(curve(recording, from, from, time_lag_s))}},
          {},
          {}};
}

}  // namespace

Simulated replica_conflict(const Case& now) {
  return now.experiment.variant() == "alter" ? replica_conflict_alter(now)
                                             : replica_conflict_long_read(now);
}

Simulated base_backup(const Case& now) {
  const Recording recording = now.recorded("eu");
  if (recording.backup_took == Duration{}) return {};
  return {{{"duration", in_seconds(recording.backup_took)},
           {"backup_bytes", in_bytes(recording.backup_left)}},
          {},
          {}};
}

// The servers stay alive: the storm's lag is that of the last instant, the steady one's the median.
Simulated manual_failover(const Case& now) {
  Simulated result;
  for (const std::string replica : {"eu", "ap"}) {
    const Recording recording = now.recorded(replica, {.reading = milliseconds(7)});
    std::vector<double> lags;
    for (const Reading& reading : recording.readings) {
      if (reading.at >= now.measured_from()) lags.push_back(receive_lag(reading));
    }
    result.figures["lag_at_kill_" + replica] =
        now.experiment.variant() == "steady" ? quantile(lags, 50) : lags.back();
  }
  return result;
}

}  // namespace longhaul::groundtruth
