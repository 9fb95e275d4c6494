// Why one request went where it went, how long each step took, and what the truth was.
//
// A run is a function of its scenario and seed, so nothing has to be kept of it: the run is made
// again, watched (models/app/witness.h), until the request is over. What the server still does for
// an app that has given up is followed for `followed_for`.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/app/witness.h"
#include "models/cluster.h"
#include "run/request_id.h"

namespace longhaul {

// A step of the path. One that takes no time is something that was said or decided.
struct ExplainedStep {
  Duration at;    // since the click
  Duration took;  // of it
  std::string where;
  std::string what;
  std::string why;
  bool bad = false;
  bool begins = false;    // a statement, or another try of it
  std::int64_t asks = 0;  // so many questions of how far a replica is, and it was not there
};

// A database as the router saw it, and as it was.
struct ExplainedSight {
  std::string node;
  bool is_primary = false;  // for the router
  std::uint32_t place = 0;  // in its order, from 1; 0: it has none
  Duration round_trip;
  std::optional<Duration> age;  // of the observation; absent: there is none
  std::optional<Duration> lag;
  std::optional<Bytes> lag_bytes;
  std::string breaker;
  std::string breaker_reason;
  bool admits = false;
  std::string covers;  // the token: "covered", "behind", "other_timeline"; empty: it did not matter
  std::string kept_out_by;  // "call_breaker", "outlier_ejection"; empty: nobody
  bool truly_up = true;
  bool truly_primary = false;
  std::optional<Duration> true_lag;   // absent: there is none to measure
  std::optional<Bytes> true_missing;  // likewise
};

struct ExplainedDecision {
  std::uint32_t statement = 0;  // of the page, from 1
  std::uint32_t likewise = 0;   // later ones that were decided alike
  Duration at;
  std::string text;  // "read of 1 row of profile"
  std::string kind;
  std::string node;  // empty: none
  std::string reason;
  std::string sentence;
  std::optional<Duration> wrote_ago;  // of the session's token, if it counts
  std::optional<Lsn> token;
  std::optional<Duration> wait;
  std::vector<ExplainedSight> sights;
};

struct ExplainedRead {
  std::uint32_t statement = 0;
  Duration at;
  std::string served_by;
  bool stale = false;
  bool own_write_missed = false;
  bool own_write_lost = false;
  bool went_back = false;
  Duration staleness;
  std::string row;  // "profile 17"
  std::uint32_t missed = 0;
  std::optional<Lsn> missed_end;
  std::optional<Lsn> shown;
};

// Where the time went, the largest share first.
struct ExplainedPart {
  std::string part;  // name of the part, with its node
  std::string text;  // "on the way to db-us and back"
  std::int64_t times = 0;
  Duration took;
  std::string down;  // a server that was waited for and was down meanwhile; empty: none
};

struct Explanation {
  std::string id;
  std::string scenario;
  std::uint64_t seed = 0;
  std::string page;
  std::string region;  // of the users
  std::string app;     // with its instance
  Duration clicked;    // since the run began
  Duration took;
  bool over = false;    // else the run has ended before it
  std::string outcome;  // "ok", or the error
  std::vector<ExplainedStep> steps;
  std::vector<ExplainedDecision> decisions;
  std::vector<ExplainedRead> reads;
  std::vector<ExplainedPart> parts;
  std::vector<std::string> beside;  // what went on behind the page's back
  std::string sentence;             // where the time went, why it went there, what the truth was
};

struct ExplainOptions {
  Duration followed_for = seconds(10);       // after the answer
  std::function<bool(TimePoint now)> go_on;  // asked now and then
};

// What became of a request.
struct WatchedRequest {
  std::vector<WitnessedPage> pages;  // the page first; none: it was never clicked
  TimePoint now;                     // where the run was left
  std::uint64_t clicked = 0;         // pages of its session until then
  bool interrupted = false;
};

// `cluster` stands at its beginning.
WatchedRequest watch_request(Cluster& cluster, const RequestName& name,
                             const ExplainOptions& options = {});

Explanation explain(const Plan& plan, const std::string& scenario, const WatchedRequest& watched);

// "97.812s", and "19%" of a whole.
std::string since_begin_text(Duration since_begin);
std::string percent_text(Duration part, Duration whole);
// "3.75s", and "3.75s stale". Zero: the write was acknowledged in the very moment in which the read
// was sent.
std::string staleness_text(Duration staleness);
std::string stale_text(Duration staleness);

std::string explanation_text(const Explanation& explanation, bool colour);
std::string explanation_json(const Explanation& explanation);

}  // namespace longhaul
