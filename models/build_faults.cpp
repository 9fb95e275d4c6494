#include "models/build_faults.h"

#include <optional>
#include <string>

namespace longhaul {
namespace {

class Parts {
 public:
  Parts(const ClusterConfig& config, const FaultConfig& whole, std::vector<FaultConfig>& list)
      : config_(config), whole_(whole), list_(list) {}

  void hosts() {
    for (const NodeConfig& node : config_.nodes) {
      if (is_there(node)) part(FaultKind::node_loss).node = node.name;
    }
    for (const AppConfig& app : config_.apps) {
      if (is_there(app)) part(FaultKind::app_crash).app = app.name;
    }
    bool has_cache = false;
    for (const CacheConfig& cache : config_.caches) has_cache = has_cache || is_there(cache);
    if (has_cache) {
      FaultConfig& cold = part(FaultKind::cache_loss);
      cold.region = whole_.region;
      cold.lasts.reset();
    }
    if (!config_.lease_store) return;
    for (const StoreMemberConfig& member : config_.lease_store->members) {
      if (is_there(member)) part(FaultKind::lease_store_down).member = member.name;
    }
  }

  void links() {
    for (const DirectedLink& link : config_.links) {
      if ((link.from == whole_.region) == (link.to == whole_.region)) continue;
      FaultConfig& cut = part(FaultKind::cut_link);
      cut.from = link.from;
      cut.to = link.to;
    }
  }

 private:
  template <class Member>
  bool is_there(const Member& member) const {
    return member.region == whole_.region && (!whole_.zone || member.zone == whole_.zone);
  }

  FaultConfig& part(FaultKind kind) {
    FaultConfig fault;
    fault.kind = kind;
    fault.at = whole_.at;
    fault.lasts = whole_.lasts;
    list_.push_back(fault);
    return list_.back();
  }

  const ClusterConfig& config_;
  const FaultConfig& whole_;
  std::vector<FaultConfig>& list_;
};

}  // namespace

std::vector<FaultConfig> parts_of_faults(const ClusterConfig& config) {
  std::vector<FaultConfig> list;
  for (const FaultConfig& fault : config.faults) {
    switch (fault.kind) {
      case FaultKind::zone_loss:
      case FaultKind::region_loss:
        Parts(config, fault, list).hosts();
        break;
      case FaultKind::region_isolated:
        Parts(config, fault, list).links();
        break;
      default:
        list.push_back(fault);
    }
  }
  return list;
}

}  // namespace longhaul
