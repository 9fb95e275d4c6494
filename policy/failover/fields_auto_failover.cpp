#include "policy/failover/config.h"

namespace longhaul {
namespace {

constexpr Duration day = minutes(60 * 24);
constexpr std::string_view monitor_source = "pg_auto_failover v2.1, pg_auto_failover.c";
constexpr std::string_view keeper_source = "pg_auto_failover v2.1, defaults.h";

}  // namespace

const FieldTable& AutoFailoverConfig::fields() {
  using C = AutoFailoverConfig;
  static const FieldTable table = field_table<C>(
      "pg_auto_failover",
      {
          field<&C::health_check_period>("health_check_period")
              .about("Between two health checks of the monitor.")
              .source(monitor_source)
              .between(milliseconds(10), day),
          field<&C::health_check_timeout>("health_check_timeout")
              .about("A check without an answer for so long has failed.")
              .source(monitor_source)
              .between(milliseconds(1), day),
          field<&C::health_check_max_retries>("health_check_max_retries")
              .about("Retries that have to fail too before a node is bad.")
              .source(monitor_source)
              .between(0, 100),
          field<&C::health_check_retry_delay>("health_check_retry_delay")
              .about("Before each of these retries.")
              .source(monitor_source)
              .between(Duration{0}, day),
          field<&C::node_considered_unhealthy_timeout>("node_considered_unhealthy_timeout")
              .about("A node is unhealthy when its keeper has not called for so long and the "
                     "health check fails too.")
              .source(monitor_source)
              .between(milliseconds(1), day),
          field<&C::primary_demote_timeout>("primary_demote_timeout")
              .about("How long the new primary stays read only while nothing is heard of the old "
                     "one.")
              .source(monitor_source)
              .between(Duration{0}, day),
          field<&C::startup_grace_period>("startup_grace_period")
              .about("Nobody is unhealthy so soon after the start of the monitor.")
              .source(monitor_source)
              .between(Duration{0}, day),
          field<&C::enable_sync_wal_log_threshold>("enable_sync_wal_log_threshold")
              .about("A standby this near may be counted on.")
              .source(monitor_source)
              .between(Bytes{0}, mebibytes(1 << 20)),
          field<&C::promote_wal_log_threshold>("promote_wal_log_threshold")
              .about("Nobody further behind the primary's last report is promoted.")
              .source(monitor_source)
              .between(Bytes{0}, mebibytes(1 << 20)),
          field<&C::number_sync_standbys>("number_sync_standbys")
              .about("Standbys that commits always wait for. Absent: 0 of one standby, 1 of more.")
              .source("pg_auto_failover: 0 with two nodes, 1 from three on (unverified)")
              .between(0, 15),
          field<&C::keeper_period>("keeper_period")
              .about("Between two calls of a keeper.")
              .source(keeper_source)
              .between(milliseconds(10), day),
          field<&C::network_partition_timeout>("network_partition_timeout")
              .about("A primary that has seen neither monitor nor standby for so long stops.")
              .source(keeper_source)
              .between(milliseconds(10), day),
          field<&C::restart_retries>("restart_retries")
              .about("Restarts of a crashed server before it is reported as not running.")
              .source(keeper_source)
              .between(0, 1000),
          field<&C::restart_timeout>("restart_timeout")
              .about("How long these may take together.")
              .source(keeper_source)
              .between(Duration{0}, day),
      });
  return table;
}

}  // namespace longhaul
