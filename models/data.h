// The truth about rows: which version of a row is the last, who wrote it, who was told.
//
// Every commit adds one Version per row it wrote. A version can be forgotten once every copy of the
// database shows it, because from then on no read can miss it. So the store holds a window: the
// versions that some copy lacks. It grows with the backlog of the slowest replica, not with time or
// with the number of rows.
//
// Positions are of a log, and each version carries the log it was committed in. A snapshot of a
// replica is its replay position P: it lacks a version whose commit ends above P. A snapshot of the
// primary lacks the versions that still wait for synchronous standbys. Definitions
// of stale read, broken read-your-writes and broken monotonic reads stand in docs/metrics.md; each
// is decided here per row read, by walking the versions that the snapshot lacks, newest first.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "models/ring.h"

namespace longhaul {

struct Version {
  std::uint64_t row = 0;  // over all data sets
  std::uint64_t previous =
      0;      // number of the row's version before, plus one; 0: none in the window
  Lsn end;    // end of the commit record
  LogId log;  // that it was committed in
  TimePoint acknowledged = TimePoint::never();
  UserId writer;
  bool visible = false;         // on the primary: after flush and synchronous wait
  bool wait_cancelled = false;  // that wait was cut short: synchronous standbys may lack it
};

// Which commits a copy of the database shows.
struct Snapshot {
  LogId log;                // that the copy writes or follows
  Lsn position;             // it shows all commits of that log up to here,
  bool on_primary = false;  // or every visible one

  bool shows(const Version& version) const {
    return version.log == log && (on_primary ? version.visible : version.end <= position);
  }
};

// What one row read of one user missed.
struct RowVerdict {
  bool stale = false;
  Duration staleness;  // sending minus acknowledgement of the oldest version missed
  bool own_write_missed = false;
  bool went_back = false;  // older than this user's earlier read of the row
};

class Truth {
 public:
  // A commit writes a row. Returns the version's number; the numbers of one commit are consecutive.
  std::uint64_t write(std::uint64_t row, LogId log, Lsn commit_end, UserId writer);

  // The primary shows the version to new snapshots.
  void show(std::uint64_t number, bool wait_cancelled = false);

  // A client got the acknowledgement.
  void acknowledge(std::uint64_t number, TimePoint at);

  // A user reads `row`, having sent the read at `sent`.
  RowVerdict read(std::uint64_t row, UserId user, TimePoint sent, const Snapshot& snapshot);

  // Every copy shows all commits of `log` up to `position`: forgets them. A version stays while an
  // older one of another log does.
  void forget_up_to(LogId log, Lsn position);

  std::size_t window() const { return versions_.size(); }
  const Ring<Version>& versions() const { return versions_; }  // of the window

 private:
  // Row to its newest version. Slots of forgotten versions are dropped when the table is rebuilt.
  struct Slot {
    std::uint64_t row = 0;
    std::uint64_t last = 0;  // number of the newest version plus one; 0: the slot is free
  };

  // A user has read a version. Dropped like slots.
  struct Seen {
    std::uint64_t last = 0;  // number of the version plus one; 0: the entry is free
    UserId user;
  };

  std::size_t slot_of(std::uint64_t row) const;
  std::size_t seen_slot_of(UserId user, std::uint64_t number) const;
  void rebuild_rows();
  void rebuild_seen();
  bool has_seen(UserId user, std::uint64_t number) const;
  void note_seen(UserId user, std::uint64_t number);

  Ring<Version> versions_;
  std::vector<Lsn> shown_;  // by log: what every copy shows
  std::vector<Slot> rows_;  // open addressing, a power of two, at most half full
  std::size_t rows_used_ = 0;
  std::vector<Seen> seen_;  // likewise
  std::size_t seen_used_ = 0;
};

}  // namespace longhaul
