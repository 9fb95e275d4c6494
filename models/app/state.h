// What changes of applications, their users and the pages in progress while a run lasts.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/stream_key.h"
#include "base/units.h"
#include "models/app/cache_store.h"
#include "models/app/token_table.h"
#include "models/measures.h"
#include "models/pg/config.h"
#include "models/pg/row_locks.h"
#include "models/ring.h"
#include "policy/lag_alert.h"
#include "policy/recent_writes.h"
#include "policy/retry.h"
#include "policy/router.h"
#include "sim/rng.h"
#include "sim/timers.h"

namespace longhaul {

struct IdleConnection {
  NodeId node;
  TimePoint since;
  TimePoint born;
};

struct Pool {
  std::uint32_t open = 0;
  std::uint32_t idle = 0;
  std::uint32_t connecting = 0;
  Ring<RequestRef> waiting;
  bool seeks_primary = false;    // its connections lead where the app took the primary to be
  bool ages = false;             // they have a lifetime or an idle time-out
  Ring<IdleConnection> idle_at;  // of either: the idle ones, the longest idle first
  TimePoint aged;                // the last was closed for its age

  AppId pooler;               // whose PgBouncer it belongs to; models/app/pgbouncer.h
  std::uint32_t checked = 0;  // idle before, and asked whether they are alive
  bool login_failed = false;
  TimePoint launched;   // the last attempt to connect
  bool paused = false;  // PAUSE: it lends none and closes those that it has

  bool knows_each() const { return seeks_primary || ages; }
};

// PgBouncer asks whether an idle connection is alive.
struct ServerCheck {
  InstanceId instance;
  std::uint32_t pool = 0;
  NodeId node;
  std::uint16_t incarnation = 0;  // of the node
  std::uint16_t generation = 0;
  bool awaited = false;
  TimePoint born;
};

// What an instance knows of the primary of a shard, if it does not go by probes. find_primary.h.
struct Finder {
  NodeId last;  // that it tried to reach
  NodeId resolved;
  TimePoint expires;                        // of that answer, in its library
  Duration keeps;                           // the library keeps an answer at least
  NodeId pointed;                           // PgBouncer's configuration names this host since
  std::vector<TimePoint> no_primary_until;  // by node: the driver remembers that it is none
};

// What the name server of an app's region answers.
struct Resolver {
  NodeId node;
  TimePoint expires;
};

// The record of a shard's primary was changed.
struct RecordChange {
  GroupId shard;
  TimePoint at;
  NodeId node;
};

// A server as the proxy of an app sees it.
struct ProxyServer {
  bool up = false;
  bool awaited = false;        // its answer to the last check
  std::uint32_t contrary = 0;  // checks in a row that contradict `up`
};

struct Proxy {
  RandomStream luck;
  Timer deadline;
  std::uint16_t number = 0;  // of the last check
  std::uint32_t turn = 0;
  std::vector<ProxyServer> servers;  // by node
};

// The probing of one database by one instance: one connection, so one question at a time.
struct Probe {
  RandomStream luck;
  std::uint32_t number = 0;  // of the last probe sent
  TimePoint sent_at;
  Timer deadline;                                    // armed while the answer is awaited
  TimePoint breaker_opened_at = TimePoint::never();  // never: not open
};

// How a server answers an attempt to open a connection.
enum class ConnectAnswer : std::uint16_t {
  refused,
  granted,
  server_down,
  standby,      // granted, to who wants the primary
  no_host,      // of nobody: there was no server to ask
  starting_up,  // 57P03: it recovers, or shuts down
};

// The server keeps a slot for it.
constexpr bool takes_slot(ConnectAnswer answer) {
  return answer == ConnectAnswer::granted || answer == ConnectAnswer::standby;
}

// An attempt to open a connection.
struct Connect {
  InstanceId instance;
  NodeId node;
  std::uint16_t generation = 0;
  bool waited_for = false;  // the pool has not given it up
  TimePoint began;
  Duration way;  // from the first SYN to the arrival of the last request

  bool seeks_primary = false;
  GroupId shard;
  std::uint32_t host = 0;  // hosts tried before
  std::uint64_t luck = 0;
  TimePoint since;             // the first host was tried
  std::uint64_t left_out = 0;  // hosts of the list that the driver passed over then
};

struct Instance {
  AppId app;
  std::uint32_t place = 0;
  std::uint32_t first_pool = 0;  // one for each node, and one for each shard if there are finders
  std::uint32_t first_finder = 0;
  std::uint32_t first_probe = 0;
  std::vector<Router> routers;  // by group
  RandomStream luck;
  Timer policy;
  RetryBudget retries;
  Timer guard;                // of call breakers and outlier ejection
  std::uint32_t outages = 0;  // down while any lasts
};

struct Session {
  StreamKey key;
  std::uint64_t pages = 0;  // pages begun: the number of the next request
  UserId user;
  PopulationId population;
  std::uint32_t in_flight = 0;
  SessionToken token;
};

struct User {
  std::uint64_t home = 0;  // 64 bits that choose their row in each data set
  SessionToken token;
  GroupId group;  // that has their tenant's rows, if tenants have groups
  bool hit = false;
};

// What the checks of an app's health endpoint have found. models/app/entry.h.
struct Entrance {
  RandomStream luck;
  Timer deadline;              // armed while the endpoint waits for a database
  std::uint16_t number = 0;    // of the last check
  std::uint32_t contrary = 0;  // checks in a row that contradict `healthy`
  bool healthy = true;
  TimePoint unhealthy_since;
};

// What a session's name server keeps.
struct Resolved {
  AppId app;
  TimePoint expires;
};

// A cache of rows. models/app/cache.h says what it does.
struct Cache {
  CacheStore store;
  std::uint64_t told = 0;  // by the log: versions before this number
};

enum class CacheOrderKind : std::uint8_t { fill, put, remove };

// On its way to a cache.
struct CacheOrder {
  CacheOrderKind kind = CacheOrderKind::fill;
  bool local = false;  // by an app of the cache's own region, over the connection that it has
  bool again = false;  // the second removal
  std::uint32_t from_region = 0;
  std::uint64_t row = 0;
  std::uint64_t version = 0;
  TimePoint acknowledged;  // the commit that invalidates
};

constexpr std::uint32_t no_row = 0xffffffffu;  // in World::last_rows: has not written yet

// Whose work a request does.
enum class Duty : std::uint8_t {
  page,        // a user waits for it
  optimistic,  // a write that its page does not wait for
  drain,       // an item of a queue
};

// A write of which at least one try was sent and never answered (models/app/doubts.h).
struct Doubt {
  std::uint32_t holders = 0;  // slots of its tries
  std::uint32_t commits = 0;
  std::uint64_t first_version = 0;  // of the first commit, with what follows
  std::uint32_t version_count = 0;
  Lsn commit_end;
  SynchronousCommit commit_level = SynchronousCommit::on;
  Duty given_up = Duty::page;  // or who stopped trying
};
constexpr std::uint32_t no_doubt = 0xffffffffu;

// A write that waits in a queue; it touches what its page would have touched.
struct OutboxItem {
  SessionId session;
  std::uint64_t number = 0;
  std::uint32_t page = 0;
  std::uint32_t call = 0;
  std::int64_t call_round = 0;
  std::int64_t step_round = 0;
  std::uint32_t ordinal = 0;
  TimePoint enqueued_at;
  std::uint64_t sequence = 0;
};

// The queue of one instance, or of an app's broker (models/app/outbox.h).
struct Outbox {
  AppId app;
  Ring<OutboxItem> waiting;
  std::vector<RequestId> in_flight;  // slots that carry items
  Ring<RequestRef> blocked;          // pages that wait for a place
  std::uint32_t storing = 0;         // places taken by items that are being made durable
  std::uint64_t next_sequence = 0;
};

// All queues of an app, as its monitoring sees them.
struct OutboxWatch {
  std::int64_t depth = 0;
  LagAlert alert;
};

enum class Phase : std::uint8_t {
  free,             // the slot is not in use
  travelling,       // between user and app
  pooling,          // waits for a connection
  queueing,         // the router told it to ask again later
  finding_token,    // asks the store of tokens
  awaiting_replay,  // committed: asks replicas how far they are
  keeping_token,    // committed: the store of tokens has to answer
  positioning,      // asks a replica how far it is
  at_cache,         // looks its rows up
  at_database,      // statement sent, answer awaited
  backing_off,      // waits before it tries again
  held_back,        // a write that waits because replicas lag
  enqueuing,        // waits for its queue
  storing,          // its item is being made durable
  abandoned,        // the app gave up, the server has not answered yet
};

// Tokens that are kept outside of sessions and users, by policy.freshness.
struct TokenStores {
  std::vector<TokenTable> tables;         // by app, by instance, or one
  std::vector<std::uint32_t> outages;     // by app: faults under way
  std::vector<RecentWrites> of_sessions;  // cookies of rows
  std::vector<RecentWrites> of_requests;  // as pages carry them
};

// A page in progress; it has at most one statement under way.
struct Request {
  Phase phase = Phase::free;
  std::uint16_t generation = 0;
  Duty duty = Duty::page;
  std::uint16_t attempt = 0;  // tells answers to earlier tries apart
  SessionId session;
  InstanceId instance;
  std::uint32_t page = 0;
  std::uint64_t number = 0;
  TimePoint clicked;
  TimePoint give_up_at = TimePoint::never();  // the page's time-out

  std::uint32_t version = 1;  // of the app, that the page met
  std::uint32_t call = 0;     // within the page
  std::uint32_t step = 0;     // within the call
  std::int64_t call_round = 0;
  std::int64_t step_round = 0;
  std::uint32_t ordinal = 0;        // statements begun: the k of their draws
  std::uint32_t begin_ordinal = 0;  // of the open transaction's BEGIN
  std::uint32_t tries = 0;          // of the statement, or its transaction, that have failed
  std::uint32_t doubt = no_doubt;
  std::uint32_t outbox = 0;    // of the item that it carries
  std::uint64_t sequence = 0;  // of the item
  bool in_doubt = false;       // abandoned: the server may commit it yet

  GroupId group{0};                           // that the call goes to
  TimePoint wanted;                           // the page needs the statement
  TimePoint pooled;                           // it asked for a connection
  TimePoint began;                            // BEGIN of its transaction was wanted
  TimePoint wait_until;                       // positioning
  TimePoint call_began = TimePoint::never();  // never: no call is under way; models/app/guards.h
  TimePoint queued_at = TimePoint::never();   // the router first told it to queue
  Decision decision;
  NodeId node;
  bool seeks_primary = false;  // from a pool that leads to whatever the app takes for the primary
  bool connected = false;      // holds a connection to `node`
  TimePoint born;              // of that connection, where its pool ages
  TimePoint sent_at;           // the statement
  TimePoint dead_at = TimePoint::never();  // its connection is given up; dead_connections.h
  bool failed = false;
  ErrorKind error = ErrorKind::timeout;
  bool lost = false;                         // TCP gave the statement or its answer up
  std::optional<ErrorKind> refused;          // the server has ended the transaction with this
  bool at_server = false;                    // the statement has arrived and is not answered
  TimePoint cancel_at = TimePoint::never();  // the server's statement_timeout
  Lsn snapshot;                              // while at the server: sees commits up to there
  Lsn shown;                                 // the last one
  std::uint32_t rows_locked = 0;             // of the statement
  LockId first_lock = no_lock;               // of the open transaction
  WaitId lock_wait = no_lock;
  std::uint32_t tables_held = 0;  // steps of the call, from its first, that share their table
  Lsn commit_end;
  std::uint64_t first_version = 0;
  std::uint32_t version_count = 0;
  SynchronousCommit commit_level = SynchronousCommit::on;
  SessionToken token;          // of the request, or a copy to work on (tokens.h)
  bool token_found = false;    // in the store of tokens
  bool token_unknown = false;  // the store did not answer: the primary reads
  bool token_changed = false;  // since the user's click
  bool wrote = false;
  TimePoint waits_since;                // awaiting_replay
  std::vector<std::uint64_t> touched;   // rows written, where each has a token
  std::vector<std::uint64_t> written;   // rows of the open transaction
  std::vector<std::uint64_t> versions;  // of the rows of a read that somebody keeps
  std::uint64_t first_row = 0;          // of a page that the edge keeps
  std::uint64_t first_row_version = 0;
  bool from_edge = false;
  Timer deadline;  // serves the slot, whatever request is in it
};

}  // namespace longhaul
