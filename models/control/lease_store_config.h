// What a scenario may say about the consensus store that failover managers keep their leases in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/units.h"
#include "sim/distributions.h"

namespace longhaul {

struct StoreMemberConfig {
  std::string name;
  std::string region;
  std::string zone = "a";

  static const FieldTable& fields();
  friend bool operator==(const StoreMemberConfig&, const StoreMemberConfig&) = default;
};

// Which member a client asks as long as that one answers.
enum class FirstAsked : std::uint8_t { nearest, any };

template <>
const EnumNames& enum_names<FirstAsked>();

struct LeaseStoreConfig {
  static constexpr std::size_t members_max = 7;

  std::vector<StoreMemberConfig> members;
  Duration heartbeat = milliseconds(100);
  Duration election_timeout = milliseconds(1000);
  bool pre_vote = true;
  DurationDistribution fsync = DurationDistribution::uniform(milliseconds(1), milliseconds(2));
  std::optional<std::string> leader;  // when the run begins
  FirstAsked first_asked = FirstAsked::nearest;

  static const FieldTable& fields();
  friend bool operator==(const LeaseStoreConfig&, const LeaseStoreConfig&) = default;
};

}  // namespace longhaul
