// Field tables of the controllers that watch the primary by probes: the script that promotes the
// first to answer, and people with a runbook.
#include "policy/failover/config.h"

namespace longhaul {
namespace {

constexpr Duration day = minutes(60 * 24);
constexpr std::string_view own_figure = "order of magnitude, to be replaced by your own figures";

}  // namespace

const FieldTable& HeartbeatConfig::fields() {
  static const FieldTable table = field_table<HeartbeatConfig>(
      "heartbeat", {
                       field<&HeartbeatConfig::interval>("interval")
                           .about("Between the beginnings of two probes.")
                           .source("our choice")
                           .between(milliseconds(10), day),
                       field<&HeartbeatConfig::timeout>("timeout")
                           .about("A probe without an answer for so long has failed.")
                           .source("our choice")
                           .between(milliseconds(1), day),
                       field<&HeartbeatConfig::failures>("failures")
                           .about("As many failed probes in a row mean that the primary is gone.")
                           .source("the usual three missed heartbeats")
                           .between(1, 1000),
                   });
  return table;
}

const FieldTable& FirstToAnswerConfig::fields() {
  static const FieldTable table = field_table<FirstToAnswerConfig>(
      "first_to_answer",
      {
          field<&FirstToAnswerConfig::probes>("probes").about("How the primary is watched."),
          field<&FirstToAnswerConfig::ask_timeout>("ask_timeout")
              .about("When no standby has answered for so long, the script gives up and watches "
                     "again.")
              .source("our choice")
              .between(milliseconds(1), day),
          field<&FirstToAnswerConfig::promote_timeout>("promote_timeout")
              .about("A promotion without an outcome for so long is taken for failed.")
              .source("pg_ctl promote waits for 60 s")
              .between(milliseconds(1), day),
      });
  return table;
}

const FieldTable& ManualRunbookConfig::fields() {
  using C = ManualRunbookConfig;
  static const FieldTable table = field_table<C>(
      "manual_runbook",
      {
          field<&C::alarm>("alarm").about(
              "What pages somebody: so many periods in a row without an answer of the primary."),
          field<&C::acknowledge>("acknowledge")
              .about("From the page until somebody has acknowledged it.")
              .source(own_figure),
          field<&C::decide>("decide")
              .about("From there until a failover is decided on.")
              .source(own_figure),
          field<&C::needs_approval>("needs_approval")
              .about("Whether another person has to approve it.")
              .source("off, when nothing is said"),
          field<&C::approval>("approval")
              .about("How long that takes, when no operator approves it earlier.")
              .source(own_figure),
          field<&C::check>("check")
              .about("Finding out which standby is most advanced.")
              .source(own_figure),
          field<&C::fences>("fences")
              .about("Whether the runbook fences the old primary before it promotes.")
              .source("off, when nothing is said"),
          field<&C::fence>("fence").about("Fencing the old primary.").source(own_figure),
          field<&C::fence_attempts>("fence_attempts")
              .about("After as many failed attempts the person goes on without the fence.")
              .source("our choice")
              .between(1, 100),
          field<&C::promote>("promote").about("Promoting the new primary.").source(own_figure),
          field<&C::repoint>("repoint")
              .about("Making the other standbys follow it.")
              .source(own_figure),
          field<&C::move_clients>("move_clients")
              .about("Changing DNS, the proxy or the address.")
              .source(own_figure),
          field<&C::verify>("verify").about("Seeing that it works.").source(own_figure),
          field<&C::wrong_candidate>("wrong_candidate")
              .about("How often the person takes another standby for the most advanced one.")
              .source("off; a drill may set it")
              .between(Ratio{0}, percent(100)),
          field<&C::step_fails>("step_fails")
              .about("How often a step has to be begun again because of a mistake.")
              .source("off; a drill may set it")
              .between(Ratio{0}, percent(90)),
          field<&C::ask_timeout>("ask_timeout")
              .about("A standby that has not answered for so long is not considered.")
              .source("our choice")
              .between(milliseconds(1), day),
          field<&C::operation_timeout>("operation_timeout")
              .about("An order without an outcome for so long is taken for failed.")
              .source("our choice")
              .between(milliseconds(1), day),
          field<&C::abandons_when_back>("abandons_when_back")
              .about("Whether the attempt is given up when the primary answers before it is "
                     "fenced.")
              .source("what most runbooks say, unverified"),
      });
  return table;
}

}  // namespace longhaul
