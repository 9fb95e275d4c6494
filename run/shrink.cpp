#include "run/shrink.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/units_text.h"
#include "run/config_json.h"
#include "run/report.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

Result<Scenario> load_json(const json& object) {
  const std::string text = object.dump();
  return load_scenario("shrunk.json", {},
                       [&text](const std::string&) -> Result<std::string> { return text; });
}

bool is_kept(const std::string& key) {
  return key == "format" || key == "name" || key == "purpose" || key == "seeds" || key == "expect";
}

class Shrinker {
 public:
  Shrinker(json object, const StillFails& fails, std::size_t tries_max)
      : now_(std::move(object)), fails_(fails), tries_max_(tries_max) {}

  Shrunk run() {
    drop_defaults(now_);
    for (bool goes_on = true; goes_on && !exhausted();) {
      const json before = now_;
      halve_list("/faults");
      leave_out("");
      merge_regions();
      simplify_times();
      goes_on = now_ != before;
    }
    const std::size_t faults = now_.contains("faults") ? now_["faults"].size() : 0;
    return {now_.dump(2) + "\n", tries_, faults, !exhausted()};
  }

 private:
  bool exhausted() const { return tries_ >= tries_max_; }

  // Takes `changed` if it still fails.
  bool take(const json& changed) {
    if (exhausted() || changed == now_) return false;
    const Result<Scenario> scenario = load_json(changed);
    if (!scenario) return false;
    tries_ += 1;
    if (!fails_(scenario.value())) return false;
    now_ = changed;
    return true;
  }

  // Keys that mean nothing, one after the other: the effective configuration stays as it is.
  void drop_defaults(json& object) {
    const Result<Scenario> whole = load_json(now_);
    if (!whole) return;
    drop_defaults_below(object, "", whole.value().digest);
  }

  void drop_defaults_below(json& root, const std::string& path, std::uint64_t digest) {
    json& here = root[json::json_pointer(path)];
    std::vector<std::string> keys;
    for (const auto& item : here.items()) keys.push_back(item.key());
    for (const std::string& key : keys) {
      if (path.empty() && is_kept(key)) continue;
      if (here.is_object()) {
        json without = root;
        without[json::json_pointer(path)].erase(key);
        const Result<Scenario> scenario = load_json(without);
        if (scenario && scenario.value().digest == digest) {
          here.erase(key);
          continue;
        }
      }
      const std::string below = path + "/" + key;
      if (root[json::json_pointer(below)].is_structured()) {
        drop_defaults_below(root, below, digest);
      }
    }
  }

  // Half of a list at a time, then a quarter, down to single elements.
  void halve_list(const std::string& path) {
    const json::json_pointer list(path);
    if (!now_.contains(list)) return;
    for (std::size_t part = (now_[list].size() + 1) / 2; part > 0; part /= 2) {
      for (std::size_t first = 0; first < now_[list].size();) {
        json changed = now_;
        json& elements = changed[list];
        const auto begin = elements.begin() + static_cast<std::ptrdiff_t>(first);
        const std::size_t count = std::min(part, elements.size() - first);
        elements.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
        if (!take(changed)) first += part;
      }
      if (part == 1) break;
    }
  }

  // Every member and every element below, the last first, then what is left inside of it.
  void leave_out(const std::string& path) {
    const json::json_pointer place(path);
    std::vector<std::string> keys;
    for (const auto& item : now_[place].items()) keys.push_back(item.key());
    for (auto key = keys.rbegin(); key != keys.rend() && !exhausted(); ++key) {
      if (path.empty() && is_kept(*key)) continue;
      if (*key == "for" && path.starts_with("/faults/")) continue;  // it would last to the end
      json changed = now_;
      if (changed[place].is_array()) {
        changed[place].erase(static_cast<std::size_t>(std::stoul(*key)));
      } else {
        changed[place].erase(*key);
      }
      if (take(changed)) continue;
      if (now_[place / *key].is_structured()) leave_out(path + "/" + *key);
    }
  }

  static void rename(json& value, const std::string& from, const std::string& to) {
    if (value == from) value = to;
    if (!value.is_structured()) return;
    for (json& member : value) rename(member, from, to);
  }

  // What is in the last region is in an earlier one.
  void merge_regions() {
    const json::json_pointer place("/topology/regions");
    for (std::size_t from = now_[place].size(); from-- > 1;) {
      for (std::size_t to = 0; to < from; ++to) {
        json changed = now_;
        const std::string gone = changed[place][from];
        const std::string kept = changed[place][to];
        changed[place].erase(from);
        rename(changed, gone, kept);
        if (take(changed)) break;
      }
    }
  }

  void simplify_times() {
    for (std::size_t i = 0; now_.contains("faults") && i < now_["faults"].size(); ++i) {
      for (const char* key : {"for", "at", "every"}) {
        simplify(json::json_pointer("/faults/" + std::to_string(i) + "/" + key));
      }
    }
    simplify(json::json_pointer("/duration"));
  }

  // Round at first, then smaller by half, as long as it goes on to fail.
  void simplify(const json::json_pointer& place) {
    if (!now_.contains(place)) return;
    for (const Duration unit : {seconds(10), seconds(1), milliseconds(100), milliseconds(1)}) {
      const Duration time = parse_text<Duration>(now_[place].get<std::string>()).value();
      if (time.ns % unit.ns == 0) break;
      if (set(place, {(time.ns / unit.ns + 1) * unit.ns}) ||
          set(place, {time.ns / unit.ns * unit.ns})) {
        break;
      }
    }
    while (!exhausted()) {
      const Duration time = parse_text<Duration>(now_[place].get<std::string>()).value();
      const Duration unit = time >= seconds(2) ? seconds(1) : milliseconds(1);
      if (!set(place, {time.ns / 2 / unit.ns * unit.ns})) return;
    }
  }

  bool set(const json::json_pointer& place, Duration time) {
    if (time <= Duration{}) return false;
    json changed = now_;
    changed[place] = to_text(time);
    return take(changed);
  }

  json now_;
  const StillFails& fails_;
  std::size_t tries_max_;
  std::size_t tries_ = 0;
};

}  // namespace

Shrunk shrink(const ScenarioConfig& config, const StillFails& fails, std::size_t tries_max) {
  return Shrinker(dump(ScenarioConfig::fields(), &config), fails, tries_max).run();
}

}  // namespace longhaul
