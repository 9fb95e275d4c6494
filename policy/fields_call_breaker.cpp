// The field tables of call breakers and outlier ejection. Tables allocate, so they stand apart from
// the code that decides.
#include "policy/breaker_presets.h"
#include "policy/config.h"

namespace longhaul {

template <>
const EnumNames& enum_names<CallBreakerMode>() {
  static const EnumNames names{
      {"disabled", "automatic", "forced_open", "metrics_only"},
      {"There is no call breaker: all calls are made, nothing is recorded.",
       "Results open and close the breaker.", "An operator keeps it open: no call is made.",
       "Results are recorded; all calls are made."}};
  return names;
}

template <>
const EnumNames& enum_names<CallWindowKind>() {
  static const EnumNames names{
      {"count_based", "time_based"},
      {"The last window_calls results.", "The results of the last window_time, in whole seconds."}};
  return names;
}

const FieldTable& CallBreakerConfig::fields() {
  static const FieldTable table = field_table<CallBreakerConfig>(
      "call breaker",
      {preset_field<call_breaker_presets>(),
       field<&CallBreakerConfig::mode>("mode")
           .about("Whether results of calls keep calls away from a database, one breaker for each "
                  "instance and database.")
           .source("no breaker unless one is configured"),
       field<&CallBreakerConfig::window>("window")
           .about("Which results are judged.")
           .source("resilience4j slidingWindowType"),
       field<&CallBreakerConfig::window_calls>("window_calls")
           .about("With count_based: how many results.")
           .source("resilience4j slidingWindowSize 100")
           .between(1, CallWindow::calls_max),
       field<&CallBreakerConfig::window_time>("window_time")
           .about("With time_based: how long results count, in whole seconds.")
           .source("resilience4j slidingWindowSize 100, then in seconds (Hystrix: 10 s)")
           .between(seconds(1), seconds(CallWindow::seconds_max)),
       field<&CallBreakerConfig::minimum_calls>("minimum_calls")
           .about("Results that the window must hold before it is judged; a smaller window of "
                  "calls is judged when it is full.")
           .source("resilience4j minimumNumberOfCalls 100 (Hystrix requestVolumeThreshold: 20)")
           .between(1, 1'000'000),
       field<&CallBreakerConfig::failure_rate>("failure_rate")
           .about("Share of failed calls from which on the breaker opens.")
           .source("resilience4j failureRateThreshold 50 % (Hystrix: 50 %)")
           .between(Ratio{1}, percent(100)),
       field<&CallBreakerConfig::slow_call_rate>("slow_call_rate")
           .about("Share of slow calls from which on the breaker opens.")
           .source("resilience4j slowCallRateThreshold 100 %")
           .between(Ratio{1}, percent(100)),
       field<&CallBreakerConfig::slow_call_duration>("slow_call_duration")
           .about("A call that took longer is slow, whether it failed or not.")
           .source("resilience4j slowCallDurationThreshold 60 s")
           .between(milliseconds(1), minutes(60)),
       field<&CallBreakerConfig::wait_in_open>("wait_in_open")
           .about("How long an open breaker rejects all calls.")
           .source("resilience4j waitDurationInOpenState 60 s (Hystrix sleepWindow: 5 s)")
           .between(milliseconds(1), minutes(60 * 24)),
       field<&CallBreakerConfig::half_open_calls>("half_open_calls")
           .about("Calls made while half open; their results decide.")
           .source("resilience4j permittedNumberOfCallsInHalfOpenState 10 (Hystrix: one)")
           .between(1, CallWindow::calls_max),
       field<&CallBreakerConfig::half_open_wait>("half_open_wait")
           .about("A breaker half open for so long opens again. 0s: it waits for the results of "
                  "its trials however long they take.")
           .source("resilience4j maxWaitDurationInHalfOpenState 0")
           .between(Duration{0}, minutes(60 * 24)),
       field<&CallBreakerConfig::half_opens_by_itself>("half_opens_by_itself")
           .about("The breaker half opens when wait_in_open is over instead of at the first call "
                  "after it.")
           .source("resilience4j automaticTransitionFromOpenToHalfOpenEnabled false")});
  return table;
}

const FieldTable& OutlierEjectionConfig::fields() {
  static const FieldTable table = field_table<OutlierEjectionConfig>(
      "outlier ejection",
      {preset_field<outlier_ejection_presets>(),
       field<&OutlierEjectionConfig::enabled>("enabled")
           .about("Whether each instance leaves out databases that fail several times in a row.")
           .source("Envoy: no outlier detection unless the cluster configures it"),
       field<&OutlierEjectionConfig::consecutive_failures>("consecutive_failures")
           .about("Failed calls in a row that eject a database.")
           .source("Envoy consecutive_5xx 5")
           .between(1, 1'000'000),
       field<&OutlierEjectionConfig::interval>("interval")
           .about("Time between two sweeps. Databases come back at sweeps only.")
           .source("Envoy interval 10 s")
           .between(milliseconds(1), minutes(60)),
       field<&OutlierEjectionConfig::base_ejection_time>("base_ejection_time")
           .about("How long the first ejection lasts; the next lasts twice as long, and so on. "
                  "Each sweep that finds the database healthy forgives one.")
           .source("Envoy base_ejection_time 30 s")
           .between(milliseconds(1), minutes(60 * 24)),
       field<&OutlierEjectionConfig::max_ejection_time>("max_ejection_time")
           .about("The longest ejection; never less than base_ejection_time.")
           .source("Envoy max_ejection_time 300 s")
           .between(milliseconds(1), minutes(60 * 24)),
       field<&OutlierEjectionConfig::max_ejected>("max_ejected")
           .about("No database is ejected while this share of them, the primary counted, is out. "
                  "One may always be, unless it is 0%.")
           .source("Envoy max_ejection_percent 10 %")
           .between(Ratio{0}, percent(100))});
  return table;
}

void validate(const CallBreakerConfig& config, std::vector<Complaint>& complaints) {
  if (config.window_time.ns % seconds(1).ns != 0) {
    complaints.push_back({"call_breaker.window_time", "whole seconds"});
  }
}

}  // namespace longhaul
