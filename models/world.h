// Everything that changes while a run lasts, as one value: copying a World is a snapshot of it, and
// the copy continues exactly as the original would.
//
// Plain structs in vectors that refer to one another by id. The rules that change them stand beside
// their subject: net/messages.h, pg/, app/, faults.h. cluster.h drives them with events.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "models/app/canary.h"
#include "models/data.h"
#include "models/event_kinds.h"
#include "models/host/station.h"
#include "models/lag.h"
#include "models/measures.h"
#include "models/net/bulk.h"
#include "models/net/network.h"
#include "models/net/tcp.h"
#include "models/pg/autovacuum.h"
#include "models/pg/base_backup.h"
#include "models/pg/checkpointer.h"
#include "models/pg/full_page_images.h"
#include "models/pg/lag_tracker.h"
#include "models/pg/logical.h"
#include "models/pg/operations.h"
#include "models/pg/row_locks.h"
#include "models/pg/table_locks.h"
#include "models/pg/vacuum.h"
#include "models/pg/wal.h"
#include "models/plan.h"
#include "models/ring.h"
#include "policy/router.h"
#include "sim/rng.h"
#include "sim/scheduler.h"
#include "sim/timers.h"

namespace longhaul {

// ---- messages -------------------------------------------------------------------------------

constexpr std::uint32_t no_mail = 0xffffffffu;

// What a message carries beyond the slot it is about. Freed when the message has arrived.
struct Mail {
  std::uint32_t about = 0;  // stream, or probe number
  std::uint32_t from = 0;   // database index of a probe
  Lsn write;                // also: first byte of a piece of WAL
  Lsn flush;                // also: end of a piece of WAL
  Lsn apply;
  Lsn snapshot;  // hot_standby_feedback
  std::optional<Duration> lag;
  std::optional<Bytes> lag_bytes;
  TimePoint sent_at;
  std::uint32_t timeline = 0;
  std::uint32_t segments = 0;  // of a piece of WAL
  bool is_primary = false;
  std::uint32_t next = no_mail;  // the next row of a probe's answer
};

// A message that TCP will send again because a cut swallowed it.
struct Parked {
  Event event;
  PathId path;
  Bytes size;
  Duration delay;
  std::uint64_t luck = 0;
  std::uint32_t attempts = 0;
};

template <class T>
struct SlotPool {
  std::vector<T> slots;
  std::vector<std::uint32_t> free;

  std::uint32_t take(const T& value) {
    if (free.empty()) {
      slots.push_back(value);
      return static_cast<std::uint32_t>(slots.size() - 1);
    }
    const std::uint32_t slot = free.back();
    free.pop_back();
    slots[slot] = value;
    return slot;
  }
  T release(std::uint32_t slot) {
    free.push_back(slot);
    return slots[slot];
  }
};

// ---- PostgreSQL -----------------------------------------------------------------------------

// A commit record that is not answered yet.
struct PendingCommit {
  RequestRef request;
  Lsn end;
  Lsn until;  // answered when this much is on the disks that decide
  TimePoint since;
  std::uint64_t first_version = 0;
  std::uint32_t version_count = 0;
  SynchronousCommit level = SynchronousCommit::on;
};

// Commits that wait, by what for; each queue is in the order of the log.
struct CommitQueues {
  std::array<Ring<PendingCommit>, 4> queues;  // from SynchronousCommit::local on

  Ring<PendingCommit>& of(SynchronousCommit level) {
    return queues[static_cast<std::size_t>(level) - 1];
  }
  bool empty() const { return size() == 0; }
  std::size_t size() const {
    std::size_t sum = 0;
    for (const Ring<PendingCommit>& queue : queues) sum += queue.size();
    return sum;
  }
  Lsn last() const {  // what the last commit that waits needs
    Lsn until;
    for (const Ring<PendingCommit>& queue : queues) {
      if (!queue.empty()) until = std::max(until, queue.back().until);
    }
    return until;
  }
};

struct Job {
  RequestRef request;
  Duration demand;
};

// A heartbeat: the end of its commit, and the time in the row.
struct Beat {
  Lsn end;
  TimePoint at;
};

// Readers that replay waits for, and when it began to.
struct ReplayConflict {
  bool waiting = false;
  bool granted = false;  // the startup process has the table that it waited for
  ConflictKind kind = ConflictKind::lock;
  DataSetId set;   // lock
  Lsn horizon;     // snapshot: those that see less are in the way
  Duration pause;  // snapshot: until it looks again
  TimePoint since;
};

// The startup process of a standby.
struct Replay {
  bool busy = false;
  std::uint32_t pauses = 0;
  Ratio speed = percent(100);                     // of its configured speed
  ReplayPoint from;                               // up to where the log is replayed
  ReplayPoint to;                                 // busy: the end of the batch
  std::uint64_t entry = 0;                        // first entry of the log that is not replayed
  std::uint64_t entry_behind = 0;                 // busy: likewise after the batch
  TimePoint last_commit_at = TimePoint::never();  // timestamp of the last commit replayed
  TimePoint commit_at = TimePoint::never();       // busy: likewise after the batch
  Timer due;                                      // a commit is delayed until then, or readers are
  Lsn chunk;                                      // where the chunk that was flushed last begins
  Lsn taken_up;              // what was flushed when the startup process last looked
  TimePoint received_at;     // of the log that is being replayed, as graces are measured
  std::uint32_t tables = 0;  // that are locked for transactions of the primary
  ReplayConflict conflict;
};

enum class Liveness : std::uint8_t {
  up,
  stopped,   // no process; the host refuses connections
  vanished,  // nothing answers
};

// Node::consistent_from of a standby without data.
constexpr Lsn no_data{~std::uint64_t{0}};

struct Node {
  bool is_primary = false;
  Liveness liveness = Liveness::up;
  std::uint32_t outages = 0;      // faults in progress that keep it down
  std::uint16_t incarnation = 0;  // stops so far; work of an earlier life comes to nothing
  std::uint32_t timeline = 1;
  std::uint32_t connections = 0;
  Station<Job> cpu;
  RandomStream disk_luck;

  // Primary: end of the log, and how much of it is on disk.
  Lsn insert;
  Lsn flushed;    // a standby's too
  Lsn kept_from;  // older log is removed; likewise
  Lsn flush_target;
  bool flushing = false;
  bool writer_due = false;
  CommitQueues commits;
  std::array<Lsn, 3> confirmed;  // by synchronous standbys: written, flushed, replayed
  RowLocks locks;
  RandomStream lock_luck;

  // Standby: received >= written >= flushed >= replayed.
  Lsn received;
  Lsn written;
  Lsn replayed;
  Replay replay;
  Timer status;
  Lsn consistent_from;     // by replay: before, its files do not fit together
  TimePoint feedback_due;  // hot_standby_feedback goes with the first reply from then on
};

struct WalRange {
  Lsn from;
  Lsn to;
};

// A walsender and the connection to its standby.
struct WalStream {
  NodeId upstream;
  NodeId standby;
  PathId path;
  PathId back;
  RandomStream luck;

  // acked <= transmitted <= sent: the standby's kernel has it, the network got it, the socket holds
  // it and pg_stat_replication calls it sent.
  Lsn sent;
  Lsn transmitted;
  Lsn acked;
  Tcp tcp;
  Lsn recover_to;               // while acked is below, a loss is being repaired
  Lsn lost_to;                  // gaps below are known to be lost
  Lsn resent_to;                // gaps below were sent again
  bool probed = false;          // since the last acknowledgement
  bool limited = false;         // some link on its path has a bandwidth
  std::uint32_t under_way = 0;  // pieces and acknowledgements in the network
  TimePoint resent_at;          // when something was last sent again
  TimePoint head_sent;          // no later than the oldest piece in flight
  TimePoint last_sent;
  TimePoint last_arrival;
  TimePoint last_reply_arrival;
  Timer deadline;
  std::vector<WalRange> held;  // at the standby, behind a gap

  // As the upstream knows its standby.
  Lsn write_known;
  Lsn flush_known;
  Lsn apply_known;
  Lsn snapshot_known;    // oldest that hot_standby_feedback has reported; 0: none
  TimePoint reply_sent;  // when the standby sent its last reply
  LagTracker tracker;
  bool streaming = true;  // has caught up since it connected; else it can release nobody
  std::uint32_t sync_priority = 0;
  bool sync_listed = false;
  bool logical = false;  // only the positions count; models/pg/logical.h sends

  // The connection as either end sees it; models/pg/stream_connection.h.
  std::uint16_t asked = 1;       // the standby's last attempt; messages of earlier ones are ignored
  std::uint16_t connection = 1;  // the attempt that the walsender serves
  bool has_sender = true;
  bool has_receiver = true;
  bool asking = false;                     // the standby waits for its attempt's answer
  TimePoint last_reply;                    // the sender heard its standby
  TimePoint last_message;                  // the receiver heard its upstream
  TimePoint attempted_at = TimePoint{-1};  // the last time it asked anew; negative: never
  Timer sender_watch;
  Timer receiver_watch;
  Timer attempt;
  bool lost = false;       // needs log that is removed
  bool slot_lost = false;  // its slot was invalidated
  Lsn arrived;  // in order, on this connection: below `received` while a segment is sent again

  std::array<StageLag, 4> lag;  // by LagStage; truth
};

// ---- applications ---------------------------------------------------------------------------

struct Pool {
  std::uint32_t open = 0;
  std::uint32_t idle = 0;
  std::uint32_t connecting = 0;
  Ring<RequestRef> waiting;
};

// The probing of one database by one instance: one connection, so one question at a time.
struct Probe {
  RandomStream luck;
  std::uint32_t number = 0;  // of the last probe sent
  TimePoint sent_at;
  Timer deadline;                                    // armed while the answer is awaited
  TimePoint breaker_opened_at = TimePoint::never();  // never: not open
};

// How a server answers an attempt to open a connection.
enum class ConnectAnswer : std::uint16_t { refused, granted, server_down };

// An attempt to open a connection.
struct Connect {
  InstanceId instance;
  NodeId node;
  std::uint16_t generation = 0;
  bool waited_for = false;  // the pool has not given it up
  TimePoint began;
};

struct Instance {
  AppId app;
  std::uint32_t place = 0;
  std::uint32_t first_pool = 0;  // one for each node, in the order of nodes
  std::uint32_t first_probe = 0;
  Router router;
  RandomStream luck;
  Timer policy;
};

// ---- users ----------------------------------------------------------------------------------

struct Session {
  StreamKey key;
  std::uint64_t pages = 0;  // pages begun: the number of the next request
  UserId user;
  PopulationId population;
  std::uint32_t in_flight = 0;
  SessionToken token;
};

struct User {
  std::uint64_t home = 0;  // 64 bits that choose their row in each data set
  SessionToken token;
  bool hit = false;
};

constexpr std::uint32_t no_row = 0xffffffffu;  // in World::last_rows: has not written yet

enum class Phase : std::uint8_t {
  free,         // the slot is not in use
  travelling,   // between user and app
  pooling,      // waits for a connection
  positioning,  // asks a replica how far it is
  at_database,  // statement sent, answer awaited
  abandoned,    // the app gave up, the server has not answered yet
};

// A page in progress; it has at most one statement under way.
struct Request {
  Phase phase = Phase::free;
  std::uint16_t generation = 0;
  std::uint16_t attempt = 0;  // tells answers to earlier tries apart
  SessionId session;
  InstanceId instance;
  std::uint32_t page = 0;
  std::uint64_t number = 0;
  TimePoint clicked;

  std::uint32_t call = 0;  // within the page
  std::uint32_t step = 0;  // within the call
  std::int64_t call_round = 0;
  std::int64_t step_round = 0;
  std::uint32_t ordinal = 0;  // statements begun: the k of their draws

  TimePoint wanted;      // the page needs the statement
  TimePoint pooled;      // it asked for a connection
  TimePoint began;       // BEGIN of its transaction was wanted
  TimePoint wait_until;  // positioning
  Decision decision;
  NodeId node;
  bool connected = false;  // holds a connection to `node`
  bool failed = false;
  ErrorKind error = ErrorKind::timeout;
  bool lost = false;                         // TCP gave the statement or its answer up
  std::optional<ErrorKind> refused;          // the server has ended the transaction with this
  bool at_server = false;                    // the statement has arrived and is not answered
  TimePoint cancel_at = TimePoint::never();  // the server's statement_timeout
  Lsn snapshot;                              // while at the server: sees commits up to there
  std::uint32_t rows_locked = 0;             // of the statement
  LockId first_lock = no_lock;               // of the open transaction
  WaitId lock_wait = no_lock;
  std::uint32_t tables_held = 0;  // steps of the call, from its first, that share their table
  Lsn commit_end;
  std::uint64_t first_version = 0;
  std::uint32_t version_count = 0;
  SynchronousCommit commit_level = SynchronousCommit::on;
  SessionToken token;                  // request scope
  std::vector<std::uint64_t> written;  // rows of the open transaction
  Timer deadline;                      // serves the slot, whatever request is in it
};

// ---- the whole ------------------------------------------------------------------------------

struct World {
  std::shared_ptr<const Plan> plan;
  Scheduler scheduler;
  Network network;
  SlotPool<Mail> mail;
  SlotPool<Parked> parked;
  std::vector<Connect> connects;
  std::vector<std::uint32_t> free_connects;
  std::vector<Node> nodes;
  std::vector<TableLock> tables;      // nodes × data sets
  std::vector<Operation> operations;  // of the plan's faults; empty if none is one
  std::vector<DeadRows> dead_rows;    // by data set; empty if nothing ever vacuums
  std::vector<WalStream> streams;
  std::vector<Bulk> bulks;
  std::vector<Subscription> subscriptions;
  std::vector<Backup> backups;  // of this run, in the order in which they began
  WalLog wal;
  Checkpointer checkpointer;  // of the primary
  Autovacuum autovacuum;
  std::vector<DataPages> pages;  // by data set
  Ring<FlushMark> marks;
  Ring<Beat> beats;
  std::vector<LagAlert> lag_alerts;  // nodes × sources of time; none where nobody watches
  std::vector<Pool> pools;
  std::vector<Probe> probes;
  std::vector<Instance> instances;
  std::vector<Session> sessions;
  std::vector<User> users;
  std::vector<std::uint32_t> last_rows;  // users × data sets: the row written last
  std::vector<Request> requests;
  std::vector<std::uint32_t> free_requests;
  Truth truth;
  Measures measures;
  std::vector<CanaryWatch> canaries;  // by region label
  std::vector<AvailabilityWatch> availability;
  TimePoint measured_from;
  bool had_stops = false;                     // a server has stopped in this run
  std::uint64_t statements = 0;               // that reached a server
  SyncMethod sync_method = SyncMethod::none;  // synchronous_standby_names as it stands now
  std::uint32_t sync_count = 0;
  Lsn sync_since;                           // end of the log when it was set
  std::vector<SyncCandidate> sync_scratch;  // working memory of standby_confirmed

  TimePoint now() const { return scheduler.now(); }
  Node& node(NodeId id) { return nodes[id.value]; }
  const Node& node(NodeId id) const { return nodes[id.value]; }
};

}  // namespace longhaul
