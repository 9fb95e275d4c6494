#include "models/app/entry_config.h"

namespace longhaul {

template <>
const EnumNames& enum_names<HealthCheck>() {
  static const EnumNames names{{"shallow", "nearest_database", "any_database", "primary"},
                               {"Nothing: the process answers, so it is healthy.",
                                "The database nearest to the app answers a SELECT 1.",
                                "Some database answers.", "The primary answers."}};
  return names;
}

template <>
const EnumNames& enum_names<NoneHealthy>() {
  static const EnumNames names{
      {"all", "nobody"},
      {"All apps are taken for healthy: fail-open, as Route 53 does.",
       "No app is answered with: as a balancer or a Kubernetes service without ready members."}};
  return names;
}

const FieldTable& DnsConfig::fields() {
  static const FieldTable table = field_table<DnsConfig>(
      "dns",
      {
          field<&DnsConfig::ttl>("ttl")
              .about("How long a user's name server keeps an answer.")
              .source("a common TTL of failover records")
              .between(seconds(1), minutes(60 * 24)),
          field<&DnsConfig::elsewhere>("elsewhere")
              .about("Share of the sessions whose name server is in resolver_region: they are sent "
                     "where that is near.")
              .source("name servers of most access providers are near their users")
              .between(percent(0), percent(100)),
          field<&DnsConfig::resolver_region>("resolver_region")
              .about("Where the name servers of that share are, any region of the scenario."),
          field<&DnsConfig::overstay>("overstay")
              .about("Share of the sessions whose name server or library keeps answers for longer "
                     "than their TTL.")
              .source("none")
              .between(percent(0), percent(100)),
          field<&DnsConfig::overstay_for>("overstay_for")
              .about("How long these keep an answer, if that is longer than the TTL.")
              .source("order of magnitude; some pin an answer until they restart")
              .between(seconds(1), minutes(60 * 24)),
          field<&DnsConfig::checks>("checks")
              .about("What the health endpoint of every app looks at.")
              .source("the process alone"),
          field<&DnsConfig::interval>("interval")
              .about("Time between two checks of an app.")
              .source("Route 53 RequestInterval: 30 s, or 10 s")
              .between(milliseconds(100), minutes(60)),
          field<&DnsConfig::failure_threshold>("failure_threshold")
              .about("Checks in a row that must fail, or succeed, to change an app's state.")
              .source("Route 53 FailureThreshold")
              .between(1, 10),
          field<&DnsConfig::timeout>("timeout")
              .about("How long the endpoint may take; less than the interval.")
              .source("Route 53: the status within 2 s of the connection")
              .between(milliseconds(1), minutes(1)),
          field<&DnsConfig::none_healthy>("none_healthy")
              .about("What is answered when every app is unhealthy.")
              .source("Route 53: then all are considered healthy"),
      });
  return table;
}

}  // namespace longhaul
