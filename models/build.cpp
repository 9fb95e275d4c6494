#include "models/build.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "models/net/topology.h"
#include "models/start.h"

namespace longhaul {
namespace {

constexpr Bytes empty_cluster{23'000'000};  // a fresh cluster of PostgreSQL 15 without WAL
template <class List>
std::uint32_t index_of(const List& list, const std::string& name) {
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    if (list[i].name == name) return i;
  }
  CHECK(false);
  __builtin_unreachable();
}

// The way from one region to every other. Links are numbered as in the configuration.
std::vector<std::vector<LinkId>> ways(const ClusterConfig& config, std::uint32_t from) {
  std::vector<TopologyEdge> edges;
  std::vector<std::vector<LinkId>> direct(config.regions.size());
  for (std::uint32_t i = 0; i < config.links.size(); ++i) {
    const DirectedLink& link = config.links[i];
    edges.push_back({index_of(config.regions, link.from), index_of(config.regions, link.to),
                     link.latency, LinkId{i}});
    if (edges.back().from == from) direct[edges.back().to] = {LinkId{i}};
  }
  if (config.network.routes == Routes::direct) return direct;
  return fastest_ways(static_cast<std::uint32_t>(config.regions.size()), edges, from);
}

class Builder {
 public:
  Builder(const ClusterConfig& config, std::uint64_t seed) : config_(config), seed_(seed) {}

  Cluster build(std::optional<std::uint64_t> permute_ties) {
    if (permute_ties) world_.scheduler.permute_ties(*permute_ties);
    plan_.seed = seed_;
    plan_.network_key = stream(seed_, "network");
    plan_.duration = config_.duration;
    plan_.warmup = config_.warmup;
    plan_.network = config_.network;
    plan_.postgres = config_.postgres;
    plan_.wal = config_.wal;
    plan_.policy = config_.policy;
    plan_.monitoring = config_.monitoring;
    plan_.labels = label_values(config_);
    label_levels();
    plan_.sync = *parse_sync_standbys(config_.postgres.synchronous_standby_names);
    add_nodes();
    add_apps();
    add_data();
    add_populations();
    add_network();
    add_faults();
    world_.measures = Measures(plan_.labels);
    world_.canaries.resize(config_.regions.size());
    world_.availability.resize(config_.regions.size());
    world_.plan = std::make_shared<const Plan>(std::move(plan_));
    start(world_);
    return Cluster(std::move(world_));
  }

 private:
  std::uint32_t region(const std::string& name) const { return index_of(config_.regions, name); }

  std::uint32_t place(const std::string& region_name, const std::string& zone) {
    const std::uint32_t at = region(region_name);
    for (std::uint32_t i = 0; i < plan_.places.size(); ++i) {
      if (plan_.places[i].region == at && plan_.places[i].zone == zone) return i;
    }
    plan_.places.push_back({at, zone});
    return static_cast<std::uint32_t>(plan_.places.size() - 1);
  }

  void add_nodes() {
    for (std::uint32_t i = 0; i < config_.nodes.size(); ++i) {
      const NodeConfig& node = config_.nodes[i];
      NodePlan plan{node, place(node.region, node.zone), {}, stream(seed_, "node/" + node.name)};
      if (node.follows) plan.follows = {index_of(config_.nodes, *node.follows)};
      if (node.role == NodeRole::primary) plan_.primary = {i};
      plan_.nodes.push_back(plan);
    }
    for (const FaultConfig& fault : config_.faults) {
      if (fault.kind == FaultKind::base_backup && fault.to) place(*fault.to, "a");
    }
  }

  void add_apps() {
    std::uint32_t instances = 0;
    for (const AppConfig& app : config_.apps) {
      plan_.apps.push_back({app, place(app.region, app.zone), InstanceId{instances}});
      instances += static_cast<std::uint32_t>(app.instances);
    }
  }

  void add_data() {
    std::vector<DataSetConfig> sets = config_.data;
    if (config_.canary.milli_per_day > 0) {
      DataSetConfig canary;
      canary.name = canary_name;
      canary.rows = {1'000};
      sets.push_back(canary);
    }
    std::uint64_t first = 0;
    for (const DataSetConfig& set : sets) {
      const auto rows = static_cast<std::uint64_t>(set.rows.value);
      plan_.sets.push_back({set, RowPicker(rows, set.skew), first});
      first += rows;
      plan_.database_size = plan_.database_size + size_on_disk(set);
    }
    plan_.database_size =
        config_.postgres.database_size.value_or(plan_.database_size + empty_cluster);
  }

  DataSetId set(const std::string& name) const {
    for (std::uint32_t i = 0; i < plan_.sets.size(); ++i) {
      if (plan_.sets[i].config.name == name) return {i};
    }
    CHECK(false);
    __builtin_unreachable();
  }

  template <class Statement>
  Step step(const Statement& statement) const {
    Step result;
    result.times = statement.times;
    result.rows = statement.rows;
    result.own = statement.own;
    result.in_order = statement.in_order;
    if (statement.read) {
      result.verb = Verb::read;
      result.set = set(*statement.read);
    } else if (statement.locking_read) {
      result.verb = Verb::locking_read;
      result.set = set(*statement.locking_read);
    } else {
      result.verb = Verb::write;
      result.set = set(*statement.write);
    }
    return result;
  }

  void add_call(const CallConfig& config) {
    Call call;
    call.first_step = static_cast<std::uint32_t>(plan_.steps.size());
    if (!config.transaction) {
      plan_.steps.push_back(step(config));
    } else {
      call.transaction = true;
      call.times = config.times;
      plan_.steps.push_back({Verb::begin, {}, 1, 0, false});
      for (const StatementConfig& statement : *config.transaction) {
        plan_.steps.push_back(step(statement));
        call.writes |= plan_.steps.back().verb != Verb::read;
      }
      plan_.steps.push_back({Verb::commit, {}, 1, 0, false});
    }
    call.level = config.synchronous_commit.value_or(config_.postgres.synchronous_commit);
    plan_.apply_feedback |= call.level == SynchronousCommit::remote_apply;
    call.step_count = static_cast<std::uint32_t>(plan_.steps.size()) - call.first_step;
    plan_.calls.push_back(call);
  }

  void label_levels() {
    const std::vector<std::string>& labels = plan_.labels[Label::synchronous_commit];
    for (std::size_t level = 0; level < plan_.level_labels.size(); ++level) {
      const auto at =
          std::find(labels.begin(), labels.end(), enum_text(static_cast<SynchronousCommit>(level)));
      if (at == labels.end()) continue;
      plan_.level_labels[level] = static_cast<std::uint32_t>(at - labels.begin());
    }
  }

  std::uint32_t page_label(const std::string& name) const {
    const std::vector<std::string>& names = plan_.labels[Label::page];
    const auto at = std::find(names.begin(), names.end(), name);
    CHECK(at != names.end());
    return static_cast<std::uint32_t>(at - names.begin());
  }

  void add_population(const PopulationConfig& config, AppId app, bool canary) {
    PopulationPlan plan;
    plan.config = config;
    plan.region = region(config.from);
    plan.place = place(config.from, "");
    plan.app = app;
    plan.canary = canary;
    plan.first_page = static_cast<std::uint32_t>(plan_.pages.size());
    plan.page_count = static_cast<std::uint32_t>(config.pages.size());
    std::int64_t total = 0;
    for (const PageConfig& page : config.pages) {
      PagePlan page_plan;
      page_plan.label = page_label(page.name);
      page_plan.first_call = static_cast<std::uint32_t>(plan_.calls.size());
      page_plan.call_count = static_cast<std::uint32_t>(page.calls.size());
      for (const CallConfig& call : page.calls) add_call(call);
      plan_.pages.push_back(page_plan);
      plan.weight_up_to.push_back(total += page.weight);
    }
    plan.first_session = {static_cast<std::uint32_t>(world_.sessions.size())};
    plan.first_user = {static_cast<std::uint32_t>(world_.users.size())};
    if (config.rate) {
      plan.mean_gap = {
          div_floor(static_cast<Int128>(mean_interval(*config.rate).ns) * config.sessions, 1)};
    }
    const PopulationId id{static_cast<std::uint32_t>(plan_.populations.size())};
    plan_.populations.push_back(plan);
    add_sessions(config, id);
  }

  void add_sessions(const PopulationConfig& config, PopulationId id) {
    const std::string name = "population/" + config.name;
    for (std::int64_t i = 0; i < config.sessions; ++i) {
      if (i % config.sessions_per_user == 0) {
        const auto user = static_cast<std::uint64_t>(i / config.sessions_per_user);
        world_.users.push_back({stream(seed_, name + "/user", user).value, {}, false});
      }
      Session session;
      session.key = stream(seed_, name + "/session", static_cast<std::uint64_t>(i));
      session.user = {static_cast<std::uint32_t>(world_.users.size() - 1)};
      session.population = id;
      world_.sessions.push_back(session);
    }
  }

  // The app with the smallest round trip; ties go to the first.
  AppId entrance(const PopulationConfig& config) const {
    if (config.enters != "nearest") return {index_of(config_.apps, config.enters)};
    AppId best;
    Duration best_latency = Duration::max();
    for (std::uint32_t i = 0; i < config_.apps.size(); ++i) {
      const Duration latency = latency_between(config.from, config_.apps[i].region);
      if (latency < best_latency) {
        best = {i};
        best_latency = latency;
      }
    }
    return best;
  }

  Duration latency_between(const std::string& a, const std::string& b) const {
    if (a == b) return {};
    const std::uint32_t to = region(b);
    Duration total;
    const std::vector<LinkId> way = ways(config_, region(a))[to];
    for (LinkId link : way) total += config_.links[link.value].latency;
    return way.empty() ? Duration::max() : total;
  }

  void add_populations() {
    for (const PopulationConfig& population : config_.workload) {
      add_population(population, entrance(population), false);
    }
    if (config_.canary.milli_per_day == 0) return;
    std::vector<std::string> from;
    for (const PopulationConfig& population : config_.workload) {
      if (std::find(from.begin(), from.end(), population.from) == from.end()) {
        from.push_back(population.from);
      }
    }
    for (const std::string& region_name : from) {
      PopulationConfig canary;
      canary.name = "canary/" + region_name;
      canary.from = region_name;
      canary.last_mile = {};
      canary.rate = config_.canary;
      canary.in_flight_max = 10'000;
      CallConfig write;
      write.write = canary_name;
      write.own = true;
      canary.pages.push_back({"canary", 1, {write}});
      add_population(canary, entrance(canary), true);
    }
  }

  void add_network() {
    for (const DirectedLink& link : config_.links) {
      Link state;
      state.from = {region(link.from)};
      state.to = {region(link.to)};
      state.latency = link.latency;
      state.jitter = link.jitter;
      state.bandwidth = link.bandwidth;
      state.queue = link.queue;
      state.loss = link.loss;
      world_.network.add_link(state);
    }
    CHECK(plan_.places.size() < 256);  // a path's number travels in 16 bits
    for (const Place& from : plan_.places) {
      const std::vector<std::vector<LinkId>> by_region = ways(config_, from.region);
      for (const Place& to : plan_.places) {
        Path path;
        if (from.region == to.region) {
          const RegionFacts& facts = config_.regions[from.region];
          const bool one_zone = from.zone == to.zone || from.zone.empty() || to.zone.empty();
          path.latency = {(one_zone ? facts.same_zone_rtt : facts.cross_zone_rtt).ns / 2};
        } else {
          path.links = by_region[to.region];
        }
        plan_.paths.push_back(world_.network.add_path(std::move(path)));
      }
    }
  }

  void add_backup(const FaultConfig& config, FaultPlan& plan) {
    const NodePlan* built = config.node ? &plan_.nodes[plan.node.value] : nullptr;
    plan.source = built != nullptr ? built->follows : plan_.primary;
    plan.place = built != nullptr ? built->place : place(*config.to, "a");
    plan.rate = config.rate.value_or(ByteRate{});
    plan.fast = config.checkpoint == CheckpointMode::fast;
    plan.compressed_to = config.compressed_to;
  }

  void add_faults() {
    for (const FaultConfig& config : config_.faults) {
      FaultPlan plan;
      plan.kind = config.kind;
      plan.begins = TimePoint{} + config.at;
      if (rule_of(config.kind).operation) {
        plan.node = plan_.primary;
        plan.set = set(*config.data);
        if (config.lasts) plan.lasts = *config.lasts;
      } else if (config.lasts) {
        plan.ends = plan.begins + *config.lasts;
      }
      if (config.speed) plan.speed = *config.speed;
      if (config.value) plan.standbys = *parse_sync_standbys(*config.value);
      if (config.data) plan.set = set(*config.data);
      if (config.node) plan.node = {index_of(config_.nodes, *config.node)};
      if (config.kind == FaultKind::base_backup) {
        add_backup(config, plan);
        plan_.faults.push_back(plan);
        continue;
      }
      for (std::uint32_t i = 0; i < config_.links.size(); ++i) {
        const DirectedLink& link = config_.links[i];
        bool hit = config.from && link.from == *config.from && link.to == *config.to;
        if (config.between) {
          const auto& ends = *config.between;
          hit = (link.from == ends[0] && link.to == ends[1]) ||
                (link.from == ends[1] && link.to == ends[0]);
        }
        if (hit) plan.links.push_back({i});
      }
      plan_.faults.push_back(plan);
    }
  }

  const ClusterConfig& config_;
  std::uint64_t seed_;
  Plan plan_;
  World world_;
};

}  // namespace

std::string unreachable(const ClusterConfig& config) {
  for (std::uint32_t from = 0; from < config.regions.size(); ++from) {
    const std::vector<std::vector<LinkId>> way = ways(config, from);
    for (std::uint32_t to = 0; to < config.regions.size(); ++to) {
      if (to != from && way[to].empty()) {
        return config.regions[from].name + " and " + config.regions[to].name;
      }
    }
  }
  return {};
}

Cluster build(const ClusterConfig& config, std::uint64_t seed,
              std::optional<std::uint64_t> permute_ties) {
  return Builder(config, seed).build(permute_ties);
}

}  // namespace longhaul
