#include "models/give_up.h"

#include "models/app/cache.h"
#include "models/app/pages.h"
#include "models/app/pools.h"
#include "models/app/probes.h"
#include "models/app/statements.h"
#include "models/control/raft_mail.h"
#include "models/control/store_clients.h"
#include "models/pg/stream_connection.h"

namespace longhaul {

void give_up(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const bool current =
      arg.slot < world.requests.size() && find(world, {arg.slot, arg.generation}) != nullptr;
  switch (static_cast<EventKind>(event.kind)) {
    case EventKind::statement_at_node:
    case EventKind::reply_at_app:
      if (current && world.requests[arg.slot].attempt == event.generation) {
        statement_lost(world, {arg.slot},
                       static_cast<EventKind>(event.kind) == EventKind::statement_at_node);
      }
      return;
    case EventKind::page_at_app:
    case EventKind::page_at_user:
      if (current) page_lost(world, {arg.slot});
      return;
    case EventKind::connect_at_node:
    case EventKind::connect_at_app:
      if (world.connects[arg.slot].generation != arg.generation) return;
      return connect_lost(world, arg.slot,
                          static_cast<EventKind>(event.kind) == EventKind::connect_at_app &&
                              takes_slot(static_cast<ConnectAnswer>(event.generation)));
    case EventKind::question_at_member:
    case EventKind::news_at_agent:
    case EventKind::order_at_member:
      world.control.mail.release(arg.slot);
      return;
    case EventKind::order_at_cache:
      return order_lost(world, event);
    case EventKind::raft_at_member:
      return mail_lost(world, event);
    case EventKind::store_asked:
      return store_ask_lost(world, event);
    case EventKind::store_answered:
      return store_reply_lost(world, event);
    case EventKind::probe_at_app:
      return release_answer(world, arg.slot);
    case EventKind::stream_asked:
      return stream_attempt_failed(world, arg.slot, arg.generation);
    case EventKind::wal_at_standby:
    case EventKind::wal_acked:
    case EventKind::standby_reply:
    case EventKind::probe_at_node:
    case EventKind::position_at_app:
      world.mail.release(arg.slot);
      return;
    default:
      return;  // what waits for these has an end of its own
  }
}

}  // namespace longhaul
