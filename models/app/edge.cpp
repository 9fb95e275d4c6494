#include "models/app/edge.h"

#include "models/app/answers.h"
#include "models/app/page_time.h"
#include "models/app/pages.h"

namespace longhaul {
namespace {

bool has_answer(World& world, Request& request, const PagePlan& page) {
  const EdgeConfig& edge = *page.edge;
  if (edge.hits) {
    const std::uint64_t ppm = below(draw(world, request, Purpose::edge), 1'000'000);
    return static_cast<std::int64_t>(ppm) < edge.hits->ppm;
  }
  CacheStore& store = world.edges[page.edge_store];
  const std::uint64_t row = row_of(world, request, current_step(world, request), 0);
  const CacheEntry* entry = store.find(row);
  if (entry == nullptr || entry->expires <= world.now()) return false;
  store.touch(*entry);
  const UserId user = world.sessions[request.session.value].user;
  note_verdict(world, request, world.plan->edge_label,
               world.truth.read_copy(row, user, request.clicked, entry->version));
  return true;
}

}  // namespace

bool answer_at_edge(World& world, RequestId id) {
  Request& request = world.requests[id.value];
  const PagePlan& page = world.plan->pages[request.page];
  if (!page.edge) return false;
  const Session& session = world.sessions[request.session.value];
  const PopulationPlan& population = world.plan->populations[session.population.value];
  Counter& hits = world.measures.counter(Metric::edge_hits, population.region, page.label);
  hits.population += 1;
  if (!has_answer(world, request, page)) return false;
  hits.count += 1;
  request.from_edge = true;
  const Duration time = population.config.last_mile + page.edge->delay;
  page_clicked(world, id.value, time);
  const PathId nowhere = world.plan->path(population.place, population.place);
  const MessageArg arg{id.value, request.generation, static_cast<std::uint16_t>(nowhere.value)};
  world.scheduler.after(time, EventClass::ordinary, target(request.session),
                        static_cast<std::uint16_t>(EventKind::page_at_user), 0, arg.pack());
  return true;
}

void note_first_read(World& world, Request& request, const Step& step) {
  const PagePlan& page = world.plan->pages[request.page];
  if (request.ordinal > 0 || !page.edge || !page.edge->ttl) return;
  request.first_row = row_of(world, request, step, 0);
  request.first_row_version = request.versions.front();
}

void fill_edge(World& world, const Request& request) {
  const PagePlan& page = world.plan->pages[request.page];
  if (!page.edge || !page.edge->ttl || request.failed || request.from_edge) return;
  CacheEntry& entry = world.edges[page.edge_store].put(request.first_row);
  entry.version = request.first_row_version;
  entry.expires = world.now() + *page.edge->ttl;
}

}  // namespace longhaul
