// The queue between a page and its write: the page is answered when the queue has the item, a
// drainer sends it to the primary later, again and again until it is there.
//
//   kind     a page waits for            a crash of the instance
//   memory   nothing                     loses the items
//   local    a sync                      they wait for the restart
//   broker   a round trip and a sync     another instance goes on
//
// Each instance drains its own queue; a broker's is drained by the first instance of the app that
// is up. With one item in flight the order of the queue is the order of the commits, and one item
// that fails holds up all behind it. With several, a later item may pass an earlier one of the same
// row: outbox_reordered. A drainer that is not answered sends again: at least once, and once with
// an idempotency key. A depth of rate x length after a cut drains at in_flight / (round trip + time
// of the write) items a second.
//
// Items that a broker or a local store holds cost the drainer no time to fetch (it reads ahead),
// and an item whose page got no answer from a broker is not in it. Left out: the reads of a user
// who does not see an own write that is still queued (it is not yet acknowledged by a database);
// batches; dead letters.
#pragma once

#include "models/world.h"

namespace longhaul {

void start_outboxes(World& world);

// A page leaves its current write in the queue, and goes on when the queue has it.
void enqueue(World& world, RequestId id);

// The deadline of a page at the queue has passed: stored, or no place or no answer in time.
void item_stored(World& world, RequestId id);
void enqueue_failed(World& world, RequestId id);

// What the drainer hears of the item that a request carries.
void item_done(World& world, RequestId id);
void item_failed(World& world, RequestId id, ErrorKind error);

// The primary has committed the item that a request carries.
void item_committed(World& world, const Request& request);

// An item goes on in another slot.
void item_moved(World& world, RequestId from, RequestId to);

// An instance crashes while it sends an item: the item is lost or waits. Then its queue.
void item_dropped(World& world, RequestId id);
void crash_outbox(World& world, InstanceId instance);

// An instance is up again, or takes over.
void resume_outbox(World& world, InstanceId instance);

void enqueue_at_broker(World& world, const Event& event);  // enqueue_at_broker
void enqueued_at_app(World& world, const Event& event);    // enqueued_at_app
void outbox_watch_due(World& world, const Event& event);   // outbox_watch_due

}  // namespace longhaul
