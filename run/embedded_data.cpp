#include "run/embedded_data.h"

#include <cstddef>

// The assembler copies a file's bytes into read-only data and marks both ends. LONGHAUL_DATA_DIR is
// the folder data/ of the source tree and leaves no trace in the object file.
#define LONGHAUL_EMBED(name, file)                                                        \
  asm(".pushsection .rodata\n"                                                            \
      ".globl longhaul_data_" #name "\n.globl longhaul_data_" #name                       \
      "_end\n"                                                                            \
      "longhaul_data_" #name ":\n.incbin \"" LONGHAUL_DATA_DIR "/" file                   \
      "\"\n"                                                                              \
      "longhaul_data_" #name                                                              \
      "_end:\n"                                                                           \
      ".popsection\n");                                                                   \
  extern "C" const char longhaul_data_##name[];                                           \
  extern "C" const char longhaul_data_##name##_end[];                                     \
  std::string_view longhaul::embedded::name() {                                           \
    return {longhaul_data_##name,                                                         \
            static_cast<std::size_t>(longhaul_data_##name##_end - longhaul_data_##name)}; \
  }

LONGHAUL_EMBED(regions_csv, "regions.csv")
LONGHAUL_EMBED(rtt_sources_csv, "rtt_sources.csv")
LONGHAUL_EMBED(rtt_measured_csv, "rtt_measured.csv")
LONGHAUL_EMBED(rtt_estimated_csv, "rtt_estimated.csv")
LONGHAUL_EMBED(rtt_intra_csv, "rtt_intra.csv")
LONGHAUL_EMBED(prices_transfer_csv, "prices_transfer.csv")
LONGHAUL_EMBED(prices_sources_csv, "prices_sources.csv")
LONGHAUL_EMBED(land_csv, "land.csv")
