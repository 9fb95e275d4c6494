#include <algorithm>

#include "tests/groundtruth/case.h"

namespace longhaul::groundtruth {

namespace {

// Peaks and rates of a burst of writing, from a poller that reads every 200 ms.
Simulated burst(const Case& now, const Recording& recording, TimePoint begin, TimePoint end) {
  const TimePoint from = begin - seconds(2);
  const Points receive = curve(recording, begin, from, receive_lag);
  const Points replay = curve(recording, begin, from, replay_lag);
  const Points time = curve(recording, begin, from, time_lag_s);
  const Lsn written_before = reading_at(recording, begin).written;
  const Reading& last = reading_at(recording, end);
  const Lsn written_after = last.written;
  const TimePoint caught_up =
      first(recording, end, [&](const Step& step) { return step.replayed >= last.inserted; });
  const double written = in_bytes(written_after - written_before);
  const TimePoint settled = begin + seconds(5);
  const double in_storm = in_bytes(recording.at(end).received - recording.at(settled).received) /
                          in_seconds(end - settled);
  Simulated result;
  result.figures = {
      {"wal_bytes_in_storm", written},        {"wal_rate", written / in_seconds(end - begin) / 1e6},
      {"peak_receive_lag", peak_of(receive)}, {"peak_receive_lag_at", peak_at(receive)},
      {"peak_replay_lag", peak_of(replay)},   {"peak_time_lag", peak_of(time)},
      {"peak_time_lag_at", peak_at(time)},    {"receive_rate_in_storm", in_storm / 1e6}};
  if (caught_up != TimePoint::never()) {
    result.figures["catchup_after_storm"] = in_seconds(caught_up - end);
    result.figures["receive_rate_after_storm"] =
        in_bytes(recording.at(caught_up).received - recording.at(end).received) /
        in_seconds(caught_up - end) / 1e6;
  }
  Points megabytes = receive;
  for (double& value : megabytes.y) value /= 1e6;
  result.charts = {
      now.chart("receive_lag", "receive_lag", 1e-6, "WAL not received yet", "MB", megabytes),
      now.chart("time_lag", "time_lag_s", 1, "age of the last commit replayed", "s", time)};
  return result;
}

// Both curves begin where 15 MB are received: the measured one shows nothing before.
void begin_at(Points& points, double megabytes) {
  const auto first = std::find_if(points.y.begin(), points.y.end(),
                                  [&](double value) { return value >= megabytes; });
  const double zero = points.x.at(static_cast<std::size_t>(first - points.y.begin()));
  for (double& x : points.x) x -= zero;
}

}  // namespace

Simulated storm(const Case& now) {
  const PopulationConfig& storm = now.population("storm");
  return burst(now, now.recorded("eu"), at(storm.begins), at(*storm.ends));
}

Simulated checkpoint_spike(const Case& now) {
  const PopulationConfig& client = now.population("client");
  return burst(now, now.recorded("eu"), at(client.begins), at(*client.ends));
}

Simulated window_limited(const Case& now) {
  const Recording recording = now.recorded("eu", {.reading = milliseconds(100)});
  const TimePoint healed = at(now.fault().at + *now.fault().lasts);
  const Lsn before = recording.at(healed).received;
  const Lsn all = recording.readings.back().written;
  const auto when = [&](double share) {
    const Bytes part{static_cast<std::int64_t>(in_bytes(all - before) * share)};
    return first(recording, healed,
                 [&](const Step& step) { return step.received >= before + part; });
  };
  Points points;
  for (const Reading& reading : recording.readings) {
    if (reading.received <= before || reading.at > when(1)) continue;
    points.x.push_back(in_seconds(reading.at - TimePoint{}));
    points.y.push_back(in_bytes(reading.received - before) / 1e6);
  }
  begin_at(points, 15);
  Simulated result;
  result.figures = {
      {"steady_rate", in_bytes(all - before) * 0.7 / in_seconds(when(0.9) - when(0.2)) / 1e6}};
  Chart chart = now.chart("received", "received_bytes", 1e-6, "WAL received", "MB", points);
  begin_at(chart.measured, 15);
  result.charts = {std::move(chart)};
  return result;
}

}  // namespace longhaul::groundtruth
