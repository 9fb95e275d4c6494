// What probes teach a router: roles, the order of preference, lag. Requests: router_decide.cpp.
#include "policy/router.h"

namespace longhaul {
namespace {

DatabaseIndex index_of(std::size_t position) {
  return DatabaseIndex{static_cast<std::uint32_t>(position)};
}

}  // namespace

Router::Router(const PolicyConfig& config, std::span<const Candidate> candidates)
    : config_(config), count_(candidates.size()) {
  CHECK(count_ <= databases_max);
  for (std::size_t i = 0; i < count_; ++i) {
    databases_[i].latency = candidates[i].latency;
    databases_[i].breaker = LagBreaker(config.lag_breaker);
    if (!candidates[i].is_primary) continue;
    CHECK(!primary_.valid());
    primary_ = index_of(i);
  }
  order_by_preference();
}

// ---- Probes and time ---------------------------------------------------------------------------

void Router::handle(TimePoint now, DatabaseIndex database, const Observation& observation) {
  advance(now);
  CHECK(!pending_);  // the host drains poll() after every event
  Database& probed = at(database);
  if (probed.observation && observation.measured_at <= probed.observation->measured_at) return;
  probed.observation = observation;
  learn_role(database, observation);
  LagReading reading{.measured_at = observation.measured_at,
                     .lag = observation.lag,
                     .lag_bytes = observation.lag_bytes};
  if (observation.is_primary) reading.lag = Duration{0};
  if (!reading.lag_bytes) reading.lag_bytes = bytes_behind_primary(observation);
  probed.breaker.handle(now, reading);
}

void Router::handle(TimePoint now, DatabaseIndex database, ProbeFailed failure) {
  advance(now);
  at(database).breaker.handle(now, failure);
}

void Router::on_timer(TimePoint now) {
  advance(now);
  for (std::size_t i = 0; i < count_; ++i) databases_[i].breaker.on_timer(now);
}

std::optional<RouterAction> Router::poll() {
  if (pending_) {
    const RouterAction action = *pending_;
    pending_.reset();
    return action;
  }
  for (std::size_t i = 0; i < count_; ++i) {
    const std::optional<BreakerTransition> moved = databases_[i].breaker.poll();
    if (!moved) continue;
    return RouterAction{.kind = RouterActionKind::breaker_moved,
                        .database = index_of(i),
                        .reason = moved->reason,
                        .transition = *moved};
  }
  return std::nullopt;
}

std::optional<TimePoint> Router::next_deadline() const {
  std::optional<TimePoint> earliest;
  for (std::size_t i = 0; i < count_; ++i) {
    const std::optional<TimePoint> deadline = databases_[i].breaker.next_deadline();
    if (deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
  }
  return earliest;
}

void Router::learn_role(DatabaseIndex database, const Observation& observation) {
  if (!observation.is_primary) {
    if (database == primary_) set_primary(DatabaseIndex::none(), Reason::primary_demoted);
    return;
  }
  const bool is_newer = observation.timeline > primary_timeline_;
  const bool is_vacant = !primary_.valid() && observation.timeline == primary_timeline_;
  if (!is_newer && !is_vacant) return;
  // The host's word before the first probe counts as timeline 0.
  primary_timeline_ = observation.timeline;
  if (database != primary_) set_primary(database, Reason::primary_observed);
}

void Router::set_primary(DatabaseIndex database, Reason reason) {
  primary_ = database;
  pending_ = RouterAction{
      .kind = RouterActionKind::primary_changed, .database = database, .reason = reason};
  order_by_preference();
}

void Router::order_by_preference() {
  const auto comes_before = [this](DatabaseIndex a, DatabaseIndex b) {
    if (at(a).latency != at(b).latency) return at(a).latency < at(b).latency;
    if ((a == primary_) != (b == primary_)) return b == primary_;
    return a < b;
  };
  order_count_ = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const DatabaseIndex database = index_of(i);
    const bool takes_part =
        database != primary_ || config_.router.primary_reads == PrimaryReads::when_nearest;
    if (!takes_part) continue;
    std::size_t place = order_count_++;
    for (; place > 0 && comes_before(database, order_[place - 1]); --place) {
      order_[place] = order_[place - 1];
    }
    order_[place] = database;
  }
}

// Absent while the two positions are not known or not comparable. The primary's may be the older of
// the two samples; a replica that seems to be ahead is not behind.
std::optional<Bytes> Router::bytes_behind_primary(const Observation& observation) const {
  if (!primary_.valid() || !at(primary_).observation) return std::nullopt;
  const Observation& primary = *at(primary_).observation;
  if (primary.timeline == 0 || primary.timeline != observation.timeline) return std::nullopt;
  const Bytes behind = primary.replay_lsn - observation.replay_lsn;
  return behind > Bytes{0} ? behind : Bytes{0};
}

const Router::Database& Router::at(DatabaseIndex database) const {
  CHECK(database.value < count_);
  return databases_[database.value];
}

Router::Database& Router::at(DatabaseIndex database) {
  CHECK(database.value < count_);
  return databases_[database.value];
}

void Router::advance(TimePoint now) {
  CHECK(now >= now_);
  now_ = now;
}

}  // namespace longhaul
