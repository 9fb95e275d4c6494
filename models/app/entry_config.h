// What a scenario may say about names: which app a user's name server answers with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/fields.h"
#include "base/units.h"

namespace longhaul {

// The value of a population's "enters" that is neither "nearest" nor an app.
inline constexpr const char* latency_dns = "latency_dns";

// What the health endpoint of an app looks at before it answers 200.
enum class HealthCheck : std::uint8_t { shallow, nearest_database, any_database, primary };

// What is answered when every app is unhealthy.
enum class NoneHealthy : std::uint8_t { all, nobody };

template <>
const EnumNames& enum_names<HealthCheck>();
template <>
const EnumNames& enum_names<NoneHealthy>();

// For populations that enter by "latency_dns".
struct DnsConfig {
  Duration ttl = seconds(60);
  Ratio elsewhere;
  std::optional<std::string> resolver_region;
  Ratio overstay;
  Duration overstay_for = minutes(10);
  HealthCheck checks = HealthCheck::shallow;
  Duration interval = seconds(30);
  std::int64_t failure_threshold = 3;
  Duration timeout = seconds(2);
  NoneHealthy none_healthy = NoneHealthy::all;

  static const FieldTable& fields();
  friend bool operator==(const DnsConfig&, const DnsConfig&) = default;
};

}  // namespace longhaul
