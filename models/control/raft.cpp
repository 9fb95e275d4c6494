#include "models/control/raft.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

#include "models/control/raft_mail.h"
#include "models/control/store_members.h"

namespace longhaul {
namespace {

constexpr std::uint64_t entries_max = 64;  // of one message

const LeaseStoreConfig& rules(const World& world) { return world.plan->lease_store.config; }

StoreMember& member(World& world, std::uint32_t id) { return world.lease_store.members[id]; }

// ---- Terms -------------------------------------------------------------------------------------

void arm(World& world, std::uint32_t me, TimePoint when) {
  member(world, me).timer.arm(world.scheduler, when, EventClass::control,
                              target(TargetKind::store_member, me),
                              static_cast<std::uint16_t>(EventKind::raft_due));
}

void note_heard(World& world, std::uint32_t me) {
  StoreMember& m = member(world, me);
  m.heard_at = world.now();
  arm(world, me, m.heard_at + m.patience);
}

void draw_patience(World& world, std::uint32_t me) {
  StoreMember& m = member(world, me);
  const Duration least = rules(world).election_timeout;
  m.patience = least + Duration{static_cast<std::int64_t>(
                           below(m.luck.bits(), static_cast<std::uint64_t>(least.ns)))};
  note_heard(world, me);
}

void become_follower(World& world, std::uint32_t me, std::uint32_t term, std::uint32_t leader) {
  StoreMember& m = member(world, me);
  if (m.role == RaftRole::leader) {
    leave_leases(world, me);
    while (!m.reads.empty()) m.reads.pop_front();
  }
  if (term > m.term) {
    m.term = term;
    m.vote = nobody;
  }
  m.role = RaftRole::follower;
  m.leader = leader;
  draw_patience(world, me);
}

bool hears_leader(const World& world, const StoreMember& m) {
  if (m.role == RaftRole::leader) return true;
  return m.leader != nobody && world.now() - m.heard_at < rules(world).election_timeout;
}

// ---- The leader's part -------------------------------------------------------------------------

// The largest figure that a majority of the members reaches.
template <class Figure>
std::uint64_t of_majority(const World& world, std::uint32_t me, Figure figure) {
  std::array<std::uint64_t, LeaseStoreConfig::members_max> figures{};
  const std::uint32_t members = world.lease_store.members[me].count;
  std::size_t next = 0;
  for (const std::uint32_t i : store_of(world, me)) figures[next++] = figure(i);
  std::sort(figures.begin(), figures.begin() + members, std::greater<>());
  return figures[majority_of(members) - 1];
}

std::uint64_t stored_by_all(const World& world, std::uint32_t me) {
  const StoreMember& m = world.lease_store.members[me];
  std::uint64_t least = m.saved;
  for (const std::uint32_t i : store_of(world, me)) least = std::min(least, m.peers[i].match);
  return least;
}

void send_append(World& world, std::uint32_t me, std::uint32_t to, bool even_if_empty) {
  StoreMember& m = member(world, me);
  RaftPeer& peer = m.peers[to];
  if (peer.paused) return;
  peer.next = std::max(peer.next, m.log.first());
  const std::uint64_t entries = std::min(entries_max, m.log.last() + 1 - peer.next);
  if (entries == 0 && !even_if_empty) return;
  const std::uint32_t slot = new_mail(world, me, to, RaftVerb::append);
  RaftMail& mail = world.lease_store.mail.slots[slot];
  mail.index = peer.next - 1;
  mail.log_term = m.log.term_at(mail.index);
  mail.commit = m.commit;
  mail.stored = stored_by_all(world, me);
  for (std::uint64_t i = 0; i < entries; ++i) mail.entries.push_back(m.log.at(peer.next + i));
  if (peer.replicating) {
    peer.next += entries;
  } else {
    peer.paused = true;
  }
  send_mail(world, slot);
}

void send_appends(World& world, std::uint32_t me, bool even_if_empty) {
  for (const std::uint32_t to : store_of(world, me)) {
    if (to != me) send_append(world, me, to, even_if_empty);
  }
}

void send_heartbeats(World& world, std::uint32_t me) {
  const StoreMember& m = member(world, me);
  for (const std::uint32_t to : store_of(world, me)) {
    if (to == me) continue;
    const std::uint32_t slot = new_mail(world, me, to, RaftVerb::heartbeat);
    RaftMail& mail = world.lease_store.mail.slots[slot];
    mail.commit = std::min(m.commit, m.peers[to].match);
    mail.stored = stored_by_all(world, me);
    mail.round = m.round;
    send_mail(world, slot);
  }
}

void release_reads(World& world, std::uint32_t me) {
  StoreMember& m = member(world, me);
  const std::uint64_t confirmed =
      of_majority(world, me, [&](std::uint32_t i) { return i == me ? m.round : m.peers[i].round; });
  while (!m.reads.empty() && m.reads.front().round != 0 && m.reads.front().round <= confirmed) {
    const StoreRead read = m.reads.pop_front();
    if (read.origin.member == me) {
      answer_when_applied(world, me, read);
      continue;
    }
    const std::uint32_t slot = new_mail(world, me, read.origin.member, RaftVerb::read_state);
    RaftMail& mail = world.lease_store.mail.slots[slot];
    mail.index = read.index;
    mail.origin = read.origin;
    send_mail(world, slot);
  }
}

// Reads that came before anything was committed in this term are confirmed from now on.
void begin_reads(World& world, std::uint32_t me) {
  StoreMember& m = member(world, me);
  bool asked = false;
  for (std::uint64_t i = m.reads.first(); i < m.reads.end(); ++i) {
    StoreRead& read = m.reads.at(i);
    if (read.round != 0) continue;
    if (!asked) m.round += 1;
    asked = true;
    read.index = m.commit;
    read.round = m.round;
  }
  if (!asked) return;
  send_heartbeats(world, me);
  release_reads(world, me);
}

void advance_commit(World& world, std::uint32_t me) {
  StoreMember& m = member(world, me);
  const std::uint64_t kept =
      of_majority(world, me, [&](std::uint32_t i) { return m.peers[i].match; });
  if (kept <= m.commit || m.log.term_at(kept) != m.term) return;
  m.commit = kept;
  apply_committed(world, me);
  send_appends(world, me, true);
  begin_reads(world, me);
}

void lead(World& world, std::uint32_t me) {
  StoreMember& m = member(world, me);
  m.role = RaftRole::leader;
  m.leader = me;
  m.quorum_seen_at = world.now();
  for (const std::uint32_t i : store_of(world, me)) {
    RaftPeer& peer = m.peers[i];
    peer.match = i == me ? m.saved : 0;
    peer.next = m.log.last() + 1;
    peer.round = 0;
    peer.replicating = peer.paused = peer.active = false;
  }
  world.lease_store.elections += 1;
  take_leases(world, me);
  propose(world, me, {}, {});
  arm(world, me, world.now() + rules(world).heartbeat);
}

// ---- Elections ---------------------------------------------------------------------------------

void ask_for_votes(World& world, std::uint32_t me, RaftVerb verb, std::uint32_t term) {
  const StoreMember& m = member(world, me);
  for (const std::uint32_t to : store_of(world, me)) {
    if (to == me) continue;
    const std::uint32_t slot = new_mail(world, me, to, verb);
    RaftMail& mail = world.lease_store.mail.slots[slot];
    mail.term = term;
    mail.index = m.log.last();
    mail.log_term = m.log.last_term();
    say(world, slot);
  }
}

void tally(World& world, std::uint32_t me, std::uint32_t voter, bool granted);

void campaign(World& world, std::uint32_t me) {
  StoreMember& m = member(world, me);
  m.role = RaftRole::candidate;
  m.leader = nobody;
  m.term += 1;
  m.vote = me;
  m.votes_for = m.votes_against = 0;
  draw_patience(world, me);
  ask_for_votes(world, me, RaftVerb::ask_vote, m.term);
  tally(world, me, me, true);
}

void begin_election(World& world, std::uint32_t me) {
  if (!rules(world).pre_vote) return campaign(world, me);
  StoreMember& m = member(world, me);
  m.role = RaftRole::pre_candidate;
  m.leader = nobody;
  m.votes_for = m.votes_against = 0;
  draw_patience(world, me);
  ask_for_votes(world, me, RaftVerb::ask_pre_vote, m.term + 1);
  tally(world, me, me, true);
}

void tally(World& world, std::uint32_t me, std::uint32_t voter, bool granted) {
  StoreMember& m = member(world, me);
  (granted ? m.votes_for : m.votes_against) |= 1u << voter;
  const auto needed = static_cast<int>(majority_of(m.count));
  if (std::popcount(m.votes_for) >= needed) {
    return m.role == RaftRole::pre_candidate ? campaign(world, me) : lead(world, me);
  }
  if (std::popcount(m.votes_against) >= needed) become_follower(world, me, m.term, nobody);
}

void answer_vote(World& world, std::uint32_t me, const RaftMail& mail) {
  StoreMember& m = member(world, me);
  const bool pre = mail.verb == RaftVerb::ask_pre_vote;
  const bool free = m.vote == mail.from || (m.vote == nobody && m.leader == nobody) ||
                    (pre && mail.term > m.term);
  const bool complete =
      std::pair(mail.log_term, mail.index) >= std::pair(m.log.last_term(), m.log.last());
  const bool granted = free && complete;
  if (granted && !pre) {
    m.vote = mail.from;
    note_heard(world, me);
  }
  const std::uint32_t slot =
      new_mail(world, me, mail.from, pre ? RaftVerb::pre_vote : RaftVerb::vote);
  RaftMail& answer = world.lease_store.mail.slots[slot];
  if (granted) answer.term = mail.term;
  answer.ok = granted;
  say(world, slot);
}

// ---- The follower's part -----------------------------------------------------------------------

void hear(World& world, std::uint32_t me, const RaftMail& mail) {
  StoreMember& m = member(world, me);
  CHECK(m.role != RaftRole::leader);  // one leader a term
  if (m.role != RaftRole::follower) become_follower(world, me, mail.term, mail.from);
  m.leader = mail.from;
  note_heard(world, me);
}

void append(World& world, std::uint32_t me, const RaftMail& mail) {
  StoreMember& m = member(world, me);
  const std::uint32_t slot = new_mail(world, me, mail.from, RaftVerb::appended);
  RaftMail& answer = world.lease_store.mail.slots[slot];
  answer.ok = true;
  if (mail.index < m.commit) {
    answer.index = m.commit;
  } else if (mail.index <= m.log.last() && m.log.term_at(mail.index) == mail.log_term) {
    add_entries(m, mail);
    answer.index = mail.index + mail.entries.size();
    m.commit = std::max(m.commit, std::min(mail.commit, answer.index));
  } else {
    answer.ok = false;
    answer.index = hint(m, mail);
    answer.commit = mail.index;  // that was refused
  }
  say(world, slot);
}

// ---- Messages ----------------------------------------------------------------------------------

void note_appended(World& world, std::uint32_t me, const RaftMail& mail) {
  StoreMember& m = member(world, me);
  RaftPeer& peer = m.peers[mail.from];
  peer.active = true;
  if (!mail.ok) {
    const bool stale = peer.replicating ? mail.commit <= peer.match : mail.commit != peer.next - 1;
    if (stale) return;
    const std::uint64_t back = peer.replicating ? 0 : std::min(mail.commit, mail.index + 1);
    peer.next = std::max(peer.match + 1, back);
    peer.replicating = peer.paused = false;
    return send_append(world, me, mail.from, true);
  }
  const bool was_probed = !peer.replicating;
  peer.paused = false;
  peer.replicating = true;
  peer.next = std::max(was_probed ? mail.index + 1 : peer.next, mail.index + 1);
  if (mail.index > peer.match) {
    peer.match = mail.index;
    advance_commit(world, me);
  }
  send_append(world, me, mail.from, false);
}

void note_round(World& world, std::uint32_t me, const RaftMail& mail) {
  StoreMember& m = member(world, me);
  RaftPeer& peer = m.peers[mail.from];
  peer.active = true;
  peer.paused = false;
  peer.round = std::max(peer.round, mail.round);
  if (peer.match < m.log.last()) send_append(world, me, mail.from, true);
  release_reads(world, me);
}

void answer_heartbeat(World& world, std::uint32_t me, const RaftMail& mail) {
  StoreMember& m = member(world, me);
  m.commit = std::max(m.commit, mail.commit);  // no further than the leader knows us to have
  const std::uint32_t slot = new_mail(world, me, mail.from, RaftVerb::heard);
  world.lease_store.mail.slots[slot].round = mail.round;
  say(world, slot);
}

// A message of a lower term: its sender learns of ours.
void answer_outdated(World& world, std::uint32_t me, const RaftMail& mail) {
  if (mail.verb == RaftVerb::append || mail.verb == RaftVerb::heartbeat) {
    say(world, new_mail(world, me, mail.from, RaftVerb::appended));
  } else if (mail.verb == RaftVerb::ask_pre_vote) {
    say(world, new_mail(world, me, mail.from, RaftVerb::pre_vote));
  }
}

// Whether the message's term leaves it to be looked at.
bool take_term(World& world, std::uint32_t me, const RaftMail& mail) {
  StoreMember& m = member(world, me);
  if (mail.term < m.term) {
    answer_outdated(world, me, mail);
    return false;
  }
  if (mail.term == m.term) return true;
  const bool asks = mail.verb == RaftVerb::ask_vote || mail.verb == RaftVerb::ask_pre_vote;
  if (asks && hears_leader(world, m)) return false;
  const bool of_term_to_come =
      mail.verb == RaftVerb::ask_pre_vote || (mail.verb == RaftVerb::pre_vote && mail.ok);
  const bool leads = mail.verb == RaftVerb::append || mail.verb == RaftVerb::heartbeat;
  if (!of_term_to_come) become_follower(world, me, mail.term, leads ? mail.from : nobody);
  return true;
}

void step(World& world, std::uint32_t me, const RaftMail& mail) {
  if (!take_term(world, me, mail)) return;
  StoreMember& m = member(world, me);
  switch (mail.verb) {
    case RaftVerb::append:
      hear(world, me, mail);
      append(world, me, mail);
      break;
    case RaftVerb::heartbeat:
      hear(world, me, mail);
      answer_heartbeat(world, me, mail);
      break;
    case RaftVerb::appended:
      if (m.role == RaftRole::leader) note_appended(world, me, mail);
      return;
    case RaftVerb::heard:
      if (m.role == RaftRole::leader) note_round(world, me, mail);
      return;
    case RaftVerb::ask_vote:
    case RaftVerb::ask_pre_vote:
      return answer_vote(world, me, mail);
    case RaftVerb::vote:
      if (m.role == RaftRole::candidate) tally(world, me, mail.from, mail.ok);
      return;
    case RaftVerb::pre_vote:
      if (m.role != RaftRole::pre_candidate) return;
      if (!mail.ok || mail.term == m.term + 1) tally(world, me, mail.from, mail.ok);
      return;
    default:
      CHECK(false);
  }
  apply_committed(world, me);
  m.log.forget(std::min({mail.stored, m.saved, m.data.applied}));
}

bool is_request(RaftVerb verb) { return verb >= RaftVerb::propose; }

}  // namespace

void start_follower(World& world, std::uint32_t me) {
  become_follower(world, me, member(world, me).term, nobody);
}

void start_leader(World& world, std::uint32_t me) {
  for (const std::uint32_t i : store_of(world, me)) {
    StoreMember& m = member(world, i);
    m.term = m.saved_term = 1;
    m.vote = m.saved_vote = me;
    m.log.push_back({1, {}, {}});
    m.saved = m.commit = 1;
    apply_committed(world, i);
    m.leader = me;
    if (i != me) draw_patience(world, i);
  }
  StoreMember& m = member(world, me);
  m.role = RaftRole::leader;
  for (RaftPeer& peer : m.peers) {
    peer.match = 1;
    peer.next = 2;
    peer.replicating = true;
  }
  take_leases(world, me);
  const auto interval = static_cast<std::uint64_t>(rules(world).heartbeat.ns);
  const Duration phase{static_cast<std::int64_t>(below(m.luck.bits(), interval))};
  arm(world, me, world.now() + phase);
}

void propose(World& world, std::uint32_t me, const StoreCommand& command,
             const StoreOrigin& origin) {
  StoreMember& m = member(world, me);
  m.log.push_back({m.term, command, origin});
  save(world, me);
  send_appends(world, me, false);
}

void confirm_read(World& world, std::uint32_t me, const StoreOrigin& origin) {
  StoreMember& m = member(world, me);
  m.reads.push_back({0, 0, origin});
  if (m.log.term_at(m.commit) == m.term) begin_reads(world, me);
}

void raft_due(World& world, const Event& event) {
  const std::uint32_t me = target_index(event.target);
  StoreMember& m = member(world, me);
  if (!m.timer.fires(world.scheduler, event)) return;
  if (m.role != RaftRole::leader) {
    begin_election(world, me);
    return save(world, me);
  }
  if (world.now() - m.quorum_seen_at >= rules(world).election_timeout) {
    std::uint32_t active = 1;
    for (const std::uint32_t i : store_of(world, me)) {
      if (i != me && m.peers[i].active) active += 1;
      m.peers[i].active = false;
    }
    if (active < majority_of(m.count)) return become_follower(world, me, m.term, nobody);
    m.quorum_seen_at = world.now();
  }
  m.log.forget(std::min(stored_by_all(world, me), m.data.applied));
  send_heartbeats(world, me);
  arm(world, me, world.now() + rules(world).heartbeat);
}

void raft_at_member(World& world, const Event& event) {
  LeaseStore& store = world.lease_store;
  const MessageArg arg = MessageArg::unpack(event.arg);
  const std::uint32_t me = target_index(event.target);
  std::swap(store.incoming, store.mail.slots[arg.slot]);
  free_mail(world, arg.slot);
  const RaftMail& mail = store.incoming;
  if (!world.network.survived(world.now(), {arg.path})) {
    return note_broken(world, mail.from, mail.to);
  }
  if (store.members[me].liveness != StoreLiveness::up) return;
  if (is_request(mail.verb)) {
    receive_request(world, me, mail);
  } else {
    step(world, me, mail);
  }
  save(world, me);
}

void raft_synced(World& world, const Event& event) {
  const std::uint32_t me = target_index(event.target);
  StoreMember& m = member(world, me);
  if (event.generation != m.incarnation || !m.syncing) return;
  m.syncing = false;
  m.saved_term = m.syncing_term;
  m.saved_vote = m.syncing_vote;
  m.saved = std::max(m.saved, m.syncing_to);
  while (m.unsent.first() < m.covered) send_mail(world, m.unsent.pop_front());
  m.peers[me].match = m.saved;
  if (m.role == RaftRole::leader) advance_commit(world, me);
  apply_committed(world, me);
  save(world, me);
}

}  // namespace longhaul
