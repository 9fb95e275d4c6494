// Refits data/rtt_estimated.csv to the other files of data/ and prints how far off the fit is on
// pairs that it has not seen. A maintainer's tool: `fit_rtt data` after tools/convert_regions.py.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "tools/rtt_fit.h"

namespace {

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void print_row(const longhaul::RttFit& fit, longhaul::HoldOut kind) {
  const longhaul::HoldOutError error = fit.hold_out(kind);
  std::printf("| %-44s | %6zu | %6.1f %% | %6.1f %% | %6.1f %% | %6.1f %% |\n",
              std::string(longhaul::hold_out_text(kind)).c_str(), error.predictions,
              error.median_bp / 100.0, error.p90_bp / 100.0, error.line_median_bp / 100.0,
              error.line_p90_bp / 100.0);
}

}  // namespace

int main(int argc, char** argv) {
  using longhaul::HoldOut;
  if (argc != 2) {
    std::fprintf(stderr, "usage: fit_rtt DATA_FOLDER\n");
    return 2;
  }
  const std::string folder = std::string(argv[1]) + "/";
  const std::string regions = file_text(folder + "regions.csv");
  const std::string sources = file_text(folder + "rtt_sources.csv");
  const std::string measured = file_text(folder + "rtt_measured.csv");
  const std::string intra = file_text(folder + "rtt_intra.csv");
  const auto catalogue = longhaul::Catalogue::from_text(
      {.regions = regions, .sources = sources, .measured = measured, .intra = intra});
  if (!catalogue.ok()) {
    for (const auto& error : catalogue.errors()) {
      std::fprintf(stderr, "%s\n", longhaul::to_text(error).c_str());
    }
    return 65;
  }
  const longhaul::RttFit fit(catalogue.value());
  std::printf(
      "%zu measured pairs. Held out in turn, absolute relative error:\n\n"
      "| held out                                     | judged | median   | p90      |"
      " line     | line p90 |\n|---|---|---|---|---|---|\n",
      fit.measured_pairs());
  for (const HoldOut kind : {HoldOut::region_pair, HoldOut::metro_pair, HoldOut::neighbourhood,
                             HoldOut::region, HoldOut::metro, HoldOut::provider_pair}) {
    print_row(fit, kind);
  }
  std::ofstream out(folder + "rtt_estimated.csv", std::ios::binary);
  out << estimates_csv(catalogue.value(), fit);
  out.close();
  if (!out) {
    std::fprintf(stderr, "cannot write %srtt_estimated.csv\n", folder.c_str());
    return 70;
  }
  return 0;
}
