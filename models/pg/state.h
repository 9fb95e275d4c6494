// What changes of a PostgreSQL server and of the streams between servers while a run lasts.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "models/host/station.h"
#include "models/lag.h"
#include "models/measures.h"
#include "models/net/network.h"
#include "models/net/tcp.h"
#include "models/pg/config.h"
#include "models/pg/lag_tracker.h"
#include "models/pg/row_locks.h"
#include "models/pg/wal.h"
#include "models/ring.h"
#include "sim/rng.h"
#include "sim/timers.h"

namespace longhaul {

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
  starting,  // recovers from a crash; refuses connections
  stopping,  // a fast shutdown: only walsenders are left
  stopped,   // no process; the host refuses connections
  vanished,  // nothing answers
};

// Node::consistent_from of a standby without data.
constexpr Lsn no_data{~std::uint64_t{0}};

constexpr std::uint32_t no_stream = ~std::uint32_t{0};

// Why a standby cannot stream from its upstream (models/pg/follow.h).
enum class Divergence : std::uint8_t {
  none,
  ahead_of_fork,   // it has log that the upstream's timeline never had
  older_upstream,  // the upstream is on an older timeline
};

// A fast shutdown (models/pg/shutdown.h).
enum class ShutdownPhase : std::uint8_t {
  none,
  checkpoint,  // dirty pages are written
  flush,       // of the checkpoint's record
  senders,     // walsenders wait for their standbys to confirm it
};

struct Shutdown {
  ShutdownPhase phase = ShutdownPhase::none;
  TimePoint began;
  Lsn end;  // of the checkpoint's record
};

// What the clocks of a host show beyond the time, clock_skew apart, and gain (models/pg/clocks.h).
struct ClockChange {
  TimePoint since;
  Duration wall;
  Duration monotonic;
  std::int64_t ppm = 0;
};

struct Node {
  GroupId group;  // the timeline that it writes or follows
  LogId log;      // of that group
  bool is_primary = false;
  Liveness liveness = Liveness::up;
  std::uint32_t outages = 0;              // faults in progress that keep it down
  std::uint32_t full_disks = 0;           // likewise: it does not start
  std::uint16_t incarnation = 0;          // stops so far; work of an earlier life comes to nothing
  std::uint32_t timeline = 1;             // of its group
  std::uint32_t newest_known = 1;         // highest number of a timeline that it has heard of
  TimePoint role_changed_at;              // since when it is a primary, or a standby
  TimePoint stopped_at;                   // the last time
  TimePoint vanished_at = TimePoint{-1};  // likewise, with its host; negative: never
  std::uint32_t stalls = 0;               // faults in progress that let its host stand still
  bool clean_shutdown = false;            // it stopped in order: nothing to redo
  bool read_only = false;                 // default_transaction_read_only
  Shutdown shutdown;                      // under way
  TimePoint catches_up_since = TimePoint::never();  // never: it does not
  Lsn catches_up_to;                                // no_data: not known yet
  TimePoint returned_at = TimePoint::never();       // after it was lost; never: it is not rejoining
  std::vector<ClockChange> clock_changes;           // by faults
  std::uint32_t connections = 0;
  Station<Job> cpu;
  std::uint64_t cold = 0;  // share of its pages, of 2^32; cold_cache.h
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
  NodeId upstream;                 // primary_conninfo; none: it has none
  std::uint32_t feed = no_stream;  // in World::streams, from there
  bool promoting = false;          // it replays what it has, then it is the primary
  Divergence diverged = Divergence::none;
  Lsn received;
  Lsn written;
  Lsn replayed;
  Replay replay;
  Timer status;
  Lsn consistent_from;             // by replay: before, its files do not fit together
  Lsn foreign;                     // what it shows of the other primary's log (models/pg/merge.h)
  std::uint64_t next_foreign = 0;  // a standby: first of its log's foreign marks that it lacks
  TimePoint feedback_due;          // hot_standby_feedback goes with the first reply from then on
};

struct WalRange {
  Lsn from;
  Lsn to;
};

// A walsender and the connection to its standby.
struct WalStream {
  NodeId upstream;
  NodeId standby;
  bool feeds = true;  // the standby's present one; else what is left of an earlier one
  LogId log;          // by which its lag is measured
  LogId granted;      // that it carries
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
  Ring<Lsn> messages;          // ends of the walsender's messages that have not arrived whole
  bool lingers = false;        // the walsender is gone; its kernel sends what the socket holds

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
  bool mutual = false;   // logical, and its subscriber is a primary with a log of its own:
  Lsn received;          // what it has of this one
  Lsn applied;

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

}  // namespace longhaul
