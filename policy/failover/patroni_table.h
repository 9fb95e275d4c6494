// The two machines of the agent of Patroni as tables: its round and the work on its server.
#pragma once

#include <array>

#include "policy/failover/table.h"

namespace longhaul {

enum class PatroniState : std::uint8_t {
  waiting,            // for the next round
  looking,            // at its server and at the store
  renewing,           // the leader key, which is its own
  racing,             // asks the others for their positions
  acquiring,          // the leader key
  claiming_sync,      // empties the list of synchronous standbys before it promotes
  seeking_successor,  // asks the others whether one of them may be promoted instead
  asking_members,     // whether they accept it without the store
};

enum class PatroniInput : std::uint8_t {
  round_due,
  key_moved,     // a watch saw the leader key go or come
  leader_wrote,  // or that the leader has written its position
  observed,      // its server and the store have answered
  granted,       // the store did what was asked
  refused,       // the store did not
  store_lost,    // the store has been silent for retry_timeout
  answered,      // the others have, or had the time to
};

// The condition of a row. Those of one (state, input) are tried in the order of the table.
enum class PatroniGuard : std::uint8_t {
  always,
  status_unknown,
  holds_key,
  makes_primary,  // a promotion or the start of a primary is under way
  works,          // another operation on the server is under way
  paused,
  paused_primary,  // paused, and nobody holds the key
  paused_standby,
  // Another member holds the key.
  led_primary,
  led_unready,
  led_to_rewind,
  led_to_rebuild,
  led_diverged,
  led_stopped,
  led_elsewhere,
  led,
  // Nobody does.
  unlocked_stopped,
  unlocked_unready,
  primary_may_lead,
  is_primary,
  may_race,
  // Of the holder of the key.
  start_too_long,
  starting,
  leads_standby_stopped,  // of a standby cluster
  leads_standby_astray,   // its server follows nobody of the other cluster, or does not stream
  leads_standby,
  crashed_gives_up,
  crashed,
  stopped,
  unready,
  switchover_asked,
  watchdog_fails,
  synchronous,
  // Of answers.
  keeps_by_failsafe,  // failsafe mode, and it is primary
  accepted_by_all,
  healthiest,
  successor_for_switchover,
  no_successor_for_switchover,
  successor_after_crash,
  successor_after_start,
  no_successor_after_crash,
};

enum class PatroniOrder : std::uint8_t {
  nothing,
  look,
  renew,
  ask_all,
  ask_failsafe,
  acquire,
  claim_sync,
  lead,
  lead_standbys,
  lead_without_store,
  release,
  stand_back,  // says why it is not promoted
  cancel_switchover,
  report_diverged,
  // Work on the server.
  promote,
  start_primary,
  start_read_only,
  follow,
  follow_remote,
  rewind,
  rebuild,
  demote_offline,
  demote_lost,
  hand_over,
  give_up,
};

enum class ServerWork : std::uint8_t {
  none,
  promoting,
  starting,          // as a primary
  following,         // starts as a standby, or turns to another upstream
  stopping_offline,  // fast, because the store is silent
  stopping_lost,     // immediately, because the key is lost
  handing_over,      // fast, for a switchover
  giving_up,         // immediately, because another shall be promoted
  resting,           // has released the key and leaves it to others for two seconds
  rewinding,
  rebuilding,
};

enum class WorkInput : std::uint8_t {
  promote,
  start_primary,
  follow,
  rewind,
  rebuild,
  demote_offline,
  demote_lost,
  hand_over,
  give_up,
  done,
  failed,
  too_long,  // primary_stop_timeout is over
  rested,
};

enum class WorkGuard : std::uint8_t { always, holds_key, may_rebuild };

enum class WorkOrder : std::uint8_t {
  nothing,
  promote,
  start_primary,
  start_standby,
  start_offline,  // as a standby of nobody, unless another is known to lead
  stop_fast,
  stop_immediately,
  release,  // the key, and rests
  release_after_failure,
  give_key_back,  // its server is down, and it may take part in the race when that runs again
  rewind,
  rebuild,
  take_over,  // says that the server is primary now
  page,
};

using PatroniRow = Transition<PatroniState, PatroniInput, PatroniGuard, PatroniOrder>;
using WorkRow = Transition<ServerWork, WorkInput, WorkGuard, WorkOrder>;

constexpr std::size_t patroni_row_count = 80;
constexpr std::size_t work_row_count = 35;
extern const std::array<PatroniRow, patroni_row_count> patroni_table;
extern const std::array<WorkRow, work_row_count> work_table;

MachineTable patroni_round();
MachineTable patroni_work();

std::string_view to_text(PatroniState state);
std::string_view to_text(PatroniInput input);
std::string_view to_text(PatroniGuard guard);
std::string_view to_text(PatroniOrder order);
std::string_view to_text(ServerWork work);
std::string_view to_text(WorkInput input);
std::string_view to_text(WorkGuard guard);
std::string_view to_text(WorkOrder order);

}  // namespace longhaul
