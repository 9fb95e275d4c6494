#include "policy/failover/sync_standbys.h"

namespace longhaul {
namespace {

constexpr AckRule anybody{static_cast<MemberSet>(~0u), 1};

// `first` is picked before `second`.
bool comes_first(const ServerStatus& status, const ClusterView& view, std::uint32_t first,
                 std::uint32_t second) {
  const bool first_is = contains(status.synchronous, MemberIndex{first});
  const bool second_is = contains(status.synchronous, MemberIndex{second});
  if (first_is != second_is) return first_is;
  const Lsn first_at = position_of(view.members[first].server);
  const Lsn second_at = position_of(view.members[second].server);
  if (first_at != second_at) return first_at > second_at;
  return first < second;
}

}  // namespace

SyncRules SyncChooser::target(const PatroniConfig& config, std::span<const MemberInfo> members,
                              const ServerStatus& status, const ClusterView& view,
                              MemberIndex self, MemberSet gone) {
  MemberSet willing = 0;
  for (std::uint32_t i = 0; i < members.size(); ++i) {
    const bool is_willing = members[i].may_be_synchronous && !members[i].is_witness &&
                            contains(status.standbys, MemberIndex{i}) && i != self.value &&
                            !contains(gone, MemberIndex{i});
    if (is_willing) willing = static_cast<MemberSet>(willing | set_of(MemberIndex{i}));
  }
  const auto count = static_cast<std::uint32_t>(config.synchronous_node_count);
  SyncRules rules;
  if (config.synchronous_mode == PatroniSync::quorum) {
    rules = any_of(willing, count);
  } else {
    MemberSet picked = 0;
    while (size_of(picked) < count && picked != willing) {
      MemberIndex best{};
      for (std::uint32_t i = 0; i < members.size(); ++i) {
        const MemberIndex member{i};
        if (!contains(willing, member) || contains(picked, member)) continue;
        if (!best.valid() || comes_first(status, view, i, best.value)) best = member;
      }
      picked = static_cast<MemberSet>(picked | set_of(best));
    }
    rules = each_of(picked);
  }
  if (rules.server.listed == 0 && config.synchronous_mode_strict) rules.server = anybody;
  return rules;
}

void SyncChooser::begin(const PatroniConfig& config, std::span<const MemberInfo> members,
                        const ServerStatus& status, const ClusterView& view, MemberIndex self,
                        MemberSet gone) {
  // A change of the server always ends; other answers may be lost, and their wait ends here.
  if (step_ == Step::setting_server || step_ == Step::settling) return;
  self_ = self;
  by_quorum_ = config.synchronous_mode == PatroniSync::quorum;
  target_ = target(config, members, status, view, self, gone);
  now_.store = {view.sync_standbys, view.sync_standbys == 0 ? 0
                                    : view.sync_quorum == 0 ? 1u
                                                            : view.sync_quorum};
  // Another's list says nothing of what this server waits for.
  if (view.sync_leader != self) is_known_ = false;
  caught_up_ = status.synchronous;
  if (is_known_ && (now_.server.listed & ~caught_up_) == 0) is_settled_ = true;
  step_ = Step::stepping;
  number_ = 0;
}

std::optional<FailoverAction> SyncChooser::next() {
  if (step_ == Step::settling && !settled_at_) {
    step_ = Step::looking;
    return FailoverAction{.kind = FailoverActionKind::check_server, .member = self_};
  }
  if (step_ != Step::stepping) return std::nullopt;
  pending_ = {};
  if (!is_known_) {
    // Nobody may be promoted until the server waits for whom it should.
    if (now_.store.voters != 0) {
      pending_ = {.kind = SyncStepKind::change_store};
    } else {
      pending_ = {.kind = SyncStepKind::change_server, .server = target_.server};
    }
  } else {
    pending_ = next_sync_step(now_, target_);
  }
  if (pending_.kind == SyncStepKind::change_store && is_known_ && !is_settled_ &&
      !is_restriction(now_.store, pending_.store)) {
    pending_ = {};  // not before they have caught up
  }
  FailoverAction action;
  switch (pending_.kind) {
    case SyncStepKind::none:
      step_ = Step::resting;
      return std::nullopt;
    case SyncStepKind::change_store:
      step_ = Step::writing_store;
      action.kind = FailoverActionKind::write_sync;
      action.member = self_;
      action.members = pending_.store.voters;
      action.quorum = by_quorum_ ? pending_.store.votes : 0;
      action.reason = is_restriction(now_.store, pending_.store) ? FailoverReason::standby_missing
                                                                 : FailoverReason::standby_back;
      return action;
    case SyncStepKind::change_server:
      step_ = Step::setting_server;
      action.kind = FailoverActionKind::set_synchronous;
      action.member = self_;
      action.members = pending_.server.listed;
      action.quorum = pending_.server.acks;
      action.reason = (now_.server.listed & ~pending_.server.listed) != 0
                          ? FailoverReason::standby_missing
                          : FailoverReason::standby_back;
      return action;
  }
  return std::nullopt;
}

bool SyncChooser::handle(TimePoint now, const FailoverEvent& event) {
  if (event.number != number_ || number_ == 0) return false;
  using enum FailoverEventKind;
  if (step_ == Step::writing_store) {
    if (event.kind == store_done) {
      now_.store = pending_.store;
      step_ = Step::stepping;
      return true;
    }
    if (event.kind != store_refused && event.kind != store_failed) return false;
    step_ = Step::resting;  // the next round reads what there is
    return true;
  }
  if (step_ == Step::setting_server) {
    if (event.kind == operation_failed) {
      forget();
      return true;
    }
    if (event.kind != operation_done) return false;
    now_.server = pending_.server;
    is_known_ = true;
    is_settled_ = (now_.server.listed & ~caught_up_) == 0;
    step_ = Step::stepping;
    if (!is_settled_ && now_.server != anybody) {
      step_ = Step::settling;
      settled_at_ = now + settle_time;
    }
    return true;
  }
  if (step_ == Step::looking && event.kind == server_status) {
    caught_up_ = event.status.server.synchronous;
    is_settled_ = (now_.server.listed & ~caught_up_) == 0;
    step_ = Step::stepping;
    return true;
  }
  return false;
}

void SyncChooser::on_timer(TimePoint now) {
  if (settled_at_ && now >= *settled_at_) settled_at_.reset();
}

void SyncChooser::forget() {
  step_ = Step::resting;
  is_known_ = false;
  is_settled_ = false;
  settled_at_.reset();
  number_ = 0;
}

void SyncChooser::note_server(const AckRule& rule) {
  forget();
  now_.server = rule;
  is_known_ = true;
}

}  // namespace longhaul
