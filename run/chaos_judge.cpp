#include "run/chaos_judge.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "models/checks.h"
#include "models/pg/losses.h"
#include "run/chaos_convergence.h"
#include "run/runner.h"

namespace longhaul {
namespace {

constexpr std::uint64_t events_max = 20'000'000;  // a world has some hundred thousand
constexpr Duration slice = milliseconds(500);     // from one look at the world to the next

// ---- Acknowledged commits, counted once more ---------------------------------------------------

struct Told {
  LogId log;
  Lsn end;
  UserId writer;
  bool acknowledged = false;
  bool gone = false;  // its server crashed before it was on a disk
};

bool is_of_canary(const World& world, const Version& version) {
  const DataSetPlan& last = world.plan->sets.back();
  return last.config.name == canary_name && version.row >= last.first_row;
}

class Ledger {
 public:
  void look(const World& world) {
    const Ring<Version>& versions = world.truth.versions();
    for (std::uint64_t n = versions.first(); n != versions.end(); ++n) {
      note(world, n, versions.at(n));
    }
    for (const LostVersion& entry : world.truth.lost()) note(world, entry.number, entry.version);
  }

  // Acknowledged transactions that are not on the branch that ends with `log`.
  std::size_t missing_from(const World& world, LogId log) const {
    std::size_t count = 0;
    const Told* before = nullptr;
    for (const auto& [number, told] : told_) {
      if (!told.acknowledged || is_on(world, told, log)) continue;
      const bool same = before != nullptr && before->log == told.log && before->end == told.end &&
                        before->writer == told.writer;
      count += same ? 0 : 1;  // another row of one transaction
      before = &told;
    }
    return count;
  }

 private:
  void note(const World& world, std::uint64_t number, const Version& version) {
    if (is_of_canary(world, version)) return;
    Told& told = told_[number];
    told = {version.log, version.end, version.writer, version.acknowledged != TimePoint::never(),
            version.gone};
  }

  // Down from `log` to where it forked off, and so on, until the commit's own log is met.
  static bool is_on(const World& world, const Told& told, LogId log) {
    if (told.gone) return false;
    Lsn shared{~std::uint64_t{0}};
    for (LogId at = log; at.valid(); at = world.log(at).parent) {
      if (at == told.log) return told.end <= shared;
      shared = std::min(shared, world.log(at).fork);
    }
    // The branch forked off below: what is shared is what the commit's log has of an ancestor.
    return is_on_ancestor(world, told, log);
  }

  static bool is_on_ancestor(const World& world, const Told& told, LogId log) {
    for (LogId mine = told.log; mine.valid(); mine = world.log(mine).parent) {
      Lsn shared{~std::uint64_t{0}};
      for (LogId at = log; at.valid(); at = world.log(at).parent) {
        if (at == mine) return told.end <= std::min(shared, fork_below(world, told.log, mine));
        shared = std::min(shared, world.log(at).fork);
      }
    }
    return false;
  }

  // The lowest fork on the way from `log` down to its ancestor.
  static Lsn fork_below(const World& world, LogId log, LogId ancestor) {
    Lsn lowest{~std::uint64_t{0}};
    for (LogId at = log; at != ancestor; at = world.log(at).parent) {
      lowest = std::min(lowest, world.log(at).fork);
    }
    return lowest;
  }

  std::map<std::uint64_t, Told> told_;  // by number of the version
};

// ---- Two that write ----------------------------------------------------------------------------

class Watch : public EventObserver {
 public:
  // What is found before an event has held since the one before.
  void before(const World& world, const Event& event) override {
    const Duration held = event.at - since_;
    since_ = event.at;
    if (held == Duration{} || world.groups.size() == world.plan->groups.size()) return;
    std::size_t writers = 0;
    for (const Group& group : world.groups) writers += writes(world, group) ? 1 : 0;
    if (writers > 1) overlap += held;
  }

  Duration overlap;

 private:
  static bool writes(const World& world, const Group& group) {
    const Node& node = world.node(group.primary);
    return accepts_writes(world, group) && !node.read_only && node.stalls == 0;
  }

  TimePoint since_;
};

// ---- Assumptions -------------------------------------------------------------------------------

bool has_fault(const ScenarioConfig& config, FaultKind kind) {
  return std::any_of(config.faults.begin(), config.faults.end(),
                     [kind](const FaultConfig& fault) { return fault.kind == kind; });
}

// How many standbys a commit waits for, whatever happens.
std::int64_t strictly_synchronous(const ScenarioConfig& config) {
  const FailoverConfig& failover = config.policy.failover;
  if (failover.manager == FailoverManager::patroni) {
    const PatroniConfig& patroni = failover.patroni;
    const bool strict =
        patroni.synchronous_mode != PatroniSync::off && patroni.synchronous_mode_strict;
    return strict ? 1 : 0;
  }
  const auto sync = parse_sync_standbys(config.postgres.synchronous_standby_names);
  return sync ? static_cast<std::int64_t>(sync->count) : 0;
}

// Servers whose copy is lost for good.
std::int64_t lost_copies(const ScenarioConfig& config) {
  std::set<std::string> lost;
  for (const FaultConfig& fault : config.faults) {
    const bool deletes = fault.kind == FaultKind::base_backup ||
                         fault.kind == FaultKind::data_directory_lost ||
                         fault.kind == FaultKind::restore_backup;
    if (deletes && fault.node) lost.insert(*fault.node);
    if (fault.lasts) continue;
    const bool is_server = fault.kind == FaultKind::node_loss || fault.kind == FaultKind::crash ||
                           fault.kind == FaultKind::disk_full;
    if (is_server) lost.insert(*fault.node);
    if (fault.kind != FaultKind::zone_loss && fault.kind != FaultKind::region_loss) continue;
    for (const NodeConfig& node : config.topology.nodes) {
      const bool there = node.region == fault.region && (!fault.zone || node.zone == fault.zone);
      if (there && node.role != NodeRole::logical) lost.insert(node.name);
    }
  }
  return static_cast<std::int64_t>(lost.size());
}

// By how much clocks err at worst, and by how much they may: a leader that has lost the store steps
// down loop_wait + retry_timeout later by its own clock, its key expires after ttl.
bool clocks_err_too_much(const ScenarioConfig& config) {
  const PatroniConfig patroni = with_adjusted_timeouts(config.policy.failover.patroni);
  const Duration margin = patroni.ttl - patroni.loop_wait - patroni.retry_timeout;
  Duration error;
  for (const FaultConfig& fault : config.faults) {
    const std::int64_t by = fault.by.value_or(Duration{}).ns;
    const std::int64_t ppm = fault.drift.value_or(Ratio{}).ppm;
    error += Duration{by < 0 ? -by : by};
    error += Duration{patroni.ttl.ns / 1'000'000 * (ppm < 0 ? -ppm : ppm)};
  }
  return error > margin;
}

// Patroni promotes a member that an operator has named without asking it for votes, should the
// leader be gone before it has handed over (ha.py, manual_failover_process_no_leader); to a
// failover it does not object at all.
bool promotes_by_name(const ScenarioConfig& config) {
  if (config.policy.failover.manager != FailoverManager::patroni) return false;
  if (has_fault(config, FaultKind::failover)) return true;
  const bool by_quorum = config.policy.failover.patroni.synchronous_mode == PatroniSync::quorum;
  return by_quorum &&
         (has_fault(config, FaultKind::switchover) || has_fault(config, FaultKind::failback));
}

// The first assumption that can explain a lost commit of that cause.
std::optional<Assumption> to_blame(Loss cause, Assumptions broken) {
  if (cause == Loss::cancelled_wait && broken & bit(Assumption::no_cancelled_wait)) {
    return Assumption::no_cancelled_wait;
  }
  for (std::size_t i = 1; i < assumption_count; ++i) {
    if (broken & bit(static_cast<Assumption>(i))) return static_cast<Assumption>(i);
  }
  if (broken & bit(Assumption::no_cancelled_wait)) return Assumption::no_cancelled_wait;
  return std::nullopt;
}

// ---- One world ---------------------------------------------------------------------------------

void accuse(ChaosOutcome& outcome, Violation violation, std::string what) {
  if (outcome.violation != Violation::none) return;
  outcome.violation = violation;
  outcome.what = std::move(what);
}

void judge_losses(const World& world, const Ledger& ledger, ChaosOutcome& outcome) {
  const std::vector<LostCommit> lost = lost_commits(world);
  for (const LostCommit& commit : lost) {
    outcome.lost[static_cast<std::size_t>(commit.cause)] += 1;
    if (const auto blamed = to_blame(commit.cause, outcome.broken)) {
      outcome.lost_to[static_cast<std::size_t>(*blamed)] += 1;
      continue;
    }
    accuse(outcome, Violation::lost_commit,
           "an acknowledged commit is lost, " + std::string(enum_text(commit.cause)) +
               ", though every assumption held");
  }
  const LogId survivor = world.truth.survivor_of({0});
  const std::size_t missing = ledger.missing_from(world, survivor);
  if (missing != lost.size()) {
    accuse(outcome, Violation::miscounted,
           std::to_string(lost.size()) + " commits count as lost, " + std::to_string(missing) +
               " that clients were told of are not there");
  }
  for (std::uint32_t i = 0; i < world.groups.size(); ++i) {
    if (!accepts_writes(world, world.groups[i])) continue;
    const bool is_newest = newest_group(world, world.groups[i].shard).value == i;
    if (is_newest && world.groups[i].log != survivor) {
      accuse(outcome, Violation::miscounted, "another timeline is served than the one that counts");
    }
  }
}

bool has_twins(const World& world) {
  for (std::size_t i = 0; i < world.groups.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (world.groups[i].timeline == world.groups[k].timeline) return true;
    }
  }
  return false;
}

void judge_writers(const World& world, Duration overlap, ChaosOutcome& outcome) {
  outcome.two_writers = overlap;
  for (std::uint32_t node = 0; node < world.nodes.size(); ++node) {
    outcome.split_writes += static_cast<std::uint32_t>(
        world.measures.counter_at(Metric::split_brain_writes, node).count);
  }
  if (overlap == Duration{} || outcome.broken != 0) return;
  accuse(outcome, Violation::two_writers,
         "two servers accepted writes for " + std::to_string(overlap.ns / 1'000'000) +
             "ms, though every assumption held");
}

void judge_convergence(const World& world, Lsn shown, ChaosOutcome& outcome) {
  const Convergence convergence = convergence_of(world, shown);
  outcome.converged = convergence.missing.empty();
  outcome.waits_for = convergence.waits_for;
  if (outcome.converged || !convergence.waits_for.empty()) return;
  accuse(outcome, Violation::not_converged, convergence.missing);
}

}  // namespace

template <>
const EnumNames& enum_names<Assumption>() {
  static const EnumNames names{
      {"no_cancelled_wait", "synchronous_commit", "fencing_manager", "no_promotion_by_hand",
       "strict_quorum", "enough_copies", "clocks", "watchdog"},
      {"No wait for synchronous standbys is cancelled.",
       "Commits are made with synchronous_commit = on or remote_apply.",
       "The manager fences the old primary, or nobody is promoted.",
       "Nobody promotes a standby, or restores a backup, by hand.",
       "Commits wait for a quorum, and never for fewer.",
       "No more servers are lost for good than standbys are waited for.",
       "Clocks err by less than the margin of the lease.",
       "A watchdog resets the host of an agent that is late."}};
  return names;
}

template <>
const EnumNames& enum_names<Violation>() {
  static const EnumNames names{
      {"none", "lost_commit", "two_writers", "invariant", "miscounted", "not_converged", "stuck"},
      {"Nothing is wrong.", "An acknowledged commit is lost, though every assumption held.",
       "Two servers accepted writes at once, though every assumption held.",
       "An invariant of the world does not hold.",
       "The loss that is counted is not the loss that is there.",
       "The cluster has not come together again within the bound.",
       "Requests are left without an answer."}};
  return names;
}

Assumptions broken_assumptions(const ScenarioConfig& config) {
  Assumptions broken = 0;
  const FailoverConfig& failover = config.policy.failover;
  if (has_fault(config, FaultKind::cancel_waits) ||
      has_fault(config, FaultKind::set_synchronous_standby_names)) {
    broken |= bit(Assumption::no_cancelled_wait);
  }
  if (config.postgres.synchronous_commit < SynchronousCommit::on) {
    broken |= bit(Assumption::synchronous_commit);
  }
  if (has_fault(config, FaultKind::promote) || has_fault(config, FaultKind::restore_backup) ||
      has_fault(config, FaultKind::promote_standby_cluster)) {
    broken |= bit(Assumption::no_promotion_by_hand);
  }
  if (promotes_by_name(config)) broken |= bit(Assumption::no_promotion_by_hand);
  if (lost_copies(config) > strictly_synchronous(config)) broken |= bit(Assumption::enough_copies);
  if (failover.manager == FailoverManager::none) return broken;  // nobody else is promoted
  if (failover.manager != FailoverManager::patroni)
    return broken | bit(Assumption::fencing_manager);
  if (strictly_synchronous(config) == 0) broken |= bit(Assumption::strict_quorum);
  if (clocks_err_too_much(config)) broken |= bit(Assumption::clocks);
  if (!has_watchdog(failover.patroni.watchdog)) broken |= bit(Assumption::watchdog);
  return broken;
}

ChaosOutcome judge_chaos(const Scenario& scenario, std::uint64_t seed,
                         const std::function<void(const Cluster&)>& begins) {
  ChaosOutcome outcome;
  outcome.seed = seed;
  outcome.manager = scenario.config.policy.failover.manager;
  for (const FaultConfig& fault : scenario.config.faults) outcome.kinds.push_back(fault.kind);
  outcome.broken = broken_assumptions(scenario.config);
  Cluster cluster = build_run(scenario, seed, {.event_limit = events_max});
  if (begins) begins(cluster);
  const World& world = cluster.world();
  Watch watch;
  Ledger ledger;
  Lsn shown;  // what the primary had flushed some time before the end
  std::uint32_t slices = 0;
  for (TimePoint until = TimePoint{} + slice; until <= cluster.end(); until = until + slice) {
    if (!cluster.run_until(until, &watch)) {
      accuse(outcome, Violation::stuck, "no end of events");
      break;
    }
    ledger.look(world);
    if (++slices % 2 != 0) continue;
    if (std::string broken = broken_invariant(world); !broken.empty()) {
      accuse(outcome, Violation::invariant, std::move(broken));
      break;
    }
    if (cluster.end() - until != seconds(10)) continue;
    shown = flushed_end(world, world.node(world.primary()).log);
  }
  cluster.finish();
  outcome.events = world.scheduler.events();
  outcome.digest = world.scheduler.digest();
  outcome.promotions = static_cast<std::uint32_t>(world.groups.size() - world.plan->groups.size());
  outcome.twins = has_twins(world);
  judge_losses(world, ledger, outcome);
  judge_writers(world, watch.overlap, outcome);
  judge_convergence(world, shown, outcome);
  return outcome;
}

ChaosOutcome refused(std::uint64_t seed, const Error& error) {
  ChaosOutcome outcome;
  outcome.seed = seed;
  accuse(outcome, Violation::invariant,
         "the scenario is refused: " + error.path + ": expected " + error.expected);
  return outcome;
}

ChaosOutcome run_chaos(std::uint64_t seed) {
  const Result<Scenario> scenario = chaos_scenario(seed);
  if (!scenario) return refused(seed, scenario.errors().front());
  return judge_chaos(scenario.value(), seed);
}

}  // namespace longhaul
