#include "run/site_loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/units_text.h"
#include "run/canary_needed.h"

namespace longhaul {
namespace {

constexpr Duration settled = minutes(1);  // from the end of the warm-up to the loss
constexpr Duration window = seconds(30);  // in which reads are counted
constexpr std::int64_t whole_ppm = 1'000'000;

std::string quoted(const std::string& name) { return '"' + name + '"'; }

std::string fault(const char* kind, const char* key, const std::string& value) {
  return fmt::format("\"kind\": \"{}\", \"{}\": \"{}\"", kind, key, value);
}

class Cases {
 public:
  Cases(const Scenario& scenario, const std::vector<SiteKind>& kinds)
      : config_(scenario.config), links_(scenario.cluster.links), kinds_(kinds) {}

  std::vector<SiteCase> all() {
    hosts();
    zones();
    regions();
    pairs();
    for (const std::string& region : config_.topology.regions) {
      add({SiteKind::isolated, region, {}, {fault("region_isolated", "region", region)}});
    }
    links();
    for (const NodeConfig& node : config_.topology.nodes) {
      if (node.role != NodeRole::primary) continue;
      add({SiteKind::data_lost, node.name, {}, {fault("data_directory_lost", "node", node.name)}});
    }
    return std::move(cases_);
  }

 private:
  void add(SiteCase what) {
    if (std::find(kinds_.begin(), kinds_.end(), what.kind) == kinds_.end()) return;
    cases_.push_back(std::move(what));
  }

  void hosts() {
    for (const NodeConfig& node : config_.topology.nodes) {
      if (node.role == NodeRole::logical) continue;
      add({SiteKind::host, node.name, {}, {fault("node_loss", "node", node.name)}});
    }
  }

  template <class List>
  void zones_of(const List& list, const std::string& region, std::set<std::string>& zones) const {
    for (const auto& thing : list) {
      if (thing.region == region) zones.insert(thing.zone);
    }
  }

  bool has_all_apps(const std::string& region, const std::string& zone) const {
    const std::vector<AppConfig>& apps = config_.topology.apps;
    return std::all_of(apps.begin(), apps.end(), [&](const AppConfig& app) {
      return app.region != region || app.zone == zone;
    });
  }

  void zones() {
    const TopologyConfig& topology = config_.topology;
    for (const std::string& region : topology.regions) {
      std::set<std::string> zones;
      zones_of(topology.nodes, region, zones);
      zones_of(topology.apps, region, zones);
      zones_of(topology.caches, region, zones);
      if (topology.lease_store) zones_of(topology.lease_store->members, region, zones);
      if (zones.size() < 2) continue;
      for (const std::string& zone : zones) {
        SiteCase one{SiteKind::zone, region + " " + zone, {}, {}};
        if (has_all_apps(region, zone)) one.gone.push_back(region);
        one.faults = {fault("zone_loss", "region", region) + ", \"zone\": " + quoted(zone)};
        add(std::move(one));
      }
    }
  }

  static std::vector<std::string> loss_of(const std::string& region) {
    return {fault("region_loss", "region", region), fault("region_isolated", "region", region)};
  }

  void regions() {
    for (const std::string& region : config_.topology.regions) {
      add({SiteKind::region, region, {region}, loss_of(region)});
    }
  }

  void pairs() {
    const std::vector<std::string>& regions = config_.topology.regions;
    if (regions.size() < 3) return;
    for (std::size_t a = 0; a < regions.size(); ++a) {
      for (std::size_t b = a + 1; b < regions.size(); ++b) {
        SiteCase both{SiteKind::pair,
                      regions[a] + " + " + regions[b],
                      {regions[a], regions[b]},
                      loss_of(regions[a])};
        for (std::string& strike : loss_of(regions[b])) both.faults.push_back(std::move(strike));
        add(std::move(both));
      }
    }
  }

  bool has_link(const std::string& from, const std::string& to) const {
    return std::any_of(links_.begin(), links_.end(), [&](const DirectedLink& link) {
      return link.from == from && link.to == to;
    });
  }

  void links() {
    const std::vector<std::string>& regions = config_.topology.regions;
    for (std::size_t a = 0; a < regions.size(); ++a) {
      for (std::size_t b = a + 1; b < regions.size(); ++b) {
        if (!has_link(regions[a], regions[b]) || !has_link(regions[b], regions[a])) continue;
        add({SiteKind::link,
             regions[a] + " - " + regions[b],
             {},
             {fmt::format("\"kind\": \"cut_link\", \"between\": [{}, {}]", quoted(regions[a]),
                          quoted(regions[b]))}});
      }
    }
    for (const std::string& from : regions) {
      for (const std::string& to : regions) {
        if (from == to || !has_link(from, to)) continue;
        add({SiteKind::one_way,
             from + " > " + to,
             {},
             {fault("cut_link", "from", from) + ", \"to\": " + quoted(to)}});
      }
    }
  }

  const ScenarioConfig& config_;
  const std::vector<DirectedLink>& links_;
  const std::vector<SiteKind>& kinds_;
  std::vector<SiteCase> cases_;
};

// Counts reads by users' region at certain times.
class ReadCounter : public EventObserver {
 public:
  explicit ReadCounter(std::array<TimePoint, 4> times) : times_(times) {}

  void before(const World& world, const Event& event) override {
    while (next_ < times_.size() && event.at >= times_[next_]) {
      const Measures& measures = world.measures;
      std::vector<std::int64_t>& counts = counts_[next_++];
      counts.resize(world.plan->labels[Label::region].size());
      for (std::size_t cell = 0; cell < measures.cells(Metric::reads); ++cell) {
        const std::uint32_t region = measures.labels_of(Metric::reads, cell)[0];
        counts[region] += measures.counter_at(Metric::reads, cell).count;
      }
    }
  }

  // Between two of the times; zero if the run ended before.
  std::int64_t between(std::size_t from, std::size_t to, std::uint32_t region) const {
    return next_ <= to ? 0 : counts_[to][region] - counts_[from][region];
  }

 private:
  std::array<TimePoint, 4> times_;
  std::size_t next_ = 0;
  std::array<std::vector<std::int64_t>, 4> counts_;
};

SiteOutcome outcome_of(const RunResult& run, std::uint32_t region, TimePoint began,
                       TimePoint healed) {
  SiteOutcome outcome;
  for (const OutageRecord& outage : run.write_outages) {
    if (outage.region != region || outage.ended <= began) continue;
    outcome.out += outage.ended - outage.began;
    if (outage.ended > healed) outcome.behind += outage.ended - std::max(outage.began, healed);
    WriteFate fate = WriteFate::resumed;
    if (outage.began < healed && outage.ended >= healed) fate = WriteFate::waited;
    if (outage.censored) fate = WriteFate::stuck;
    outcome.writes = std::max(outcome.writes, fate);
  }
  return outcome;
}

std::int64_t total(const Figures& figures, Metric metric) {
  const Figure figure = figures.select({metric, {}});
  return figure.kind == MetricKind::counter ? figure.count() : figure.max();
}

// What is run, and where its results land: each in a slot of its own.
struct Task {
  Scenario scenario;
  std::vector<SiteRun> runs;
};

class Maker {
 public:
  Maker(const SiteLossRequest& request, const Scenario& plain) : request_(request) {
    table_.scenario = plain.config.name;
    table_.seeds = request.seeds;
    table_.at = plain.config.warmup + settled;
    table_.watch = request.watch;
    table_.faults = static_cast<std::int64_t>(plain.config.faults.size());
    const LabelValues labels = label_values(plain.cluster);
    const std::vector<std::string>& names = labels[Label::region];
    for (const PopulationConfig& population : plain.config.workload) {
      const auto found = std::find(names.begin(), names.end(), population.from);
      const auto label = static_cast<std::uint32_t>(found - names.begin());
      const auto known = std::find(labels_.begin(), labels_.end(), label);
      const auto index = static_cast<std::size_t>(known - labels_.begin());
      if (known == labels_.end()) {
        labels_.push_back(label);
        table_.regions.push_back(population.from);
        table_.sessions.push_back(0);
      }
      table_.sessions[index] += population.sessions;
    }
    for (SiteCase& what : site_cases(plain, request.kinds)) add(std::move(what));
  }

  std::vector<Error> load() {
    for (const SiteLine& line : table_.lines) {
      const Duration end = table_.at + line.lasts + table_.watch;
      std::string faults;
      for (const std::string& strike : line.what.faults) {
        const bool momentary = line.what.kind == SiteKind::data_lost;
        faults += fmt::format("{}{{{}, \"at\": \"{}\"", faults.empty() ? "" : ",", strike,
                              to_text(table_.at));
        faults += momentary ? "}" : fmt::format(", \"for\": \"{}\"}}", to_text(line.lasts));
      }
      Result<Scenario> scenario =
          request_.load({"faults=[" + faults + "]", "duration=" + to_text(end)});
      if (!scenario) return scenario.errors();
      scenario.value().expectations.clear();
      const auto seeds = static_cast<std::size_t>(table_.seeds.last - table_.seeds.first + 1);
      tasks_.push_back({std::move(scenario).value(), std::vector<SiteRun>(seeds)});
    }
    return {};
  }

  SiteLoss run() {
    std::vector<SweepTask> tasks;
    for (const Task& task : tasks_) tasks.push_back({&task.scenario, table_.seeds});
    SweepOptions options;
    options.jobs = request_.jobs;
    options.progress = request_.progress;
    options.run_seed = [this](const Scenario& scenario, std::uint64_t seed) {
      return run_seed(scenario, seed);
    };
    std::size_t complete = 0;
    sweep(tasks, options, [&](std::size_t task, SweepResult result) {
      if (result.complete && task == complete) complete += 1;
    });
    table_.lines.resize(complete);
    for (std::size_t i = 0; i < complete; ++i) table_.lines[i].runs = std::move(tasks_[i].runs);
    return std::move(table_);
  }

 private:
  void add(SiteCase what) {
    SiteLine line;
    line.lasts = request_.lasts[static_cast<std::size_t>(what.kind)];
    for (const std::string& region : table_.regions) {
      line.gone.push_back(std::find(what.gone.begin(), what.gone.end(), region) != what.gone.end());
    }
    line.what = std::move(what);
    table_.lines.push_back(std::move(line));
  }

  std::optional<RunResult> run_seed(const Scenario& scenario, std::uint64_t seed) {
    const auto task = std::find_if(tasks_.begin(), tasks_.end(),
                                   [&](const Task& one) { return &one.scenario == &scenario; });
    const Duration lasts = table_.lines[static_cast<std::size_t>(task - tasks_.begin())].lasts;
    const TimePoint began = TimePoint{} + table_.at;
    const TimePoint healed = began + lasts;
    ReadCounter reads({began - window, began, healed - std::min(window, lasts), healed});
    std::optional<RunResult> result = request_.run(scenario, seed, reads);
    if (!result) return result;
    SiteRun& run = task->runs[seed - static_cast<std::uint64_t>(table_.seeds.first)];
    for (const std::uint32_t region : labels_) {
      SiteOutcome outcome = outcome_of(*result, region, began, healed);
      outcome.reads_before = reads.between(0, 1, region);
      outcome.reads_within = reads.between(2, 3, region);
      run.regions.push_back(outcome);
    }
    run.split = {total(result->figures, Metric::split_brain_duration)};
    run.lost = total(result->figures, Metric::lost_transactions);
    return result;
  }

  const SiteLossRequest& request_;
  SiteLoss table_;
  std::vector<std::uint32_t> labels_;  // of the regions
  std::vector<Task> tasks_;
};

}  // namespace

std::string_view name_of(SiteKind kind) {
  constexpr std::array<std::string_view, site_kinds> names{
      "host", "zone", "region", "pair", "isolated", "link", "one_way", "data_lost"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(WriteFate fate) {
  constexpr std::array<std::string_view, 4> names{"unharmed", "resumed", "waited", "stuck"};
  return names[static_cast<std::size_t>(fate)];
}

SiteLossRequest::SiteLossRequest() { lasts.fill(minutes(5)); }

std::vector<SiteCase> site_cases(const Scenario& scenario, const std::vector<SiteKind>& kinds) {
  return Cases(scenario, kinds).all();
}

WriteFate SiteLine::worst(std::size_t region) const {
  WriteFate worst = WriteFate::unharmed;
  for (const SiteRun& run : runs) worst = std::max(worst, run.regions[region].writes);
  return worst;
}

std::size_t SiteLine::count(std::size_t region, WriteFate fate) const {
  return static_cast<std::size_t>(std::count_if(runs.begin(), runs.end(), [&](const SiteRun& run) {
    return run.regions[region].writes == fate;
  }));
}

std::optional<std::int64_t> SiteLine::reads_ppm(std::size_t region) const {
  std::int64_t before = 0;
  std::int64_t within = 0;
  for (const SiteRun& run : runs) {
    before += run.regions[region].reads_before;
    within += run.regions[region].reads_within;
  }
  if (before == 0) return std::nullopt;
  const std::int64_t counted = std::min(window, lasts).ns;
  const Int128 share = Int128{within} * whole_ppm * window.ns / counted;
  return std::min(whole_ppm, div_floor(share, before));
}

WriteFate SiteLine::worst() const {
  WriteFate worst_of_all = WriteFate::unharmed;
  for (std::size_t region = 0; region < gone.size(); ++region) {
    const WriteFate fate = worst(region);
    if (gone[region] && fate != WriteFate::stuck) continue;
    worst_of_all = std::max(worst_of_all, fate);
  }
  return worst_of_all;
}

Duration SiteLine::split_max() const {
  Duration longest;
  for (const SiteRun& run : runs) longest = std::max(longest, run.split);
  return longest;
}

std::int64_t SiteLine::lost_milli() const {
  std::int64_t lost = 0;
  for (const SiteRun& run : runs) lost += run.lost;
  return runs.empty() ? 0 : div_floor(Int128{lost} * 1000, static_cast<std::int64_t>(runs.size()));
}

Result<SiteLoss> make_site_loss(const SiteLossRequest& request) {
  const Result<Scenario> plain = request.load({});
  if (!plain) return plain.errors();
  if (std::vector<Error> blind = canary_missing(plain.value()); !blind.empty()) return blind;
  Maker maker(request, plain.value());
  if (std::vector<Error> wrong = maker.load(); !wrong.empty()) return wrong;
  return maker.run();
}

}  // namespace longhaul
