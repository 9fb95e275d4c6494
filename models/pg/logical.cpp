#include "models/pg/logical.h"

#include <algorithm>

#include "models/pg/lag_truth.h"
#include "models/pg/replay.h"
#include "models/pg/wal_receiver.h"
#include "models/world.h"

namespace longhaul {
namespace {

// pgoutput: a CopyData message with its header (30), relation, tuple and column headers.
constexpr Bytes row_header{45};
constexpr Bytes begin_and_commit{107};  // two messages of 30 + 21 and 30 + 26 bytes
constexpr Bytes keepalive{23};          // CopyData framing 5 + keepalive 18
constexpr Bytes copied_row_header{5};   // CopyData

std::uint32_t index_of(const World& world, const Subscription& subscription) {
  return static_cast<std::uint32_t>(&subscription - world.subscriptions.data());
}

const NodeConfig& config_of(const World& world, const Subscription& subscription) {
  return world.plan->nodes[subscription.subscriber.value].config;
}

Subscription& subscription_of(World& world, NodeId subscriber) {
  for (Subscription& subscription : world.subscriptions) {
    if (subscription.subscriber == subscriber) return subscription;
  }
  CHECK(false);
  __builtin_unreachable();
}

std::uint32_t connect(World& world, const Subscription& subscription, BulkUse use, ByteRate pace,
                      std::uint64_t key) {
  const WalStream& stream = world.streams[subscription.stream];
  Bulk bulk;
  bulk.use = use;
  bulk.owner = index_of(world, subscription);
  bulk.purpose = Traffic::logical;
  bulk.source = stream.upstream;
  bulk.path = stream.path;
  bulk.back = stream.back;
  bulk.pace = pace;
  return open_bulk(world, bulk, (std::uint64_t{1} << 32) + subscription.subscriber.value * 8 + key);
}

void schedule(World& world, const Subscription& subscription, Duration after, EventKind kind) {
  world.scheduler.after(after, EventClass::ordinary, target(subscription.subscriber),
                        static_cast<std::uint16_t>(kind), 0, index_of(world, subscription));
}

void note_sync(World& world, Subscription& subscription) {
  const Node& node = world.node(subscription.subscriber);
  if (subscription.synced || node.replayed < subscription.caught_up_at) return;
  subscription.synced = true;
  world.measures.distribution(Metric::initial_sync_duration, subscription.subscriber.value)
      .record((world.now() - subscription.begun).ns);
}

void applied(World& world, Subscription& subscription) {
  const Change change = subscription.sent.pop_front();
  Node& node = world.node(subscription.subscriber);
  WalStream& stream = world.streams[subscription.stream];
  if (stream.mutual) {
    merge_change(world, subscription.subscriber, change);
    stream.applied = change.end;
  } else {
    node.flushed = node.replayed = node.replay.from.at = change.end;
    node.written = std::max(node.written, change.end);  // what a stop had dropped is sent again
    node.received = std::max(node.received, node.written);
  }
  note_progress(world, stream, LagStage::flush);
  note_progress(world, stream, LagStage::replay);
  note_sync(world, subscription);
  forget_history(world, stream.log);
}

// Applies what is there, one transaction after the other.
void apply_on(World& world, Subscription& subscription) {
  if (subscription.state != SubscriptionState::streaming || subscription.applying) return;
  if (subscription.retry.armed()) return;
  if (world.node(subscription.subscriber).liveness != Liveness::up) return;
  bool any = false;
  while (subscription.sent.first() < subscription.received) {
    const Change& change = subscription.sent.front();
    const TableSet matched = change.altered & subscription.prepared;
    subscription.prepared &= ~matched;
    subscription.altered |= change.altered & ~matched;
    if ((change.tables & subscription.altered) != 0) {
      world.measures.counter(Metric::apply_errors, subscription.subscriber.value).count += 1;
      subscription.retry.arm(
          world.scheduler, world.now() + world.plan->postgres.wal_retrieve_retry_interval,
          EventClass::ordinary, target(subscription.subscriber),
          static_cast<std::uint16_t>(EventKind::apply_retried), index_of(world, subscription));
      break;
    }
    if (change.rows > 0) {
      subscription.applying = true;
      const Duration row = mean_interval(config_of(world, subscription).apply_rate);
      schedule(world, subscription, row * change.rows, EventKind::change_applied);
      break;
    }
    applied(world, subscription);
    any = true;
  }
  if (any && !subscription.applying) reply(world, world.streams[subscription.stream]);
}

// Whether the publisher has a data set.
bool has_table(const World& world, const Subscription& subscription, const DataSetPlan& set) {
  return !set.home.valid() || set.home == world.group_of(subscription.subscriber).shard;
}

// A worker copies the next table, if there is one.
void copy_next(World& world, Subscription& subscription, std::uint32_t connection) {
  const std::vector<DataSetPlan>& sets = world.plan->sets;
  while (subscription.next_table < sets.size() &&
         !has_table(world, subscription, sets[subscription.next_table])) {
    subscription.next_table += 1;
  }
  if (subscription.next_table >= sets.size()) return;
  const DataSetConfig& set = sets[subscription.next_table++].config;
  const Bytes size = (set.row_bytes + copied_row_header) * set.rows.value;
  extend_bulk(world, connection, world.bulks[connection].total + size);
}

void tables_copied(World& world, Subscription& subscription) {
  WalStream& stream = world.streams[subscription.stream];
  Node& node = world.node(subscription.subscriber);
  subscription.state = SubscriptionState::streaming;
  node.replayed = node.flushed = node.replay.from.at = subscription.from;
  node.received = node.written = subscription.from;
  node.consistent_from = subscription.caught_up_at = world.node(stream.upstream).flushed;
  return_to_lag(world, stream, subscription.mark);
  changes_written(world, index_of(world, subscription));
  note_sync(world, subscription);
}

}  // namespace

void add_subscription(World& world, NodeId subscriber, std::uint32_t stream) {
  world.subscriptions.emplace_back();
  Subscription& subscription = world.subscriptions.back();
  subscription.subscriber = subscriber;
  subscription.stream = stream;
  subscription.connection = connect(world, subscription, BulkUse::changes, {}, 0);
  for (std::uint32_t worker : {0u, 1u}) {
    subscription.workers[worker] = connect(world, subscription, BulkUse::table_copy,
                                           config_of(world, subscription).copy_rate, worker + 1);
  }
  world.node(subscriber).replay.entry = ~std::uint64_t{0};  // it holds no entry of the log back
  if (config_of(world, subscription).starts == NodeStart::empty) return;
  subscription.state = SubscriptionState::streaming;
  subscription.synced = true;
}

void create_subscription(World& world, NodeId subscriber) {
  Subscription& subscription = subscription_of(world, subscriber);
  if (subscription.state != SubscriptionState::none) return;
  subscription.state = SubscriptionState::copying;
  subscription.begun = world.now();
  WalStream& stream = world.streams[subscription.stream];
  subscription.from = world.node(stream.upstream).flushed;
  stream.write_known = stream.flush_known = stream.apply_known = subscription.from;
  stream.lost = stream.slot_lost = false;
  subscription.mark = world.log(stream.log).marks.end();
  for (const DataSetPlan& set : world.plan->sets) {
    subscription.tables_left += has_table(world, subscription, set) ? 1 : 0;
  }
  for (const std::uint32_t worker : subscription.workers) copy_next(world, subscription, worker);
}

void alter_subscriber(World& world, NodeId subscriber, DataSetId set) {
  Subscription& subscription = subscription_of(world, subscriber);
  const TableSet bit = table_bit(set);
  if ((subscription.altered & bit) != 0) {
    subscription.altered &= ~bit;  // the next try of the worker succeeds
  } else {
    subscription.prepared |= bit;
  }
}

void publish(World& world, NodeId publisher, const Change& change) {
  for (Subscription& subscription : world.subscriptions) {
    if (world.streams[subscription.stream].upstream != publisher) continue;
    if (subscription.state != SubscriptionState::none) subscription.committed.push_back(change);
  }
}

void publish_rows(World& world, NodeId publisher, Lsn end, std::uint64_t first_version,
                  const std::vector<std::uint64_t>& rows) {
  if (world.subscriptions.empty()) return;
  Change change;
  change.end = end;
  change.size = begin_and_commit;
  change.rows = static_cast<std::int64_t>(rows.size());
  change.first_version = first_version;
  const std::vector<DataSetPlan>& sets = world.plan->sets;
  for (const std::uint64_t row : rows) {
    std::uint32_t set = 0;
    while (set + 1 < sets.size() && sets[set + 1].first_row <= row) ++set;
    change.size = change.size + sets[set].config.row_bytes + row_header;
    change.tables |= table_bit({set});
  }
  publish(world, publisher, change);
}

void send_changes(World& world, NodeId publisher) {
  const Lsn flushed = world.node(publisher).flushed;
  for (Subscription& subscription : world.subscriptions) {
    if (subscription.state == SubscriptionState::none) continue;
    WalStream& stream = world.streams[subscription.stream];
    if (stream.upstream != publisher || flushed <= stream.sent || stream.lost) continue;
    Bytes total = world.bulks[subscription.connection].total;
    const auto hand_over = [&](Change change) {
      total = total + change.size;
      change.up_to = total;
      stream.sent = change.end;
      subscription.sent.push_back(change);
    };
    Ring<Change>& committed = subscription.committed;
    while (!committed.empty() && committed.front().end <= flushed) {
      hand_over(committed.pop_front());
    }
    if (stream.sent < flushed) hand_over({.end = flushed, .size = keepalive});
    extend_bulk(world, subscription.connection, total);
    if (subscription.state == SubscriptionState::streaming) {
      note_progress(world, stream, LagStage::send);
    }
  }
}

void changes_written(World& world, std::uint32_t number) {
  Subscription& subscription = world.subscriptions[number];
  const Bytes there = world.bulks[subscription.connection].written;
  Ring<Change>& sent = subscription.sent;
  subscription.received = std::max(subscription.received, sent.first());
  while (subscription.received < sent.end() && sent.at(subscription.received).up_to <= there) {
    subscription.received += 1;
  }
  if (subscription.state != SubscriptionState::streaming) return;
  Node& node = world.node(subscription.subscriber);
  WalStream& stream = world.streams[subscription.stream];
  if (subscription.received > sent.first()) {
    const Lsn end = sent.at(subscription.received - 1).end;
    if (stream.mutual) {
      stream.received = end;
    } else {
      node.received = node.written = end;
    }
    note_progress(world, stream, LagStage::write);
  }
  apply_on(world, subscription);
}

void table_written(World& world, std::uint32_t number) {
  Subscription& subscription = world.subscriptions[number];
  if (subscription.state != SubscriptionState::copying) return;
  for (const std::uint32_t worker : subscription.workers) {
    Bulk& bulk = world.bulks[worker];
    if (!bulk.open || bulk.written < bulk.total) continue;
    if (bulk.total.value == 0) continue;  // never had a table
    subscription.tables_left -= 1;
    const std::uint32_t before = subscription.next_table;
    copy_next(world, subscription, worker);
    if (subscription.next_table == before) bulk.open = false;
  }
  if (subscription.tables_left == 0) tables_copied(world, subscription);
}

void change_applied(World& world, const Event& event) {
  Subscription& subscription = world.subscriptions[event.arg];
  subscription.applying = false;
  if (world.node(subscription.subscriber).liveness != Liveness::up) return;  // rolled back
  applied(world, subscription);
  apply_on(world, subscription);
  if (!subscription.applying) reply(world, world.streams[subscription.stream]);
}

void apply_retried(World& world, const Event& event) {
  Subscription& subscription = world.subscriptions[event.arg];
  if (subscription.retry.fires(world.scheduler, event)) apply_on(world, subscription);
}

}  // namespace longhaul
