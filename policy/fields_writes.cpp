// The field tables of the write path: retries and throttling. Tables allocate, so they stand apart
// from the code that decides.
#include "policy/config.h"
#include "policy/retry_presets.h"

namespace longhaul {

template <>
const EnumNames& enum_names<Backoff>() {
  static const EnumNames names{
      {"none", "fixed", "exponential", "squared"},
      {"At once.", "The same pause each time.", "Each pause is twice the one before.",
       "Each pause, in seconds, is the square of the one before: 2, 4, 16 (GitLab)."},
      {"decorrelated", "linear"}};
  return names;
}

template <>
const EnumNames& enum_names<Jitter>() {
  static const EnumNames names{
      {"none", "equal", "full"},
      {"The pause as it is.", "Half of the pause, and a random part of the other half.",
       "A random part of the pause."}};
  return names;
}

template <>
const EnumNames& enum_names<ThrottleOtherwise>() {
  static const EnumNames names{
      {"proceed", "fail"},
      {"The write goes to the primary all the same.", "The write fails as \"throttled\"."}};
  return names;
}

const FieldTable& RetryBudgetConfig::fields() {
  static const FieldTable table = field_table<RetryBudgetConfig>(
      "retry budget",
      {field<&RetryBudgetConfig::share>("share")
           .about("Retries allowed per first try.")
           .source("Finagle RetryBudget percentCanRetry 0.2; Envoy retry_budget 20 %")
           .between(Ratio{0}, percent(1'000)),
       field<&RetryBudgetConfig::minimum>("minimum")
           .about("Retries allowed per time beside the share, for processes with few requests.")
           .source("Finagle RetryBudget minRetriesPerSec 10")
           .between(EventRate{0}, per_second(1'000)),
       field<&RetryBudgetConfig::burst>("burst")
           .about("Most retries that can be saved up; so many are there at the start.")
           .source("gRPC retry throttling maxTokens 10")
           .between(1, 100)});
  return table;
}

const FieldTable& RetryConfig::fields() {
  static const FieldTable table = field_table<RetryConfig>(
      "retry rule",
      {preset_field<retry_presets>(),
       field<&RetryConfig::attempts>("attempts")
           .about("Tries of one statement in all, or of one transaction as a whole. 1: no retries.")
           .source("off (resilience4j maxAttempts 3; GitLab 4)")
           .between(1, 100),
       field<&RetryConfig::backoff>("backoff")
           .about("How the pause before the next try grows.")
           .source("resilience4j: a fixed waitDuration"),
       field<&RetryConfig::base>("base")
           .about("The first pause.")
           .source("resilience4j waitDuration 500 ms (GitLab: 2 s)")
           .between(Duration{0}, minutes(60)),
       field<&RetryConfig::cap>("cap")
           .about("No pause is longer.")
           .source("our choice: above GitLab's 16 s")
           .between(Duration{0}, minutes(60 * 24)),
       field<&RetryConfig::jitter>("jitter")
           .about("How much of the pause is random, so that those who failed together do not come "
                  "back together.")
           .source("resilience4j: none"),
       field<&RetryConfig::in_doubt>("in_doubt")
           .about("Writes that were sent and not answered are tried again without an idempotency "
                  "key, too: some are done twice (duplicate_writes).")
           .source("off; a naive retry loop around everything does so"),
       field<&RetryConfig::budget>("budget")
           .about("Bounds retries as a share of first tries, for each app instance. Absent: no "
                  "bound.")
           .source("absent, as in resilience4j")},
      {"on", "hedge"});
  return table;
}

const FieldTable& ThrottleConfig::fields() {
  static const FieldTable table = field_table<ThrottleConfig>(
      "write throttle",
      {field<&ThrottleConfig::above>("above")
           .about("A write waits while the probes of its instance know of a replica that lags by "
                  "more. Absent: writes never wait.")
           .source("absent (GitHub with freno: about 1 s)")
           .between(Duration{0}, minutes(60 * 24)),
       field<&ThrottleConfig::look_again>("look_again")
           .about("Pause before a write that waits asks again.")
           .source("our choice: short against a probe interval")
           .between(milliseconds(1), minutes(10)),
       field<&ThrottleConfig::wait_max>("wait_max")
           .about("Longest that one write waits.")
           .source("our choice: a pause that a user bears; batch jobs wait for ever")
           .between(Duration{0}, minutes(60)),
       field<&ThrottleConfig::otherwise>("otherwise")
           .about("What becomes of a write that has waited for so long.")
           .source("our choice: users before lag"),
       field<&ThrottleConfig::heard_within>("heard_within")
           .about("A replica that has not answered a probe for longer does not count.")
           .source("our choice: some probe intervals")
           .between(milliseconds(1), minutes(60 * 24)),
       field<&ThrottleConfig::ignore_above>("ignore_above")
           .about("A replica that lags by more is broken and does not count.")
           .source("our choice; freno ignores hosts that are known to be down")
           .between(milliseconds(1), minutes(60 * 24 * 366))});
  return table;
}

void validate(const RetryConfig& retries, std::vector<Complaint>& complaints) {
  if (retries.cap < retries.base) {
    complaints.push_back({"retries.cap", "a duration of at least base"});
  }
  if (retries.backoff == Backoff::squared && retries.base <= seconds(1)) {
    complaints.push_back({"retries.base", "more than 1s, or its square would not grow"});
  }
}

void validate(const ThrottleConfig& throttle, std::vector<Complaint>& complaints) {
  if (throttle.above && throttle.ignore_above <= *throttle.above) {
    complaints.push_back({"write_throttle.ignore_above", "a duration beyond above"});
  }
}

}  // namespace longhaul
