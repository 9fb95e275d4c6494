#include "gui/views/scenario_map.h"

#include <algorithm>
#include <string>

#include "base/units_text.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/map_symbols.h"
#include "run/catalogue.h"

namespace longhaul {
namespace {

constexpr std::size_t all_ways_max = 5;  // regions between which every way is shown

MapPlace place_of(const std::string& id) {
  MapPlace place;
  place.region = id;
  place.title = id;
  const Region* region = Catalogue::builtin().find(id);
  if (region == nullptr) return place;
  place.title = region->city.empty() ? region->name : region->city;
  place.code = region->code;
  place.lon_udeg = region->lon_udeg;
  place.lat_udeg = region->lat_udeg;
  place.hint = region->name + ", " + region->country + "\n" + id;
  return place;
}

MapPlace& place_in(MapContent& content, const std::string& region) {
  for (MapPlace& place : content.places) {
    if (place.region == region) return place;
  }
  return content.places.emplace_back(place_of(region));
}

bool is_known(const std::string& region) { return Catalogue::builtin().find(region) != nullptr; }

bool in_standby_cluster(const ScenarioConfig& config, const std::string& node) {
  const auto& standby = config.topology.standby_cluster;
  return standby &&
         std::find(standby->nodes.begin(), standby->nodes.end(), node) != standby->nodes.end();
}

void add_nodes(MapContent& content, const ScenarioConfig& config) {
  const auto& nodes = config.topology.nodes;
  const auto find = [&](const std::string& name) {
    return std::find_if(nodes.begin(), nodes.end(),
                        [&](const NodeConfig& node) { return node.name == name; });
  };
  for (const NodeConfig& node : nodes) {
    MapItem item;
    item.path = "topology.nodes." + node.name;
    item.text = node.name;
    item.note = enum_text(node.role);
    item.hint = node.name + ": " + item.note;
    if (node.role == NodeRole::primary) item.symbol = MapSymbol::primary;
    if (node.follows) {
      const auto upstream = find(*node.follows);
      item.hint += " of " + *node.follows;
      if (upstream != nodes.end() && upstream->role != NodeRole::primary) {
        item.symbol = MapSymbol::cascade;
      }
      if (in_standby_cluster(config, node.name)) {
        const bool leads = !in_standby_cluster(config, *node.follows);
        item.symbol = leads ? MapSymbol::standby_leader : MapSymbol::standby;
        item.note = leads ? "standby leader" : "standby cluster";
        item.hint =
            node.name + ": " + std::string(symbol_name(item.symbol)) + ", follows " + *node.follows;
      }
      if (upstream != nodes.end() && upstream->region != node.region) {
        MapWay way;
        way.path = item.path;
        way.from = upstream->region;
        way.to = node.region;
        way.replication = true;
        content.ways.push_back(std::move(way));
      }
    }
    item.hint += "\nzone " + node.zone + ", " + std::to_string(node.max_connections) +
                 " connections\nDrag it to another region to move it.";
    place_in(content, node.region).items.push_back(std::move(item));
  }
}

void add_apps(MapContent& content, const ScenarioConfig& config) {
  for (const AppConfig& app : config.topology.apps) {
    MapItem item;
    item.path = "topology.apps." + app.name;
    item.symbol = MapSymbol::app;
    item.text = app.name;
    item.note = std::to_string(app.instances) + "\xc3\x97";
    item.hint = app.name + ": " + std::to_string(app.instances) + " instances with a pool of " +
                std::to_string(app.pool.size) + " connections each";
    place_in(content, app.region).items.push_back(std::move(item));
  }
  for (const CacheConfig& cache : config.topology.caches) {
    MapItem item;
    item.path = "topology.caches." + cache.name;
    item.symbol = MapSymbol::cache;
    item.text = cache.name;
    place_in(content, cache.region).items.push_back(std::move(item));
  }
}

void add_users(MapContent& content, const ScenarioConfig& config) {
  for (const PopulationConfig& population : config.workload) {
    MapItem item;
    item.path = "workload." + population.name;
    item.symbol = MapSymbol::users;
    item.text = population.name;
    item.note = population.rate ? to_text(*population.rate)
                                : std::to_string(population.sessions) + " sessions";
    item.hint = "Users \"" + population.name + "\": " + std::to_string(population.sessions) +
                " sessions, " + item.note + ", enter " + population.enters;
    place_in(content, population.from).items.push_back(std::move(item));
  }
}

bool joins(const MapWay& way, const std::string& a, const std::string& b) {
  return (way.from == a && way.to == b) || (way.from == b && way.to == a);
}

void add_links(MapContent& content, const ScenarioConfig& config) {
  const auto& links = config.topology.links;
  for (std::size_t i = 0; i < links.size(); ++i) {
    const LinkConfig& link = links[i];
    const std::string from = link.between.size() == 2 ? link.between[0] : link.from.value_or("");
    const std::string to = link.between.size() == 2 ? link.between[1] : link.to.value_or("");
    const std::string path = "topology.links[" + std::to_string(i) + "]";
    bool shown = false;
    for (MapWay& way : content.ways) {
      if (!joins(way, from, to)) continue;
      if (!way.replication) shown = true;
    }
    if (shown) continue;
    MapWay way;
    way.path = path;
    way.from = from;
    way.to = to;
    content.ways.push_back(std::move(way));
  }
  const auto& places = content.places;
  if (places.size() > all_ways_max || config.network.routes == Routes::shortest) return;
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = i + 1; j < places.size(); ++j) {
      const auto same = [&](const MapWay& way) {
        return joins(way, places[i].region, places[j].region);
      };
      if (std::any_of(content.ways.begin(), content.ways.end(), same)) continue;
      MapWay way;
      way.from = places[i].region;
      way.to = places[j].region;
      content.ways.push_back(std::move(way));
    }
  }
}

// The first way of a pair says what the pair's link is.
void describe_ways(MapContent& content, const Scenario& scenario) {
  for (std::size_t i = 0; i < content.ways.size(); ++i) {
    MapWay& way = content.ways[i];
    const auto link =
        std::find_if(scenario.cluster.links.begin(), scenario.cluster.links.end(),
                     [&](const DirectedLink& l) { return l.from == way.from && l.to == way.to; });
    if (link == scenario.cluster.links.end()) continue;
    const Duration rtt = link->latency * 2;
    const auto& estimates = scenario.estimates;
    const auto names = [&](const std::string& a, const std::string& b) {
      return std::find(estimates.begin(), estimates.end(), a + " - " + b) != estimates.end();
    };
    way.estimate = names(way.from, way.to) || names(way.to, way.from);
    way.hint = way.from + "  " + icon::right + "  " + way.to + "\nround trip " + to_text(rtt);
    if (link->bandwidth.bytes_per_s > 0) way.hint += ", " + to_text(link->bandwidth);
    if (is_known(way.from) && is_known(way.to)) {
      const auto pair = Catalogue::builtin().between(way.from, way.to);
      const bool from_catalogue =
          pair && microseconds(pair.value().rtt_us).ns / 2 == link->latency.ns;
      way.hint += from_catalogue
                      ? "\n" + std::string(way.estimate ? "estimated: " : "") + pair.value().source
                      : "\nset in the scenario";
    }
    const auto first = std::find_if(content.ways.begin(), content.ways.end(),
                                    [&](const MapWay& w) { return joins(w, way.from, way.to); });
    if (&*first != &way) continue;
    way.text = (way.estimate ? "~" : "") + to_short_text(rtt);
    if (link->bandwidth.bytes_per_s > 0) way.text += "  " + to_text(link->bandwidth);
  }
}

}  // namespace

MapContent scenario_map(const Scenario& scenario) {
  MapContent content;
  const ScenarioConfig& config = scenario.config;
  for (const std::string& region : config.topology.regions) place_in(content, region);
  add_nodes(content, config);
  add_apps(content, config);
  add_users(content, config);
  add_links(content, config);
  describe_ways(content, scenario);
  const auto unknown = [](const MapPlace& place) { return !is_known(place.region); };
  content.places.erase(std::remove_if(content.places.begin(), content.places.end(), unknown),
                       content.places.end());
  return content;
}

void add_catalogue(MapContent& content) {
  const std::size_t count = content.places.size();
  for (const Region& region : Catalogue::builtin().regions()) {
    const auto same = [&](const MapPlace& place) { return place.region == region.id; };
    if (std::any_of(content.places.begin(), content.places.begin() + static_cast<long>(count),
                    same)) {
      continue;
    }
    MapPlace place = place_of(region.id);
    place.faint = true;
    place.hint += "\nRight click to put something here.";
    content.places.push_back(std::move(place));
  }
}

}  // namespace longhaul
