// What a scenario may say about PostgreSQL servers: machines, durability, write-ahead log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/fields.h"
#include "base/units.h"
#include "models/control/config.h"
#include "sim/distributions.h"

namespace longhaul {

enum class NodeRole : std::uint8_t { primary, replica, logical };

// What several primaries are to one another.
enum class Primaries : std::uint8_t { one, sharded, active_active };

template <>
const EnumNames& enum_names<Primaries>();

enum class NodeStart : std::uint8_t { in_sync, empty };

// One PostgreSQL server.
struct NodeConfig {
  std::string name;
  std::string region;
  std::string zone = "a";
  NodeRole role = NodeRole::replica;
  std::int64_t weight = 1;
  std::optional<std::string> follows;  // the node that a replica streams from
  NodeStart starts = NodeStart::in_sync;
  std::int64_t cpus = 4;
  std::int64_t max_connections = 100;
  DurationDistribution fsync = DurationDistribution::constant(milliseconds(1));
  Duration clock_skew;
  ByteRate replay_rate = {100'000'000};
  ByteRate replay_image_rate = {400'000'000};
  Duration replay_record_time = microseconds(4);
  Duration recovery_min_apply_delay;
  EventRate apply_rate = per_second(10'000);
  ByteRate copy_rate = {20'000'000};
  ByteRate disk_read_rate = {131'072'000};
  ByteRate disk_write_rate = {131'072'000};
  bool slot = false;
  std::optional<Bytes> wal_disk;
  ByteRate disk_rate = {125 * 1024 * 1024};  // zero: unlimited
  std::optional<Duration> max_standby_streaming_delay;
  std::optional<bool> hot_standby_feedback;
  NodeTags failover;

  static const FieldTable& fields();
  friend bool operator==(const NodeConfig&, const NodeConfig&) = default;
};

// Time to hand that much to its disk.
constexpr Duration write_time(Bytes size, const NodeConfig& node) {
  return node.disk_rate.bytes_per_s == 0 ? Duration{} : transfer_time(size, node.disk_rate);
}

enum class SynchronousCommit : std::uint8_t { off, local, remote_write, on, remote_apply };

// How full-page images are compressed.
enum class WalCompression : std::uint8_t { off, pglz, lz4, zstd };

// What a standby that served no reads lacks when it is promoted.
struct ColdCacheConfig {
  Ratio slowdown = percent(500);
  std::int64_t pages = 16'384;

  static const FieldTable& fields();
  friend bool operator==(const ColdCacheConfig&, const ColdCacheConfig&) = default;
};

// Settings that hold for the whole cluster, under the names PostgreSQL gives them.
struct PostgresConfig {
  SynchronousCommit synchronous_commit = SynchronousCommit::on;
  std::string synchronous_standby_names;  // "FIRST 1 (db-eu, db-ap)", "ANY 1 (*)", or empty
  bool ssl = true;
  Duration backend_start = microseconds(2600);
  Duration scram_computing = milliseconds(8);
  Duration server_start = milliseconds(500);
  Duration wal_writer_delay = milliseconds(200);
  Duration wal_receiver_status_interval = seconds(10);
  Duration wal_sender_timeout = seconds(60);    // zero: none
  Duration wal_receiver_timeout = seconds(60);  // zero: none
  Duration wal_retrieve_retry_interval = seconds(5);
  DurationDistribution end_of_recovery =
      DurationDistribution::uniform(milliseconds(23), milliseconds(80));
  Duration statement_timeout;  // 0: none
  Duration lock_timeout;       // 0: none
  Duration deadlock_timeout = seconds(1);
  std::optional<Bytes> database_size;
  Bytes wal_writer_flush_after = mebibytes(1);
  Bytes wal_buffers = mebibytes(16);
  bool full_page_writes = true;
  bool wal_log_hints = false;
  bool data_checksums = false;
  WalCompression wal_compression = WalCompression::off;
  Duration checkpoint_timeout = minutes(5);
  Bytes max_wal_size = mebibytes(1024);
  Ratio checkpoint_completion_target = percent(90);
  Duration archive_timeout;
  Bytes wal_keep_size;
  std::optional<Bytes> max_slot_wal_keep_size;  // absent: no bound
  bool autovacuum = true;
  Duration autovacuum_naptime = minutes(1);
  Duration max_standby_streaming_delay = seconds(30);
  bool hot_standby_feedback = false;
  std::optional<ColdCacheConfig> cold_cache;

  static const FieldTable& fields();
  friend bool operator==(const PostgresConfig&, const PostgresConfig&) = default;
};

// The write-ahead log and its way to the standbys.
struct WalConfig {
  Bytes wal_segment_size = mebibytes(16);
  std::int64_t stream_round_trips = 5;
  Bytes send_chunk = kibibytes(128);
  Bytes replay_batch = kibibytes(128);
  Bytes record_overhead = {60};
  Bytes commit_record = {40};
  Duration reply_handling = microseconds(300);
  Bytes index_record = {64};
  Bytes tcp_window = {3'900'000};
  Bytes tcp_send_buffer = mebibytes(2);
  Bytes tcp_initial_window = {14'480};
  bool tcp_slow_start_after_idle = true;

  static const FieldTable& fields();
  friend bool operator==(const WalConfig&, const WalConfig&) = default;
};

// The segment that holds a position begins there.
constexpr Lsn segment_begin(Lsn position, const WalConfig& wal) {
  return {position.value - position.value % static_cast<std::uint64_t>(wal.wal_segment_size.value)};
}

template <>
const EnumNames& enum_names<NodeRole>();
template <>
const EnumNames& enum_names<NodeStart>();
template <>
const EnumNames& enum_names<SynchronousCommit>();
template <>
const EnumNames& enum_names<WalCompression>();

}  // namespace longhaul
