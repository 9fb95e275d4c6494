#include "models/control/lease_store_config.h"

namespace longhaul {

template <>
const EnumNames& enum_names<FirstAsked>() {
  static const EnumNames names{
      {"nearest", "any"},
      {"The nearest: a Patroni with `host` in its configuration, which names the one beside it.",
       "Any, by luck: a Patroni with `hosts`, which draws one of them when it starts."}};
  return names;
}

const FieldTable& StoreMemberConfig::fields() {
  static const FieldTable table = field_table<StoreMemberConfig>(
      "lease_store_member",
      {
          field<&StoreMemberConfig::name>("name").about("Name of the member.").required(),
          field<&StoreMemberConfig::region>("region")
              .about("Region it runs in, one of topology.regions.")
              .required(),
          field<&StoreMemberConfig::zone>("zone")
              .about("Availability zone inside the region.")
              .source("machines that do not say share one zone"),
      });
  return table;
}

const FieldTable& LeaseStoreConfig::fields() {
  static const FieldTable table = field_table<LeaseStoreConfig>(
      "lease_store",
      {
          field<&LeaseStoreConfig::members>("members")
              .about("Servers that vote and keep the log. An even number survives no more losses "
                     "than one fewer.")
              .items(1, members_max)
              .required(),
          field<&LeaseStoreConfig::heartbeat>("heartbeat")
              .about("How often its leader is heard (--heartbeat-interval).")
              .source("etcd")
              .between(milliseconds(1), seconds(10)),
          field<&LeaseStoreConfig::election_timeout>("election_timeout")
              .about("A member that hears no leader for between one and two of these calls an "
                     "election; a leader that hears no majority for one to two steps down "
                     "(--election-timeout).")
              .source("etcd")
              .between(milliseconds(10), seconds(50)),
          field<&LeaseStoreConfig::pre_vote>("pre_vote")
              .about("A member asks whether it could win before it raises the term (--pre-vote). "
                     "Without it a member that returns from a cut deposes a healthy leader.")
              .source("etcd 3.5; off in 3.4"),
          field<&LeaseStoreConfig::fsync>("fsync")
              .about("Time to make a member's log durable; heartbeats do not wait for it.")
              .source("an SSD's order of magnitude"),
          field<&LeaseStoreConfig::leader>("leader").about(
              "The member that leads when the run begins. Absent: by luck."),
          field<&LeaseStoreConfig::first_asked>("first_asked")
              .about("The member that an agent asks until it fails; then the one that answered.")
              .source("etcd3.host and etcd3.hosts of Patroni"),
      },
      {"client_timeout", "snapshot_count", "learners", "quota"});
  return table;
}

}  // namespace longhaul
