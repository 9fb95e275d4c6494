#include "models/event_kinds.h"

namespace longhaul {

std::string_view to_text(EventKind kind) {
  switch (kind) {
    case EventKind::fault_begins:
      return "fault_begins";
    case EventKind::fault_ends:
      return "fault_ends";
    case EventKind::warmup_ends:
      return "warmup_ends";
    case EventKind::page_due:
      return "page_due";
    case EventKind::page_at_app:
      return "page_at_app";
    case EventKind::page_at_user:
      return "page_at_user";
    case EventKind::statement_at_node:
      return "statement_at_node";
    case EventKind::statement_served:
      return "statement_served";
    case EventKind::reply_at_app:
      return "reply_at_app";
    case EventKind::request_deadline:
      return "request_deadline";
    case EventKind::connect_at_node:
      return "connect_at_node";
    case EventKind::connect_at_app:
      return "connect_at_app";
    case EventKind::position_at_node:
      return "position_at_node";
    case EventKind::position_at_app:
      return "position_at_app";
    case EventKind::connect_deadline:
      return "connect_deadline";
    case EventKind::position_due:
      return "position_due";
    case EventKind::wal_flushed:
      return "wal_flushed";
    case EventKind::wal_writer_due:
      return "wal_writer_due";
    case EventKind::wal_at_standby:
      return "wal_at_standby";
    case EventKind::wal_acked:
      return "wal_acked";
    case EventKind::standby_flushed:
      return "standby_flushed";
    case EventKind::standby_replayed:
      return "standby_replayed";
    case EventKind::replay_due:
      return "replay_due";
    case EventKind::standby_reply:
      return "standby_reply";
    case EventKind::status_due:
      return "status_due";
    case EventKind::stream_deadline:
      return "stream_deadline";
    case EventKind::sender_due:
      return "sender_due";
    case EventKind::receiver_due:
      return "receiver_due";
    case EventKind::keepalive_at_standby:
      return "keepalive_at_standby";
    case EventKind::stream_due:
      return "stream_due";
    case EventKind::stream_asked:
      return "stream_asked";
    case EventKind::stream_answered:
      return "stream_answered";
    case EventKind::stream_closed_below:
      return "stream_closed_below";
    case EventKind::stream_closed_above:
      return "stream_closed_above";
    case EventKind::connections_reset:
      return "connections_reset";
    case EventKind::probe_due:
      return "probe_due";
    case EventKind::probe_at_node:
      return "probe_at_node";
    case EventKind::probe_at_app:
      return "probe_at_app";
    case EventKind::probe_deadline:
      return "probe_deadline";
    case EventKind::policy_due:
      return "policy_due";
    case EventKind::retransmit_due:
      return "retransmit_due";
    case EventKind::heartbeat_due:
      return "heartbeat_due";
    case EventKind::monitoring_due:
      return "monitoring_due";
  }
  return "unknown";
}

}  // namespace longhaul
