// Dated faults and operator actions, as verbs on named things.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/units.h"

namespace longhaul {

enum class FaultKind : std::uint8_t {
  cut_link,      // nothing passes: between two regions, or from one to the other
  pause_replay,  // pg_wal_replay_pause() on a replica: it receives and flushes, but shows nothing
                 // new
  slow_replay,   // a replica replays at a share of its speed
  crash,         // the server's processes die; its host answers with resets
  node_loss,     // server and host are gone; nothing answers
  cancel_waits,  // pg_cancel_backend() on every commit that waits for a synchronous standby
  set_synchronous_standby_names,  // and reload
  create_subscription,  // a logical subscriber begins: it copies all tables, then applies changes
  alter_subscriber,     // ALTER TABLE on a logical subscriber, as on the publisher
  base_backup,          // pg_basebackup: builds a replica anew, or copies the database to a region
  checkpoint,           // CHECKPOINT on the primary
  switch_wal,           // pg_switch_wal() on the primary: the rest of the segment is padding
  alter_table,          // the primary holds ACCESS EXCLUSIVE on a table for so long, then commits
  truncate,             // likewise, and commits at once
  vacuum,               // VACUUM of a table on the primary
  long_read,            // a report shares a table and keeps its snapshot for so long
  token_store_down,     // the store that an app keeps its tokens in does not answer
  app_crash,            // instances of an app die; what they held in memory is gone
  deploy,               // they take the next version, one after another
  lease_store_down,     // members of the lease store are stopped; their disks stay
  promote,              // pg_promote() on a replica
  dns_outage,           // the record of the primary has no addresses
  backend_crash,        // a backend dies: all others end and the server recovers at once
  disk_full,            // the server stops, and does not start while the disk is full
  vm_stall,             // a host stands still for a while, and goes on
  flapping,             // links that are cut and healed again and again
  cache_loss,           // what the caches of a region hold is gone
  zone_loss,            // all hosts of a zone vanish
  region_loss,          // all hosts of a region vanish
  region_isolated,      // a region lives, and nothing passes between it and others
  kill_agent,           // the process that manages a server dies; the server lives on
  switchover,           // an operator orders one of the manager: models/control/commands.h
  failback,             // a switchover home
  failover,             // without asking the primary
  pause_failover,       // maintenance: no failover while it lasts
  resume_failover,      // ends a pause that has no end, or policy.failover.guards.frozen
  approve,              // the promotion that waits for it
  reject,
  data_directory_lost,  // the files of a server are deleted; its host lives on
  restore_backup,       // an operator restores the last copy of the database to a server
  clock_step,           // of a server's host: models/pg/clocks.h
  clock_drift,
  promote_standby_cluster,  // topology.standby_cluster follows the first cluster no more
};

// The step of an operator after which the terminal is gone and nobody goes on.
enum class OperatorStep : std::uint8_t { stop_old, promote };

// How pg_basebackup waits for its checkpoint (--checkpoint).
enum class CheckpointMode : std::uint8_t { fast, spread };

// What a kind of fault is about and which of its fields it needs; run/validate.cpp goes by it.
enum class FaultSubject : std::uint8_t {
  links,
  replica,
  primary,
  any_node,
  server,  // a primary or a replica
  region,
  none,
  copy,
  subscriber,
  app,
  store,
  manager,  // policy.failover.manager, by an operator
};

// Whether "node" is the server that it happens to.
constexpr bool is_about_node(FaultSubject subject) {
  return subject == FaultSubject::replica || subject == FaultSubject::primary ||
         subject == FaultSubject::any_node || subject == FaultSubject::server;
}

struct FaultRule {
  FaultKind kind;
  FaultSubject subject;
  bool needs_speed = false;
  bool momentary = false;  // "for" means nothing
  bool operation = false;  // an operator's transaction on a data set (models/pg/operations.h)
};

const FaultRule& rule_of(FaultKind kind);

struct FaultConfig {
  FaultKind kind = FaultKind::cut_link;
  Duration at;
  std::optional<Duration> lasts;  // "for"; absent: until the end of the run
  std::optional<std::string> node;
  std::optional<std::string> app;
  std::optional<std::string> data;
  std::optional<Ratio> speed;
  std::optional<std::string> value;
  std::optional<ByteRate> rate;
  CheckpointMode checkpoint = CheckpointMode::spread;
  Ratio compressed_to = percent(100);
  std::optional<std::vector<std::string>> between;
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::optional<std::int64_t> instance;
  std::optional<std::string> member;
  std::optional<std::string> region;
  std::optional<std::string> zone;
  Ratio share = percent(50);
  Duration every = seconds(30);
  std::optional<std::string> adds;
  std::optional<std::string> drops;
  bool others_follow = true;
  std::optional<OperatorStep> stops_after;
  std::optional<Duration> pause_poolers;
  std::optional<Duration> by;
  std::optional<Ratio> drift;

  static const FieldTable& fields();
  friend bool operator==(const FaultConfig&, const FaultConfig&) = default;
};

template <>
const EnumNames& enum_names<FaultKind>();
template <>
const EnumNames& enum_names<CheckpointMode>();
template <>
const EnumNames& enum_names<OperatorStep>();

}  // namespace longhaul
