// Failure rates times simulated outages: how long a topology is down in a year, and what it loses.
//
//   downtime of a year = sum over kinds and things of
//       failures of one a year x mean outage of writing over the seeds
//
// The outages are those of run/site_loss.h, each simulated with the time that such a failure takes
// to be repaired, up to 10 min. Who waits until the thing is back waits for the whole repair; who
// is stuck then waits for `by_hand` in addition. A site is down for the users of a region while its
// canary's writes are; for all users together by the sessions of each region. Losses are counted as
// simulated, with the first 10 min of a repair: a cut-off primary that nobody fences loses more.
//
// How often what fails is the block `sla` of a scenario. The defaults are estimates, to be replaced
// by a team's own figures. Left out: failures at the same time, unless they are one; what depends
// on load, on software or on the calendar; planned work; downtime of reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "run/site_loss.h"
#include "run/sla_config.h"

namespace longhaul {

// None: a pair of regions is no failure of its own.
std::optional<FailureRate> rate_of(const SlaConfig& config, SiteKind kind);

// What failures of one kind add to a year.
struct SlaLine {
  SiteKind kind = SiteKind::host;
  std::int64_t things = 0;
  FailureRate rate;
  std::int64_t failures_milli = 0;  // a year, of all things
  Duration worst;                   // outage of a failure, mean of the seeds: thing and region
  std::string worst_thing;
  std::vector<Duration> downtime;  // a year, by region
  std::int64_t lost_milli = 0;     // transactions a year
};

struct SlaTarget {
  std::int64_t ppm = 0;  // of the year that may be lost
  Duration allowed;      // in a year
};
// 99.9 %, 99.95 % and 99.99 %.
const std::vector<SlaTarget>& sla_targets();

struct SlaReport {
  std::string scenario;
  SeedRange seeds;
  std::vector<std::string> regions;  // of users
  std::vector<std::int64_t> sessions;
  Duration by_hand;
  std::vector<SlaLine> lines;

  Duration downtime(std::size_t region) const;
  Duration downtime() const;  // of all users, by sessions
  Duration downtime_of(const SlaLine& line) const;
  std::int64_t lost_milli() const;
};

// The kinds that have a rate, with their times, in place of the request's own.
void set_rates(SiteLossRequest& request, const SlaConfig& config);
SlaReport sla_report(const SiteLoss& table, const SlaConfig& config);

std::string sla_text(const SlaReport& report, bool colour);
std::string sla_json(const SlaReport& report);
std::string conclusion(const SlaReport& report);

}  // namespace longhaul
