#include "gui/views/run_map.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/units_text.h"
#include "gui/widgets/map_symbols.h"
#include "run/catalogue.h"
#include "run/report.h"

namespace longhaul {
namespace {

using Ends = std::pair<std::string, std::string>;

Ends sorted(const std::string& a, const std::string& b) { return a < b ? Ends{a, b} : Ends{b, a}; }

const SceneNode* find_node(const Scene& scene, const std::string& name) {
  for (const SceneNode& node : scene.nodes) {
    if (node.name == name) return &node;
  }
  return nullptr;
}

// Regions that nobody can place stand on a circle around the sea.
void put(MapPlace& place, std::size_t number) {
  if (const Region* region = Catalogue::builtin().find(place.region)) {
    place.title = region->city.empty() ? region->name : region->city;
    place.lon_udeg = region->lon_udeg;
    place.lat_udeg = region->lat_udeg;
    return;
  }
  const double angle = 0.9 * static_cast<double>(number);
  place.title = place.region;
  place.lon_udeg = static_cast<std::int64_t>(-35e6 + 18e6 * std::cos(angle));
  place.lat_udeg = static_cast<std::int64_t>(15e6 + 18e6 * std::sin(angle));
}

class Content {
 public:
  Content(const Scenario& scenario, const Scene& scene, const RunSeries& series, TimePoint now)
      : config_(scenario.config), scene_(scene), series_(series), now_(now) {
    for (const std::string& region : config_.topology.regions) add_place(region);
    for (const PopulationConfig& users : config_.workload) add_place(users.from);
  }

  MapContent make(double second, const std::vector<FaultConfig>& faults) {
    for (const NodeConfig& node : config_.topology.nodes) add_node(node);
    for (const AppConfig& app : config_.topology.apps) add_app(app);
    add_users();
    add_ways(second);
    darken(faults);
    return std::move(content_);
  }

 private:
  void add_place(const std::string& region) {
    if (place(region) != nullptr) return;
    MapPlace made;
    made.region = region;
    put(made, content_.places.size());
    content_.places.push_back(std::move(made));
  }

  MapPlace* place(const std::string& region) {
    for (MapPlace& one : content_.places) {
      if (one.region == region) return &one;
    }
    return nullptr;
  }

  void add_node(const NodeConfig& node) {
    MapPlace* at = place(node.region);
    const SceneNode* seen = find_node(scene_, node.name);
    if (at == nullptr || seen == nullptr) return;
    MapItem item;
    item.path = "topology.nodes." + node.name;
    item.text = node.name;
    const auto follows_a_replica = [&] {
      if (!node.follows) return false;
      const SceneNode* upstream = find_node(scene_, *node.follows);
      return upstream != nullptr && !upstream->primary;
    };
    item.symbol = seen->primary                 ? MapSymbol::primary
                  : seen->leads_standby_cluster ? MapSymbol::standby_leader
                  : seen->in_standby_cluster    ? MapSymbol::standby
                  : follows_a_replica()         ? MapSymbol::cascade
                                                : MapSymbol::replica;
    const auto say = [&](const std::string& text) {
      if (!item.note.empty()) item.note += ", ";
      item.note += text;
    };
    if (seen->leads_standby_cluster) say("standby leader");
    if (seen->in_standby_cluster && !seen->leads_standby_cluster) say("standby cluster");
    switch (seen->liveness) {
      case Liveness::up:
        break;
      case Liveness::starting:
        say("recovers");
        item.tint = Tint::warning;
        break;
      case Liveness::stopping:
        say("stops");
        item.tint = Tint::warning;
        break;
      case Liveness::stopped:
        say("down");
        item.tint = Tint::bad;
        item.struck = true;
        break;
      case Liveness::vanished:
        say("gone");
        item.tint = Tint::bad;
        item.struck = true;
        break;
    }
    const bool up = seen->liveness == Liveness::up;
    if (up && seen->stalled) {
      say("stands still");
      item.tint = Tint::warning;
    }
    if (up && seen->primary && seen->read_only) say("read only");
    if (up && seen->replaced && !seen->read_only) {
      say("second primary");
      item.tint = Tint::bad;
    }
    if (up && !seen->primary) {
      if (seen->lag) say("lag " + to_short_text(*seen->lag));
      if (seen->believed) say("seen " + to_short_text(*seen->believed));
    }
    if (up && seen->primary && seen->timeline > 1) {
      say("timeline " + std::to_string(seen->timeline));
    }
    const std::string breaker = breaker_of(node.name);
    if (!breaker.empty()) say(breaker);
    if (!breaker.empty() && item.tint == Tint::text) item.tint = Tint::warning;
    item.hint = node.name + ", " + std::string(symbol_name(item.symbol)) + ", timeline " +
                std::to_string(seen->timeline) + "\n" + std::to_string(seen->connections) + " of " +
                std::to_string(seen->max_connections) + " connections\nlog at " +
                to_text(seen->position);
    for (const std::string& text : breakers_of(node.name)) item.hint += "\n" + text;
    at->items.push_back(std::move(item));
  }

  // "breaker open 1 of 2": short, for a card. Who it is is told on hover.
  std::string breaker_of(const std::string& node) const {
    std::size_t all = 0;
    std::size_t open = 0;
    std::size_t half_open = 0;
    for (const SceneBreaker& breaker : scene_.breakers) {
      if (breaker.node != node) continue;
      all += 1;
      open += breaker.state == BreakerState::open ? 1 : 0;
      half_open += breaker.state == BreakerState::half_open ? 1 : 0;
    }
    const std::size_t count = open > 0 ? open : half_open;
    if (count == 0) return "";
    const std::string what = open > 0 ? "breaker open" : "breaker half open";
    return count == all ? what : what + " " + std::to_string(count) + " of " + std::to_string(all);
  }

  // "breaker open in app-eu"
  std::vector<std::string> breakers_of(const std::string& node) const {
    std::map<BreakerState, std::vector<std::string>> apps;
    for (const SceneBreaker& breaker : scene_.breakers) {
      if (breaker.node == node) apps[breaker.state].push_back(breaker.app);
    }
    std::vector<std::string> texts;
    for (const auto& [state, names] : apps) {
      if (state == BreakerState::closed) continue;
      std::string text = state == BreakerState::open ? "breaker open" : "breaker half open";
      if (names.size() < config_.topology.apps.size()) {
        text += " in " + names.front();
        if (names.size() > 1) text += " and " + std::to_string(names.size() - 1) + " more";
      }
      texts.push_back(std::move(text));
    }
    return texts;
  }

  void add_app(const AppConfig& app) {
    MapPlace* at = place(app.region);
    if (at == nullptr) return;
    MapItem item;
    item.path = "topology.apps." + app.name;
    item.symbol = MapSymbol::app;
    item.text = app.name;
    if (app.instances > 1) item.note = std::to_string(app.instances) + " instances";
    at->items.push_back(std::move(item));
  }

  // With who answers the reads of these users, in the interval of now.
  void add_users() {
    const auto look = std::lower_bound(series_.at.begin(), series_.at.end(), now_);
    const auto place_of_look = static_cast<std::size_t>(look - series_.at.begin());
    std::map<std::string, std::vector<std::pair<std::int64_t, std::string>>> reads;
    for (const SeriesColumn* column : series_.of("reads")) {
      if (place_of_look >= column->values.size()) continue;
      const std::int64_t count = column->values[place_of_look].value_or(0);
      if (count > 0) {
        reads[std::string(column->label("region"))].emplace_back(count, column->label("served_by"));
      }
    }
    for (const PopulationConfig& users : config_.workload) {
      MapPlace* at = place(users.from);
      if (at == nullptr) continue;
      MapItem item;
      item.path = "workload." + users.name;
      item.symbol = MapSymbol::users;
      item.text = users.name;
      auto& answers = reads[users.from];
      std::sort(answers.rbegin(), answers.rend());
      std::int64_t all = 0;
      for (const auto& [count, node] : answers) all += count;
      constexpr std::size_t shown_most = 2;
      for (std::size_t i = 0; i < std::min(shown_most, answers.size()); ++i) {
        item.note += (i == 0 ? "reads " : ", ") + answers[i].second + " " +
                     std::to_string((answers[i].first * 100 + all / 2) / all) + "%";
      }
      at->items.push_back(std::move(item));
    }
  }

  // A way for each pair of regions with a stream, a given link, or a cut.
  void add_ways(double second) {
    std::map<Ends, MapWay> ways;
    const auto way = [&](const std::string& from, const std::string& to) -> MapWay& {
      const auto [at, is_new] = ways.try_emplace(sorted(from, to));
      if (is_new) {
        at->second.from = from;
        at->second.to = to;
        const auto known = Catalogue::builtin().between(from, to);
        if (known) {
          at->second.text = to_short_text(microseconds(known.value().rtt_us));
          at->second.estimate = known.value().estimate;
        }
      }
      return at->second;
    };
    // First, so that dots go the way of the log.
    for (const SceneStream& stream : scene_.streams) {
      const SceneNode* from = find_node(scene_, stream.upstream);
      const SceneNode* to = find_node(scene_, stream.standby);
      if (from == nullptr || to == nullptr || from->region == to->region) continue;
      MapWay& made = way(from->region, to->region);
      made.replication = made.replication || stream.connected;
      if (!made.hint.empty()) made.hint += "\n";
      made.hint +=
          stream.upstream + " > " + stream.standby +
          (stream.connected ? ": " + to_short_text(stream.in_flight) + " on the way, " +
                                  to_short_text(stream.behind) + " behind"
                            : ": not connected, " + to_short_text(stream.behind) + " behind");
      if (!stream.connected) continue;
      // 1 KiB on its way is little, 16 MiB a full pipe.
      const double size = static_cast<double>(std::max<std::int64_t>(1, stream.in_flight.value));
      const double share = (std::log2(size) - 10) / 14;
      made.flow = std::max(made.flow, static_cast<float>(std::clamp(share, 0.12, 1.0)));
      made.phase = static_cast<float>(second - std::floor(second));
    }
    for (std::size_t i = 0; i < config_.topology.links.size(); ++i) {
      const LinkConfig& link = config_.topology.links[i];
      const std::string from = link.between.size() == 2 ? link.between[0] : link.from.value_or("");
      const std::string to = link.between.size() == 2 ? link.between[1] : link.to.value_or("");
      if (place(from) == nullptr || place(to) == nullptr || from == to) continue;
      MapWay& made = way(from, to);
      made.path = "topology.links[" + std::to_string(i) + "]";
      if (link.rtt) {
        made.text = to_short_text(*link.rtt);
        made.estimate = false;
      }
    }
    for (const SceneLink& link : scene_.links) {
      if (!link.cut || place(link.from) == nullptr || place(link.to) == nullptr) continue;
      if (link.from == link.to) continue;
      MapWay& made = way(link.from, link.to);
      made.cut = true;
      made.flow = 0;
    }
    for (auto& [ends, made] : ways) {
      if (made.estimate) made.text.insert(0, "~");
      content_.ways.push_back(std::move(made));
    }
  }

  void darken(const std::vector<FaultConfig>& faults) {
    for (const FaultConfig& fault : faults) {
      if (fault.kind != FaultKind::region_loss && fault.kind != FaultKind::region_isolated) {
        continue;
      }
      const TimePoint from = TimePoint{} + fault.at;
      if (now_ < from || (fault.lasts && now_ >= from + *fault.lasts)) continue;
      MapPlace* at = fault.region ? place(*fault.region) : nullptr;
      if (at == nullptr) continue;
      at->dark = true;
      at->title += fault.kind == FaultKind::region_loss ? " (lost)" : " (isolated)";
    }
  }

  const ScenarioConfig& config_;
  const Scene& scene_;
  const RunSeries& series_;
  TimePoint now_;
  MapContent content_;
};

}  // namespace

MapContent map_of_instant(const Scenario& scenario, const Scene& scene, const RunSeries& series,
                          TimePoint now, double second, const std::vector<FaultConfig>* faults) {
  return Content(scenario, scene, series, now)
      .make(second, faults != nullptr ? *faults : scenario.cluster.faults);
}

}  // namespace longhaul
