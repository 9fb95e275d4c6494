#include "tests/groundtruth/experiments.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>

#include "tests/groundtruth/recording.h"

namespace longhaul::groundtruth {
namespace {

double in_seconds(Duration duration) { return static_cast<double>(duration.ns) / 1e9; }
double in_ms(Duration duration) { return static_cast<double>(duration.ns) / 1e6; }
double in_bytes(Bytes bytes) { return static_cast<double>(bytes.value); }
TimePoint at(Duration since_start) { return TimePoint{} + since_start; }

// The value that `percent` of a sample do not exceed.
double quantile(std::vector<double> sample, double percent) {
  if (sample.empty()) throw std::runtime_error("nothing was sampled");
  std::sort(sample.begin(), sample.end());
  const double place = percent / 100 * static_cast<double>(sample.size() - 1);
  return sample[static_cast<std::size_t>(std::lround(place))];
}

double mean(const std::vector<double>& sample) {
  double sum = 0;
  for (const double value : sample) sum += value;
  return sum / static_cast<double>(sample.size());
}

struct Case {
  const Experiment& experiment;
  std::string folder;
  Scenario scenario;

  Recording recorded(const std::string& replica, Pace pace = {}) const {
    return record(scenario, replica, pace);
  }
  TimePoint measured_from() const { return at(scenario.config.warmup); }
  const FaultConfig& fault() const { return scenario.config.faults.at(0); }

  const PopulationConfig& population(const std::string& name) const {
    for (const PopulationConfig& population : scenario.config.workload) {
      if (population.name == name) return population;
    }
    throw std::runtime_error("no population " + name);
  }

  // Of the client, who is the first population, in [from, to).
  std::vector<Answer> answers(const Recording& recording, TimePoint from,
                              TimePoint to = TimePoint::never()) const {
    std::vector<Answer> answers;
    for (const Answer& answer : recording.answers) {
      if (answer.population != 0 || answer.failed || answer.at < from || answer.at >= to) continue;
      answers.push_back(answer);
    }
    return answers;
  }

  // A measured curve and the simulated one beside it.
  Chart chart(const std::string& name, const std::string& column, double scale,
              const std::string& what, const std::string& unit, Points simulated) const {
    const std::string path = folder + "/curves/" + experiment.scenario + ".csv";
    Chart chart{.file = experiment.scenario + "_" + name + ".svg",
                .title = experiment.id + ": " + what,
                .x_axis = "seconds",
                .y_axis = what + ", " + unit,
                .simulated = std::move(simulated)};
    for (const char* time : {"t", "t_from_pause", "t_from_partition"}) {
      try {
        chart.measured.x = read_column(path, time);
      } catch (const std::runtime_error&) {
        continue;
      }
    }
    chart.measured.y = read_column(path, column);
    for (double& value : chart.measured.y) value *= scale;
    return chart;
  }
};

// The simulated curve, where the measured one was recorded.
void clip(Chart& chart) {
  Points shown;
  for (std::size_t i = 0; i < chart.simulated.x.size(); ++i) {
    const double x = chart.simulated.x[i];
    if (x < chart.measured.x.front() || x > chart.measured.x.back()) continue;
    shown.x.push_back(x);
    shown.y.push_back(chart.simulated.y[i]);
  }
  chart.simulated = std::move(shown);
}

std::vector<double> latencies_ms(const std::vector<Answer>& answers) {
  std::vector<double> all;
  for (const Answer& answer : answers) all.push_back(in_ms(answer.latency()));
  return all;
}

double time_lag_s(const Reading& reading) {
  return reading.last_commit == TimePoint::never() ? 0
                                                   : in_seconds(reading.at - reading.last_commit);
}

// The first instant at which the poller found what `reached` asks for, or never.
TimePoint first(const Recording& recording, TimePoint from,
                const std::function<bool(const Step&)>& reached) {
  for (const Step& step : recording.steps) {
    if (step.at >= from && reached(step)) return step.at;
  }
  return TimePoint::never();
}

// From each acknowledgement to the instant at which the commit is visible: on the replica, or on
// the primary to others.
std::vector<double> visible_minus_ack_ms(const Recording& recording,
                                         const std::vector<Answer>& answers, Lsn Step::*position) {
  std::vector<double> all;
  std::size_t step = 0;
  for (const Answer& answer : answers) {
    while (step < recording.steps.size() && recording.steps[step].*position < answer.commit_end) {
      ++step;
    }
    if (step == recording.steps.size()) break;
    all.push_back(in_ms(recording.steps[step].at - answer.at));
  }
  return all;
}

// ---- kinds ----------------------------------------------------------------------------------

Simulated commit_latency(const Case& now) {
  const Recording recording = now.recorded("eu");
  const auto sample = latencies_ms(now.answers(recording, now.measured_from()));
  return {{{"latency_p50", quantile(sample, 50)}, {"latency_p95", quantile(sample, 95)}}, {}, {}};
}

Simulated connect(const Case& now) {
  const Recording recording = now.recorded("eu");
  const auto sample = latencies_ms(now.answers(recording, {}));
  const std::vector<double> later(sample.begin() + 1, sample.end());
  const double select = quantile(later, 50);
  return {{{"connect_p50", sample.front() - select}, {"first_select_p50", select}}, {}, {}};
}

Simulated sync_throughput(const Case& now) {
  const Recording recording = now.recorded("eu");
  const TimePoint from = now.measured_from() + seconds(2);
  const auto sample = latencies_ms(now.answers(recording, from, from + seconds(8)));
  return {{{"throughput", static_cast<double>(sample.size()) / 8},
           {"latency_p50", quantile(sample, 50)},
           {"latency_p95", quantile(sample, 95)},
           {"latency_mean", mean(sample)}},
          {},
          {}};
}

Simulated sync_visibility_order(const Case& now) {
  const Recording recording = now.recorded("eu");
  const auto answers = now.answers(recording, now.measured_from());
  return {{{"replica_visible_minus_ack_p50",
            quantile(visible_minus_ack_ms(recording, answers, &Step::replayed), 50)},
           {"primary_visible_minus_ack_p50",
            quantile(visible_minus_ack_ms(recording, answers, &Step::visible), 50)}},
          {},
          {}};
}

Simulated steady_lag(const Case& now) {
  const Recording recording = now.recorded("eu", {.reading = milliseconds(50)});
  const auto answers = now.answers(recording, now.measured_from());
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

// The readings from `from` on, with their time since `zero`.
Points curve(const Recording& recording, TimePoint zero, TimePoint from,
             const std::function<double(const Reading&)>& value) {
  Points points;
  for (const Reading& reading : recording.readings) {
    if (reading.at < from) continue;
    points.x.push_back(in_seconds(reading.at - zero));
    points.y.push_back(value(reading));
  }
  return points;
}

std::size_t peak_of(const Points& points) {
  return static_cast<std::size_t>(std::max_element(points.y.begin(), points.y.end()) -
                                  points.y.begin());
}

double receive_lag(const Reading& reading) { return in_bytes(reading.receive_lag()); }
double replay_lag(const Reading& reading) { return in_bytes(reading.replay_behind()); }

// Peaks and rates of a burst of writing, from a poller that reads every 200 ms.
Simulated burst(const Case& now, const Recording& recording, TimePoint begin, TimePoint end) {
  const TimePoint from = begin - seconds(2);
  const Points receive = curve(recording, begin, from, receive_lag);
  const Points replay = curve(recording, begin, from, replay_lag);
  const Points time = curve(recording, begin, from, time_lag_s);
  Lsn written_before, written_after;
  for (const Reading& reading : recording.readings) {
    if (reading.at <= begin) written_before = reading.written;
    if (reading.at <= end) written_after = reading.written;
  }
  const TimePoint caught_up =
      first(recording, end, [&](const Step& step) { return step.replayed >= written_after; });
  const double written = in_bytes(written_after - written_before);
  const double in_storm =
      in_bytes(recording.at(end).received - recording.at(begin).received) / in_seconds(end - begin);
  Simulated result;
  result.figures = {{"wal_bytes_in_storm", written},
                    {"wal_rate", written / in_seconds(end - begin) / 1e6},
                    {"peak_receive_lag", receive.y[peak_of(receive)]},
                    {"peak_receive_lag_at", receive.x[peak_of(receive)]},
                    {"peak_replay_lag", replay.y[peak_of(replay)]},
                    {"peak_time_lag", time.y[peak_of(time)]},
                    {"peak_time_lag_at", time.x[peak_of(time)]},
                    {"receive_rate_in_storm", in_storm / 1e6}};
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

Simulated storm(const Case& now) {
  const PopulationConfig& storm = now.population("storm");
  return burst(now, now.recorded("eu"), at(storm.begins), at(*storm.ends));
}

// Both curves begin where 15 MB are received: the measured one shows nothing before.
void begin_at(Points& points, double megabytes) {
  const auto first = std::find_if(points.y.begin(), points.y.end(),
                                  [&](double value) { return value >= megabytes; });
  const double zero = points.x.at(static_cast<std::size_t>(first - points.y.begin()));
  for (double& x : points.x) x -= zero;
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

double peak_visible_lag_s(const Case& now, const Recording& recording) {
  const auto answers = now.answers(recording, now.measured_from());
  const auto visible = visible_minus_ack_ms(recording, answers, &Step::replayed);
  return *std::max_element(visible.begin(), visible.end()) / 1000;
}

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

Simulated replay_pause(const Case& now) {
  const Recording recording = now.recorded("eu", {.reading = milliseconds(100)});
  const TimePoint begin = at(now.fault().at);
  const TimePoint resumed = begin + *now.fault().lasts;
  const Points replay = curve(recording, begin, begin, replay_lag);
  const Points time = curve(recording, begin, begin, time_lag_s);
  const Lsn received = recording.at(resumed).received;
  Lsn committed;  // the last commit acknowledged during the pause
  for (const Answer& answer : now.answers(recording, begin, resumed)) {
    committed = std::max(committed, answer.commit_end);
  }
  const auto replayed = [&](Lsn position) {
    return in_seconds(
        first(recording, resumed, [&](const Step& step) { return step.replayed >= position; }) -
        resumed);
  };
  return {{{"peak_replay_lag", replay.y[peak_of(replay)]},
           {"peak_time_lag", time.y[peak_of(time)]},
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
  Lsn written;
  for (const Reading& reading : recording.readings) {
    if (reading.at <= healed) written = reading.written;
  }
  const TimePoint moved =
      first(recording, healed, [&](const Step& step) { return step.received > before; });
  const TimePoint caught_up =
      first(recording, healed, [&](const Step& step) { return step.replayed >= written; });
  return {{{"heal_to_first_byte", in_seconds(moved - healed)},
           {"heal_to_caught_up", in_seconds(caught_up - healed)},
           {"peak_receive_lag", receive.y[peak_of(receive)]},
           {"peak_visible_lag", peak_visible_lag_s(now, recording)}},
          {},
          lag_charts(now, recording, begin, "receive_lag", receive_lag)};
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

Simulated not_yet(const char* reason) { return {{}, reason, {}}; }

Simulated run_case(const Case& now) {
  const std::string kind = now.experiment.kind();
  if (kind == "commit_latency") return commit_latency(now);
  if (kind == "connect") return connect(now);
  if (kind == "sync_throughput") return sync_throughput(now);
  if (kind == "sync_visibility_order") return sync_visibility_order(now);
  if (kind == "steady_lag") return steady_lag(now);
  if (kind == "storm") return storm(now);
  if (kind == "window_limited") return window_limited(now);
  if (kind == "replay_pause") return replay_pause(now);
  if (kind == "link_cut") return link_cut(now);
  if (kind == "manual_failover") return manual_failover(now);
  return not_yet("no way to compute it yet");
}

}  // namespace

Simulated simulate(const Experiment& experiment, const std::string& folder) {
  if (experiment.kind() == "checkpoint_spike") return not_yet("checkpoints are not modelled yet");
  if (experiment.kind() == "replica_conflict") return not_yet("conflicts are not modelled yet");
  if (experiment.kind() == "base_backup") return not_yet("base backups are not modelled yet");
  const std::string path = folder + "/scenarios/" + experiment.scenario + ".json";
  Result<Scenario> scenario = load_scenario(path);
  if (!scenario) throw std::runtime_error(path + ": " + to_text(scenario.errors().front()));
  Simulated result = run_case({experiment, folder, std::move(scenario.value())});
  for (Chart& chart : result.charts) clip(chart);
  return result;
}

}  // namespace longhaul::groundtruth
