#include "models/app/pages.h"

#include <algorithm>

#include "models/app/canaries.h"
#include "models/app/crashes.h"
#include "models/app/deploy.h"
#include "models/app/detached.h"
#include "models/app/doubts.h"
#include "models/app/edge.h"
#include "models/app/entry.h"
#include "models/app/outbox.h"
#include "models/app/page_time.h"
#include "models/app/shards.h"
#include "models/app/statements.h"
#include "models/app/tokens.h"
#include "models/app/witness.h"
#include "models/net/messages.h"

namespace longhaul {
namespace {

const PopulationPlan& population_of(const World& world, const Session& session) {
  return world.plan->populations[session.population.value];
}

std::uint64_t session_draw(const Session& session, std::uint64_t number, Purpose purpose) {
  return draw_bits(session.key, number, static_cast<std::uint32_t>(purpose));
}

// Schedules page number `session.pages`, unless the population stops before.
void schedule_page(World& world, SessionId id, TimePoint at) {
  const std::optional<Duration>& ends = population_of(world, world.sessions[id.value]).config.ends;
  if (ends && at >= TimePoint{} + *ends) return;
  world.scheduler.at(at, EventClass::ordinary, target(id),
                     static_cast<std::uint16_t>(EventKind::page_due), 0, 0);
}

Duration next_gap(const PopulationPlan& population, const Session& session) {
  const std::uint64_t luck = session_draw(session, session.pages, Purpose::gap);
  if (population.canary) {  // a tenth more or less: no timer keeps step with another for ever
    const Duration least{population.mean_gap.ns - population.mean_gap.ns / 10};
    const auto spread = static_cast<std::uint64_t>(population.mean_gap.ns / 5) + 1;
    return least + Duration{static_cast<std::int64_t>(below(luck, spread))};
  }
  if (population.config.think) return sample(*population.config.think, luck);
  return sample(DurationDistribution::exponential(population.mean_gap), luck);
}

std::uint32_t choose_page(const PopulationPlan& population, std::uint64_t luck) {
  const auto& weights = population.weight_up_to;
  const auto at =
      static_cast<std::int64_t>(below(luck, static_cast<std::uint64_t>(weights.back())));
  const auto page = std::upper_bound(weights.begin(), weights.end(), at);
  return population.first_page + static_cast<std::uint32_t>(page - weights.begin());
}

void send_to_user(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  const PopulationPlan& population = population_of(world, world.sessions[request.session.value]);
  request.phase = Phase::travelling;
  const std::uint32_t app_place = world.instances[request.instance.value].place;
  const PathId path = world.plan->path(app_place, population.place);
  const Duration last_mile{population.config.last_mile.ns / 2};
  spend_travelling(world, id.value, PagePart::user, world.network.latency(path) + last_mile);
  post(world, {.kind = EventKind::page_at_user,
               .target = target(request.session),
               .slot = id.value,
               .generation = request.generation,
               .path = path,
               .size = world.plan->network.page_reply,
               .luck = draw(world, request, Purpose::to_user),
               .purpose = Traffic::pages,
               .delay = last_mile});
}

// With the page's next call, or home.
void go_on(World& world, RequestId id) {
  if (find_call(world, world.requests[id.value])) {
    want_statement(world, id);
  } else {
    send_to_user(world, id);
  }
}

void note_page(World& world, RequestId id, const PopulationPlan& population) {
  const Request& request = world.requests[id.value];
  const bool ok = !request.failed;
  Measures& measures = world.measures;
  // A page that was refused at once tells nothing about latency.
  if (ok || (request.error != ErrorKind::overload && request.error != ErrorKind::no_entry)) {
    measures
        .distribution(
            Metric::page_latency, population.region, world.plan->pages[request.page].label,
            world.instances[request.instance.value].app.value, ok ? Outcome::ok : Outcome::error)
        .record((world.now() - request.clicked).ns);
    page_ends(world, id.value, population.region, ok ? Outcome::ok : Outcome::error);
  }
  world.availability[population.region].answered(request.clicked, world.now(), ok);
  const std::uint32_t node =
      request.node.valid() ? request.node.value : primary_of(world, request.group).value;
  Counter& error = measures.counter(Metric::errors, population.region, node, request.error);
  measures.counter(Metric::errors, population.region, node, ErrorKind::timeout).population += 1;
  Counter& timeout = measures.counter(Metric::timeouts, population.region, node);
  timeout.population += 1;
  if (ok) return;
  error.count += 1;
  if (request.error == ErrorKind::timeout) timeout.count += 1;
}

// The user has the page, or gives it up.
void end_page(World& world, RequestId id) {
  const Request& request = world.requests[id.value];
  const SessionId session_id = request.session;
  Session& session = world.sessions[session_id.value];
  const PopulationPlan& population = population_of(world, session);
  if (population.canary) {
    note_canary(world, population, request);
  } else {
    note_page(world, id, population);
  }
  free_request(world, id);
  session.in_flight -= 1;
  if (population.config.think) {
    schedule_page(world, session_id, world.now() + next_gap(population, session));
  }
}

// Whether a replica may lag by more, as far as the app's first instance knows. A replica that has
// not answered for two probes may.
bool may_lag_by_more(const World& world, AppId app, Duration limit) {
  const InstanceId first = world.plan->apps[app.value].first_instance;
  const Duration fresh = probe_pause(world.plan->policy.lag_breaker, ~std::uint64_t{0}) * 3;
  for (const Router& router : world.instances[first.value].routers) {
    for (std::uint32_t i = 0; i < router.size(); ++i) {
      const std::optional<Observation>& seen = router.last_observation({i});
      if (!seen || seen->is_primary) continue;
      if (world.now() - seen->measured_at > fresh || (seen->lag && *seen->lag > limit)) return true;
    }
  }
  return false;
}

}  // namespace

bool is_canary(const World& world, const Request& request) {
  return population_of(world, world.sessions[request.session.value]).canary;
}

std::uint64_t draw(const World& world, const Request& request, Purpose purpose, std::uint32_t k) {
  return draw_bits(world.sessions[request.session.value].key, request.number,
                   static_cast<std::uint32_t>(purpose), k);
}

std::uint64_t draw_of_try(const World& world, const Request& request, Purpose purpose) {
  const std::uint64_t luck = draw(world, request, purpose, request.ordinal);
  return request.tries == 0 ? luck : mix64(luck + request.tries);
}

const Call& current_call(const World& world, const Request& request) {
  const PagePlan& page = world.plan->pages[request.page];
  return world.plan->calls[page.first_call + request.call];
}

const Step& current_step(const World& world, const Request& request) {
  return world.plan->steps[current_call(world, request).first_step + request.step];
}

std::uint64_t row_of(const World& world, const Request& request, const Step& step,
                     std::int64_t index) {
  const DataSetPlan& set = world.plan->sets[step.set.value];
  const std::uint64_t first = first_row(set, request.group);
  if (step.in_order) {
    const std::uint64_t statement = request.number * static_cast<std::uint64_t>(step.times) +
                                    static_cast<std::uint64_t>(request.step_round);
    const std::uint64_t at = statement * static_cast<std::uint64_t>(step.rows);
    return first + (at + static_cast<std::uint64_t>(index)) % set.picker.rows();
  }
  if (!step.own) {
    const auto k = static_cast<std::uint32_t>(request.ordinal * 1000u + index);
    return first + set.picker.pick(draw(world, request, Purpose::row, k));
  }
  const UserId user = world.sessions[request.session.value].user;
  const std::size_t sets = world.plan->sets.size();
  const bool at_home = set.shard_rows == 0 || request.group == world.users[user.value].group;
  const std::uint32_t last = at_home ? world.last_rows[user.value * sets + step.set.value] : no_row;
  const std::uint64_t home =
      last != no_row ? last : below(world.users[user.value].home, set.picker.rows());
  return first + (home + static_cast<std::uint64_t>(index)) % set.picker.rows();
}

void begin_session(World& world, SessionId id) {
  const Session& session = world.sessions[id.value];
  const PopulationPlan& population = population_of(world, session);
  // A closed session begins somewhere within its first pause, so that sessions do not march in
  // step; so does a canary. Open arrivals have no memory and need none of that.
  Duration gap = next_gap(population, session);
  if (population.canary || population.config.think) {
    const std::uint64_t luck = session_draw(session, 0, Purpose::start);
    gap = {static_cast<std::int64_t>(below(luck, static_cast<std::uint64_t>(gap.ns) + 1))};
  }
  schedule_page(world, id, TimePoint{} + population.config.begins + gap);
}

void page_due(World& world, const Event& event) {
  const SessionId session_id{target_index(event.target)};
  Session& session = world.sessions[session_id.value];
  const PopulationPlan& population = population_of(world, session);
  const PopulationConfig& config = population.config;
  if (config.pages_max && session.pages >= static_cast<std::uint64_t>(*config.pages_max)) {
    return;
  }
  if (config.throttle_above && may_lag_by_more(world, population.app, *config.throttle_above)) {
    schedule_page(world, session_id, world.now() + world.plan->policy.lag_breaker.probe_interval);
    return;
  }
  const std::uint64_t number = session.pages++;
  if (!population.config.think) {
    schedule_page(world, session_id, world.now() + next_gap(population, session));
  }

  const RequestId id = new_request(world, session_id);
  Request& request = world.requests[id.value];
  if (!population.canary) world.availability[population.region].clicked(world.now());
  request.number = population.canary ? note_canary_sent(world, population) : number;
  send_cookie(world, id);
  request.page = choose_page(population, draw(world, request, Purpose::page));
  const AppId entered = enter(world, population, session_id);
  const AppPlan& app = world.plan->apps[entered.valid() ? entered.value : population.app.value];
  const auto instances = static_cast<std::uint64_t>(app.config.instances);
  request.instance = {
      app.first_instance.value +
      static_cast<std::uint32_t>(below(draw(world, request, Purpose::instance), instances))};
  if (const InstanceId up = instance_that_is_up(world, request.instance); up.valid()) {
    request.instance = up;
  }
  witness_begin(world, id);
  const bool full =
      session.in_flight >= static_cast<std::uint32_t>(population.config.in_flight_max);
  if (full || !entered.valid()) {
    request.failed = true;
    request.error = full ? ErrorKind::overload : ErrorKind::no_entry;
    session.in_flight += 1;
    end_page(world, id);
    return;
  }
  session.in_flight += 1;
  if (answer_at_edge(world, id)) return;
  const PathId path = world.plan->path(population.place, app.place);
  const Duration last_mile{population.config.last_mile.ns / 2};
  page_clicked(world, id.value, world.network.latency(path) + last_mile);
  post(world, {.kind = EventKind::page_at_app,
               .target = target(request.instance),
               .slot = id.value,
               .generation = request.generation,
               .path = path,
               .size = world.plan->network.page_request,
               .luck = draw(world, request, Purpose::to_app),
               .purpose = Traffic::pages,
               .delay = last_mile});
}

void page_at_app(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Request* request = find(world, {arg.slot, arg.generation});
  if (request == nullptr) return;
  const Duration last_mile =
      population_of(world, world.sessions[request->session.value]).config.last_mile;
  if (!arrived(world, event, world.plan->network.page_request, {last_mile.ns / 2})) return;
  if (!is_up(world, request->instance)) return fail_page(world, {arg.slot}, ErrorKind::app_down);
  if (const std::optional<Duration>& limit = app_of(world, *request).page_timeout) {
    world.requests[arg.slot].give_up_at = world.now() + *limit;
  }
  world.requests[arg.slot].version = version_of(world, request->instance);
  go_on(world, {arg.slot});
}

void statement_done(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  if (request.duty == Duty::drain) return item_done(world, id);
  if (request.duty == Duty::optimistic) return free_request(world, id);
  const Call& call = current_call(world, request);
  request.ordinal += 1;
  if (++request.step_round >= current_step(world, request).times) {
    request.step_round = 0;
    if (++request.step >= call.step_count) {
      request.step = 0;
      if (++request.call_round >= call.times) {
        request.call_round = 0;
        request.call += 1;
      }
    }
  }
  go_on(world, id);
}

void fail_page(World& world, RequestId id, ErrorKind error) {
  world.requests[id.value].failed = true;
  world.requests[id.value].error = error;
  send_to_user(world, id);
}

void page_lost(World& world, RequestId id) {
  world.requests[id.value].failed = true;
  world.requests[id.value].error = ErrorKind::timeout;
  end_page(world, id);
}

void page_at_user(World& world, const Event& event) {
  const MessageArg arg = MessageArg::unpack(event.arg);
  const Request* request = find(world, {arg.slot, arg.generation});
  if (request == nullptr) return;
  const Duration last_mile =
      population_of(world, world.sessions[request->session.value]).config.last_mile;
  if (!arrived(world, event, world.plan->network.page_reply, {last_mile.ns / 2})) return;
  set_cookie(world, {arg.slot});
  fill_edge(world, *request);
  end_page(world, {arg.slot});
}

// The slot keeps its generation, its timer and its memory.
RequestId new_request(World& world, SessionId session_id) {
  const RequestId id = take_request(world);
  Request& request = world.requests[id.value];
  Request fresh;
  fresh.generation = request.generation;
  fresh.deadline = request.deadline;
  fresh.written = std::move(request.written);
  fresh.touched = std::move(request.touched);
  fresh.versions = std::move(request.versions);
  fresh.phase = Phase::travelling;
  fresh.session = session_id;
  fresh.clicked = world.now();
  request = std::move(fresh);
  page_clicked(world, id.value, {});  // nothing has set out yet, and perhaps no page will
  return id;
}

RequestId take_request(World& world) {
  if (world.free_requests.empty()) {
    world.requests.emplace_back();
    return {static_cast<std::uint32_t>(world.requests.size() - 1)};
  }
  const RequestId id{world.free_requests.back()};
  world.free_requests.pop_back();
  return id;
}

void free_request(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  CHECK(request.first_lock == no_lock && request.lock_wait == no_lock);
  CHECK(!request.connected);
  end_doubt(world, request);
  witness_end(world, id);
  request.phase = Phase::free;
  request.generation = static_cast<std::uint16_t>(request.generation + 1);
  request.written.clear();
  request.touched.clear();
  request.deadline.cancel();
  world.free_requests.push_back(id.value);
}

}  // namespace longhaul
