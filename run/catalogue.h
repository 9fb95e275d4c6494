// The regions of public clouds, where they are and how long a round trip between them takes.
//
// Every pair of regions has one figure from one source: a published measurement, the estimate of
// tools/rtt_fit.h where nobody measured, or the user's own ping laid over both. Tables are ranked
// in tools/convert_regions.py; data/NOTICE.md names them with date, licence and caveat. Left out:
// jitter, loss, throughput, prices (run/cost.h), and how a round trip changes over a day.
//
// Round trips are whole microseconds, positions millionths of a degree at the centre of the city.
// A measurement is directed (who asked whom); the round trip of a pair is the mean of both
// directions, rounded down, or the only one that was measured.
// Errors: unknown ids with the nearest known one; every bad row of a file at once, with its line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace longhaul {

struct Region {
  std::string id;  // aws:us-east-1
  std::string provider;
  std::string code;
  std::string name;
  std::string city;
  std::string country;
  std::int64_t lat_udeg = 0;
  std::int64_t lon_udeg = 0;
  int zones = 0;      // 0: not known
  std::string metro;  // shared by regions within about 170 km
};

struct RttSource {
  std::string id;
  std::string title;
  std::string captured;  // as the source states its date
  std::string origin;
  std::string copy;
  std::string licence_of_copy;
  std::string metric;
  std::string caveat;
};

struct PairRtt {
  std::int64_t rtt_us = 0;  // the same for (a, b) and (b, a)
  bool estimate = false;
  std::string source;                    // title and date
  std::optional<std::int64_t> there_us;  // measured from a to b
  std::optional<std::int64_t> back_us;   // measured from b to a
};

struct IntraRtt {
  std::int64_t same_zone_us = 0;
  std::int64_t cross_zone_us = 0;
  bool estimate = false;
  std::string source;
};

// The texts that a catalogue is read from, as in data/. `estimated` may be empty.
struct CatalogueText {
  std::string_view regions;
  std::string_view sources;
  std::string_view measured;
  std::string_view estimated;
  std::string_view intra;
};

// Beyond these a file of the user's own pings is refused; all pairs in both directions are 20'022.
inline constexpr std::size_t override_bytes_max = std::size_t{16} << 20;
inline constexpr std::size_t override_rows_max = 100'000;

// The shortest way over the ground between two cities.
std::int64_t great_circle_metres(const Region& a, const Region& b);

// The round trip of light through fibre (refractive index 1.468, ITU-T G.652 at 1550 nm) along the
// shortest way, rounded up. No figure that ships is below it.
std::int64_t light_in_fibre_us(std::int64_t metres);

class Catalogue {
 public:
  static const Catalogue& builtin();  // what was embedded at build time
  static Result<Catalogue> from_text(const CatalogueText& text);

  const std::vector<Region>& regions() const { return regions_; }  // sorted by id
  const std::vector<RttSource>& sources() const { return sources_; }
  const std::vector<std::string>& ids() const { return ids_; }
  const Region* find(std::string_view id) const;
  std::string nearest(std::string_view id) const;  // also for "us-east-1"; may be empty

  // The round trip between two regions, or between two zones when both are the same.
  Result<PairRtt> between(std::string_view a, std::string_view b) const;
  std::optional<PairRtt> between_at(std::size_t a, std::size_t b) const;  // positions, a != b
  Result<IntraRtt> intra_region(std::string_view id) const;

  // A copy with the user's own round trips over it: rows `src,dst,rtt_ms` with up to three
  // decimals, a header if they like. The rows of a pair replace whatever was known about it.
  Result<Catalogue> with_overrides(std::string_view csv, std::string_view file = {}) const;

  // Changes whenever a region or a figure does, so results can say which network they saw.
  std::uint64_t digest() const;
  std::string version() const;  // the digest in hexadecimal

 private:
  struct Pair {
    std::int32_t there_us = 0;  // from the smaller position to the larger; 0: not known
    std::int32_t back_us = 0;
    std::int32_t estimate_us = 0;
    std::uint32_t source = 0;
  };
  struct Intra {
    std::int32_t same_zone_us = 0;
    std::int32_t cross_zone_us = 0;
    std::uint32_t source = 0;
    bool measured = false;
  };
  class Reader;

  std::optional<std::size_t> position(std::string_view id) const;
  std::optional<std::uint32_t> source_position(std::string_view id) const;
  Pair& pair_of(std::size_t a, std::size_t b);
  const Pair& pair_of(std::size_t a, std::size_t b) const;
  void set_direction(std::size_t from, std::size_t to, std::int32_t rtt_us);
  Error unknown(std::string_view id) const;
  std::string source_text(std::uint32_t source) const;

  std::vector<Region> regions_;
  std::vector<std::string> ids_;
  std::vector<RttSource> sources_;
  std::vector<Pair> pairs_;   // lower triangle, row by row
  std::vector<Intra> intra_;  // by region
};

}  // namespace longhaul
