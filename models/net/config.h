// What a scenario may say about the network: links between regions and the defaults of all links.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/units.h"
#include "sim/distributions.h"

namespace longhaul {

// A link between two regions, both directions at once ("between") or one direction ("from", "to").
// What is not given comes from the region catalogue (round trip) or from NetworkConfig.
struct LinkConfig {
  std::vector<std::string> between;  // two regions
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::optional<Duration> rtt;                 // round trip; each direction takes half
  std::optional<Duration> latency;             // one direction
  std::optional<DurationDistribution> jitter;  // added to the latency of every message
  std::optional<ByteRate> bandwidth;           // of each direction by itself
  std::optional<Duration> queue;               // longest wait for the link's own sending
  std::optional<Ratio> loss;                   // of each packet

  static const FieldTable& fields();
  friend bool operator==(const LinkConfig&, const LinkConfig&) = default;
};

// How messages find their way between regions.
enum class Routes : std::uint8_t {
  direct,    // each pair of regions has a link of its own, as in a cloud's backbone
  shortest,  // only links that the scenario gives; the fastest way over them
};

template <>
const EnumNames& enum_names<Routes>();

// Defaults of the network as a whole.
struct NetworkConfig {
  Routes routes = Routes::direct;
  DurationDistribution jitter = DurationDistribution::exponential(microseconds(200));
  std::optional<ByteRate> bandwidth;  // of each link between regions; absent: unlimited
  Duration queue = milliseconds(100);
  Ratio loss;
  std::optional<Duration> same_zone_rtt;   // absent: measured figure of the catalogue
  std::optional<Duration> cross_zone_rtt;  // absent: measured figure of the catalogue
  Bytes statement_request = {200};
  Bytes statement_reply = {120};
  Bytes page_request = {1'000};
  Bytes page_reply = {20'000};
  Duration retransmit_min = milliseconds(200);
  Duration retransmit_max = seconds(120);
  std::int64_t retransmits_max = 15;

  static const FieldTable& fields();
  friend bool operator==(const NetworkConfig&, const NetworkConfig&) = default;
};

}  // namespace longhaul
