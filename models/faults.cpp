#include "models/faults.h"

#include "base/check.h"

namespace longhaul {

const FaultRule& rule_of(FaultKind kind) {
  static constexpr FaultRule rules[] = {
      {FaultKind::cut_link, FaultSubject::links},
      {FaultKind::pause_replay, FaultSubject::replica},
      {FaultKind::slow_replay, FaultSubject::replica, true},
      {FaultKind::crash, FaultSubject::server},
      {FaultKind::node_loss, FaultSubject::server},
      {.kind = FaultKind::cancel_waits, .subject = FaultSubject::primary, .momentary = true},
      {.kind = FaultKind::set_synchronous_standby_names,
       .subject = FaultSubject::none,
       .momentary = true},
      {FaultKind::create_subscription, FaultSubject::subscriber},
      {FaultKind::alter_subscriber, FaultSubject::subscriber},
      {FaultKind::base_backup, FaultSubject::copy},
      {.kind = FaultKind::checkpoint, .subject = FaultSubject::primary, .momentary = true},
      {.kind = FaultKind::switch_wal, .subject = FaultSubject::primary, .momentary = true},
      {.kind = FaultKind::alter_table, .subject = FaultSubject::none, .operation = true},
      {.kind = FaultKind::truncate,
       .subject = FaultSubject::none,
       .momentary = true,
       .operation = true},
      {.kind = FaultKind::vacuum,
       .subject = FaultSubject::none,
       .momentary = true,
       .operation = true},
      {.kind = FaultKind::long_read, .subject = FaultSubject::any_node, .operation = true},
      {FaultKind::token_store_down, FaultSubject::app},
      {FaultKind::app_crash, FaultSubject::app},
      {.kind = FaultKind::deploy, .subject = FaultSubject::app, .momentary = true},
      {FaultKind::lease_store_down, FaultSubject::store},
      {.kind = FaultKind::promote, .subject = FaultSubject::replica, .momentary = true},
      {FaultKind::dns_outage, FaultSubject::none},
      {.kind = FaultKind::backend_crash, .subject = FaultSubject::server, .momentary = true},
      {FaultKind::disk_full, FaultSubject::server},
      {FaultKind::vm_stall, FaultSubject::server},
      {FaultKind::flapping, FaultSubject::links},
      {.kind = FaultKind::cache_loss, .subject = FaultSubject::region, .momentary = true},
      {FaultKind::zone_loss, FaultSubject::region},
      {FaultKind::region_loss, FaultSubject::region},
      {FaultKind::region_isolated, FaultSubject::region},
      {FaultKind::kill_agent, FaultSubject::server},
      {.kind = FaultKind::switchover, .subject = FaultSubject::manager, .momentary = true},
      {.kind = FaultKind::failback, .subject = FaultSubject::manager, .momentary = true},
      {.kind = FaultKind::failover, .subject = FaultSubject::manager, .momentary = true},
      {FaultKind::pause_failover, FaultSubject::manager},
      {.kind = FaultKind::resume_failover, .subject = FaultSubject::manager, .momentary = true},
      {.kind = FaultKind::approve, .subject = FaultSubject::manager, .momentary = true},
      {.kind = FaultKind::reject, .subject = FaultSubject::manager, .momentary = true},
      {.kind = FaultKind::data_directory_lost, .subject = FaultSubject::server, .momentary = true},
      {.kind = FaultKind::restore_backup, .subject = FaultSubject::server, .momentary = true},
      {.kind = FaultKind::clock_step, .subject = FaultSubject::server, .momentary = true},
      {FaultKind::clock_drift, FaultSubject::server},
      {.kind = FaultKind::promote_standby_cluster,
       .subject = FaultSubject::none,
       .momentary = true},
  };
  for (const FaultRule& rule : rules) {
    if (rule.kind == kind) return rule;
  }
  CHECK(false);
  __builtin_unreachable();
}

template <>
const EnumNames& enum_names<FaultKind>() {
  static const EnumNames names{
      // clang-format off
      {"cut_link", "pause_replay", "slow_replay", "crash", "node_loss", "cancel_waits",
       "set_synchronous_standby_names", "create_subscription", "alter_subscriber", "base_backup",
       "checkpoint", "switch_wal", "alter_table", "truncate", "vacuum", "long_read",
       "token_store_down", "app_crash", "deploy", "lease_store_down", "promote",
       "dns_outage", "backend_crash", "disk_full", "vm_stall", "flapping",
       "cache_loss", "zone_loss", "region_loss", "region_isolated",
       "kill_agent", "switchover", "failback", "failover", "pause_failover", "resume_failover",
       "approve", "reject", "data_directory_lost", "restore_backup", "clock_step",
       "clock_drift", "promote_standby_cluster"},
      // clang-format on
      {"Nothing passes between two regions, or from one region to the other.",
       "pg_wal_replay_pause(): the replica receives and flushes WAL but shows nothing new.",
       "A replica replays at a share of its speed: a noisy neighbour, a busy disk.",
       "The processes of a server die; its host answers with resets. \"for\": until it is started "
       "again and recovers.",
       "A server and its host are gone and nothing answers. \"for\": until it is started again and "
       "recovers.",
       "pg_cancel_backend() on every commit that waits for synchronous standbys: each is reported "
       "as successful, with a warning.",
       "A new postgres.synchronous_standby_names by reload; an empty one ends all waits.",
       "An empty logical subscriber copies all tables and applies what is committed.",
       "ALTER TABLE on a logical subscriber, as on the publisher.",
       "pg_basebackup: builds a replica anew from the node that it follows, or copies the "
       "primary's database to a region.",
       "CHECKPOINT on the primary, by an operator or at the start of a backup.",
       "pg_switch_wal() on the primary, as at the end of a base backup: the rest of the segment "
       "is padding that every replica receives.",
       "A transaction on the primary that takes ACCESS EXCLUSIVE on a data set, holds it and "
       "commits.",
       "TRUNCATE on the primary: ACCESS EXCLUSIVE on a data set, committed at once.",
       "VACUUM of a data set on the primary: removes the row versions that nobody needs.",
       "A report: one statement that reads a data set for so long, on a replica unless cancelled.",
       "The store that an app keeps its tokens in (policy.freshness.store) does not answer.",
       "Instances of an app die and are started again after \"for\": their pages fail, their pools "
       "and their queues in memory are gone.",
       "A rolling deploy: the instances of an app take its next version one after another. Calls "
       "say by from_version and until_version whose they are.",
       "Members of the lease store are stopped: their hosts refuse connections, their disks stay. "
       "\"for\": until they are started again.",
       "pg_promote() on a replica: it replays what it has and accepts writes on a timeline of its "
       "own, and the name of the primary leads there. Nobody stops the old primary.",
       "The name of the primary has no addresses: apps with \"by\": \"dns\", or one of them, get "
       "empty answers, as in AWS us-east-1 on 2025-10-20.",
       "A backend of a server crashes: the postmaster ends all others and recovers at once "
       "(restart_after_crash).",
       "The disk of a server is full: it stops (PANIC: could not write to file) and does not start "
       "until there is room, after \"for\".",
       "The host of a server stands still: nothing runs, connections stay, timers go off late. "
       "Then "
       "it goes on as if nothing had been.",
       "A link is cut for a share of each period.",
       "What the caches of a region hold is gone: they are restarted.",
       "All of a zone is gone: its servers and their hosts, the instances of its apps, what its "
       "caches hold, its members of the lease store. \"for\": until they are started again.",
       "All of a region is gone, likewise.",
       "A region lives on and nothing passes between it and the others.",
       "The failover manager's agent beside a server dies and is started again after \"for\"; the "
       "server itself lives on.",
       "An operator orders a planned switchover of the failover manager: the primary stops in "
       "order, and \"node\", or whoever is best, takes over.",
       "A planned switchover home: to \"node\", or to the server that was the primary first.",
       "An operator orders a failover without asking the primary.",
       "An operator pauses failover, for maintenance, and resumes it after \"for\".",
       "An operator resumes failover that is paused, or that policy.failover.guards.frozen stops.",
       "An operator approves the promotion that waits for it.",
       "An operator rejects the promotion that waits for approval.",
       "The files of a server are deleted, by a slip of an operator or a disk that dies; its host "
       "lives on. It has to be built anew or restored.",
       "An operator copies the last complete base_backup with \"to\" to a server and starts it: it "
       "accepts writes, and all that was acknowledged after the backup is lost.",
       "The wall clock of a server's host is set forward or back.",
       "The clocks of a server's host run fast or slow.",
       "An operator takes the first cluster out of the configuration of topology.standby_cluster, "
       "whose leader promotes then (patronictl edit-config). Nobody stops the first cluster."},
      {"restart", "partition", "slow_disk", "clog", "add_latency", "packet_loss", "write_storm",
       "freeze"}};
  return names;
}

template <>
const EnumNames& enum_names<OperatorStep>() {
  static const EnumNames names{{"stop_old", "promote"},
                               {"The old primary is stopped, or fenced, and nobody is promoted.",
                                "The new one is promoted, and no client is moved to it."}};
  return names;
}

template <>
const EnumNames& enum_names<CheckpointMode>() {
  static const EnumNames names{
      {"fast", "spread"},
      {"At once.", "Spread over checkpoint_timeout * checkpoint_completion_target."}};
  return names;
}

const FieldTable& FaultConfig::fields() {
  static const FieldTable table = field_table<FaultConfig>(
      "fault",
      {
          field<&FaultConfig::kind>("kind").about("What happens.").required(),
          field<&FaultConfig::at>("at")
              .about("When it begins, from the start of the run.")
              .between(nanoseconds(0), minutes(60 * 24 * 366))
              .required(),
          field<&FaultConfig::lasts>("for")
              .about(
                  "How long it lasts. Absent: until the end. An operation on a data set counts it "
                  "from when it has its lock.")
              .between(nanoseconds(1), minutes(60 * 24 * 366)),
          field<&FaultConfig::node>("node")
              .about("The server that it happens to: any of crash, node_loss, backend_crash, "
                     "disk_full, vm_stall, kill_agent, data_directory_lost, restore_backup, "
                     "clock_step, clock_drift and long_read; the primary of cancel_waits, "
                     "checkpoint "
                     "and switch_wal; "
                     "else a replica. With several primaries also the one that an operation or "
                     "setting "
                     "is about, unless its data set has a home. Of a switchover, a failback or a "
                     "failover: to whom; of another command to the failover manager: a server of "
                     "the shard that it is about. Absent: all shards.")
              .only_when("kind", FaultKind::pause_replay, FaultKind::slow_replay, FaultKind::crash,
                         FaultKind::node_loss, FaultKind::backend_crash, FaultKind::disk_full,
                         FaultKind::vm_stall, FaultKind::kill_agent,
                         FaultKind::data_directory_lost, FaultKind::restore_backup,
                         FaultKind::cancel_waits,
                         FaultKind::base_backup, FaultKind::create_subscription,
                         FaultKind::alter_subscriber, FaultKind::checkpoint, FaultKind::switch_wal,
                         FaultKind::long_read, FaultKind::alter_table, FaultKind::truncate,
                         FaultKind::vacuum, FaultKind::set_synchronous_standby_names,
                         FaultKind::promote, FaultKind::switchover, FaultKind::failback,
                         FaultKind::failover, FaultKind::pause_failover, FaultKind::resume_failover,
                         FaultKind::approve, FaultKind::reject, FaultKind::clock_step,
                         FaultKind::clock_drift),
          field<&FaultConfig::by>("by")
              .about("By how much the clock is set forward, or back.")
              .between(minutes(-60 * 24), minutes(60 * 24))
              .only_when("kind", FaultKind::clock_step),
          field<&FaultConfig::drift>("drift")
              .about("How much faster than time the clocks run, or slower if negative.")
              .between(percent(-50), percent(50))
              .only_when("kind", FaultKind::clock_drift),
          field<&FaultConfig::stops_after>("stops_after")
              .about("The operator's terminal is gone after this step and nobody goes on. Of what "
                     "an operator orders of a runbook; a promotion by hand knows \"promote\".")
              .only_when("kind", FaultKind::promote, FaultKind::switchover, FaultKind::failback,
                         FaultKind::failover),
          field<&FaultConfig::pause_poolers>("pause_poolers")
              .about("The operator pauses the PgBouncers in front of the primary, orders the "
                     "switchover when their transactions have ended, points them at the new "
                     "primary and resumes them; after so long at the latest, done or not. Absent: "
                     "they go on.")
              .source("PgBouncer doc/usage.md, PAUSE and RESUME")
              .between(milliseconds(1), minutes(60))
              .only_when("kind", FaultKind::switchover, FaultKind::failback),
          field<&FaultConfig::others_follow>("others_follow")
              .about("Whether the other replicas that can are told to follow a promoted one.")
              .only_when("kind", FaultKind::promote),
          field<&FaultConfig::app>("app")
              .about("The application that it happens to.")
              .only_when("kind", FaultKind::token_store_down, FaultKind::app_crash,
                         FaultKind::deploy, FaultKind::dns_outage),
          field<&FaultConfig::data>("data")
              .about("The data set, as a table of its own, that is altered, truncated, vacuumed or "
                     "read.")
              .only_when("kind", FaultKind::alter_table, FaultKind::truncate, FaultKind::vacuum,
                         FaultKind::long_read, FaultKind::alter_subscriber),
          field<&FaultConfig::speed>("speed")
              .about("What is left of the replica's speed.")
              .between(Ratio{1}, percent(1000))
              .only_when("kind", FaultKind::slow_replay),
          field<&FaultConfig::value>("value")
              .about("The new setting, as in postgres.synchronous_standby_names.")
              .only_when("kind", FaultKind::set_synchronous_standby_names),
          field<&FaultConfig::rate>("rate")
              .about("Most that a base backup sends per time (--max-rate), or that a backup is "
                     "restored at. Absent: no limit but the disks.")
              .between(ByteRate{32 * 1024}, ByteRate{1024 * 1024 * 1024})
              .only_when("kind", FaultKind::base_backup, FaultKind::restore_backup),
          field<&FaultConfig::checkpoint>("checkpoint")
              .about("How a base backup waits for its checkpoint (--checkpoint).")
              .source("pg_basebackup")
              .only_when("kind", FaultKind::base_backup),
          field<&FaultConfig::compressed_to>("compressed_to")
              .about(
                  "What server-side compression leaves of a base backup on the wire; its processor "
                  "time is not modelled.")
              .source("pg_basebackup does not compress; a half to a third is common for text, "
                      "unverified")
              .between(Ratio{10'000}, percent(100))
              .only_when("kind", FaultKind::base_backup),
          field<&FaultConfig::between>("between")
              .about("Cuts both directions between two regions.")
              .items(2, 2)
              .only_when("kind", FaultKind::cut_link, FaultKind::flapping),
          field<&FaultConfig::from>("from")
              .about("Cuts one direction: the region that sends.")
              .only_when("kind", FaultKind::cut_link, FaultKind::flapping),
          field<&FaultConfig::to>("to")
              .about("Cuts one direction: the region that receives. Or the region that a base "
                     "backup is "
                     "copied to.")
              .only_when("kind", FaultKind::cut_link, FaultKind::base_backup, FaultKind::flapping),
          field<&FaultConfig::instance>("instance")
              .about("Which of its instances, from 0. Absent: all.")
              .between(0, 999)
              .only_when("kind", FaultKind::app_crash),
          field<&FaultConfig::member>("member")
              .about("Which member of topology.lease_store. Absent: all.")
              .only_when("kind", FaultKind::lease_store_down),
          field<&FaultConfig::every>("every")
              .about("Of a deploy: from one instance to the next; the first has the version at "
                     "\"at\". Of a link that flaps: from one cut to the next, 1ms or more.")
              .source("an instance to stop, start and be found healthy, order of magnitude")
              .between(Duration{0}, minutes(60 * 24))
              .only_when("kind", FaultKind::deploy, FaultKind::flapping),
          field<&FaultConfig::share>("share")
              .about("Of each period, for how much of it a link that flaps is cut.")
              .source("a flap is as often down as up")
              .between(Ratio{1}, percent(99))
              .only_when("kind", FaultKind::flapping),
          field<&FaultConfig::region>("region")
              .about("The region that it happens to. Of a command to the failover manager: where "
                     "the operator works, else beside the first controller or the first primary.")
              .only_when("kind", FaultKind::zone_loss, FaultKind::region_loss,
                         FaultKind::region_isolated, FaultKind::cache_loss, FaultKind::switchover,
                         FaultKind::failback, FaultKind::failover, FaultKind::pause_failover,
                         FaultKind::resume_failover, FaultKind::approve, FaultKind::reject),
          field<&FaultConfig::zone>("zone")
              .about("The zone of that region.")
              .only_when("kind", FaultKind::zone_loss),
          field<&FaultConfig::adds>("adds")
              .about("A column that it adds; statements say in \"needs\" that they name it.")
              .only_when("kind", FaultKind::alter_table, FaultKind::alter_subscriber),
          field<&FaultConfig::drops>("drops")
              .about("A column that it drops, there from the start unless an earlier one adds it.")
              .only_when("kind", FaultKind::alter_table, FaultKind::alter_subscriber),
      },
      {"delay", "loss", "ramp"});
  return table;
}

}  // namespace longhaul
