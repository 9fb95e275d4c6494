// How long writes are out after a crash, over its instants and over seeds, and which phase of the
// failover the time goes into (docs/metrics.md: write_outage, failover_duration).
//
// The outage of a crash is that of the region whose writes were out for longest. Where no
// promotion ended it, the whole of it stands under "nobody took over". One that is not over when
// the run ends counts as long as it was seen: its true length is unknown, and longer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/answers/crashes.h"

namespace longhaul {

struct CrashOutage {
  std::int64_t at_ns = 0;
  std::vector<std::int64_t> phases_ns;  // by Outages::phases
  bool open = false;                    // not over at the end of the run
  std::int64_t total() const;
};

struct Outages {
  CrashSet crashes;
  std::vector<std::string> phases;  // in the order in which they follow one another
  std::vector<CrashOutage> each;    // by crash

  std::int64_t still_open() const;
  std::int64_t without() const;    // crashes without an outage
  std::int64_t abandoned() const;  // nobody had taken over by the end
  // Of all time that writes were out, in whole per cent.
  std::int64_t share_percent(std::size_t phase) const;
};

Outages outages(const Store& store);
std::string outages_sentence(const Outages& outages);
std::string outages_text(const Outages& outages, bool colour);
std::string outages_json(const Outages& outages);
std::string outages_svg(const Outages& outages);

}  // namespace longhaul
