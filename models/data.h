// The truth about rows: which version of a row is the last, who wrote it, who was told.
//
// Every commit adds one Version per row it wrote. A version can be forgotten once every copy of the
// database shows it, because from then on no read can miss it. So the store holds a window: the
// versions that some copy lacks. It grows with the backlog of the slowest replica, not with time or
// with the number of rows. What keeps copies of rows outside the database, a cache, names the
// version that it holds by its number; keep_for() then delays the forgetting for as long as it may
// hold one.
//
// Positions are of a log, and each version carries the log it was committed in. A snapshot of a
// replica is its replay position P: it lacks a version whose commit ends above P. A snapshot of the
// primary lacks the versions that still wait for synchronous standbys. Definitions
// of stale read, broken read-your-writes and broken monotonic reads stand in docs/metrics.md; each
// is decided here per row read, by walking the versions that the snapshot lacks, newest first.
//
// Logs fork when a standby is promoted: a log has what its parent has up to the fork. One branch of
// a shard survives, the one that was opened last unless survive() names another. A version that is
// not on it is lost, and nobody misses it: a read by its writer, who was told that it is done,
// counts as own_write_lost until the row is written again. Lost versions stay in lost() when they
// leave the window. Left out: readers on a branch that does not survive are not asked for its own
// versions once all of the surviving branch is shown.
#pragma once

#include <cstdint>
#include <map>
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
  bool asynchronous = false;    // synchronous_commit = off
  bool gone = false;            // its server crashed before it was on a disk
};

// A version that nobody lacks, for its branch has not survived.
struct LostVersion {
  std::uint64_t number = 0;
  Version version;
};

// Which commits a copy of the database shows.
struct Snapshot {
  LogId log;                // that the copy writes or follows
  Lsn position;             // it shows all commits of that log up to here,
  bool on_primary = false;  // or every visible one
  Lsn foreign = {};         // of the other log, if two primaries write the same rows
};

// What one row read of one user missed.
struct RowVerdict {
  bool stale = false;
  Duration staleness;  // sending minus acknowledgement of the oldest version missed
  bool own_write_missed = false;
  bool own_write_lost = false;
  bool went_back = false;  // older than this user's earlier read of the row
};

class Truth {
 public:
  // A commit writes a row. Returns the version's number; the numbers of one commit are consecutive.
  std::uint64_t write(std::uint64_t row, LogId log, Lsn commit_end, UserId writer,
                      bool asynchronous = false);

  // The primary shows the version to new snapshots.
  void show(std::uint64_t number, bool wait_cancelled = false);

  // A client got the acknowledgement.
  void acknowledge(std::uint64_t number, TimePoint at);

  // A user reads `row`, having sent the read at `sent`.
  RowVerdict read(std::uint64_t row, UserId user, TimePoint sent, const Snapshot& snapshot);

  // Number plus one of the version of `row` in such a snapshot; 0: an older one than all that are
  // known. Higher is newer: it stands for a version column of the row.
  std::uint64_t version_in(std::uint64_t row, const Snapshot& snapshot) const;

  // A user reads the version that version_in() named, from a copy outside the database.
  RowVerdict read_copy(std::uint64_t row, UserId user, TimePoint sent, std::uint64_t version);

  // Copies outside the database are used for no longer than this after they were read.
  void keep_for(Duration time) { kept_for_ = time; }

  // Every copy of the database shows all commits of `log` up to `position`: forgets them, now or
  // when no copy outside of it can be older. A version stays while an older one of another log
  // does.
  void forget_up_to(LogId log, Lsn position, TimePoint now);
  void note_shown(LogId log, Lsn position);  // the same in two steps, for several logs
  void forget(TimePoint now);

  // `log` forks off from `parent` at a position; from now on its branch survives.
  void fork(LogId log, LogId parent, Lsn at);

  // The branch up to the end of `log` survives: its writer is the shard's primary again.
  void survive(LogId log);

  // The writer of a log crashed: above `end` the log is gone, and what waited below will be seen.
  void lose_tail(LogId log, Lsn end);

  LogId survivor_of(LogId log) const;  // the end of that branch
  bool shows(const Snapshot& snapshot, const Version& version) const;
  bool survives(const Version& version) const;

  // Lost versions that have left the window, in the order of their numbers.
  const std::vector<LostVersion>& lost() const { return lost_; }

  // The number of the row's newest version in the window plus one; 0: none was ever written.
  std::uint64_t newest(std::uint64_t row) const {
    return rows_used_ == 0 ? 0 : rows_[slot_of(row)].last;
  }

  std::size_t window() const { return versions_.size(); }
  const Ring<Version>& versions() const { return versions_; }  // of the window

 private:
  // Row to its newest version. Slots of forgotten versions are dropped when the table is rebuilt.
  struct Slot {
    std::uint64_t row = 0;
    std::uint64_t last = 0;  // number of the newest version plus one; 0: the slot is free
  };

  // Where a log begins. Logs that never forked have no parent.
  struct Branch {
    LogId parent;
    Lsn fork;
    LogId survivor;  // of a first log: the end of the branch that survives
  };

  // A user has read a version. Dropped like slots.
  struct Seen {
    std::uint64_t last = 0;  // number of the version plus one; 0: the entry is free
    UserId user;
  };

  // Every database showed all versions before this number then.
  struct Settled {
    TimePoint at;
    std::uint64_t end = 0;
  };

  template <class Present>
  RowVerdict judge(std::uint64_t row, UserId user, TimePoint sent, Present present);

  Branch& branch(LogId log);
  Lsn shared_up_to(LogId a, LogId b) const;
  bool is_shown(const Version& version) const;  // by every database, or by none that counts
  void drop_first();
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
  std::uint64_t shown_end_ = 0;  // every database shows the versions before this number
  Duration kept_for_;
  Ring<Settled> settled_;         // not forgotten yet; empty while nothing is kept outside
  std::vector<Branch> branches_;  // by log; empty while no log has forked
  std::vector<LostVersion> lost_;
  std::map<std::uint64_t, std::size_t> lost_rows_;  // row to its last in lost_; written again: none
};

}  // namespace longhaul
