// What a topology survives: the scenario with one thing lost at a time.
//
// The scenario's own faults are left out. A case strikes a minute after the warm-up, lasts for a
// while and is healed, and the run goes on. What the canary's writes say of each users' region:
//
//   unharmed  no outage
//   resumed   an outage that ended while the thing was still lost
//   waited    no write until the thing was back
//   stuck     no write when the run ended, long after it was back: somebody has to act
//
// Reads are those that were answered in the last half minute of the loss, of as many as in the half
// minute before it. A lost region is also cut off, so that controllers in it are out of reach. Left
// out: zones of a region that has only one in use, which are the region; controllers in a lost
// zone, which live on.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/runner.h"
#include "run/scenario.h"
#include "run/sweep.h"

namespace longhaul {

enum class SiteKind : std::uint8_t {
  host,
  zone,
  region,
  pair,
  isolated,
  link,
  one_way,
  data_lost,  // the files of a primary are deleted
};
constexpr std::size_t site_kinds = 8;
std::string_view name_of(SiteKind kind);

struct SiteCase {
  SiteKind kind = SiteKind::host;
  std::string name;                 // "db-1", "aws:us-east-1 / aws:us-east-2"
  std::vector<std::string> gone;    // regions whose users have lost their app
  std::vector<std::string> faults;  // as JSON, without their times
};

std::vector<SiteCase> site_cases(const Scenario& scenario, const std::vector<SiteKind>& kinds);

enum class WriteFate : std::uint8_t { unharmed, resumed, waited, stuck };
std::string_view name_of(WriteFate fate);

// What the users of one region had, in one run.
struct SiteOutcome {
  WriteFate writes = WriteFate::unharmed;
  Duration out;     // of writing, in all
  Duration behind;  // the part of it that came after the thing was back
  std::int64_t reads_before = 0;
  std::int64_t reads_within = 0;
};

struct SiteRun {
  std::vector<SiteOutcome> regions;  // of SiteLoss::regions
  Duration split;                    // how long a second server accepted writes
  std::int64_t lost = 0;             // acknowledged transactions
};

struct SiteLine {
  SiteCase what;
  Duration lasts;
  std::vector<bool> gone;     // by region: its users have lost their app
  std::vector<SiteRun> runs;  // by seed

  WriteFate worst(std::size_t region) const;
  std::size_t count(std::size_t region, WriteFate fate) const;
  std::optional<std::int64_t> reads_ppm(std::size_t region) const;  // none: nobody reads there
  // Of everybody who still has an app.
  WriteFate worst() const;
  Duration split_max() const;
  std::int64_t lost_milli() const;  // mean of the seeds, in thousandths
};

struct SiteLoss {
  std::string scenario;
  std::vector<std::string> regions;    // of users
  std::vector<std::int64_t> sessions;  // by region
  SeedRange seeds;
  Duration at;
  Duration watch;
  std::int64_t faults = 0;  // of the scenario, which are left out
  std::vector<SiteLine> lines;
};

struct SiteLossRequest {
  std::vector<SiteKind> kinds{SiteKind::host,     SiteKind::zone, SiteKind::region, SiteKind::pair,
                              SiteKind::isolated, SiteKind::link, SiteKind::one_way};
  std::array<Duration, site_kinds> lasts;  // by kind
  Duration watch = minutes(3);
  SeedRange seeds;
  unsigned jobs = 1;
  // Loads the scenario with these values over it.
  std::function<Result<Scenario>(const std::vector<std::string>& sets)> load;
  // Runs one seed under an observer, on several threads. Nothing means that everybody shall stop.
  std::function<std::optional<RunResult>(const Scenario&, std::uint64_t seed, EventObserver&)> run;
  std::function<void(std::uint64_t finished, std::uint64_t whole)> progress;

  SiteLossRequest();
};

// After a stop, the cases of which all seeds were finished.
Result<SiteLoss> make_site_loss(const SiteLossRequest& request);

std::string site_loss_text(const SiteLoss& table, bool colour);
std::string site_loss_json(const SiteLoss& table);
// The matrix as a picture: what happens is told by words and shapes, colour only repeats them.
std::string site_loss_svg(const SiteLoss& table);

// What a cell says: "after 28s (3 of 5)", "62%", "-".
inline constexpr std::string_view gone_text = "gone";
std::string writes_text(const SiteLine& line, std::size_t region);
std::string reads_text(const SiteLine& line, std::size_t region);
std::string split_text(const SiteLine& line);
std::string lost_text(const SiteLine& line);

// What it amounts to, in a few sentences.
std::string conclusion(const SiteLoss& table);

}  // namespace longhaul
