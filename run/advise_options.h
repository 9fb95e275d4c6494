// What might help the users of a scenario, each as a scenario of its own.
//
// An option is the scenario with one thing changed, made from where the time of its pages goes:
// what cannot save anything is not offered (no bigger pool where nobody waits for one), nor what
// the scenario has already. Whether it does help is for a run to say (run/advise.h).
//
//   one_query   the reads that a page repeats as one query for as many rows
//   replica     a replica in a region whose users' reads travel, and an app beside it if there is
//               none; where nothing keeps a user's own writes visible, LSN tokens
//   app_there   users enter the app in the region of the primary, and cross the ocean once a page
//   app_here    an app in the users' region; the database stays where it is
//   outbox      writes left in a durable queue beside the app, which pages do not wait for
//   edge        a CDN before a page that reads nothing of the user's own, for a minute at most
//   cache       a read-through cache beside the app of a region whose reads travel, for reads of
//               what is not the user's own
//   pool        twice the connections
//   cpus        twice the processors
//   no_sync     commits wait for the local disk only: it can lose what was acknowledged
//
// Left out: several things at once, queries of one page side by side, and what a CDN or a cache
// costs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "run/page_breakdown.h"
#include "run/scenario.h"

namespace longhaul {

enum class OptionKind : std::uint8_t {
  one_query,
  replica,
  app_there,
  app_here,
  outbox,
  edge,
  cache,
  pool,
  cpus,
  no_sync,
};
std::string_view name_of(OptionKind kind);

struct AdviceOption {
  OptionKind kind = OptionKind::one_query;
  std::string what;    // "a replica in aws:eu-west-1"
  std::string region;  // that it is meant for; empty: all
  ScenarioConfig config;
  std::string caveat;  // what the figures do not show; may be empty
};

// `pages` are those that shall become faster.
std::vector<AdviceOption> advice_options(const Scenario& scenario,
                                         const std::vector<PageBreakdown>& pages,
                                         const LabelValues& labels);

// A leg that is worth shortening.
constexpr Duration far_leg = milliseconds(5);

}  // namespace longhaul
