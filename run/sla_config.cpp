#include "run/sla_config.h"

namespace longhaul {
namespace {

constexpr Duration century = days(36'500);

}  // namespace

const FieldTable& FailureRate::fields() {
  static const FieldTable table = field_table<FailureRate>(
      "failure_rate", {
                          field<&FailureRate::every>("every")
                              .about("Mean time between two failures of one such thing.")
                              .source("its kind")
                              .between(minutes(1), century),
                          field<&FailureRate::repair>("repair")
                              .about("How long it takes until the thing is back.")
                              .source("its kind")
                              .between(seconds(1), days(366)),
                      });
  return table;
}

const FieldTable& SlaConfig::fields() {
  static const FieldTable table = field_table<SlaConfig>(
      "sla",
      {
          field<&SlaConfig::host>("host")
              .about("The host of one database server.")
              .source("every 730d, 10min: estimate; no cloud publishes it, and restarts of virtual "
                      "machines after a failed host are promised within minutes"),
          field<&SlaConfig::zone>("zone")
              .about("One zone of a region, with all that runs there.")
              .source("every 3650d, 2h: estimate from public post-mortems of losses of power and "
                      "cooling, unverified"),
          field<&SlaConfig::region>("region")
              .about("All of a region.")
              .source("every 3650d, 4h: estimate; AWS us-east-1 2025-10-20 had API errors for 2 h "
                      "52 min and ended after 14.5 h, Cloudflare 2023-11-02 lost a site for 6 h"),
          field<&SlaConfig::isolated>("isolated")
              .about("A region that lives on, cut off from all others.")
              .source("every 1825d, 15min: estimate, unverified"),
          field<&SlaConfig::link>("link")
              .about("The link between two regions, in both directions.")
              .source("every 365d, 2min: estimate; GitHub 2018-10-21 was cut for 43 s"),
          field<&SlaConfig::one_way>("one_way")
              .about("One direction of a link.")
              .source("every 3650d, 30min: estimate; Cloudflare 2020-11-02 met it inside a site"),
          field<&SlaConfig::data_lost>("data_lost")
              .about("The files of one primary, by a slip or a dead disk.")
              .source("every 1825d, 6h: estimate; GitLab 2017-01-31 took 18 h from a backup"),
          field<&SlaConfig::by_hand>("by_hand")
              .about("What people take to end an outage that does not end by itself.")
              .source("estimate; GoCardless 2017-10-10 took 1 h 50 min")
              .between(seconds(1), days(366)),
      });
  return table;
}

}  // namespace longhaul
