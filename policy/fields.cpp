// The field tables of the policy block: names, documentation, bounds and the sources of the
// defaults. They allocate, so they stand apart from the code that decides.
#include "policy/config.h"
#include "policy/lag_alert.h"

namespace longhaul {

template <>
const EnumNames& enum_names<FreshnessRule>() {
  static const EnumNames names{
      {"none", "pin_after_write", "lsn_token"},
      {"A replica that lags may show a session an older state than its own last write.",
       "After a write the session reads from the primary for the time of the pin.",
       "A session reads from replicas that have replayed its last write."},
      {"session_on_replica", "bounded_staleness", "monotonic_reads"}};
  return names;
}

template <>
const EnumNames& enum_names<FreshnessOtherwise>() {
  static const EnumNames names{
      {"primary", "fail", "serve_stale"},
      {"The primary serves the read.", "The read fails.", "The replica serves what it has."}};
  return names;
}

template <>
const EnumNames& enum_names<TokenScope>() {
  static const EnumNames names{
      {"request", "session", "user"},
      {"The token lives as long as one request.", "The token lives in the session, as in a cookie.",
       "All sessions of a user share one token, as in a shared store."}};
  return names;
}

template <>
const EnumNames& enum_names<PrimaryReads>() {
  static const EnumNames names{
      {"when_nearest", "fallback_only"},
      {"The primary takes part in the order of preference; a replica at the same distance wins.",
       "The primary serves reads only when no replica may."}};
  return names;
}

template <>
const EnumNames& enum_names<WhenNoReplica>() {
  static const EnumNames names{{"primary", "fail"},
                               {"The primary serves the read.", "The read fails."}};
  return names;
}

const FieldTable& RouterConfig::fields() {
  static const FieldTable table = field_table<RouterConfig>(
      "router",
      {field<&RouterConfig::use_replica_reads>("use_replica_reads")
           .about("Reads may go to replicas. Without it everything goes to the primary.")
           .source("the reason to have a router; GitLab load balancing behaves so when configured"),
       field<&RouterConfig::primary_reads>("primary_reads")
           .about("When the primary serves reads beside its writes.")
           .source("our choice: the nearest copy is the fastest and the primary is never stale"),
       field<&RouterConfig::when_no_replica>("when_no_replica")
           .about("What happens to a read when no replica is admitted and the primary is not the "
                  "nearest database. With \"primary\" the load of all replicas lands there.")
           .source("pgpool-II, GitLab load balancing: reads fall back to the primary")},
      {"balance", "weights", "prefer_zone", "hedge_after"});
  return table;
}

const FieldTable& FreshnessConfig::fields() {
  static const FieldTable table = field_table<FreshnessConfig>(
      "freshness rule",
      {field<&FreshnessConfig::rule>("rule")
           .about("How a session is made to see its own writes.")
           .source("MaxScale causal_reads=none; Rails DatabaseSelector is off unless configured"),
       field<&FreshnessConfig::pin>("pin")
           .about(
               "Rule pin_after_write: how long after its last acknowledged write a session reads "
               "from the primary. Safe only above open_above + probe_interval + a probe's time.")
           .source("Makara primary_ttl 5 s, django_replicated cookie 5 s (Rails: 2 s)")
           .between(Duration{0}, minutes(60 * 24)),
       field<&FreshnessConfig::wait>("wait")
           .about("Rule lsn_token: longest wait for a replica to replay the session's write. "
                  "0s: never wait.")
           .source("our choice: below most cross-region round trips, above most replay delays "
                   "(MaxScale causal_reads_timeout: 10 s)")
           .between(Duration{0}, minutes(10)),
       field<&FreshnessConfig::otherwise>("otherwise")
           .about("Rule lsn_token: what happens when no replica covers the token in time.")
           .source("MaxScale causal_reads=local retries on the primary; GitLab sticking likewise"),
       field<&FreshnessConfig::scope>("scope")
           .about("Whose writes a read must see: the token that the host passes to the router.")
           .source("Rails, Makara and django_replicated keep it in a cookie of the session")});
  return table;
}

const FieldTable& LagBreakerConfig::fields() {
  static const FieldTable table = field_table<LagBreakerConfig>(
      "lag breaker",
      {field<&LagBreakerConfig::enabled>("enabled")
           .about("Without it a replica gets reads whatever its lag, answering or not.")
           .source("our choice; pgpool-II delay_threshold_by_time 0 and ProxySQL "
                   "max_replication_lag 0 are off"),
       field<&LagBreakerConfig::open_above>("open_above")
           .about("Lag in time above which the breaker opens.")
           .source("our choice: three probe intervals, above the noise of one missed probe "
                   "(GitLab max_replication_lag_time: 60 s)")
           .between(Duration{0}, minutes(60 * 24)),
       field<&LagBreakerConfig::close_below>("close_below")
           .about("Lag in time up to which an observation counts as good. Below open_above, or the "
                  "breaker would flap.")
           .source("our choice: a third of open_above, one probe interval")
           .between(Duration{0}, minutes(60 * 24)),
       field<&LagBreakerConfig::open_above_bytes>("open_above_bytes")
           .about("Lag in bytes of WAL above which the breaker opens. Absent: bytes do not count.")
           .source("absent, as pgpool-II delay_threshold 0 (GitLab: 8 MiB)")
           .between(std::int64_t{0}, std::int64_t{1} << 50),
       field<&LagBreakerConfig::close_below_bytes>("close_below_bytes")
           .about("Lag in bytes of WAL up to which an observation counts as good. Given together "
                  "with open_above_bytes and below it.")
           .source("absent, with open_above_bytes")
           .between(std::int64_t{0}, std::int64_t{1} << 50),
       field<&LagBreakerConfig::probe_interval>("probe_interval")
           .about("Time between two probes of one database by one app instance.")
           .source("our choice (pgpool-II and ProxySQL check every 10 s, GitLab every 60 s)")
           .between(milliseconds(1), minutes(60)),
       field<&LagBreakerConfig::probe_timeout>("probe_timeout")
           .about("A probe unanswered for so long has failed, and counts like a lag above "
                  "open_above.")
           .source("Hystrix execution timeout: 1000 ms")
           .between(milliseconds(1), minutes(60)),
       field<&LagBreakerConfig::stale_after>("stale_after")
           .about(
               "Age of the newest observation at which the breaker opens for lack of news. Absent: "
               "three probe intervals, at least probe_interval + probe_timeout.")
           .source("the usual three missed heartbeats")
           .between(milliseconds(1), minutes(60 * 24)),
       field<&LagBreakerConfig::confirm>("confirm")
           .about("Bad probes in a row that open a closed breaker.")
           .source("ProxySQL replication_lag_count 1")
           .between(std::int64_t{1}, std::int64_t{1000}),
       field<&LagBreakerConfig::close_after>("close_after")
           .about(
               "Good probes in a row, after the one that half opened it, that close the breaker.")
           .source(
               "our choice: asks for as many intervals as a missed heartbeat takes to be noticed")
           .between(std::int64_t{1}, std::int64_t{1000}),
       field<&LagBreakerConfig::half_open_reads>("half_open_reads")
           .about("Reads admitted after each good probe while half open.")
           .source("Hystrix lets one request through (resilience4j: 10)")
           .between(std::int64_t{0}, std::int64_t{1'000'000})});
  return table;
}

const FieldTable& LagAlertConfig::fields() {
  static const FieldTable table = field_table<LagAlertConfig>(
      "lag alert",
      {field<&LagAlertConfig::above>("above")
           .about("Lag above which a sample is bad.")
           .source("our choice: far above the round trips of the world, below what users notice")
           .between(Duration{0}, minutes(60 * 24)),
       field<&LagAlertConfig::lasting>("for")
           .about("All samples must have been bad for longer than this.")
           .source("our choice; rules for Prometheus wait from one to five minutes")
           .between(Duration{0}, minutes(60 * 24))});
  return table;
}

const FieldTable& PolicyConfig::fields() {
  static const FieldTable table = field_table<PolicyConfig>(
      "policy",
      {field<&PolicyConfig::router>("router").about("Which database gets a statement."),
       field<&PolicyConfig::freshness>("freshness")
           .about("How sessions are made to see their own writes."),
       field<&PolicyConfig::lag_breaker>("lag_breaker")
           .about("When a database is too far behind to get reads.")},
      {"election", "failover", "fencing", "lease", "health", "quorum", "call_breaker", "retries",
       "outlier_ejection", "cache", "outbox", "approval"});
  return table;
}

std::vector<Complaint> validate(const PolicyConfig& config) {
  std::vector<Complaint> complaints;
  const LagBreakerConfig& breaker = config.lag_breaker;
  if (breaker.close_below >= breaker.open_above) {
    complaints.push_back({"lag_breaker.close_below", "a duration below open_above"});
  }
  if (breaker.open_above_bytes.has_value() != breaker.close_below_bytes.has_value()) {
    const bool has_open = breaker.open_above_bytes.has_value();
    complaints.push_back(
        {has_open ? "lag_breaker.close_below_bytes" : "lag_breaker.open_above_bytes",
         "both byte thresholds or neither"});
  } else if (breaker.open_above_bytes && *breaker.close_below_bytes >= *breaker.open_above_bytes) {
    complaints.push_back({"lag_breaker.close_below_bytes", "a size below open_above_bytes"});
  }
  if (breaker.stale_after && *breaker.stale_after <= breaker.probe_interval) {
    complaints.push_back({"lag_breaker.stale_after", "a duration above probe_interval"});
  }
  return complaints;
}

}  // namespace longhaul
