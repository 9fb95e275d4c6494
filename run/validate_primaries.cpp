// Several primaries: what each of the ways to have them asks for.
#include <algorithm>
#include <string>
#include <vector>

#include "run/validate.h"

namespace longhaul {
namespace {

class PrimariesValidator {
 public:
  PrimariesValidator(const ScenarioConfig& config, LoadContext& context)
      : config_(config), context_(context) {
    for (const NodeConfig& node : config.topology.nodes) {
      if (node.role == NodeRole::primary) names_.push_back(node.name);
    }
  }

  void all() {
    count();
    tokens();
    for (const DataSetConfig& set : config_.data) {
      if (set.home) home("data." + set.name + ".home", *set.home);
    }
    for (const PopulationConfig& population : config_.workload) tenants(population);
    for (const auto& [path, named] : all_faults(config_)) fault(path, *named);
  }

 private:
  void wrong(const std::string& path, std::string expected) {
    context_.add(context_.at(path, std::move(expected)));
  }

  bool sharded() const { return config_.topology.primaries == Primaries::sharded; }

  void count() {
    if (names_.empty()) wrong("topology.nodes", "one node with the role \"primary\"");
    if (config_.topology.primaries == Primaries::one) {
      if (names_.size() < 2) return;
      wrong("topology.nodes." + names_[1] + ".role",
            "one primary in all, unless topology.primaries is \"sharded\" or \"active_active\"");
      return;
    }
    if (names_.size() == 1) wrong("topology.nodes", "at least two nodes with the role \"primary\"");
    if (config_.topology.primaries != Primaries::active_active) return;
    if (names_.size() > 2) {
      wrong("topology.nodes." + names_[2] + ".role",
            "two primaries: active-active of more is not modelled in this version");
    }
    if (!config_.topology.i_accept_conflicts) {
      wrong("topology.primaries",
            "beside \"i_accept_conflicts\": true, for writes of the same row on two primaries "
            "conflict, and of two acknowledged ones the earlier is lost");
    }
  }

  // A token is about one log.
  void tokens() {
    const FreshnessConfig& rule = config_.policy.freshness;
    if (config_.topology.primaries == Primaries::one || rule.rule == FreshnessRule::none) return;
    if (rule.store.kind != TokenPlace::ideal || rule.scope == TokenScope::request) {
      wrong("policy.freshness",
            "the store \"ideal\" and a scope but \"request\": others of several primaries are not "
            "modelled in this version");
    }
  }

  void home(const std::string& path, const std::string& name) {
    if (!sharded()) return wrong(path, "nothing unless topology.primaries is \"sharded\"");
    if (std::find(names_.begin(), names_.end(), name) == names_.end()) {
      wrong(path, "the name of a primary");
    }
  }

  void tenants(const PopulationConfig& population) {
    const std::string path = "workload." + population.name;
    if (population.home) home(path + ".home", *population.home);
    if (!sharded() && population.travelling.ppm > 0) {
      wrong(path + ".travelling", "nothing unless topology.primaries is \"sharded\"");
    }
    if (!sharded() && population.spanning.ppm > 0) {
      wrong(path + ".spanning", "nothing unless topology.primaries is \"sharded\"");
    }
    for (const PageConfig& page : population.pages) {
      for (std::size_t i = 0; i < page.calls.size(); ++i) {
        if (!page.calls[i].transaction) continue;
        transaction(path + ".pages." + page.name + ".calls[" + std::to_string(i) + "].transaction",
                    *page.calls[i].transaction);
      }
    }
  }

  const std::optional<std::string>* home_of(const StatementConfig& statement) const {
    const std::optional<std::string>& name = statement.read           ? statement.read
                                             : statement.locking_read ? statement.locking_read
                                                                      : statement.write;
    for (const DataSetConfig& set : config_.data) {
      if (set.name == name) return &set.home;
    }
    return nullptr;
  }

  void transaction(const std::string& path, const std::vector<StatementConfig>& statements) {
    const std::optional<std::string>* first = nullptr;
    for (const StatementConfig& statement : statements) {
      const std::optional<std::string>* here = home_of(statement);
      if (here == nullptr) continue;
      if (first == nullptr) first = here;
      if (*here == *first) continue;
      return wrong(path,
                   "data sets of one home: transactions across primaries are not modelled in this "
                   "version");
    }
  }

  // What happens on the primary of a data set, or to a primary's settings.
  void fault(const std::string& path, const FaultConfig& fault) {
    const FaultRule& rule = rule_of(fault.kind);
    const bool active = config_.topology.primaries == Primaries::active_active;
    if (fault.kind == FaultKind::promote && active) {
      return wrong(path + ".kind", "no promotion: beside a second primary none is modelled");
    }
    const bool is_primary =
        fault.node && std::find(names_.begin(), names_.end(), *fault.node) != names_.end();
    if (rule.subject == FaultSubject::server && is_primary &&
        config_.topology.primaries == Primaries::active_active) {
      wrong(path + ".node",
            "a replica: a primary that stops while it merges is not modelled in this version");
    }
    if (rule.subject != FaultSubject::none) return;
    if (fault.kind == FaultKind::alter_table &&
        config_.topology.primaries == Primaries::active_active) {
      return wrong(path + ".kind", "no schema change: between two primaries none is modelled");
    }
    if (fault.node) {
      if (std::find(names_.begin(), names_.end(), *fault.node) == names_.end()) {
        wrong(path + ".node", "the name of a primary");
      }
      return;
    }
    if (names_.size() < 2) return;
    const bool has_home =
        std::any_of(config_.data.begin(), config_.data.end(), [&fault](const DataSetConfig& set) {
          return fault.data == set.name && set.home.has_value();
        });
    if (!has_home) wrong(path + ".node", "the name of the primary that it happens on");
  }

  const ScenarioConfig& config_;
  LoadContext& context_;
  std::vector<std::string> names_;
};

}  // namespace

void validate_primaries(const ScenarioConfig& config, LoadContext& context) {
  PrimariesValidator(config, context).all();
}

}  // namespace longhaul
