// The requests of a run that are worth asking about: the worst of each kind.
//
// One run, watched without notes. Counted are the pages that count in the run's figures, those
// whose users clicked after the warm-up; one that has no answer when the run ends took as long as
// it waits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "run/explain.h"

namespace longhaul {

enum class FoundKind : std::uint8_t { stale, slowest, error, ryw_violation };
constexpr std::size_t found_kinds = 4;

std::string_view to_text(FoundKind kind);  // "ryw_violation"

struct FoundRequest {
  std::string id;
  Duration clicked;  // since the run began
  Duration took;
  std::string page;
  std::string region;
  std::string app;
  std::string outcome;
  std::int64_t retries = 0;
  Duration staleness;  // the largest of its reads
  bool stale = false;
  bool own_write_missed = false;
};

struct FoundKindList {
  FoundKind kind = FoundKind::stale;
  std::int64_t count = 0;  // in all
  std::vector<FoundRequest> worst;
};

struct FindOptions {
  std::vector<FoundKind> kinds;  // none: all
  std::string region;            // of the users; empty: all
  std::size_t each = 10;
  std::function<bool(TimePoint now)> go_on;
};

struct FoundRequests {
  std::vector<FoundKindList> kinds;
  std::uint64_t digest = 0;  // of the run
  bool interrupted = false;
};

FoundRequests find_requests(Cluster cluster, const FindOptions& options = {});

std::string found_text(const FoundRequests& found, bool colour);
std::string found_json(const FoundRequests& found);

}  // namespace longhaul
