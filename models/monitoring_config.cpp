#include "models/monitoring_config.h"

namespace longhaul {

const FieldTable& MonitoringConfig::fields() {
  static const FieldTable table = field_table<MonitoringConfig>(
      "monitoring",
      {
          field<&MonitoringConfig::interval>("interval")
              .about("How often every replica's lag is read from each source, for reported_lag and "
                     "lag_alerts. Absent: never.")
              .source("absent; exporters are commonly scraped every 15 s")
              .between(milliseconds(1), minutes(60)),
          field<&MonitoringConfig::heartbeat_interval>("heartbeat_interval")
              .about("How often a writer on the primary updates a row with its time, a transaction "
                     "like any other. Absent: there is none.")
              .source("absent; pt-heartbeat writes once a second")
              .between(milliseconds(10), minutes(60)),
          field<&MonitoringConfig::lag_alert>("lag_alert")
              .about("When somebody is called, by each source and replica alone."),
      });
  return table;
}

}  // namespace longhaul
