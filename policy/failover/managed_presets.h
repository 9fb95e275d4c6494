// Managed services by their published times. What a provider states is an end-to-end figure; how it
// divides into detection, operation and endpoint is our reading, marked so. Recovery of the
// promoted server itself comes on top where it is long.
#pragma once

#include <array>
#include <string_view>

#include "policy/failover/managed_config.h"

namespace longhaul {

struct ManagedPreset {
  std::string_view name;
  ManagedConfig config;
  std::string_view source;
};

namespace managed_presets_detail {

// 60 to 120 s in all.
constexpr ManagedConfig rds_multi_az() {
  ManagedConfig config;
  config.detection = {.interval = seconds(10), .timeout = seconds(5), .failures = 2};
  config.candidates = ManagedCandidates::same_region;
  config.operate = {seconds(40), seconds(60), seconds(90)};
  config.endpoint = {seconds(1), seconds(3), seconds(5)};
  return config;
}

// Under 35 s in all.
constexpr ManagedConfig rds_multi_az_cluster() {
  ManagedConfig config;
  config.detection = {.interval = seconds(5), .timeout = seconds(2), .failures = 2};
  config.candidates = ManagedCandidates::same_region;
  config.operate = {seconds(5), seconds(10), seconds(18)};
  config.endpoint = {seconds(1), seconds(2), seconds(4)};
  return config;
}

// A person promotes the replica; 5 to 30 min with the decision.
constexpr ManagedConfig rds_cross_region_promote() {
  ManagedConfig config;
  config.detection = {.interval = minutes(1), .timeout = seconds(10), .failures = 3};
  config.decide = {minutes(1), minutes(5), minutes(15)};
  config.candidates = ManagedCandidates::other_region;
  config.fences = false;
  config.operate = {minutes(1), minutes(4), minutes(10)};
  config.endpoint = {seconds(10), minutes(1), minutes(2)};
  return config;
}

// Ordered by a person; minutes.
constexpr ManagedConfig aurora_global_managed_failover() {
  ManagedConfig config;
  config.detection = {.interval = minutes(1), .timeout = seconds(10), .failures = 3};
  config.decide = {minutes(1), minutes(5), minutes(15)};
  config.candidates = ManagedCandidates::other_region;
  config.operate = {minutes(1), minutes(2), minutes(5)};
  config.endpoint = {seconds(1), seconds(5), seconds(30)};
  return config;
}

constexpr ManagedConfig aurora_global_switchover() {
  ManagedConfig config = aurora_global_managed_failover();
  config.only_on_order = true;
  config.decide = {};
  return config;
}

// An alarm of three periods of a minute calls a function that promotes.
constexpr ManagedConfig alarm_and_lambda() {
  ManagedConfig config;
  config.detection = {.interval = minutes(1), .timeout = seconds(10), .failures = 3};
  config.decide = {seconds(1), seconds(5), seconds(30)};
  config.candidates = ManagedCandidates::other_region;
  config.fences = false;
  config.operate = {minutes(1), minutes(4), minutes(10)};
  config.endpoint = {seconds(1), seconds(5), minutes(1)};
  return config;
}

// 30 s between checks, three of them, TCP within 10 s; the record changes by itself.
constexpr ManagedConfig route53_health_check() {
  ManagedConfig config;
  config.detection = {.interval = seconds(30), .timeout = seconds(10), .failures = 3};
  config.candidates = ManagedCandidates::any;
  config.fences = false;
  config.operate = {seconds(1), seconds(5), seconds(30)};
  config.endpoint = {seconds(0), seconds(1), seconds(5)};
  return config;
}

// A heartbeat each second, 60 s of silence; one to two minutes in all.
constexpr ManagedConfig cloud_sql_ha() {
  ManagedConfig config;
  config.detection = {.interval = seconds(1), .timeout = seconds(1), .failures = 60};
  config.candidates = ManagedCandidates::same_region;
  config.operate = {seconds(5), seconds(20), seconds(50)};
  config.endpoint = {seconds(1), seconds(2), seconds(5)};
  return config;
}

}  // namespace managed_presets_detail

inline constexpr std::array<ManagedPreset, 8> managed_presets{{
    {"aurora_global_managed_failover", managed_presets_detail::aurora_global_managed_failover(),
     "AWS \"Using switchover or failover in Amazon Aurora Global Database\": order of minutes, "
     "published; its division and the time to decide are unverified"},
    {"aurora_global_switchover", managed_presets_detail::aurora_global_switchover(),
     "the same page: planned, minutes, no loss, published; its division is unverified"},
    {"rds_multi_az", managed_presets_detail::rds_multi_az(),
     "AWS \"Failing over a Multi-AZ DB instance\": typically 60 to 120 s, published; its division "
     "is unverified"},
    {"rds_multi_az_cluster", managed_presets_detail::rds_multi_az_cluster(),
     "AWS \"Failing over a Multi-AZ DB cluster\": typically under 35 s, published; its division "
     "is unverified"},
    {"rds_cross_region_promote", managed_presets_detail::rds_cross_region_promote(),
     "AWS \"Working with read replicas for Amazon RDS for PostgreSQL\": several minutes by hand; "
     "5 to 30 min in all is unverified"},
    {"alarm_and_lambda", managed_presets_detail::alarm_and_lambda(),
     "CloudWatch alarm of 3 periods of 1 min, our choice; the promotion as of RDS, unverified"},
    {"route53_health_check", managed_presets_detail::route53_health_check(),
     "AWS \"How Amazon Route 53 determines whether a health check is healthy\": 30 s, threshold "
     "3, TCP within 10 s, published; what follows is unverified"},
    {"cloud_sql_ha", managed_presets_detail::cloud_sql_ha(),
     "Google \"About high availability\": heartbeat each second, about 60 s; 1 to 2 min in all is "
     "unverified"},
}};

}  // namespace longhaul
