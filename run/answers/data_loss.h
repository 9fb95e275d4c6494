// What a crash loses, over its instants and over seeds: acknowledged transactions that are not on
// the timeline that survives, by cause; the log that is missing; how far back the oldest of them
// was acknowledged (docs/metrics.md: lost_transactions, lost_bytes, lost_seconds).
//
// Percentiles are by nearest rank over the crashes. A loss that was seen in none of n crashes is
// at 95 % rarer than 3 in n. Instants of one seed share its luck until they part, so many seeds say
// more than many instants. Left out: what a run without a promotion
// loses later; such runs are counted and told.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/answers/crashes.h"

namespace longhaul {

struct LossCause {
  std::string cause;
  std::vector<std::int64_t> transactions;  // by crash
};

struct DataLoss {
  CrashSet crashes;
  std::vector<std::int64_t> transactions;  // by crash, as are the next two
  std::vector<std::int64_t> bytes;
  std::vector<std::int64_t> lost_ns;
  std::vector<LossCause> causes;  // that occurred
  // Crashes after which nobody had taken over by the end: they count as losing nothing, for what
  // survives is not decided yet.
  std::int64_t undecided = 0;

  std::int64_t losing() const;  // crashes that lose any transaction
};

DataLoss data_loss(const Store& store);
std::string data_loss_sentence(const DataLoss& loss);
std::string data_loss_text(const DataLoss& loss, bool colour);
std::string data_loss_json(const DataLoss& loss);
std::string data_loss_svg(const DataLoss& loss);

}  // namespace longhaul
