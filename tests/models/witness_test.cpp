#include "models/app/witness.h"

#include "base/units_text.h"
#include "models/app/page_time.h"
#include "tests/models/worlds.h"

namespace longhaul {
namespace {

using namespace worlds;

// The primary in "us", 80 ms from app, users and a replica in "eu".
ClusterConfig across() {
  ClusterConfig config = empty({"us", "eu"});
  link(config, "us", "eu", milliseconds(80));
  primary(config, "db", "us");
  replica(config, "db-eu", "eu", "db");
  app(config, "app", "eu");
  rows(config, milliseconds(1));
  config.policy.router.use_replica_reads = true;
  config.policy.lag_breaker.enabled = false;
  return config;
}

WitnessedPage watched(const ClusterConfig& config, std::uint64_t number,
                      TimePoint until = at(seconds(60))) {
  Cluster cluster = build(config, 1);
  Witness what;
  what.session = {0};
  what.number = number;
  watch_pages(cluster.world(), what);
  cluster.run_until(until);
  REQUIRE(!cluster.world().witness.ended.empty());
  return cluster.world().witness.ended.front();
}

// Where the page's time went, in order: "user 10ms, legs 40ms". What took none is left out.
std::string path_of(const WitnessedPage& page) {
  std::string path;
  const Note* open = nullptr;
  const auto close = [&](TimePoint at) {
    if (open == nullptr || at == open->at) return;
    path += (path.empty() ? "" : ", ") + std::string(name_of(open->part)) + " " +
            to_text(at - open->at);
  };
  for (const Note& note : page.notes) {
    if (note.kind != NoteKind::part) continue;
    close(note.at);
    open = &note;
  }
  close(page.ended);
  return path;
}

TEST_CASE("witness: a write and its own read, step by step", "[models][witness]") {
  // The second page: its connections are there. Half the last mile of 20 ms, then the write: 40 ms
  // each way, 1 ms of service, 2 ms of flush. The log leaves the primary with the flush, as the
  // answer does, and takes 40 ms to the replica in the app's region as well. The router has seen no
  // replica beyond the write, so the read asks that replica, at no distance: it flushes for 3 ms
  // and replays for some microseconds, so that the fourth poll of 1 ms finds the write.
  ClusterConfig config = across();
  config.policy.freshness.rule = FreshnessRule::lsn_token;
  config.apps[0].position_poll = milliseconds(1);
  PopulationConfig& us = users(config, "us", "eu", 1, {write(), own(read())});
  us.think = always(seconds(5));
  us.last_mile = milliseconds(20);
  const WitnessedPage page = watched(config, 1);
  REQUIRE(path_of(page) ==
          "user 10ms, legs 40ms, service 1ms, flush 2ms, legs 40ms, token 4ms, service 1ms, "
          "user 10ms");
  REQUIRE(!page.failed);
  REQUIRE(page.decisions.size() == 3);
  REQUIRE(page.decisions[0].decision.reason == Reason::write_statement);
  REQUIRE(page.decisions[1].decision.reason == Reason::token_awaited);
  REQUIRE(page.decisions[2].decision.reason == Reason::wait_covered);
  // Asked five times: at once and after each poll.
  REQUIRE(page.positions.size() == 5);
  REQUIRE(page.positions[3].position < page.positions[3].required);
  REQUIRE(page.positions[4].position >= page.positions[4].required);
  REQUIRE(page.reads.size() == 1);
  REQUIRE(!page.reads[0].verdict.stale);
}

TEST_CASE("witness: it knows how old the router's news were, and the truth", "[models][witness]") {
  // The read of the test above is decided when the write is answered. What the commit lacks at the
  // replica was flushed one way, 40 ms, before. Probes go out once a second, so that what was seen
  // is younger than a second and the round trip of the primary's probe, 80 ms.
  ClusterConfig config = across();
  users(config, "us", "eu", 1, {write(), own(read())}).think = always(seconds(5));
  const WitnessedPage page = watched(config, 1);
  REQUIRE(page.decisions.size() == 2);
  const TimePoint decided = page.clicked + milliseconds(83);  // 2 x 40 ms, 1 ms, 2 ms
  const std::vector<Sight>& sights = page.decisions[1].sights;
  REQUIRE(sights.size() == 2);
  REQUIRE(sights[1].place == 1);
  REQUIRE(sights[1].true_lag == milliseconds(40));
  REQUIRE(sights[1].true_missing > Bytes{0});
  for (const Sight& sight : sights) {
    REQUIRE(sight.seen);
    REQUIRE(decided - sight.seen->measured_at < seconds(1) + milliseconds(80));
  }
  // Without a rule the read is served there at once, by a replica that flushes for 3 ms yet: it
  // misses the write that was acknowledged in the same instant.
  REQUIRE(page.reads.size() == 1);
  const ReadNote& read = page.reads[0];
  REQUIRE(read.verdict.stale);
  REQUIRE(read.verdict.own_write_missed);
  REQUIRE(read.verdict.staleness == Duration{});
  REQUIRE(read.missed == 1);
  REQUIRE(read.missed_own);
  REQUIRE(read.missed_acknowledged == decided);
  REQUIRE(read.missed_end > read.shown);
}

TEST_CASE("witness: a standby without data has no lag, not one of zero", "[models][witness]") {
  // Its files are deleted at 20 s; pages are clicked every 5 s and somewhat, the fifth after that.
  ClusterConfig config = across();
  FaultConfig loss;
  loss.kind = FaultKind::data_directory_lost;
  loss.at = seconds(20);
  loss.node = "db-eu";
  config.faults.push_back(loss);
  users(config, "us", "eu", 1, {write()}).think = always(seconds(5));
  REQUIRE(watched(config, 1).decisions[0].sights[1].true_lag == Duration{});
  const WitnessedPage page = watched(config, 4);
  REQUIRE(page.clicked > at(seconds(20)));
  const Sight& sight = page.decisions[0].sights[1];
  REQUIRE(!sight.truly_up);
  REQUIRE(!sight.true_lag);
  REQUIRE(!sight.true_missing);
}

TEST_CASE("witness: a time-out, a pause, another try", "[models][witness]") {
  // From 10 s on the way to the primary is cut for 5 s. A write that is sent then is given up after
  // the statement_timeout of 1 s and tried again 500 ms later, over a new connection, whose SYN the
  // cut swallows, too. Somebody acknowledged nothing: TCP would give up much later.
  ClusterConfig config = across();
  config.apps[0].statement_timeout = seconds(1);
  config.policy.retries.attempts = 3;
  config.policy.retries.in_doubt = true;
  FaultConfig cut;
  cut.kind = FaultKind::cut_link;
  cut.at = seconds(10);
  cut.lasts = seconds(5);
  cut.between = {"us", "eu"};
  config.faults.push_back(cut);
  PopulationConfig& us = users(config, "us", "eu", 1, {write()});
  us.think = always(milliseconds(700));
  Cluster cluster = build(config, 1);
  watch_pages(cluster.world(), {});
  cluster.run_until(at(seconds(60)));
  std::vector<WitnessedPage>& pages = cluster.world().witness.ended;
  const auto page = std::find_if(pages.begin(), pages.end(),
                                 [](const WitnessedPage& page) { return page.retries > 0; });
  REQUIRE(page != pages.end());
  std::vector<const Note*> said;
  for (const Note& note : page->notes) {
    if (note.kind != NoteKind::part && note.kind != NoteKind::decision) said.push_back(&note);
  }
  REQUIRE(said.size() >= 3);
  REQUIRE(said[0]->kind == NoteKind::unheard);
  REQUIRE(said[1]->kind == NoteKind::failed);
  REQUIRE(said[1]->error == ErrorKind::timeout);
  REQUIRE(said[1]->at == said[0]->at + seconds(1));
  REQUIRE(said[2]->kind == NoteKind::retry);
  REQUIRE(said[2]->until == said[1]->at + milliseconds(500));
  // The server's side of the try was left behind; the cut kept it from ever beginning.
  const auto left = std::find_if(pages.begin(), pages.end(), [&](const WitnessedPage& other) {
    return other.left_behind && other.number == page->number;
  });
  REQUIRE(left != pages.end());
}

// Pools too small, tokens, cuts, time-outs, retries.
ClusterConfig rough() {
  ClusterConfig config = across();
  config.nodes[1].replay_record_time = milliseconds(3);
  config.links[0].loss = percent(1);
  config.links[1].jitter = DurationDistribution::exponential(milliseconds(2));
  config.apps[0].pool.size = 3;
  config.apps[0].statement_timeout = seconds(1);
  config.apps[0].pool.wait_timeout = milliseconds(500);
  config.policy.freshness.rule = FreshnessRule::lsn_token;
  config.policy.retries.attempts = 3;
  config.nodes[0].cpus = 1;
  PopulationConfig& us = users(config, "us", "eu", 30, {read(3), write(), own(read())});
  us.rate = per_second(20);
  us.last_mile = milliseconds(7);
  FaultConfig cut;
  cut.kind = FaultKind::cut_link;
  cut.at = seconds(20);
  cut.lasts = seconds(4);
  cut.between = {"us", "eu"};
  config.faults.push_back(cut);
  return config;
}

TEST_CASE("witness: watching changes nothing, and misses nothing", "[models][witness]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Cluster alone = build(rough(), seed);
    Cluster seen = build(rough(), seed);
    watch_pages(seen.world(), {});
    alone.run_until(at(seconds(60)));
    seen.run_until(at(seconds(60)));
    REQUIRE(alone.world().scheduler.digest() == seen.world().scheduler.digest());
    REQUIRE(all(alone.world(), Metric::page_latency).count() ==
            all(seen.world(), Metric::page_latency).count());
    std::int64_t pages = 0;
    for (const WitnessedPage& page : seen.world().witness.ended) {
      if (page.left_behind) continue;
      pages += 1;
      // The stretches follow one another from the click to the end.
      REQUIRE(!page.notes.empty());
      TimePoint before = page.clicked;
      for (const Note& note : page.notes) {
        if (note.kind != NoteKind::part) continue;
        REQUIRE(note.at >= before);
        before = note.at;
      }
      REQUIRE(page.notes.front().at == page.clicked);
      REQUIRE(page.ended >= before);
    }
    REQUIRE(pages == all(seen.world(), Metric::page_latency).count());
  }
}

TEST_CASE("witness: a summary of every page, without notes", "[models][witness]") {
  Cluster cluster = build(rough(), 1);
  Witness what;
  what.notes = false;
  watch_pages(cluster.world(), what);
  cluster.run_until(at(seconds(60)));
  const World& world = cluster.world();
  std::int64_t stale = 0;
  std::int64_t failed = 0;
  for (const WitnessedPage& page : world.witness.ended) {
    REQUIRE(page.notes.empty());
    REQUIRE(!page.left_behind);
    stale += page.worst.stale ? 1 : 0;
    failed += page.failed ? 1 : 0;
  }
  REQUIRE(stale > 0);
  REQUIRE(stale <= total(world, Metric::stale_reads));
  REQUIRE(failed == total(world, Metric::errors));
  REQUIRE(failed > 0);
}

}  // namespace
}  // namespace longhaul
