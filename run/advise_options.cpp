#include "run/advise_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/units_text.h"
#include "models/app/pgbouncer.h"

namespace longhaul {
namespace {

constexpr std::int64_t rows_max = 1'000;          // of one statement
constexpr std::int64_t worth_ppm = 50'000;        // 5 % of a page's time
constexpr std::int64_t connections_max = 10'000;  // of a node

template <class Statement>
bool in_one(Statement& statement) {
  if (!statement.read || statement.times == 1) return false;
  statement.rows = std::min(rows_max, statement.rows * statement.times);
  statement.times = 1;
  return true;
}

// The reads that a call repeats become one. False when it repeats none.
bool in_one_query(CallConfig& call) {
  if (!call.transaction) return in_one(call);
  bool changed = false;
  const bool reads_only =
      std::all_of(call.transaction->begin(), call.transaction->end(),
                  [](const StatementConfig& statement) { return statement.read.has_value(); });
  for (StatementConfig& statement : *call.transaction) {
    if (reads_only) {
      changed |= call.times > 1;
      statement.times = std::min<std::int64_t>(statement.times * call.times, 10'000);
    }
    changed |= in_one(statement);
  }
  if (reads_only) call.times = 1;
  return changed;
}

constexpr Duration kept_for = seconds(60);  // by a cache or an edge, unless a page says less

bool is_public_read(const CallConfig& call) { return call.read.has_value() && !call.own; }

// How long an edge may keep a page that is the same for everybody and begins with the read that
// names it; nothing for other pages.
std::optional<Duration> edge_may_keep(const PageConfig& page) {
  if (page.cdn || page.calls.empty()) return std::nullopt;
  const CallConfig& first = page.calls.front();
  if (first.from_version > 1 || first.until_version) return std::nullopt;
  Duration ttl = std::min(kept_for, page.max_staleness.value_or(kept_for));
  for (const CallConfig& call : page.calls) {
    if (!is_public_read(call)) return std::nullopt;
    ttl = std::min(ttl, call.max_staleness.value_or(kept_for));
  }
  if (ttl < milliseconds(1)) return std::nullopt;
  return ttl;
}

class Options {
 public:
  Options(const Scenario& scenario, const std::vector<PageBreakdown>& pages,
          const LabelValues& labels)
      : base_(scenario.config), pages_(pages), labels_(labels) {
    base_.expect = {};
    primary_ = *std::find_if(base_.topology.nodes.begin(), base_.topology.nodes.end(),
                             [](const NodeConfig& node) { return node.role == NodeRole::primary; });
  }

  std::vector<AdviceOption> all() {
    for (const std::string& page : page_names()) {
      one_query(page);
      outbox(page);
      edge(page);
    }
    for (const std::string& region : regions()) {
      replica(region);
      app_there(region);
      app_here(region);
      cache(region);
    }
    pool();
    cpus();
    no_sync();
    return std::move(options_);
  }

 private:
  void offer(OptionKind kind, std::string what, std::string region, ScenarioConfig config,
             std::string caveat = {}) {
    config.name = base_.name + ":" + std::string(name_of(kind));
    options_.push_back(
        {kind, std::move(what), std::move(region), std::move(config), std::move(caveat)});
  }

  const std::string& region_of(const PageBreakdown& page) const {
    return labels_[Label::region][page.region];
  }
  const std::string& name_of_page(const PageBreakdown& page) const {
    return labels_[Label::page][page.page];
  }

  std::vector<std::string> page_names() const {
    std::vector<std::string> names;
    for (const PageBreakdown& page : pages_) {
      const std::string& name = name_of_page(page);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
  }

  std::vector<std::string> regions() const {
    std::vector<std::string> names;
    for (const PageBreakdown& page : pages_) {
      const std::string& name = region_of(page);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
  }

  // Whether some page takes at least 5 % of its time for that.
  bool worth(PagePart part) const {
    return std::any_of(pages_.begin(), pages_.end(), [&](const PageBreakdown& page) {
      return page.share_ppm(part) >= worth_ppm;
    });
  }

  // Whether pages of a region have legs to a database that are worth shortening.
  bool far_from_data(const std::string& region) const {
    for (const PageBreakdown& page : pages_) {
      if (region_of(page) != region) continue;
      for (const Legs& legs : page.time.legs) {
        if (legs.count > 0 && legs.network.ns / legs.count >= far_leg.ns) return true;
      }
    }
    return false;
  }

  bool far_from_app(const std::string& region) const {
    for (const PopulationConfig& population : base_.workload) {
      if (population.from != region) continue;
      for (const PageBreakdown& page : pages_) {
        if (region_of(page) == region &&
            page.mean(PagePart::user) >= population.last_mile + far_leg) {
          return true;
        }
      }
    }
    return false;
  }

  const AppConfig* app_in(const std::string& region) const {
    for (const AppConfig& app : base_.topology.apps) {
      if (app.region == region) return &app;
    }
    return nullptr;
  }

  bool reads(const std::string& region) const {
    for (const PopulationConfig& population : base_.workload) {
      if (population.from != region) continue;
      for (const PageConfig& page : population.pages) {
        for (const CallConfig& call : page.calls) {
          if (call.read || call.transaction) return true;
        }
      }
    }
    return false;
  }

  template <class List>
  static std::string free_name(const List& list, const std::string& wanted) {
    std::string name = wanted;
    for (int n = 2;
         std::any_of(list.begin(), list.end(), [&](const auto& item) { return item.name == name; });
         ++n) {
      name = fmt::format("{}-{}", wanted, n);
    }
    return name;
  }

  static std::string code_of(const std::string& region) {
    return region.substr(region.find(':') + 1);
  }

  void one_query(const std::string& name) {
    ScenarioConfig config = base_;
    std::int64_t most = 1;
    bool changed = false;
    for (PopulationConfig& population : config.workload) {
      for (PageConfig& page : population.pages) {
        if (page.name != name) continue;
        for (CallConfig& call : page.calls) {
          const std::int64_t times = call.times;
          if (!in_one_query(call)) continue;
          changed = true;
          most = std::max(most, times);
        }
      }
    }
    if (!changed) return;
    // What the one query costs the server is not known; all rows at the price of as many queries is
    // the most. One of them is in the run already.
    Duration service;
    for (const PageBreakdown& page : pages_) {
      if (name_of_page(page) == name) service = std::max(service, page.mean(PagePart::service));
    }
    if (most > 1) service = Duration{div_floor(Int128{service.ns} * (most - 1), most)};
    const std::string reads = most > 1 ? fmt::format("{} reads in a row", most) : "reads in a row";
    offer(OptionKind::one_query, fmt::format("one query for {} of {}", reads, name), "",
          std::move(config),
          fmt::format("Its service is that of a single read; if it costs what all of them did, add "
                      "up to {}.",
                      to_short_text(service)));
  }

  // For pages that write over a long leg, outside transactions.
  void outbox(const std::string& name) {
    ScenarioConfig config = base_;
    bool changed = false;
    for (PopulationConfig& population : config.workload) {
      if (!far_from_data(population.from)) continue;
      for (PageConfig& page : population.pages) {
        if (page.name != name) continue;
        for (CallConfig& call : page.calls) {
          if (!call.write) continue;
          call.enqueue = std::exchange(call.write, std::nullopt);
          call.idempotency_key = true;
          changed = true;
        }
      }
    }
    if (!changed) return;
    for (AppConfig& app : config.topology.apps) app.outbox.kind = QueueKind::local;
    offer(OptionKind::outbox, fmt::format("the writes of {} in a durable queue", name), "",
          std::move(config),
          "The page is answered before the database has the write; who reads meanwhile, the user "
          "too, does not see it.");
  }

  void edge(const std::string& name) {
    ScenarioConfig config = base_;
    Duration longest;
    for (PopulationConfig& population : config.workload) {
      if (!far_from_data(population.from) && !far_from_app(population.from)) continue;
      for (PageConfig& page : population.pages) {
        const std::optional<Duration> ttl = edge_may_keep(page);
        if (page.name != name || !ttl) continue;
        page.cdn.emplace();
        page.cdn->ttl = *ttl;
        longest = std::max(longest, *ttl);
      }
    }
    if (longest == Duration{}) return;
    offer(OptionKind::edge, fmt::format("a CDN that keeps {} for {}", name, to_text(longest)), "",
          std::move(config),
          "If the page is the same for everybody and its first row names it. Nobody purges the "
          "edge; the CDN's own price is not in the cost.");
  }

  // Where reads of what is not the user's own travel.
  void cache(const std::string& region) {
    const auto is_there = [&region](const CacheConfig& one) { return one.region == region; };
    ScenarioConfig config = base_;
    std::vector<CacheConfig>& caches = config.topology.caches;
    if (app_in(region) == nullptr || !far_from_data(region)) return;
    if (std::any_of(caches.begin(), caches.end(), is_there)) return;
    bool changed = false;
    for (PopulationConfig& population : config.workload) {
      if (population.from != region) continue;
      for (PageConfig& page : population.pages) {
        for (CallConfig& call : page.calls) {
          if (!is_public_read(call) || call.cached) continue;
          call.cached = true;
          changed = true;
        }
      }
    }
    if (!changed) return;
    CacheConfig cache;
    cache.name = free_name(caches, "cache-" + code_of(region));
    cache.region = region;
    caches.push_back(std::move(cache));
    offer(OptionKind::cache, "a cache of rows in " + region, region, std::move(config),
          "What it hits depends on how users spread over the rows. No freshness rule holds for a "
          "hit, and the cache's own price is not in the cost.");
  }

  // An app in a region as big as the one that its users enter now.
  void add_app(ScenarioConfig& config, const std::string& region) const {
    AppConfig app = base_.topology.apps.front();
    app.region = region;
    app.zone = "a";
    app.name = free_name(config.topology.apps, "app-" + code_of(region));
    for (PopulationConfig& population : config.workload) {
      if (population.from == region) population.enters = app.name;
    }
    config.topology.apps.push_back(std::move(app));
    add_region(config, region);
  }

  static void add_region(ScenarioConfig& config, const std::string& region) {
    std::vector<std::string>& regions = config.topology.regions;
    if (std::find(regions.begin(), regions.end(), region) == regions.end()) {
      regions.push_back(region);
    }
  }

  bool node_in(const std::string& region) const {
    return std::any_of(base_.topology.nodes.begin(), base_.topology.nodes.end(),
                       [&](const NodeConfig& node) {
                         return node.region == region && node.role != NodeRole::logical;
                       });
  }

  void replica(const std::string& region) {
    if (region == primary_.region || !reads(region)) return;
    if (!far_from_data(region) && !far_from_app(region)) return;
    if (node_in(region) && base_.policy.router.use_replica_reads) return;
    ScenarioConfig config = base_;
    std::string what = "reads from the replica in " + region;
    if (!node_in(region)) {
      what = "a replica in " + region;
      NodeConfig node = primary_;
      node.name = free_name(config.topology.nodes, "db-" + code_of(region));
      node.region = region;
      node.zone = "a";
      node.role = NodeRole::replica;
      node.follows = primary_.name;
      config.topology.nodes.push_back(std::move(node));
      add_region(config, region);
    }
    if (app_in(region) == nullptr) {
      what += ", and an app";
      add_app(config, region);
    }
    config.policy.router.use_replica_reads = true;
    if (config.policy.freshness.rule == FreshnessRule::none) {
      what += ", LSN tokens";
      config.policy.freshness.rule = FreshnessRule::lsn_token;
    }
    offer(OptionKind::replica, std::move(what), region, std::move(config));
  }

  void app_there(const std::string& region) {
    const AppConfig* here = app_in(region);
    if (region == primary_.region || here == nullptr || !far_from_data(region)) return;
    ScenarioConfig config = base_;
    std::vector<AppConfig>& apps = config.topology.apps;
    const AppConfig* there = app_in(primary_.region);
    const std::string gone = here->name;
    std::string entered;
    if (there == nullptr) {
      entered = gone;
      for (AppConfig& app : apps) {
        if (app.name != gone) continue;
        app.region = primary_.region;
        app.zone = primary_.zone;
      }
    } else {
      entered = there->name;
      for (AppConfig& app : apps) {
        if (app.name == entered) app.instances += here->instances;
      }
      std::erase_if(apps, [&](const AppConfig& app) { return app.name == gone; });
    }
    for (PopulationConfig& population : config.workload) {
      const bool entered_here = population.enters == gone || population.from == region;
      if (entered_here) population.enters = entered;
    }
    offer(OptionKind::app_there,
          fmt::format("users of {} enter the app beside the primary", region), region,
          std::move(config));
  }

  void app_here(const std::string& region) {
    if (app_in(region) != nullptr || !far_from_app(region)) return;
    ScenarioConfig config = base_;
    add_app(config, region);
    offer(OptionKind::app_here, fmt::format("an app in {}, the database stays", region), region,
          std::move(config));
  }

  void pool() {
    if (!worth(PagePart::pool)) return;
    ScenarioConfig config = base_;
    std::int64_t connections = 0;
    for (AppConfig& app : config.topology.apps) {
      app.pool.size *= 2;
      if (app.pgbouncer) app.pgbouncer->default_pool_size *= 2;
      connections += most_connections(app);
    }
    for (NodeConfig& node : config.topology.nodes) {
      node.max_connections = std::clamp(connections, node.max_connections,
                                        std::max(node.max_connections, connections_max));
    }
    offer(OptionKind::pool, "twice the connections in each pool", "", std::move(config));
  }

  void cpus() {
    if (!worth(PagePart::cpu)) return;
    ScenarioConfig config = base_;
    std::set<std::string> busy;
    for (const PageBreakdown& page : pages_) {
      for (std::size_t node = 0; node < labels_[Label::node].size(); ++node) {
        if (page.time.legs[node].count > 0) busy.insert(labels_[Label::node][node]);
      }
    }
    for (NodeConfig& node : config.topology.nodes) {
      if (busy.contains(node.name)) node.cpus *= 2;
    }
    offer(OptionKind::cpus, "twice the processors", "", std::move(config));
  }

  void no_sync() {
    if (!worth(PagePart::standbys)) return;
    ScenarioConfig config = base_;
    config.postgres.synchronous_commit = SynchronousCommit::local;
    for (PopulationConfig& population : config.workload) {
      for (PageConfig& page : population.pages) {
        for (CallConfig& call : page.calls) call.synchronous_commit.reset();
      }
    }
    offer(OptionKind::no_sync, "commits that wait for the local disk only", "", std::move(config),
          "What was acknowledged can be lost with the primary.");
  }

  ScenarioConfig base_;
  const std::vector<PageBreakdown>& pages_;
  const LabelValues& labels_;
  NodeConfig primary_;
  std::vector<AdviceOption> options_;
};

}  // namespace

std::string_view name_of(OptionKind kind) {
  constexpr std::string_view names[] = {"one_query", "replica", "app_there", "app_here", "outbox",
                                        "edge",      "cache",   "pool",      "cpus",     "no_sync"};
  return names[static_cast<std::size_t>(kind)];
}

std::vector<AdviceOption> advice_options(const Scenario& scenario,
                                         const std::vector<PageBreakdown>& pages,
                                         const LabelValues& labels) {
  return Options(scenario, pages, labels).all();
}

}  // namespace longhaul
