// The field table of the whole policy block, and the rules between its fields. The tables of its
// parts stand in fields_*.cpp; all of them allocate, so they stand apart from the code that
// decides.
#include "policy/config.h"

namespace longhaul {

const FieldTable& PolicyConfig::fields() {
  static const FieldTable table = field_table<PolicyConfig>(
      "policy",
      {field<&PolicyConfig::router>("router").about("Which database gets a statement."),
       field<&PolicyConfig::rollout>("rollout")
           .about("In which regions reads may go to replicas, and for which share of the users. "
                  "Without it everywhere for all; regions that it leaves out have none.")
           .source("everywhere, when nothing is said"),
       field<&PolicyConfig::freshness>("freshness")
           .about("How sessions are made to see their own writes."),
       field<&PolicyConfig::lag_breaker>("lag_breaker")
           .about("When a database is too far behind to get reads."),
       field<&PolicyConfig::call_breaker>("call_breaker")
           .about("When calls to a database fail or are slow too often to be made."),
       field<&PolicyConfig::outlier_ejection>("outlier_ejection")
           .about("When a database that fails several times in a row gets no reads for a while."),
       field<&PolicyConfig::retries>("retries").about(
           "Which statements that failed are tried again, and when."),
       field<&PolicyConfig::write_throttle>("write_throttle")
           .about("When writes wait because replicas are behind."),
       field<&PolicyConfig::failover>("failover")
           .about("Who decides which server is the primary, and what a team adds to that.")},
      {"election", "fencing", "lease", "health", "quorum", "cache", "outbox", "approval"});
  return table;
}

std::vector<Complaint> validate(const PolicyConfig& config) {
  std::vector<Complaint> complaints;
  validate(config.router, complaints);
  validate(config.rollout, complaints);
  validate(config.freshness, complaints);
  validate(config.lag_breaker, complaints);
  validate(config.call_breaker, complaints);
  validate(config.retries, complaints);
  validate(config.write_throttle, complaints);
  const LagBreakerConfig& probes = config.lag_breaker;
  const Duration between_answers = probes.probe_interval + probes.probe_timeout;
  if (config.write_throttle.above && config.write_throttle.heard_within < between_answers) {
    complaints.push_back({"write_throttle.heard_within",
                          "at least lag_breaker.probe_interval + lag_breaker.probe_timeout, or "
                          "replicas that are well would not count between their answers"});
  }
  return complaints;
}

}  // namespace longhaul
