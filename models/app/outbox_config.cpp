#include "models/app/outbox_config.h"

namespace longhaul {

template <>
const EnumNames& enum_names<QueueKind>() {
  static const EnumNames names{
      {"memory", "local", "broker"},
      {"In the process of each instance: no time, and gone when it crashes.",
       "In a store on the machine of each instance: a sync, and there after a crash.",
       "In a broker that all instances share: a round trip to its region and a sync, and there "
       "after a crash."},
      {"table"}};
  return names;
}

template <>
const EnumNames& enum_names<WhenFull>() {
  static const EnumNames names{{"fail", "block"},
                               {"The page fails as \"outbox_full\".",
                                "The page waits for a place, at most for the statement time-out."}};
  return names;
}

const FieldTable& OutboxConfig::fields() {
  static const FieldTable table = field_table<OutboxConfig>(
      "outbox",
      {
          field<&OutboxConfig::kind>("kind")
              .about("Where calls with \"enqueue\" leave their writes.")
              .source("the simplest queue there is"),
          field<&OutboxConfig::broker>("broker")
              .about("Region of the broker.")
              .only_when("kind", QueueKind::broker),
          field<&OutboxConfig::sync>("sync")
              .about("How long the local store or the broker takes to make an item durable.")
              .source("fsync of an SSD behind a network")
              .only_when("kind", QueueKind::local, QueueKind::broker),
          field<&OutboxConfig::capacity>("capacity")
              .about("Items that fit, those under way included.")
              .source("a bound so that memory stays bounded")
              .between(1, 10'000'000),
          field<&OutboxConfig::when_full>("when_full")
              .about("What becomes of a write that finds the queue full.")
              .source("our choice: an error is seen at once"),
          field<&OutboxConfig::in_flight>("in_flight")
              .about("Items under way to the primary at once. One keeps their order.")
              .source("our choice: order before throughput")
              .between(1, 100),
          field<&OutboxConfig::retry_base>("retry_base")
              .about("First pause after a failed try of an item; doubles, with equal jitter. The "
                     "drainer never gives up.")
              .source("our choice")
              .between(milliseconds(1), minutes(10)),
          field<&OutboxConfig::retry_cap>("retry_cap")
              .about("No pause is longer.")
              .source("our choice: below what users call an outage")
              .between(milliseconds(1), minutes(60)),
          field<&OutboxConfig::alert_depth>("alert_depth")
              .about("An alert when more items than this are queued in the app.")
              .between(0, 10'000'000),
          field<&OutboxConfig::alert_age>("alert_age")
              .about("An alert when the oldest item is older.")
              .between(Duration{0}, minutes(60 * 24)),
          field<&OutboxConfig::alert_for>("alert_for")
              .about("Either must have lasted for longer than this, looked at each second.")
              .source("our choice; rules for Prometheus wait from one to five minutes")
              .between(Duration{0}, minutes(60 * 24)),
      },
      {"dead_letter", "drainers", "batch"});
  return table;
}

}  // namespace longhaul
