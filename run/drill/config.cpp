#include "run/drill/config.h"

namespace longhaul {

bool can_be_ended(FaultKind kind) {
  switch (kind) {
    case FaultKind::cut_link:
    case FaultKind::pause_replay:
    case FaultKind::slow_replay:
    case FaultKind::crash:
    case FaultKind::node_loss:
    case FaultKind::disk_full:
    case FaultKind::vm_stall:
    case FaultKind::flapping:
    case FaultKind::kill_agent:
    case FaultKind::token_store_down:
    case FaultKind::app_crash:
    case FaultKind::lease_store_down:
    case FaultKind::dns_outage:
      return true;
    default:
      return false;
  }
}

const FieldTable& DrillVariant::fields() {
  static const FieldTable table = field_table<DrillVariant>(
      "variant",
      {
          field<&DrillVariant::name>("name").about("Name of the variant.").required(),
          field<&DrillVariant::weight>("weight")
              .about("How likely it is beside the others, before anything is seen.")
              .source("all alike")
              .between(1, 1'000),
          field<&DrillVariant::reveals>("reveals")
              .about("What was the matter, as the debriefing tells it.")
              .source("nothing is told"),
          field<&DrillVariant::faults>("faults").about("What happens, hidden from the trainee."),
      });
  return table;
}

const FieldTable& DrillAction::fields() {
  static const FieldTable table = field_table<DrillAction>(
      "action",
      {
          field<&DrillAction::command>("command")
              .about("What the trainee types, such as \"promote db-eu\".")
              .required(),
          field<&DrillAction::checks>("checks").about(
              "A question: log in to this server and look. It is answered if the network "
              "lets it."),
          field<&DrillAction::asks>("asks").about(
              "A question: call people in this region, on another network, and ask what "
              "works there."),
          field<&DrillAction::faults>("faults").about(
              "What it does to the system: entries as in \"faults\", with \"at\" counted "
              "from when the action is done."),
          field<&DrillAction::ends>("ends").about(
              "It ends all faults of this kind that have begun and have no \"for\"."),
          field<&DrillAction::node>("node").about("Of \"ends\": only those of this server."),
          field<&DrillAction::from>("from")
              .about("The region that it is done from, by way of a jump host. Absent: that of the "
                     "monitoring, where the trainee sits.")
              .source("engineers work where their dashboards are"),
          field<&DrillAction::reaches>("reaches")
              .about("The region that must be reached from there, or the action fails. Absent: "
                     "that of the server that it is about. \"\": none, it goes another way, such "
                     "as the console of the cloud.")
              .source("commands go to the server that they are about"),
          field<&DrillAction::takes>("takes")
              .about("From the order, or its approval, to its end.")
              .source("a command that is typed and looked after"),
          field<&DrillAction::fails>("fails")
              .about("How often it fails at its end and has to be repeated.")
              .source("commands work as they should")
              .between(Ratio{0}, percent(100)),
          field<&DrillAction::approval>("approval")
              .about("Somebody has to approve it first, which takes so long. Absent: nobody."),
          field<&DrillAction::how>("how")
              .about("The command as one types it in production, for the runbook. Absent: what "
                     "the manager of failover has for it.")
              .source("the manager's own tools"),
          field<&DrillAction::abort_when>("abort_when")
              .about("When not to go on with it, for the runbook.")
              .source("nothing is said"),
          field<&DrillAction::rollback>("rollback")
              .about("How it is undone, for the runbook.")
              .source("nothing is said"),
      });
  return table;
}

const FieldTable& DrillInject::fields() {
  static const FieldTable table = field_table<DrillInject>(
      "inject",
      {
          field<&DrillInject::name>("name").about("Name of the inject.").required(),
          field<&DrillInject::at>("at")
              .about("When it comes, from the start of the run. Absent: when the facilitator "
                     "types \"inject NAME\".")
              .between(nanoseconds(0), minutes(60 * 24 * 366)),
          field<&DrillInject::text>("text").about("What the trainee reads.").required(),
          field<&DrillInject::faults>("faults").about(
              "What happens with it, \"at\" counted from the inject."),
      });
  return table;
}

const FieldTable& DrillSignals::fields() {
  static const FieldTable table = field_table<DrillSignals>(
      "signals",
      {
          field<&DrillSignals::region>("region")
              .about("Where the monitoring runs: what is lost or cut off with it is not seen. "
                     "Absent: the first of topology.regions.")
              .source("most have it where they have their database"),
          field<&DrillSignals::interval>("interval")
              .about("Between two samples.")
              .source("Prometheus scrapes every minute by default, 15s in its getting started")
              .between(seconds(1), minutes(10)),
          field<&DrillSignals::delay>("delay")
              .about("From a sample to the dashboard, whole seconds.")
              .source("scrape, rule evaluation and refresh, order of magnitude")
              .between(seconds(0), minutes(10)),
          field<&DrillSignals::lost>("lost")
              .about("Share of samples that never arrive.")
              .source("none")
              .between(Ratio{0}, percent(90)),
          field<&DrillSignals::false_alarms>("false_alarms")
              .about("Alarms of a server being down that mean nothing, per time.")
              .source("none")
              .between(EventRate{0}, per_second(1)),
          field<&DrillSignals::lag_source>("lag_source")
              .about("The lag of replicas that is on the dashboard.")
              .source("replay_lag of pg_stat_replication"),
          field<&DrillSignals::lasting>("lasting")
              .about("How long something has to be seen before it is an alarm (\"for\").")
              .source("two samples")
              .between(Duration{0}, minutes(60)),
          field<&DrillSignals::errors_above>("errors_above")
              .about("Alarm: share of a region's pages that fail.")
              .source("a twentieth of the users notice")
              .between(Ratio{0}, percent(100)),
          field<&DrillSignals::lag_above>("lag_above")
              .about("Alarm: lag of a replica.")
              .source("six times a breaker's usual bound")
              .between(Duration{0}, minutes(60 * 24)),
          field<&DrillSignals::slow_above>("slow_above")
              .about("Alarm: p95 of a region's pages.")
              .source("the bound of availability")
              .between(Duration{0}, minutes(60)),
      });
  return table;
}

const FieldTable& DrillCosts::fields() {
  static const FieldTable table = field_table<DrillCosts>(
      "costs",
      {
          field<&DrillCosts::write_outage_minute>("write_outage_minute")
              .about("Points a minute in which one users' region cannot write.")
              .source("the unit that the others are compared with")
              .between(0, 1'000'000),
          field<&DrillCosts::lost_transaction>("lost_transaction")
              .about("Points for each acknowledged transaction that is lost.")
              .source("a hundred are worth a minute; your business knows better")
              .between(0, 1'000'000),
          field<&DrillCosts::split_brain_write>("split_brain_write")
              .about("Points for each write that the wrong one of two primaries took.")
              .source("it is lost and has to be found and explained")
              .between(0, 1'000'000),
          field<&DrillCosts::failover>("failover")
              .about("Points for each promotion: the old primary is rebuilt, and the way home.")
              .source("half a minute of outage and some work")
              .between(0, 1'000'000),
          field<&DrillCosts::needless_failover>("needless_failover")
              .about("Points on top for a promotion while the primary served writes.")
              .source("a minute of outage")
              .between(0, 1'000'000),
          field<&DrillCosts::failed_page>("failed_page")
              .about("Points for each page that ends with an error.")
              .source("outages of writing are counted already")
              .between(0, 1'000'000),
          field<&DrillCosts::stale_read>("stale_read")
              .about("Points for each stale read.")
              .source("most dashboards may be old")
              .between(0, 1'000'000),
      });
  return table;
}

const FieldTable& DrillConfig::fields() {
  static const FieldTable table = field_table<DrillConfig>(
      "drill",
      {
          field<&DrillConfig::role>("role").about("Who the trainee is.").source("not said"),
          field<&DrillConfig::briefing>("briefing")
              .about("What the trainee is told before it begins.")
              .required(),
          field<&DrillConfig::failback>("failback")
              .about("The way home when all is over, for the runbook.")
              .source("what PostgreSQL needs in any case"),
          field<&DrillConfig::pass>("pass")
              .about("The score that a replayed play must reach, else the exit code is 99.")
              .source("three tenths of what doing nothing throws away may be lost")
              .between(Ratio{0}, percent(100)),
          field<&DrillConfig::decide_every>("decide_every")
              .about("While an alarm is up, waiting so long without acting is a decision.")
              .source("the usual round of a bridge call is longer; an outage counts by the minute")
              .between(seconds(5), minutes(60)),
          field<&DrillConfig::samples>("samples")
              .about("Continuations of each variant that a decision is judged by.")
              .source("variants differ far more than their seeds")
              .between(1, 20),
          field<&DrillConfig::signals>("signals").about("What the dashboards show."),
          field<&DrillConfig::costs>("costs").about("What is bad, in points."),
          field<&DrillConfig::variants>("variants")
              .about("What may be the matter; which one it is stays hidden.")
              .items(1, 16)
              .required(),
          field<&DrillConfig::actions>("actions")
              .about("What the trainee may do.")
              .items(1, 20)
              .required(),
          field<&DrillConfig::injects>("injects")
              .about("What else comes up while the trainee works.")
              .items(0, 50),
      });
  return table;
}

}  // namespace longhaul
