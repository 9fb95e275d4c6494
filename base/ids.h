// Ids are positions in the vectors of the world. A tag keeps one kind from being used for another.
#pragma once

#include <compare>
#include <cstdint>

namespace longhaul {

template <class Tag>
struct StrongId {
  static constexpr std::uint32_t none_value = 0xffffffffu;

  std::uint32_t value = none_value;

  static constexpr StrongId none() { return {}; }
  constexpr bool valid() const { return value != none_value; }
  friend constexpr auto operator<=>(const StrongId&, const StrongId&) = default;
};

using RegionId = StrongId<struct RegionTag>;
using ZoneId = StrongId<struct ZoneTag>;
using NodeId = StrongId<struct NodeTag>;
using LinkId = StrongId<struct LinkTag>;          // one direction of a link
using GroupId = StrongId<struct GroupTag>;        // a primary and all that follow it
using LogId = StrongId<struct LogTag>;            // one write-ahead log
using PathId = StrongId<struct PathTag>;          // one ordered pair of places
using AppId = StrongId<struct AppTag>;            // an application in a region
using CacheId = StrongId<struct CacheTag>;        // a store of rows beside applications
using InstanceId = StrongId<struct InstanceTag>;  // one process of an application
using PopulationId = StrongId<struct PopulationTag>;
using SessionId = StrongId<struct SessionTag>;
using UserId = StrongId<struct UserTag>;
using RequestId = StrongId<struct RequestTag>;  // slot of a page in progress
using DataSetId = StrongId<struct DataSetTag>;
using PageId = StrongId<struct PageTag>;
using SeriesId = StrongId<struct SeriesTag>;

}  // namespace longhaul
