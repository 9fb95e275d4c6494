#include "gui/model/drill_truth.h"

#include <algorithm>

namespace longhaul {
namespace {

constexpr Duration spell = seconds(10);  // reads are told of one to two of these

void add(std::vector<DrillHappening>& all, const std::vector<FaultConfig>& faults, DrillCause cause,
         Duration from, Duration now) {
  for (FaultConfig fault : faults) {
    fault.at = from + fault.at;
    if (fault.at <= now) all.push_back({fault, cause});
  }
}

}  // namespace

std::vector<DrillHappening> happened(const DrillSession& session) {
  const DrillSetup& setup = session.setup();
  const DrillConfig& drill = setup.drill();
  const Duration now = session.now() - TimePoint{};
  std::vector<DrillHappening> all;
  add(all, setup.scenario->config.faults, DrillCause::scenario, {}, now);
  add(all, drill.variants[session.hidden().variant].faults, DrillCause::hidden, {}, now);
  for (const Work& work : session.works()) {
    if (work.state != WorkState::done) continue;
    add(all, drill.actions[work.action].faults, DrillCause::trainee, work.ended - TimePoint{}, now);
  }
  for (std::size_t i = 0; i < drill.injects.size(); ++i) {
    const TimePoint came = session.came()[i];
    if (came == TimePoint::never()) continue;
    add(all, drill.injects[i].faults, DrillCause::inject, came - TimePoint{}, now);
  }
  std::stable_sort(all.begin(), all.end(), [](const DrillHappening& a, const DrillHappening& b) {
    return a.fault.at < b.fault.at;
  });
  return all;
}

void DrillReads::look(const World& world) {
  if (world.now() < now_.at) *this = {};  // another play
  const bool first = now_.counts.empty();
  const Measures& measures = world.measures;
  Glance look;
  look.at = world.now();
  for (std::size_t cell = 0; cell < measures.cells(Metric::reads); ++cell) {
    const std::vector<std::uint32_t> values = measures.labels_of(Metric::reads, cell);
    look.counts.push_back(measures.counter_at(Metric::reads, cell).count);
    look.labels.push_back({{"region", world.plan->labels[Label::region][values[0]]},
                           {"served_by", world.plan->labels[Label::served_by][values[1]]}});
  }
  if (first) before_ = middle_ = look;
  if (look.at - middle_.at >= spell) {
    before_ = std::move(middle_);
    middle_ = look;
  }
  now_ = std::move(look);
}

RunSeries DrillReads::lately() const {
  RunSeries series;
  series.at.push_back(TimePoint::never());  // of whenever it is asked
  for (std::size_t cell = 0; cell < now_.counts.size(); ++cell) {
    const std::int64_t before = cell < before_.counts.size() ? before_.counts[cell] : 0;
    SeriesColumn column;
    column.metric = "reads";
    column.labels = now_.labels[cell];
    column.values.emplace_back(std::max<std::int64_t>(0, now_.counts[cell] - before));
    series.columns.push_back(std::move(column));
  }
  return series;
}

}  // namespace longhaul
