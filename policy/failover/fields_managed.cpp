// Field tables of managed services and of voters without a fence.
#include "policy/failover/config.h"
#include "policy/failover/managed_presets.h"

namespace longhaul {
namespace {

constexpr Duration day = minutes(60 * 24);

}  // namespace

template <>
const EnumNames& enum_names<ManagedCandidates>() {
  static const EnumNames names{
      {"same_region", "other_region", "any"},
      {"Standbys in the region of the primary.", "Standbys in another region.", "Every standby."}};
  return names;
}

const FieldTable& ManagedConfig::fields() {
  using C = ManagedConfig;
  static const FieldTable table = field_table<C>(
      "managed",
      {
          preset_field<managed_presets>(),
          field<&C::detection>("detection")
              .about("The alarm or health check: so many periods in a row have to fail."),
          field<&C::only_on_order>("only_on_order")
              .about("Whether nothing happens unless a customer orders it.")
              .source("by preset"),
          field<&C::decide>("decide")
              .about("From the alarm until a failover is decided on.")
              .source("at once; presets with a person in them differ"),
          field<&C::candidates>("candidates")
              .about("Which standbys may be promoted.")
              .source("by preset"),
          field<&C::fences>("fences")
              .about("Whether the old primary cannot write once the operation has begun.")
              .source("by preset"),
          field<&C::operate>("operate")
              .about("The control plane's work before the promotion.")
              .source("order of magnitude, unverified"),
          field<&C::endpoint>("endpoint")
              .about("From the promotion until the endpoint moves.")
              .source("order of magnitude, unverified"),
          field<&C::order_timeout>("order_timeout")
              .about("An order without an outcome for so long is taken for failed.")
              .source("our choice")
              .between(milliseconds(1), day),
      });
  return table;
}

const FieldTable& ConsensusConfig::fields() {
  using C = ConsensusConfig;
  static const FieldTable table = field_table<C>(
      "consensus_without_fencing",
      {
          field<&C::polls>("polls").about("How each voter polls all servers."),
          field<&C::vote_interval>("vote_interval")
              .about("Between two questions of a voter to the others.")
              .source("our choice; Raft heartbeats are about as often")
              .between(milliseconds(10), day),
          field<&C::vote_age_max>("vote_age_max")
              .about("An older answer of a voter does not count.")
              .source("our choice")
              .between(milliseconds(10), day),
          field<&C::promote_timeout>("promote_timeout")
              .about("A promotion without an outcome for so long is taken for failed.")
              .source("our choice")
              .between(milliseconds(1), day),
          field<&C::recovery_period_block>("recovery_period_block")
              .about("No recovery for so long after the last one.")
              .source("Orchestrator RecoveryPeriodBlockSeconds 3600")
              .between(Duration{0}, day),
      });
  return table;
}

}  // namespace longhaul
