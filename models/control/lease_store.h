// A consensus store such as etcd, as failover managers feel it: members that elect a leader, a log
// that a majority keeps, keys, leases and watches. What happens in cuts and outages is not written
// down here: it follows from the members' rules (raft.h), the network and the disks.
//
//   write        client -> member -> leader; the leader's disk and the nearest majority's; back
//                through the member that was asked, once that has applied the entry
//   read_all     the leader asks a majority whether it still leads (ReadIndex); `serializable`:
//   what
//                the member at hand knows, however old
//   lease        the leader alone counts it down, from its grant or the last keep-alive that
//   reached
//                it. Every 500 ms it looks for expired ones and writes their end into the log,
//                which deletes their keys. A new leader grants each its full ttl again and an
//                election time-out more, for it cannot know when the last keep-alive was
//                (lessor.Promote). A leader that was cut off renews leases until it steps down. The
//                least ttl is 1.5 election time-outs, in whole seconds.
//   watch        a client that watches reads all keys, then is told of every change by the member
//                that it asked; so it has a view of its own, and reads that without asking anybody
//   no leader    a request waits at its member: a renewal looks again after each election time-out
//                (waitLeader), all else goes on as soon as there is a leader, unless its client has
//                left (v3_server.go; raft's node takes no proposals meanwhile)
//   client       store_clients.h. A write whose answer is lost is asked again, so a guard may find
//                that the first try did it. A request that a cut holds up may arrive after its
//                client gave up, and is then carried out.
//
// A world has one store or two that know nothing of one another (topology.standby_cluster): the
// members of the second follow those of the first.
//
// Keys and leases take a few words each; revisions are numbers of log entries. Without lease_store
// in the scenario there are no members, and nothing here draws, posts or allocates.
//
// Sources: etcd server/lease/lessor.go, server/etcdserver/v3_server.go; Ongaro's thesis "Consensus:
// Bridging Theory and Practice" (2014), 6.4 for reads; Patroni patroni/dcs/etcd3.py, etcd.py for
// clients. Left out, as nobody outside can see it: snapshots and compaction (a member that stays
// away for long gets every entry), learners, changes of membership, quotas, authentication; and
// clocks that drift, heartbeats that wait for a slow disk.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "models/control/lease_store_config.h"
#include "models/control/store_data.h"
#include "models/control/store_log.h"
#include "models/control/store_types.h"
#include "models/ring.h"
#include "models/slot_pool.h"
#include "sim/rng.h"
#include "sim/timers.h"

namespace longhaul {

struct World;

inline constexpr std::uint32_t nobody = 0xffffffffu;  // in place of a member

enum class RaftRole : std::uint8_t { follower, pre_candidate, candidate, leader };

enum class RaftVerb : std::uint8_t {
  append,
  appended,
  heartbeat,
  heard,
  ask_vote,
  vote,
  ask_pre_vote,
  pre_vote,
  propose,     // a client's command on its way to the leader
  read_index,  // how far must be applied for a read to be linearizable?
  read_state,  // the answer
  renew,       // a lease
  renewed,
};

// A message between members. What `index` and `ok` mean depends on the verb.
struct RaftMail {
  RaftVerb verb = RaftVerb::heartbeat;
  bool ok = false;
  std::uint32_t from = nobody;
  std::uint32_t to = nobody;
  std::uint32_t term = 0;
  std::uint32_t log_term = 0;
  std::uint64_t index = 0;
  std::uint64_t commit = 0;
  std::uint64_t stored = 0;  // every member has so much on disk
  std::uint64_t round = 0;   // of reads that the leader wants confirmed
  StoreOrigin origin;
  std::vector<StoreEntry> entries;
};

// What a leader knows of a member, and the connection that its messages take.
struct RaftPeer {
  std::uint64_t match = 0;   // on its disk, as ours
  std::uint64_t next = 1;    // entry to send
  std::uint64_t round = 0;   // of reads, confirmed
  bool replicating = false;  // entries are sent ahead of their acknowledgement
  bool paused = false;       // one probe is enough until it is answered
  bool active = false;       // heard since the last look at the quorum
  std::uint8_t unheard = 0;  // segments sent while their acknowledgements cannot return
  TimePoint broken_at = TimePoint::never();  // a cut swallowed something
  TimePoint retry_at;
};

// A linearizable read: at the leader until a majority has confirmed its round, at the member that
// was asked until so much is applied.
struct StoreRead {
  std::uint64_t index = 0;
  std::uint64_t round = 0;  // 0: the leader has not yet committed anything in its term
  StoreOrigin origin;
};

struct StoreWatch {
  StoreClientId client;
  std::uint32_t scope = 0;
};

enum class StoreLiveness : std::uint8_t { up, stopped, vanished };

struct StoreMember {
  std::uint32_t place = 0;
  std::uint32_t first = 0;  // the members of its own store are `count` from here
  std::uint32_t count = 0;
  StoreLiveness liveness = StoreLiveness::up;
  std::uint16_t incarnation = 0;  // counts stops
  std::uint32_t outages = 0;      // open faults
  RandomStream luck;              // of elections
  RandomStream ways;              // of messages
  RandomStream disk;
  Duration lease_phase;  // when it looks for expired leases, within lease_check_interval

  std::uint32_t term = 0;
  std::uint32_t vote = nobody;
  StoreLog log;
  // What of these is on disk, and will be when the fsync under way is done.
  std::uint32_t saved_term = 0;
  std::uint32_t saved_vote = nobody;
  std::uint64_t saved = 0;
  bool syncing = false;
  std::uint32_t syncing_term = 0;
  std::uint32_t syncing_vote = nobody;
  std::uint64_t syncing_to = 0;
  Ring<std::uint32_t> unsent;  // mail that waits for the disk
  std::uint64_t covered = 0;   // by the fsync under way, up to this number in `unsent`

  RaftRole role = RaftRole::follower;
  std::uint32_t leader = nobody;
  TimePoint heard_at;  // from the leader
  Duration patience;   // election time-out as drawn for this attempt
  Timer timer;         // election, or the leader's next heartbeat
  TimePoint quorum_seen_at;
  std::uint32_t votes_for = 0;  // bits
  std::uint32_t votes_against = 0;
  std::uint64_t commit = 0;
  std::uint64_t round = 0;
  std::array<RaftPeer, LeaseStoreConfig::members_max> peers{};
  StoreData data;
  Ring<StoreRead> reads;    // at the leader
  Ring<StoreRead> waiting;  // for entries to be applied
  std::vector<StoreWatch> watches;
};

using StoreMembersInOrder = std::array<std::uint32_t, LeaseStoreConfig::members_max>;

struct StoreClient {
  std::uint32_t place = 0;
  StoreMembersInOrder endpoints{};  // the one that is asked first, then the others
  StoreMembersInOrder listers{};    // in which order they are asked for a list of the members
  std::uint32_t endpoint_count = 0;
  bool connected = false;  // to the first
  bool must_list = false;  // a request was given up: the next one begins with a list
  RandomStream luck;
  bool watching = false;
  std::uint32_t scope = 0;  // watched
  Duration patience;        // with the reads that its view begins with
  StoreCall refresh;        // such a read, under way
  bool has_view = false;    // and is told of changes
  std::uint64_t seen = 0;   // revision of the view
  std::vector<StoreItem> view;
};

struct StoreAsk {
  StoreOrigin origin;
  StoreCommand command;
  bool serializable = false;
  bool watch = false;
  std::uint64_t seen = 0;
};

enum class StoreReplyKind : std::uint8_t { answer, refused, notice, watch_lost };

struct StoreReply {
  StoreReplyKind kind = StoreReplyKind::answer;
  StoreOutcome outcome = StoreOutcome::ok;
  StoreCall call;
  std::uint16_t attempt = 0;
  std::uint32_t member = nobody;
  std::uint64_t revision = 0;
  std::uint64_t lease = 0;
  StoreKey key;
  StoreItem item;
  std::vector<StoreItem> items;
};

// What a call waits for.
enum class StoreWait : std::uint8_t {
  answer,
  pause,
  first_list,      // before anything is asked
  list_of_failed,  // when all have failed
  list_of_moved,   // when another has answered than the first
  view,
};

struct StoreCallState {
  bool open = false;
  bool in_doubt = false;  // some try may have been carried out
  bool listed = false;    // the last list was there
  StoreWait waits = StoreWait::answer;
  std::uint16_t generation = 0;
  std::uint16_t attempt = 0;
  StoreClientId client;
  StoreRequest request;
  StoreMembersInOrder order{};  // in which they are asked
  std::uint32_t pass = 0;       // so many of them in this pass
  std::uint32_t failed = 0;     // so many of these have failed
  Duration per_try;
  Duration pause;
  TimePoint ends;
  StoreReply reply;  // the answer, until the list is there
};

struct LeaseStore {
  std::vector<StoreMember> members;
  std::vector<StoreClient> clients;
  std::deque<StoreCallState> calls;
  std::vector<std::uint32_t> free_calls;
  SlotPool<RaftMail> mail;
  SlotPool<StoreAsk> asks;
  SlotPool<StoreReply> replies;
  RaftMail incoming;            // the one that is being read
  std::uint64_t elections = 0;  // leaders that were elected in this run
};

// With a leader that was elected before the run begins.
void start_lease_store(World& world);

// The processes stop; their hosts answer with resets, or not at all if `silent`. What is on disk
// stays. Faults nest.
void stop_store_member(World& world, std::uint32_t member, bool silent);
void start_store_member(World& world, std::uint32_t member);

// The member of a store that leads in the highest term; nobody if none does. The simulator's truth.
std::uint32_t store_leader(const World& world, std::uint32_t store = 0);

// How many of `members` are a majority.
constexpr std::uint32_t majority_of(std::size_t members) {
  return static_cast<std::uint32_t>(members / 2 + 1);
}

// What raft.h and the clients leave to the members' own part.
void apply_committed(World& world, std::uint32_t member);
void answer_when_applied(World& world, std::uint32_t member, const StoreRead& read);
void take_leases(World& world, std::uint32_t member);   // it leads now
void leave_leases(World& world, std::uint32_t member);  // it no longer does
void receive_request(World& world, std::uint32_t member, const RaftMail& mail);
void tell_of_changes(World& world, std::uint32_t member, StoreClientId client, std::uint32_t scope,
                     std::uint64_t seen);

// store_asked, store_ask_waits, store_watch_due
void store_event(World& world, const Event& event);
void leases_due(World& world, const Event& event);  // leases_due

}  // namespace longhaul
