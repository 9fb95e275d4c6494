#include "policy/failover/auto_failover_keeper.h"

namespace longhaul {

using enum NodeState;
using Order = KeeperOrder;
using Kind = FailoverActionKind;
using Why = FailoverReason;

AutoFailoverKeeper::AutoFailoverKeeper(const AutoFailoverConfig& config, MemberIndex self,
                                       std::span<const MemberInfo> members, TimePoint now)
    : config_(config),
      roster_(members),
      self_(self),
      due_(now),
      monitor_seen_(now),
      standby_seen_(now) {
  CHECK(roster_.has(self));
  upstream_ = follows_ = roster_.first_primary();
  if (upstream_ == self_) {
    state_ = goal_ = size_of(roster_.servers()) > 1 ? primary : wait_primary;
  }
}

void AutoFailoverKeeper::go_on_from(const KeeperFile& file) {
  state_ = next_ = file.state;
  goal_ = file.goal;
  follows_ = upstream_ = file.follows;
  synchronous_ = wanted_ = file.synchronous;
  quorum_ = wanted_quorum_ = file.quorum;
}

void AutoFailoverKeeper::handle(TimePoint now, const FailoverEvent& event) {
  switch (event.kind) {
    case FailoverEventKind::server_status:
      if (event.number != look_number_) break;
      own_ = event.status.server;
      if (!order_ && own_.state == ServerState::standby && own_.upstream.valid()) {
        follows_ = own_.upstream;
      }
      look_at_server(now);
      look_at_network(now);
      converge(now);
      report(now);
      break;
    case FailoverEventKind::node_goal:
      if (event.number != report_number_) break;  // older than what it has said since
      monitor_seen_ = now;
      goal_ = event.node_state;
      upstream_ = event.upstream;
      wanted_ = event.members;
      wanted_quorum_ = event.quorum;
      converge(now);
      break;
    case FailoverEventKind::operation_done:
    case FailoverEventKind::operation_failed:
      if (event.number == restart_number_) restart_number_ = 0;
      if (order_ && event.number == number_) {
        finish(event.kind == FailoverEventKind::operation_done, now);
      }
      break;
    default:
      break;
  }
}

void AutoFailoverKeeper::on_timer(TimePoint now) {
  if (now < due_) return;
  look_number_ = actions_.push({.kind = Kind::check_server});
  due_ = now + config_.keeper_period;
}

MemberStatus AutoFailoverKeeper::describe(TimePoint, const ServerStatus& server) const {
  MemberStatus status;
  status.server = server;
  status.priority = roster_[self_].priority;
  status.nofailover = roster_[self_].nofailover;
  return status;
}

bool AutoFailoverKeeper::should_run() const {
  return state_ != draining && state_ != demote_timeout && state_ != demoted;
}

// A crashed server is started again, for as long as that is believed to help.
void AutoFailoverKeeper::look_at_server(TimePoint now) {
  if (own_.state != ServerState::stopped || !should_run() || order_) {
    crashed_at_.reset();
    restarts_ = 0;
    return;
  }
  if (!crashed_at_) crashed_at_ = now;
  if (restart_number_ != 0) return;
  const bool writes = state_ == primary || state_ == wait_primary || state_ == stop_replication;
  restarts_ += 1;
  restart_number_ = actions_.push({.kind = writes ? Kind::start_primary : Kind::start_standby,
                                   .reason = Why::server_crashed,
                                   .member = self_,
                                   .upstream = writes ? MemberIndex{} : follows_});
}

void AutoFailoverKeeper::look_at_network(TimePoint now) {
  if (own_.state == ServerState::primary && own_.standbys != 0) standby_seen_ = now;
  const auto is_old = [&](TimePoint seen) {
    return now - seen > config_.network_partition_timeout;
  };
  if (state_ != primary || order_ || own_.state != ServerState::primary) return;
  if (!is_old(monitor_seen_) || !is_old(standby_seen_)) return;
  goal_ = next_ = demote_timeout;
  order_ = Order::stop;
  step_ = 0;
  advance(Why::isolated);
}

// Begins the way from the state reached to the one assigned.
void AutoFailoverKeeper::converge(TimePoint now) {
  if (order_) return;
  if (state_ == goal_) {
    const bool differs = wanted_ != synchronous_ || wanted_quorum_ != quorum_;
    if (state_ == primary && differs && own_.state == ServerState::primary) {
      order_ = Order::wait_for_some;
      next_ = primary;
      step_ = 0;
      advance(Why::goal_assigned);
    } else if ((state_ == secondary || state_ == catchingup) && upstream_ != follows_ &&
               upstream_ != self_) {
      order_ = Order::follow;
      next_ = state_;
      step_ = 0;
      advance(Why::new_primary_seen);
    }
    return;
  }
  for (std::size_t i = 0; i < auto_failover_keeper_row_count; ++i) {
    const KeeperRow& row = auto_failover_keeper_table[i];
    if (row.from != state_ || row.input != goal_) continue;
    rows_taken_.set(i);
    next_ = row.to;
    order_ = row.order;
    step_ = 0;
    if (row.order == Order::nothing) {
      finish(true, now);
    } else {
      advance(row.reason);
    }
    return;
  }
}

void AutoFailoverKeeper::advance(FailoverReason reason) {
  const FailoverAction none_waited_for{.kind = Kind::set_synchronous, .reason = reason};
  switch (*order_) {
    case Order::nothing:
      break;
    case Order::wait_for_none:
      operate(none_waited_for);
      break;
    case Order::wait_for_some:
      operate({.kind = Kind::set_synchronous,
               .reason = reason,
               .members = wanted_,
               .quorum = wanted_quorum_});
      break;
    case Order::stop:
      operate({.kind = Kind::stop, .reason = reason, .stop_mode = StopMode::fast});
      break;
    case Order::resume:
      operate({.kind = Kind::start_primary, .reason = reason});
      break;
    case Order::follow: {
      const Kind kind = step_ == 1   ? Kind::rewind
                        : step_ == 2 ? Kind::rebuild
                                     : Kind::start_standby;
      operate({.kind = kind, .reason = reason, .upstream = upstream_});
      break;
    }
    case Order::rejoin:
      operate({.kind = step_ == 0   ? Kind::rewind
                       : step_ == 1 ? Kind::rebuild
                                    : Kind::start_standby,
               .reason = reason,
               .upstream = upstream_});
      break;
    case Order::stop_receiving:
      operate({.kind = Kind::start_standby, .reason = reason});
      break;
    case Order::fetch:
      operate({.kind = Kind::fetch_wal, .reason = reason, .upstream = upstream_});
      break;
    case Order::promote_read_only:
      if (step_ == 0) operate({.kind = Kind::set_read_only, .reason = reason, .on = true});
      if (step_ == 1) operate({.kind = Kind::promote, .reason = reason});
      break;
    case Order::open:
      if (step_ == 0) operate(none_waited_for);
      if (step_ == 1) operate({.kind = Kind::set_read_only, .reason = reason, .on = false});
      break;
  }
}

void AutoFailoverKeeper::operate(FailoverAction action) {
  action.member = self_;
  number_ = actions_.push(action);
}

// The operation under way has ended.
void AutoFailoverKeeper::finish(bool done, TimePoint now) {
  const Order order = *order_;
  // A server that cannot be started is not built anew for that.
  const bool runs = own_.state != ServerState::stopped;
  const bool has_fallback =
      (order == Order::follow && step_ < 2 && runs) || (order == Order::rejoin && step_ < 1);
  const bool has_copied = (order == Order::follow && (step_ == 1 || step_ == 2)) ||
                          (order == Order::rejoin && step_ < 2);
  if (done && has_copied) {
    step_ = 3;
    advance(Why::new_primary_seen);
    return;
  }
  const bool has_second = order == Order::promote_read_only || order == Order::open;
  if ((done && has_second && step_ == 0) || (!done && has_fallback)) {
    step_ += 1;
    advance(done ? Why::goal_assigned : Why::diverged);
    return;
  }
  order_.reset();
  if (!done) {
    actions_.push({.kind = Kind::page_operator, .reason = Why::operation_failed, .member = self_});
    return;  // begun again after the next look at the server
  }
  if (order == Order::wait_for_some) {
    synchronous_ = wanted_;
    quorum_ = wanted_quorum_;
  }
  if (order == Order::wait_for_none || order == Order::open) {
    synchronous_ = 0;
    quorum_ = 0;
  }
  if (order == Order::follow || order == Order::rejoin) follows_ = upstream_;
  if (order == Order::stop_receiving) follows_ = MemberIndex{};
  if (next_ == primary || next_ == wait_primary) standby_seen_ = now;
  state_ = next_;
}

void AutoFailoverKeeper::report(TimePoint now) {
  FailoverAction action{.kind = Kind::report_node, .node_state = state_};
  action.status = describe(TimePoint{}, own_);
  const bool is_hopeless = crashed_at_ && (restarts_ > config_.restart_retries ||
                                           now - *crashed_at_ >= config_.restart_timeout);
  const bool is_down = own_.state == ServerState::stopped && should_run();
  if (is_down && !is_hopeless) action.status.server.state = ServerState::starting;
  report_number_ = actions_.push(action);
}

}  // namespace longhaul
