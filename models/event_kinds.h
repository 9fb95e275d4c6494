// Every kind of event with its number. Numbers are part of digests: they are never reused.
//
// An event names its target, the entity whose order of events matters (a node, an app instance, a
// session, the network), so that ties between different targets can be permuted and those of one
// target cannot. What else the handler needs is packed into `arg`.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/ids.h"

namespace longhaul {

enum class EventKind : std::uint16_t {
  fault_begins = 1,           // target fault
  fault_ends = 2,             // target fault
  warmup_ends = 3,            // target run
  page_due = 10,              // target session: the next page of an open or closed session
  page_at_app = 11,           // target instance; arg message
  page_at_user = 12,          // target session; arg message
  statement_at_node = 20,     // target node; arg message
  statement_served = 21,      // target node; arg request
  reply_at_app = 22,          // target instance; arg message
  request_deadline = 23,      // target request: connection, position or answer takes too long
  connect_at_node = 25,       // target node; arg message: a pool asks for a connection
  connect_at_app = 26,        // target instance; arg message: granted or refused
  position_at_node = 27,      // target node; arg message: a session asks how far replay is
  position_at_app = 28,       // target instance; arg message
  connect_deadline = 24,      // target instance; arg connect
  position_due = 29,          // target instance; arg request: time to ask again
  wal_flushed = 30,           // target node: an fsync is done on a primary
  wal_writer_due = 31,        // target node: asynchronous commits are flushed
  lock_wait_due = 33,         // target node; arg wait: a deadlock or the end of a wait is due
  wal_at_standby = 40,        // target node; arg message
  wal_acked = 41,             // target node (upstream); arg stream: TCP acknowledgement
  standby_flushed = 42,       // target node: an fsync is done on a standby
  standby_replayed = 43,      // target node
  standby_reply = 44,         // target node (upstream); arg message: positions of a standby
  status_due = 45,            // target node: a standby reports without news
  replay_due = 47,            // target node: a delayed commit may be replayed
  stream_deadline = 46,       // target node (upstream); arg stream: retransmission time-out
  sender_due = 48,            // target node (upstream); arg stream: a walsender's time-out
  receiver_due = 49,          // target node; arg stream: a walreceiver's time-out
  keepalive_at_standby = 55,  // target node; arg message
  stream_due = 56,            // target node; arg stream: the startup process asks for a stream
  stream_asked = 57,          // target node (upstream); arg message: START_REPLICATION
  stream_answered = 58,       // target node; arg message: granted or refused
  stream_closed_below = 59,   // target node (upstream); arg message: the walreceiver has gone
  stream_closed_above = 61,   // target node; arg message: the walsender has gone
  connections_reset = 62,     // target instance; arg message: a server's connections are gone
  probe_due = 50,             // target instance
  probe_at_node = 51,         // target node; arg message
  probe_at_app = 52,          // target instance; arg message
  probe_deadline = 53,        // target instance; arg probe
  guard_due = 115,            // target instance: of its call breakers and outlier ejection
  policy_due = 54,            // target instance: next_deadline() of its router
  retransmit_due = 60,        // target network; arg parked message
  heartbeat_due = 70,         // target node: the row of the heartbeat is written
  monitoring_due = 71,        // target run: all sources of lag are read
  bulk_read = 80,             // target node; arg connection: a piece is read
  bulk_piece = 81,            // target network; arg message
  bulk_written = 82,          // target network; arg message: the target's disk has a piece
  bulk_acked = 83,            // target node; arg message
  backup_due = 84,            // target node; arg backup: its next phase
  backup_watched = 85,        // target node; arg backup: is its connection dead?
  backup_restored = 390,      // target node, by life; arg backup: it may start
  bulk_lost = 86,             // target node; arg message: a piece that did not fit is missed
  bulk_deadline = 87,         // target node; arg connection: retransmission time-out
  change_applied = 88,        // target node; arg subscription
  apply_retried = 89,         // target node; arg subscription
  checkpoint_due = 90,        // target node: checkpoint_timeout has passed
  checkpoint_done = 91,       // target node: its pages are written
  snapshot_due = 92,          // target node: running transactions are logged
  autovacuum_due = 95,        // target node: a look for data sets to vacuum
  vacuum_step_due = 96,       // target node: the worker goes on
  disk_full = 94,             // target node: the log no longer fits its disk
  archive_due = 93,           // target node: archive_timeout ends the segment
  token_at_store = 105,       // target instance; arg request: it looks up or keeps a token
  token_at_app = 106,         // target instance; arg request: the store has answered, or not
  operation_due = 97,         // target fault: an operator's transaction ends
  lookup_at_cache = 140,      // target cache; arg message
  lookup_at_app = 141,        // target instance; arg message
  order_at_cache = 142,       // target cache; arg message: a fill or an invalidation
  second_delete_due = 143,    // target instance; arg order
  health_due = 145,           // target instance; arg app: its health endpoint is asked
  health_at_node = 146,       // target node; arg message
  health_at_app = 147,        // target instance; arg message
  health_deadline = 148,      // target instance; arg app
  enqueue_at_broker = 120,    // target instance; arg message: a page's write for the queue
  enqueued_at_app = 121,      // target instance; arg message: stored or not
  agent_due = 235,            // target agent: next_deadline() of its manager
  agent_told = 236,           // target agent; arg mail: an outcome of what it ordered
  agent_starts = 237,         // target agent: its process is up again
  watchdog_due = 238,         // target agent: nobody has fed its host's watchdog
  question_at_member = 239,   // target node; arg message: a manager asks
  news_at_agent = 240,      // target agent; arg message
  order_at_member = 241,      // target node; arg message: a manager orders something
  order_due = 242,            // target agent; arg order: it takes too long, or is done
  approval_due = 300,         // target run; arg shard: a person has looked into a promotion
  host_returns = 243,         // target node: a reset host is back
  outbox_watch_due = 122,     // target run, by app: are its queues too deep or too old?
  raft_due = 220,             // target store member: an election, or the leader's next heartbeat
  raft_at_member = 221,       // target store member; arg message
  raft_synced = 222,          // target store member: an fsync is done
  leases_due = 223,           // target store member; arg term: its leader looks for expired leases
  store_asked = 224,          // target store member; arg message: a client's request
  store_answered = 225,       // target store client; arg message: an answer or a change
  store_call_due = 226,       // target store client; arg call: the next try, or the end
  store_watch_due = 227,      // target store client: it watches again
  store_ask_waits = 228,      // target store member; arg slot: a request that found no leader
  recovery_ended = 200,       // target node, by life: a promoted standby accepts writes
  proxy_check_due = 250,       // target instance: the first of an app; arg app
  proxy_check_at_node = 251,   // target node; arg message: slot app
  proxy_check_answered = 252,  // likewise, back at the proxy; generation: node and verdict
  proxy_check_deadline = 253,  // target instance; arg app
  sessions_shut = 254,         // target instance; arg message: slot node, closed by the proxy
  idle_connections_dead = 255,  // target instance; generation: the node's incarnation; arg node
  server_recovered = 210,     // target node: it has started and is consistent
  shutdown_due = 211,         // target node: its dirty pages are written
  rewind_due = 212,           // target node; arg rewind: its next phase
  rewind_watched = 213,       // target node (source); arg rewind: is its connection dead?
  flap_due = 265,             // target fault; arg: whether its links are cut now
  pool_upkeep = 330,           // target instance: its pools close what is too old
  server_check_at_node = 331,  // target node; arg message: slot check
  server_check_at_app = 332,   // target instance; arg message: slot check
  server_check_lost = 333,     // target instance; arg message: slot check
  poolers_due = 334,           // target run, or instance: the first of an app; arg pause
};

std::string_view to_text(EventKind kind);

// Targets carry their kind in the upper bits, so that node 1 and session 1 differ.
enum class TargetKind : std::uint32_t {
  run,
  fault,
  node,
  instance,
  session,
  request,
  network,
  cache,
  agent,
  store_member,
  store_client,
};

constexpr std::uint32_t target_bits = 28;

constexpr std::uint32_t target(TargetKind kind, std::uint32_t index) {
  return (static_cast<std::uint32_t>(kind) << target_bits) | index;
}
constexpr std::uint32_t target(NodeId id) { return target(TargetKind::node, id.value); }
constexpr std::uint32_t target(InstanceId id) { return target(TargetKind::instance, id.value); }
constexpr std::uint32_t target(SessionId id) { return target(TargetKind::session, id.value); }

constexpr std::uint32_t target(RequestId id) { return target(TargetKind::request, id.value); }

constexpr std::uint32_t target(CacheId id) { return target(TargetKind::cache, id.value); }

constexpr std::uint32_t target_index(std::uint32_t value) {
  return value & ((1u << target_bits) - 1);
}
constexpr TargetKind target_kind(std::uint32_t value) {
  return static_cast<TargetKind>(value >> target_bits);
}

// The arg of a message: the slot that it is about, the slot's generation, the path it travels.
struct MessageArg {
  std::uint32_t slot = 0;
  std::uint16_t generation = 0;
  std::uint16_t path = 0;

  constexpr std::uint64_t pack() const {
    return static_cast<std::uint64_t>(slot) | (static_cast<std::uint64_t>(generation) << 32) |
           (static_cast<std::uint64_t>(path) << 48);
  }
  static constexpr MessageArg unpack(std::uint64_t arg) {
    return {static_cast<std::uint32_t>(arg), static_cast<std::uint16_t>(arg >> 32),
            static_cast<std::uint16_t>(arg >> 48)};
  }
};

}  // namespace longhaul
