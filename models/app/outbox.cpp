#include "models/app/outbox.h"

#include <algorithm>

#include "models/app/crashes.h"
#include "models/app/page_time.h"
#include "models/app/pages.h"
#include "models/app/retries.h"
#include "models/app/statements.h"
#include "models/app/witness.h"
#include "models/net/messages.h"

namespace longhaul {
namespace {

constexpr Duration watch_interval = seconds(1);

const OutboxConfig& config_of(const World& world, const Outbox& box) {
  return world.plan->apps[box.app.value].config.outbox;
}

// A broker's queue is the one of the app's first instance.
std::uint32_t box_of(const World& world, InstanceId instance) {
  const AppPlan& app = world.plan->apps[world.instances[instance.value].app.value];
  return app.config.outbox.kind == QueueKind::broker ? app.first_instance.value : instance.value;
}

InstanceId drainer_of(const World& world, std::uint32_t number) {
  const InstanceId owner{number};
  const Outbox& box = world.outboxes[number];
  if (config_of(world, box).kind == QueueKind::broker) return instance_that_is_up(world, owner);
  return is_up(world, owner) ? owner : InstanceId{};
}

std::size_t taken(const Outbox& box) {
  return box.waiting.size() + box.in_flight.size() + box.storing;
}

bool is_full(const World& world, const Outbox& box) {
  return taken(box) >= static_cast<std::size_t>(config_of(world, box).capacity);
}

void change_depth(World& world, const Outbox& box, std::int64_t change) {
  OutboxWatch& watch = world.outbox_watches[box.app.value];
  watch.depth += change;
  world.measures.gauge(Metric::outbox_depth, box.app.value).set(world.now(), watch.depth);
}

void drain(World& world, std::uint32_t number) {
  const auto most = static_cast<std::size_t>(config_of(world, world.outboxes[number]).in_flight);
  const InstanceId drainer = drainer_of(world, number);
  if (!drainer.valid()) return;
  while (true) {
    Outbox& box = world.outboxes[number];
    if (box.waiting.empty() || box.in_flight.size() >= most) return;
    const OutboxItem item = box.waiting.pop_front();
    const RequestId id = new_request(world, item.session);
    Request& request = world.requests[id.value];
    request.duty = Duty::drain;
    request.instance = drainer;
    request.outbox = number;
    request.number = item.number;
    request.page = item.page;
    request.call = item.call;
    request.call_round = item.call_round;
    request.step_round = item.step_round;
    request.ordinal = item.ordinal;
    request.clicked = item.enqueued_at;
    request.sequence = item.sequence;
    box.in_flight.push_back(id);
    witness_begin(world, id);
    page_clicked(world, id.value, {});
    want_statement(world, id);
  }
}

// What drains takes slots, so that a reference to the request may not outlive this.
void put(World& world, RequestId id) {
  const Request& request = world.requests[id.value];
  const std::uint32_t number = box_of(world, request.instance);
  Outbox& box = world.outboxes[number];
  box.waiting.push_back({.session = request.session,
                         .number = request.number,
                         .page = request.page,
                         .call = request.call,
                         .call_round = request.call_round,
                         .step_round = request.step_round,
                         .ordinal = request.ordinal,
                         .enqueued_at = world.now(),
                         .sequence = box.next_sequence++});
  world.measures.counter(Metric::outbox_lost, box.app.value).population += 1;
  change_depth(world, box, 1);
  drain(world, number);
}

void answer_from_broker(World& world, RequestId id, bool stored) {
  Request& request = world.requests[id.value];
  const AppPlan& app = world.plan->apps[world.instances[request.instance.value].app.value];
  if (!stored) request.refused = ErrorKind::outbox_full;
  const Duration sync =
      sample(app.config.outbox.sync, draw(world, request, Purpose::enqueue_sync, request.ordinal));
  post(world, {.kind = EventKind::enqueued_at_app,
               .target = target(request.instance),
               .attempt = request.attempt,
               .slot = id.value,
               .generation = request.generation,
               .path = world.plan->path(app.broker_place, app.place),
               .size = world.plan->network.statement_reply,
               .luck = draw(world, request, Purpose::from_broker, request.ordinal),
               .delay = stored ? sync : Duration{}});
}

// The queue has a place for the page's write.
void store(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  Outbox& box = world.outboxes[box_of(world, request.instance)];
  const OutboxConfig& config = config_of(world, box);
  switch (config.kind) {
    case QueueKind::memory:
      request.deadline.cancel();
      put(world, id);
      return statement_done(world, id);
    case QueueKind::local: {
      box.storing += 1;
      request.phase = Phase::storing;
      const std::uint64_t luck = draw(world, request, Purpose::enqueue_sync, request.ordinal);
      const TimePoint done = world.now() + sample(config.sync, luck);
      request.deadline.arm(world.scheduler, done, EventClass::ordinary, target(id),
                           static_cast<std::uint16_t>(EventKind::request_deadline));
      return;
    }
    case QueueKind::broker:
      put(world, id);
      return answer_from_broker(world, id, true);
  }
}

// The page's write is where the queue is.
void ask_for_place(World& world, RequestId id) {
  const Request& request = world.requests[id.value];
  Outbox& box = world.outboxes[box_of(world, request.instance)];
  const OutboxConfig& config = config_of(world, box);
  if (!is_full(world, box)) return store(world, id);
  if (config.when_full == WhenFull::block) {
    box.blocked.push_back({id.value, request.generation});
  } else if (config.kind == QueueKind::broker) {
    answer_from_broker(world, id, false);
  } else {
    fail_page(world, id, ErrorKind::outbox_full);
  }
}

// Items have gone: the first that wait for a place get it.
void let_in(World& world, std::uint32_t number) {
  while (!world.outboxes[number].blocked.empty() && !is_full(world, world.outboxes[number])) {
    const RequestRef ref = world.outboxes[number].blocked.pop_front();
    const Request* request = find(world, ref);
    if (request != nullptr && request->phase == Phase::enqueuing) store(world, {ref.slot});
  }
}

void forget(World& world, RequestId id) {
  Outbox& box = world.outboxes[world.requests[id.value].outbox];
  box.in_flight.erase(std::find(box.in_flight.begin(), box.in_flight.end(), id));
  change_depth(world, box, -1);
}

bool is_committed(const World& world, const Request& request) {
  return request.version_count > 0 ||
         (request.doubt != no_doubt && world.doubts.slots[request.doubt].commits > 0);
}

std::uint64_t row_under_way(const World& world, const Request& request) {
  return row_of(world, request, current_step(world, request), 0);
}

bool is_alarming(const World& world, AppId app) {
  const OutboxConfig& config = world.plan->apps[app.value].config.outbox;
  if (config.alert_depth && world.outbox_watches[app.value].depth > *config.alert_depth) {
    return true;
  }
  if (!config.alert_age) return false;
  for (const Outbox& box : world.outboxes) {
    if (box.app != app) continue;
    TimePoint oldest = box.waiting.empty() ? TimePoint::never() : box.waiting.front().enqueued_at;
    for (const RequestId id : box.in_flight) {
      oldest = std::min(oldest, world.requests[id.value].clicked);
    }
    if (oldest != TimePoint::never() && world.now() - oldest > *config.alert_age) return true;
  }
  return false;
}

void watch(World& world, AppId app) {
  world.scheduler.after(watch_interval, EventClass::ordinary, target(TargetKind::run, app.value),
                        static_cast<std::uint16_t>(EventKind::outbox_watch_due), 0, 0);
}

}  // namespace

void start_outboxes(World& world) {
  const auto queues = [](const Call& call) { return call.enqueued; };
  if (std::none_of(world.plan->calls.begin(), world.plan->calls.end(), queues)) return;
  for (const Instance& instance : world.instances) {
    world.outboxes.emplace_back();
    world.outboxes.back().app = instance.app;
  }
  for (std::uint32_t i = 0; i < world.plan->apps.size(); ++i) {
    const OutboxConfig& config = world.plan->apps[i].config.outbox;
    world.outbox_watches.push_back({0, LagAlert({.above = {}, .lasting = config.alert_for})});
    world.measures.gauge(Metric::outbox_depth, i).set({}, 0);
    if (config.alert_depth || config.alert_age) watch(world, {i});
  }
}

void enqueue(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  const AppPlan& app = world.plan->apps[world.instances[request.instance.value].app.value];
  request.phase = Phase::enqueuing;
  spend(world, id.value, PagePart::app);
  request.attempt = static_cast<std::uint16_t>(request.attempt + 1);
  request.refused.reset();
  arm_request_deadline(world, id, world.now() + app.config.statement_timeout);
  if (app.config.outbox.kind != QueueKind::broker) return ask_for_place(world, id);
  post(world, {.kind = EventKind::enqueue_at_broker,
               .target = target(request.instance),
               .attempt = request.attempt,
               .slot = id.value,
               .generation = request.generation,
               .path = world.plan->path(app.place, app.broker_place),
               .size = world.plan->network.statement_request,
               .luck = draw(world, request, Purpose::to_broker, request.ordinal)});
}

void item_stored(World& world, RequestId id) {
  world.outboxes[box_of(world, world.requests[id.value].instance)].storing -= 1;
  put(world, id);
  if (world.now() >= world.requests[id.value].give_up_at) {
    return fail_page(world, id, ErrorKind::timeout);
  }
  statement_done(world, id);
}

void enqueue_failed(World& world, RequestId id) {
  const Outbox& box = world.outboxes[box_of(world, world.requests[id.value].instance)];
  const bool remote = config_of(world, box).kind == QueueKind::broker;
  fail_page(world, id, remote ? ErrorKind::timeout : ErrorKind::outbox_full);
}

void enqueue_at_broker(World& world, const Event& event) {
  if (!arrived(world, event, world.plan->network.statement_request)) return;
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Request* request = find(world, {arg.slot, arg.generation});
  if (request == nullptr || request->attempt != event.generation) return;
  if (request->phase == Phase::enqueuing) ask_for_place(world, {arg.slot});
}

void enqueued_at_app(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Request* request = find(world, {arg.slot, arg.generation});
  if (request == nullptr || request->attempt != event.generation) return;
  if (request->phase != Phase::enqueuing) return;
  if (!arrived(world, event, world.plan->network.statement_reply)) return;
  const RequestId id{arg.slot};
  world.requests[id.value].deadline.cancel();
  if (request->refused) return fail_page(world, id, *request->refused);
  statement_done(world, id);
}

void item_done(World& world, RequestId id) {
  const std::uint32_t number = world.requests[id.value].outbox;
  forget(world, id);
  free_request(world, id);
  let_in(world, number);
  drain(world, number);
}

void item_failed(World& world, RequestId id, ErrorKind error) {
  Request& request = world.requests[id.value];
  note_retry(world, request, error);
  const OutboxConfig& config = config_of(world, world.outboxes[request.outbox]);
  request.tries += 1;
  const std::uint32_t tries = std::min(request.tries, 127u);
  const std::uint64_t luck =
      draw(world, request, Purpose::retry_pause, request.ordinal * 128 + tries);
  const RetryConfig rule{.backoff = Backoff::exponential,
                         .base = config.retry_base,
                         .cap = config.retry_cap,
                         .jitter = Jitter::equal};
  request.phase = Phase::backing_off;
  arm_request_deadline(world, id, world.now() + pause_after(rule, tries, luck));
}

void item_committed(World& world, const Request& request) {
  if (request.doubt != no_doubt && world.doubts.slots[request.doubt].commits > 1) return;
  const Outbox& box = world.outboxes[request.outbox];
  world.measures.distribution(Metric::outbox_delay, box.app.value)
      .record((world.now() - request.clicked).ns);
  Counter& reordered = world.measures.counter(Metric::outbox_reordered, box.app.value);
  reordered.population += 1;
  for (const RequestId id : box.in_flight) {
    const Request& other = world.requests[id.value];
    if (other.sequence >= request.sequence || is_committed(world, other)) continue;
    if (row_under_way(world, other) == row_under_way(world, request)) reordered.count += 1;
  }
}

void item_moved(World& world, RequestId from, RequestId to) {
  Outbox& box = world.outboxes[world.requests[to.value].outbox];
  *std::find(box.in_flight.begin(), box.in_flight.end(), from) = to;
}

void item_dropped(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  const Outbox& box = world.outboxes[request.outbox];
  if (config_of(world, box).kind != QueueKind::memory) {
    request.tries += 1;
    request.phase = Phase::backing_off;
    return request.deadline.cancel();  // until somebody goes on with it
  }
  if (request.doubt != no_doubt) {
    world.doubts.slots[request.doubt].given_up = Duty::drain;
  } else {
    world.measures.counter(Metric::outbox_lost, box.app.value).count += 1;
  }
  forget(world, id);
  free_request(world, id);
}

void crash_outbox(World& world, InstanceId instance) {
  if (world.outboxes.empty()) return;
  Outbox& box = world.outboxes[instance.value];
  if (config_of(world, box).kind != QueueKind::memory) return resume_outbox(world, instance);
  const auto lost = static_cast<std::int64_t>(box.waiting.size());
  world.measures.counter(Metric::outbox_lost, box.app.value).count += lost;
  change_depth(world, box, -lost);
  while (!box.waiting.empty()) box.waiting.pop_front();
}

void resume_outbox(World& world, InstanceId instance) {
  if (world.outboxes.empty()) return;
  const std::uint32_t number = box_of(world, instance);
  const InstanceId drainer = drainer_of(world, number);
  if (!drainer.valid()) return;
  for (std::size_t i = 0; i < world.outboxes[number].in_flight.size(); ++i) {
    const RequestId id = world.outboxes[number].in_flight[i];
    Request& request = world.requests[id.value];
    if (request.phase != Phase::backing_off || request.deadline.armed()) continue;
    request.instance = drainer;
    begin_try(world, id);
  }
  drain(world, number);
}

void outbox_watch_due(World& world, const Event& event) {
  const AppId app{target_index(event.target)};
  const Duration sample = is_alarming(world, app) ? nanoseconds(1) : Duration{};
  OutboxWatch& seen = world.outbox_watches[app.value];
  if (seen.alert.handle(world.now(), sample) == LagAlertChange::raised) {
    world.measures.counter(Metric::outbox_alerts, app.value).count += 1;
  }
  watch(world, app);
}

}  // namespace longhaul
