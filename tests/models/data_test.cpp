#include "models/data.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/digest.h"
#include "sim/rng.h"
#include "tests/catch.h"

namespace longhaul {

namespace {

constexpr UserId ann{1};
constexpr UserId bob{2};

constexpr LogId only_log{0};

Snapshot replica(Lsn position) { return {only_log, position}; }
const Snapshot primary{only_log, {}, true};

TimePoint at(std::int64_t s) { return TimePoint{} + seconds(s); }

// Remembers everything and searches all of it.
struct Reference {
  struct Entry {
    std::uint64_t row = 0;
    Lsn end;
    UserId writer;
    TimePoint acknowledged = TimePoint::never();
    bool visible = false;
    std::vector<UserId> readers;
  };
  std::vector<Entry> entries;

  RowVerdict read(std::uint64_t row, UserId user, TimePoint sent, bool on_primary, Lsn position) {
    const auto shows = [&](const Entry& e) { return on_primary ? e.visible : e.end <= position; };
    // What the snapshot returns: the last version of the row that it shows, if any.
    std::size_t returned = entries.size();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].row == row && shows(entries[i])) returned = i;
    }
    RowVerdict verdict;
    TimePoint oldest = TimePoint::never();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const Entry& e = entries[i];
      const bool missed = e.row == row && (returned == entries.size() || i > returned);
      if (!missed) continue;
      if (e.acknowledged <= sent) {
        oldest = std::min(oldest, e.acknowledged);
        if (e.writer == user) verdict.own_write_missed = true;
      }
      if (std::count(e.readers.begin(), e.readers.end(), user) > 0) verdict.went_back = true;
    }
    verdict.stale = oldest != TimePoint::never();
    if (verdict.stale) verdict.staleness = sent - oldest;
    if (returned != entries.size()) entries[returned].readers.push_back(user);
    return verdict;
  }
};

// A primary and three replicas with random progress. Versions become visible in the order of their
// commits; acknowledgements come later in any order, or never.
class History {
 public:
  History(std::uint64_t seed, std::uint64_t rows_max, std::uint64_t users_max) : random_{{seed}} {
    rows_ = 1 + random_.bits() % rows_max;
    users_ = 1 + random_.bits() % users_max;
  }

  void step() {
    now_ = now_ + nanoseconds(static_cast<std::int64_t>(random_.bits() % 5));
    switch (random_.bits() % 8) {
      case 0:
        return commit();
      case 1:
        return show_more();
      case 2:
        return acknowledge_some();
      case 3:
        return replay_more();
      case 4:
        return forget();
      default:
        return read();
    }
  }

  // Everybody has everything.
  void settle() {
    while (shown_ < reference.entries.size()) show_more();
    for (Lsn& replayed : replayed_) replayed = end_;
    forget();
  }

  Truth truth;
  Reference reference;
  int stale = 0, own = 0, back = 0;

 private:
  UserId user() { return {static_cast<std::uint32_t>(random_.bits() % users_)}; }

  void commit() {
    end_ = end_ + Bytes{static_cast<std::int64_t>(1 + random_.bits() % 100)};
    const UserId writer = user();
    for (std::uint64_t left = 1 + random_.bits() % 3; left > 0; --left) {
      const std::uint64_t row = random_.bits() % rows_;
      REQUIRE(truth.write(row, only_log, end_, writer) == reference.entries.size());
      reference.entries.push_back({row, end_, writer, TimePoint::never(), false, {}});
    }
  }

  void show_more() {
    if (shown_ == reference.entries.size()) return;
    const Lsn end = reference.entries[shown_].end;  // all rows of a commit at once
    while (shown_ < reference.entries.size() && reference.entries[shown_].end == end) {
      truth.show(shown_);
      reference.entries[shown_++].visible = true;
    }
  }

  void acknowledge_some() {
    if (shown_ == 0) return;
    const std::uint64_t number = random_.bits() % shown_;
    if (reference.entries[number].acknowledged != TimePoint::never()) return;
    truth.acknowledge(number, now_);
    reference.entries[number].acknowledged = now_;
  }

  void replay_more() {
    Lsn& replayed = replayed_[random_.bits() % 3];
    replayed.value += random_.bits() % (end_.value - replayed.value + 1);
  }

  void forget() { truth.forget_up_to(only_log, *std::min_element(replayed_, replayed_ + 3), {}); }

  void read() {
    const std::uint64_t row = random_.bits() % rows_;
    const UserId reader = user();
    const TimePoint sent = now_ - nanoseconds(static_cast<std::int64_t>(random_.bits() % 8));
    const std::uint64_t where = random_.bits() % 4;
    const bool on_primary = where == 3;
    const Lsn position = on_primary ? end_ : replayed_[where];
    const RowVerdict expected = reference.read(row, reader, sent, on_primary, position);
    const RowVerdict verdict = truth.read(row, reader, sent, {only_log, position, on_primary});
    REQUIRE(verdict.stale == expected.stale);
    REQUIRE(verdict.staleness == expected.staleness);
    REQUIRE(verdict.own_write_missed == expected.own_write_missed);
    REQUIRE(verdict.went_back == expected.went_back);
    stale += verdict.stale;
    own += verdict.own_write_missed;
    back += verdict.went_back;
  }

  RandomStream random_;
  std::uint64_t rows_, users_;
  TimePoint now_{1'000};
  Lsn end_{1};
  Lsn replayed_[3] = {{1}, {1}, {1}};
  std::uint64_t shown_ = 0;
};

}  // namespace

TEST_CASE("truth: stale: from the acknowledgement on, and only for who lacks the version",
          "[models][truth]") {
  Truth truth;
  const std::uint64_t number = truth.write(7, only_log, {100}, ann);
  truth.show(number);
  // Not acknowledged: nobody can expect it.
  REQUIRE_FALSE(truth.read(7, bob, at(9), replica({99})).stale);
  truth.acknowledge(number, at(10));
  // Sent before the acknowledgement; at that instant; 5 s later.
  REQUIRE_FALSE(truth.read(7, bob, at(9), replica({99})).stale);
  REQUIRE(truth.read(7, bob, at(10), replica({99})).stale);
  REQUIRE(truth.read(7, bob, at(15), replica({99})).staleness == seconds(5));
  // A replica that replayed the commit, the primary, and another row.
  REQUIRE_FALSE(truth.read(7, bob, at(15), replica({100})).stale);
  REQUIRE_FALSE(truth.read(7, bob, at(15), primary).stale);
  REQUIRE_FALSE(truth.read(8, bob, at(15), replica({99})).stale);
}

TEST_CASE("truth: staleness: counts from the oldest version missed", "[models][truth]") {
  // Row 7 is written at 100, 200 and 300, acknowledged at 10, 12 and 11 s.
  Truth truth;
  for (const std::uint64_t end : {100, 200, 300}) truth.show(truth.write(7, only_log, {end}, ann));
  truth.acknowledge(0, at(10));
  truth.acknowledge(1, at(12));
  truth.acknowledge(2, at(11));
  REQUIRE(truth.read(7, bob, at(20), replica({50})).staleness == seconds(10));  // from 10 s
  REQUIRE(truth.read(7, bob, at(20), replica({100})).staleness == seconds(9));  // from 11 s
  REQUIRE(truth.read(7, bob, at(20), replica({200})).staleness == seconds(9));  // from 11 s
  REQUIRE(truth.read(7, bob, at(20), replica({300})).staleness == Duration{});
}

TEST_CASE("truth: own_write_missed: only the writer's own, once acknowledged", "[models][truth]") {
  Truth truth;
  truth.show(truth.write(7, only_log, {100}, ann));
  REQUIRE_FALSE(truth.read(7, ann, at(10), replica({0})).own_write_missed);
  truth.acknowledge(0, at(11));
  REQUIRE(truth.read(7, ann, at(12), replica({0})).own_write_missed);
  REQUIRE_FALSE(truth.read(7, bob, at(12), replica({0})).own_write_missed);
  REQUIRE_FALSE(truth.read(7, ann, at(12), replica({100})).own_write_missed);
}

TEST_CASE("truth: went_back: older than what this user read before, acknowledged or not",
          "[models][truth]") {
  Truth truth;
  truth.show(truth.write(7, only_log, {100}, ann));
  REQUIRE_FALSE(truth.read(7, bob, at(1), replica({0})).went_back);
  REQUIRE_FALSE(truth.read(7, bob, at(2), replica({100})).went_back);  // sees it
  REQUIRE(truth.read(7, bob, at(3), replica({99})).went_back);         // and does not any more
  REQUIRE_FALSE(truth.read(7, bob, at(3), replica({99})).stale);       // never acknowledged
  REQUIRE_FALSE(truth.read(7, ann, at(3), replica({99})).went_back);   // never saw it
}

TEST_CASE("truth: primary: a version that waits for a synchronous standby is not shown",
          "[models][truth]") {
  Truth truth;
  const std::uint64_t number = truth.write(7, only_log, {100}, ann);
  truth.read(7, bob, at(1), replica({100}));  // a replica shows it at once
  REQUIRE(truth.read(7, bob, at(2), primary).went_back);
  // Every replica has it, the primary does not show it: it stays in the window.
  truth.forget_up_to(only_log, {100}, {});
  REQUIRE(truth.window() == 1);
  truth.show(number);
  REQUIRE_FALSE(truth.read(7, bob, at(3), primary).went_back);
  truth.forget_up_to(only_log, {100}, {});
  REQUIRE(truth.window() == 0);
  truth.acknowledge(number, at(4));  // late, of a version that is gone: no effect
  REQUIRE_FALSE(truth.read(7, bob, at(5), replica({100})).stale);
}

TEST_CASE("truth: fork: what lies above it on the parent is lost, and nobody misses it",
          "[models][truth]") {
  // Row 7 at 100 and 200 of log 0; log 1 forks off at 150.
  Truth truth;
  for (const std::uint64_t end : {100, 200}) truth.show(truth.write(7, only_log, {end}, ann));
  truth.acknowledge(0, at(1));
  truth.acknowledge(1, at(2));
  const LogId branch{1};
  truth.fork(branch, only_log, {150});
  const Snapshot promoted{branch, {}, true};
  REQUIRE(truth.survives(truth.versions().at(0)));
  REQUIRE_FALSE(truth.survives(truth.versions().at(1)));
  REQUIRE(truth.shows(promoted, truth.versions().at(0)));
  REQUIRE_FALSE(truth.shows(promoted, truth.versions().at(1)));
  // Ann's write of 200 is lost: not stale, not missed, but hers and gone. Bob has lost nothing.
  const RowVerdict hers = truth.read(7, ann, at(5), promoted);
  REQUIRE_FALSE(hers.stale);
  REQUIRE_FALSE(hers.own_write_missed);
  REQUIRE(hers.own_write_lost);
  REQUIRE_FALSE(truth.read(7, bob, at(5), promoted).own_write_lost);
  // On the old primary it is there; a replica of the branch below 100 is stale as ever.
  REQUIRE_FALSE(truth.read(7, ann, at(5), primary).own_write_lost);
  REQUIRE(truth.read(7, bob, at(5), {branch, {90}}).stale);
  // It leaves the window and stays known, until the row is written again.
  truth.note_shown(only_log, {150});
  truth.forget({});
  REQUIRE(truth.window() == 0);
  REQUIRE(truth.lost().size() == 1);
  REQUIRE(truth.lost()[0].number == 1);
  REQUIRE(truth.read(7, ann, at(5), promoted).own_write_lost);
  REQUIRE_FALSE(truth.read(7, ann, at(5), primary).own_write_lost);
  const std::uint64_t later = truth.write(7, branch, {180}, bob);
  truth.show(later);
  truth.acknowledge(later, at(6));
  REQUIRE_FALSE(truth.read(7, ann, at(7), promoted).own_write_lost);
  // Who reads on the old branch misses it.
  REQUIRE(truth.read(7, ann, at(7), primary).stale);
  // The old primary takes the shard back: its own write survives, the other one does not.
  truth.survive(only_log);
  REQUIRE(truth.survives(truth.lost()[0].version));
  REQUIRE_FALSE(truth.survives(truth.versions().at(later)));
}

TEST_CASE("truth: lose_tail: what no disk had is gone, what waited below is seen",
          "[models][truth]") {
  Truth truth;
  const std::uint64_t kept = truth.write(7, only_log, {100}, ann);  // waits for a standby
  const std::uint64_t gone = truth.write(7, only_log, {200}, ann, true);
  truth.show(gone);
  truth.acknowledge(gone, at(1));
  truth.lose_tail(only_log, {150});
  REQUIRE(truth.versions().at(kept).visible);
  REQUIRE_FALSE(truth.survives(truth.versions().at(gone)));
  REQUIRE_FALSE(truth.shows(primary, truth.versions().at(gone)));
  REQUIRE(truth.read(7, ann, at(2), primary).own_write_lost);
  // The log goes on where the disk has it: the same positions mean something else now.
  truth.show(truth.write(8, only_log, {180}, bob));
  truth.forget_up_to(only_log, {180}, {});
  REQUIRE(truth.window() == 0);
  REQUIRE(truth.lost().size() == 1);
}

TEST_CASE("truth: random histories: verdicts equal those of a search through everything",
          "[models][truth]") {
  int stale = 0, own = 0, back = 0;
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    // One of thirty is long, with so many rows and users that the tables are built anew.
    const bool large = seed % 30 == 0;
    History history(seed, large ? 80 : 6, large ? 40 : 4);
    for (int i = large ? 3'000 : 120; i > 0; --i) history.step();
    stale += history.stale;
    own += history.own;
    back += history.back;
    history.settle();
    REQUIRE(history.truth.window() == 0);
  }
  // The comparison means something only if all of them happen.
  REQUIRE(stale > 10'000);
  REQUIRE(own > 10'000);
  REQUIRE(back > 10'000);
}

TEST_CASE("truth: window: as large as the backlog, however many writes there were",
          "[models][truth]") {
  // Each commit writes one row and ends 10 bytes after the one before; the slowest copy is 1'000
  // commits behind. So after each step at most 1'000 versions are left.
  constexpr std::uint64_t backlog = 1'000;
  Truth truth;
  bool bounded = true;
  int stale = 0;
  for (std::uint64_t n = 0; n < 1'000'000; ++n) {
    const std::uint64_t number = truth.write(mix64(n) % 50'000, only_log, {(n + 1) * 10}, ann);
    truth.show(number);
    truth.acknowledge(number, {static_cast<std::int64_t>(n)});
    if (n < backlog) continue;
    truth.forget_up_to(only_log, {(n + 1 - backlog) * 10}, {});
    bounded = bounded && truth.window() == backlog;
    // A row written 500 commits ago is missed by the slowest and shown by the primary.
    if (n % 1'000 != 0) continue;
    const TimePoint now{static_cast<std::int64_t>(n)};
    const std::uint64_t row = mix64(n - 500) % 50'000;
    stale += truth.read(row, bob, now, replica({(n + 1 - backlog) * 10})).stale;
    REQUIRE_FALSE(truth.read(row, bob, now, primary).stale);
  }
  REQUIRE(bounded);
  REQUIRE(stale == 999);  // at n = 1'000, 2'000, ..., 999'000
}

}  // namespace longhaul
