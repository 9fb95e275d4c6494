#include "models/app/tokens.h"

#include "models/app/page_time.h"
#include "models/app/pages.h"
#include "models/app/statements.h"

namespace longhaul {
namespace {

const FreshnessConfig& rule_of(const World& world) { return world.plan->policy.freshness; }
TokenPlace place_of(const World& world) { return rule_of(world).store.kind; }
bool by_row(const World& world) { return rule_of(world).scope == TokenScope::entity; }

// Whether a request works on a copy of its token.
bool works_on_copy(const World& world) {
  return place_of(world) != TokenPlace::ideal || by_row(world);
}

bool is_read(const World& world, const Request& request) {
  const Call& call = current_call(world, request);
  return call.transaction ? !call.writes : current_step(world, request).verb == Verb::read;
}

TokenTable& table_of(World& world, const Request& request) {
  const Instance& instance = world.instances[request.instance.value];
  switch (place_of(world)) {
    case TokenPlace::process:
      return world.stores.tables[request.instance.value];
    case TokenPlace::shared:
      return world.stores.tables[instance.app.value];
    case TokenPlace::ideal:
    case TokenPlace::cookie:
      break;
  }
  return world.stores.tables.front();
}

std::uint64_t key_of(const World& world, const Request& request) {
  const Session& session = world.sessions[request.session.value];
  return rule_of(world).scope == TokenScope::user ? session.user.value : request.session.value;
}

// The rows that the current statement reads, or all that its read-only transaction will.
template <class Visit>
void visit_rows(const World& world, Request& request, const Visit& visit) {
  const auto visit_step = [&] {
    const Step& step = current_step(world, request);
    if (!step.set.valid()) return;  // BEGIN, COMMIT
    for (std::int64_t i = 0; i < step.rows; ++i) visit(row_of(world, request, step, i));
  };
  const Call& call = current_call(world, request);
  if (!call.transaction) return visit_step();
  const std::uint32_t step = request.step;
  const std::uint32_t ordinal = request.ordinal;
  const std::int64_t round = request.step_round;
  for (request.step = 0; request.step < call.step_count; ++request.step) {
    const std::int64_t times = current_step(world, request).times;
    for (request.step_round = 0; request.step_round < times; ++request.step_round) {
      visit_step();
      ++request.ordinal;
    }
  }
  request.step = step;
  request.ordinal = ordinal;
  request.step_round = round;
}

SessionToken token_of_rows(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  SessionToken token;
  visit_rows(world, request, [&](std::uint64_t row) {
    token = merge(token, place_of(world) == TokenPlace::cookie
                             ? world.stores.of_requests[id.value].token_of(row)
                             : table_of(world, request).find(row));
  });
  return token;
}

void put(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  const FreshnessConfig& rule = rule_of(world);
  if (!by_row(world)) {
    return table_of(world, request).put(rule, world.now(), key_of(world, request), request.token);
  }
  for (const std::uint64_t row : request.touched) {
    if (place_of(world) == TokenPlace::cookie) {
      world.stores.of_requests[id.value].put(row, request.token);
    } else {
      table_of(world, request).put(rule, world.now(), row, request.token);
    }
  }
}

// ---- The shared store --------------------------------------------------------------------------

Duration store_delay(const World& world, const Request& request) {
  const AppPlan& app = world.plan->apps[world.instances[request.instance.value].app.value];
  return sample(app.token_store, draw(world, request, Purpose::token_store, request.attempt));
}

void token_event_after(World& world, RequestId id, Duration delay, EventKind kind, bool failed) {
  const Request& request = world.requests[id.value];
  const auto flag = static_cast<std::uint16_t>(failed ? 1 : 0);
  world.scheduler.after(delay, EventClass::ordinary, target(request.instance),
                        static_cast<std::uint16_t>(kind), request.attempt,
                        MessageArg{id.value, request.generation, flag}.pack());
}

void ask_store(World& world, RequestId id, Phase phase) {
  Request& request = world.requests[id.value];
  request.phase = phase;
  request.attempt = static_cast<std::uint16_t>(request.attempt + 1);
  request.token_unknown = false;
  spend(world, id.value, PagePart::token);
  arm_request_deadline(world, id, TimePoint::never());
  const Duration delay = store_delay(world, request);
  const Duration timeout = rule_of(world).store.timeout;
  const AppId app = world.instances[request.instance.value].app;
  const bool failed = world.stores.outages[app.value] > 0 || delay > timeout;
  Counter& errors = world.measures.counter(Metric::token_store_errors, app.value);
  errors.population += 1;
  errors.count += failed ? 1 : 0;
  if (failed) {
    token_event_after(world, id, timeout, EventKind::token_at_app, true);
  } else {
    token_event_after(world, id, {delay.ns / 2}, EventKind::token_at_store, false);
  }
}

Request* waiting_for_store(World& world, const Event& event, const MessageArg& arg) {
  Request* request = find(world, {arg.slot, arg.generation});
  if (request == nullptr || request->attempt != event.generation) return nullptr;
  const bool waits =
      request->phase == Phase::finding_token || request->phase == Phase::keeping_token;
  return waits ? request : nullptr;
}

}  // namespace

void start_tokens(World& world) {
  const TokenPlace place = place_of(world);
  TokenStores& stores = world.stores;
  stores.outages.resize(world.plan->apps.size());
  if (!works_on_copy(world)) return;
  stores.tables.resize(place == TokenPlace::process  ? world.instances.size()
                       : place == TokenPlace::shared ? world.plan->apps.size()
                                                     : 1);
  if (by_row(world) && place == TokenPlace::cookie) {
    stores.of_sessions.resize(world.sessions.size());
  }
}

void send_cookie(World& world, RequestId id) {
  if (place_of(world) != TokenPlace::cookie) return;
  Request& request = world.requests[id.value];
  if (!by_row(world)) {
    request.token = world.sessions[request.session.value].token;
    return;
  }
  std::vector<RecentWrites>& cookies = world.stores.of_requests;
  if (cookies.size() <= id.value) cookies.resize(world.requests.size());
  cookies[id.value] = world.stores.of_sessions[request.session.value];
}

void set_cookie(World& world, RequestId id) {
  if (place_of(world) != TokenPlace::cookie) return;
  const Request& request = world.requests[id.value];
  if (!request.token_changed) return;
  if (by_row(world)) {
    world.stores.of_sessions[request.session.value] = world.stores.of_requests[id.value];
  } else {
    world.sessions[request.session.value].token = request.token;
  }
}

void move_cookie(World& world, RequestId from, RequestId to) {
  std::vector<RecentWrites>& cookies = world.stores.of_requests;
  if (cookies.empty() || world.requests[to.value].duty != Duty::page) return;
  if (cookies.size() <= to.value) cookies.resize(world.requests.size());
  cookies[to.value] = cookies[from.value];
}

SessionToken& token_of(World& world, Request& request) {
  if (works_on_copy(world)) return request.token;
  Session& session = world.sessions[request.session.value];
  switch (rule_of(world).scope) {
    case TokenScope::request:
    case TokenScope::entity:
      return request.token;
    case TokenScope::session:
      if (world.plan->groups.size() == 1) return session.token;
      return world
          .session_tokens[request.session.value * world.plan->groups.size() + request.group.value];
    case TokenScope::user:
      if (world.plan->groups.size() == 1) return world.users[session.user.value].token;
      return world
          .user_tokens[session.user.value * world.plan->groups.size() + request.group.value];
  }
  __builtin_unreachable();
}

bool await_token(World& world, RequestId id) {
  if (!works_on_copy(world)) return false;
  Request& request = world.requests[id.value];
  if (is_canary(world, request) || !is_read(world, request)) return false;
  switch (place_of(world)) {
    case TokenPlace::shared:
      if (request.token_found) return false;
      ask_store(world, id, Phase::finding_token);
      return true;
    case TokenPlace::process:
      request.token = by_row(world) ? token_of_rows(world, id)
                                    : table_of(world, request).find(key_of(world, request));
      return false;
    case TokenPlace::ideal:
    case TokenPlace::cookie:
      if (by_row(world)) request.token = token_of_rows(world, id);
      return false;
  }
  __builtin_unreachable();
}

void forget_found_token(World& world, Request& request) {
  if (by_row(world)) request.token_found = false;
}

void forget_tokens(World& world, InstanceId instance) {
  if (place_of(world) == TokenPlace::process) world.stores.tables[instance.value] = {};
}

void note_unstuck(World& world, Request& request, const SessionToken& token) {
  request.token_changed = true;
  const TokenPlace place = place_of(world);
  if (!works_on_copy(world) || place == TokenPlace::cookie) return;
  TokenTable& table = table_of(world, request);
  const auto erase = [&](std::uint64_t key) {
    const SessionToken kept = table.find(key);
    const bool is_newer =
        kept.timeline != token.timeline ? kept.timeline > token.timeline : kept.lsn > token.lsn;
    if (!is_newer) table.erase(key);  // else another page has written since
  };
  if (!by_row(world)) return erase(key_of(world, request));
  visit_rows(world, request, erase);
}

void note_rows(World& world, Request& request, const Step& step) {
  if (!by_row(world) || step.verb != Verb::write) return;
  for (std::int64_t i = 0; i < step.rows; ++i) {
    request.touched.push_back(row_of(world, request, step, i));
  }
}

void note_own_write(World& world, Request& request, std::uint32_t timeline, Lsn lsn) {
  SessionToken& token = token_of(world, request);
  if (by_row(world)) token = {};  // of these rows
  note_write(token, timeline, lsn, world.now());
  request.wrote = true;
  request.token_changed = true;
}

void note_seen(World& world, RequestId id) {
  if (!rule_of(world).monotonic_reads) return;
  Request& request = world.requests[id.value];
  if (is_canary(world, request)) return;
  SessionToken& token = token_of(world, request);
  note_read(token, DatabaseIndex{world.plan->nodes[request.node.value].member},
            world.node(request.node).timeline, request.shown);
  request.token_changed = true;
  if (place_of(world) == TokenPlace::process) put(world, id);
}

bool keep_token(World& world, RequestId id) {
  if (!works_on_copy(world) || is_canary(world, world.requests[id.value])) return false;
  if (place_of(world) == TokenPlace::shared) {
    ask_store(world, id, Phase::keeping_token);
    return true;
  }
  if (by_row(world) || place_of(world) == TokenPlace::process) put(world, id);
  return false;
}

void token_at_store(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  Request* request = waiting_for_store(world, event, arg);
  if (request == nullptr) return;
  const RequestId id{arg.slot};
  if (request->phase == Phase::keeping_token) {
    put(world, id);
  } else if (by_row(world)) {
    request->token = token_of_rows(world, id);
  } else {
    const TokenTable& table = table_of(world, *request);
    request->token = merge(request->token, table.find(key_of(world, *request)));
  }
  const Duration delay = store_delay(world, *request);
  token_event_after(world, id, delay - Duration{delay.ns / 2}, EventKind::token_at_app, false);
}

void token_at_app(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  Request* request = waiting_for_store(world, event, arg);
  if (request == nullptr) return;
  const RequestId id{arg.slot};
  request->deadline.cancel();
  const bool failed = arg.path != 0;
  const StoreFailure when_down = rule_of(world).store.when_down;
  if (failed && when_down == StoreFailure::fail) {
    const bool committed = request->phase == Phase::keeping_token;  // nothing to try again
    return committed ? fail_committed(world, id, ErrorKind::refused)
                     : statement_failed(world, id, ErrorKind::refused);
  }
  request->token_found = true;
  if (request->phase == Phase::keeping_token) return write_settled(world, id);
  request->token_unknown = failed && when_down == StoreFailure::primary;
  if (failed && by_row(world)) request->token = {};
  route_statement(world, id);
}

}  // namespace longhaul
