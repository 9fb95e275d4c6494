#include "models/app/shards.h"

#include "models/app/pages.h"

namespace longhaul {
namespace {

// Another group than `home`, each as probable.
GroupId another(const World& world, GroupId home, std::uint64_t luck) {
  const auto others = static_cast<std::uint64_t>(world.plan->groups.size() - 1);
  const auto pick = static_cast<std::uint32_t>(below(luck, others));
  return {pick < home.value ? pick : pick + 1};
}

// The home of what a call is about; its statements agree on it.
GroupId home_of(const World& world, const Call& call) {
  for (std::uint32_t i = 0; i < call.step_count; ++i) {
    const DataSetId set = world.plan->steps[call.first_step + i].set;
    if (set.valid()) return world.plan->sets[set.value].home;
  }
  return {};
}

}  // namespace

GroupId group_for(const World& world, const Request& request) {
  if (world.plan->groups.size() == 1) return {0};
  if (world.plan->primaries == Primaries::active_active) {
    const AppId app = world.instances[request.instance.value].app;
    return world.plan->apps[app.value].group;
  }
  const GroupId owner = home_of(world, current_call(world, request));
  if (owner.valid()) return owner;
  const Session& session = world.sessions[request.session.value];
  const GroupId home = world.users[session.user.value].group;
  const Ratio spanning = world.plan->populations[session.population.value].config.spanning;
  if (spanning.ppm == 0) return home;
  const std::uint64_t luck = draw(world, request, Purpose::spanning, request.ordinal);
  if (static_cast<std::int64_t>(below(luck, 1'000'000)) >= spanning.ppm) return home;
  return another(world, home, mix64(luck));
}

}  // namespace longhaul
