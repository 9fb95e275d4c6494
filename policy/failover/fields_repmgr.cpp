#include "policy/failover/config.h"

namespace longhaul {
namespace {

constexpr Duration day = minutes(60 * 24);

}  // namespace

template <>
const EnumNames& enum_names<RepmgrLocation>() {
  static const EnumNames names{{"single", "region", "zone"},
                               {"All nodes are in one location, as without settings.",
                                "Each region is a location.", "Each zone is a location."}};
  return names;
}

const FieldTable& RepmgrConfig::fields() {
  using C = RepmgrConfig;
  static const FieldTable table = field_table<C>(
      "repmgr",
      {
          field<&C::automatic>("automatic")
              .about("Whether a daemon may promote its server (failover=automatic).")
              .source("who chooses this manager wants it; repmgr itself ships manual"),
          field<&C::location>("location")
              .about("What a location is: nobody is promoted while no node in the location of the "
                     "primary is seen.")
              .source("repmgr location \"default\" for all"),
          field<&C::monitor_interval>("monitor_interval")
              .about("Between two checks of the primary (monitor_interval_secs).")
              .source("repmgr configdata.c")
              .between(milliseconds(10), day),
          field<&C::reconnect_attempts>("reconnect_attempts")
              .about("Attempts after the first failed check, all of which have to fail.")
              .source("repmgr configdata.c")
              .between(1, 1000),
          field<&C::reconnect_interval>("reconnect_interval")
              .about("Between two of these attempts.")
              .source("repmgr configdata.c")
              .between(Duration{0}, day),
          field<&C::connect_timeout>("connect_timeout")
              .about("How long a check, or a question to a sibling, waits for an answer.")
              .source("connect_timeout of conninfo in repmgr's examples")
              .between(milliseconds(1), day),
          field<&C::primary_visibility_consensus>("primary_visibility_consensus")
              .about("Whether an election is cancelled when a sibling has seen the primary within "
                     "two monitor intervals.")
              .source("repmgr configdata.c"),
          field<&C::primary_notification_timeout>("primary_notification_timeout")
              .about("How long a loser waits for the winner's word.")
              .source("repmgr configdata.c")
              .between(Duration{0}, day),
          field<&C::promote_check_timeout>("promote_check_timeout")
              .about("How long a promotion, or the change to a new primary, may take.")
              .source("repmgr configdata.c")
              .between(milliseconds(1), day),
          field<&C::moves_clients>("moves_clients")
              .about("Whether promote_command also changes DNS, the proxy or the address.")
              .source("repmgr leaves that to scripts"),
      });
  return table;
}

}  // namespace longhaul
