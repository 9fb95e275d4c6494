// What the pollers of an experiment see of a simulated world: the same that those of the measured
// experiments saw of PostgreSQL, at the same pace.
//
// A reading is one row of the positions' poller (pg_stat_replication on the primary, the receive
// and replay position on one replica). Beside it a poller looks every 0.5 ms for what is visible,
// and each page that its user gets is noted with the end of its commit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/cluster.h"
#include "run/scenario.h"

namespace longhaul::groundtruth {

struct Reading {
  TimePoint at;
  Lsn written;            // pg_current_wal_lsn(): what the disk has, not what is in memory
  Lsn inserted;           // pg_current_wal_insert_lsn()
  Lsn received;           // pg_last_wal_receive_lsn()
  Lsn replayed;           // pg_last_wal_replay_lsn()
  TimePoint last_commit;  // pg_last_xact_replay_timestamp(); never: NULL
  std::optional<Duration> write_lag;
  std::optional<Duration> flush_lag;
  std::optional<Duration> replay_lag;

  Bytes receive_lag() const { return written - received; }
  Bytes replay_behind() const { return written - replayed; }
};

// The fine poller found something new.
struct Step {
  TimePoint at;
  Lsn received;
  Lsn replayed;
  Lsn visible;  // on the primary, to other sessions
};

// A user has a page.
struct Answer {
  std::uint32_t population = 0;
  TimePoint clicked;
  TimePoint at;
  Lsn commit_end;  // zero: it wrote nothing
  bool failed = false;

  Duration latency() const { return at - clicked; }
};

struct Recording {
  std::vector<Reading> readings;
  std::vector<Step> steps;
  std::vector<Answer> answers;
  Duration backup_took;  // the one base backup; zero: none was done
  Bytes backup_left;     // its files and its log in whole segments

  // The positions at an instant, to the fine poller's precision.
  const Step& at(TimePoint when) const;
};

struct Pace {
  Duration reading = milliseconds(200);
  Duration fine = microseconds(500);
};

// Runs the scenario's first seed to its end and watches the primary and `replica`. An empty name:
// there is none.
Recording record(const Scenario& scenario, const std::string& replica, Pace pace = {});

}  // namespace longhaul::groundtruth
