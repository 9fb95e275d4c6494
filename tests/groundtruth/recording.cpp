#include "tests/groundtruth/recording.h"

#include <algorithm>

#include "base/check.h"
#include "models/net/messages.h"
#include "run/runner.h"

namespace longhaul::groundtruth {
namespace {

// Notes the pages that arrive at their users.
class Answers : public EventObserver {
 public:
  explicit Answers(Recording& recording) : recording_(recording) {}

  void before(const World& world, const Event& event) override {
    if (static_cast<EventKind>(event.kind) != EventKind::page_at_user) return;
    const MessageArg arg = MessageArg::unpack(event.arg);
    const Request& request = world.requests[arg.slot];
    if (request.generation != arg.generation || request.phase == Phase::free) return;
    const Session& session = world.sessions[request.session.value];
    recording_.answers.push_back({.population = session.population.value,
                                  .clicked = request.clicked,
                                  .at = event.at,
                                  .commit_end = request.commit_end,
                                  .failed = request.failed});
  }

 private:
  Recording& recording_;
};

std::optional<NodeId> node_called(const Plan& plan, const std::string& name) {
  for (std::uint32_t i = 0; i < plan.nodes.size(); ++i) {
    if (plan.nodes[i].config.name == name) return NodeId{i};
  }
  return std::nullopt;
}

const WalStream* stream_to(const World& world, NodeId standby) {
  for (const WalStream& stream : world.streams) {
    if (stream.standby == standby) return &stream;
  }
  return nullptr;
}

// Up to where other sessions of the primary see every commit. `cursor` remembers the first version
// that was not visible.
Lsn visible_on_primary(const World& world, std::uint64_t& cursor) {
  const Ring<Version>& versions = world.truth.versions();
  cursor = std::max(cursor, versions.first());
  while (cursor < versions.end() && versions.at(cursor).visible) ++cursor;
  if (cursor == versions.end()) return world.node(world.primary()).insert;
  return Lsn{versions.at(cursor).end.value - 1};
}

Reading read(const World& world, std::optional<NodeId> standby) {
  Reading reading;
  reading.at = world.now();
  reading.written = world.node(world.primary()).flushed;
  reading.inserted = world.node(world.primary()).insert;
  if (!standby) return reading;
  const Node& node = world.node(*standby);
  reading.received = node.flushed;
  reading.replayed = node.replayed;
  reading.last_commit = node.replay.last_commit_at;
  const WalStream* stream = stream_to(world, *standby);
  if (stream == nullptr) return reading;
  reading.write_lag = stream->tracker.lag(ReportedPosition::write);
  reading.flush_lag = stream->tracker.lag(ReportedPosition::flush);
  reading.replay_lag = stream->tracker.lag(ReportedPosition::apply);
  return reading;
}

void note_backup(const World& world, Recording& recording) {
  const auto segment = static_cast<std::uint64_t>(world.plan->wal.wal_segment_size.value);
  if (world.backups.empty() || world.backups.front().state != BackupState::done) return;
  const Backup& backup = world.backups.front();
  for (std::size_t i = 0; i < world.measures.cells(Metric::base_backup_duration); ++i) {
    const Histogram& took = world.measures.distribution_at(Metric::base_backup_duration, i);
    if (took.count() > 0) recording.backup_took = {took.max()};
  }
  const std::uint64_t segments =
      (backup.end.value + segment - 1) / segment - backup.log_from.value / segment;
  recording.backup_left = backup.size + Bytes{static_cast<std::int64_t>(segments * segment)};
}

}  // namespace

const Step& Recording::at(TimePoint when) const {
  const auto behind =
      std::upper_bound(steps.begin(), steps.end(), when,
                       [](TimePoint time, const Step& step) { return time < step.at; });
  CHECK(behind != steps.begin());
  return *(behind - 1);
}

Recording record(const Scenario& scenario, const std::string& replica, Pace pace) {
  Recording recording;
  Answers answers(recording);
  Cluster cluster = build_run(scenario, static_cast<std::uint64_t>(scenario.config.seeds.first));
  const World& world = cluster.world();
  const std::optional<NodeId> standby = node_called(*world.plan, replica);
  CHECK(replica.empty() || standby);
  std::uint64_t cursor = 0;
  TimePoint next_reading;
  for (TimePoint now; now <= cluster.end(); now = now + pace.fine) {
    CHECK(cluster.run_until(now, &answers));
    Reading reading = read(world, standby);
    reading.at = now;
    const Step step{now, reading.received, reading.replayed, visible_on_primary(world, cursor)};
    const Step* last = recording.steps.empty() ? nullptr : &recording.steps.back();
    if (last == nullptr || last->received != step.received || last->replayed != step.replayed ||
        last->visible != step.visible) {
      recording.steps.push_back(step);
    }
    if (now < next_reading) continue;
    recording.readings.push_back(reading);
    next_reading = next_reading + pace.reading;
  }
  note_backup(world, recording);
  return recording;
}

}  // namespace longhaul::groundtruth
