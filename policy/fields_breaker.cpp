// The field tables of breakers and alerts: names, documentation, bounds and the sources of the
// defaults. Tables allocate, so they stand apart from the code that decides.
#include "policy/config.h"
#include "policy/lag_alert.h"

namespace longhaul {

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

void validate(const LagBreakerConfig& breaker, std::vector<Complaint>& complaints) {
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
}

}  // namespace longhaul
