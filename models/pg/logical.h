// Logical replication: a subscriber applies what committed transactions did, row by row.
//
// The walsender of a subscription decodes the log and keeps what a transaction does until it
// commits; then all of it is sent (models/net/bulk.h) and one apply worker applies it:
//
//   applied = max(received, the transaction before it is applied) + rows / apply_rate
//
// in the order of commits, so a large transaction arrives when it has committed, at once, and holds
// up all behind it. A row travels with its bytes and a header; indexes, full-page images and
// padding do not. The subscriber's position is the end of the last transaction applied, in the
// publisher's log: a read there lacks what lies behind it (models/data.h).
//
// create_subscription copies every data set, two at a time, each at copy_rate, while the slot of
// the subscription keeps the log on the publisher; what is committed meanwhile is applied when all
// tables are there. Readers are refused until it has caught up with the moment the copy ended.
//
// Schema changes are not carried. When an altered table changes on the publisher the worker fails,
// and tries again every wal_retrieve_retry_interval; nothing is applied and the slot keeps the log
// until the operator alters the table on the subscriber too (alter_subscriber). Altering the
// subscriber first, as one should, lets the change pass. Sequences are not carried either: nothing
// here draws from one, so nothing is counted.
//
// A primary may subscribe to another one that writes the same rows: models/pg/merge.h.
//
// Sources: PostgreSQL manual, Logical Replication; tablesync.c, worker.c, reorderbuffer.c. Rates of
// 5,000 to 30,000 rows a second are common (unverified). Left out: publications of some tables,
// conflicts with writes on the subscriber, streaming of transactions in progress, spilling to disk
// (logical_decoding_work_mem), the processor time of decoding and applying, time-outs and
// reconnecting, table synchronisation beside the apply worker, failover slots, synchronous commit
// on a subscriber.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "models/ring.h"
#include "sim/scheduler.h"
#include "sim/timers.h"

namespace longhaul {

enum class SubscriptionState : std::uint8_t {
  none,       // not created yet
  copying,    // its tables
  streaming,  // it applies what is committed
};

// A set of data sets; the 64th and later ones share a bit.
using TableSet = std::uint64_t;
constexpr TableSet table_bit(DataSetId set) {
  return TableSet{1} << (set.value < 63 ? set.value : 63u);
}

// What one transaction did, or a position of the log with nothing to do before it.
struct Change {
  Lsn end = {};
  Bytes size = {};   // on the wire
  Bytes up_to = {};  // sent: on the wire in all
  std::int64_t rows = 0;
  std::uint64_t first_version = 0;  // of its rows, in the truth
  TableSet tables = 0;
  TableSet altered = 0;
};

struct Subscription {
  SubscriptionState state = SubscriptionState::none;
  NodeId subscriber;
  std::uint32_t stream = 0;      // its positions, in World::streams
  std::uint32_t connection = 0;  // of the apply worker, in World::bulks
  Ring<Change> committed;        // on the publisher, perhaps not flushed yet
  Ring<Change> sent;             // and not applied
  std::uint64_t received = 0;    // first of `sent` that is not there
  bool applying = false;
  TableSet altered = 0;   // here as it was, changed on the publisher
  TableSet prepared = 0;  // the other way round
  Timer retry;

  // While it copies.
  TimePoint begun;
  Lsn from;
  std::uint64_t mark = 0;  // first flush mark that it will pass
  std::uint32_t next_table = 0;
  std::uint32_t tables_left = 0;
  std::array<std::uint32_t, 2> workers{};  // connections
  Lsn caught_up_at;                        // flushed on the publisher when the copy ended
  bool synced = false;
};

struct World;

// Adds the subscription of a node; its stream exists.
void add_subscription(World& world, NodeId subscriber, std::uint32_t stream);

void create_subscription(World& world, NodeId subscriber);
void alter_subscriber(World& world, NodeId subscriber, DataSetId set);

// A transaction has its commit record.
void publish(World& world, NodeId publisher, const Change& change);

// The same, from the rows it wrote.
void publish_rows(World& world, NodeId publisher, Lsn end, std::uint64_t first_version,
                  const std::vector<std::uint64_t>& rows);

// The publisher has flushed.
void send_changes(World& world, NodeId publisher);

// More of what a connection carries is there.
void changes_written(World& world, std::uint32_t subscription);
void table_written(World& world, std::uint32_t subscription);

void change_applied(World& world, const Event& event);  // change_applied
void apply_retried(World& world, const Event& event);   // apply_retried

}  // namespace longhaul
