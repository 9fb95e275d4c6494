// Keeps the standbys that commits wait for, in the server, and those that may be promoted, in the
// store, so that whoever may be promoted holds every acknowledged commit at every moment between.
//
// Each round of the leader picks who should be synchronous and takes the changes that quorum.h
// allows one after the other: a change of the server is followed by two seconds and a look at who
// has caught up, because commits acknowledged before it waited for others. Until all have, the
// store may only become stricter.
//
// Who is picked: standbys that stream, that may be synchronous and whose member keys have not
// expired and say that they run; those that are already come first, then the furthest by the last
// reports, then the lowest number. So a dead host is waited for until ttl is over since it wrote
// its key, and the leader's next round begins. One by one so many as
// synchronous_node_count says; by quorum all of them, any so many of which acknowledge. When none
// is left commits wait for nobody, or in strict mode for anybody that comes, whom nobody may then
// promote.
//
// Source: Patroni ha.py, _process_multisync_replication and _process_quorum_replication;
// postgresql/sync.py (_ReplicaList). Left out: maximum_lag_on_syncnode, sync_priority.
#pragma once

#include <optional>
#include <span>

#include "base/check.h"
#include "policy/failover/patroni_config.h"
#include "policy/failover/quorum.h"

namespace longhaul {

class SyncChooser {
 public:
  enum class Step : std::uint8_t {
    resting,
    stepping,  // the next change is to be ordered
    writing_store,
    setting_server,
    settling,
    looking,  // at who has caught up
  };

  // The rules that are right now; `status` is the leader's server, `gone` whoever's member key has
  // expired or says that its server does not run.
  static SyncRules target(const PatroniConfig& config, std::span<const MemberInfo> members,
                          const ServerStatus& status, const ClusterView& view, MemberIndex self,
                          MemberSet gone);

  // A round of the leader begins: from here on the owner calls next().
  void begin(const PatroniConfig& config, std::span<const MemberInfo> members,
             const ServerStatus& status, const ClusterView& view, MemberIndex self,
             MemberSet gone);
  // The next order, if there is one; the owner says with ordered() under which number it went out.
  std::optional<FailoverAction> next();
  void ordered(std::uint32_t number) { number_ = number; }
  // Whether the event answers the last order.
  bool handle(TimePoint now, const FailoverEvent& event);
  void on_timer(TimePoint now);
  std::optional<TimePoint> next_deadline() const { return settled_at_; }

  // Nothing is known of the server any more (it has stopped, or another leads).
  void forget();
  // The server has been told this before its promotion.
  void note_server(const AckRule& rule);
  bool is_resting() const { return step_ == Step::resting; }

 private:
  static constexpr Duration settle_time = seconds(2);

  Step step_ = Step::resting;
  MemberIndex self_{};
  bool by_quorum_ = false;
  bool is_known_ = false;    // what the server waits for
  bool is_settled_ = false;  // all that it waits for had caught up
  SyncRules now_{};
  SyncRules target_{};
  SyncStep pending_{};
  MemberSet caught_up_ = 0;
  std::uint32_t number_ = 0;
  std::optional<TimePoint> settled_at_;
};

}  // namespace longhaul
