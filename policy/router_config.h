// The block "router" of the policy, and which users get replica reads at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/units.h"

namespace longhaul {

enum class PrimaryReads : std::uint8_t { when_nearest, fallback_only };
enum class WhenNoReplica : std::uint8_t { primary, fail, serve_stale, queue };
enum class BeyondCap : std::uint8_t { fail, serve_stale, queue };
enum class Prefer : std::uint8_t { zone_then_region, latency };
enum class Balance : std::uint8_t { first, by_weight };

// The share of reads that the primary takes over from replicas; see policy/moved_reads.h.
struct MovedReadsConfig {
  std::optional<Ratio> max_share;
  Duration window = seconds(10);
  std::int64_t at_least = 3;
  BeyondCap beyond = BeyondCap::fail;

  static const FieldTable& fields();
  friend constexpr bool operator==(const MovedReadsConfig&, const MovedReadsConfig&) = default;
};

// How a read queues that has nowhere to go.
struct QueueConfig {
  Duration retry = milliseconds(50);
  Duration wait_max = seconds(1);

  static const FieldTable& fields();
  friend constexpr bool operator==(const QueueConfig&, const QueueConfig&) = default;
};

struct RouterConfig {
  bool use_replica_reads = true;
  PrimaryReads primary_reads = PrimaryReads::when_nearest;
  Prefer prefer = Prefer::zone_then_region;
  Duration equal_within = milliseconds(1);
  Balance balance = Balance::first;
  Ratio latency_smoothing{125'000};
  Ratio reorder_above = percent(25);
  WhenNoReplica when_no_replica = WhenNoReplica::primary;
  std::optional<Ratio> panic_below;
  MovedReadsConfig moved_reads;
  QueueConfig queue;

  static const FieldTable& fields();
  friend constexpr bool operator==(const RouterConfig&, const RouterConfig&) = default;
};

template <>
const EnumNames& enum_names<PrimaryReads>();
template <>
const EnumNames& enum_names<WhenNoReplica>();
template <>
const EnumNames& enum_names<BeyondCap>();
template <>
const EnumNames& enum_names<Prefer>();
template <>
const EnumNames& enum_names<Balance>();

// The share of the users of a region whose reads may go to replicas.
struct RolloutConfig {
  std::string region;
  Ratio share = percent(100);

  static const FieldTable& fields();
  friend bool operator==(const RolloutConfig&, const RolloutConfig&) = default;
};

// The share for one region: all of it without a rollout, none for a region that a rollout leaves
// out. A host asks once for each app instance and hands the answer to its router.
Ratio rollout_share(const std::vector<RolloutConfig>& rollout, std::string_view region);

}  // namespace longhaul
