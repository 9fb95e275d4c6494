#include "models/control/config.h"

#include "models/control/lease_store_config.h"

namespace longhaul {

const FieldTable& NodeTags::fields() {
  static const FieldTable table = field_table<NodeTags>(
      "node_tags", {
                       field<&NodeTags::priority>("priority")
                           .about("Among candidates with equal WAL the higher one is promoted; "
                                  "0: never. What beats what depends on the manager.")
                           .source("Patroni failover_priority, repmgr priority")
                           .between(0, 1'000),
                       field<&NodeTags::nofailover>("nofailover")
                           .about("Never promoted.")
                           .source("Patroni tags"),
                       field<&NodeTags::nosync>("nosync")
                           .about("Never chosen as a synchronous standby by the manager.")
                           .source("Patroni tags"),
                   });
  return table;
}

const FieldTable& StandbyClusterConfig::fields() {
  static const FieldTable table = field_table<StandbyClusterConfig>(
      "standby_cluster",
      {
          field<&StandbyClusterConfig::nodes>("nodes")
              .about("Its servers, replicas all. Its leader streams from the servers of the first "
                     "cluster, tried in their order, and the others from it; none is promoted "
                     "before an operator orders it (promote_standby_cluster).")
              .items(1, 15)
              .required(),
          field<&StandbyClusterConfig::lease_store>("lease_store")
              .about("The members of topology.lease_store that are its own store, apart from the "
                     "others.")
              .items(1, LeaseStoreConfig::members_max - 1)
              .required(),
      },
      {"hosts", "host", "port", "primary_slot_name", "create_replica_methods", "restore_command"});
  return table;
}

const FieldTable& ControllerConfig::fields() {
  static const FieldTable table = field_table<ControllerConfig>(
      "controller",
      {
          field<&ControllerConfig::name>("name").about("Unique.").required(),
          field<&ControllerConfig::region>("region").about("Where it runs.").required(),
          field<&ControllerConfig::zone>("zone").about("Its zone there."),
      });
  return table;
}

const FieldTable& FencingConfig::fields() {
  static const FieldTable table = field_table<FencingConfig>(
      "fencing", {
                     field<&FencingConfig::available>("available")
                         .about("Whether a server can be powered off from outside."),
                     field<&FencingConfig::takes>("takes")
                         .about("From the order to the server being off.")
                         .source("a cloud's forced stop or an IPMI power-off, order of magnitude, "
                                 "unverified"),
                     field<&FencingConfig::fails>("fails")
                         .about("Share of the orders that fail.")
                         .between(Ratio{}, percent(100)),
                 });
  return table;
}

const FieldTable& ControlConfig::fields() {
  static const FieldTable table = field_table<ControlConfig>(
      "control",
      {
          field<&ControlConfig::controllers>("controllers")
              .about("Where the manager runs, if it has no agents: an operator's desk, a monitor. "
                     "Several: the places that vote.")
              .items(0, 15),
          field<&ControlConfig::fencing>("fencing").about("Powering servers off from outside."),
          field<&ControlConfig::poll_round_trips>("poll_round_trips")
              .about("Round trips until another member's agent or server has answered.")
              .source("TCP and one request (HTTP without TLS)")
              .between(1, 20),
          field<&ControlConfig::order_round_trips>("order_round_trips")
              .about("Round trips until an order has reached another host.")
              .source("TCP and the key exchange of SSH, order of magnitude")
              .between(1, 50),
          field<&ControlConfig::order_timeout>("order_timeout")
              .about("An order to a host that does not answer fails after this.")
              .source("OpenSSH ConnectTimeout as scripts set it, unverified")
              .between(milliseconds(100), minutes(60)),
          field<&ControlConfig::agent_start>("agent_start")
              .about("From the start of a host or of an agent to the agent's first round.")
              .source("a Python process, order of magnitude")
              .between(Duration{0}, minutes(10)),
          field<&ControlConfig::store_timeout>("store_timeout")
              .about("How long an operator's tool waits for a member of the lease store before it "
                     "turns to the next. An agent has a share of its retry_timeout for each.")
              .source("Patroni divides retry_timeout by the members of etcd: 10 s by three")
              .between(seconds(1), minutes(10)),
          field<&ControlConfig::host_restart>("host_restart")
              .about("A host that its watchdog has reset is back after this.")
              .source("order of magnitude of a virtual machine, unverified")
              .between(seconds(1), minutes(60)),
      });
  return table;
}

}  // namespace longhaul
