// What a scenario may say about caches beside applications, and about the edge before them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/fields.h"
#include "base/units.h"
#include "models/data_config.h"

namespace longhaul {

// A store of rows by key in a region, such as Redis.
struct CacheConfig {
  std::string name;
  std::string region;
  std::string zone = "a";
  Count entries = {100'000};
  Duration service_time = microseconds(50);

  static const FieldTable& fields();
  friend bool operator==(const CacheConfig&, const CacheConfig&) = default;
};

// Which caches hear of a write, and from whom.
enum class Invalidation : std::uint8_t { none, local, publish, replay };

// What becomes of an invalidation that a cut swallows.
enum class InvalidationDelivery : std::uint8_t { at_most_once, retried };

// What the writing app does to the cache of its own region.
enum class CacheOnWrite : std::uint8_t { remove, put };

template <>
const EnumNames& enum_names<Invalidation>();
template <>
const EnumNames& enum_names<InvalidationDelivery>();
template <>
const EnumNames& enum_names<CacheOnWrite>();

// The rules that all caches live by.
struct CachingConfig {
  Duration ttl = seconds(60);
  Invalidation invalidation = Invalidation::publish;
  InvalidationDelivery delivery = InvalidationDelivery::at_most_once;
  CacheOnWrite on_write = CacheOnWrite::remove;
  Duration publish_time = milliseconds(1);
  bool versioned = false;
  Duration tombstone = seconds(60);
  std::optional<Duration> second_delete;

  static const FieldTable& fields();
  friend bool operator==(const CachingConfig&, const CachingConfig&) = default;
};

// Answers of a page that a CDN keeps in the users' region.
struct EdgeConfig {
  std::optional<Ratio> hits;
  std::optional<Duration> ttl;
  Count entries = {100'000};
  Duration delay = milliseconds(5);

  static const FieldTable& fields();
  friend bool operator==(const EdgeConfig&, const EdgeConfig&) = default;
};

}  // namespace longhaul
