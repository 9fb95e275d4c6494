// Data that is gone, and a server that is restored from a backup.
//
// data_directory_lost: somebody or something deletes the files of a server whose host lives on. It
// stops at once and does not start: it has to be built anew by a base backup of another server, or
// restored.
//
// restore_backup: an operator copies the last complete backup that somebody keeps (the fault
// base_backup with "to") back to a server, starts it and lets it recover to the end of the backup:
//
//   size on the wire / rate, at most disk_write_rate + replay of the backup's own log
//
// Then it accepts writes on a timeline that forks off where the backup ends. All that was
// acknowledged later is lost (Loss::restored_backup), unless another server that has it is promoted
// instead. A server that runs is stopped for it. Without a complete backup nothing happens: there
// is nothing to restore, and the server stays as it is.
//
// Sources: PostgreSQL manual, Continuous Archiving and Point-in-Time Recovery
// (recovery_target = immediate); facts 55, 144. Left out: archives, so recovery to a later point;
// backups that cannot be read; logical dumps; what people take until they have found a backup,
// which is when the scenario lets them begin.
#pragma once

#include "models/world.h"

namespace longhaul {

void lose_data_directory(World& world, NodeId node);

void restore_backup(World& world, const FaultPlan& action);
void backup_restored(World& world, const Event& event);  // backup_restored

// Whether a backup is being made, or a complete copy may still be restored: what it holds is not
// forgotten.
bool is_held(const World& world, const Backup& backup);

}  // namespace longhaul
