#include "policy/failover/config.h"

namespace longhaul {
namespace {

constexpr Duration week = minutes(60 * 24 * 7);

}  // namespace

template <>
const EnumNames& enum_names<FailoverManager>() {
  static const EnumNames names{
      {"none", "patroni", "first_to_answer", "manual_runbook", "repmgr", "pg_auto_failover",
       "managed", "consensus_without_fencing"},
      {"Nobody promotes anything, unless a fault says so.",
       "An agent beside each server; the one that holds the leader key of a store promotes its "
       "own.",
       "A script promotes the first standby that answers.", "People work through a runbook.",
       "A daemon beside each standby holds an election of its own; nobody fences.",
       "A monitor assigns states, a keeper beside each server reaches them.",
       "A service fails over by a health check or on order; presets for well-known ones.",
       "Voters in several places promote by majority and fence nobody."}};
  return names;
}

template <>
const EnumNames& enum_names<AcrossRegions>() {
  static const EnumNames names{
      {"allowed", "forbidden", "by_hand", "after_hold_down"},
      {"A server in another region than the primary's may be promoted like any other.",
       "It is never promoted.", "It is promoted when a person has approved it.",
       "It is promoted when the primary has been away for hold_down."}};
  return names;
}

const FieldTable& DurationRange::fields() {
  static const FieldTable table = field_table<DurationRange>(
      "duration_range", {
                            field<&DurationRange::least>("least")
                                .about("Never faster than this.")
                                .source("whoever names the range")
                                .between(Duration{0}, week),
                            field<&DurationRange::typical>("typical")
                                .about("The median: half of all cases are faster.")
                                .source("whoever names the range")
                                .between(Duration{0}, week),
                            field<&DurationRange::most>("most")
                                .about("Never slower than this.")
                                .source("whoever names the range")
                                .between(Duration{0}, week),
                        });
  return table;
}

const FieldTable& FailoverGuards::fields() {
  static const FieldTable table = field_table<FailoverGuards>(
      "failover_guards",
      {
          field<&FailoverGuards::across_regions>("across_regions")
              .about("Whether a server in another region than the primary's may be promoted.")
              .source("as the managers ship; GitHub forbade it after 2018-10-21"),
          field<&FailoverGuards::hold_down>("hold_down")
              .about("Of after_hold_down: how long the primary has to be away.")
              .source("longer than the cut of GitHub 2018-10-21, 43 s")
              .between(Duration{0}, week),
          field<&FailoverGuards::approval>("approval")
              .about("Of by_hand: how long a person takes to approve.")
              .source("order of magnitude of an on-call rotation, unverified"),
          field<&FailoverGuards::same_region_first>("same_region_first")
              .about("A candidate in the primary's region beats one that is further ahead "
                     "elsewhere.")
              .source("off, as the managers ship"),
          field<&FailoverGuards::cool_down>("cool_down")
              .about("No failover for so long after the last one.")
              .source("off; GitHub 2012-09-10 failed over twice in a row")
              .between(Duration{0}, week),
          field<&FailoverGuards::loss_max>("loss_max")
              .about("Most log that a promotion may lose, by the last known position of the "
                     "primary. Absent: no limit.")
              .source("off; Patroni has maximum_lag_on_failover of its own"),
          field<&FailoverGuards::capacity_min>("capacity_min")
              .about("Least processors of a candidate, in percent of the primary's.")
              .source("off, as the managers ship")
              .between(0, 1000),
          field<&FailoverGuards::frozen>("frozen")
              .about("Maintenance: no failover until an operator resumes.")
              .source("off, as the managers ship"),
      });
  return table;
}

const FieldTable& FailoverConfig::fields() {
  static const FieldTable table = field_table<FailoverConfig>(
      "failover",
      {
          field<&FailoverConfig::manager>("manager")
              .about("Who decides which server is the primary.")
              .source("none, when nothing is said"),
          field<&FailoverConfig::guards>("guards").about("What a team adds to its manager."),
          field<&FailoverConfig::patroni>("patroni")
              .about("The settings of Patroni.")
              .only_when("manager", FailoverManager::patroni),
          field<&FailoverConfig::first_to_answer>("first_to_answer")
              .about("The script that promotes the first standby that answers.")
              .only_when("manager", FailoverManager::first_to_answer),
          field<&FailoverConfig::manual_runbook>("manual_runbook")
              .about("People with a runbook.")
              .only_when("manager", FailoverManager::manual_runbook),
          field<&FailoverConfig::repmgr>("repmgr")
              .about("The settings of the repmgr daemons.")
              .only_when("manager", FailoverManager::repmgr),
          field<&FailoverConfig::pg_auto_failover>("pg_auto_failover")
              .about("The settings of the monitor and the keepers of pg_auto_failover.")
              .only_when("manager", FailoverManager::pg_auto_failover),
          field<&FailoverConfig::managed>("managed")
              .about("The times of a managed service.")
              .only_when("manager", FailoverManager::managed),
          field<&FailoverConfig::consensus_without_fencing>("consensus_without_fencing")
              .about("The settings of the voters.")
              .only_when("manager", FailoverManager::consensus_without_fencing),
      });
  return table;
}

}  // namespace longhaul
