// The files of data/ as they were when the program was built; nothing is read at run time.
#pragma once

#include <string_view>

namespace longhaul::embedded {

std::string_view regions_csv();
std::string_view rtt_sources_csv();
std::string_view rtt_measured_csv();
std::string_view rtt_estimated_csv();
std::string_view rtt_intra_csv();
std::string_view prices_transfer_csv();
std::string_view prices_sources_csv();
std::string_view land_csv();

}  // namespace longhaul::embedded
