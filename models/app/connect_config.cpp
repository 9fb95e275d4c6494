#include "models/app/connect_config.h"

namespace longhaul {

template <>
const EnumNames& enum_names<FindPrimary>() {
  static const EnumNames names{
      {"probes", "static", "multi_host", "dns", "proxy"},
      {"A smart client: the newest timeline that its own probes have seen, on every statement.",
       "One host, whatever becomes of it.",
       "A libpq string of several hosts, tried in their order whenever a connection is opened.",
       "A name, looked up whenever a connection is opened.",
       "A TCP proxy that checks which server is the primary, as HAProxy before Patroni."},
      {"rds_proxy", "service_discovery"}};
  return names;
}

template <>
const EnumNames& enum_names<TargetSession>() {
  static const EnumNames names{
      {"any", "read-write", "primary"},
      {"The first host that grants a connection.", "One that is not in recovery.", "The same."},
      {"read-only", "standby", "prefer-standby"}};
  return names;
}

template <>
const EnumNames& enum_names<HostOrder>() {
  static const EnumNames names{{"disable", "random"},
                               {"As they stand in the string.", "Shuffled for each connection."}};
  return names;
}

const FieldTable& TcpConfig::fields() {
  static const FieldTable table = field_table<TcpConfig>(
      "tcp",
      {
          field<&TcpConfig::user_timeout>("user_timeout")
              .about("How long what was sent may stay unacknowledged before the connection is "
                     "lost; \"0s\": as the kernel has it, 924 s.")
              .source("libpq tcp_user_timeout")
              .between(Duration{}, minutes(60 * 24)),
          field<&TcpConfig::keepalives>("keepalives")
              .about("Whether a silent connection is probed. pgjdbc has it off (tcpKeepAlive).")
              .source("libpq"),
          field<&TcpConfig::keepalives_idle>("keepalives_idle")
              .about("Silence before the first probe.")
              .source("Linux tcp_keepalive_time")
              .between(seconds(1), minutes(60 * 24)),
          field<&TcpConfig::keepalives_interval>("keepalives_interval")
              .about("Time between two probes.")
              .source("Linux tcp_keepalive_intvl")
              .between(seconds(1), minutes(60)),
          field<&TcpConfig::keepalives_count>("keepalives_count")
              .about("Probes without an answer before the connection is lost.")
              .source("Linux tcp_keepalive_probes")
              .between(1, 100),
      });
  return table;
}

const FieldTable& ConnectConfig::fields() {
  constexpr Duration ever = minutes(60 * 24 * 366);
  static const FieldTable table = field_table<ConnectConfig>(
      "connect",
      {
          field<&ConnectConfig::by>("by")
              .about("How the application finds the server for its writes, and for reads that "
                     "belong on the primary. Other reads go by probes in any case.")
              .source("a smart client"),
          field<&ConnectConfig::hosts>("hosts")
              .about("Nodes in the order in which they are tried; of static the one. Absent: the "
                     "primary as the run begins, of multi_host all servers.")
              .items(1, 16)
              .only_when("by", FindPrimary::fixed, FindPrimary::multi_host),
          field<&ConnectConfig::target_session_attrs>("target_session_attrs")
              .about("What a server must be when a connection is opened; nothing is checked later.")
              .source("libpq's own default is any")
              .only_when("by", FindPrimary::multi_host),
          field<&ConnectConfig::load_balance_hosts>("load_balance_hosts")
              .about("The order in which the hosts are tried.")
              .source("libpq")
              .only_when("by", FindPrimary::multi_host),
          field<&ConnectConfig::role_query>("role_query")
              .about("Whether asking for the role takes a query, so one round trip more: pgjdbc, "
                     "libpq before 14.")
              .source("libpq 14: the server reports in_hot_standby by itself")
              .only_when("by", FindPrimary::multi_host),
          field<&ConnectConfig::host_recheck>("host_recheck")
              .about("For so long an instance remembers that a host did not answer or was no "
                     "primary, and leaves it out unless that is true of all (pgjdbc's "
                     "hostRecheckSeconds, 10 s by its default).")
              .source("libpq remembers nothing")
              .between(Duration{}, minutes(60))
              .only_when("by", FindPrimary::multi_host),
          field<&ConnectConfig::close_on_read_only>("close_on_read_only")
              .about("Whether the driver closes a connection whose server answers 25006, cannot "
                     "execute in a read-only transaction. If not, the connection serves on and "
                     "the error comes back.")
              .source("PostgreSQL drivers keep it; that of Amazon Aurora closes it")
              .only_when("by", FindPrimary::fixed, FindPrimary::multi_host, FindPrimary::dns,
                         FindPrimary::proxy),
          field<&ConnectConfig::ttl>("ttl")
              .about("How long the region's name server keeps an answer.")
              .source("a common TTL of failover records")
              .between(seconds(1), minutes(60 * 24))
              .only_when("by", FindPrimary::dns),
          field<&ConnectConfig::propagation>("propagation")
              .about("From a change of the record until name servers are answered with it.")
              .source("at once; Route 53 promises 60 s at most")
              .between(Duration{}, minutes(60 * 24))
              .only_when("by", FindPrimary::dns),
          field<&ConnectConfig::cached_at_least>("cached_at_least")
              .about("How long the application's own library keeps an answer, whatever its TTL.")
              .source("libpq keeps none; a JVM 30 s unless it is told otherwise")
              .between(Duration{}, ever)
              .only_when("by", FindPrimary::dns),
          field<&ConnectConfig::overstay>("overstay")
              .about("Share of the instances whose library keeps an answer for overstay_for.")
              .source("none")
              .between(percent(0), percent(100))
              .only_when("by", FindPrimary::dns),
          field<&ConnectConfig::overstay_for>("overstay_for")
              .about("How long these keep an answer, if that is longer than the TTL.")
              .source("order of magnitude; a JVM with a security manager pins it for ever")
              .between(seconds(1), ever)
              .only_when("by", FindPrimary::dns),
          field<&ConnectConfig::negative_ttl>("negative_ttl")
              .about("How long the region's name server keeps an empty answer.")
              .source("order of magnitude of a SOA minimum that is meant for failover")
              .between(seconds(1), minutes(60 * 24))
              .only_when("by", FindPrimary::dns),
          field<&ConnectConfig::serve_stale>("serve_stale")
              .about("Whether the last good answer is given instead of an empty one.")
              .source("RFC 8767 allows it; most name servers have it off")
              .only_when("by", FindPrimary::dns),
          field<&ConnectConfig::region>("region")
              .about("Region of the proxy. Absent: beside the application, one for all instances.")
              .only_when("by", FindPrimary::proxy),
          field<&ConnectConfig::check_interval>("check_interval")
              .about("Time between two checks of each server: GET /primary of its agent under "
                     "Patroni, which says whether the agent holds the leader key; else whether "
                     "the server itself is a primary.")
              .source("Patroni's haproxy.cfg: inter 3s")
              .between(milliseconds(100), minutes(60))
              .only_when("by", FindPrimary::proxy),
          field<&ConnectConfig::check_timeout>("check_timeout")
              .about("How long a check may take, at most the interval.")
              .source("HAProxy without \"timeout check\": the interval")
              .between(milliseconds(1), minutes(60))
              .only_when("by", FindPrimary::proxy),
          field<&ConnectConfig::fall>("fall")
              .about("Checks in a row that must fail to take a server out.")
              .source("Patroni's haproxy.cfg: fall 3")
              .between(1, 100)
              .only_when("by", FindPrimary::proxy),
          field<&ConnectConfig::rise>("rise")
              .about("Checks in a row that must succeed to take a server in.")
              .source("Patroni's haproxy.cfg: rise 2")
              .between(1, 100)
              .only_when("by", FindPrimary::proxy),
          field<&ConnectConfig::shut_sessions>("shut_sessions")
              .about("Whether connections to a server that is taken out are closed.")
              .source("Patroni's haproxy.cfg: on-marked-down shutdown-sessions")
              .only_when("by", FindPrimary::proxy),
      },
      {"host_recheck"});
  return table;
}

}  // namespace longhaul
