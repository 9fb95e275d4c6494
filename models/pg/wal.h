// The write-ahead log beyond its length: which commits and records of special meaning it holds up
// to which position, when they were written, and what it takes to replay them.
//
// Positions are bytes (Node::insert); this is the index to them. Records are counted as they are
// inserted; an entry closes a stretch of the log at a commit record or at a record that replay has
// to look at. Replaying from one position to another costs
//
//   records * replay_record_time + bytes / replay_rate + full-page images / replay_image_rate
//
// with the records of a stretch spread evenly over its bytes. Entries are kept while a standby has
// not replayed them: a backlog costs 48 bytes a commit. Page headers (0.3 % of the log) and the
// alignment of records to 8 bytes are left out.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/units.h"
#include "models/lag.h"
#include "models/ring.h"

namespace longhaul {

enum class WalKind : std::uint8_t {
  commit,   // a transaction's commit record; `at` is its timestamp; `about`: see unlocking()
  lock,     // ACCESS EXCLUSIVE on a table; `about` is the data set
  cleanup,  // dead rows are removed from the data set `about`
  other,    // closes a stretch and means nothing to replay
};

struct WalEntry {
  Lsn end;
  TimePoint at;
  std::uint64_t records = 0;  // in the whole log up to `end`
  Bytes images;               // likewise: bytes of full-page images
  WalKind kind = WalKind::other;
  std::uint32_t about = 0;  // what a record of special meaning is about
  Lsn horizon = {};         // of a cleanup: end of the last commit whose dead rows it removes
};

// Records about to be inserted.
struct WalRecords {
  Bytes size;  // all of them, images included
  std::int64_t count = 1;
  Bytes images = {};
};

// A heartbeat: the end of its commit, and the time in the row.
struct Beat {
  Lsn end;
  TimePoint at;
};

// Where the writer had applied so much of the other primary's log (models/pg/merge.h).
struct ForeignMark {
  Lsn end;
  Lsn position;
};

// A position of a log, with the work that lies before it.
struct ReplayPoint {
  Lsn at;
  std::uint64_t records = 0;
  Bytes images;
};

// The log of a group. A promotion's log begins as a copy of its parent's index up to the fork, so a
// standby that lies on both changes its log and nothing else.
struct WalLog {
  NodeId writer;              // while it writes, Node::insert is the log's end
  LogId parent;               // none: a shard's first
  Lsn fork;                   // up to where it is the parent's
  Lsn closed;                 // its end, once its writer has left it
  std::uint32_t streams = 0;  // that carry it
  bool merged = false;        // another primary writes the same rows
  std::uint64_t records = 0;  // inserted so far
  Bytes images;
  Ring<WalEntry> entries;  // none if nothing carries the log
  Ring<FlushMark> marks;
  Ring<Beat> beats;
  Ring<ForeignMark> foreign;  // that some standby does not show
};

// What a commit is about: the table whose ACCESS EXCLUSIVE lock it ends; 0 for every other commit.
inline std::uint32_t unlocking(DataSetId set) { return set.value + 1; }
inline DataSetId unlocked_by(const WalEntry& commit) { return {commit.about - 1}; }

struct World;

// The log's end, and how much of it its writer has flushed.
Lsn end_of_log(const World& world, LogId log);
Lsn flushed_end(const World& world, LogId log);

// A primary stops to write its log, and will follow another.
void leave_log(World& world, NodeId primary);

// The primary inserts records of rows written; they are on no disk yet.
void insert_wal(World& world, NodeId primary, const WalRecords& records);

// The same for records that by themselves call for no checkpoint.
void append_wal(World& world, NodeId primary, const WalRecords& records);

// Inserts records and closes the stretch with an entry.
void insert_entry(World& world, NodeId primary, const WalRecords& records, WalKind kind,
                  std::uint32_t about = 0);

// The work behind position `to` of a log, which lies in the stretch that `entry` closes, or behind
// the last entry; `from` is a point in the same stretch.
ReplayPoint point_at(const World& world, LogId log, const ReplayPoint& from, std::uint64_t entry,
                     Lsn to);

// How much of a record lies before a position, its rest behind: replay stops where it begins. 0
// where the stretch's beginning is forgotten.
Bytes torn_record(const World& world, LogId log, Lsn at);

// Forgets the entries that every standby has replayed.
void forget_replayed_wal(World& world, LogId log);

}  // namespace longhaul
