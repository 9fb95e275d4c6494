#include "models/pg/config.h"

namespace longhaul {

template <>
const EnumNames& enum_names<NodeRole>() {
  static const EnumNames names{
      {"primary", "replica", "logical"},
      {"Accepts writes.", "Streams from the node it follows.",
       "Subscribes to all tables of the primary, which it follows, by logical replication."},
      {"witness", "arbiter", "router", "archive"}};
  return names;
}

template <>
const EnumNames& enum_names<Primaries>() {
  static const EnumNames names{
      {"one", "sharded", "active_active"},
      {"One primary takes all writes.",
       "Each primary owns the rows of its tenants, and data sets that name it as their home.",
       "Each primary has all rows, takes writes to them and applies those of the others by logical "
       "replication, asynchronously; of two writes that did not see each other the one with the "
       "later timestamp wins and the other is lost."},
      {"multi_primary", "bdr", "spock", "citus"}};
  return names;
}

template <>
const EnumNames& enum_names<NodeStart>() {
  static const EnumNames names{
      {"in_sync", "empty"},
      {"Has all that the primary has.",
       "Has no data; a base_backup among the faults builds it, or a create_subscription."}};
  return names;
}

template <>
const EnumNames& enum_names<SynchronousCommit>() {
  static const EnumNames names{
      {"off", "local", "remote_write", "on", "remote_apply"},
      {"Answers at once; the WAL writer flushes later.", "Waits for the primary's own flush.",
       "Waits until the deciding standbys have written the commit.",
       "Waits until the deciding standbys have flushed the commit.",
       "Waits until the deciding standbys show the commit to readers."}};
  return names;
}

template <>
const EnumNames& enum_names<WalCompression>() {
  static const EnumNames names{{"off", "pglz", "lz4", "zstd"}, {}};
  return names;
}

const FieldTable& NodeConfig::fields() {
  static const FieldTable table = field_table<NodeConfig>(
      "node",
      {
          field<&NodeConfig::name>("name").about("Name of the server.").required(),
          field<&NodeConfig::region>("region")
              .about("Region it runs in, one of topology.regions.")
              .required(),
          field<&NodeConfig::zone>("zone")
              .about("Availability zone inside the region.")
              .source("machines that do not say share one zone"),
          field<&NodeConfig::role>("role")
              .about("What the server is when the run starts.")
              .required(),
          field<&NodeConfig::weight>("weight")
              .about("Its share of reads among replicas of equal rank, with policy.router.balance "
                     "\"by_weight\". 0: none while another of them is admitted.")
              .source("all alike")
              .between(0, 1'000'000),
          field<&NodeConfig::follows>("follows")
              .about(
                  "The node that a replica streams from; a replica may follow a replica, a logical "
                  "subscriber the primary.")
              .only_when("role", NodeRole::replica, NodeRole::logical),
          field<&NodeConfig::starts>("starts")
              .about("What a replica holds when the run starts.")
              .source("a cluster in operation")
              .only_when("role", NodeRole::replica, NodeRole::logical),
          field<&NodeConfig::cpus>("cpus")
              .about("Statements that run at the same time.")
              .source("a 4 vCPU database instance")
              .between(1, 1024),
          field<&NodeConfig::max_connections>("max_connections")
              .about("Connection slots; one more is refused.")
              .source("PostgreSQL default")
              .between(1, 100'000),
          field<&NodeConfig::fsync>("fsync")
              .about("Time of one flush of the write-ahead log.")
              .source(
                  "network SSD volumes promise single-digit milliseconds; measure your own with "
                  "pg_test_fsync"),
          field<&NodeConfig::clock_skew>("clock_skew")
              .about("What the server's clock shows beyond the true time: it shifts what standbys "
                     "make of commit timestamps and heartbeats.")
              .source("clocks kept by NTP agree to milliseconds")
              .between(minutes(-60), minutes(60)),
          field<&NodeConfig::replay_rate>("replay_rate")
              .about("Write-ahead log that the one startup process of a replica replays per time, "
                     "beside replay_record_time for each record; full-page images count by "
                     "themselves.")
              .source("with replay_record_time: 18 to 20 MB/s of small transactions measured on "
                      "PostgreSQL 15 after a pause; pages that must come from a disk are slower")
              .between(ByteRate{1000}, ByteRate{1'000'000'000'000}),
          field<&NodeConfig::replay_image_rate>("replay_image_rate")
              .about("Full-page images that the startup process restores per time.")
              .source("a copy into memory; measured on PostgreSQL 15: replay keeps up with 49 MB/s "
                      "of images")
              .between(ByteRate{1000}, ByteRate{1'000'000'000'000}),
          field<&NodeConfig::replay_record_time>("replay_record_time")
              .about("Time to replay one record of the write-ahead log, whatever its size.")
              .source("measured on PostgreSQL 15: 2000 transactions of four records in 40 ms")
              .between(Duration{}, seconds(1)),
          field<&NodeConfig::recovery_min_apply_delay>("recovery_min_apply_delay")
              .about("A replica shows a commit this long after it was made, and not before.")
              .source("PostgreSQL default")
              .between(Duration{}, minutes(60 * 24 * 7))
              .only_when("role", NodeRole::replica),
          field<&NodeConfig::apply_rate>("apply_rate")
              .about("Rows that the apply worker of a logical subscriber applies per time.")
              .source("5,000 to 30,000 a second are common with a primary key, unverified: measure "
                      "your own")
              .between(per_second(1), per_second(10'000'000))
              .only_when("role", NodeRole::logical),
          field<&NodeConfig::copy_rate>("copy_rate")
              .about("What each of the two workers of an initial copy writes per time, indexes "
                     "included.")
              .source("COPY into a table with a primary key, order of magnitude, unverified")
              .between(ByteRate{1000}, ByteRate{1'000'000'000'000})
              .only_when("role", NodeRole::logical),
          field<&NodeConfig::disk_read_rate>("disk_read_rate")
              .about("What a base backup reads from the server's disk per time.")
              .source("AWS gp3: 125 MiB/s unless more is paid for")
              .between(ByteRate{1000}, ByteRate{1'000'000'000'000}),
          field<&NodeConfig::disk_write_rate>("disk_write_rate")
              .about("What a base backup writes to the server's disk per time.")
              .source("AWS gp3: 125 MiB/s unless more is paid for")
              .between(ByteRate{1000}, ByteRate{1'000'000'000'000}),
          field<&NodeConfig::slot>("slot")
              .about("Whether the upstream keeps a physical replication slot for this replica: its "
                     "log is not removed before the replica has flushed it.")
              .source("PostgreSQL default: primary_slot_name is empty")
              .only_when("role", NodeRole::replica),
          field<&NodeConfig::wal_disk>("wal_disk")
              .about(
                  "Room for the write-ahead log of a primary. When it is full the server stops and "
                  "stays down. Absent: there is always room.")
              .between(mebibytes(32), mebibytes(1 << 30)),
          field<&NodeConfig::disk_rate>("disk_rate")
              .about("Bytes a second that the disk writes: what a flush writes takes this time "
                     "beside fsync.")
              .source("an AWS gp3 volume without extra throughput; 130 MB/s of log right after a "
                      "checkpoint measured on PostgreSQL 15")
              .between(ByteRate{1'000'000}, ByteRate{1'000'000'000'000}),
          field<&NodeConfig::max_standby_streaming_delay>("max_standby_streaming_delay")
              .about("The replica's own value of postgres.max_standby_streaming_delay.")
              .between(Duration{}, milliseconds(2'147'483'647))
              .only_when("role", NodeRole::replica),
          field<&NodeConfig::hot_standby_feedback>("hot_standby_feedback")
              .about("The replica's own value of postgres.hot_standby_feedback.")
              .only_when("role", NodeRole::replica),
          field<&NodeConfig::failover>("failover")
              .about("What the failover manager is told about the server."),
      },
      {"archive", "version", "memory", "disk", "price"});
  return table;
}

const FieldTable& ColdCacheConfig::fields() {
  static const FieldTable table = field_table<ColdCacheConfig>(
      "cold_cache",
      {
          field<&ColdCacheConfig::slowdown>("slowdown")
              .about("How long a statement takes whose pages all come from the disk, of what it "
                     "takes in memory.")
              .source("order of magnitude: some pages at 0.5 to 1 ms beside a statement of 1 ms")
              .between(percent(100), percent(100'000)),
          field<&ColdCacheConfig::pages>("pages")
              .about("Pages that reads want: so many rows touched leave 37 % of them cold.")
              .source("PostgreSQL shared_buffers of 128 MB")
              .between(1, 1'000'000'000),
      });
  return table;
}

const FieldTable& PostgresConfig::fields() {
  static const FieldTable table = field_table<PostgresConfig>(
      "postgres",
      {
          field<&PostgresConfig::synchronous_commit>("synchronous_commit")
              .about("What a commit waits for.")
              .source("PostgreSQL default"),
          field<&PostgresConfig::synchronous_standby_names>("synchronous_standby_names")
              .about(
                  "\"FIRST n (a, b)\", \"ANY n (a, b)\", \"a, b\" or \"*\"; empty: no standby is "
                  "waited for and \"on\" means \"local\".")
              .source("PostgreSQL default: empty"),
          field<&PostgresConfig::ssl>("ssl")
              .about("Whether the servers speak TLS, for one more round trip of each connection "
                     "that asks for it.")
              .source("managed services and Debian's packages have it on; PostgreSQL itself off"),
          field<&PostgresConfig::backend_start>("backend_start")
              .about("Time until a server has a process for a new connection.")
              .source("measured: 163.3 ms for two round trips of 80.3, PostgreSQL 15")
              .between(nanoseconds(0), seconds(10)),
          field<&PostgresConfig::scram_computing>("scram_computing")
              .about("Time that SCRAM computes, at both ends together.")
              .source("measured: 331 ms with it, 163.3 without, two round trips of 80.3 apart")
              .between(nanoseconds(0), seconds(10)),
          field<&PostgresConfig::server_start>("server_start")
              .about("Time from starting a server until it accepts connections, beside what a "
                     "crash leaves to redo.")
              .source("pg_ctl start of a small database, order of magnitude; with many files their "
                      "sync before crash recovery takes longer")
              .between(Duration{}, minutes(60)),
          field<&PostgresConfig::wal_writer_delay>("wal_writer_delay")
              .about(
                  "Pause between two rounds of the WAL writer, which flushes asynchronous commits.")
              .source("PostgreSQL default")
              .between(milliseconds(1), seconds(10)),
          field<&PostgresConfig::database_size>("database_size")
              .about(
                  "Files that a base backup copies. Absent: what the rows of all data sets take, "
                  "with a primary key each, beside an empty cluster.")
              .between(mebibytes(1), Bytes{1'000'000'000'000'000}),
          field<&PostgresConfig::wal_receiver_status_interval>("wal_receiver_status_interval")
              .about("Longest time between two status replies of a standby.")
              .source("PostgreSQL default")
              .between(seconds(1), seconds(2'147'483)),
          field<&PostgresConfig::wal_sender_timeout>("wal_sender_timeout")
              .about(
                  "A walsender that has heard nothing from its standby for so long ends; half of "
                  "it later than the last reply it asks for one. \"0s\": never.")
              .source("PostgreSQL default")
              .between(Duration{}, seconds(2'147'483)),
          field<&PostgresConfig::wal_receiver_timeout>("wal_receiver_timeout")
              .about(
                  "A walreceiver that has heard nothing from its upstream for so long ends and the "
                  "standby connects anew. \"0s\": never.")
              .source("PostgreSQL default")
              .between(Duration{}, seconds(2'147'483)),
          field<&PostgresConfig::wal_retrieve_retry_interval>("wal_retrieve_retry_interval")
              .about("A standby whose attempt to stream failed waits so long before the next.")
              .source("PostgreSQL default")
              .between(milliseconds(1), seconds(2'147'483)),
          field<&PostgresConfig::end_of_recovery>("end_of_recovery")
              .about("From when a promoted replica has replayed all that it has until it accepts "
                     "writes.")
              .source("measured: 23 to 80 ms from pg_ctl promote to the first accepted write, with "
                      "nothing left to replay"),
          field<&PostgresConfig::statement_timeout>("statement_timeout")
              .about("How long the server lets a statement run or wait for locks; 0s: for ever. It "
                     "does not bound a commit's wait for standbys.")
              .source("PostgreSQL default")
              .between(Duration{}, seconds(2'147'483)),
          field<&PostgresConfig::lock_timeout>("lock_timeout")
              .about("How long one attempt to lock a row may wait; 0s: for ever.")
              .source("PostgreSQL default")
              .between(Duration{}, seconds(2'147'483)),
          field<&PostgresConfig::deadlock_timeout>("deadlock_timeout")
              .about("How long a statement waits for a lock before it looks for a deadlock.")
              .source("PostgreSQL default")
              .between(milliseconds(1), seconds(2'147'483)),
          field<&PostgresConfig::wal_writer_flush_after>("wal_writer_flush_after")
              .about("Log that wakes the WAL writer before its time.")
              .source("PostgreSQL default")
              .between(kibibytes(8), mebibytes(1024)),
          field<&PostgresConfig::wal_buffers>("wal_buffers")
              .about("Log that may wait in memory; beyond it an asynchronous commit waits for the "
                     "disk.")
              .source("PostgreSQL: 1/32 of shared_buffers, at most this")
              .between(kibibytes(64), mebibytes(1024)),
          field<&PostgresConfig::full_page_writes>("full_page_writes")
              .about("Whether the first change of a page after a checkpoint logs the whole page.")
              .source("PostgreSQL default"),
          field<&PostgresConfig::wal_log_hints>("wal_log_hints")
              .about("Whether the first hint bit on a page logs the page: pg_rewind needs it, or "
                     "data_checksums. What it adds to the log is not modelled.")
              .source("PostgreSQL default; Patroni sets it on"),
          field<&PostgresConfig::data_checksums>("data_checksums")
              .about("Whether pages have checksums, which pg_rewind may rely on instead of "
                     "wal_log_hints.")
              .source("initdb of PostgreSQL 15 to 17; on from 18"),
          field<&PostgresConfig::wal_compression>("wal_compression")
              .about(
                  "How images of pages are compressed: to a half by pglz and lz4, to 35 % by zstd "
                  "(not measured; it depends on the rows).")
              .source("PostgreSQL default"),
          field<&PostgresConfig::checkpoint_timeout>("checkpoint_timeout")
              .about("Time between two checkpoints of a server that writes.")
              .source("PostgreSQL default")
              .between(seconds(30), minutes(60 * 24)),
          field<&PostgresConfig::max_wal_size>("max_wal_size")
              .about("A checkpoint is requested after this / (1 + checkpoint_completion_target) of "
                     "log, in segments of 16 MiB.")
              .source("PostgreSQL default")
              .between(mebibytes(32), mebibytes(1 << 30)),
          field<&PostgresConfig::checkpoint_completion_target>("checkpoint_completion_target")
              .about("Share of the time until the next checkpoint over which one is spread.")
              .source("PostgreSQL default")
              .between(percent(0), percent(100)),
          field<&PostgresConfig::archive_timeout>("archive_timeout")
              .about("Ends a segment in which something was logged for this long; the rest of its "
                     "16 MiB is padding. 0s: never.")
              .source("PostgreSQL default")
              .between(Duration{}, minutes(60 * 24)),
          field<&PostgresConfig::wal_keep_size>("wal_keep_size")
              .about("Log behind its end that a checkpoint does not remove, for replicas without a "
                     "slot that fall behind.")
              .source("PostgreSQL default")
              .between(Bytes{}, mebibytes(1 << 30)),
          field<&PostgresConfig::max_slot_wal_keep_size>("max_slot_wal_keep_size")
              .about("Most log that replication slots keep. A slot that needs more is lost when a "
                     "checkpoint ends. Absent: no bound.")
              .source("PostgreSQL default, -1")
              .between(Bytes{}, mebibytes(1 << 30)),
          field<&PostgresConfig::autovacuum>("autovacuum")
              .about("Whether data sets are vacuumed by themselves.")
              .source("PostgreSQL default"),
          field<&PostgresConfig::autovacuum_naptime>("autovacuum_naptime")
              .about("Time between two looks for data sets to vacuum.")
              .source("PostgreSQL default")
              .between(seconds(1), minutes(60 * 24)),
          field<&PostgresConfig::max_standby_streaming_delay>("max_standby_streaming_delay")
              .about(
                  "How long replay on a replica waits for readers in its way, from the receipt of "
                  "the write-ahead log; then they are cancelled. For PostgreSQL's -1, for ever, "
                  "write more than the run lasts.")
              .source("PostgreSQL default")
              .between(Duration{}, milliseconds(2'147'483'647)),
          field<&PostgresConfig::cold_cache>("cold_cache")
              .about("A standby that served no reads has their pages to fetch once it is the "
                     "primary. Absent: it is as fast as the old one."),
          field<&PostgresConfig::hot_standby_feedback>("hot_standby_feedback")
              .about("Replicas report their oldest snapshot, and vacuum keeps what it may need.")
              .source("PostgreSQL default"),
      },
      {"max_standby_archive_delay", "commit_delay", "commit_siblings", "synchronized_standby_slots",
       "max_wal_senders"});
  return table;
}

const FieldTable& WalConfig::fields() {
  static const FieldTable table = field_table<WalConfig>(
      "wal",
      {
          field<&WalConfig::wal_segment_size>("wal_segment_size")
              .about(
                  "Size of a segment of the log; a standby that connects anew is sent the segment "
                  "it was in from its beginning.")
              .source("PostgreSQL default; set by initdb")
              .between(mebibytes(1), mebibytes(1024)),
          field<&WalConfig::stream_round_trips>("stream_round_trips")
              .about("Round trips from a standby's first packet to its START_REPLICATION: TCP 1, "
                     "TLS 2, authentication with SCRAM 3, less what TCP itself carries.")
              .source("counted: a new connection takes 4 round trips with SCRAM and 5 with "
                      "sslmode=prefer, measured on PostgreSQL 15")
              .between(1, 100),
          field<&WalConfig::send_chunk>("send_chunk")
              .about("Most write-ahead log that one message of a walsender carries.")
              .source("PostgreSQL walsender.c, MAX_SEND_SIZE: 16 pages of 8 kB")
              .between(kibibytes(1), mebibytes(64)),
          field<&WalConfig::replay_batch>("replay_batch")
              .about("Most write-ahead log that becomes visible on a replica at once.")
              .source("ours: a backlog becomes visible record by record, this is fine against it")
              .between(Bytes{1}, mebibytes(64)),
          field<&WalConfig::record_overhead>("record_overhead")
              .about("Bytes of a row's WAL record beyond the row itself.")
              .source("with commit_record: 104 bytes for an INSERT of one integer of 4 bytes, "
                      "measured on PostgreSQL 15")
              .between(Bytes{0}, mebibytes(1)),
          field<&WalConfig::commit_record>("commit_record")
              .about("Bytes of a commit record.")
              .source("xl_xact_commit with its header, PostgreSQL 15")
              .between(Bytes{1}, mebibytes(1)),
          field<&WalConfig::reply_handling>("reply_handling")
              .about("Time that waking up and handling take, beyond the network and the disk, from "
                     "the arrival of WAL at a standby until its upstream knows the position: "
                     "walreceiver and walsender together.")
              .source("measured on PostgreSQL 15: write_lag is 0.3 ms above a round trip, at 20 ms "
                      "as at 200 ms")
              .between(Duration{}, seconds(1)),
          field<&WalConfig::index_record>("index_record")
              .about("Bytes of the record of one index entry.")
              .source("xl_btree_insert of a bigint with its header, PostgreSQL 15")
              .between(Bytes{1}, mebibytes(1)),
          field<&WalConfig::tcp_window>("tcp_window")
              .about("Most bytes of a WAL stream on their way at once; throughput is at most this "
                     "per round trip.")
              .source("measured: one walsender moves 3.9 MB per round trip with Linux defaults")
              .between(Bytes{1448}, mebibytes(4096)),
          field<&WalConfig::tcp_send_buffer>("tcp_send_buffer")
              .about(
                  "What a walsender's socket holds at least, which counts as sent; it grows with "
                  "the congestion window up to tcp_window.")
              .source("measured: sent_lsn runs 2.1 MB ahead on a slow link, PostgreSQL 15 on Linux")
              .between(Bytes{1448}, mebibytes(4096)),
          field<&WalConfig::tcp_initial_window>("tcp_initial_window")
              .about(
                  "Congestion window of a WAL stream at its start, in whole segments; it doubles "
                  "each round trip until the first loss.")
              .source("Linux: 10 segments of 1448 bytes")
              .between(Bytes{1448}, mebibytes(64)),
          field<&WalConfig::tcp_slow_start_after_idle>("tcp_slow_start_after_idle")
              .about(
                  "Whether the congestion window shrinks while the stream is idle or does not use "
                  "it.")
              .source("Linux default"),
      });
  return table;
}

}  // namespace longhaul
