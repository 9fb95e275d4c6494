#include "run/catalogue.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "base/digest.h"
#include "base/units.h"
#include "run/embedded_data.h"

namespace longhaul {

std::int64_t great_circle_metres(const Region& a, const Region& b) {
  // The haversine form keeps its precision for neighbours; mean radius of the Earth (IUGG).
  constexpr double earth_radius_m = 6'371'008.8;
  constexpr double radians_per_udeg = std::numbers::pi / 180e6;
  const double lat_a = static_cast<double>(a.lat_udeg) * radians_per_udeg;
  const double lat_b = static_cast<double>(b.lat_udeg) * radians_per_udeg;
  const double lon = static_cast<double>(b.lon_udeg - a.lon_udeg) * radians_per_udeg;
  const double s = std::sin((lat_b - lat_a) / 2);
  const double t = std::sin(lon / 2);
  const double h = s * s + std::cos(lat_a) * std::cos(lat_b) * t * t;
  return std::llround(2 * earth_radius_m * std::asin(std::min(1.0, std::sqrt(h))));
}

std::int64_t light_in_fibre_us(std::int64_t metres) {
  // There and back at 299'792'458 / 1.468 metres a second; 1.468 in thousandths, s in µs.
  return div_ceil(static_cast<Int128>(metres) * 2 * 1'468'000, 299'792'458);
}

const Catalogue& Catalogue::builtin() {
  static const Catalogue catalogue = [] {
    Result<Catalogue> read = from_text({.regions = embedded::regions_csv(),
                                        .sources = embedded::rtt_sources_csv(),
                                        .measured = embedded::rtt_measured_csv(),
                                        .estimated = embedded::rtt_estimated_csv(),
                                        .intra = embedded::rtt_intra_csv()});
    CHECK(read.ok());
    return std::move(read).value();
  }();
  return catalogue;
}

std::optional<std::size_t> Catalogue::position(std::string_view id) const {
  const auto found = std::lower_bound(ids_.begin(), ids_.end(), id);
  if (found == ids_.end() || *found != id) return std::nullopt;
  return static_cast<std::size_t>(found - ids_.begin());
}

std::optional<std::uint32_t> Catalogue::source_position(std::string_view id) const {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i].id == id) return static_cast<std::uint32_t>(i);
  }
  return std::nullopt;
}

const Region* Catalogue::find(std::string_view id) const {
  const auto at = position(id);
  return at ? &regions_[*at] : nullptr;
}

std::string Catalogue::nearest(std::string_view id) const {
  for (const Region& region : regions_) {
    if (region.code == id) return region.id;
  }
  return nearest_of(std::string(id), ids_);
}

Error Catalogue::unknown(std::string_view id) const {
  return {.value = std::string(id),
          .expected = "the id of a region such as aws:us-east-1; `longhaul regions` lists all " +
                      std::to_string(ids_.size()),
          .nearest = nearest(id)};
}

const Catalogue::Pair& Catalogue::pair_of(std::size_t a, std::size_t b) const {
  const std::size_t high = std::max(a, b);
  return pairs_.at(high * (high - 1) / 2 + std::min(a, b));
}

Catalogue::Pair& Catalogue::pair_of(std::size_t a, std::size_t b) {
  return const_cast<Pair&>(std::as_const(*this).pair_of(a, b));
}

void Catalogue::set_direction(std::size_t from, std::size_t to, std::int32_t rtt_us) {
  Pair& pair = pair_of(from, to);
  (from < to ? pair.there_us : pair.back_us) = rtt_us;
}

std::string Catalogue::source_text(std::uint32_t source) const {
  const RttSource& s = sources_.at(source);
  return s.captured.empty() ? s.title : s.title + " (" + s.captured + ")";
}

std::optional<PairRtt> Catalogue::between_at(std::size_t a, std::size_t b) const {
  CHECK(a != b);
  const Pair& pair = pair_of(a, b);
  const std::int32_t there_us = a < b ? pair.there_us : pair.back_us;
  const std::int32_t back_us = a < b ? pair.back_us : pair.there_us;
  PairRtt rtt;
  if (there_us > 0) rtt.there_us = there_us;
  if (back_us > 0) rtt.back_us = back_us;
  rtt.estimate = there_us == 0 && back_us == 0;
  if (rtt.estimate && pair.estimate_us == 0) return std::nullopt;
  const std::int32_t known = (there_us > 0 ? 1 : 0) + (back_us > 0 ? 1 : 0);
  rtt.rtt_us = rtt.estimate ? pair.estimate_us : div_floor(Int128{there_us} + back_us, known);
  rtt.source = source_text(pair.source);
  return rtt;
}

Result<PairRtt> Catalogue::between(std::string_view a, std::string_view b) const {
  const auto from = position(a);
  const auto to = position(b);
  std::vector<Error> errors;
  if (!from) errors.push_back(unknown(a));
  if (!to && a != b) errors.push_back(unknown(b));
  if (!errors.empty()) return errors;
  if (*from == *to) {
    const IntraRtt intra = intra_region(a).value();
    return PairRtt{
        .rtt_us = intra.cross_zone_us, .estimate = intra.estimate, .source = intra.source};
  }
  if (const auto rtt = between_at(*from, *to)) return *rtt;
  return Error{.value = std::string(a) + " to " + std::string(b),
               .expected = "a pair with a round trip"};
}

Result<IntraRtt> Catalogue::intra_region(std::string_view id) const {
  const auto at = position(id);
  if (!at) return unknown(id);
  const Intra& intra = intra_.at(*at);
  return IntraRtt{.same_zone_us = intra.same_zone_us,
                  .cross_zone_us = intra.cross_zone_us,
                  .estimate = !intra.measured,
                  .source = source_text(intra.source)};
}

std::uint64_t Catalogue::digest() const {
  Digest digest;
  const auto number = [&](std::int64_t value) { digest.add(static_cast<std::uint64_t>(value)); };
  for (const RttSource& source : sources_) digest.add(source.id);
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    digest.add(regions_[i].id);
    number(regions_[i].lat_udeg);
    number(regions_[i].lon_udeg);
    number(intra_[i].same_zone_us);
    number(intra_[i].cross_zone_us);
  }
  for (const Pair& pair : pairs_) {
    number(pair.there_us);
    number(pair.back_us);
    number(pair.estimate_us);
    number(pair.source);
  }
  return digest.value();
}

std::string Catalogue::version() const {
  static constexpr char digits[] = "0123456789abcdef";
  const std::uint64_t value = digest();
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += digits[(value >> shift) & 15];
  return text;
}

}  // namespace longhaul
