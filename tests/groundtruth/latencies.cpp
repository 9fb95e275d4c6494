#include "tests/groundtruth/case.h"

namespace longhaul::groundtruth {

Simulated commit_latency(const Case& now) {
  const Recording recording = now.recorded("eu");
  const auto sample = latencies_ms(answers_of(recording, 0, now.measured_from()));
  return {{{"latency_p50", quantile(sample, 50)}, {"latency_p95", quantile(sample, 95)}}, {}, {}};
}

Simulated connect(const Case& now) {
  const Recording recording = now.recorded("eu");
  const auto sample = latencies_ms(answers_of(recording, 0, {}));
  const std::vector<double> later(sample.begin() + 1, sample.end());
  const double select = quantile(later, 50);
  return {{{"connect_p50", sample.front() - select}, {"first_select_p50", select}}, {}, {}};
}

Simulated sync_throughput(const Case& now) {
  const Recording recording = now.recorded("eu");
  const TimePoint from = now.measured_from() + seconds(2);
  const auto sample = latencies_ms(answers_of(recording, 0, from, from + seconds(8)));
  return {{{"throughput", static_cast<double>(sample.size()) / 8},
           {"latency_p50", quantile(sample, 50)},
           {"latency_p95", quantile(sample, 95)},
           {"latency_mean", mean(sample)}},
          {},
          {}};
}

Simulated sync_visibility_order(const Case& now) {
  const Recording recording = now.recorded("eu");
  const auto answers = answers_of(recording, 0, now.measured_from());
  return {{{"replica_visible_minus_ack_p50",
            quantile(visible_minus_ack_ms(recording, answers, &Step::replayed), 50)},
           {"primary_visible_minus_ack_p50",
            quantile(visible_minus_ack_ms(recording, answers, &Step::visible), 50)}},
          {},
          {}};
}

// The readings are not in step with the writes, which come every 20 ms.
Simulated steady_lag(const Case& now) {
  const Recording recording = now.recorded("eu", {.reading = milliseconds(53)});
  const auto answers = answers_of(recording, 0, now.measured_from());
  const auto visible = visible_minus_ack_ms(recording, answers, &Step::replayed);
  std::vector<double> write, flush, replay, time;
  for (const Reading& reading : recording.readings) {
    if (reading.at < now.measured_from()) continue;
    time.push_back(time_lag_s(reading) * 1000);
    if (reading.write_lag) write.push_back(in_ms(*reading.write_lag));
    if (reading.flush_lag) flush.push_back(in_ms(*reading.flush_lag));
    if (reading.replay_lag) replay.push_back(in_ms(*reading.replay_lag));
  }
  return {{{"visible_lag_p50", quantile(visible, 50)},
           {"visible_lag_p95", quantile(visible, 95)},
           {"commit_latency_p50", quantile(latencies_ms(answers), 50)},
           {"stat_write_lag_p50", quantile(write, 50)},
           {"stat_flush_lag_p50", quantile(flush, 50)},
           {"stat_replay_lag_p50", quantile(replay, 50)},
           {"now_minus_last_xact_replay_p50", quantile(time, 50)}},
          {},
          {}};
}

}  // namespace longhaul::groundtruth
