#include "models/pg/checkpointer.h"

#include <algorithm>

#include "models/pg/primary.h"
#include "models/pg/retention.h"
#include "models/pg/serving.h"
#include "models/world.h"

namespace longhaul {
namespace {

constexpr Bytes checkpoint_record{114};
constexpr Bytes running_xacts_record{56};
constexpr Duration snapshot_interval = seconds(15);
constexpr Duration page_write_delay = milliseconds(100);

// Log since the redo point that asks for a checkpoint: whole segments, at least one.
Bytes requested_after(const Plan& plan) {
  const PostgresConfig& config = plan.postgres;
  const Bytes segment = plan.wal.wal_segment_size;
  const std::int64_t share = percent(100).ppm + config.checkpoint_completion_target.ppm;
  const std::int64_t bytes =
      div_floor(static_cast<Int128>(config.max_wal_size.value) * percent(100).ppm, share);
  const std::int64_t segments = div_floor(bytes, segment.value);
  return segment * std::max<std::int64_t>(1, segments - 1);
}

std::int64_t dirty_pages(const Group& group) {
  std::int64_t pages = 0;
  for (const DataPages& set : group.pages) pages += set.logged.count();
  return pages;
}

Timer& timer(Checkpointer& checkpointer, EventKind kind) {
  switch (kind) {
    case EventKind::checkpoint_due:
      return checkpointer.timed;
    case EventKind::checkpoint_done:
      return checkpointer.done;
    case EventKind::snapshot_due:
      return checkpointer.snapshot;
    default:
      return checkpointer.archive;
  }
}

// The end of what is inserted.
ReplayPoint end_of(const World& world, NodeId id) {
  const WalLog& log = world.log(world.node(id).log);
  return {world.node(id).insert, log.records, log.images};
}

Duration write_dirty_pages(const World& world, NodeId id, std::int64_t pages) {
  return write_time(page_size * pages, world.plan->nodes[id.value].config);
}

void note_complete(Checkpointer& checkpointer) {
  constexpr std::size_t kept_max = 64;
  if (checkpointer.redos.size() == kept_max) checkpointer.redos.erase(checkpointer.redos.begin());
  checkpointer.redos.push_back(checkpointer.done_work);
}

// A checkpoint of a server that nobody uses: its redo point is its own record.
void checkpoint_in_quiet(World& world, NodeId id) {
  Group& group = world.group_of(id);
  Checkpointer& checkpointer = group.checkpointer;
  for (DataPages& set : group.pages) set.forget_images();
  checkpointer.running = false;
  checkpointer.began = world.now();
  checkpointer.redo = checkpointer.done_redo = world.node(id).insert;
  checkpointer.work = checkpointer.done_work = end_of(world, id);
  note_complete(checkpointer);
  world.measures.counter(Metric::checkpoints, id.value, CheckpointCause::requested).count += 1;
  append_wal(world, id, {checkpoint_record});
  checkpointer.idle_at = world.node(id).insert;
}

void arm(World& world, NodeId id, EventKind kind, TimePoint when) {
  timer(world.group_of(id).checkpointer, kind)
      .arm(world.scheduler, when, EventClass::ordinary, target(id),
           static_cast<std::uint16_t>(kind));
}

bool fires(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  if (world.group_of(id).primary != id) return false;  // it follows another by now
  return timer(world.group_of(id).checkpointer, static_cast<EventKind>(event.kind))
             .fires(world.scheduler, event) &&
         is_serving_primary(world, id);
}

void begin(World& world, NodeId id, CheckpointCause cause, bool spread) {
  Group& group = world.group_of(id);
  Checkpointer& checkpointer = group.checkpointer;
  const PostgresConfig& config = world.plan->postgres;
  const std::int64_t pages = dirty_pages(group);
  checkpointer.running = true;
  checkpointer.redo = world.node(id).insert;
  checkpointer.work = end_of(world, id);
  checkpointer.began = world.now();
  checkpointer.timed.cancel();
  for (DataPages& set : group.pages) set.forget_images();
  world.measures.counter(Metric::checkpoints, id.value, cause).count += 1;
  Duration takes = write_dirty_pages(world, id, pages);
  if (spread) {
    const Duration target{div_floor(
        static_cast<Int128>(config.checkpoint_timeout.ns) * config.checkpoint_completion_target.ppm,
        percent(100).ppm)};
    takes = std::min(target, page_write_delay * pages);
  }
  arm(world, id, EventKind::checkpoint_done, world.now() + takes);
}

void end(World& world, NodeId id) {
  Checkpointer& checkpointer = world.group_of(id).checkpointer;
  checkpointer.done.cancel();
  checkpointer.running = false;
  checkpointer.done_redo = checkpointer.redo;
  checkpointer.done_work = checkpointer.work;
  note_complete(checkpointer);
  append_wal(world, id, {running_xacts_record + checkpoint_record, 2});
  checkpointer.idle_at = world.node(id).insert;
  flush_wal(world, id);
  remove_old_wal(world, id);
}

}  // namespace

void note_activity(World& world, NodeId id) {
  const Checkpointer& checkpointer = world.group_of(id).checkpointer;
  const PostgresConfig& config = world.plan->postgres;
  const TimePoint now = world.now();
  if (!checkpointer.timed.armed()) {
    arm(world, id, EventKind::checkpoint_due,
        std::max(checkpointer.began + config.checkpoint_timeout, now + seconds(1)));
  }
  if (!checkpointer.snapshot.armed()) {
    const std::int64_t round = div_floor(now.ns, snapshot_interval.ns) + 1;
    arm(world, id, EventKind::snapshot_due, {checked_mul(round, snapshot_interval.ns)});
  }
  if (config.archive_timeout.ns > 0 && !checkpointer.archive.armed()) {
    arm(world, id, EventKind::archive_due, now + config.archive_timeout);
  }
}

void enter_segment(World& world, NodeId id) {
  Checkpointer& checkpointer = world.group_of(id).checkpointer;
  const PostgresConfig& config = world.plan->postgres;
  const WalConfig& wal = world.plan->wal;
  checkpointer.segment_end = segment_begin(world.node(id).insert, wal) + wal.wal_segment_size;
  note_retained(world, id);
  const Bytes grown = world.node(id).insert - segment_begin(checkpointer.redo, wal);
  const Bytes limit = requested_after(*world.plan);
  if (!checkpointer.running) {
    if (grown >= limit) begin(world, id, CheckpointCause::requested, true);
    return;
  }
  // Behind schedule: the rest is written without pauses.
  const Int128 target = static_cast<Int128>(limit.value) * config.checkpoint_completion_target.ppm;
  if (static_cast<Int128>(grown.value) * percent(100).ppm >= target) {
    arm(world, id, EventKind::checkpoint_done, world.now());
  }
}

void checkpoint_now(World& world, NodeId id) {
  if (!is_serving_primary(world, id)) return;
  if (world.group_of(id).checkpointer.running) end(world, id);
  begin(world, id, CheckpointCause::requested, false);
}

Duration checkpoint_for_backup(World& world, NodeId id, bool fast) {
  if (!is_serving_primary(world, id)) return {};
  if (world.group_of(id).checkpointer.running) end(world, id);
  begin(world, id, CheckpointCause::requested, !fast);
  return world.group_of(id).checkpointer.done.deadline - world.now();
}

void switch_segment(World& world, NodeId id) {
  const Lsn insert = world.node(id).insert;
  if (!is_serving_primary(world, id) || insert == segment_begin(insert, world.plan->wal)) return;
  // The startup process skips padding about as fast as it copies images.
  const Bytes padding = world.group_of(id).checkpointer.segment_end - insert;
  append_wal(world, id, {padding, 1, padding});
  flush_wal(world, id);
}

void stop_checkpointer(World& world, NodeId id) {
  Checkpointer& checkpointer = world.group_of(id).checkpointer;
  checkpointer.running = false;
  checkpointer.redo = checkpointer.done_redo;
  checkpointer.work = checkpointer.done_work;
  for (Timer* timer :
       {&checkpointer.timed, &checkpointer.done, &checkpointer.snapshot, &checkpointer.archive}) {
    timer->cancel();
  }
}

Duration write_dirty_pages(const World& world, NodeId id) {
  return write_dirty_pages(world, id, dirty_pages(world.group_of(id)));
}

void checkpoint_after_recovery(World& world, NodeId id) {
  checkpoint_in_quiet(world, id);
  enter_segment(world, id);
  flush_wal(world, id);
  remove_old_wal(world, id);
}

void checkpoint_at_shutdown(World& world, NodeId id) {
  checkpoint_in_quiet(world, id);
  flush_wal(world, id);
}

void checkpoint_due(World& world, const Event& event) {
  if (!fires(world, event)) return;
  const NodeId id{target_index(event.target)};
  if (world.group_of(id).checkpointer.running ||
      world.node(id).insert == world.group_of(id).checkpointer.idle_at)
    return;
  begin(world, id, CheckpointCause::timed, true);
}

void checkpoint_done(World& world, const Event& event) {
  if (fires(world, event)) end(world, {target_index(event.target)});
}

void snapshot_due(World& world, const Event& event) {
  if (!fires(world, event)) return;
  const NodeId id{target_index(event.target)};
  append_wal(world, id, {running_xacts_record});
  wake_wal_writer(world, id);
}

void archive_due(World& world, const Event& event) {
  if (fires(world, event)) switch_segment(world, {target_index(event.target)});
}

}  // namespace longhaul
