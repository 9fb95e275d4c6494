#include "models/data.h"

#include <algorithm>

#include "base/digest.h"

namespace longhaul {
namespace {

constexpr std::size_t smallest_table = 64;

std::size_t table_size_for(std::size_t entries) {
  std::size_t size = smallest_table;
  while (size < entries * 4) size *= 2;
  return size;
}

}  // namespace

std::size_t Truth::slot_of(std::uint64_t row) const {
  const std::size_t mask = rows_.size() - 1;
  std::size_t slot = static_cast<std::size_t>(mix64(row + 1)) & mask;
  while (rows_[slot].last != 0 && rows_[slot].row != row) slot = (slot + 1) & mask;
  return slot;
}

std::size_t Truth::seen_slot_of(UserId user, std::uint64_t number) const {
  const std::size_t mask = seen_.size() - 1;
  std::size_t slot = static_cast<std::size_t>(mix64(number * 0x9e3779b97f4a7c15ULL + user.value));
  slot &= mask;
  while (seen_[slot].last != 0 && (seen_[slot].last != number + 1 || seen_[slot].user != user)) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

void Truth::rebuild_rows() {
  std::vector<Slot> old = std::move(rows_);
  const auto alive = [this](const Slot& slot) { return slot.last > versions_.first(); };
  rows_used_ = static_cast<std::size_t>(std::count_if(old.begin(), old.end(), alive));
  rows_.assign(table_size_for(rows_used_ + 1), Slot{});
  for (const Slot& slot : old) {
    if (alive(slot)) rows_[slot_of(slot.row)] = slot;
  }
}

void Truth::rebuild_seen() {
  std::vector<Seen> old = std::move(seen_);
  const auto alive = [this](const Seen& entry) { return entry.last > versions_.first(); };
  seen_used_ = static_cast<std::size_t>(std::count_if(old.begin(), old.end(), alive));
  seen_.assign(table_size_for(seen_used_ + 1), Seen{});
  for (const Seen& entry : old) {
    if (alive(entry)) seen_[seen_slot_of(entry.user, entry.last - 1)] = entry;
  }
}

bool Truth::has_seen(UserId user, std::uint64_t number) const {
  if (seen_used_ == 0) return false;
  return seen_[seen_slot_of(user, number)].last != 0;
}

void Truth::note_seen(UserId user, std::uint64_t number) {
  if (seen_used_ * 2 >= seen_.size()) rebuild_seen();
  Seen& entry = seen_[seen_slot_of(user, number)];
  if (entry.last == 0) seen_used_ += 1;
  entry = {number + 1, user};
}

Truth::Branch& Truth::branch(LogId log) {
  if (branches_.size() <= log.value) branches_.resize(log.value + 1);
  return branches_[log.value];
}

LogId Truth::survivor_of(LogId log) const {
  while (log.value < branches_.size() && branches_[log.value].parent.valid()) {
    log = branches_[log.value].parent;
  }
  const bool forked = log.value < branches_.size() && branches_[log.value].survivor.valid();
  return forked ? branches_[log.value].survivor : log;
}

// Up to where two logs are the same.
Lsn Truth::shared_up_to(LogId a, LogId b) const {
  Lsn limit{~std::uint64_t{0}};
  while (a != b) {  // a log comes after its parent
    LogId& later = a > b ? a : b;
    if (later.value >= branches_.size() || !branches_[later.value].parent.valid()) return {};
    limit = std::min(limit, branches_[later.value].fork);
    later = branches_[later.value].parent;
  }
  return limit;
}

void Truth::fork(LogId log, LogId parent, Lsn at) {
  branch(log) = {parent, at, {}};
  survive(log);
}

void Truth::survive(LogId log) {
  LogId first = log;
  while (branch(first).parent.valid()) first = branch(first).parent;
  branch(first).survivor = log;
}

bool Truth::survives(const Version& version) const {
  if (version.gone) return false;
  if (branches_.empty()) return true;
  return version.end <= shared_up_to(survivor_of(version.log), version.log);
}

bool Truth::shows(const Snapshot& snapshot, const Version& version) const {
  if (version.gone) return false;
  if (version.log == snapshot.log) {
    return snapshot.on_primary ? version.visible : version.end <= snapshot.position;
  }
  const Lsn shared = branches_.empty() ? Lsn{} : shared_up_to(snapshot.log, version.log);
  if (shared == Lsn{}) return version.end <= snapshot.foreign;
  return version.end <= (snapshot.on_primary ? shared : std::min(shared, snapshot.position));
}

void Truth::lose_tail(LogId log, Lsn end) {
  for (std::uint64_t n = versions_.first(); n != versions_.end(); ++n) {
    Version& version = versions_.at(n);
    if (version.log != log) continue;
    version.gone |= version.end > end;
    version.visible |= version.end <= end;
  }
}

std::uint64_t Truth::write(std::uint64_t row, LogId log, Lsn commit_end, UserId writer,
                           bool asynchronous) {
  CHECK(versions_.empty() || versions_.back().log != log || versions_.back().gone ||
        versions_.back().end <= commit_end);
  if (!lost_rows_.empty() && survivor_of(log) == log) lost_rows_.erase(row);
  if (rows_used_ * 2 >= rows_.size()) rebuild_rows();
  Slot& slot = rows_[slot_of(row)];
  if (slot.last == 0) rows_used_ += 1;
  const std::uint64_t number = versions_.push_back({.row = row,
                                                    .previous = slot.last,
                                                    .end = commit_end,
                                                    .log = log,
                                                    .writer = writer,
                                                    .asynchronous = asynchronous});
  slot = {row, number + 1};
  return number;
}

void Truth::show(std::uint64_t number, bool wait_cancelled) {
  if (number < versions_.first()) return;  // on a branch that does not survive
  versions_.at(number).visible = true;
  versions_.at(number).wait_cancelled = wait_cancelled;
}

void Truth::acknowledge(std::uint64_t number, TimePoint at) {
  if (number >= versions_.first()) {
    versions_.at(number).acknowledged = at;
    return;
  }
  const auto lost = std::lower_bound(
      lost_.begin(), lost_.end(), number,
      [](const LostVersion& entry, std::uint64_t wanted) { return entry.number < wanted; });
  if (lost != lost_.end() && lost->number == number) lost->version.acknowledged = at;
}

template <class Present>
RowVerdict Truth::judge(std::uint64_t row, UserId user, TimePoint sent, Present present) {
  RowVerdict verdict;
  if (rows_used_ == 0) return verdict;
  std::uint64_t link = rows_[slot_of(row)].last;
  const auto lacks_lost = [&](const Version& version) {
    if (version.writer == user && version.acknowledged <= sent) verdict.own_write_lost = true;
  };
  bool found = false;
  for (; link > versions_.first(); link = versions_.at(link - 1).previous) {
    const Version& version = versions_.at(link - 1);
    found = present(version, link);
    if (found) {
      note_seen(user, link - 1);
      break;
    }
    if (!survives(version)) {
      lacks_lost(version);
      continue;
    }
    if (version.acknowledged <= sent) {
      verdict.stale = true;
      verdict.staleness = std::max(verdict.staleness, sent - version.acknowledged);
      if (version.writer == user) verdict.own_write_missed = true;
    }
    if (has_seen(user, link - 1)) verdict.went_back = true;
  }
  if (found || lost_rows_.empty()) return verdict;
  if (const auto lost = lost_rows_.find(row); lost != lost_rows_.end()) {
    const LostVersion& last = lost_[lost->second];
    const bool is_lost = !survives(last.version) && !present(last.version, last.number + 1);
    if (is_lost) lacks_lost(last.version);
  }
  return verdict;
}

RowVerdict Truth::read(std::uint64_t row, UserId user, TimePoint sent, const Snapshot& snapshot) {
  return judge(row, user, sent, [this, &snapshot](const Version& version, std::uint64_t) {
    return shows(snapshot, version);
  });
}

RowVerdict Truth::read_copy(std::uint64_t row, UserId user, TimePoint sent, std::uint64_t version) {
  return judge(row, user, sent,
               [version](const Version&, std::uint64_t link) { return link <= version; });
}

std::uint64_t Truth::version_in(std::uint64_t row, const Snapshot& snapshot) const {
  if (rows_used_ == 0) return 0;
  std::uint64_t link = rows_[slot_of(row)].last;
  while (link > versions_.first()) {
    const Version& version = versions_.at(link - 1);
    if (shows(snapshot, version)) return link;
    link = version.previous;
  }
  return 0;
}

bool Truth::is_shown(const Version& version) const {
  if (!survives(version)) return true;
  if (version.log.value >= shown_.size() || version.end > shown_[version.log.value]) return false;
  return version.visible || survivor_of(version.log) != version.log;
}

void Truth::drop_first() {
  if (const Version& version = versions_.front(); !survives(version)) {
    lost_rows_[version.row] = lost_.size();
    lost_.push_back({versions_.first(), version});
  }
  versions_.pop_front();
}

void Truth::forget_up_to(LogId log, Lsn position, TimePoint now) {
  note_shown(log, position);
  forget(now);
}

void Truth::note_shown(LogId log, Lsn position) {
  if (shown_.size() <= log.value) shown_.resize(log.value + 1);
  shown_[log.value] = position;
}

void Truth::forget(TimePoint now) {
  while (shown_end_ < versions_.end() && is_shown(versions_.at(shown_end_))) ++shown_end_;
  std::uint64_t end = shown_end_;
  if (kept_for_ > Duration{}) {
    // A mark in each 64th of the time bounds them; what falls between is forgotten a little later.
    if (settled_.empty() || (now - settled_.back().at) * 64 >= kept_for_) {
      settled_.push_back({now, shown_end_});
    }
    end = versions_.first();
    while (!settled_.empty() && now - settled_.front().at >= kept_for_) {
      end = settled_.pop_front().end;
    }
  }
  while (versions_.first() < end) drop_first();
}

}  // namespace longhaul
