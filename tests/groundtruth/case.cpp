#include "tests/groundtruth/case.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace longhaul::groundtruth {

const PopulationConfig& Case::population(const std::string& name) const {
  for (const PopulationConfig& population : scenario.config.workload) {
    if (population.name == name) return population;
  }
  throw std::runtime_error("no population " + name);
}

Chart Case::chart(const std::string& name, const std::string& column, double scale,
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

double mean(const std::vector<double>& sample) {
  double sum = 0;
  for (const double value : sample) sum += value;
  return sum / static_cast<double>(sample.size());
}

std::vector<Answer> answers_of(const Recording& recording, std::uint32_t population, TimePoint from,
                               TimePoint to) {
  std::vector<Answer> answers;
  for (const Answer& answer : recording.answers) {
    if (answer.population != population || answer.failed) continue;
    if (answer.at >= from && answer.at < to) answers.push_back(answer);
  }
  return answers;
}

std::vector<double> latencies_ms(const std::vector<Answer>& answers) {
  std::vector<double> all;
  for (const Answer& answer : answers) all.push_back(in_ms(answer.latency()));
  return all;
}

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

double peak_visible_lag_s(const Case& now, const Recording& recording) {
  const auto answers = answers_of(recording, 0, now.measured_from());
  const auto visible = visible_minus_ack_ms(recording, answers, &Step::replayed);
  return *std::max_element(visible.begin(), visible.end()) / 1000;
}

TimePoint first(const Recording& recording, TimePoint from,
                const std::function<bool(const Step&)>& reached) {
  for (const Step& step : recording.steps) {
    if (step.at >= from && reached(step)) return step.at;
  }
  return TimePoint::never();
}

const Reading& reading_at(const Recording& recording, TimePoint until) {
  const Reading* last = &recording.readings.front();
  for (const Reading& reading : recording.readings) {
    if (reading.at <= until) last = &reading;
  }
  return *last;
}

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

double peak_of(const Points& points) { return *std::max_element(points.y.begin(), points.y.end()); }

double peak_at(const Points& points) {
  const auto peak = std::max_element(points.y.begin(), points.y.end());
  return points.x[static_cast<std::size_t>(peak - points.y.begin())];
}

double receive_lag(const Reading& reading) { return in_bytes(reading.receive_lag()); }
double replay_lag(const Reading& reading) { return in_bytes(reading.replay_behind()); }

double time_lag_s(const Reading& reading) {
  return reading.last_commit == TimePoint::never() ? 0
                                                   : in_seconds(reading.at - reading.last_commit);
}

}  // namespace longhaul::groundtruth
