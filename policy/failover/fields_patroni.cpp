// The field tables of Patroni. Names, defaults and minima: patroni/config.py, global_config.py and
// docs/dynamic_configuration.rst of Patroni 4.1.
#include "policy/failover/patroni_config.h"

namespace longhaul {
namespace {

constexpr Duration day = minutes(60 * 24);

}  // namespace

template <>
const EnumNames& enum_names<PatroniSync>() {
  static const EnumNames names{
      {"off", "on", "quorum"},
      {"Commits wait for nobody that Patroni names.",
       "Commits wait for each of synchronous_node_count standbys, and only those may be promoted.",
       "Commits wait for any synchronous_node_count of all standbys; a candidate needs the "
       "positions of so many of them that one of them has every commit."}};
  return names;
}

template <>
const EnumNames& enum_names<WatchdogMode>() {
  static const EnumNames names{{"off", "automatic", "required"},
                               {"No watchdog.", "A watchdog, where there is a device.",
                                "A server whose watchdog does not work is never the leader."}};
  return names;
}

const FieldTable& PatroniWatchdog::fields() {
  static const FieldTable table = field_table<PatroniWatchdog>(
      "patroni_watchdog",
      {
          field<&PatroniWatchdog::mode>("mode")
              .about("Whether the leader's host is reset when its agent stops feeding it.")
              .source("Patroni docs/watchdog.rst"),
          field<&PatroniWatchdog::device>("device")
              .about("The hosts have /dev/watchdog and the agent may open it.")
              .source("no: distributions leave it to root"),
          field<&PatroniWatchdog::safety_margin>("safety_margin")
              .about("The host is reset so long before the leader key expires.")
              .source("Patroni docs/watchdog.rst")
              .between(Duration{0}, day),
      });
  return table;
}

const FieldTable& PatroniConfig::fields() {
  static const FieldTable table = field_table<PatroniConfig>(
      "patroni",
      {
          field<&PatroniConfig::ttl>("ttl")
              .about("The leader key expires when it has not been renewed for so long.")
              .source("Patroni config.py; its minimum is 20s")
              .between(seconds(2), day),
          field<&PatroniConfig::loop_wait>("loop_wait")
              .about("Time between the starts of two rounds of an agent. Reduced so that loop_wait "
                     "+ 2 retry_timeout <= ttl.")
              .source("Patroni config.py; its minimum is 1s")
              .between(milliseconds(100), day),
          field<&PatroniConfig::retry_timeout>("retry_timeout")
              .about("How long a request to the store is tried again before the leader steps "
                     "down.")
              .source("Patroni config.py; its minimum is 3s")
              .between(milliseconds(100), day),
          field<&PatroniConfig::maximum_lag_on_failover>("maximum_lag_on_failover")
              .about("Most log that a candidate may be behind the position that the leader last "
                     "wrote to the store, up to loop_wait old while it was well.")
              .source("Patroni global_config.py")
              .between(std::int64_t{0}, std::int64_t{1} << 50),
          field<&PatroniConfig::primary_start_timeout>("primary_start_timeout")
              .about("How long a crashed primary may go on starting before another is promoted; "
                     "a start that fails leaves it to another at once. 0s: without trying.")
              .source("Patroni global_config.py")
              .between(Duration{0}, day),
          field<&PatroniConfig::primary_stop_timeout>("primary_stop_timeout")
              .about("With synchronous_mode: a primary that takes longer to stop is stopped "
                     "immediately. 0s: never.")
              .source("Patroni global_config.py")
              .between(Duration{0}, day),
          field<&PatroniConfig::synchronous_mode>("synchronous_mode")
              .about("Whether the agent manages synchronous_standby_names, and how.")
              .source("Patroni docs/replication_modes.rst"),
          field<&PatroniConfig::synchronous_mode_strict>("synchronous_mode_strict")
              .about("Commits wait even when no standby is left.")
              .source("Patroni docs/replication_modes.rst"),
          field<&PatroniConfig::synchronous_node_count>("synchronous_node_count")
              .about("Standbys that a commit waits for.")
              .source("Patroni docs/replication_modes.rst")
              .between(1, 15),
          field<&PatroniConfig::failsafe_mode>("failsafe_mode")
              .about("A leader that has lost the store stays while every known member accepts it.")
              .source("Patroni docs/dcs_failsafe_mode.rst"),
          field<&PatroniConfig::check_timeline>("check_timeline")
              .about("A candidate on an older timeline than the cluster's is not promoted.")
              .source("Patroni docs/dynamic_configuration.rst"),
          field<&PatroniConfig::compare_leader_key>("compare_leader_key")
              .about("A leader whose lease is gone writes its key anew only if the key still names "
                     "it or is absent. Off: whatever it says, so one whose view is old takes it "
                     "from its successor.")
              .source("Patroni 4.1 etcd3.py (_update_leader); off in 3.0"),
          field<&PatroniConfig::watchdog>("watchdog").about("The watchdog of the leader's host."),
          field<&PatroniConfig::member_slots_ttl>("member_slots_ttl")
              .about("How long a member whose key has expired keeps its replication slot, on every "
                     "server. 0s: on the leader alone and no longer than its key, so a member that "
                     "comes back, or has a new leader, waits for the leader's next round.")
              .source("Patroni docs/dynamic_configuration.rst; 0s is what versions before 4.0 do")
              .between(Duration{0}, day),
          field<&PatroniConfig::use_pg_rewind>("use_pg_rewind")
              .about("A server whose log has diverged is brought back by pg_rewind.")
              .source("Patroni docs/yaml_configuration.rst"),
          field<&PatroniConfig::remove_data_directory_on_rewind_failure>(
              "remove_data_directory_on_rewind_failure")
              .about("When pg_rewind fails the server is rebuilt from a base backup.")
              .source("Patroni docs/yaml_configuration.rst"),
          field<&PatroniConfig::remove_data_directory_on_diverged_timelines>(
              "remove_data_directory_on_diverged_timelines")
              .about("Without pg_rewind a diverged server is rebuilt from a base backup. Without "
                     "either it waits for a person.")
              .source("Patroni docs/yaml_configuration.rst"),
      });
  return table;
}

}  // namespace longhaul
