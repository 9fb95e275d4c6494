// policy.failover: which manager decides who is the primary, how it is set, and the guards that
// teams put around it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fields.h"
#include "policy/failover/auto_failover_config.h"
#include "policy/failover/consensus_config.h"
#include "policy/failover/durations.h"
#include "policy/failover/first_to_answer.h"
#include "policy/failover/guards_config.h"
#include "policy/failover/managed_config.h"
#include "policy/failover/manual_runbook.h"
#include "policy/failover/patroni_config.h"
#include "policy/failover/repmgr_config.h"

namespace longhaul {

enum class FailoverManager : std::uint8_t {
  none,
  patroni,
  first_to_answer,
  manual_runbook,
  repmgr,
  pg_auto_failover,
  managed,
  consensus_without_fencing
};

template <>
const EnumNames& enum_names<FailoverManager>();

struct FailoverConfig {
  FailoverManager manager = FailoverManager::none;
  FailoverGuards guards;
  PatroniConfig patroni;
  FirstToAnswerConfig first_to_answer;
  ManualRunbookConfig manual_runbook;
  RepmgrConfig repmgr;
  AutoFailoverConfig pg_auto_failover;
  ManagedConfig managed;
  ConsensusConfig consensus_without_fencing;

  static const FieldTable& fields();
  friend bool operator==(const FailoverConfig&, const FailoverConfig&) = default;
};

}  // namespace longhaul
