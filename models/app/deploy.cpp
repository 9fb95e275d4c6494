#include "models/app/deploy.h"

namespace longhaul {

std::uint32_t version_of(const World& world, InstanceId instance) {
  const AppId app = world.instances[instance.value].app;
  const std::int64_t place = instance.value - world.plan->apps[app.value].first_instance.value;
  std::uint32_t version = 1;
  for (const DeployPlan& deploy : world.plan->deploys) {
    if (deploy.app == app && deploy.begins + deploy.every * place <= world.now()) version += 1;
  }
  return version;
}

bool find_call(const World& world, Request& request) {
  const PagePlan& page = world.plan->pages[request.page];
  for (; request.call < page.call_count; ++request.call) {
    const Call& call = world.plan->calls[page.first_call + request.call];
    if (call.from_version <= request.version && request.version <= call.until_version) return true;
  }
  return false;
}

}  // namespace longhaul
