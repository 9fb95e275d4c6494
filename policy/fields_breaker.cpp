// The field tables of breakers and alerts: names, documentation, bounds and the sources of the
// defaults. Tables allocate, so they stand apart from the code that decides.
#include "policy/breaker_presets.h"
#include "policy/config.h"
#include "policy/lag_alert.h"

namespace longhaul {

template <>
const EnumNames& enum_names<BadWhen>() {
  static const EnumNames names{
      {"either_above", "both_above"},
      {"A lag above open_above or above open_above_bytes is bad.",
       "A lag is bad only above both, and good at most at one of close_below and "
       "close_below_bytes: an idle primary is no lag."}};
  return names;
}

const FieldTable& LagBreakerConfig::fields() {
  static const FieldTable table = field_table<LagBreakerConfig>(
      "lag breaker",
      {preset_field<lag_breaker_presets>(),
       field<&LagBreakerConfig::enabled>("enabled")
           .about("Without it a replica gets reads whatever its lag, answering or not.")
           .source("our choice; pgpool-II delay_threshold_by_time 0 and ProxySQL "
                   "max_replication_lag 0 are off"),
       field<&LagBreakerConfig::open_above>("open_above")
           .about("Lag in time above which the breaker opens.")
           .source("our choice: three probe intervals, above the noise of one missed probe "
                   "(GitLab max_replication_lag_time: 60 s)")
           .between(Duration{0}, minutes(60 * 24)),
       field<&LagBreakerConfig::close_below>("close_below")
           .about("Lag in time up to which an observation counts as good. At open_above there is "
                  "no hysteresis, and the breaker may flap.")
           .source("our choice: a third of open_above, one probe interval")
           .between(Duration{0}, minutes(60 * 24)),
       field<&LagBreakerConfig::open_above_bytes>("open_above_bytes")
           .about("Lag in bytes of WAL above which the breaker opens. Absent: bytes do not count.")
           .source("absent, as pgpool-II delay_threshold 0 (GitLab: 8 MiB)")
           .between(std::int64_t{0}, std::int64_t{1} << 50),
       field<&LagBreakerConfig::close_below_bytes>("close_below_bytes")
           .about("Lag in bytes of WAL up to which an observation counts as good. Given together "
                  "with open_above_bytes and not above it.")
           .source("absent, with open_above_bytes")
           .between(std::int64_t{0}, std::int64_t{1} << 50),
       field<&LagBreakerConfig::bad_when>("bad_when")
           .about("How time and bytes count together; needs the byte thresholds.")
           .source("our choice: either is a promise (GitLab: both_above)"),
       field<&LagBreakerConfig::probe_interval>("probe_interval")
           .about("Time between two probes of one database by one app instance.")
           .source("our choice (pgpool-II and ProxySQL check every 10 s, GitLab every 60 s)")
           .between(milliseconds(1), minutes(60)),
       field<&LagBreakerConfig::probe_jitter>("probe_jitter")
           .about("Each instance waits up to this share of probe_interval longer, drawn anew for "
                  "every probe, so that instances do not probe in step.")
           .source("none (GitLab: once to twice the interval, 100 %)")
           .between(Ratio{0}, percent(1000)),
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
           .about("Good probes in a row, after the one that half opened it, that close the "
                  "breaker. 0: it "
                  "closes at the first one, without a trial.")
           .source(
               "our choice: asks for as many intervals as a missed heartbeat takes to be noticed")
           .between(std::int64_t{0}, std::int64_t{1000}),
       field<&LagBreakerConfig::half_open_reads>("half_open_reads")
           .about("Reads admitted after each good probe while half open.")
           .source("Hystrix lets one request through (resilience4j: 10)")
           .between(std::int64_t{0}, std::int64_t{1'000'000}),
       field<&LagBreakerConfig::ramp>("ramp")
           .about("After it has closed the breaker admits a share of the reads that grows from "
                  "none to all in this time. 0s: all at once.")
           .source("none, as in resilience4j (Envoy slow_start_window: off)")
           .between(Duration{0}, minutes(60))});
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
  if (breaker.close_below > breaker.open_above) {
    complaints.push_back({"lag_breaker.close_below", "a duration up to open_above"});
  }
  if (breaker.open_above_bytes.has_value() != breaker.close_below_bytes.has_value()) {
    const bool has_open = breaker.open_above_bytes.has_value();
    complaints.push_back(
        {has_open ? "lag_breaker.close_below_bytes" : "lag_breaker.open_above_bytes",
         "both byte thresholds or neither"});
  } else if (breaker.open_above_bytes && *breaker.close_below_bytes > *breaker.open_above_bytes) {
    complaints.push_back({"lag_breaker.close_below_bytes", "a size up to open_above_bytes"});
  }
  if (breaker.bad_when == BadWhen::both_above && !breaker.open_above_bytes) {
    complaints.push_back({"lag_breaker.bad_when", "either_above, or byte thresholds"});
  }
  if (breaker.stale_after && *breaker.stale_after <= probe_pause(breaker, ~std::uint64_t{0})) {
    complaints.push_back({"lag_breaker.stale_after", "a duration above probe_interval"});
  }
}

}  // namespace longhaul
