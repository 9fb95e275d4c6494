#include "run/catalogue.h"

#include <fstream>
#include <iterator>

#include "run/embedded_data.h"
#include "tests/catch.h"

using namespace longhaul;

namespace {

constexpr auto virginia = "aws:us-east-1";
constexpr auto ireland = "aws:eu-west-1";
constexpr auto tokyo = "aws:ap-northeast-1";

// Three places on the equator: 0 and 90 degrees east at known figures, and one nobody measured.
constexpr std::string_view small_regions =
    "id,provider,code,name,city,country,lat_udeg,lon_udeg,zones,metro\n"
    "x:b,x,b,B,B,Land,0,90000000,3,b\n"
    "x:a,x,a,A,A,Land,0,0,3,a\n"
    "x:c,x,c,C,C,Land,0,1000000,,c\n";
constexpr std::string_view small_sources =
    "id,title,captured,origin,copy,licence_of_copy,metric,caveat\n"
    "t,Table,2020-01,,,,,\nm,Median,,,,,,\nfit,Fit,,,,,,\nuser,User,,,,,,\n";
constexpr std::string_view small_measured =
    "src,dst,rtt_us,source\nx:a,x:b,200001,t\nx:b,x:a,200004,t\n";
constexpr std::string_view small_estimated = "region,x:a,x:b\nx:b,\nx:c,3000,190000\n";
constexpr std::string_view small_intra =
    "region,same_zone_us,cross_zone_us,source\n*,100,900,m\nx:a,80,700,t\n";

CatalogueText small_text() {
  return {.regions = small_regions,
          .sources = small_sources,
          .measured = small_measured,
          .estimated = small_estimated,
          .intra = small_intra};
}

Catalogue small() { return Catalogue::from_text(small_text()).value(); }

std::vector<std::string> complaints(const Result<Catalogue>& result) {
  REQUIRE_FALSE(result.ok());
  std::vector<std::string> texts;
  for (const Error& error : result.errors()) texts.push_back(to_text(error));
  return texts;
}

}  // namespace

TEST_CASE("catalogue: builtin: has every region and a round trip for every pair",
          "[run][catalogue]") {
  const Catalogue& catalogue = Catalogue::builtin();
  REQUIRE(catalogue.regions().size() == 142);
  std::size_t measured = 0;
  std::size_t estimated = 0;
  for (std::size_t a = 0; a < catalogue.regions().size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const auto rtt = catalogue.between_at(a, b);
      REQUIRE(rtt);
      (rtt->estimate ? estimated : measured) += 1;
    }
  }
  // 142 * 141 / 2 = 10'011 pairs; convert_regions.py counts 2'238 pairs in the tables.
  REQUIRE(measured == 2'238);
  REQUIRE(estimated == 10'011 - 2'238);
}

TEST_CASE("catalogue: builtin: a pair of AWS regions comes from the year's median",
          "[run][catalogue]") {
  const PairRtt rtt = Catalogue::builtin().between(virginia, ireland).value();
  REQUIRE_FALSE(rtt.estimate);
  REQUIRE(rtt.source == "CloudPing.co AWS inter-region latency, p50 over one year (2025-05-29)");
  // data/rtt_measured.csv holds both directions; an Atlantic crossing takes 60 to 80 ms.
  REQUIRE(rtt.there_us);
  REQUIRE(rtt.back_us);
  REQUIRE(rtt.rtt_us == (*rtt.there_us + *rtt.back_us) / 2);
  REQUIRE(rtt.rtt_us > 60'000);
  REQUIRE(rtt.rtt_us < 80'000);
}

TEST_CASE("catalogue: between: both ways round, only the directions change places",
          "[run][catalogue]") {
  const Catalogue catalogue = small();
  const PairRtt forth = catalogue.between("x:a", "x:b").value();
  const PairRtt back = catalogue.between("x:b", "x:a").value();
  // (200'001 + 200'004) / 2 = 200'002.5, rounded down.
  REQUIRE(forth.rtt_us == 200'002);
  REQUIRE(back.rtt_us == 200'002);
  REQUIRE(forth.there_us == 200'001);
  REQUIRE(forth.back_us == 200'004);
  REQUIRE(back.there_us == 200'004);
  REQUIRE(back.back_us == 200'001);
  REQUIRE(forth.source == "Table (2020-01)");
}

TEST_CASE("catalogue: between: a pair that nobody measured is marked as an estimate",
          "[run][catalogue]") {
  const PairRtt rtt = small().between("x:b", "x:c").value();
  REQUIRE(rtt.rtt_us == 190'000);
  REQUIRE(rtt.estimate);
  REQUIRE(rtt.source == "Fit");
  REQUIRE_FALSE(rtt.there_us);
  REQUIRE_FALSE(rtt.back_us);
}

TEST_CASE("catalogue: between: both unknown ends are named with the nearest id",
          "[run][catalogue]") {
  const auto rtt = Catalogue::builtin().between("aws:us-esat-1", "eu-west-1");
  REQUIRE_FALSE(rtt.ok());
  REQUIRE(rtt.errors().size() == 2);
  REQUIRE(rtt.errors()[0].value == "aws:us-esat-1");
  REQUIRE(rtt.errors()[0].nearest == virginia);
  // The code alone is three letters and a colon away from the id, yet clearly meant.
  REQUIRE(rtt.errors()[1].nearest == ireland);
}

TEST_CASE("catalogue: intra_region: measured figures first, the median elsewhere",
          "[run][catalogue]") {
  const Catalogue catalogue = small();
  const IntraRtt a = catalogue.intra_region("x:a").value();
  REQUIRE(a.same_zone_us == 80);
  REQUIRE(a.cross_zone_us == 700);
  REQUIRE_FALSE(a.estimate);
  const IntraRtt b = catalogue.intra_region("x:b").value();
  REQUIRE(b.same_zone_us == 100);
  REQUIRE(b.cross_zone_us == 900);
  REQUIRE(b.estimate);
  REQUIRE(b.source == "Median");
  // Two nodes of one region that say nothing of zones are one zone apart.
  REQUIRE(catalogue.between("x:b", "x:b").value().rtt_us == 900);
  REQUIRE_FALSE(catalogue.intra_region("x:d").ok());
}

TEST_CASE("catalogue: distance: a quarter of the equator and its light in fibre",
          "[run][catalogue]") {
  const Catalogue catalogue = small();
  // A quarter of 2 pi * 6'371'008.8 m = 10'007'557.2 m.
  const auto metres = great_circle_metres(*catalogue.find("x:a"), *catalogue.find("x:b"));
  REQUIRE(metres == 10'007'557);
  // 2 * 10'007'557 m * 1.468 / 299'792'458 m/s = 98'008.43 us, rounded up.
  REQUIRE(light_in_fibre_us(metres) == 98'009);
  REQUIRE(light_in_fibre_us(0) == 0);
}

TEST_CASE("catalogue: with_overrides: the user's pings replace both directions of a pair",
          "[run][catalogue]") {
  const auto laid = small().with_overrides(
      "src,dst,rtt_ms\n# from the office\nx:b,x:a,180.5\nx:a,x:c,2.25\nx:c,x:a,2.75\n");
  REQUIRE(laid.ok());
  const PairRtt ab = laid.value().between("x:a", "x:b").value();
  REQUIRE(ab.rtt_us == 180'500);
  REQUIRE_FALSE(ab.there_us);
  REQUIRE(ab.back_us == 180'500);
  REQUIRE(ab.source == "User");
  const PairRtt ac = laid.value().between("x:a", "x:c").value();
  REQUIRE(ac.rtt_us == 2'500);
  REQUIRE_FALSE(ac.estimate);
  REQUIRE(laid.value().between("x:b", "x:c").value().estimate);
}

TEST_CASE("catalogue: with_overrides: all mistakes come at once with their lines",
          "[run][catalogue]") {
  const auto texts =
      complaints(small().with_overrides("x:a,x:b,180,5\n"
                                        "x:a,x:d,10\n"
                                        "x:a,x:a,1\n"
                                        "x:a,x:b,fast\n"
                                        "x:a,x:c,1.2345\n"
                                        "x:c,x:b,0\n"
                                        "x:b,x:a,0.2\n"
                                        "x:a,x:b,200\n",
                                        "pings.csv"));
  const std::string ms = "milliseconds above 0, up to 60000, with at most three decimals";
  REQUIRE(texts.size() == 8);
  REQUIRE(texts[0] == "pings.csv:1: 4 cells; expected src,dst,rtt_ms");
  REQUIRE(texts[1].starts_with("pings.csv:2: dst: x:d; expected the id of a region"));
  REQUIRE(texts[2] == "pings.csv:3: dst: x:a; expected another region than src");
  REQUIRE(texts[3] == "pings.csv:4: rtt_ms: fast; expected " + ms);
  REQUIRE(texts[4] == "pings.csv:5: rtt_ms: 1.2345; expected " + ms);
  REQUIRE(texts[5] == "pings.csv:6: rtt_ms: 0; expected " + ms);
  // 10'007'557 m less 100 km for each city: 2 * 9'807'557 * 1.468 / 299'792'458 = 96'049.74 us.
  REQUIRE(texts[6] ==
          "pings.csv:7: rtt_ms: 0.2; expected at least 96.050, the round trip of light in fibre");
  REQUIRE(texts[7] == "pings.csv:8: x:a,x:b; expected each direction of a pair once");
}

TEST_CASE("catalogue: with_overrides: an empty file and a huge one are refused",
          "[run][catalogue]") {
  REQUIRE(complaints(small().with_overrides("# nothing\n", "p.csv")) ==
          std::vector<std::string>{"p.csv: no rows; expected src,dst,rtt_ms"});
  REQUIRE(complaints(small().with_overrides(std::string(override_bytes_max + 1, '#'))).size() == 1);
  std::string rows;
  for (std::size_t i = 0; i <= override_rows_max; ++i) rows += "?\n";
  REQUIRE(complaints(small().with_overrides(rows)).size() == 1);
}

TEST_CASE("catalogue: version: follows figures, not the way they are written", "[run][catalogue]") {
  const Catalogue plain = small();
  const Catalogue one = plain.with_overrides("x:a,x:b,180").value();
  const Catalogue same = plain.with_overrides("# again\n x:a , x:b , 180.000\n").value();
  const Catalogue other = plain.with_overrides("x:a,x:b,180.001").value();
  REQUIRE(plain.version() == small().version());
  REQUIRE(plain.version() != one.version());
  REQUIRE(one.version() == same.version());
  REQUIRE(one.version() != other.version());
  REQUIRE(plain.version().size() == 16);
}

TEST_CASE("catalogue: from_text: broken files name file and line", "[run][catalogue]") {
  CatalogueText text = small_text();
  text.measured = "src,dst,rtt_us,source\nx:a,x:b,-5,t\nx:a,x:b,5,nobody\nx:a\n";
  text.intra = "region,same_zone_us,cross_zone_us,source\n";
  text.estimated = "region,x:q\nx:c,3000\n";
  const auto texts = complaints(Catalogue::from_text(text));
  REQUIRE(texts.size() == 6);
  REQUIRE(texts[0].starts_with("rtt_intra.csv: no row *"));
  REQUIRE(texts[1].starts_with("rtt_measured.csv:4: 1 cells"));
  REQUIRE(texts[2].starts_with("rtt_measured.csv:2: rtt_us: -5"));
  REQUIRE(texts[3].starts_with("rtt_measured.csv:3: source: nobody"));
  REQUIRE(texts[4].starts_with("rtt_estimated.csv:1: column: x:q"));
  REQUIRE(texts[5].starts_with("rtt_estimated.csv:2: x:q: 3000"));
}

TEST_CASE("catalogue: notice: names title, date, origin, licence and caveat of every table",
          "[run][catalogue]") {
  std::ifstream file(LONGHAUL_ROOT "/data/NOTICE.md");
  const std::string notice{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  for (const RttSource& source : Catalogue::builtin().sources()) {
    if (source.captured.empty()) continue;  // ours: the fit, the median, the user
    for (const std::string& text : {source.title, source.captured, source.origin, source.copy,
                                    source.licence_of_copy, source.metric, source.caveat}) {
      INFO(source.id << ": " << text);
      REQUIRE(notice.find(text) != std::string::npos);
    }
  }
}

TEST_CASE("catalogue: builtin: Tokyo lies in Japan and has its zones", "[run][catalogue]") {
  const Region* region = Catalogue::builtin().find(tokyo);
  REQUIRE(region != nullptr);
  REQUIRE(region->country == "Japan");
  REQUIRE(region->metro == "tokyo");
  REQUIRE(region->zones >= 3);
  REQUIRE(Catalogue::builtin().find("aws:nowhere") == nullptr);
}
