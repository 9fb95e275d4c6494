#include "run/chaos_world.h"

#include <algorithm>
#include <string>

#include "models/control/commands.h"
#include "models/control/manager.h"
#include "run/report.h"

namespace longhaul {
namespace {

constexpr const char* regions[] = {"aws:us-east-1", "aws:us-east-2", "aws:us-west-2",
                                   "aws:eu-west-1", "aws:ap-northeast-1"};
constexpr const char* zones[] = {"a", "b", "c"};

bool contains(const std::vector<FaultKind>& kinds, FaultKind kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

class Drawer {
 public:
  Drawer(std::uint64_t seed, const std::vector<FaultKind>& kinds)
      : kinds_(kinds), dice_(stream(seed, "chaos/world")) {
    config_.name = "chaos_" + std::to_string(seed);
    config_.purpose = "A random world.";
    config_.seeds = {static_cast<std::int64_t>(seed), static_cast<std::int64_t>(seed)};
  }

  ScenarioConfig draw() {
    config_.duration = chaos_heals + chaos_converges;
    config_.warmup = seconds(5);
    config_.canary = per_second(1);
    places();
    servers();
    apps();
    postgres();
    failover();
    lease_store();
    workload();
    policy();
    for (const FaultKind kind : kinds_) add_chaos_faults(config_, kind, dice_);
    return std::move(config_);
  }

 private:
  bool has(FaultKind kind) const { return contains(kinds_, kind); }
  bool has_subject(FaultSubject subject) const {
    return std::any_of(kinds_.begin(), kinds_.end(),
                       [&](FaultKind kind) { return rule_of(kind).subject == subject; });
  }
  Duration some_seconds(std::int64_t least, std::int64_t most) {
    return seconds(dice_.between(least, most));
  }
  DurationRange range(Duration least, Duration most) {
    return {least, {(least.ns + most.ns) / 2}, most};
  }
  std::string region() { return dice_.one_of(config_.topology.regions); }
  std::string zone() { return zones[dice_.below(std::size(zones))]; }

  void places() {
    const bool has_links = has_subject(FaultSubject::links) || has(FaultKind::region_isolated);
    const std::size_t count = dice_.between(has_links ? 2 : 1, 3);
    const std::size_t first = dice_.below(std::size(regions));
    for (std::size_t i = 0; i < count; ++i) {
      config_.topology.regions.push_back(regions[(first + i) % std::size(regions)]);
    }
    if (dice_.one_in(8)) config_.network.loss = Ratio{100};
  }

  void servers() {
    const std::size_t count = dice_.between(2, 5);
    for (std::size_t i = 0; i < count; ++i) {
      NodeConfig node;
      node.name = "db-" + std::to_string(i + 1);
      node.role = i == 0 ? NodeRole::primary : NodeRole::replica;
      node.region = i == 0 ? config_.topology.regions[0] : region();
      node.zone = zone();
      // Mostly of the primary itself, sometimes of one another.
      if (i > 0) {
        const bool cascades = i > 1 && dice_.one_in(8);
        node.follows = "db-" + std::to_string(cascades ? dice_.between(2, i) : 1);
      }
      node.clock_skew = milliseconds(dice_.between(-50, 50));
      node.slot = dice_.one_in(4);
      node.failover.priority = dice_.one_in(4) ? dice_.between(1, 3) : 1;
      node.failover.nofailover = i > 1 && dice_.one_in(12);
      node.failover.nosync = i > 1 && dice_.one_in(12);
      config_.topology.nodes.push_back(node);
    }
    if (has_subject(FaultSubject::subscriber)) {
      NodeConfig node;
      node.name = "reports";
      node.role = NodeRole::logical;
      node.region = region();
      node.follows = "db-1";
      node.starts = has(FaultKind::create_subscription) ? NodeStart::empty : NodeStart::in_sync;
      config_.topology.nodes.push_back(node);
    }
    if (has(FaultKind::cache_loss)) {
      for (const std::string& region : config_.topology.regions) {
        CacheConfig cache;
        cache.name = "cache-" + std::to_string(config_.topology.caches.size() + 1);
        cache.region = region;
        config_.topology.caches.push_back(cache);
      }
    }
  }

  void apps() {
    const std::size_t count = dice_.between(1, config_.topology.regions.size());
    for (std::size_t i = 0; i < count; ++i) {
      AppConfig app;
      app.name = "app-" + std::to_string(i + 1);
      app.region = config_.topology.regions[i];
      app.zone = zone();
      app.instances = dice_.between(1, 2);
      app.pool.size = 5;
      app.pool.connect_timeout = some_seconds(1, 5);
      app.pool.wait_timeout = some_seconds(1, 5);
      app.statement_timeout = some_seconds(1, 10);
      app.connect.by = dice_.one_of(
          {FindPrimary::probes, FindPrimary::multi_host, FindPrimary::dns, FindPrimary::proxy});
      if (has(FaultKind::dns_outage) && i == 0) app.connect.by = FindPrimary::dns;
      app.connect.role_query = dice_.one_in(2);
      app.connect.close_on_read_only = dice_.one_in(2);
      app.connect.ttl = some_seconds(1, 20);
      if (app.connect.by == FindPrimary::proxy) app.connect.region = region();
      config_.topology.apps.push_back(app);
    }
  }

  void postgres() {
    PostgresConfig& postgres = config_.postgres;
    postgres.synchronous_commit =
        dice_.one_in(3) ? static_cast<SynchronousCommit>(dice_.below(5)) : SynchronousCommit::on;
    std::vector<std::string> direct;
    for (const NodeConfig& node : config_.topology.nodes) {
      if (node.role == NodeRole::replica && node.follows == "db-1") direct.push_back(node.name);
    }
    const std::string count = std::to_string(direct.size() > 1 && dice_.one_in(3) ? 2 : 1);
    postgres.synchronous_standby_names =
        dice_.one_of({std::string(), "ANY " + count + " (*)", "FIRST " + count + " (*)"});
    postgres.wal_sender_timeout = dice_.one_of({seconds(10), seconds(30)});
    postgres.wal_receiver_timeout = dice_.one_of({seconds(10), seconds(30)});
    postgres.wal_retrieve_retry_interval = some_seconds(1, 5);
    postgres.wal_log_hints = !dice_.one_in(4);
    postgres.wal_keep_size = dice_.one_in(4) ? Bytes{} : mebibytes(128);
    postgres.checkpoint_timeout = dice_.one_of({seconds(30), minutes(5)});
    config_.control.host_restart = some_seconds(10, 30);
    config_.control.agent_start = some_seconds(1, 5);
    config_.control.fencing.available = dice_.one_in(2);
    if (dice_.one_in(4)) config_.control.fencing.fails = percent(50);
    if (dice_.one_in(4)) config_.monitoring.heartbeat_interval = seconds(1);
  }

  void failover() {
    FailoverConfig& failover = config_.policy.failover;
    const std::vector<FailoverManager> able = managers();
    const bool may_be_patroni =
        std::find(able.begin(), able.end(), FailoverManager::patroni) != able.end();
    failover.manager =
        may_be_patroni && dice_.one_in(3) ? FailoverManager::patroni : dice_.one_of(able);
    const ManagerPlaces where = places_of(failover.manager);
    if (where.controllers) {
      const std::size_t count = where.every_controller ? dice_.between(1, 2) * 2 + 1 : 1;
      for (std::size_t i = 0; i < count; ++i) {
        config_.control.controllers.push_back(
            {"control-" + std::to_string(i + 1), region(), zone()});
      }
    }
    guards(failover.guards);
    patroni(failover.patroni);
    failover.first_to_answer.probes = some_probes();
    failover.repmgr.reconnect_attempts = static_cast<std::int32_t>(dice_.between(2, 4));
    failover.repmgr.reconnect_interval = some_seconds(1, 8);
    failover.repmgr.location = static_cast<RepmgrLocation>(dice_.below(3));
    failover.repmgr.primary_visibility_consensus = dice_.one_in(2);
    failover.repmgr.moves_clients = dice_.one_in(2);
    failover.repmgr.automatic = !dice_.one_in(8);
    failover.managed.detection = some_probes();
    failover.managed.fences = dice_.one_in(2);
    failover.managed.operate = range(seconds(2), seconds(15));
    failover.managed.endpoint = range(seconds(1), seconds(5));
    failover.managed.candidates = static_cast<ManagedCandidates>(dice_.below(3));
    failover.consensus_without_fencing.polls = some_probes();
    failover.consensus_without_fencing.recovery_period_block = some_seconds(1, 60);
    if (dice_.one_in(2)) failover.pg_auto_failover.number_sync_standbys = 1;
    if (standbys_to_wait_for() < 2) failover.pg_auto_failover.number_sync_standbys.reset();
    runbook(failover.manual_runbook);
  }

  std::size_t standbys_to_wait_for() const {
    return std::count_if(config_.topology.nodes.begin(), config_.topology.nodes.end(),
                         [](const NodeConfig& node) {
                           return node.role == NodeRole::replica && !node.failover.nosync;
                         });
  }

  // All that know the commands that will be given.
  std::vector<FailoverManager> managers() const {
    if (has(FaultKind::promote_standby_cluster)) return {FailoverManager::patroni};
    std::vector<FailoverManager> list;
    for (std::size_t i = 0; i < enum_names<FailoverManager>().names.size(); ++i) {
      const auto manager = static_cast<FailoverManager>(i);
      const bool knows_all = std::all_of(kinds_.begin(), kinds_.end(), [&](FaultKind kind) {
        return rule_of(kind).subject != FaultSubject::manager ||
               understands(manager, command_of(kind, true));
      });
      if (knows_all) list.push_back(manager);
    }
    return list;
  }

  HeartbeatConfig some_probes() {
    HeartbeatConfig probes;
    probes.interval = some_seconds(1, 5);
    probes.timeout = milliseconds(dice_.between(500, 2'000));
    probes.failures = static_cast<std::int32_t>(dice_.between(1, 3));
    return probes;
  }

  void guards(FailoverGuards& guards) {
    const FailoverManager manager = config_.policy.failover.manager;
    const bool people = manager == FailoverManager::manual_runbook;
    guards.frozen = has(FaultKind::resume_failover) && dice_.one_in(2);
    if (!counts_guards(manager)) return;
    if (dice_.one_in(6)) guards.across_regions = static_cast<AcrossRegions>(dice_.below(4));
    if (has(FaultKind::approve) || has(FaultKind::reject)) {
      guards.across_regions = AcrossRegions::by_hand;
    }
    if (people && guards.across_regions == AcrossRegions::by_hand) {  // that is a step of theirs
      guards.across_regions = AcrossRegions::allowed;
      config_.policy.failover.manual_runbook.needs_approval = true;
    }
    if (guards.across_regions == AcrossRegions::after_hold_down) {
      guards.hold_down = some_seconds(5, 60);
    }
    if (guards.across_regions == AcrossRegions::by_hand) {
      guards.approval = range(seconds(1), seconds(10));
    }
    guards.same_region_first = dice_.one_in(4);
    if (dice_.one_in(6)) guards.cool_down = some_seconds(5, 60);
    if (dice_.one_in(8)) guards.loss_max = kibibytes(dice_.between(0, 64));
  }

  void patroni(PatroniConfig& patroni) {
    patroni.ttl = some_seconds(20, 30);
    patroni.loop_wait = some_seconds(2, 10);
    patroni.retry_timeout = some_seconds(3, 10);
    patroni.primary_start_timeout = dice_.one_of({seconds(0), seconds(20), seconds(300)});
    patroni.synchronous_mode = static_cast<PatroniSync>(dice_.below(3));
    patroni.synchronous_mode_strict = dice_.one_in(2);
    patroni.synchronous_node_count = dice_.one_in(4) ? 2 : 1;
    patroni.failsafe_mode = dice_.one_in(4);
    patroni.check_timeline = dice_.one_in(2);
    patroni.watchdog.device = !dice_.one_in(3);
    patroni.watchdog.mode = dice_.one_of({WatchdogMode::off, WatchdogMode::automatic});
    if (patroni.watchdog.device || dice_.one_in(20)) patroni.watchdog.mode = WatchdogMode::required;
    patroni.use_pg_rewind = !dice_.one_in(4);
    patroni.remove_data_directory_on_rewind_failure = !dice_.one_in(4);
    patroni.remove_data_directory_on_diverged_timelines = !dice_.one_in(4);
    // The promise is worth most of the worlds.
    if (dice_.one_in(2)) return;
    config_.postgres.synchronous_commit = dice_.one_of(
        {SynchronousCommit::on, SynchronousCommit::on, SynchronousCommit::remote_apply});
    patroni.synchronous_mode = dice_.one_of({PatroniSync::on, PatroniSync::quorum});
    patroni.synchronous_mode_strict = true;
    patroni.watchdog.device = true;
    patroni.watchdog.mode = WatchdogMode::required;
  }

  void runbook(ManualRunbookConfig& runbook) {
    runbook.alarm = some_probes();
    for (DurationRange* step :
         {&runbook.acknowledge, &runbook.decide, &runbook.approval, &runbook.check, &runbook.fence,
          &runbook.promote, &runbook.repoint, &runbook.move_clients, &runbook.verify}) {
      *step = range(seconds(1), seconds(6));
    }
    runbook.needs_approval = runbook.needs_approval || dice_.one_in(4);
    runbook.fences = dice_.one_in(2);
    runbook.wrong_candidate = percent(dice_.one_in(2) ? 30 : 0);
    runbook.step_fails = percent(dice_.one_in(2) ? 20 : 0);
  }

  void lease_store() {
    const bool is_needed = config_.policy.failover.manager == FailoverManager::patroni;
    if (!is_needed && !has_subject(FaultSubject::store)) return;
    LeaseStoreConfig store;
    const std::size_t count = dice_.one_in(6) ? 1 : dice_.one_in(4) ? 5 : 3;
    for (std::size_t i = 0; i < count; ++i) {
      store.members.push_back({"etcd-" + std::to_string(i + 1), region(), zone()});
    }
    store.pre_vote = !dice_.one_in(3);
    if (has(FaultKind::promote_standby_cluster)) {
      StandbyClusterConfig standby;
      for (const NodeConfig& node : config_.topology.nodes) {
        if (node.role == NodeRole::replica) standby.nodes = {node.name};
      }
      store.members.push_back({"etcd-elsewhere", region(), zone()});
      standby.lease_store = {"etcd-elsewhere"};
      config_.topology.standby_cluster = standby;
    } else if (dice_.one_in(3)) {
      store.leader = dice_.one_of(store.members).name;
    }
    config_.topology.lease_store = store;
  }

  CallConfig call(bool writes) {
    CallConfig call;
    (writes ? call.write : call.read) = "orders";
    call.own = !writes && dice_.one_in(2);
    return call;
  }

  void workload() {
    DataSetConfig orders;
    orders.name = "orders";
    orders.rows = {dice_.one_of<std::int64_t>({20, 1'000})};
    config_.data.push_back(orders);
    for (const AppConfig& app : config_.topology.apps) {
      PopulationConfig users;
      users.name = "users-" + app.name;
      users.from = app.region;
      users.enters = app.name;
      users.sessions = dice_.between(2, 4);
      users.think = DurationDistribution::uniform(milliseconds(200), milliseconds(1'000));
      users.ends = config_.duration - seconds(30);
      users.pages.push_back({.name = "save", .calls = {call(true), call(false)}});
      users.pages.push_back({.name = "look", .calls = {call(false)}});
      if (!config_.topology.caches.empty()) users.pages[1].calls[0].cached = true;
      if (dice_.one_in(2)) users.pages.push_back(transfer());
      config_.workload.push_back(users);
    }
  }

  // Reads, locks and writes in one transaction.
  PageConfig transfer() {
    CallConfig call;
    call.transaction.emplace();
    StatementConfig locks;
    locks.locking_read = "orders";
    StatementConfig writes;
    writes.write = "orders";
    call.transaction->push_back(locks);
    call.transaction->push_back(writes);
    return {.name = "transfer", .calls = {call}};
  }

  void policy() {
    FreshnessConfig& freshness = config_.policy.freshness;
    freshness.rule = dice_.one_in(2) ? FreshnessRule::lsn_token : FreshnessRule::none;
    if (has(FaultKind::token_store_down)) {
      freshness.rule = FreshnessRule::lsn_token;
      freshness.store.kind = TokenPlace::shared;
    }
    if (dice_.one_in(3)) {
      config_.policy.retries.attempts = 3;
      config_.policy.retries.in_doubt = dice_.one_in(4);
    }
  }

  const std::vector<FaultKind>& kinds_;
  Dice dice_;
  ScenarioConfig config_;
};

}  // namespace

std::vector<FaultKind> all_fault_kinds() {
  std::vector<FaultKind> kinds(enum_names<FaultKind>().names.size());
  for (std::size_t i = 0; i < kinds.size(); ++i) kinds[i] = static_cast<FaultKind>(i);
  return kinds;
}

std::vector<FaultKind> chaos_kinds(std::uint64_t seed) {
  Dice dice(stream(seed, "chaos/kinds"));
  std::vector<FaultKind> left = all_fault_kinds();
  std::vector<FaultKind> kinds;
  const std::size_t count = 1 + dice.below(4);
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = left.begin() + static_cast<std::ptrdiff_t>(dice.below(left.size()));
    kinds.push_back(*at);
    left.erase(at);
  }
  Dice pair(stream(seed, "chaos/pair"));
  if (!pair.one_in(10)) return kinds;
  for (const FaultKind kind : {FaultKind::cut_link, FaultKind::vm_stall}) {
    if (!contains(kinds, kind)) kinds.push_back(kind);
  }
  return kinds;
}

ScenarioConfig chaos_config(std::uint64_t seed) { return Drawer(seed, chaos_kinds(seed)).draw(); }

Result<Scenario> scenario_of(const ScenarioConfig& config, const std::string& file) {
  const std::string text = scenario_json(config);
  return load_scenario(file, {},
                       [&text](const std::string&) -> Result<std::string> { return text; });
}

Result<Scenario> chaos_scenario(std::uint64_t seed) {
  return scenario_of(chaos_config(seed), "chaos_" + std::to_string(seed) + ".json");
}

}  // namespace longhaul
