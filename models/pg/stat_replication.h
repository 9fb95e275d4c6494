// One row of pg_stat_replication: what a walsender knows about its standby.
//
// The figures stand on the upstream and are as old as the last reply. The row is there as long as
// the walsender is, whether or not the standby still answers.
//
// Source: PostgreSQL manual, "Monitoring Database Activity", pg_stat_replication; walsender.c
// (pg_stat_get_wal_senders). Left out: the columns that say who is connected from where.
#pragma once

#include <optional>
#include <string_view>

#include "models/world.h"

namespace longhaul {

enum class WalSenderState : std::uint8_t { catchup, streaming };
enum class SyncState : std::uint8_t { async, potential, sync, quorum };

struct StatReplication {
  WalSenderState state = WalSenderState::streaming;
  SyncState sync_state = SyncState::async;
  Lsn sent_lsn;
  Lsn write_lsn;
  Lsn flush_lsn;
  Lsn replay_lsn;
  std::optional<Duration> write_lag;
  std::optional<Duration> flush_lag;
  std::optional<Duration> replay_lag;
  TimePoint reply_time;  // when the last reply was sent, on the standby's clock; zero: none yet
};

std::string_view to_text(WalSenderState state);
std::string_view to_text(SyncState state);

StatReplication stat_replication(const World& world, const WalStream& stream);

// The row of that standby on its upstream; absent when nobody sends to it.
std::optional<StatReplication> stat_replication(const World& world, NodeId standby);

}  // namespace longhaul
