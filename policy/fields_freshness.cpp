// The field table of the freshness rules: names, documentation, bounds and the sources of the
// defaults. Tables allocate, so they stand apart from the code that decides.
#include "policy/config.h"
#include "policy/freshness_presets.h"

namespace longhaul {

template <>
const EnumNames& enum_names<FreshnessRule>() {
  static const EnumNames names{
      {"none", "pin_after_write", "lsn_token", "replica_age", "gitlab_sticking", "wait_for_replay"},
      {"A replica that lags may show a session an older state than its own last write.",
       "After a write the session reads from the primary for the time of the pin.",
       "A session reads from replicas that have replayed its last write.",
       "A session reads from replicas whose observed lag, age of the observation and margin "
       "together are less than the time since its last write.",
       "The primary for the rest of a request that wrote; later requests read from replicas seen "
       "to have replayed the write, until all have or the token is 30 s old.",
       "A write is answered once replicas have replayed it."},
      {"session_on_replica", "bounded_staleness"}};
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
      {"request", "session", "user", "entity"},
      {"The token lives as long as one request.", "The token lives in the session, as in a cookie.",
       "All sessions of a user share one token, as in a shared store.",
       "Each row has a token of its own, for everybody who reads it; in a cookie, for the session, "
       "of the rows that it wrote last."}};
  return names;
}

template <>
const EnumNames& enum_names<WaitFor>() {
  static const EnumNames names{
      {"nearest", "all"},
      {"The replica that the app's next read would go to.", "Every replica that gets reads."}};
  return names;
}

template <>
const EnumNames& enum_names<TokenPlace>() {
  static const EnumNames names{
      {"ideal", "cookie", "process", "shared"},
      {"Known wherever its scope reaches, at once and at no cost.",
       "Travels with the session's pages; of parallel pages the answer that arrives last wins.",
       "In the memory of the app instance that wrote; the others do not know it.",
       "In a store of the app's region: a round trip for each look-up and each write."}};
  return names;
}

template <>
const EnumNames& enum_names<StoreFailure>() {
  static const EnumNames names{{"no_token", "primary", "fail"},
                               {"As if nothing had been written: reads may be stale.",
                                "The primary serves the reads of the request.", "The page fails."}};
  return names;
}

const FieldTable& TokenStoreConfig::fields() {
  static const FieldTable table = field_table<TokenStoreConfig>(
      "store of tokens",
      {field<&TokenStoreConfig::kind>("kind")
           .about("Where tokens are kept. How far away a shared store is stands with the app: "
                  "topology.apps.token_store_delay.")
           .source("what the rule is worth by itself, before its store is chosen"),
       field<&TokenStoreConfig::timeout>("timeout")
           .about("Store shared: how long a request waits for its answer.")
           .source("our choice: some hundred round trips within a region; a client library may "
                   "wait for seconds")
           .between(microseconds(100), minutes(1)),
       field<&TokenStoreConfig::when_down>("when_down")
           .about("Store shared: what a request does when the store did not answer. A write that "
                  "could not be kept is answered all the same unless \"fail\".")
           .source("our choice: a store that is down should not take the pages with it")});
  return table;
}

const FieldTable& FreshnessConfig::fields() {
  static const FieldTable table = field_table<FreshnessConfig>(
      "freshness rule",
      {preset_field<freshness_presets>(),
       field<&FreshnessConfig::rule>("rule")
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
                  "0s: never wait. Rule wait_for_replay: longest wait of a write.")
           .source("our choice: below most cross-region round trips, above most replay delays "
                   "(MaxScale causal_reads_timeout: 10 s)")
           .between(Duration{0}, minutes(10)),
       field<&FreshnessConfig::otherwise>("otherwise")
           .about("What happens to a read when no replica covers the token, in time. Rule "
                  "wait_for_replay with \"fail\": also to the write after a vain wait.")
           .source("MaxScale causal_reads=local retries on the primary; GitLab sticking likewise"),
       field<&FreshnessConfig::margin>("margin")
           .about("Rule replica_age: what is added to the age of a replica, for clocks that "
                  "disagree and a lag that is younger than it looks.")
           .source("our choice: the resolution of lag in whole seconds")
           .between(Duration{0}, minutes(60)),
       field<&FreshnessConfig::wait_for>("wait_for")
           .about("Rule wait_for_replay: which replicas a write waits for.")
           .source("our choice: the reads that follow go there"),
       field<&FreshnessConfig::monotonic_reads>("monotonic_reads")
           .about("A session never reads an older state than it has read: it goes to the database "
                  "that showed the newest, to one seen beyond it, or to the primary.")
           .source("off: only Shopify's proxy is known to promise it (by one replica a caller)"),
       field<&FreshnessConfig::scope>("scope")
           .about("Whose writes a read must see: the token that the host passes to the router.")
           .source("Rails, Makara and django_replicated keep it in a cookie of the session"),
       field<&FreshnessConfig::ttl>("ttl")
           .about("How long after its write a token counts. Absent: 30 s with gitlab_sticking, "
                  "else for ever.")
           .source("GitLab: the key in Redis expires after 30 s")
           .between(milliseconds(1), minutes(60 * 24 * 366)),
       field<&FreshnessConfig::store>("store").about("Where tokens are kept.")});
  return table;
}

void validate(const FreshnessConfig& config, std::vector<Complaint>& complaints) {
  const auto wrong = [&](std::string_view path, std::string_view expected) {
    complaints.push_back({path, expected});
  };
  const TokenPlace place = config.store.kind;
  if (place == TokenPlace::cookie && config.scope == TokenScope::user) {
    wrong("freshness.scope", "session or entity: a cookie does not reach the user's other devices");
  }
  if (place != TokenPlace::ideal && config.scope == TokenScope::request) {
    wrong("freshness.store.kind", "ideal: a token of the request is kept nowhere");
  }
  if (config.monotonic_reads && config.scope == TokenScope::entity) {
    wrong("freshness.scope", "session or user: what was read is a state, not a row");
  }
  if (config.monotonic_reads && place == TokenPlace::shared) {
    wrong("freshness.store.kind", "not shared: each read would write to the store");
  }
}

}  // namespace longhaul
