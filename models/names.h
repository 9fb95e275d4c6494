// Names of a configuration and their positions in the plan that is being built from it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "models/build.h"
#include "models/plan.h"

namespace longhaul {

template <class List>
std::uint32_t index_of(const List& list, const std::string& name) {
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    if (list[i].name == name) return i;
  }
  CHECK(false);
  __builtin_unreachable();
}

// The way from one region to every other. Links are numbered as in the configuration.
std::vector<std::vector<LinkId>> ways(const ClusterConfig& config, std::uint32_t from);

// A zone of a region, added when it is new.
std::uint32_t place_of(const ClusterConfig& config, Plan& plan, const std::string& region,
                       const std::string& zone);

// One way between two regions; Duration::max(): there is none.
Duration latency_between(const ClusterConfig& config, const std::string& from,
                         const std::string& to);

// The group of the primary that is nearest to a region; ties go to the first.
GroupId nearest_group(const ClusterConfig& config, const Plan& plan, const std::string& region);

// The group of the primary of that name.
GroupId group_named(const Plan& plan, const std::string& primary);

DataSetId set_of(const Plan& plan, const std::string& name);

}  // namespace longhaul
