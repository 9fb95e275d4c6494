// How long the log is kept, and what happens to those who come too late for it.
//
// The log is removed in whole segments and only when a checkpoint ends. What stays is
//   everything from the checkpoint's redo point on,
//   the last wal_keep_size,
//   what a base backup in progress or a logical subscription still needs: they have slots, too,
//   what a replication slot of a standby (`slot`) still needs: all behind the position that it last
//   confirmed as flushed, however much that is, unless max_slot_wal_keep_size bounds it.
// A slot beyond that bound is lost, again only when a checkpoint ends: between two checkpoints it
// may exceed the bound. A standby that needs removed log is lost: its stream ends, its attempts are
// refused, and it serves reads of an age that grows until a base backup builds it anew.
//
// With `wal_disk` a primary whose log no longer fits stops (PANIC: could not write to file) and
// stays down: nobody frees room.
//
// Sources: PostgreSQL xlog.c (KeepLogSeg, RemoveOldXlogFiles), slot.c
// (InvalidateObsoleteReplicationSlots, pg_replication_slots.wal_status), walsender.c
// (CheckXLogRemoved). Left out: archives; restartpoints: a standby that others
// stream from removes log when a checkpoint of the primary ends, as far as it has replayed;
// min_wal_size: recycled segments hold nothing that could be asked for.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/units.h"
#include "sim/scheduler.h"

namespace longhaul {

struct World;
struct WalStream;

// pg_replication_slots.wal_status
enum class SlotState : std::uint8_t {
  reserved,    // within max_wal_size
  extended,    // beyond it, kept by the slot
  unreserved,  // beyond max_slot_wal_keep_size: the end of the next checkpoint removes it
  lost,
};

SlotState slot_state(const World& world, const WalStream& stream);

// Whether a server still has its log from `from` on; Node::kept_from is the oldest position.
bool wal_available(const World& world, NodeId upstream, Lsn from);

// The standby asked for what is no longer there.
void lose_standby(World& world, WalStream& stream);

// It was built anew.
void find_again(WalStream& stream);

// A checkpoint of the primary has ended.
void remove_old_wal(World& world, NodeId primary);

// The log of a server entered a segment, or was cut off at its old end.
void note_retained(World& world, NodeId node);

void disk_full(World& world, const Event& event);  // disk_full

}  // namespace longhaul
