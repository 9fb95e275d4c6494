#include "models/checks.h"

#include <algorithm>

#include "models/app/pages.h"
#include "models/app/pools.h"

namespace longhaul {
namespace {

template <class... Values>
std::string complaint(const std::string& rule, Values... values) {
  std::string text = rule + ":";
  ((text += " " + std::to_string(values)), ...);
  return text;
}

std::uint64_t lsn(Lsn position) { return position.value; }

// A subscriber that is a primary itself.
std::string mutual_positions(const World& world, const WalStream& stream) {
  const std::uint32_t who = stream.standby.value;
  if (stream.applied > stream.received || stream.received > stream.sent) {
    return complaint("applied <= received <= sent", who, lsn(stream.applied), lsn(stream.received));
  }
  if (stream.sent > world.node(stream.upstream).flushed) {
    return complaint("sent <= upstream's flushed", who, lsn(stream.sent));
  }
  if (stream.write_known > stream.received || stream.apply_known > stream.applied) {
    return complaint("positions known <= true", who);
  }
  return {};
}

// A row has at most one current version on a primary.
std::string merged(const World& world) {
  const Ring<Version>& versions = world.truth.versions();
  const Ring<MergedVersion>& merged = world.merge.versions;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> current;
  for (std::uint64_t n = merged.first(); n != merged.end(); ++n) {
    if (merged.at(n).current_at == 0) continue;
    for (const auto& [row, where] : current) {
      if (row == versions.at(n).row && (where & merged.at(n).current_at) != 0) {
        return complaint("a row has one current version on a primary", n, row);
      }
    }
    current.emplace_back(versions.at(n).row, merged.at(n).current_at);
  }
  return {};
}

std::string positions(const World& world) {
  const bool has_moved = world.groups.size() > world.plan->groups.size() ||
                         std::any_of(world.streams.begin(), world.streams.end(),
                                     [](const WalStream& stream) { return !stream.feeds; });
  for (const WalStream& stream : world.streams) {
    const Node& up = world.node(stream.upstream);
    const Node& down = world.node(stream.standby);
    const std::uint32_t who = stream.standby.value;
    if (stream.mutual) {
      if (std::string broken = mutual_positions(world, stream); !broken.empty()) return broken;
      continue;
    }
    if (!stream.feeds) continue;  // what is left of it belongs to nobody
    if (stream.logical && down.consistent_from == no_data) continue;  // its tables are being copied
    if (down.replayed > down.flushed) {
      return complaint("replayed <= flushed", who, lsn(down.replayed), lsn(down.flushed));
    }
    if (down.flushed > down.written || down.flush_target > down.written) {
      return complaint("flushed <= written", who, lsn(down.flushed), lsn(down.written));
    }
    if (down.written > down.received) {
      return complaint("written <= received", who, lsn(down.written), lsn(down.received));
    }
    const bool follows = down.log == stream.granted && up.log == stream.granted;
    const bool on_its_own = has_moved || !down.upstream.valid();
    const Lsn flushed = on_its_own ? flushed_end(world, down.log) : up.flushed;
    if (stream.logical && world.had_stops) continue;  // a subscriber keeps what its publisher lost
    if (down.received > flushed) {
      return complaint("received <= upstream's flushed", who, lsn(down.received), lsn(flushed));
    }
    if (!follows || !stream.has_sender) continue;
    if (stream.sent > up.flushed) {
      return complaint("sent <= upstream's flushed", who, lsn(stream.sent), lsn(up.flushed));
    }
    if (stream.transmitted > stream.sent) {
      return complaint("transmitted <= sent", who, lsn(stream.transmitted), lsn(stream.sent));
    }
    // A host that was lost has forgotten what its kernel had acknowledged and not flushed.
    const bool remembers = !world.had_stops;
    if (stream.acked > stream.transmitted || (remembers && stream.acked > stream.arrived)) {
      return complaint("acked <= transmitted and arrived", who, lsn(stream.acked),
                       lsn(stream.transmitted), lsn(stream.arrived));
    }
    if ((remembers && stream.write_known > down.written) || stream.flush_known > down.flushed ||
        stream.apply_known > down.replayed) {
      return complaint("positions known <= true", who);
    }
    for (const StageLag& lag : stream.lag) {
      if (lag.lag(world.now()) < Duration{}) return complaint("lag >= 0", who);
    }
  }
  for (const Node& primary : world.nodes) {
    if (!primary.is_primary) continue;
    if (primary.flushed > primary.insert || primary.flush_target > primary.insert) {
      return complaint("primary's flushed <= insert", lsn(primary.flushed), lsn(primary.insert));
    }
  }
  return {};
}

std::string processors(const World& world) {
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    const Station<Job>& cpu = world.nodes[i].cpu;
    if (cpu.busy() > cpu.servers()) return complaint("busy <= processors", i, cpu.busy());
    if (cpu.waiting() > 0 && cpu.busy() < cpu.servers()) {
      return complaint("nobody waits beside a free processor", i, cpu.waiting(), cpu.busy());
    }
  }
  return {};
}

std::string pools(const World& world) {
  std::vector<std::uint32_t> in_use(world.pools.size());
  std::vector<std::uint32_t> at_least(world.nodes.size());
  for (const Request& request : world.requests) {
    if (request.phase == Phase::free) continue;
    if (request.phase == Phase::abandoned) at_least[request.node.value] += 1;
    if (!request.connected) continue;
    if (request.seeks_primary) at_least[request.node.value] += 1;
    in_use[pool_number(world, request)] += 1;
  }
  std::vector<std::uint32_t> awaited(world.pools.size());
  std::vector<std::uint32_t> attempts(world.nodes.size());
  for (const Connect& attempt : world.connects) {
    if (!attempt.node.valid()) continue;
    attempts[attempt.node.value] += 1;
    if (!attempt.waited_for) continue;
    awaited[pool_number(world, attempt)] += 1;
  }
  for (const std::uint32_t slot : world.free_connects) {
    if (world.connects[slot].node.valid()) attempts[world.connects[slot].node.value] -= 1;
  }
  std::vector<std::uint32_t> checked(world.pools.size());
  for (const ServerCheck& check : world.server_checks.slots) {
    if (!check.awaited) continue;
    checked[check.pool] += 1;
    if (world.pools[check.pool].seeks_primary) at_least[check.node.value] += 1;
  }
  const Instance* before = nullptr;
  for (const Instance& instance : world.instances) {
    const bool shared = before != nullptr && before->first_pool == instance.first_pool;
    before = &instance;
    if (shared) continue;
    const AppConfig& app = world.plan->apps[instance.app.value].config;
    const std::size_t shards =
        app.connect.by == FindPrimary::probes ? 0 : world.plan->groups.size();
    for (std::uint32_t i = 0; i < world.nodes.size() + shards; ++i) {
      const Pool& pool = world.pools[instance.first_pool + i];
      if (pool.checked != checked[instance.first_pool + i]) {
        return complaint("checked = checks awaited", i, pool.checked);
      }
      if (pool.open != pool.idle + pool.checked + in_use[instance.first_pool + i]) {
        return complaint("open = idle + in use", i, pool.open, pool.idle,
                         in_use[instance.first_pool + i]);
      }
      if (pool.open + pool.connecting > static_cast<std::uint32_t>(app.pool.size)) {
        return complaint("open + connecting <= size", i, pool.open, pool.connecting);
      }
      if (pool.connecting != awaited[instance.first_pool + i]) {
        return complaint("connecting = attempts awaited", i, pool.connecting,
                         awaited[instance.first_pool + i]);
      }
      if (!pool.seeks_primary) {
        at_least[i] += pool.open;
        continue;
      }
      if (pool.idle != pool.idle_at.size()) {
        return complaint("each idle connection leads somewhere", i, pool.idle);
      }
      for (std::uint64_t n = pool.idle_at.first(); n != pool.idle_at.end(); ++n) {
        at_least[pool.idle_at.at(n).node.value] += 1;
      }
    }
  }
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    const std::uint32_t taken = world.nodes[i].connections;
    if (taken > static_cast<std::uint32_t>(world.plan->nodes[i].config.max_connections)) {
      return complaint("connections <= max_connections", i, taken);
    }
    if (taken < at_least[i] || taken > at_least[i] + attempts[i]) {
      return complaint("connections = open + abandoned + granted and on the way", i, taken,
                       at_least[i], attempts[i]);
    }
  }
  return {};
}

std::string tables(const World& world) {
  const std::size_t sets = world.plan->sets.size();
  std::vector<std::uint32_t> shared(world.tables.size());
  for (const Request& request : world.requests) {
    if (request.phase == Phase::free) continue;
    for (std::uint32_t i = 0; i < request.tables_held; ++i) {
      const DataSetId set = world.plan->steps[current_call(world, request).first_step + i].set;
      if (set.valid()) shared[request.node.value * sets + set.value] += 1;
    }
  }
  for (std::size_t n = 0; n < world.operations.size(); ++n) {
    const FaultPlan& plan = world.plan->faults[n];
    const bool reads = plan.kind == FaultKind::long_read;
    if (reads && world.operations[n].state == OperationState::running) {
      shared[plan.node.value * sets + plan.set.value] += 1;
    }
  }
  for (std::size_t i = 0; i < shared.size(); ++i) {
    const TableLock& lock = world.tables[i];
    if (lock.shared != shared[i]) {
      return complaint("who shares a table is there", i, lock.shared, shared[i]);
    }
    if (lock.exclusive && lock.shared > 0) return complaint("exclusive is exclusive", i);
    if (!lock.queue.empty() && !lock.exclusive && lock.shared == 0) {
      return complaint("nobody waits for a free table", i);
    }
  }
  return {};
}

std::string slots(const World& world) {
  const std::size_t mail = world.mail.slots.size() - world.mail.free.size();
  const std::size_t parked = world.parked.slots.size() - world.parked.free.size();
  const std::size_t pending = world.scheduler.pending() + world.held.size();
  if (mail > pending) {
    return complaint("each mail is on its way", mail, pending);
  }
  if (parked > world.scheduler.pending()) {
    return complaint("each parked message has a time to be sent again", parked);
  }
  std::vector<std::uint32_t> in_flight(world.sessions.size());
  std::size_t free = 0;
  for (const Request& request : world.requests) {
    if (request.phase == Phase::free) ++free;
    if (request.phase == Phase::free || request.phase == Phase::abandoned) continue;
    if (request.duty == Duty::page) in_flight[request.session.value] += 1;
  }
  if (free != world.free_requests.size()) {
    return complaint("free pages are in the list of free pages", free, world.free_requests.size());
  }
  for (std::size_t i = 0; i < world.sessions.size(); ++i) {
    if (world.sessions[i].in_flight != in_flight[i]) {
      return complaint("a session's pages are in flight", i, world.sessions[i].in_flight,
                       in_flight[i]);
    }
  }
  return {};
}

// Whether enough standbys hold `end` at the level that the commit waited for.
bool on_enough_standbys(const World& world, const Group& group, SynchronousCommit level, Lsn end) {
  if (level == SynchronousCommit::off) return true;
  if (world.node(group.primary).flushed < end) return false;
  if (level == SynchronousCommit::local || group.sync_method == SyncMethod::none) return true;
  // Which of the listed decide changes as they come and go, so any of them may have counted.
  std::uint32_t have = 0;
  for (const WalStream& stream : world.streams) {
    if (stream.upstream != group.primary || !stream.sync_listed) continue;
    const Node& standby = world.node(stream.standby);
    const Lsn position = level == SynchronousCommit::remote_write ? standby.written
                         : level == SynchronousCommit::on         ? standby.flushed
                                                                  : standby.replayed;
    have += position >= end ? 1 : 0;
  }
  return have >= group.sync_count;
}

bool wait_was_cancelled(const World& world, std::uint64_t version) {
  const Ring<Version>& versions = world.truth.versions();
  return version >= versions.first() && versions.at(version).wait_cancelled;
}

std::string commits(const World& world) {
  for (const Request& request : world.requests) {
    if (request.phase == Phase::free || request.version_count == 0) continue;  // not answered
    if (request.lost) continue;  // nor will it ever be
    const Ring<Version>& versions = world.truth.versions();
    if (request.first_version < versions.first()) continue;    // every copy shows it
    const LogId log = versions.at(request.first_version).log;  // the page may be elsewhere by now
    const Group& group = world.groups[log.value];
    if (world.groups.size() > world.plan->groups.size()) continue;  // standbys come and go
    if (request.commit_end <= group.sync_since) continue;           // under an earlier setting
    if (wait_was_cancelled(world, request.first_version)) continue;
    if (!on_enough_standbys(world, group, request.commit_level, request.commit_end)) {
      return complaint("an answered commit is on enough standbys", lsn(request.commit_end));
    }
  }
  for (const Node& node : world.nodes) {
    for (const Ring<PendingCommit>& waiting : node.commits.queues) {
      for (std::uint64_t n = waiting.first(); n + 1 < waiting.end(); ++n) {
        if (waiting.at(n).end > waiting.at(n + 1).end) return complaint("commits wait in order", n);
      }
    }
  }
  return {};
}

// Every lock is held by a transaction that knows it, and every wait belongs to a live statement.
std::string locks(const World& world) {
  std::vector<std::size_t> held(world.nodes.size());
  std::vector<std::size_t> waits(world.nodes.size());
  for (std::uint32_t i = 0; i < world.requests.size(); ++i) {
    const Request& request = world.requests[i];
    if (request.phase == Phase::free || !request.node.valid()) continue;
    const RowLocks& table = world.node(request.node).locks;
    for (LockId id = request.first_lock; id != no_lock; id = table.lock(id).next) {
      if (table.lock(id).holder.slot != i) return complaint("a lock is its holder's", i, id);
      held[request.node.value] += 1;
    }
    if (request.lock_wait == no_lock) continue;
    const RowWait& wait = table.waiting(request.lock_wait);
    if (wait.request.slot != i) return complaint("a wait is its statement's", i);
    if (table.lock(wait.lock).holder.slot == i) return complaint("nobody waits for itself", i);
    waits[request.node.value] += 1;
  }
  for (std::uint32_t i = 0; i < world.nodes.size(); ++i) {
    const RowLocks& table = world.nodes[i].locks;
    if (table.locked() != held[i]) return complaint("every lock is held", i, held[i]);
    if (table.waits() != waits[i]) return complaint("everybody who waits is known", i, waits[i]);
  }
  return {};
}

// Each item under way is carried by one slot, and a queue holds no more than fits.
std::string outboxes(const World& world) {
  std::vector<std::int64_t> depth(world.outbox_watches.size());
  std::size_t carried = 0;
  for (const Outbox& box : world.outboxes) {
    const OutboxConfig& config = world.plan->apps[box.app.value].config.outbox;
    const std::size_t items = box.waiting.size() + box.in_flight.size();
    if (items + box.storing > static_cast<std::size_t>(config.capacity)) {
      return complaint("a queue holds its capacity", items, box.storing);
    }
    if (box.in_flight.size() > static_cast<std::size_t>(config.in_flight)) {
      return complaint("items under way", box.in_flight.size());
    }
    for (const RequestId id : box.in_flight) {
      const Request& request = world.requests[id.value];
      if (request.duty != Duty::drain || request.phase == Phase::free ||
          request.phase == Phase::abandoned) {
        return complaint("an item under way is carried", id.value);
      }
    }
    depth[box.app.value] += static_cast<std::int64_t>(items);
    carried += box.in_flight.size();
  }
  for (std::size_t i = 0; i < depth.size(); ++i) {
    if (depth[i] != world.outbox_watches[i].depth) return complaint("outbox_depth", depth[i]);
  }
  for (const Request& request : world.requests) {
    if (request.phase == Phase::free || request.phase == Phase::abandoned) continue;
    if (request.duty == Duty::drain) carried -= 1;
  }
  return carried == 0 ? std::string{} : complaint("who carries an item is in a queue", carried);
}

std::string versions(const World& world) {
  const Ring<Version>& versions = world.truth.versions();
  for (std::uint64_t n = versions.first(); n != versions.end(); ++n) {
    const Version& version = versions.at(n);
    if (version.acknowledged != TimePoint::never() && !version.visible) {
      return complaint("an acknowledged version is visible", n);
    }
  }
  return {};
}

}  // namespace

std::string broken_invariant(const World& world) {
  for (const auto& check :
       {positions, processors, pools, tables, slots, commits, locks, outboxes, versions, merged}) {
    if (std::string broken = check(world); !broken.empty()) return broken;
  }
  return {};
}

std::string not_converged(const World& world, Lsn position, LogId log) {
  for (const WalStream& stream : world.streams) {
    if (stream.log != log) continue;
    const Node& standby = world.node(stream.standby);
    const Lsn shown = stream.mutual ? stream.applied : standby.replayed;
    if (shown < position) {
      return complaint("a standby shows what was flushed", stream.standby.value, lsn(shown),
                       lsn(position));
    }
    if (stream.apply_known < position) {
      return complaint("the primary knows that a standby shows it", stream.standby.value);
    }
  }
  return {};
}

}  // namespace longhaul
