#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "cli/commands.h"
#include "cli/loading.h"
#include "run/catalogue.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

json milliseconds_of(std::int64_t us) { return static_cast<double>(us) / 1000.0; }

std::string time_text(std::int64_t us) { return to_short_text(microseconds(us)); }

std::string pair_json(const RegionsArgs& args, const PairRtt& pair) {
  json object{{"between", args.between},
              {"rtt_ms", milliseconds_of(pair.rtt_us)},
              {"estimate", pair.estimate},
              {"source", pair.source}};
  if (pair.there_us) object["there_ms"] = milliseconds_of(*pair.there_us);
  if (pair.back_us) object["back_ms"] = milliseconds_of(*pair.back_us);
  return object.dump(2) + "\n";
}

std::string pair_text(const RegionsArgs& args, const Catalogue& catalogue, const PairRtt& pair) {
  const std::string& a = args.between[0];
  const std::string& b = args.between[1];
  std::string text = fmt::format("{} - {}: {}{}\n", a, b, time_text(pair.rtt_us),
                                 a == b ? " between two zones" : " round trip");
  if (pair.there_us && pair.back_us && *pair.there_us != *pair.back_us) {
    text += fmt::format("  asked from {} {}, from {} {}\n", a, time_text(*pair.there_us), b,
                        time_text(*pair.back_us));
  }
  if (a != b) {
    const std::int64_t metres = great_circle_metres(*catalogue.find(a), *catalogue.find(b));
    text += fmt::format("  {} km apart, where light in fibre needs {}\n", metres / 1000,
                        time_text(light_in_fibre_us(metres)));
  }
  return text + (pair.estimate ? "  estimate: " : "  measured: ") + pair.source + "\n";
}

bool contains(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

std::vector<const Region*> chosen(const RegionsArgs& args, const Catalogue& catalogue) {
  std::vector<const Region*> regions;
  for (const Region& region : catalogue.regions()) {
    const std::string text =
        region.id + "\n" + region.name + "\n" + region.city + "\n" + region.country;
    if (contains(text, args.text)) regions.push_back(&region);
  }
  return regions;
}

std::string regions_json(const std::vector<const Region*>& regions, const Catalogue& catalogue) {
  json list = json::array();
  for (const Region* region : regions) {
    json row{{"id", region->id},
             {"provider", region->provider},
             {"name", region->name},
             {"city", region->city},
             {"country", region->country},
             {"lat_udeg", region->lat_udeg},
             {"lon_udeg", region->lon_udeg}};
    if (region->zones > 0) row["zones"] = region->zones;
    list.push_back(std::move(row));
  }
  return json{{"format", 1}, {"catalogue", catalogue.version()}, {"regions", list}}.dump(2) + "\n";
}

std::string regions_text(const std::vector<const Region*>& regions, bool colour) {
  TextTable table({"REGION", "<city", "<country", "<name", "zones"});
  for (const Region* region : regions) {
    table.row({region->id, region->city, region->country, region->name,
               region->zones > 0 ? std::to_string(region->zones) : "-"});
  }
  return table.text(colour);
}

}  // namespace

int cmd_regions(const RegionsArgs& args, Terminal& terminal) {
  const Result<Catalogue> loaded = load_catalogue(args.rtt_csv);
  if (!loaded) return refuse(loaded.errors(), terminal);
  const Catalogue& catalogue = loaded.value();
  if (!args.between.empty()) {
    const Result<PairRtt> pair = catalogue.between(args.between[0], args.between[1]);
    if (!pair) return refuse(pair.errors(), terminal);
    terminal.out(args.json ? pair_json(args, pair.value())
                           : pair_text(args, catalogue, pair.value()));
    return exit_code::ok;
  }
  const std::vector<const Region*> regions = chosen(args, catalogue);
  if (regions.empty()) {
    terminal.error(args.text + ": no region has that in its id, name, city or country");
    return exit_code::bad_input;
  }
  terminal.out(args.json ? regions_json(regions, catalogue)
                         : regions_text(regions, terminal.out_colour()));
  return exit_code::ok;
}

}  // namespace longhaul
