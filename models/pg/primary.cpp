#include "models/pg/primary.h"

#include <algorithm>

#include "models/app/answers.h"
#include "models/app/cache.h"
#include "models/app/dead_connections.h"
#include "models/app/doubts.h"
#include "models/app/find_primary.h"
#include "models/app/page_time.h"
#include "models/app/pages.h"
#include "models/app/probes.h"
#include "models/app/shards.h"
#include "models/net/messages.h"
#include "models/pg/cold_cache.h"
#include "models/pg/commit_wait.h"
#include "models/pg/conflicts.h"
#include "models/pg/lag_truth.h"
#include "models/pg/lock_wait.h"
#include "models/pg/replay.h"
#include "models/pg/shutdown.h"
#include "models/pg/wal_sender.h"

namespace longhaul {
namespace {

void note_cpu(World& world, NodeId id) {
  const Node& node = world.node(id);
  world.measures.gauge(Metric::cpu_utilisation, id.value)
      .set(world.now(),
           div_floor(static_cast<Int128>(node.cpu.busy()) * 1'000'000, node.cpu.servers()));
}

// Takes the snapshot of a read and counts what it misses. Only workload pages are judged. A page
// sends a read when it needs it: waiting for its token or a connection is part of the read, and
// what others, or the same user's parallel pages, are told meanwhile it need not show.
void judge_read(World& world, Request& request, NodeId id, const Step& step) {
  const Node& node = world.node(id);
  const Session& session = world.sessions[request.session.value];
  const PopulationPlan& population = world.plan->populations[session.population.value];
  const Snapshot snapshot{node.log, node.replayed, node.is_primary, node.foreign};
  RowVerdict worst;
  for (std::int64_t i = 0; i < step.rows; ++i) {
    merge(worst, world.truth.read(row_of(world, request, step, i), session.user, request.wanted,
                                  snapshot));
  }
  if (!population.canary) note_verdict(world, request, id.value, worst);
  if (step.keeps_versions) keep_versions(world, request, id, step);
}

// A statement that statement_timeout cuts off leaves its processor then.
void start_job(World& world, NodeId id, const Job& job) {
  Request* request = find(world, job.request);
  Duration demand = job.demand;
  if (request != nullptr && request->cancel_at != TimePoint::never()) {
    demand = std::clamp(request->cancel_at - world.now(), Duration{}, demand);
  }
  world.scheduler.after(demand, EventClass::ordinary, target(id),
                        static_cast<std::uint16_t>(EventKind::statement_served),
                        world.node(id).incarnation,
                        MessageArg{job.request.slot, job.request.generation, 0}.pack());
  if (request == nullptr || request->refused) return;
  spend(world, job.request.slot, PagePart::service);
  request->snapshot = request->shown = snapshot_of(world, id);
  const Step& step = current_step(world, *request);
  if (step.verb == Verb::read) judge_read(world, *request, id, step);
}

RowWrite how_written(const World& world, const Request& request, const DataSetConfig& set,
                     std::int64_t number) {
  if (set.write == WriteKind::insert) return RowWrite::insert;
  if (set.hot == percent(100)) return RowWrite::hot_update;
  if (set.hot == percent(0)) return RowWrite::update;
  const std::uint64_t luck = draw(world, request, Purpose::hot, request.ordinal);
  const std::uint64_t ppm = below(mix64(luck + static_cast<std::uint64_t>(number)), 1'000'000);
  return static_cast<std::int64_t>(ppm) < set.hot.ppm ? RowWrite::hot_update : RowWrite::update;
}

// The canary's writes stand for inserts, which nobody else wants.
bool locks_rows(const World& world, const Request& request, const Step& step) {
  return (step.verb == Verb::write || step.verb == Verb::locking_read) &&
         !is_canary(world, request);
}

// The rows of a write get their WAL records; they become versions when the transaction commits.
void write_rows(World& world, Request& request, NodeId id, const Step& step) {
  const DataSetPlan& set = world.plan->sets[step.set.value];
  DataPages& pages = world.group_of(id).pages[step.set.value];
  WalRecords all{{}, 0};
  for (std::int64_t i = 0; i < step.rows; ++i) {
    const std::uint64_t row = row_of(world, request, step, i);
    const WalRecords records =
        write_row(pages, set.config, world.plan->postgres, world.plan->wal, row_in_set(set, row),
                  how_written(world, request, set.config, i));
    all = {all.size + records.size, all.count + records.count, all.images + records.images};
    request.written.push_back(row);
  }
  insert_wal(world, id, all);
  note_written(world, id, step.set);
  // A transaction may stay open or be abandoned; its records reach the disk all the same.
  if (current_call(world, request).transaction) wake_wal_writer(world, id);
}

// The versions that a transaction has replaced are dead from its commit on. The canary's writes
// stand for inserts.
void count_dead_rows(World& world, const Request& request, NodeId id) {
  if (is_canary(world, request)) return;
  const Call& call = current_call(world, request);
  for (std::uint32_t i = 0; i < call.step_count; ++i) {
    const Step& step = world.plan->steps[call.first_step + i];
    if (step.verb != Verb::write) continue;
    if (world.plan->sets[step.set.value].config.write == WriteKind::insert) continue;
    note_dead_rows(world, id, step.set, call.transaction ? step.rows * step.times : step.rows);
  }
}

void commit(World& world, Request& request, RequestRef ref, NodeId id) {
  if (request.written.empty()) {  // nothing to make durable: no commit record
    release_locks(world, id, request, true);
    answer(world, request, ref, world.plan->network.statement_reply);
    return;
  }
  Node& node = world.node(id);
  spend(world, ref.slot, PagePart::flush);
  insert_entry(world, id, {world.plan->wal.commit_record}, WalKind::commit);
  if (!world.group_of(id).dead_rows.empty()) count_dead_rows(world, request, id);
  PendingCommit pending{ref,
                        node.insert,
                        node.insert,
                        world.now(),
                        0,
                        static_cast<std::uint32_t>(request.written.size()),
                        current_call(world, request).level};
  const UserId user = world.sessions[request.session.value].user;
  for (std::size_t i = 0; i < request.written.size(); ++i) {
    const std::uint64_t number = world.truth.write(request.written[i], node.log, node.insert, user,
                                                   pending.level == SynchronousCommit::off);
    if (i == 0) pending.first_version = number;
    if (world.log(node.log).merged) note_local_version(world, id, number);
  }
  publish_rows(world, id, node.insert, pending.first_version, request.written);
  request.written.clear();
  if (pending.level != SynchronousCommit::off) {
    begin_commit_wait(world, id, pending);
    flush_wal(world, id);
    return;
  }
  const Bytes buffers = world.plan->postgres.wal_buffers;
  if (node.insert - node.flushed > buffers) {
    pending.until = {node.insert.value - static_cast<std::uint64_t>(buffers.value)};
  } else {
    pending.until = {};
  }
  begin_commit_wait(world, id, pending);
  wake_wal_writer(world, id);
}

}  // namespace

void answer(World& world, Request& request, RequestRef ref, Bytes size) {
  request.at_server = false;
  request.snapshot = {};
  const PathId path = way_to_app(world, request.instance, request.node, request.seeks_primary);
  answer_sets_out(world, ref.slot, path);
  post(world, {.kind = EventKind::reply_at_app,
               .target = target(request.instance),
               .attempt = request.attempt,
               .slot = ref.slot,
               .generation = ref.generation,
               .path = path,
               .size = size,
               .luck = draw_of_try(world, request, Purpose::to_pool)});
}

void refuse(World& world, NodeId id, Request& request, RequestRef ref, ErrorKind error) {
  request.refused = error;
  request.written.clear();
  release_locks(world, id, request, false);
  if (request.at_server) answer(world, request, ref, world.plan->network.statement_reply);
}

void flush_wal(World& world, NodeId id) {
  Node& node = world.node(id);
  if (node.flushing || node.insert <= node.flushed) return;
  node.flushing = true;
  node.flush_target = node.insert;
  const NodeConfig& config = world.plan->nodes[id.value].config;
  const Duration sync = sample(config.fsync, node.disk_luck.bits());
  world.scheduler.after(sync + write_time(node.insert - node.flushed, config), EventClass::ordinary,
                        target(id), static_cast<std::uint16_t>(EventKind::wal_flushed),
                        node.incarnation, 0);
}

void wake_wal_writer(World& world, NodeId id) {
  Node& node = world.node(id);
  if (node.insert - node.flushed >= world.plan->postgres.wal_writer_flush_after) {
    flush_wal(world, id);
  }
  if (node.writer_due) return;
  node.writer_due = true;
  const std::int64_t period = world.plan->postgres.wal_writer_delay.ns;
  world.scheduler.at({checked_mul(div_floor(world.now().ns, period) + 1, period)},
                     EventClass::ordinary, target(id),
                     static_cast<std::uint16_t>(EventKind::wal_writer_due), node.incarnation, 0);
}

void statement_at_node(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  const MessageArg arg = MessageArg::unpack(event.arg);
  const RequestRef ref{arg.slot, arg.generation};
  const bool is_here = arrived(world, event, world.plan->network.statement_request);
  Request* request = find(world, ref);
  if (request == nullptr || request->attempt != event.generation) return;
  if (!is_here) return note_unacknowledged(world, {arg.slot});
  note_acknowledged(*request);
  request->rows_locked = 0;
  const Duration timeout = world.plan->postgres.statement_timeout;
  request->cancel_at = timeout.ns > 0 ? world.now() + timeout : TimePoint::never();
  world.statements += 1;
  request->at_server = true;
  spend(world, arg.slot, PagePart::locks);
  if (request->refused) {  // the transaction has ended since its last statement
    return answer(world, *request, ref, world.plan->network.statement_reply);
  }
  if (lock_table(world, id, ref.slot)) begin_statement(world, id, ref);
}

void begin_statement(World& world, NodeId id, RequestRef ref) {
  Request& request = world.requests[ref.slot];
  const Node& node = world.node(id);
  const Step& step = current_step(world, request);
  const bool writes = step.verb == Verb::write || step.verb == Verb::locking_read;
  if (writes && (node.read_only || !node.is_primary)) {
    return refuse(world, id, request, ref, ErrorKind::read_only);
  }
  if (step.needs != 0 && !has_columns(world, id, step.needs)) {
    return refuse(world, id, request, ref, ErrorKind::undefined_column);
  }
  Job job{ref, {}};
  if (step.verb != Verb::begin && step.verb != Verb::commit) {
    const DataSetConfig& set = world.plan->sets[step.set.value].config;
    const std::uint64_t luck = draw(world, request, Purpose::service, request.ordinal);
    job.demand = sample(step.verb == Verb::write ? set.write_time : set.read_time, luck);
    if (world.node(id).cold > 0) job.demand = on_cold_pages(world, id, job.demand, step.rows);
  }
  run_statement(world, id, job);
}

void run_statement(World& world, NodeId id, const Job& job) {
  spend(world, job.request.slot, PagePart::cpu);
  switch (world.node(id).cpu.offer(job)) {
    case Station<Job>::Offer::serve:
      note_cpu(world, id);
      start_job(world, id, job);
      break;
    case Station<Job>::Offer::wait:
      break;
    case Station<Job>::Offer::refuse:
      CHECK(false);  // the connection slots bound the queue
  }
}

void statement_served(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  const MessageArg arg = MessageArg::unpack(event.arg);
  if (const std::optional<Job> next = world.node(id).cpu.finish()) {
    start_job(world, id, *next);
  } else {
    note_cpu(world, id);
  }
  const RequestRef ref{arg.slot, arg.generation};
  Request* request = find(world, ref);
  if (request == nullptr || request->refused) return;
  if (world.now() >= request->cancel_at) {
    return refuse(world, id, *request, ref, ErrorKind::statement_timeout);
  }
  const Step& step = current_step(world, *request);
  spend(world, arg.slot, PagePart::locks);
  if (locks_rows(world, *request, step) && !lock_rows(world, id, ref, step)) return;
  const NetworkConfig& network = world.plan->network;
  switch (step.verb) {
    case Verb::begin:
      answer(world, *request, ref, network.statement_reply);
      break;
    case Verb::locking_read:
      judge_read(world, *request, id, step);
      [[fallthrough]];
    case Verb::read: {
      const Bytes row = world.plan->sets[step.set.value].config.row_bytes;
      answer(world, *request, ref, network.statement_reply + row * step.rows);
      if (!current_call(world, *request).transaction) release_tables(world, id, *request);
      break;
    }
    case Verb::write:
      if (known_by_key(world, *request)) {
        release_locks(world, id, *request, false);
        answer(world, *request, ref, network.statement_reply);
        break;
      }
      write_rows(world, *request, id, step);
      if (current_call(world, *request).transaction) {
        answer(world, *request, ref, network.statement_reply);
      } else {
        commit(world, *request, ref, id);
      }
      break;
    case Verb::commit:
      commit(world, *request, ref, id);
      break;
  }
}

void wal_flushed(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  Node& node = world.node(id);
  node.flushing = false;
  node.flushed = node.flush_target;
  note_flush(world, id);
  send_wal(world, id);
  commits_flushed(world, id);
  operations_flushed(world);
  if (node.liveness == Liveness::stopping) shutdown_goes_on(world, id);
  const bool alone = world.log(node.log).streams == 0;
  if (world.groups.size() > world.plan->groups.size() || (alone && !world.backups.empty())) {
    forget_history(world, node.log);
  } else if (alone) {
    world.truth.forget_up_to(node.log, node.flushed, world.now());
  }
  // A waiting commit asks for the next flush; an asynchronous one leaves it to the WAL writer.
  if (node.insert == node.flushed) return;
  if (node.commits.last() > node.flushed) {
    flush_wal(world, id);
  } else {
    wake_wal_writer(world, id);
  }
}

void wal_writer_due(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  world.node(id).writer_due = false;
  flush_wal(world, id);
}

void commit_unattended(World& world, NodeId id, const WalRecords& records) {
  insert_entry(world, id, records, WalKind::commit);
  note_activity(world, id);
  begin_commit_wait(world, id,
                    {.request = {unattended, 0},
                     .end = world.node(id).insert,
                     .until = world.node(id).insert,
                     .since = world.now(),
                     .level = SynchronousCommit::local});
  flush_wal(world, id);
}

void connect_at_node(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_request)) return;
  const NodeId id{target_index(event.target)};
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Connect& attempt = world.connects[arg.slot];
  if (attempt.generation != arg.generation) return;
  Node& node = world.node(id);
  const auto slots = static_cast<std::uint32_t>(world.plan->nodes[id.value].config.max_connections);
  const bool starts = node.liveness == Liveness::starting || node.liveness == Liveness::stopping ||
                      (node.liveness == Liveness::up && node.replayed < node.consistent_from);
  const bool wrong_role = !node.is_primary && wants_primary(world, attempt);
  const ConnectAnswer answer = starts                          ? ConnectAnswer::starting_up
                               : node.liveness != Liveness::up ? ConnectAnswer::server_down
                               : node.connections >= slots     ? ConnectAnswer::refused
                               : wrong_role                    ? ConnectAnswer::standby
                                                               : ConnectAnswer::granted;
  if (takes_slot(answer)) node.connections += 1;
  world.measures.gauge(Metric::connections, id.value).set(world.now(), node.connections);
  Instance& instance = world.instances[attempt.instance.value];
  const PathId back = way_to_app(world, attempt.instance, id, attempt.seeks_primary);
  post(world, {.kind = EventKind::connect_at_app,
               .target = target(attempt.instance),
               .attempt = static_cast<std::uint16_t>(answer),
               .slot = arg.slot,
               .generation = arg.generation,
               .path = back,
               .size = world.plan->network.statement_reply,
               .luck = instance.luck.bits()});
}

void disconnect(World& world, NodeId id) {
  Node& node = world.node(id);
  CHECK(node.connections > 0);
  node.connections -= 1;
  world.measures.gauge(Metric::connections, id.value).set(world.now(), node.connections);
}

void end_backend(World& world, Request& request) {
  request.written.clear();
  release_locks(world, request.node, request, false);
  request.at_server = false;
  disconnect(world, request.node);
}

void position_at_node(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_request)) return;
  const NodeId id{target_index(event.target)};
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Request* request = find(world, {arg.slot, arg.generation});
  if (request == nullptr || request->attempt != event.generation) return;
  Mail mail;
  mail.about = arg.slot;
  const Node& node = world.node(id);
  mail.apply = node.is_primary ? node.insert : node.replayed;
  mail.is_primary = node.is_primary;
  mail.timeline = node.timeline;
  const Instance& instance = world.instances[request->instance.value];
  post(world, {.kind = EventKind::position_at_app,
               .target = target(request->instance),
               .attempt = request->attempt,
               .slot = world.mail.take(mail),
               .generation = arg.generation,
               .path = world.plan->path(world.plan->nodes[id.value].place, instance.place),
               .size = world.plan->network.statement_reply,
               .luck = draw(world, *request, Purpose::position, request->attempt * 2u + 1)});
}

}  // namespace longhaul
