#include "models/pg/autovacuum.h"

#include <algorithm>

#include "models/pg/primary.h"
#include "models/pg/vacuum.h"
#include "models/world.h"

namespace longhaul {
namespace {

constexpr Bytes page_record{87};
constexpr Duration step_interval = milliseconds(200);
constexpr std::int64_t pages_per_step = 930;  // 4650 a second

void arm(World& world, Timer& timer, TimePoint when, EventKind kind) {
  timer.arm(world.scheduler, when, EventClass::ordinary, target(world.plan->primary),
            static_cast<std::uint16_t>(kind));
}

bool up(const World& world) { return world.node(world.plan->primary).liveness == Liveness::up; }

// The worker takes the next data set that needs it, or sleeps.
void next_set(World& world) {
  world.autovacuum.at = {};
  for (std::uint32_t i = 0; i < world.pages.size(); ++i) {
    if (world.pages[i].wants_vacuum()) return vacuum(world, {i});
  }
}

}  // namespace

void note_written(World& world, DataSetId set) {
  Autovacuum& autovacuum = world.autovacuum;
  if (!world.pages[set.value].wants_vacuum() || autovacuum.nap.armed()) return;
  const PostgresConfig& config = world.plan->postgres;
  if (!config.autovacuum) return;
  const std::int64_t nap = config.autovacuum_naptime.ns;
  const std::int64_t rounds = div_floor(world.now().ns - autovacuum.phase.ns, nap) + 1;
  arm(world, autovacuum.nap, {checked_add(autovacuum.phase.ns, checked_mul(rounds, nap))},
      EventKind::autovacuum_due);
}

void vacuum(World& world, DataSetId set) {
  DataPages& pages = world.pages[set.value];
  const bool images = world.plan->postgres.full_page_writes;
  Autovacuum& autovacuum = world.autovacuum;
  autovacuum.at = set;
  autovacuum.pages = pages.changed.count() + pages.new_pages();
  const std::int64_t whole = pages.logged.insert_all(pages.changed);
  autovacuum.images =
      images ? compressed(pages.layout.heap_image * whole, world.plan->postgres) : Bytes{};
  pages.begin_vacuum();
  if (!world.dead_rows.empty()) remove_dead_rows(world, world.plan->primary, set);
  arm(world, autovacuum.step, world.now(), EventKind::vacuum_step_due);
}

void autovacuum_due(World& world, const Event& event) {
  if (!world.autovacuum.nap.fires(world.scheduler, event) || !up(world)) return;
  if (!world.autovacuum.at.valid()) next_set(world);
}

void vacuum_step_due(World& world, const Event& event) {
  Autovacuum& autovacuum = world.autovacuum;
  if (!autovacuum.step.fires(world.scheduler, event) || !up(world)) return;
  const NodeId id{target_index(event.target)};
  const std::int64_t pages = std::min(pages_per_step, autovacuum.pages);
  if (pages > 0) {
    const Bytes images{
        div_floor(static_cast<Int128>(autovacuum.images.value) * pages, autovacuum.pages)};
    insert_entry(world, id, {page_record * pages + images, pages, images}, WalKind::other);
    note_activity(world);
    wake_wal_writer(world, id);
    autovacuum.pages -= pages;
    autovacuum.images = autovacuum.images - images;
  }
  if (autovacuum.pages == 0) return next_set(world);
  arm(world, autovacuum.step, world.now() + step_interval, EventKind::vacuum_step_due);
}

}  // namespace longhaul
