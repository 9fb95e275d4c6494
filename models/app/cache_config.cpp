#include "models/app/cache_config.h"

namespace longhaul {

template <>
const EnumNames& enum_names<Invalidation>() {
  static const EnumNames names{
      {"none", "local", "publish", "replay"},
      {"Nobody tells the caches: what they hold lives until its ttl.",
       "The writing app tells the cache of its own region only.",
       "The writing app tells the cache of its own region and publishes to those of the others, as "
       "soon as the commit is acknowledged.",
       "A decoder of the log at the replica of each region tells the region's cache what has been "
       "replayed (logical decoding on standbys: PostgreSQL 16). A cache without a replica beside "
       "it is told as by \"publish\"."}};
  return names;
}

template <>
const EnumNames& enum_names<InvalidationDelivery>() {
  static const EnumNames names{
      {"at_most_once", "retried"},
      {"Pub/sub: what a cut swallows is gone.",
       "A durable queue: what a cut swallows is sent again, as TCP would."}};
  return names;
}

template <>
const EnumNames& enum_names<CacheOnWrite>() {
  static const EnumNames names{{"remove", "put"},
                               {"The row leaves the cache; the next reader brings it back.",
                                "The row's new version takes the place of the old one."}};
  return names;
}

const FieldTable& CacheConfig::fields() {
  static const FieldTable table = field_table<CacheConfig>(
      "cache",
      {
          field<&CacheConfig::name>("name").about("Name of the cache.").required(),
          field<&CacheConfig::region>("region")
              .about("Region it runs in, one of topology.regions; its apps use it.")
              .required(),
          field<&CacheConfig::zone>("zone")
              .about("Availability zone inside the region.")
              .source("machines that do not say share one zone"),
          field<&CacheConfig::entries>("entries")
              .about("Rows that it holds at most; one more evicts the row that was used least "
                     "recently.")
              .source("Redis: maxmemory with allkeys-lru, here exact and by number")
              .between(1, 10'000'000),
          field<&CacheConfig::service_time>("service_time")
              .about("Time that a look-up takes there, without the round trip.")
              .source("Redis: some 100,000 commands a second of one thread, with a little queue")
              .between(nanoseconds(0), seconds(1)),
      },
      {"replicas", "timeout", "down"});
  return table;
}

const FieldTable& CachingConfig::fields() {
  static const FieldTable table = field_table<CachingConfig>(
      "caches",
      {
          field<&CachingConfig::ttl>("ttl")
              .about("How long a row may be answered from a cache after it was stored there.")
              .source("a minute, as common examples have it")
              .between(milliseconds(1), minutes(60 * 24)),
          field<&CachingConfig::invalidation>("invalidation")
              .about("Which caches hear of an acknowledged write.")
              .source("cache-aside with pub/sub"),
          field<&CachingConfig::delivery>("delivery")
              .about("What becomes of a published invalidation that a cut swallows.")
              .source("Redis pub/sub: at most once"),
          field<&CachingConfig::on_write>("on_write")
              .about("What the writing app does to the cache of its own region; the others remove.")
              .source("removing is the safer of the two: two writers cannot leave the wrong one"),
          field<&CachingConfig::publish_time>("publish_time")
              .about("What the broker adds to the way of a published invalidation.")
              .source("order of magnitude of a broker that keeps nothing")
              .between(nanoseconds(0), minutes(10)),
          field<&CachingConfig::versioned>("versioned")
              .about("Rows carry their version: an invalidation leaves a tombstone with it, and a "
                     "reader cannot store an older version over a newer one or a tombstone.")
              .source("off: plain SET and DEL"),
          field<&CachingConfig::tombstone>("tombstone")
              .about("How long a tombstone stays; must outlast the lag of the replicas.")
              .source("the ttl")
              .between(milliseconds(1), minutes(60 * 24)),
          field<&CachingConfig::second_delete>("second_delete")
              .about("The writing app invalidates a second time after this delay, which should be "
                     "longer than the replicas lag. Absent: once.")
              .between(milliseconds(1), minutes(60)),
      });
  return table;
}

const FieldTable& EdgeConfig::fields() {
  static const FieldTable table = field_table<EdgeConfig>(
      "cdn",
      {
          field<&EdgeConfig::hits>("hits")
              .about("Share of the page that the edge answers; nobody knows what it holds, so its "
                     "staleness is not counted.")
              .between(percent(0), percent(100))
              .one_of("kind"),
          field<&EdgeConfig::ttl>("ttl")
              .about("How long the edge of the users' region keeps an answer, one for each row "
                     "that the page reads first.")
              .between(milliseconds(1), minutes(60 * 24))
              .one_of("kind"),
          field<&EdgeConfig::entries>("entries")
              .about("Answers of this page that the edge keeps at most; the least recently used "
                     "one goes first.")
              .source("an edge is rarely short of room")
              .between(1, 10'000'000),
          field<&EdgeConfig::delay>("delay")
              .about("What an answer at the edge takes beside the user's last mile.")
              .source("time to first byte of a cached object, order of magnitude")
              .between(nanoseconds(0), seconds(10)),
      });
  return table;
}

}  // namespace longhaul
