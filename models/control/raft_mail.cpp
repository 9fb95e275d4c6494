#include "models/control/raft_mail.h"

#include "models/net/messages.h"

namespace longhaul {
namespace {

constexpr Bytes mail_size{120};
constexpr Bytes entry_size{200};
constexpr Duration connection_timeout = seconds(5);
constexpr Duration dial_interval = milliseconds(1050);
constexpr std::uint8_t window = 10;  // segments, of a connection that was idle

const LeaseStoreConfig& rules(const World& world) { return world.plan->lease_store.config; }

StoreMember& member(World& world, std::uint32_t id) { return world.lease_store.members[id]; }

bool is_dirty(const StoreMember& member) {
  return member.saved_term != member.term || member.saved_vote != member.vote ||
         member.saved != member.log.last();
}

PathId path_of(const World& world, std::uint32_t from, std::uint32_t to) {
  const std::vector<StoreMember>& members = world.lease_store.members;
  return world.plan->path(members[from].place, members[to].place);
}

}  // namespace

void note_broken(World& world, std::uint32_t from, std::uint32_t to) {
  RaftPeer& peer = member(world, from).peers[to];
  const TimePoint now = world.now();
  if (peer.broken_at == TimePoint::never()) peer.broken_at = now;
  const Duration round_trip = world.network.latency(path_of(world, from, to)) +
                              world.network.latency(path_of(world, to, from));
  TimePoint retry = peer.broken_at;
  for (std::uint32_t attempt = 0; retry <= now; ++attempt) {
    const Duration next = retransmission_timeout(world, round_trip, attempt);
    if (retry + next > peer.broken_at + connection_timeout) break;
    retry = retry + next;
  }
  if (retry <= now) {
    const TimePoint given_up = peer.broken_at + connection_timeout;
    const std::int64_t dials = now < given_up ? 0 : (now - given_up).ns / dial_interval.ns + 1;
    retry = given_up + dial_interval * dials;
  }
  peer.retry_at = retry;
}

namespace {

// Whether what is sent now has a working connection.
bool is_connected(World& world, std::uint32_t from, std::uint32_t to) {
  RaftPeer& peer = member(world, from).peers[to];
  if (peer.broken_at != TimePoint::never() && world.now() < peer.retry_at) return false;
  const bool deaf = world.network.is_cut(path_of(world, to, from));
  if (deaf && peer.unheard < window && peer.broken_at == TimePoint::never()) {
    peer.unheard += 1;
  } else if (deaf) {
    note_broken(world, from, to);
    return false;
  } else {
    peer.unheard = 0;
  }
  if (world.network.is_cut(path_of(world, from, to))) {
    note_broken(world, from, to);
    return false;
  }
  peer.broken_at = TimePoint::never();
  return true;
}

}  // namespace

std::uint32_t new_mail(World& world, std::uint32_t from, std::uint32_t to, RaftVerb verb) {
  const std::uint32_t slot = world.lease_store.mail.take({});
  RaftMail& mail = world.lease_store.mail.slots[slot];
  mail.verb = verb;
  mail.from = from;
  mail.to = to;
  mail.term = member(world, from).term;
  return slot;
}

void send_mail(World& world, std::uint32_t slot) {
  const RaftMail& mail = world.lease_store.mail.slots[slot];
  if (!is_connected(world, mail.from, mail.to)) {
    free_mail(world, slot);
    return;
  }
  post(world, {.kind = EventKind::raft_at_member,
               .target = target(TargetKind::store_member, mail.to),
               .slot = slot,
               .path = path_of(world, mail.from, mail.to),
               .size = mail_size + entry_size * static_cast<std::int64_t>(mail.entries.size()),
               .luck = member(world, mail.from).ways.bits(),
               .purpose = Traffic::lease_store});
}

void mail_lost(World& world, const Event& event) {
  free_mail(world, MessageArg::unpack(event.arg).slot);
}

// Without a copy: the slot keeps its memory for the next message.
void free_mail(World& world, std::uint32_t slot) { world.lease_store.mail.free.push_back(slot); }

void save(World& world, std::uint32_t me) {
  StoreMember& m = member(world, me);
  if (m.syncing || !is_dirty(m)) return;
  m.syncing = true;
  m.syncing_term = m.term;
  m.syncing_vote = m.vote;
  m.syncing_to = m.log.last();
  m.covered = m.unsent.end();
  world.scheduler.after(sample(rules(world).fsync, m.disk.bits()), EventClass::ordinary,
                        target(TargetKind::store_member, me),
                        static_cast<std::uint16_t>(EventKind::raft_synced), m.incarnation, 0);
}

void say(World& world, std::uint32_t slot) {
  StoreMember& m = member(world, world.lease_store.mail.slots[slot].from);
  if (!m.syncing && !is_dirty(m)) return send_mail(world, slot);
  m.unsent.push_back(slot);
  const bool covered = m.syncing && m.syncing_term == m.term && m.syncing_vote == m.vote &&
                       m.syncing_to == m.log.last();
  if (covered) m.covered = m.unsent.end();
}

void forget_unsaved(World& world, std::uint32_t me) {
  StoreMember& m = member(world, me);
  if (m.role == RaftRole::leader) leave_leases(world, me);
  while (!m.unsent.empty()) free_mail(world, m.unsent.pop_front());
  while (!m.reads.empty()) m.reads.pop_front();
  while (!m.waiting.empty()) m.waiting.pop_front();
  m.syncing = false;
  m.term = m.saved_term;
  m.vote = m.saved_vote;
  m.log.truncate(m.saved);
  m.commit = std::min(m.commit, m.saved);
  m.role = RaftRole::follower;
  m.leader = nobody;
  m.timer.cancel();
}

void add_entries(StoreMember& m, const RaftMail& mail) {
  std::uint64_t index = mail.index;
  for (const StoreEntry& entry : mail.entries) {
    index += 1;
    if (index <= m.log.last() && m.log.term_at(index) == entry.term) continue;
    if (index <= m.log.last()) {
      CHECK(index > m.commit);
      m.log.truncate(index - 1);
      m.saved = std::min(m.saved, index - 1);
      m.syncing_to = std::min(m.syncing_to, index - 1);
    }
    m.log.push_back(entry);
  }
}

std::uint64_t hint(const StoreMember& m, const RaftMail& mail) {
  std::uint64_t index = std::min(mail.index - 1, m.log.last());
  while (index > m.commit && m.log.term_at(index) > mail.log_term) index -= 1;
  return index;
}

}  // namespace longhaul
