#include "models/pg/autovacuum.h"

#include <algorithm>

#include "models/pg/primary.h"
#include "models/pg/serving.h"
#include "models/pg/vacuum.h"
#include "models/world.h"

namespace longhaul {
namespace {

constexpr Bytes page_record{87};
constexpr Duration step_interval = milliseconds(200);
constexpr std::int64_t pages_per_step = 930;  // 4650 a second

void arm(World& world, NodeId id, Timer& timer, TimePoint when, EventKind kind) {
  timer.arm(world.scheduler, when, EventClass::ordinary, target(id),
            static_cast<std::uint16_t>(kind));
}

// The worker takes the next data set that needs it, or sleeps.
void next_set(World& world, NodeId id) {
  Group& group = world.group_of(id);
  group.autovacuum.at = {};
  for (std::uint32_t i = 0; i < group.pages.size(); ++i) {
    if (group.pages[i].wants_vacuum()) return vacuum(world, id, {i});
  }
}

}  // namespace

void note_written(World& world, NodeId id, DataSetId set) {
  Group& group = world.group_of(id);
  Autovacuum& autovacuum = group.autovacuum;
  if (!group.pages[set.value].wants_vacuum() || autovacuum.nap.armed()) return;
  const PostgresConfig& config = world.plan->postgres;
  if (!config.autovacuum) return;
  const std::int64_t nap = config.autovacuum_naptime.ns;
  const std::int64_t rounds = div_floor(world.now().ns - autovacuum.phase.ns, nap) + 1;
  arm(world, id, autovacuum.nap, {checked_add(autovacuum.phase.ns, checked_mul(rounds, nap))},
      EventKind::autovacuum_due);
}

void vacuum(World& world, NodeId id, DataSetId set) {
  Group& group = world.group_of(id);
  DataPages& pages = group.pages[set.value];
  const bool images = world.plan->postgres.full_page_writes;
  Autovacuum& autovacuum = group.autovacuum;
  autovacuum.at = set;
  autovacuum.pages = pages.changed.count() + pages.new_pages();
  const std::int64_t whole = pages.logged.insert_all(pages.changed);
  autovacuum.images =
      images ? compressed(pages.layout.heap_image * whole, world.plan->postgres) : Bytes{};
  pages.begin_vacuum();
  if (!group.dead_rows.empty()) remove_dead_rows(world, id, set);
  arm(world, id, autovacuum.step, world.now(), EventKind::vacuum_step_due);
}

void autovacuum_due(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  if (world.group_of(id).primary != id) return;
  Autovacuum& autovacuum = world.group_of(id).autovacuum;
  if (!autovacuum.nap.fires(world.scheduler, event) || !is_serving_primary(world, id)) return;
  if (!autovacuum.at.valid()) next_set(world, id);
}

void vacuum_step_due(World& world, const Event& event) {
  const NodeId id{target_index(event.target)};
  if (world.group_of(id).primary != id) return;
  Autovacuum& autovacuum = world.group_of(id).autovacuum;
  if (!autovacuum.step.fires(world.scheduler, event) || !is_serving_primary(world, id)) return;
  const std::int64_t pages = std::min(pages_per_step, autovacuum.pages);
  if (pages > 0) {
    const Bytes images{
        div_floor(static_cast<Int128>(autovacuum.images.value) * pages, autovacuum.pages)};
    insert_entry(world, id, {page_record * pages + images, pages, images}, WalKind::other);
    note_activity(world, id);
    wake_wal_writer(world, id);
    autovacuum.pages -= pages;
    autovacuum.images = autovacuum.images - images;
  }
  if (autovacuum.pages == 0) return next_set(world, id);
  arm(world, id, autovacuum.step, world.now() + step_interval, EventKind::vacuum_step_due);
}

}  // namespace longhaul
