// The router's field tables: names, documentation, bounds and the sources of the defaults. Tables
// allocate, so they stand apart from the code that decides.
#include "policy/config.h"

namespace longhaul {

template <>
const EnumNames& enum_names<PrimaryReads>() {
  static const EnumNames names{
      {"when_nearest", "fallback_only"},
      {"The primary takes part in the order of preference; a replica at the same distance wins.",
       "The primary serves reads only when no replica may."}};
  return names;
}

template <>
const EnumNames& enum_names<WhenNoReplica>() {
  static const EnumNames names{
      {"primary", "fail", "serve_stale", "queue"},
      {"The primary serves the read, within moved_reads.max_share.",
       "The read fails: load is shed.",
       "The nearest replica that answers probes serves what it has, equals by weight; the primary "
       "if none does.",
       "The read waits at the app and asks again, for at most queue.wait_max."}};
  return names;
}

template <>
const EnumNames& enum_names<BeyondCap>() {
  static const EnumNames names{
      {"fail", "serve_stale", "queue"},
      {"The read fails: load is shed.",
       "The nearest replica that answers probes serves what it has; the read fails if none does, "
       "or none within the max_staleness of its page.",
       "The read waits at the app and asks again, for at most queue.wait_max."}};
  return names;
}

template <>
const EnumNames& enum_names<Prefer>() {
  static const EnumNames names{
      {"zone_then_region", "latency"},
      {"Databases in the app's zone, then in its region, then by round trip.",
       "By round trip alone."}};
  return names;
}

template <>
const EnumNames& enum_names<Balance>() {
  static const EnumNames names{
      {"first", "by_weight"},
      {"The first of equals in the order of the topology gets all their reads.",
       "Each of the replicas of equal rank gets reads in proportion to its weight."},
      {"round_robin", "least_connections", "random_of_two"}};
  return names;
}

const FieldTable& MovedReadsConfig::fields() {
  static const FieldTable table = field_table<MovedReadsConfig>(
      "cap on moved reads",
      {field<&MovedReadsConfig::max_share>("max_share")
           .about("Of the reads of one app instance, most that breakers, tokens and pins may move "
                  "from replicas to the primary. Absent: no cap.")
           .source("absent: routers that fall back to the primary know no limit")
           .between(Ratio{0}, percent(100)),
       field<&MovedReadsConfig::window>("window")
           .about("The time over which the share is taken.")
           .source("Hystrix: rolling window of 10 s in 10 buckets")
           .between(milliseconds(10), minutes(60)),
       field<&MovedReadsConfig::at_least>("at_least")
           .about("Reads that may be moved within the window whatever the share.")
           .source("Envoy's retry budget: 3, whatever the share")
           .between(std::int64_t{0}, std::int64_t{1'000'000}),
       field<&MovedReadsConfig::beyond>("beyond")
           .about("What happens to a read that the cap keeps from the primary.")
           .source("our choice: an error is seen, staleness is not")});
  return table;
}

const FieldTable& QueueConfig::fields() {
  static const FieldTable table = field_table<QueueConfig>(
      "queue of reads", {field<&QueueConfig::retry>("retry")
                             .about("A read that queues asks the router again after this time.")
                             .source("our choice: a small part of wait_max")
                             .between(milliseconds(1), minutes(1)),
                         field<&QueueConfig::wait_max>("wait_max")
                             .about("A read that has queued for so long fails.")
                             .source("Hystrix execution timeout: 1000 ms")
                             .between(milliseconds(1), minutes(10))});
  return table;
}

const FieldTable& RouterConfig::fields() {
  static const FieldTable table = field_table<RouterConfig>(
      "router",
      {field<&RouterConfig::use_replica_reads>("use_replica_reads")
           .about("Reads may go to replicas. Without it everything goes to the primary.")
           .source("the reason to have a router; GitLab load balancing behaves so when configured"),
       field<&RouterConfig::primary_reads>("primary_reads")
           .about("When the primary serves reads beside its writes.")
           .source("our choice: the nearest copy is the fastest and the primary is never stale"),
       field<&RouterConfig::prefer>("prefer")
           .about("Which databases come first.")
           .source("Envoy's locality priorities: the own zone, then the region, then the others"),
       field<&RouterConfig::equal_within>("equal_within")
           .about("Databases that prefer does not tell apart by zone or region are of equal rank "
                  "when their round trips differ by no more than this.")
           .source("our choice: what zones of one region differ by")
           .between(Duration{0}, seconds(10)),
       field<&RouterConfig::balance>("balance")
           .about("How reads are spread over replicas of equal rank.")
           .source("our choice: one replica's cache stays warm; pgpool-II, GitLab and HAProxy "
                   "spread them"),
       field<&RouterConfig::latency_smoothing>("latency_smoothing")
           .about("Weight of a new round trip of a probe in the average that the order goes by. "
                  "0%: the first figure stays.")
           .source("RFC 6298, the smoothed round trip of TCP: 1/8")
           .between(Ratio{0}, percent(100)),
       field<&RouterConfig::reorder_above>("reorder_above")
           .about("The order follows an average that has departed from the figure in use by more "
                  "than this share of it, and by more than equal_within.")
           .source("our choice: above the jitter of paths between regions")
           .between(Ratio{0}, percent(1000)),
       field<&RouterConfig::when_no_replica>("when_no_replica")
           .about("What happens to a read when no replica is admitted and the primary is not the "
                  "nearest database. With \"primary\" the load of all replicas lands there.")
           .source("pgpool-II, GitLab load balancing: reads fall back to the primary"),
       field<&RouterConfig::panic_below>("panic_below")
           .about("The panic threshold: with a smaller share of the replicas admitted, "
                  "when_no_replica applies to all reads. Absent: only when none is.")
           .source("absent: the replicas that are left serve all reads (Envoy: 50%)")
           .between(Ratio{0}, percent(100)),
       field<&RouterConfig::moved_reads>("moved_reads")
           .about("How many reads the primary takes over from replicas.")
           .source("each of its own"),
       field<&RouterConfig::queue>("queue")
           .about("How reads queue that are told to.")
           .source("each of its own")},
      {"hedge_after"});
  return table;
}

const FieldTable& RolloutConfig::fields() {
  static const FieldTable table = field_table<RolloutConfig>(
      "rollout",
      {field<&RolloutConfig::region>("region").about("Where the apps are.").required(),
       field<&RolloutConfig::share>("share")
           .about("Share of the users whose reads may go to replicas, always the same ones; the "
                  "reads of the others go to the primary.")
           .source("all, once it is rolled out")
           .between(Ratio{0}, percent(100))});
  return table;
}

Ratio rollout_share(const std::vector<RolloutConfig>& rollout, std::string_view region) {
  for (const RolloutConfig& part : rollout) {
    if (part.region == region) return part.share;
  }
  return rollout.empty() ? percent(100) : Ratio{0};
}

void validate(const std::vector<RolloutConfig>& rollout, std::vector<Complaint>& complaints) {
  for (std::size_t i = 0; i < rollout.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (rollout[k].region == rollout[i].region) {
        complaints.push_back({"rollout", "each region once"});
        return;
      }
    }
  }
}

void validate(const RouterConfig& router, std::vector<Complaint>& complaints) {
  if (router.queue.retry > router.queue.wait_max) {
    complaints.push_back({"router.queue.retry", "a duration of at most wait_max"});
  }
}

}  // namespace longhaul
