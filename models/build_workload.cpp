#include "models/build_workload.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "models/build_columns.h"
#include "models/names.h"

namespace longhaul {
namespace {

class WorkloadBuilder {
 public:
  WorkloadBuilder(const ClusterConfig& config, std::uint64_t seed, Plan& plan, World& world)
      : config_(config), seed_(seed), plan_(plan), world_(world) {}

  void add() {
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
      canary.home = home_of_users(region_name);
      canary.last_mile = {};
      canary.rate = config_.canary;
      canary.in_flight_max = 10'000;
      CallConfig write;
      write.write = canary_name;
      write.own = true;
      canary.pages.push_back({"canary", 1, {write}});
      add_population(canary, entrance(canary), true);
      if (config_.canary_reads.milli_per_day == 0) continue;
      CallConfig read;
      read.read = canary_name;
      canary.name = "canary_reads/" + region_name;
      canary.rate = config_.canary_reads;
      canary.pages = {{"canary", 1, {read}}};
      add_population(canary, entrance(canary), true);
      plan_.populations.back().canary_reads = true;
    }
  }

 private:
  // Of the region's first users.
  std::optional<std::string> home_of_users(const std::string& region) const {
    for (const PopulationConfig& population : config_.workload) {
      if (population.from == region) return population.home;
    }
    return {};
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
      result.set = set_of(plan_, *statement.read);
    } else if (statement.locking_read) {
      result.verb = Verb::locking_read;
      result.set = set_of(plan_, *statement.locking_read);
    } else {
      result.verb = Verb::write;
      result.set = set_of(plan_, *statement.write);
    }
    for (const std::string& column : statement.needs) {
      result.needs |= column_bit(plan_, result.set, column);
    }
    return result;
  }

  void add_call(const CallConfig& config, std::optional<Duration> max_staleness) {
    Call call;
    call.max_staleness = config.max_staleness ? config.max_staleness : max_staleness;
    call.first_step = static_cast<std::uint32_t>(plan_.steps.size());
    if (!config.transaction) {
      CallConfig statement = config;
      if (config.enqueue) statement.write = config.enqueue;
      plan_.steps.push_back(step(statement));
      call.cached = config.cached;
      plan_.steps.back().keeps_versions = config.cached;
      if (config.cached) plan_.sets[plan_.steps.back().set.value].cached = true;
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
    call.has_key = config.idempotency_key;
    call.from_version = static_cast<std::uint32_t>(config.from_version);
    if (config.until_version)
      call.until_version = static_cast<std::uint32_t>(*config.until_version);
    call.enqueued = config.enqueue.has_value();
    call.optimistic = config.optimistic;
    call.level = config.synchronous_commit.value_or(config_.postgres.synchronous_commit);
    plan_.apply_feedback |= call.level == SynchronousCommit::remote_apply;
    call.step_count = static_cast<std::uint32_t>(plan_.steps.size()) - call.first_step;
    plan_.calls.push_back(call);
  }

  std::uint32_t page_label(const std::string& name) const {
    const std::vector<std::string>& names = plan_.labels[Label::page];
    const auto at = std::find(names.begin(), names.end(), name);
    CHECK(at != names.end());
    return static_cast<std::uint32_t>(at - names.begin());
  }

  // Pages of one name share the edge of their region, which is that of the first of them.
  void add_edge(const EdgeConfig& config, std::uint32_t region, PagePlan& page) {
    page.edge = config;
    if (!config.ttl) return;
    plan_.steps[plan_.calls[page.first_call].first_step].keeps_versions = true;
    const std::pair<std::uint32_t, std::uint32_t> place{region, page.label};
    const auto known = std::find(edges_.begin(), edges_.end(), place);
    page.edge_store = static_cast<std::uint32_t>(known - edges_.begin());
    if (known != edges_.end()) return;
    edges_.push_back(place);
    world_.edges.emplace_back(static_cast<std::uint32_t>(config.entries.value));
  }

  void add_population(const PopulationConfig& config, AppId app, bool canary) {
    PopulationPlan plan;
    plan.config = config;
    plan.region = index_of(config_.regions, config.from);
    plan.place = place_of(config_, plan_, config.from, "");
    plan.app = app;
    plan.home =
        config.home ? group_named(plan_, *config.home) : nearest_group(config_, plan_, config.from);
    plan.canary = canary;
    if (config.enters == latency_dns) {
      plan.by_latency = by_latency(config.from);
      plan.by_latency_elsewhere = by_latency(config_.dns.resolver_region.value_or(config.from));
    }
    plan.first_page = static_cast<std::uint32_t>(plan_.pages.size());
    plan.page_count = static_cast<std::uint32_t>(config.pages.size());
    std::int64_t total = 0;
    for (const PageConfig& page : config.pages) {
      PagePlan page_plan;
      page_plan.label = page_label(page.name);
      page_plan.first_call = static_cast<std::uint32_t>(plan_.calls.size());
      page_plan.call_count = static_cast<std::uint32_t>(page.calls.size());
      for (const CallConfig& call : page.calls) add_call(call, page.max_staleness);
      if (page.cdn) add_edge(*page.cdn, plan.region, page_plan);
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
        const std::uint64_t home = stream(seed_, name + "/user", user).value;
        world_.users.push_back({home, {}, tenant_group(config, id, user), false});
      }
      Session session;
      session.key = stream(seed_, name + "/session", static_cast<std::uint64_t>(i));
      session.user = {static_cast<std::uint32_t>(world_.users.size() - 1)};
      session.population = id;
      world_.sessions.push_back(session);
    }
  }

  // Where the rows of a user's tenant are.
  GroupId tenant_group(const PopulationConfig& config, PopulationId id, std::uint64_t user) const {
    const GroupId home = plan_.populations[id.value].home;
    const auto others = static_cast<std::uint64_t>(plan_.groups.size() - 1);
    if (config.travelling.ppm == 0 || others == 0) return home;
    RandomStream luck{stream(seed_, "population/" + config.name + "/tenant", user)};
    if (static_cast<std::int64_t>(below(luck.bits(), 1'000'000)) >= config.travelling.ppm) {
      return home;
    }
    const auto pick = static_cast<std::uint32_t>(below(luck.bits(), others));
    return {pick < home.value ? pick : pick + 1};
  }

  AppId entrance(const PopulationConfig& config) const {
    const bool named = config.enters != "nearest" && config.enters != latency_dns;
    return named ? AppId{index_of(config_.apps, config.enters)} : by_latency(config.from).front();
  }

  // The smallest round trip first; ties stay in order.
  std::vector<AppId> by_latency(const std::string& region) const {
    std::vector<std::pair<Duration, AppId>> apps;
    for (std::uint32_t i = 0; i < config_.apps.size(); ++i) {
      apps.emplace_back(latency_between(config_, region, config_.apps[i].region), AppId{i});
    }
    std::sort(apps.begin(), apps.end());
    std::vector<AppId> order;
    for (const auto& [latency, app] : apps) order.push_back(app);
    return order;
  }

  const ClusterConfig& config_;
  std::uint64_t seed_;
  Plan& plan_;
  World& world_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges_;  // region and page
};

}  // namespace

void add_populations(const ClusterConfig& config, std::uint64_t seed, Plan& plan, World& world) {
  WorkloadBuilder(config, seed, plan, world).add();
}

}  // namespace longhaul
