#include "run/reports/map.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "base/units_text.h"
#include "run/catalogue.h"
#include "run/land.h"
#include "run/svg.h"

namespace longhaul {
namespace {

constexpr std::int64_t degree = 1'000'000;

struct Town {
  std::string region;
  std::string city;
  std::int64_t lon = 0;  // millionths of a degree, beyond 180 where the map is cut elsewhere
  std::int64_t lat = 0;
  Point at;
  std::vector<std::string> servers;
};

// Regions in which something runs or somebody lives.
std::vector<Town> towns_of(const Material& material) {
  std::vector<Town> towns;
  const auto town = [&](const std::string& region) -> Town& {
    for (Town& known : towns) {
      if (known.region == region) return known;
    }
    towns.push_back({.region = region});
    return towns.back();
  };
  const ScenarioConfig& config = material.report.effective;
  for (const std::string& region : config.topology.regions) town(region);
  for (const NodeConfig& node : config.topology.nodes) town(node.region);
  for (const AppConfig& app : config.topology.apps) town(app.region);
  for (const PopulationConfig& users : config.workload) town(users.from);
  for (const NodeReport& node : material.report.nodes) {
    const std::string first = node.primary ? "primary" : "replica";
    town(node.region)
        .servers.push_back(node.name + ", " +
                           (node.role_at_end == first ? first : first + " > " + node.role_at_end));
  }
  return towns;
}

bool find_positions(std::vector<Town>& towns) {
  const Catalogue& catalogue = Catalogue::builtin();
  for (Town& town : towns) {
    const Region* region = catalogue.find(town.region);
    if (region == nullptr) return false;
    town.city = region->city;
    town.lon = region->lon_udeg;
    town.lat = region->lat_udeg;
  }
  return true;
}

// Moves the cut of the map into the widest gap between the towns.
void cut(std::vector<Town>& towns) {
  std::vector<std::int64_t> lons;
  for (const Town& town : towns) lons.push_back(town.lon);
  std::sort(lons.begin(), lons.end());
  std::int64_t widest = lons.front() + 360 * degree - lons.back();
  std::int64_t first = lons.front();
  for (std::size_t i = 1; i < lons.size(); ++i) {
    if (lons[i] - lons[i - 1] <= widest) continue;
    widest = lons[i] - lons[i - 1];
    first = lons[i];
  }
  for (Town& town : towns) {
    if (town.lon < first) town.lon += 360 * degree;
  }
}

// What part of the world the picture shows.
class View {
 public:
  View(const std::vector<Town>& towns, std::int64_t width, std::int64_t height)
      : width_(pixels(width)), height_(pixels(height)) {
    std::int64_t west = towns.front().lon;
    std::int64_t east = west;
    std::int64_t north = towns.front().lat;
    std::int64_t south = north;
    for (const Town& town : towns) {
      west = std::min(west, town.lon);
      east = std::max(east, town.lon);
      north = std::max(north, town.lat);
      south = std::min(south, town.lat);
    }
    // Margins for labels, and never so near that no coast is in sight.
    std::int64_t span = std::max((east - west) * 3 / 2, 50 * degree);
    std::int64_t rise = std::max((north - south) * 2, 30 * degree);
    span = std::max(span, rise * stretch / 100 * width / height);
    span = std::min(span, 360 * degree);
    span_ = span;
    west_ = (west + east) / 2 - span / 2;
    north_ = (north + south) / 2 + span * height / width * 100 / stretch / 2;
  }

  Point at(std::int64_t lon, std::int64_t lat) const {
    return {div_floor(static_cast<Int128>(lon - west_) * width_, span_),
            div_floor(static_cast<Int128>(north_ - lat) * width_ * stretch / 100, span_)};
  }
  std::int64_t west() const { return west_; }
  std::int64_t span() const { return span_; }
  std::int64_t width() const { return width_; }
  std::int64_t height() const { return height_; }

 private:
  static constexpr std::int64_t stretch = 130;  // of latitudes, in percent: between 40 and 50 north

  std::int64_t width_;
  std::int64_t height_;
  std::int64_t west_ = 0;
  std::int64_t north_ = 0;
  std::int64_t span_ = 1;
};

// What is left of a shape on one side of an edge (Sutherland and Hodgman, 1974). `beyond` is how
// far a point lies outside, in tenths of a pixel.
template <class Beyond>
std::vector<Point> cut_off(const std::vector<Point>& shape, Beyond beyond) {
  std::vector<Point> left;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const Point a = shape[i];
    const Point b = shape[(i + 1) % shape.size()];
    const std::int64_t at_a = beyond(a);
    const std::int64_t at_b = beyond(b);
    if (at_a <= 0) left.push_back(a);
    if ((at_a <= 0) == (at_b <= 0)) continue;
    const Point out = at_a > 0 ? a : b;
    const Point in = at_a > 0 ? b : a;
    const std::int64_t over = std::max(at_a, at_b);
    const std::int64_t whole = over - std::min(at_a, at_b);
    left.push_back({out.x + div_floor(static_cast<Int128>(in.x - out.x) * over, whole),
                    out.y + div_floor(static_cast<Int128>(in.y - out.y) * over, whole)});
  }
  return left;
}

// Those between two corners that stand out by more than a pixel (Douglas and Peucker, 1973).
void keep_corners(const std::vector<Point>& shape, std::size_t first, std::size_t last,
                  std::vector<bool>& kept) {
  const Point a = shape[first];
  const std::int64_t x = shape[last].x - a.x;
  const std::int64_t y = shape[last].y - a.y;
  std::int64_t most = 0;
  std::size_t farthest = first;
  for (std::size_t i = first + 1; i < last; ++i) {
    const std::int64_t out = std::abs(x * (shape[i].y - a.y) - y * (shape[i].x - a.x));
    if (out > most) farthest = i;
    most = std::max(most, out);
  }
  // `most` is a height times the length of the base.
  constexpr std::int64_t tolerance = pixels(1);
  if (farthest == first || most * most <= tolerance * tolerance * (x * x + y * y)) return;
  kept[farthest] = true;
  keep_corners(shape, first, farthest, kept);
  keep_corners(shape, farthest, last, kept);
}

// A ring of land in whole pixels, as far as it is in the picture; empty when it is not.
std::vector<Point> seen_part(const Land& land, std::size_t begin, std::size_t end,
                             std::int64_t turn, const View& view) {
  std::vector<Point> shape;
  for (std::size_t i = begin; i < end; ++i) {
    std::int64_t lon = land.points[i].lon_udeg;
    // What the data cuts at the date line overlaps a little, so that no seam is seen.
    if (std::abs(lon) == 180 * degree) lon += lon / 600;
    shape.push_back(view.at(lon + turn, land.points[i].lat_udeg));
  }
  shape = cut_off(shape, [](Point p) { return -pixels(2) - p.x; });
  shape = cut_off(shape, [&](Point p) { return p.x - view.width() - pixels(2); });
  shape = cut_off(shape, [](Point p) { return -pixels(2) - p.y; });
  shape = cut_off(shape, [&](Point p) { return p.y - view.height() - pixels(2); });
  if (shape.size() < 3) return {};
  std::vector<bool> kept(shape.size());
  const std::size_t half = shape.size() / 2;
  kept.front() = kept[half] = kept.back() = true;
  keep_corners(shape, 0, half, kept);
  keep_corners(shape, half, shape.size() - 1, kept);
  std::vector<Point> seen;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const Point p = shape[i];
    const Point whole{pixels(div_floor(p.x + 5, 10)), pixels(div_floor(p.y + 5, 10))};
    const bool moved = seen.empty() || whole.x != seen.back().x || whole.y != seen.back().y;
    if (kept[i] && moved) seen.push_back(whole);
  }
  return seen.size() < 3 ? std::vector<Point>{} : seen;
}

void draw_world(Drawing& drawing, const View& view) {
  for (std::int64_t lon = -360; lon <= 540; lon += 30) {
    const std::int64_t x = view.at(lon * degree, 0).x;
    if (x > 0 && x < view.width()) drawing.line({x, 0}, {x, view.height()}, "grid");
  }
  for (std::int64_t lat = -60; lat <= 60; lat += 30) {
    const std::int64_t y = view.at(0, lat * degree).y;
    if (y > 0 && y < view.height()) drawing.line({0, y}, {view.width(), y}, "grid");
  }
  const Land& land = Land::builtin();
  std::size_t begin = 0;
  for (const std::size_t end : land.ring_ends) {
    for (const std::int64_t turn : {-360, 0, 360}) {
      drawing.polygon(seen_part(land, begin, end, turn * degree, view), "land");
    }
    begin = end;
  }
}

// Twelve hours of a clock; sines in thousandths.
void place_on_circle(std::vector<Town>& towns, const Drawing& drawing) {
  constexpr std::array<std::int64_t, 12> sines{0, 500,  866,  1'000,  866,  500,
                                               0, -500, -866, -1'000, -866, -500};
  for (std::size_t i = 0; i < towns.size(); ++i) {
    const std::size_t hour = i * 12 / towns.size() % 12;
    towns[i].at = {drawing.width() / 2 + sines[hour] * drawing.width() / 3'200,
                   drawing.height() / 2 - sines[(hour + 3) % 12] * drawing.height() / 3'200};
  }
}

// ---- Ways --------------------------------------------------------------------------------------

struct Way {
  std::size_t from = 0;
  std::size_t to = 0;
  std::vector<std::string> replicas;  // that are fed along it
  std::int64_t lag_p99 = -1;          // the worst of theirs
  std::int64_t bytes = 0;
  std::optional<Duration> rtt;
  bool estimate = false;
};

class Ways {
 public:
  Ways(const Material& material, const std::vector<Town>& towns)
      : material_(material), towns_(towns) {
    for (const ReplicaReport& replica : material.report.replicas) add_stream(replica);
    for (const TrafficReport& traffic : material.report.traffic) {
      if (Way* way = between(traffic.from, traffic.to)) way->bytes += traffic.total();
    }
    for (Way& way : ways_) find_rtt(way);
    std::stable_sort(ways_.begin(), ways_.end(), [](const Way& a, const Way& b) {
      return std::pair(a.replicas.empty(), -a.bytes) < std::pair(b.replicas.empty(), -b.bytes);
    });
    constexpr std::size_t shown_max = 12;
    if (ways_.size() > shown_max) ways_.resize(shown_max);
  }
  const std::vector<Way>& all() const { return ways_; }

 private:
  std::size_t town(const std::string& region) const {
    std::size_t i = 0;
    while (towns_[i].region != region) ++i;
    return i;
  }
  Way* between(const std::string& a, const std::string& b) {
    if (a == b) return nullptr;
    const std::size_t from = town(a);
    const std::size_t to = town(b);
    for (Way& way : ways_) {
      if ((way.from == from && way.to == to) || (way.from == to && way.to == from)) return &way;
    }
    ways_.push_back({.from = from, .to = to});
    return &ways_.back();
  }
  void add_stream(const ReplicaReport& replica) {
    const auto& nodes = material_.report.effective.topology.nodes;
    const auto node = [&](const std::string& name) {
      return std::find_if(nodes.begin(), nodes.end(),
                          [&](const NodeConfig& one) { return one.name == name; });
    };
    const auto standby = node(replica.name);
    if (standby == nodes.end() || !standby->follows) return;
    const auto upstream = node(*standby->follows);
    if (upstream == nodes.end()) return;
    Way* way = between(upstream->region, standby->region);
    if (way == nullptr) return;
    way->replicas.push_back(replica.name);
    const Summary& replay = replica.lag[static_cast<std::size_t>(LagStage::replay)];
    if (replay.count > 0) way->lag_p99 = std::max(way->lag_p99, replay.p99);
  }
  void find_rtt(Way& way) const {
    const std::string& a = towns_[way.from].region;
    const std::string& b = towns_[way.to].region;
    Duration both;
    int found = 0;
    for (const DirectedLink& link : material_.scenario.cluster.links) {
      if ((link.from == a && link.to == b) || (link.from == b && link.to == a)) {
        both += link.latency;
        found += 1;
      }
    }
    if (found == 2) way.rtt = both;
    for (const std::string& estimate : material_.report.estimates) {
      way.estimate = way.estimate || estimate == a + " - " + b || estimate == b + " - " + a;
    }
  }

  const Material& material_;
  const std::vector<Town>& towns_;
  std::vector<Way> ways_;
};

Point middle(Point a, Point b) { return {(a.x + b.x) / 2, (a.y + b.y) / 2}; }

// ---- Labels ------------------------------------------------------------------------------------

// Texts that keep out of one another's way.
class Labels {
 public:
  explicit Labels(Drawing& drawing) : drawing_(drawing) {}

  void keep_free(Box box) { taken_.push_back(box); }

  // Lines of text beside a point, where there is room.
  void beside(Point at, const std::vector<std::string>& lines) {
    std::int64_t width = 0;
    for (const std::string& line : lines) width = std::max(width, width_of(line));
    const auto height = static_cast<std::int64_t>(lines.size()) * row;
    const std::array<Point, 6> places{{{at.x + gap, at.y - row / 2},
                                       {at.x - gap - width, at.y - row / 2},
                                       {at.x - width / 2, at.y + gap},
                                       {at.x - width / 2, at.y - gap - height},
                                       {at.x + gap, at.y - height},
                                       {at.x - gap - width, at.y - height}}};
    put(lines, best(std::vector<Point>(places.begin(), places.end()), width, height), width);
  }
  void over(Point at, const std::string& line) {
    const std::int64_t width = width_of(line);
    std::vector<Point> places;
    for (const std::int64_t dy : {90, -90, 230, -230, 370, -370}) {
      places.push_back({at.x - width / 2, at.y - row / 2 + dy});
    }
    put({line}, best(places, width, row), width);
  }

 private:
  static constexpr std::int64_t row = 140;
  static constexpr std::int64_t gap = 80;

  std::int64_t overlap(const Box& box) const {
    std::int64_t sum = 0;
    for (const Box& other : taken_) {
      const std::int64_t wide =
          std::min(box.x + box.width, other.x + other.width) - std::max(box.x, other.x);
      const std::int64_t high =
          std::min(box.y + box.height, other.y + other.height) - std::max(box.y, other.y);
      if (wide > 0 && high > 0) sum += wide * high;
    }
    const std::int64_t outside = std::max<std::int64_t>(0, -box.x) +
                                 std::max<std::int64_t>(0, box.x + box.width - drawing_.width()) +
                                 std::max<std::int64_t>(0, -box.y) +
                                 std::max<std::int64_t>(0, box.y + box.height - drawing_.height());
    return sum + outside * 1'000;
  }
  Point best(const std::vector<Point>& places, std::int64_t width, std::int64_t height) const {
    Point found = places.front();
    std::int64_t least = -1;
    for (const Point& place : places) {
      const std::int64_t cost = overlap({place.x, place.y, width, height});
      if (least >= 0 && cost >= least) continue;
      least = cost;
      found = place;
    }
    found.x =
        std::clamp<std::int64_t>(found.x, 0, std::max<std::int64_t>(0, drawing_.width() - width));
    return found;
  }
  void put(const std::vector<std::string>& lines, Point at, std::int64_t width) {
    taken_.push_back({at.x, at.y, width, static_cast<std::int64_t>(lines.size()) * row});
    for (std::size_t i = 0; i < lines.size(); ++i) {
      drawing_.text({at.x, at.y + 105 + static_cast<std::int64_t>(i) * row}, lines[i],
                    i == 0 && lines.size() > 1 ? "small strong halo" : "small halo");
    }
  }

  Drawing& drawing_;
  std::vector<Box> taken_;
};

std::string way_text(const Way& way, bool wide) {
  std::string text;
  if (way.rtt) text = to_short_text(*way.rtt) + (way.estimate && wide ? " rtt (estimate)" : " rtt");
  if (way.lag_p99 >= 0) {
    text += (text.empty() ? "" : ", ") + std::string(wide ? "lag p99 " : "lag ") +
            to_short_text(Duration{way.lag_p99});
  }
  return text;
}

}  // namespace

std::string map_svg(const Material& material, std::int64_t width, std::int64_t height) {
  std::vector<Town> towns = towns_of(material);
  if (towns.empty()) return "";
  const bool wide = width > 600;
  Drawing drawing(width, height, "Map of the regions with round trips and replication lag");
  drawing.rect({0, 0, drawing.width(), drawing.height()}, "sea");
  if (find_positions(towns)) {
    cut(towns);
    const View view(towns, width, height);
    for (Town& town : towns) town.at = view.at(town.lon, town.lat);
    draw_world(drawing, view);
  } else {
    place_on_circle(towns, drawing);
  }
  const Ways ways(material, towns);
  const auto bend = [&](const Way& way) {
    const Point a = towns[way.from].at;
    const Point b = towns[way.to].at;
    const std::int64_t reach = std::max(a.x, b.x) - std::min(a.x, b.x);
    const Point half = middle(a, b);
    return Point{half.x, half.y - reach / 6 - 60};
  };
  for (const Way& way : ways.all()) {
    drawing.curve(towns[way.from].at, bend(way), towns[way.to].at,
                  way.replicas.empty() ? (way.estimate ? "way guess" : "way")
                                       : (way.estimate ? "stream guess" : "stream"));
  }
  Labels labels(drawing);
  for (const Town& town : towns) labels.keep_free({town.at.x - 60, town.at.y - 60, 120, 120});
  for (const Town& town : towns) {
    const bool primary = std::any_of(
        material.report.nodes.begin(), material.report.nodes.end(),
        [&](const NodeReport& node) { return node.region == town.region && node.primary; });
    drawing.marker(town.at, primary ? 3 : 0, town.region, primary ? 60 : 45);
    std::vector<std::string> lines{town.city.empty() ? town.region : town.city};
    if (!town.city.empty() && wide) lines.push_back(town.region);
    constexpr std::size_t servers_max = 3;
    for (std::size_t i = 0; i < std::min(servers_max, town.servers.size()); ++i) {
      lines.push_back(town.servers[i]);
    }
    if (town.servers.size() > servers_max) {
      lines.push_back(fmt::format("and {} more", town.servers.size() - servers_max));
    }
    labels.beside(town.at, lines);
  }
  for (const Way& way : ways.all()) {
    const Point half = middle(middle(towns[way.from].at, towns[way.to].at), bend(way));
    const std::string text = way_text(way, wide);
    if (!text.empty()) labels.over(half, text);
  }
  return drawing.inside();
}

}  // namespace longhaul
