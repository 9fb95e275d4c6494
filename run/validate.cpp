#include "run/validate.h"

#include <algorithm>
#include <set>

#include "base/units_text.h"
#include "models/net/topology.h"
#include "models/pg/sync_standbys.h"
#include "run/validate_clients.h"
#include "run/validate_writes.h"

namespace longhaul {
namespace {

template <class List>
std::vector<std::string> names_of(const List& list) {
  std::vector<std::string> names;
  for (const auto& thing : list) names.push_back(thing.name);
  return names;
}

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string indexed(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

// Each costs some hundreds of bytes in every copy of a world, touched or not.
constexpr std::size_t cells_max = 20'000;

class Validator {
 public:
  Validator(const ScenarioConfig& config, const Catalogue& catalogue, LoadContext& context)
      : config_(config), catalogue_(catalogue), context_(context) {
    for (const PopulationConfig& population : config.workload) users_.push_back(population.from);
  }

  void all() {
    times();
    regions();
    nodes();
    followers();
    apps();
    links();
    data();
    workload();
    postgres();
    policy();
    faults();
  }

 private:
  void wrong(const std::string& path, std::string expected, std::string nearest = {}) {
    context_.add(context_.at(path, std::move(expected), std::move(nearest)));
  }

  // A name that must be one of a list.
  bool one_of(const std::string& path, const std::string& name,
              const std::vector<std::string>& names, const std::string& what) {
    if (contains(names, name)) return true;
    wrong(path, what, nearest_of(name, names));
    return false;
  }

  void times() {
    if (config_.warmup >= config_.duration) {
      wrong("warmup", "less than the duration, " + to_text(config_.duration));
    }
  }

  void regions() {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < config_.topology.regions.size(); ++i) {
      const std::string& region = config_.topology.regions[i];
      known_region(indexed("topology.regions", i), region);
      if (!seen.insert(region).second) {
        wrong(indexed("topology.regions", i), "each region once");
      }
    }
  }

  void known_region(const std::string& path, const std::string& region) {
    if (catalogue_.find(region) == nullptr) {
      wrong(path, "a region of the catalogue (see `longhaul regions`)", catalogue_.nearest(region));
    }
  }

  void in_topology(const std::string& path, const std::string& region) {
    one_of(path, region, config_.topology.regions, "one of topology.regions");
  }

  void nodes() {
    for (const NodeConfig& node : config_.topology.nodes) {
      const std::string path = "topology.nodes." + node.name;
      in_topology(path + ".region", node.region);
      if (node.role == NodeRole::replica && !node.follows) {
        wrong(path + ".follows", "the name of the node that the replica streams from");
      }
      if (node.role == NodeRole::logical && !follows_primary(node)) {
        wrong(path + ".follows", "the name of the primary, whose tables it subscribes to");
      }
    }
  }

  bool follows_primary(const NodeConfig& node) const {
    return std::any_of(config_.topology.nodes.begin(), config_.topology.nodes.end(),
                       [&node](const NodeConfig& other) {
                         return other.role == NodeRole::primary && node.follows == other.name;
                       });
  }

  bool is_logical(const std::string& name) const {
    return std::any_of(config_.topology.nodes.begin(), config_.topology.nodes.end(),
                       [&name](const NodeConfig& other) {
                         return other.name == name && other.role == NodeRole::logical;
                       });
  }

  void followers() {
    const std::vector<std::string> names = names_of(config_.topology.nodes);
    std::vector<std::uint32_t> follows;
    for (std::uint32_t i = 0; i < names.size(); ++i) {
      const std::optional<std::string>& upstream = config_.topology.nodes[i].follows;
      follows.push_back(i);
      if (!upstream) continue;
      const std::string path = "topology.nodes." + names[i] + ".follows";
      if (*upstream == names[i]) {
        wrong(path, "another node than the replica itself");
      } else if (is_logical(*upstream)) {
        wrong(path,
              "a node that has a log of its own to pass on: a logical subscriber's is another");
      } else if (one_of(path, *upstream, names, "the name of a node")) {
        const auto at = std::find(names.begin(), names.end(), *upstream);
        follows.back() = static_cast<std::uint32_t>(at - names.begin());
      }
    }
    if (following_order(follows)) return;
    for (std::uint32_t i = 0; i < names.size(); ++i) {
      std::uint32_t at = follows[i];
      for (std::size_t hops = 0; hops < names.size() && at != i; ++hops) at = follows[at];
      if (at != i || follows[i] == i) continue;
      wrong("topology.nodes." + names[i] + ".follows",
            "a chain that ends at the primary; these nodes follow one another in a cycle");
      return;
    }
  }

  void apps() {
    for (const AppConfig& app : config_.topology.apps) {
      in_topology("topology.apps." + app.name + ".region", app.region);
      if (app.name == "nearest" || app.name == latency_dns) {
        wrong("topology.apps." + app.name + ".name",
              "another name: \"" + app.name + "\" is a way to enter");
      }
      if (app.pool.sslmode == SslMode::require && !config_.postgres.ssl) {
        wrong("topology.apps." + app.name + ".pool.sslmode",
              "\"prefer\" or \"disable\", for postgres.ssl is off");
      }
      lag_source("topology.apps." + app.name + ".lag_source", app.lag_source);
    }
  }

  void lag_source(const std::string& path, LagSource source) {
    if (source == LagSource::heartbeat && !config_.monitoring.heartbeat_interval) {
      wrong(path, "a source that is there: a heartbeat needs monitoring.heartbeat_interval");
    }
    const LagBreakerConfig& breaker = config_.policy.lag_breaker;
    if (!gives_time(source) && breaker.enabled && !breaker.open_above_bytes) {
      wrong(path, "a source of time, or policy.lag_breaker.open_above_bytes to judge bytes by");
    }
  }

  void links() {
    std::vector<std::string> places = config_.topology.regions;
    places.insert(places.end(), users_.begin(), users_.end());
    std::set<std::pair<std::string, std::string>> seen;
    for (std::size_t i = 0; i < config_.topology.links.size(); ++i) {
      const LinkConfig& link = config_.topology.links[i];
      const std::string path = indexed("topology.links", i);
      if (link.from && !link.to) wrong(path + ".to", "the region that receives, beside \"from\"");
      if (!link.from && link.to) wrong(path + ".to", "no \"to\" without \"from\"");
      if (link.from && link.rtt) {
        wrong(path + ".rtt", "\"latency\" for one direction; a round trip goes with \"between\"");
      }
      if (!link.between.empty() && link.latency) {
        wrong(path + ".latency", "\"rtt\" for both directions; a latency goes with \"from\"");
      }
      if (link.from && link.to) {
        link_end(path + ".from", *link.from, places);
        link_end(path + ".to", *link.to, places);
        link_once(path, *link.from, *link.to, seen);
      }
      if (link.between.size() == 2) {
        link_end(path + ".between[0]", link.between[0], places);
        link_end(path + ".between[1]", link.between[1], places);
        if (link_once(path, link.between[0], link.between[1], seen)) {
          link_once(path, link.between[1], link.between[0], seen);
        }
      }
    }
  }

  void link_end(const std::string& path, const std::string& region,
                const std::vector<std::string>& places) {
    one_of(path, region, places, "one of topology.regions or the region of some users");
  }

  bool link_once(const std::string& path, const std::string& from, const std::string& to,
                 std::set<std::pair<std::string, std::string>>& seen) {
    if (from == to) {
      wrong(path, "two different regions; inside a region see network.same_zone_rtt");
      return false;
    }
    if (seen.insert({from, to}).second) return true;
    wrong(path, "each direction between two regions at most once");
    return false;
  }

  void data() {
    for (const DataSetConfig& set : config_.data) {
      if (set.name == "canary") {
        wrong("data.canary.name", "another name: the canary writes have a set of that name");
      }
    }
  }

  template <class Statement>
  void statement(const std::string& path, const Statement& call,
                 const std::vector<std::string>& sets) {
    const std::string what = "the name of a data set";
    if (call.read) one_of(path + ".read", *call.read, sets, what);
    if (call.locking_read) one_of(path + ".locking_read", *call.locking_read, sets, what);
    if (call.write) one_of(path + ".write", *call.write, sets, what);
  }

  void workload() {
    const std::vector<std::string> sets = names_of(config_.data);
    const std::vector<std::string> apps = names_of(config_.topology.apps);
    std::int64_t sessions = 0;
    for (const PopulationConfig& population : config_.workload) {
      const std::string path = "workload." + population.name;
      if (population.begins >= config_.duration) {
        wrong(path + ".begins", "before the end of the run, " + to_text(config_.duration));
      }
      if (population.ends && *population.ends <= population.begins) {
        wrong(path + ".ends", "after they begin, " + to_text(population.begins));
      }
      known_region(path + ".from", population.from);
      if (population.enters != "nearest" && population.enters != latency_dns) {
        one_of(path + ".enters", population.enters, apps,
               "\"nearest\", \"latency_dns\" or the name of an app");
      }
      if (population.sessions % population.sessions_per_user != 0) {
        wrong(path + ".sessions_per_user", "a number that divides the sessions");
      }
      sessions += population.sessions;
      // The mean pause of one session must stay within what a distribution can hold.
      if (population.throttle_above && !population.think) {
        wrong(path + ".throttle_above",
              "\"think\": only a session that waits for its answers can hold back");
      }
      if (population.rate &&
          static_cast<Int128>(mean_interval(*population.rate).ns) * population.sessions >
              duration_cap.ns) {
        wrong(path + ".rate", "at least one page of each session in " + to_text(duration_cap) +
                                  "; raise the rate or lower the sessions");
      }
      for (const PageConfig& page : population.pages) {
        for (std::size_t i = 0; i < page.calls.size(); ++i) {
          const CallConfig& call = page.calls[i];
          const std::string at = indexed(path + ".pages." + page.name + ".calls", i);
          statement(at, call, sets);
          if (call.max_staleness && (call.write || call.locking_read)) {
            wrong(at + ".max_staleness", "nothing: a call that writes or locks is never stale");
          }
          if (!call.transaction) continue;
          for (std::size_t k = 0; k < call.transaction->size(); ++k) {
            statement(indexed(at + ".transaction", k), (*call.transaction)[k], sets);
          }
        }
      }
    }
    const std::size_t cells = labelled_cells();
    if (cells > cells_max) {
      wrong("workload", "fewer names of pages, regions, nodes or apps: " + std::to_string(cells) +
                            " combinations of them would be measured, at most " +
                            std::to_string(cells_max) + " can be");
    }
    if (sessions > 10'000'000) wrong("workload", "at most 10,000,000 sessions in all");
    users_by_sets();
  }

  // The last row of each user in each data set, the canary's included, is remembered.
  void users_by_sets() {
    Int128 users = 0;
    for (const PopulationConfig& population : config_.workload) {
      users += population.sessions / population.sessions_per_user;
    }
    if (users * (static_cast<Int128>(config_.data.size()) + 1) > 100'000'000) {
      wrong("workload",
            "at most 100,000,000 users times data sets (one more for the canary): each user's "
            "last row of each set is remembered");
    }
  }

  // Combinations of users' region, page and node or app: the largest label sets of any metric.
  std::size_t labelled_cells() const {
    std::set<std::string> regions(config_.topology.regions.begin(), config_.topology.regions.end());
    std::set<std::string> pages;
    for (const PopulationConfig& population : config_.workload) {
      regions.insert(population.from);
      for (const PageConfig& page : population.pages) pages.insert(page.name);
    }
    const TopologyConfig& topology = config_.topology;
    return regions.size() * pages.size() * std::max(topology.nodes.size(), topology.apps.size());
  }

  void postgres() {
    synchronous_standbys("postgres.synchronous_standby_names",
                         config_.postgres.synchronous_standby_names);
  }

  void synchronous_standbys(const std::string& path, const std::string& text) {
    const std::optional<SyncStandbys> sync = parse_sync_standbys(text);
    if (!sync) {
      wrong(path, "names of standbys such as \"FIRST 1 (db-eu, db-ap)\", \"ANY 1 (*)\" or \"\"");
      return;
    }
    std::vector<std::string> direct;
    for (const NodeConfig& node : config_.topology.nodes) {
      if (node.role == NodeRole::replica && follows_primary(node)) {
        direct.push_back(node.name);
      }
    }
    const bool all = contains(sync->names, "*");
    for (const std::string& name : sync->names) {
      if (name != "*") one_of(path, name, direct, "replicas that follow the primary itself");
    }
    if (sync->count > (all ? direct.size() : sync->names.size())) {
      wrong(path, "at least as many standbys as commits wait for; these would wait for ever");
    }
  }

  void policy() {
    for (const Complaint& complaint : longhaul::validate(config_.policy)) {
      wrong("policy." + std::string(complaint.path), std::string(complaint.expected));
    }
    for (std::size_t i = 0; i < config_.policy.rollout.size(); ++i) {
      in_topology(indexed("policy.rollout", i) + ".region", config_.policy.rollout[i].region);
    }
  }

  void faults() {
    std::vector<std::string> places = config_.topology.regions;
    places.insert(places.end(), users_.begin(), users_.end());
    for (const auto& [path, named] : all_faults(config_)) {
      const FaultConfig& fault = *named;
      if (fault.at >= config_.duration) {
        wrong(path + ".at", "before the end of the run, " + to_text(config_.duration));
      }
      const FaultRule& rule = rule_of(fault.kind);
      if (rule.operation) fault_on_data(path, fault);
      if (rule.subject == FaultSubject::links) {
        cut(path, fault, places);
      } else if (rule.subject == FaultSubject::copy) {
        backup(path, fault);
      } else if (rule.subject == FaultSubject::subscriber) {
        subscriber(path, fault);
      } else if (rule.subject == FaultSubject::app) {
        fault_at_app(path, fault);
      } else if (rule.subject == FaultSubject::region) {
        fault_at_region(path, fault);
      } else if (is_about_node(rule.subject)) {
        fault_at_node(path, fault, rule.subject);
      }
      if (rule.momentary && fault.lasts) wrong(path + ".for", "nothing: it happens at once");
      if (fault.kind == FaultKind::set_synchronous_standby_names) {
        if (!fault.value) wrong(path + ".value", "the new synchronous_standby_names, or \"\"");
        if (fault.value) synchronous_standbys(path + ".value", *fault.value);
      }
      if (rule.needs_speed && !fault.speed) wrong(path + ".speed", "what is left of its speed");
    }
  }

  void fault_on_data(const std::string& path, const FaultConfig& fault) {
    const std::string what = "the name of a data set";
    if (!fault.data) return wrong(path + ".data", what);
    one_of(path + ".data", *fault.data, names_of(config_.data), what);
  }

  void fault_at_node(const std::string& path, const FaultConfig& fault, FaultSubject subject) {
    const bool any = subject == FaultSubject::any_node;
    const bool replica = subject == FaultSubject::replica;
    const bool server = subject == FaultSubject::server;
    const std::string what = any       ? "the name of a node"
                             : server  ? "the name of a primary or of a replica"
                             : replica ? "the name of a replica"
                                       : "the name of the primary";
    if (!fault.node) {
      wrong(path + ".node", what);
      return;
    }
    std::vector<std::string> nodes;
    for (const NodeConfig& node : config_.topology.nodes) {
      const NodeRole role = replica ? NodeRole::replica : NodeRole::primary;
      const bool runs = server && node.role != NodeRole::logical;
      if (any || runs || node.role == role) nodes.push_back(node.name);
    }
    one_of(path + ".node", *fault.node, nodes, what);
  }

  void fault_at_region(const std::string& path, const FaultConfig& fault) {
    if (!fault.region) return wrong(path + ".region", "one of topology.regions");
    in_topology(path + ".region", *fault.region);
    if (fault.kind == FaultKind::zone_loss && !fault.zone) wrong(path + ".zone", "a zone");
  }

  void fault_at_app(const std::string& path, const FaultConfig& fault) {
    const std::string what = "the name of an app";
    if (!fault.app) return wrong(path + ".app", what);
    one_of(path + ".app", *fault.app, names_of(config_.topology.apps), what);
  }

  void backup(const std::string& path, const FaultConfig& fault) {
    if (fault.lasts) wrong(path + ".for", "nothing: a base backup lasts as long as it takes");
    if (fault.node.has_value() == fault.to.has_value()) {
      wrong(path, "either \"node\", the replica that is built, or \"to\", a region");
    } else if (fault.node) {
      fault_at_node(path, fault, FaultSubject::replica);
    } else {
      in_topology(path + ".to", *fault.to);
    }
  }

  void subscriber(const std::string& path, const FaultConfig& fault) {
    const std::string what = "the name of a logical subscriber";
    if (fault.lasts) wrong(path + ".for", "nothing: this is done once");
    if (fault.kind == FaultKind::alter_subscriber && !fault.data) {
      wrong(path + ".data", "the name of a data set");
    }
    if (fault.data) {
      one_of(path + ".data", *fault.data, names_of(config_.data), "the name of a data set");
    }
    if (!fault.node) return wrong(path + ".node", what);
    std::vector<std::string> nodes;
    for (const NodeConfig& node : config_.topology.nodes) {
      if (node.role == NodeRole::logical) nodes.push_back(node.name);
    }
    one_of(path + ".node", *fault.node, nodes, what);
  }

  void cut(const std::string& path, const FaultConfig& fault,
           const std::vector<std::string>& places) {
    const bool two_ways = fault.between.has_value();
    if (two_ways == (fault.from && fault.to) || fault.from.has_value() != fault.to.has_value()) {
      wrong(path, "either \"between\" with two regions, or \"from\" and \"to\"");
      return;
    }
    const std::vector<std::string> ends =
        two_ways ? *fault.between : std::vector<std::string>{*fault.from, *fault.to};
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const std::string at =
          two_ways ? indexed(path + ".between", i) : path + (i == 0 ? ".from" : ".to");
      link_end(at, ends[i], places);
    }
    if (ends.size() == 2 && ends[0] == ends[1]) wrong(path, "two different regions");
    if (config_.network.routes == Routes::shortest && ends.size() == 2 && !has_link(ends)) {
      wrong(path, "two regions that one of topology.links joins");
    }
  }

  bool has_link(const std::vector<std::string>& ends) const {
    return std::any_of(
        config_.topology.links.begin(), config_.topology.links.end(), [&](const LinkConfig& link) {
          const bool one_way = link.from == ends[0] && link.to == ends[1];
          return one_way || (contains(link.between, ends[0]) && contains(link.between, ends[1]));
        });
  }

  const ScenarioConfig& config_;
  const Catalogue& catalogue_;
  LoadContext& context_;
  std::vector<std::string> users_;
};

}  // namespace

void validate(const ScenarioConfig& config, const Catalogue& catalogue, LoadContext& context) {
  Validator(config, catalogue, context).all();
  validate_caches(config, context);
  validate_failover(config, context);
  validate_writes(config, context);
  validate_clients(config, context);
  validate_primaries(config, context);
  validate_drill(config, context);
}

}  // namespace longhaul
