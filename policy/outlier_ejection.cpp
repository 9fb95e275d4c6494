#include "policy/outlier_ejection.h"

#include <algorithm>

namespace longhaul {

using enum EjectionState;

const std::array<EjectionRow, ejection_row_count> ejection_table{{
    {healthy, EjectionEvent::failure, EjectionGuard::failing_with_room, ejected,
     Reason::failing_in_a_row, "The database has failed consecutive_failures times in a row."},
    {healthy, EjectionEvent::failure, EjectionGuard::failing_without_room, healthy,
     Reason::too_many_ejected,
     "It has failed as often, but max_ejected of the databases are out already."},
    {ejected, EjectionEvent::sweep, EjectionGuard::served, healthy, Reason::ejection_over,
     "base_ejection_time × times ejected, at most max_ejection_time, is over."},
}};

OutlierEjection::OutlierEjection(const OutlierEjectionConfig& config, std::size_t databases,
                                 TimePoint begins)
    : config_(config), count_(databases), next_sweep_(begins + config.interval) {
  CHECK(databases <= databases_max);
  CHECK(config.interval > Duration{});
}

void OutlierEjection::handle(TimePoint now, DatabaseIndex database, bool failed) {
  CHECK(database.value < count_);
  advance(now);
  if (!config_.enabled || is_ejected(database)) return;
  Host& host = hosts_[database.value];
  if (!failed) {
    host.failures_in_a_row = 0;
    return;
  }
  host.failures_in_a_row += 1;
  fire(EjectionEvent::failure, database);
}

void OutlierEjection::on_timer(TimePoint now) {
  advance(now);
  for (; has_records() && next_sweep_ <= now; next_sweep_ = next_sweep_ + config_.interval) sweep();
}

std::optional<EjectionMove> OutlierEjection::poll() {
  for (std::uint32_t i = 0; i < count_; ++i) {
    if (!hosts_[i].moved) continue;
    const Reason reason = *hosts_[i].moved;
    hosts_[i].moved.reset();
    for (const EjectionRow& row : ejection_table) {
      if (row.reason == reason) return EjectionMove{DatabaseIndex{i}, row.from, row.to, reason};
    }
  }
  return std::nullopt;
}

std::optional<TimePoint> OutlierEjection::next_deadline() const {
  if (!has_records()) return std::nullopt;
  return next_sweep_;
}

Duration OutlierEjection::ejection_time(DatabaseIndex database) const {
  const std::int64_t times = hosts_[database.value].times_ejected;
  // Envoy never lets the maximum undercut the base.
  const Duration most = std::max(config_.base_ejection_time, config_.max_ejection_time);
  return std::min(config_.base_ejection_time * times, most);
}

void OutlierEjection::advance(TimePoint now) {
  CHECK(now >= now_);
  now_ = now;
  if (has_records() || now < next_sweep_) return;
  // Sweeps that found nothing to do.
  const std::int64_t missed = (now - next_sweep_).ns / config_.interval.ns + 1;
  next_sweep_ = next_sweep_ + config_.interval * missed;
}

bool OutlierEjection::holds(EjectionGuard guard, DatabaseIndex database) const {
  const Host& host = hosts_[database.value];
  const bool fails = host.failures_in_a_row == config_.consecutive_failures;
  const bool has_room = ejected_count_ * percent(100).ppm <
                        static_cast<std::int64_t>(count_) * config_.max_ejected.ppm;
  switch (guard) {
    case EjectionGuard::failing_with_room:
      return fails && has_room;
    case EjectionGuard::failing_without_room:
      return fails && !has_room;
    case EjectionGuard::served:
      return next_sweep_ - host.ejected_at >= ejection_time(database);
  }
  return false;
}

void OutlierEjection::fire(EjectionEvent event, DatabaseIndex database) {
  const EjectionState state = is_ejected(database) ? ejected : healthy;
  for (const EjectionRow& row : ejection_table) {
    if (row.from != state || row.event != event || !holds(row.guard, database)) continue;
    Host& host = hosts_[database.value];
    host.moved = row.reason;
    host.failures_in_a_row = 0;
    if (row.from == row.to) return;
    ejected_ ^= static_cast<DatabaseSet>(1u << database.value);
    ejected_count_ += row.to == ejected ? 1 : -1;
    if (row.to != ejected) return;
    host.ejected_at = now_;
    const Duration grows_until = std::max(config_.base_ejection_time, config_.max_ejection_time);
    if (config_.base_ejection_time * host.times_ejected < grows_until) {
      record_count_ += host.times_ejected == 0 ? 1 : 0;
      host.times_ejected += 1;
    }
    return;
  }
}

void OutlierEjection::sweep() {
  for (std::uint32_t i = 0; i < count_; ++i) {
    Host& host = hosts_[i];
    if (is_ejected({i})) {
      fire(EjectionEvent::sweep, {i});
    } else if (host.times_ejected > 0) {
      host.times_ejected -= 1;
      record_count_ -= host.times_ejected == 0 ? 1 : 0;
    }
  }
}

std::string_view to_text(EjectionState state) {
  switch (state) {
    case healthy:
      return "healthy";
    case ejected:
      return "ejected";
  }
  return "?";
}

std::string_view to_text(EjectionEvent event) {
  switch (event) {
    case EjectionEvent::failure:
      return "failure";
    case EjectionEvent::sweep:
      return "sweep";
  }
  return "?";
}

std::string_view to_text(EjectionGuard guard) {
  switch (guard) {
    case EjectionGuard::failing_with_room:
      return "failing_with_room";
    case EjectionGuard::failing_without_room:
      return "failing_without_room";
    case EjectionGuard::served:
      return "served";
  }
  return "?";
}

}  // namespace longhaul
