#include <algorithm>
#include <cstdlib>
#include <string>

#include "run/embedded_data.h"
#include "tests/catch.h"
#include "tools/rtt_fit.h"

using namespace longhaul;

namespace {

const RttFit& fit_of_builtin() {
  static const RttFit fit(Catalogue::builtin());
  return fit;
}

// A catalogue of one table only, without the pairs that touch both metros (unless empty): small
// enough to fit twice.
Catalogue ibm_only(const std::string& metro_a, const std::string& metro_b) {
  const auto metro = [](std::string_view id) { return Catalogue::builtin().find(id)->metro; };
  std::string rows = "src,dst,rtt_us,source\n";
  std::string_view text = embedded::rtt_measured_csv();
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    const std::string row(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (!row.ends_with(",ibm")) continue;
    const std::size_t first = row.find(',');
    const std::string a = metro(row.substr(0, first));
    const std::string b = metro(row.substr(first + 1, row.find(',', first + 1) - first - 1));
    if ((a == metro_a && b == metro_b) || (a == metro_b && b == metro_a)) continue;
    rows += row + "\n";
  }
  return Catalogue::from_text({.regions = embedded::regions_csv(),
                               .sources = embedded::rtt_sources_csv(),
                               .measured = rows,
                               .intra = embedded::rtt_intra_csv()})
      .value();
}

}  // namespace

TEST_CASE("fit_rtt: refitting gives the estimates that ship", "[tools][fit_rtt]") {
  const Catalogue& catalogue = Catalogue::builtin();
  const RttFit& fit = fit_of_builtin();
  std::size_t estimates = 0;
  std::int64_t widest_us = 0;
  for (std::size_t a = 0; a < catalogue.regions().size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const auto rtt = catalogue.between_at(a, b);
      if (!rtt->estimate) continue;
      estimates += 1;
      widest_us = std::max(widest_us, std::abs(fit.estimate_us(a, b) - rtt->rtt_us));
    }
  }
  REQUIRE(estimates == 7'773);
  // Vector units and compilers move the last bits of the solution; rounding may turn them into 1.
  REQUIRE(widest_us <= 2);
}

TEST_CASE("fit_rtt: routes that the fit has not seen are within the stated error",
          "[tools][fit_rtt]") {
  // The table in data/NOTICE.md, in ten-thousandths, plus a fifth against small changes of data.
  struct Claim {
    HoldOut kind;
    int median_bp;
    int p90_bp;
  };
  const Claim claim =
      GENERATE(Claim{HoldOut::region_pair, 270, 1'320}, Claim{HoldOut::metro_pair, 280, 1'480},
               Claim{HoldOut::neighbourhood, 310, 1'660}, Claim{HoldOut::region, 500, 1'930},
               Claim{HoldOut::metro, 630, 2'180}, Claim{HoldOut::provider_pair, 700, 2'300});
  INFO(hold_out_text(claim.kind));
  const HoldOutError error = fit_of_builtin().hold_out(claim.kind);
  REQUIRE(error.predictions >= fit_of_builtin().measured_pairs());
  REQUIRE(error.median_bp <= claim.median_bp);
  REQUIRE(error.p90_bp <= claim.p90_bp);
  // A straight line over distance, fitted without the same pairs, is at least twice as far off.
  REQUIRE(2 * error.median_bp < error.line_median_bp);
  REQUIRE(2 * error.p90_bp < error.line_p90_bp);
}

TEST_CASE("fit_rtt: holding out agrees with fitting again without the pairs", "[tools][fit_rtt]") {
  const Catalogue all = ibm_only("", "");
  const Catalogue without = ibm_only("sydney", "frankfurt");
  const RttFit fit_of_all(all);
  const RttFit fit_without(without);
  REQUIRE(fit_without.measured_pairs() == fit_of_all.measured_pairs() - 1);
  std::size_t compared = 0;
  for (const HeldOutPair& pair : fit_of_all.predict_held_out(HoldOut::metro_pair)) {
    const auto known = without.between_at(pair.a, pair.b);
    if (known) continue;
    compared += 1;
    REQUIRE(std::abs(pair.fitted_us - fit_without.estimate_us(pair.a, pair.b)) <= 2);
    REQUIRE(pair.fitted_us != pair.measured_us);
  }
  REQUIRE(compared == 1);
}

TEST_CASE("fit_rtt: no figure that ships is faster than light in fibre", "[tools][fit_rtt]") {
  const Catalogue& catalogue = Catalogue::builtin();
  const auto& regions = catalogue.regions();
  for (std::size_t a = 0; a < regions.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const auto rtt = catalogue.between_at(a, b);
      const std::int64_t floor_us = light_in_fibre_us(great_circle_metres(regions[a], regions[b]));
      INFO(regions[a].id << " to " << regions[b].id);
      REQUIRE(rtt->rtt_us >= std::max<std::int64_t>(1, floor_us));
      REQUIRE(rtt->there_us.value_or(floor_us) >= floor_us);
      REQUIRE(rtt->back_us.value_or(floor_us) >= floor_us);
    }
  }
}

TEST_CASE("fit_rtt: the file that ships is what the tool writes", "[tools][fit_rtt]") {
  // Figures are compared above; here the shape: header, one row a region but the first, and as
  // many filled cells as there are estimates.
  const std::string csv = estimates_csv(Catalogue::builtin(), fit_of_builtin());
  const std::string_view shipped = embedded::rtt_estimated_csv();
  REQUIRE(csv.substr(0, csv.find('\n')) == shipped.substr(0, shipped.find('\n')));
  REQUIRE(std::count(csv.begin(), csv.end(), ',') ==
          std::count(shipped.begin(), shipped.end(), ','));
  REQUIRE(std::count(csv.begin(), csv.end(), '\n') == 142);
}
