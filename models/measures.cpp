#include "models/measures.h"

#include "base/check.h"

namespace longhaul {

using enum MetricKind;
using enum MetricUnit;

template <>
const EnumNames& enum_names<Outcome>() {
  static const EnumNames names{{"ok", "error"}, {}};
  return names;
}

template <>
const EnumNames& enum_names<LagStage>() {
  static const EnumNames names{{"send", "write", "flush", "replay"}, {}};
  return names;
}

template <>
const EnumNames& enum_names<Traffic>() {
  static const EnumNames names{
      {"wal", "statements", "pages", "probes", "base_backup", "logical",
       "invalidations", "lease_store"}, {}};
  return names;
}

template <>
const EnumNames& enum_names<ErrorKind>() {
  static const EnumNames names{
      {"timeout", "pool_timeout", "pool_full", "too_many_connections", "refused", "overload",
       "server_down", "deadlock", "lock_timeout", "statement_timeout", "recovery_conflict",
       "no_entry", "rejected", "throttled", "outbox_full", "app_down",
       "undefined_column", "read_only", "no_primary", "cannot_connect_now", "login_retry"},
      {}};
  return names;
}

template <>
const EnumNames& enum_names<ConflictKind>() {
  static const EnumNames names{{"snapshot", "lock"}, {}};
  return names;
}

template <>
const EnumNames& enum_names<Loss>() {
  static const EnumNames names{
      {"unreplicated", "after_the_cut", "cancelled_wait", "asynchronous_commit", "restored_backup"},
      {}};
  return names;
}

template <>
const EnumNames& enum_names<Fate>() {
  static const EnumNames names{{"present", "absent"}, {}};
  return names;
}

// clang-format off
const std::vector<MetricInfo>& metric_table() {
  using L = Label;
  static const std::vector<MetricInfo> table = {
      {Metric::read_latency, "read_latency", distribution, duration,
       {L::region, L::page, L::served_by, L::outcome}, "",
       "From the moment a page needs a read until its answer is at the app: pool wait, waiting for "
       "freshness, network, queue and service. region is the users' region."},
      {Metric::write_latency, "write_latency", distribution, duration,
       {L::region, L::page, L::served_by, L::outcome}, "",
       "The same for a writing statement outside a transaction, its commit included."},
      {Metric::transaction_latency, "transaction_latency", distribution, duration,
       {L::region, L::page, L::served_by, L::outcome}, "",
       "From the moment a page needs the transaction, pool wait included, until COMMIT is "
       "answered."},
      {Metric::page_latency, "page_latency", distribution, duration,
       {L::region, L::page, L::app, L::outcome}, "",
       "From the user's click until the whole page is back at the user."},
      {Metric::commit_latency, "commit_latency", distribution, duration,
       {L::node, L::synchronous_commit}, "",
       "On the server: from the commit record until the commit may be answered."},
      {Metric::lock_wait, "lock_wait", distribution, duration, {L::node}, "",
       "Of each statement that met a locked row: how long it waited for that row, in vain or not."},
      {Metric::pool_wait, "pool_wait", distribution, duration, {L::node, L::app}, "",
       "Time that a statement waits for a connection of its pool."},
      {Metric::connect_duration, "connect_duration", distribution, duration, {L::node, L::app}, "",
       "From the wish for a new connection until it may carry a statement."},
      {Metric::read_staleness, "read_staleness", distribution, duration,
       {L::region, L::served_by}, "",
       "Of each stale read: time of sending minus acknowledgement of the oldest version missed. A "
       "read is sent when its page needs it; waiting for a token or a connection is part of it."},
      {Metric::breaker_open_duration, "breaker_open_duration", distribution, duration,
       {L::replica, L::app}, "", "How long a lag breaker of one instance stayed open."},
      {Metric::write_outage, "write_outage", distribution, duration, {L::region}, "",
       "From the sending of the first canary write that is not acknowledged within 2 s to the "
       "first acknowledgement after which every one for 10 s is. One sample of 0 if none "
       "occurred."},
      {Metric::read_outage, "read_outage", distribution, duration, {L::region}, "",
       "Likewise of canary reads, if the scenario has canary_reads: from the sending of the first "
       "that is not answered within 2 s."},
      {Metric::durable_write_outage, "durable_write_outage", distribution, duration,
       {L::region}, "",
       "As write_outage, with only those acknowledgements that survive on the final timeline."},
      {Metric::initial_sync_duration, "initial_sync_duration", distribution, duration,
       {L::replica}, "",
       "From the beginning of a base backup or a subscription until the replica serves "
       "reads and shows all that its source had flushed when the copy was complete."},
      {Metric::catch_up_duration, "catch_up_duration", distribution, duration,
       {L::replica}, "",
       "From when a replica that has been away streams again until it has replayed all that its "
       "upstream had flushed when it had been sent all (pg_stat_replication.state: from catchup to "
       "streaming, and replay)."},
      {Metric::base_backup_duration, "base_backup_duration", distribution, duration,
       {L::node, L::outcome}, "",
       "From asking for a base backup of a node until its files and the log that they need are "
       "where they should be, or until it failed."},
      {Metric::rejoin_duration, "rejoin_duration", distribution, duration,
       {L::replica}, "",
       "From the return of a server, or of its host, until it has caught up as a standby: recovery "
       "and a rewind or a base backup are in it."},
      {Metric::replication_lag, "replication_lag", ramp, duration, {L::replica, L::stage}, "",
       "Truth: age of the oldest commit flushed on the primary that has not passed the stage."},
      {Metric::replication_lag_bytes, "replication_lag_bytes", gauge, bytes,
       {L::replica, L::stage}, "",
       "Truth: WAL flushed on the primary that has not passed the stage."},
      {Metric::observed_lag, "observed_lag", distribution, duration, {L::replica, L::app}, "",
       "What the probes of an app's instances reported: late and sampled. NULL is no sample."},
      {Metric::observed_lag_bytes, "observed_lag_bytes", distribution, bytes,
       {L::replica, L::app}, "",
       "The same where topology.apps.lag_source gives bytes."},
      {Metric::reported_lag, "reported_lag", distribution, duration, {L::replica, L::source}, "",
       "What a source of lag says, read every monitoring.interval where it is kept, beside the "
       "truth in replication_lag. NULL is no sample; below zero, by a clock behind, is zero."},
      {Metric::cpu_utilisation, "cpu_utilisation", gauge, ratio, {L::node}, "",
       "Share of a node's processors that are busy."},
      {Metric::connections, "connections", gauge, count, {L::node}, "",
       "Connection slots of a node that are taken."},
      {Metric::stale_reads, "stale_reads", counter, count, {L::region, L::served_by}, "reads",
       "Reads whose snapshot lacked a version of a row they read that was acknowledged to some "
       "client before the read was sent."},
      {Metric::read_your_writes_violations, "read_your_writes_violations", counter, count,
       {L::region, L::rule}, "reads",
       "Reads of a row for which the same user's write was acknowledged before the read was sent, "
       "that returned an older version."},
      {Metric::monotonic_reads_violations, "monotonic_reads_violations", counter, count,
       {L::region, L::rule}, "reads",
       "Reads that returned an older version of a row than the same user read before."},
      {Metric::users_hit, "users_hit", counter, count, {L::region, L::rule}, "users",
       "Users with at least one broken read-your-writes."},
      {Metric::availability, "availability", counter, count, {L::region}, "one-minute windows",
       "One-minute windows in which at least 99 % of the pages succeeded within 2 s."},
      {Metric::reads, "reads", counter, count, {L::region, L::served_by}, "reads of the region",
       "Answered statements that read; the share says where a region's reads go.", L::served_by},
      {Metric::writes, "writes", counter, count, {L::region, L::served_by},
       "writes of the region",
       "Acknowledged statements that write, and commits of writing transactions.", L::served_by},
      {Metric::errors, "errors", counter, count, {L::region, L::served_by, L::kind}, "pages",
       "Pages that failed, by the node of their last statement and by kind.", L::kind},
      {Metric::timeouts, "timeouts", counter, count, {L::region, L::served_by}, "pages",
       "Pages that failed because a statement was not answered in time."},
      {Metric::cancelled_waits, "cancelled_waits", counter, count, {L::node}, "",
       "Commits whose wait for synchronous standbys was cancelled: reported as successful, and "
       "those standbys may lack them."},
      {Metric::breaker_transitions, "breaker_transitions", counter, count,
       {L::replica, L::app, L::to}, "", "Moves of lag breakers, over all instances of an app."},
      {Metric::call_breaker_transitions, "call_breaker_transitions", counter, count,
       {L::node, L::app, L::to}, "", "Moves of call breakers, over all instances of an app."},
      {Metric::ejections, "ejections", counter, count, {L::node, L::app}, "",
       "How often an instance of an app ejected a database as an outlier."},
      {Metric::apply_errors, "apply_errors", counter, count, {L::replica}, "",
       "Times that the apply worker of a logical subscriber failed at an altered table."},
      {Metric::lag_alerts, "lag_alerts", counter, count, {L::replica, L::source}, "",
       "How often monitoring.lag_alert was raised by a source alone."},
      {Metric::conflicts, "conflicts", counter, count, {L::node}, "",
       "Rows of the other primary's changes that met, when they were applied here, a version that "
       "their writer had not seen."},
      {Metric::lost_updates, "lost_updates", counter, count, {L::node}, "rows written",
       "Acknowledged versions of rows that were replaced by the other primary's version whose "
       "writer had not seen them; or, with clocks that differ, turned down for an older one."},
      {Metric::wal_bytes, "wal_bytes", counter, bytes, {L::node}, "",
       "Write-ahead log that a node generated."},
      {Metric::wal_image_bytes, "wal_image_bytes", counter, bytes, {L::node}, "",
       "The part of wal_bytes that is images of whole pages, and padding of segments."},
      {Metric::checkpoints, "checkpoints", counter, count, {L::node, L::cause}, "",
       "Checkpoints begun: timed by checkpoint_timeout, or requested by the growth of the log or "
       "by an operator."},
      {Metric::retained_wal_bytes, "retained_wal_bytes", gauge, bytes, {L::node}, "",
       "Write-ahead log that a node keeps, in whole segments; of a replica, as of the last "
       "checkpoint's end."},
      {Metric::replicas_lost, "replicas_lost", counter, count, {L::replica}, "",
       "Replicas that need log which their upstream has removed: only a new base backup helps."},
      {Metric::cross_region_bytes, "cross_region_bytes", counter, bytes,
       {L::from_region, L::to_region, L::purpose}, "", "Data handed to links between regions."},
      {Metric::conflict_wait, "conflict_wait", distribution, duration, {L::replica}, "",
       "How long replay stood still each time that readers of a replica were in its way."},
      {Metric::recovery_conflicts, "recovery_conflicts", counter, count,
       {L::replica, L::conflict}, "",
       "Statements and reports on a replica that were cancelled because replay needed a table "
       "they held (lock) or removed row versions they might still need (snapshot)."},
      {Metric::dead_rows, "dead_rows", gauge, count, {L::node}, "",
       "Dead row versions on the primary, as counted when a table was vacuumed: not vacuumed yet, "
       "or kept because a snapshot there, or on a replica with hot_standby_feedback, may need "
       "them."},
      {Metric::decisions, "decisions", counter, count, {L::region, L::reason},
       "decisions of the region",
       "What routers said where a statement goes, and again after a wait, by their reason.",
       L::reason},
      {Metric::retries, "retries", counter, count, {L::region, L::served_by, L::kind}, "",
       "Statements and transactions tried again, by the node and the error of the try before."},
      {Metric::in_doubt_transactions, "in_doubt_transactions", counter, count,
       {L::region, L::fate}, "",
       "Tries of a write that were sent and never answered, because the application stopped "
       "waiting or lost its connection: those that the database has all the same (present), and "
       "the others (absent)."},
      {Metric::duplicate_writes, "duplicate_writes", counter, count, {L::region}, "",
       "Commits of a write that a try before had committed already."},
      {Metric::freshness_moved_reads, "freshness_moved_reads", counter, count,
       {L::region, L::rule}, "reads",
       "Reads that the freshness rule sent to the primary although a replica is nearer: pins, "
       "tokens that no replica was seen to cover, waits in vain."},
      {Metric::freshness_wait, "freshness_wait", distribution, duration, {L::region, L::rule}, "",
       "Of each read that waited for a replica to replay its token: for how long, in vain or not. "
       "Part of read_latency."},
      {Metric::replay_wait, "replay_wait", distribution, duration, {L::region, L::rule}, "",
       "Rule wait_for_replay: how long each committed write waited for replicas, in vain or not. "
       "Part of write_latency and transaction_latency."},
      {Metric::token_store_errors, "token_store_errors", counter, count, {L::app},
       "requests to the store",
       "Look-ups and writes of tokens that policy.freshness.store did not answer in time."},
      {Metric::cache_hits, "cache_hits", counter, count, {L::region, L::cache}, "look-ups",
       "Cached calls that a cache answered: it had all their rows."},
      {Metric::cache_misses, "cache_misses", counter, count, {L::region, L::cache}, "look-ups",
       "Cached calls that went on to a database."},
      {Metric::cache_stale_reads, "cache_stale_reads", counter, count, {L::region, L::cache},
       "hits",
       "Hits that are stale reads; they are among stale_reads too, served_by the cache."},
      {Metric::cache_refilled_stale, "cache_refilled_stale", counter, count, {L::cache}, "fills",
       "Fills that stored an older version of a row than the cache had, or than one whose "
       "invalidation it had applied: the invalidation overtook replication."},
      {Metric::cache_refused_fills, "cache_refused_fills", counter, count, {L::cache}, "fills",
       "The same, refused by caches.versioned."},
      {Metric::cache_lost_invalidations, "cache_lost_invalidations", counter, count, {L::cache},
       "published invalidations", "Published invalidations that never arrived."},
      {Metric::invalidation_latency, "invalidation_latency", distribution, duration,
       {L::from_region, L::to_region}, "",
       "From the acknowledgement of a commit at the writing app until a cache of another region "
       "has applied the invalidation of a row."},
      {Metric::edge_hits, "edge_hits", counter, count, {L::region, L::page},
       "pages asked of the edge", "Pages that a CDN answered in the users' region."},
      {Metric::entries, "entries", counter, count, {L::region, L::app},
       "pages of the region", "Pages that latency DNS sent to an app.", L::app},
      {Metric::unhealthy_duration, "unhealthy_duration", distribution, duration, {L::app}, "",
       "How long the checks of an app's health endpoint took it for unhealthy."},
      {Metric::throttled_writes, "throttled_writes", counter, count, {L::region},
       "writes that were wanted",
       "Writes and writing transactions that policy.write_throttle made wait."},
      {Metric::throttle_wait, "throttle_wait", distribution, duration, {L::region}, "",
       "Of each of them: how long it waited."},
      {Metric::outbox_depth, "outbox_depth", gauge, count, {L::app}, "",
       "Writes in an app's queues, those under way to the primary included."},
      {Metric::outbox_delay, "outbox_delay", distribution, duration, {L::app}, "",
       "From a write's place in the queue until the primary has committed it."},
      {Metric::outbox_lost, "outbox_lost", counter, count, {L::app}, "queued writes",
       "Writes that a page left in a queue and that no database will ever have, because an "
       "instance crashed."},
      {Metric::outbox_alerts, "outbox_alerts", counter, count, {L::app}, "",
       "How often an app's queue was too deep or too old for longer than outbox.alert_for."},
      {Metric::outbox_reordered, "outbox_reordered", counter, count, {L::app},
       "queued writes that were committed",
       "Writes that a later write of the same row and the same queue overtook."},
      {Metric::optimistic_lies, "optimistic_lies", counter, count, {L::region},
       "writes shown before they were done",
       "Writes that a page showed and that came to nothing."},
      {Metric::failover_duration, "failover_duration", distribution, duration, {L::phase}, "",
       "An outage that a promotion ended, divided along the path that ended it, as one region saw "
       "it: the phases of one outage sum to it. One sample of 0 per users' region and run "
       "without one. There are none without policy.failover and without a fault that promotes."},
      {Metric::needless_failovers, "needless_failovers", counter, count, {L::node}, "",
       "Promotions of a server while the primary before took writes and some app reached it."},
      {Metric::lost_own_writes, "lost_own_writes", counter, count, {L::region, L::rule}, "reads",
       "Reads of a row that lacked the same user's acknowledged write because it is lost: it is "
       "not "
       "on the timeline that survives."},
      {Metric::lost_transactions, "lost_transactions", counter, count, {L::loss}, "",
       "Transactions that were acknowledged and are not on the timeline that survives when the run "
       "ends, by why: the promoted replica did not have them (unreplicated), they were "
       "acknowledged by a primary that was cut off or replaced already (after_the_cut), their wait "
       "for synchronous standbys was cancelled, they did not wait for the disk "
       "(asynchronous_commit), or a server restored from an older backup took over "
       "(restored_backup). The canary's do not count."},
      {Metric::lost_bytes, "lost_bytes", distribution, bytes, {}, "",
       "Of each promotion: WAL that the old primary had flushed and that the new timeline has not. "
       "One sample of 0 if none occurred."},
      {Metric::lost_seconds, "lost_seconds", distribution, duration, {}, "",
       "Of each promotion: time of the fault minus acknowledgement of the oldest lost transaction; "
       "0 if none is lost. One sample of 0 if none occurred."},
      {Metric::split_brain_writes, "split_brain_writes", counter, count, {L::node}, "",
       "Transactions that a primary acknowledged after it had been replaced, and that are lost."},
      {Metric::split_brain_duration, "split_brain_duration", distribution, duration, {L::node}, "",
       "How long a primary accepted writes after the timeline that replaced it had opened."},
      {Metric::cost_usd_per_month, "cost_usd_per_month", distribution, count, {}, "",
       "What a month of the topology costs in US dollars at the prices of `cost`, with the traffic "
       "between regions that a run had (run/cost.h). One sample a run."},
  };
  return table;
}
// clang-format on

const std::vector<std::string_view>& absent_metrics() {
  static const std::vector<std::string_view> names = {
      "cost_*",
  };
  return names;
}

const MetricInfo& info(Metric metric) {
  const MetricInfo& row = metric_table()[static_cast<std::size_t>(metric)];
  CHECK(row.metric == metric);
  return row;
}

std::string_view label_name(Label label) {
  constexpr std::array<std::string_view, label_count> names = {
      "region", "page", "served_by",          "outcome", "node", "app",     "replica", "stage",
      "rule",   "to",   "synchronous_commit", "from",    "to",   "purpose", "kind",
      "source", "cause", "kind",              "reason",  "fate",
      "cache", "phase", "cause"};
  return names[static_cast<std::size_t>(label)];
}

Measures::Measures(const LabelValues& labels) {
  std::array<std::size_t, 4> used{};
  for (const MetricInfo& row : metric_table()) {
    Shape& shape = shapes_[index(row.metric)];
    shape.cells = 1;
    for (std::size_t i = 0; i < row.labels.size(); ++i) {
      shape.sizes[i] = static_cast<std::uint32_t>(labels[row.labels[i]].size());
      shape.cells *= shape.sizes[i];
    }
    std::size_t& end = used[static_cast<std::size_t>(row.kind)];
    shape.first = end;
    end += shape.cells;
  }
  distributions_.resize(used[static_cast<std::size_t>(MetricKind::distribution)]);
  ramps_.resize(used[static_cast<std::size_t>(MetricKind::ramp)]);
  gauges_.resize(used[static_cast<std::size_t>(MetricKind::gauge)]);
  counters_.resize(used[static_cast<std::size_t>(MetricKind::counter)]);
}

void Measures::continue_gauges(Metric metric, const Measures& before, TimePoint now) {
  const Shape& shape = shapes_[index(metric)];
  for (std::size_t cell = shape.first; cell < shape.first + shape.cells; ++cell) {
    gauges_[cell] = before.gauges_[cell];
    gauges_[cell].restart(now);
  }
}

void Measures::finish_gauges(TimePoint now) {
  for (TimeWeighted& gauge : gauges_) gauge.finish(now);
}

const Histogram& Measures::distribution_at(Metric metric, std::size_t cell) const {
  return distributions_[shapes_[index(metric)].first + cell];
}

const RampHistogram& Measures::ramp_at(Metric metric, std::size_t cell) const {
  return ramps_[shapes_[index(metric)].first + cell];
}

const TimeWeighted& Measures::gauge_at(Metric metric, std::size_t cell) const {
  return gauges_[shapes_[index(metric)].first + cell];
}

const Counter& Measures::counter_at(Metric metric, std::size_t cell) const {
  return counters_[shapes_[index(metric)].first + cell];
}

std::vector<std::uint32_t> Measures::labels_of(Metric metric, std::size_t cell) const {
  const Shape& shape = shapes_[index(metric)];
  std::vector<std::uint32_t> labels(info(metric).labels.size());
  for (std::size_t i = labels.size(); i-- > 0;) {
    labels[i] = static_cast<std::uint32_t>(cell % shape.sizes[i]);
    cell /= shape.sizes[i];
  }
  return labels;
}

}  // namespace longhaul
