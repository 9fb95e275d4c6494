// What probes teach a router: roles, the order of preference, lag. Requests: router_decide.cpp.
#include "policy/router.h"

namespace longhaul {
namespace {

DatabaseIndex index_of(std::size_t position) {
  return DatabaseIndex{static_cast<std::uint32_t>(position)};
}

}  // namespace

Router::Router(const PolicyConfig& config, std::span<const Candidate> candidates, Ratio rollout)
    : config_{config.router, config.freshness},
      rollout_ppm_(rollout.ppm),
      news_age_max_(news_age_max(config.lag_breaker)),
      moved_reads_(config.router.moved_reads),
      count_(candidates.size()) {
  CHECK(count_ <= databases_max);
  for (std::size_t i = 0; i < count_; ++i) {
    CHECK(candidates[i].weight >= 0 && candidates[i].weight <= weight_max);
    databases_[i].latency = databases_[i].smoothed = candidates[i].latency;
    databases_[i].nearness = candidates[i].nearness;
    databases_[i].weight = candidates[i].weight;
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
  probed.is_silent = false;
  if (observation.round_trip) learn_round_trip(probed, *observation.round_trip);
  learn_role(database, observation);
  LagReading reading{.measured_at = observation.measured_at,
                     .lag = observation.lag,
                     .lag_bytes = observation.lag_bytes};
  if (observation.is_primary) reading.lag = Duration{0};
  if (!reading.lag_bytes) reading.lag_bytes = bytes_behind_primary(observation);
  if (known_lag(reading)) probed.reading = reading;
  probed.breaker.handle(now, reading);
}

void Router::handle(TimePoint now, DatabaseIndex database, ProbeFailed failure) {
  advance(now);
  Database& probed = at(database);
  if (!probed.observation || failure.sent_at > probed.observation->measured_at) {
    probed.is_silent = true;
  }
  probed.breaker.handle(now, failure);
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

// An exponentially weighted moving average, as TCP keeps its round trip (RFC 6298). The order goes
// by a figure that stays until the average has left it behind.
void Router::learn_round_trip(Database& database, Duration round_trip) {
  const RouterConfig& rule = config_.router;
  const Duration step = round_trip - database.smoothed;
  database.smoothed =
      database.smoothed + Duration{step.ns / 1000 * rule.latency_smoothing.ppm / 1000};
  const Duration departure = database.smoothed > database.latency
                                 ? database.smoothed - database.latency
                                 : database.latency - database.smoothed;
  const Duration share{database.latency.ns / 1000 * rule.reorder_above.ppm / 1000};
  if (departure <= share || departure <= rule.equal_within) return;
  database.latency = database.smoothed;
  order_by_preference();
}

bool Router::comes_before(DatabaseIndex a, DatabaseIndex b) const {
  if (config_.router.prefer == Prefer::zone_then_region && at(a).nearness != at(b).nearness) {
    return at(a).nearness < at(b).nearness;
  }
  if (at(a).latency != at(b).latency) return at(a).latency < at(b).latency;
  if ((a == primary_) != (b == primary_)) return b == primary_;
  return a < b;
}

void Router::order_by_preference() {
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
  if (config_.router.balance == Balance::by_weight) rank();
}

bool Router::are_equal(DatabaseIndex first, DatabaseIndex other) const {
  if (config_.router.prefer == Prefer::zone_then_region) {
    if (at(first).nearness != at(other).nearness) return false;
    if (at(first).nearness != Nearness::elsewhere) return true;
  }
  return at(other).latency - at(first).latency <= config_.router.equal_within;
}

// Divides the order into databases of equal rank. The primary comes last among its equals.
void Router::rank() {
  has_equals_ = false;
  for (std::size_t begin = 0; begin < order_count_;) {
    std::size_t end = begin + 1;
    while (end < order_count_ && are_equal(order_[begin], order_[end])) ++end;
    for (std::size_t i = begin; i + 1 < end; ++i) {
      if (order_[i] != primary_) continue;
      order_[i] = order_[i + 1];
      order_[i + 1] = primary_;
    }
    const std::size_t replicas = end - begin - (order_[end - 1] == primary_ ? 1 : 0);
    has_equals_ = has_equals_ || replicas > 1;
    for (; begin < end; ++begin) group_end_[begin] = static_cast<std::uint8_t>(end);
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
