// The field table of the freshness rules: names, documentation, bounds and the sources of the
// defaults. Tables allocate, so they stand apart from the code that decides.
#include "policy/config.h"

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

}  // namespace longhaul
