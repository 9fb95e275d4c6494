#include "models/app/config.h"

namespace longhaul {

template <>
const EnumNames& enum_names<LagSource>() {
  static const EnumNames names{
      {"replay_timestamp", "replay_timestamp_unless_caught_up", "write_lag", "flush_lag",
       "replay_lag", "heartbeat", "replay_lag_bytes", "position_difference"},
      {"now() - pg_last_xact_replay_timestamp(): grows by itself while nothing is written.",
       "The same, but zero when all that was received is replayed: blind to a dead stream.",
       "pg_stat_replication.write_lag, asked of the upstream: a round trip and what has not been "
       "written.",
       "pg_stat_replication.flush_lag, asked of the upstream.",
       "pg_stat_replication.replay_lag, asked of the upstream: at least a round trip; stands still "
       "while the replica cannot reply, NULL after a pause of the traffic.",
       "The replica's clock minus the time in a row that monitoring.heartbeat_interval keeps "
       "writing.",
       "pg_current_wal_lsn() - replay_lsn in bytes, asked of the upstream; no time.",
       "The primary's position minus the replica's in bytes, from two probes; no time."}};
  return names;
}

template <>
const EnumNames& enum_names<Authentication>() {
  static const EnumNames names{
      {"scram", "trust"},
      {"scram-sha-256: three round trips and some computing.", "No proof: one round trip."},
      {"md5", "cert", "ldap"}};
  return names;
}

template <>
const EnumNames& enum_names<SslMode>() {
  static const EnumNames names{
      {"prefer", "disable", "require"},
      {"Asks for TLS, one round trip; the handshake is one more when the server has it.",
       "Does not ask.", "Asks, and goes on only with TLS."},
      {"allow", "verify-ca", "verify-full"}};
  return names;
}

const FieldTable& PoolConfig::fields() {
  static const FieldTable table = field_table<PoolConfig>(
      "pool",
      {
          field<&PoolConfig::size>("size")
              .about("Most connections of one instance to one database; opened when first needed.")
              .source("HikariCP maximumPoolSize")
              .between(1, 10'000),
          field<&PoolConfig::authentication>("authentication")
              .about("How a new connection proves who it is: round trips and computing.")
              .source("PostgreSQL: scram-sha-256 since 14"),
          field<&PoolConfig::sslmode>("sslmode")
              .about("Whether a new connection asks for TLS; the server answers with postgres.ssl.")
              .source("libpq default"),
          field<&PoolConfig::connect_timeout>("connect_timeout")
              .about("How long an attempt to connect may take; then it is given up and made anew "
                     "while "
                     "statements wait.")
              .source("pgjdbc connectTimeout")
              .between(milliseconds(1), minutes(60)),
          field<&PoolConfig::wait_timeout>("wait_timeout")
              .about("How long a statement waits for a connection before it fails.")
              .source("HikariCP connectionTimeout")
              .between(milliseconds(1), minutes(60)),
          field<&PoolConfig::queue>("queue")
              .about("Statements that may wait for a connection; one more fails at once.")
              .source("a bound so that memory stays bounded")
              .between(0, 1'000'000),
          field<&PoolConfig::lifetime>("lifetime")
              .about("Age at which a connection is closed when nobody uses it, less up to 2.5 % "
                     "that each draws. Absent: it is kept.")
              .source("HikariCP maxLifetime: 30 min")
              .between(seconds(1), minutes(60 * 24 * 366)),
          field<&PoolConfig::idle_timeout>("idle_timeout")
              .about("A connection that was idle for longer is closed; looked at every 30 s. "
                     "Absent: it is kept.")
              .source("HikariCP idleTimeout: 10 min")
              .between(seconds(1), minutes(60 * 24 * 366)),
      },
      {"mode", "size_min", "validate"});
  return table;
}

const FieldTable& AppConfig::fields() {
  static const FieldTable table = field_table<AppConfig>(
      "app",
      {
          field<&AppConfig::name>("name")
              .about("Name of the application in this region.")
              .required(),
          field<&AppConfig::region>("region")
              .about("Region it runs in, one of topology.regions.")
              .required(),
          field<&AppConfig::zone>("zone")
              .about("Availability zone inside the region.")
              .source("machines that do not say share one zone"),
          field<&AppConfig::instances>("instances")
              .about("Processes, each with pools, probes and breakers of its own.")
              .source("one")
              .between(1, 1'000),
          field<&AppConfig::pool>("pool").about("Connections to the databases."),
          field<&AppConfig::connect>("connect").about("How it finds the server for its writes."),
          field<&AppConfig::tcp>("tcp").about(
              "When the kernel gives up a connection whose other end is silent; PgBouncer's, if "
              "there is one."),
          field<&AppConfig::pgbouncer>("pgbouncer")
              .about("PgBouncer in transaction mode between the application and its databases, in "
                     "place of the pool's size, connect_timeout, wait_timeout, queue, lifetime and "
                     "idle_timeout. Absent: none."),
          field<&AppConfig::outbox>("outbox").about("The queue for calls with \"enqueue\"."),
          field<&AppConfig::statement_timeout>("statement_timeout")
              .about(
                  "How long the application waits for the answer to a statement before it closes "
                  "the connection and fails the page: a driver's socket time-out. The server is "
                  "not told: its own limit is postgres.statement_timeout.")
              .source("the 30 s that web servers commonly give a request")
              .between(milliseconds(1), minutes(60 * 24)),
          field<&AppConfig::page_timeout>("page_timeout")
              .about("How long the application works on one page, retries included, before it "
                     "answers with an error. Absent: each statement has its time-out, the page "
                     "none.")
              .between(milliseconds(1), minutes(60)),
          field<&AppConfig::lag_source>("lag_source")
              .about("What probes report as a replica's lag.")
              .source(
                  "the formula of most monitoring; the canary writes keep the primary from being "
                  "idle"),
          field<&AppConfig::position_poll>("position_poll")
              .about(
                  "Pause between two questions for a replica's replay position while a read waits "
                  "for its token.")
              .source("PostgreSQL 15 to 18 have no server-side wait; ours, short against a ping")
              .between(microseconds(100), seconds(10)),
          field<&AppConfig::token_store_delay>("token_store_delay")
              .about("policy.freshness.store shared: from asking the store for a token, or handing "
                     "it one, until it has answered. Absent: a round trip to the next zone.")
              .source("a store in memory answers at once; it runs in another zone")
              .between(Duration{0}, minutes(1)),
      },
      {"name_cache", "cpus", "price"});
  return table;
}

}  // namespace longhaul
