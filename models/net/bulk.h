// Bulk data over one TCP connection (net/tcp.h): the files of a base backup, a table that is
// copied, changes for a subscriber. Its content is counted, not kept.
//
// The source reads at `pace` and hands the socket pieces of at most send_chunk and an eighth of the
// congestion window; what is in flight stays within that window and tcp_window, so throughput is at
// most tcp_window / round trip. Connections share a link piece by piece, first in, first out; what
// does not fit its queue is lost, noticed a round trip later and sent again while others go on. So
// bytes count, not their order, which the receiver's kernel restores. In a cut only time-outs try
// again, each after twice the time, and the window starts from one segment. The target writes what
// arrives at its disk's rate and acknowledges what is written.
//
// Left out: the round trips of opening a connection (whoever starts a transfer waits for them).
#pragma once

#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "base/units.h"
#include "models/measures.h"
#include "models/net/tcp.h"
#include "sim/rng.h"
#include "sim/scheduler.h"
#include "sim/timers.h"

namespace longhaul {

enum class BulkUse : std::uint8_t { backup_files, backup_log, table_copy, changes, rewind };

struct Bulk {
  BulkUse use = BulkUse::backup_files;
  std::uint32_t owner = 0;  // number of the backup or subscription
  Traffic purpose = Traffic::base_backup;
  NodeId source;
  PathId path;
  PathId back;
  RandomStream luck;
  ByteRate pace;     // of reading; zero: at once
  ByteRate disk;     // of writing; zero: at once
  bool open = true;  // else nothing is sent any more and what arrives is dropped
  bool reading = false;
  Bytes total;    // all there is to send so far
  Bytes ready;    // handed to the socket
  Bytes sent;     // given to the network, once
  Bytes again;    // known to be lost, to be sent again
  Bytes written;  // on the target
  Bytes acked;    // the source knows
  Tcp tcp;
  Bytes recover_to;    // while less is acknowledged, a loss is being repaired
  Bytes swallowed;     // by a cut: pieces,
  Bytes unheard;       // and acknowledgements; the next time-out that gets through finds out
  Timer deadline;      // of that time-out
  TimePoint heard_at;  // something was acknowledged, or nothing was on its way
  TimePoint last_sent;
  TimePoint arrives;  // the last piece, in the order of sending
  TimePoint disk_free_at;
};

struct World;

// Adds a connection; returns its number in World::bulks.
std::uint32_t open_bulk(World& world, const Bulk& bulk, std::uint64_t key);

// There is more to send.
void extend_bulk(World& world, std::uint32_t number, Bytes total);

// Nothing has been heard for so long, although something was sent.
bool is_silent(const World& world, const Bulk& bulk, Duration patience);

// bulk_read: the connection, if all there is so far has been handed to its socket.
std::optional<std::uint32_t> bulk_read(World& world, const Event& event);

// bulk_written: the connection, if it is open; its target has more.
std::optional<std::uint32_t> bulk_written(World& world, const Event& event);

void bulk_piece(World& world, const Event& event);     // bulk_piece
void bulk_acked(World& world, const Event& event);     // bulk_acked
void bulk_lost(World& world, const Event& event);      // bulk_lost
void bulk_deadline(World& world, const Event& event);  // bulk_deadline

}  // namespace longhaul
