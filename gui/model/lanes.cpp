#include "gui/model/lanes.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace longhaul {
namespace {

TimePoint before(const RunSeries& series, std::size_t look) {
  return look == 0 ? TimePoint{} : series.at[look - 1];
}

std::int64_t value_or_zero(const SeriesColumn& column, std::size_t look) {
  return look < column.values.size() ? column.values[look].value_or(0) : 0;
}

std::vector<PlotSample> samples_of(const RunSeries& series, const SeriesColumn& column) {
  std::vector<PlotSample> samples;
  for (std::size_t i = 0; i < column.values.size(); ++i) {
    samples.push_back({series.at[i].ns, column.values[i]});
  }
  return samples;
}

// Appends, or makes the last one longer when it says the same.
void extend(std::vector<LaneSpan>& spans, LaneSpan next) {
  if (!spans.empty()) {
    LaneSpan& last = spans.back();
    if (last.to == next.from && last.text == next.text && last.tone == next.tone) {
      last.to = next.to;
      return;
    }
  }
  spans.push_back(std::move(next));
}

std::size_t region_place(const ScenarioConfig& config, std::string_view region) {
  std::vector<std::string> seen;
  for (const PopulationConfig& users : config.workload) {
    if (std::find(seen.begin(), seen.end(), users.from) == seen.end()) seen.push_back(users.from);
  }
  return static_cast<std::size_t>(std::find(seen.begin(), seen.end(), region) - seen.begin());
}

std::size_t node_place(const ScenarioConfig& config, std::string_view name) {
  std::size_t place = 0;
  while (place < config.topology.nodes.size() && config.topology.nodes[place].name != name) ++place;
  return place;
}

// A power of ten below what is seen, at most five decades below the most.
PlotAxis logarithmic_axis(const Lane& lane, Quantity quantity) {
  std::int64_t least = 0;
  std::int64_t most = lane.level ? lane.level->value : 0;
  for (const LaneLine& line : lane.lines) {
    for (const PlotSample& sample : line.samples) {
      if (!sample.y || *sample.y <= 0) continue;
      least = least == 0 ? *sample.y : std::min(least, *sample.y);
      most = std::max(most, *sample.y);
    }
    for (const auto& reach : line.reach) most = std::max(most, reach ? reach->most : 0);
  }
  if (lane.level && lane.level->value > 0) {
    least = least == 0 ? lane.level->value : std::min(least, lane.level->value);
  }
  PlotAxis axis{lane.title, quantity, 1, std::max<std::int64_t>(10, most), true};
  while (axis.from <= least / 10) axis.from *= 10;
  while (axis.from < most / 100'000) axis.from *= 10;
  return rounded(axis, 4);
}

PlotAxis even_axis(const Lane& lane, Quantity quantity, std::int64_t at_least) {
  std::int64_t most = at_least;
  for (const LaneLine& line : lane.lines) {
    for (const PlotSample& sample : line.samples) most = std::max(most, sample.y.value_or(0));
  }
  return rounded({lane.title, quantity, 0, most, false}, 3);
}

Lane lane_called(const char* id, const char* title, const char* about) {
  Lane lane;
  lane.id = id;
  lane.title = title;
  lane.about = about;
  return lane;
}

// ---- The lanes ---------------------------------------------------------------------------------

// Those that overlap stand in rows of their own.
Lane faults_lane(const RunView& view) {
  Lane lane = lane_called("faults", "Faults",
                          "Faults and operator actions of the scenario, from when to when; of a "
                          "drill also those of its first variant.");
  const std::vector<FaultConfig>& faults = view.scenario->cluster.faults;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const FaultConfig& fault = faults[i];
    const TimePoint from = TimePoint{} + fault.at;
    const bool moment = rule_of(fault.kind).momentary;
    const TimePoint to = moment        ? from
                         : fault.lasts ? std::min(from + *fault.lasts, view.end)
                                       : view.end;
    std::size_t row = 0;
    while (row < lane.rows.size() && lane.rows[row].spans.back().to >= from) ++row;
    if (row == lane.rows.size()) lane.rows.push_back({"", "", {}, {}});
    LaneSpan span{from, to, fault_text(fault), moment ? LaneTone::warning : LaneTone::bad, !moment};
    const auto outcome = std::find_if(view.orders.begin(), view.orders.end(),
                                      [i](const OrderOutcome& order) { return order.fault == i; });
    if (outcome != view.orders.end()) {
      span.note = span.text + ": " + outcome->text;
      if (outcome->result != OrderResult::done) {
        span.tone = LaneTone::bad;
        span.text += outcome->result == OrderResult::refused ? ", refused" : ", not carried out";
      }
    }
    lane.rows[row].spans.push_back(std::move(span));
  }
  if (lane.rows.empty()) lane.note = "none; the tab Inject throws one in";
  return lane;
}

Lane outages_lane(const RunView& view) {
  Lane lane = lane_called("outages", "Writes out",
                          "When the canary's writes from a region of users failed.");
  if (!view.report) {
    lane.note = "known when the run is complete";
    return lane;
  }
  for (const OutageReport& outage : view.report->write_outages) {
    auto row = std::find_if(lane.rows.begin(), lane.rows.end(),
                            [&](const LaneRow& such) { return such.name == outage.region; });
    if (row == lane.rows.end()) row = lane.rows.insert(row, {outage.region, "", {}, {}});
    const std::string length = quantity_text(Quantity::duration, (outage.ended - outage.began).ns);
    row->spans.push_back({outage.began, outage.ended,
                          outage.censored ? length + ", open at the end" : length, LaneTone::bad,
                          true});
  }
  if (lane.rows.empty()) lane.note = "none";
  return lane;
}

Lane failovers_lane(const RunView& view) {
  Lane lane =
      lane_called("failovers", "Failovers", "The outage that each promotion ended, in phases.");
  if (!view.report) return lane;
  for (const FailoverReport& failover : view.report->failovers) {
    LaneRow row{(failover.from.empty() ? "" : failover.from + " > ") + failover.to, "", {}, {}};
    for (const FailoverReport::Part& part : failover.parts) {
      row.spans.push_back({part.began, part.ended, part.phase,
                           row.spans.size() % 2 == 0 ? LaneTone::warning : LaneTone::plain,
                           row.spans.size() % 2 == 0});
    }
    if (row.spans.empty()) {
      row.spans.push_back({failover.ordered, failover.opened.value_or(failover.ordered),
                           failover.reason, LaneTone::warning, false});
    }
    lane.rows.push_back(std::move(row));
  }
  return lane;
}

Lane roles_lane(const RunView& view) {
  Lane lane =
      lane_called("roles", "Roles", "Who is the primary, on which timeline, and who is down.");
  const RunSeries& series = view.series;
  std::map<std::string, std::array<const SeriesColumn*, 3>, std::less<>> columns;
  constexpr std::array metrics{"up", "primary", "timeline"};
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    for (const SeriesColumn* column : series.of(metrics[i])) {
      columns[std::string(column->label("node"))][i] = column;
    }
  }
  const TopologyConfig& topology = view.scenario->config.topology;
  const auto is_standby = [&](const std::string& node) {
    return topology.standby_cluster && std::count(topology.standby_cluster->nodes.begin(),
                                                  topology.standby_cluster->nodes.end(), node) > 0;
  };
  // From when on the standby cluster has a primary, and is a cluster like any other.
  std::size_t promoted = series.at.size();
  for (const NodeConfig& node : topology.nodes) {
    const SeriesColumn* primary = is_standby(node.name) ? columns[node.name][1] : nullptr;
    for (std::size_t i = 0; primary != nullptr && i < promoted; ++i) {
      if (value_or_zero(*primary, i) != 0) promoted = i;
    }
  }
  for (const NodeConfig& node : topology.nodes) {
    const auto found = columns.find(node.name);
    if (found == columns.end()) continue;
    const auto& [up, primary, timeline] = found->second;
    if (up == nullptr || primary == nullptr || timeline == nullptr) continue;
    const bool standby = is_standby(node.name);
    LaneRow row{node.name, "topology.nodes." + node.name, {}, {}};
    for (std::size_t i = 0; i < series.at.size(); ++i) {
      const bool is_up = value_or_zero(*up, i) != 0;
      const bool is_primary = value_or_zero(*primary, i) != 0;
      const std::string of_timeline = "  timeline " + std::to_string(value_or_zero(*timeline, i));
      const LaneTone tone = !is_up       ? LaneTone::bad
                            : is_primary ? LaneTone::accent
                                         : LaneTone::plain;
      const std::string text = !is_up                    ? "down"
                               : is_primary              ? "primary" + of_timeline
                               : standby && i < promoted ? "standby cluster" + of_timeline
                                                         : "replica" + of_timeline;
      extend(row.spans, {before(series, i), series.at[i], text, tone, !is_up});
    }
    lane.rows.push_back(std::move(row));
  }
  return lane;
}

Lane lag_lane(const RunView& view) {
  Lane lane =
      lane_called("lag", "Replication lag",
                  "Age of the oldest commit that a replica does not show. The line is the mean of "
                  "each interval, the band goes from its least to its greatest value. Thin: what "
                  "the probes of the applications reported last.");
  const RunSeries& series = view.series;
  const ScenarioConfig& config = view.scenario->config;
  for (const SeriesColumn* column : series.of("replication_lag")) {
    if (column->label("stage") != "replay") continue;
    const std::string name(column->label("replica"));
    auto line = std::find_if(lane.lines.begin(), lane.lines.end(),
                             [&](const LaneLine& such) { return such.name == name; });
    if (line == lane.lines.end()) {
      line = lane.lines.insert(line, {name, node_place(config, name), false, {}, {}});
    }
    const std::string_view statistic = column->label("statistic");
    if (statistic == "avg") line->samples = samples_of(series, *column);
    if (statistic == "avg") continue;
    line->reach.resize(column->values.size());
    for (std::size_t i = 0; i < column->values.size(); ++i) {
      if (!column->values[i]) continue;
      if (!line->reach[i]) line->reach[i] = LaneReach{};
      (statistic == "min" ? line->reach[i]->least : line->reach[i]->most) = *column->values[i];
    }
  }
  // Of several apps the greatest.
  const std::size_t truths = lane.lines.size();
  for (const SeriesColumn* column : series.of("observed_lag")) {
    const std::string name = std::string(column->label("replica")) + " observed";
    std::vector<PlotSample> samples = samples_of(series, *column);
    auto line =
        std::find_if(lane.lines.begin() + static_cast<std::ptrdiff_t>(truths), lane.lines.end(),
                     [&](const LaneLine& such) { return such.name == name; });
    if (line == lane.lines.end()) {
      const std::size_t place = node_place(config, column->label("replica"));
      lane.lines.push_back({name, place, true, std::move(samples)});
      continue;
    }
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (i >= line->samples.size()) {
        line->samples.push_back(samples[i]);
      } else if (samples[i].y && (!line->samples[i].y || *samples[i].y > *line->samples[i].y)) {
        line->samples[i].y = samples[i].y;
      }
    }
  }
  const LagBreakerConfig& breaker = config.policy.lag_breaker;
  if (breaker.enabled && !lane.lines.empty()) {
    lane.level = {breaker.open_above.ns,
                  "opens above " + quantity_text(Quantity::duration, breaker.open_above.ns)};
  }
  lane.axis = logarithmic_axis(lane, Quantity::duration);
  if (lane.lines.empty()) lane.note = "no replica";
  return lane;
}

// A row for each breaker that was ever anything but closed.
Lane breakers_lane(const RunView& view) {
  Lane lane = lane_called("breakers", "Lag breakers",
                          "Open: the instances of that application send that replica no reads.");
  const RunSeries& series = view.series;
  struct States {
    std::array<const SeriesColumn*, 3> of{};  // closed, open, half open
  };
  std::map<std::pair<std::string, std::string>, States> breakers;
  for (const SeriesColumn* column : series.of("breakers")) {
    const std::string_view state = column->label("state");
    const std::size_t place = state == "closed" ? 0 : state == "open" ? 1 : 2;
    breakers[{std::string(column->label("replica")), std::string(column->label("app"))}].of[place] =
        column;
  }
  std::size_t quiet = 0;
  for (const auto& [key, states] : breakers) {
    LaneRow row{key.second + " > " + key.first, "", {}, {}};
    bool moved = false;
    for (std::size_t i = 0; i < series.at.size(); ++i) {
      std::array<std::int64_t, 3> count{};
      bool any = false;
      for (std::size_t k = 0; k < count.size(); ++k) {
        if (states.of[k] == nullptr || i >= states.of[k]->values.size()) continue;
        any = any || states.of[k]->values[i].has_value();
        count[k] = value_or_zero(*states.of[k], i);
      }
      if (!any) continue;
      const std::int64_t all = count[0] + count[1] + count[2];
      const auto of_all = [&](std::int64_t n) {
        return all > 1 ? " " + std::to_string(n) + " of " + std::to_string(all) : std::string();
      };
      const std::string text = count[1] > 0   ? "open" + of_all(count[1])
                               : count[2] > 0 ? "half open" + of_all(count[2])
                                              : "closed";
      const LaneTone tone = count[1] > 0   ? LaneTone::bad
                            : count[2] > 0 ? LaneTone::warning
                                           : LaneTone::plain;
      moved = moved || count[1] + count[2] > 0;
      extend(row.spans,
             {before(series, i), series.at[i], text, tone, count[1] == 0 && count[2] > 0});
    }
    if (moved) {
      lane.rows.push_back(std::move(row));
    } else {
      quiet += 1;
    }
  }
  if (breakers.empty()) {
    lane.note = "none";
  } else if (lane.rows.empty()) {
    lane.note = "closed, all of the time";
  } else if (quiet > 0) {
    lane.about += " " + std::to_string(quiet) + " more are closed all of the time.";
  }
  return lane;
}

Lane routing_lane(const RunView& view) {
  Lane lane =
      lane_called("routing", "Reads answered by",
                  "Of the reads of the users of a region, the share that each server answers.");
  const RunSeries& series = view.series;
  const ScenarioConfig& config = view.scenario->config;
  for (const SeriesColumn* column : series.of("reads")) {
    const std::string region(column->label("region"));
    auto row = std::find_if(lane.rows.begin(), lane.rows.end(),
                            [&](const LaneRow& such) { return such.name == region; });
    if (row == lane.rows.end()) row = lane.rows.insert(row, {region, "", {}, {}});
    const std::string server(column->label("served_by"));
    row->shares.push_back({server, node_place(config, server), samples_of(series, *column)});
  }
  for (LaneRow& row : lane.rows) {
    std::sort(row.shares.begin(), row.shares.end(),
              [](const LaneShare& a, const LaneShare& b) { return a.series < b.series; });
    for (std::size_t i = 0; i < series.at.size(); ++i) {
      std::int64_t all = 0;
      for (const LaneShare& share : row.shares) {
        if (i < share.samples.size()) all += share.samples[i].y.value_or(0);
      }
      for (LaneShare& share : row.shares) {
        if (i >= share.samples.size()) continue;
        auto& value = share.samples[i].y;
        if (all == 0) {
          value.reset();
        } else {
          value = div_floor(static_cast<Int128>(value.value_or(0)) * 1'000'000, all);
        }
      }
    }
  }
  if (lane.rows.empty()) lane.note = "none";
  return lane;
}

Lane errors_lane(const RunView& view) {
  Lane lane = lane_called("errors", "Errors", "Pages and statements that failed.");
  const RunSeries& series = view.series;
  std::int64_t all = 0;
  for (const SeriesColumn* column : series.of("errors")) {
    const std::string region(column->label("region"));
    auto line = std::find_if(lane.lines.begin(), lane.lines.end(),
                             [&](const LaneLine& such) { return such.name == region; });
    if (line == lane.lines.end()) {
      LaneLine made{region, region_place(view.scenario->config, region), false, {}};
      for (const TimePoint at : series.at) made.samples.push_back({at.ns, 0});
      line = lane.lines.insert(line, std::move(made));
    }
    for (std::size_t i = 0; i < series.at.size(); ++i) {
      *line->samples[i].y += value_or_zero(*column, i);
      all += value_or_zero(*column, i);
    }
  }
  lane.axis = even_axis(lane, Quantity::count, 10);
  if (all == 0) lane.note = "none";
  if (all == 0) lane.lines.clear();
  return lane;
}

Lane latency_lane(const RunView& view) {
  Lane lane =
      lane_called("latency", "Pages, 95th percentile",
                  "Of each interval, by where the users are; of all pages, those that failed too.");
  for (const SeriesColumn* column : view.series.of("page_latency")) {
    if (column->label("quantile") != "0.95") continue;
    const std::string region(column->label("region"));
    lane.lines.push_back({region, region_place(view.scenario->config, region), false,
                          samples_of(view.series, *column)});
  }
  lane.axis = logarithmic_axis(lane, Quantity::duration);
  if (lane.lines.empty()) lane.note = "no pages";
  return lane;
}

Lane cpu_lane(const RunView& view) {
  Lane lane = lane_called("cpu", "Processors", "Of each server, how busy they are.");
  for (const SeriesColumn* column : view.series.of("cpu_utilisation")) {
    const std::string node(column->label("node"));
    lane.lines.push_back(
        {node, node_place(view.scenario->config, node), false, samples_of(view.series, *column)});
  }
  lane.axis = PlotAxis{lane.title, Quantity::share, 0, 1'000'000, false};
  return lane;
}

}  // namespace

std::vector<Lane> lanes_of(const RunView& view) {
  std::vector<Lane> lanes{faults_lane(view),  outages_lane(view), failovers_lane(view),
                          roles_lane(view),   lag_lane(view),     breakers_lane(view),
                          routing_lane(view), errors_lane(view),  latency_lane(view),
                          cpu_lane(view)};
  std::erase_if(lanes, [](const Lane& lane) {
    return lane.rows.empty() && lane.lines.empty() && lane.note.empty();
  });
  return lanes;
}

std::vector<LaneValue> values_at(const Lane& lane, TimePoint at, Duration near) {
  std::vector<LaneValue> values;
  // Of the interval that ends at a look.
  const auto place_of = [&](const std::vector<PlotSample>& samples) {
    const auto found =
        std::lower_bound(samples.begin(), samples.end(), at.ns,
                         [](const PlotSample& sample, std::int64_t x) { return sample.x < x; });
    return static_cast<std::size_t>(found - samples.begin());
  };
  const auto sample_at = [&](const std::vector<PlotSample>& samples) {
    const std::size_t place = place_of(samples);
    return place == samples.size() ? std::nullopt : samples[place].y;
  };
  for (const LaneRow& row : lane.rows) {
    for (const LaneSpan& span : row.spans) {
      const bool moment = span.from == span.to;
      const bool on = moment ? span.from - near <= at && at <= span.from + near
                             : span.from <= at && at < span.to;
      if (!on) continue;
      values.push_back({row.name, span.note.empty() ? span.text : span.note});
    }
    std::string shares;
    for (const LaneShare& share : row.shares) {
      const auto value = sample_at(share.samples);
      if (!value || *value == 0) continue;
      shares += (shares.empty() ? "" : ", ") + share.name + " " + share_text(*value);
    }
    if (!shares.empty()) values.push_back({row.name, shares});
  }
  for (const LaneLine& line : lane.lines) {
    const auto value = sample_at(line.samples);
    if (!value) continue;
    const auto text = [&](std::int64_t y) { return quantity_text(lane.axis.quantity, y); };
    const std::size_t place = place_of(line.samples);
    std::string said = text(*value);
    if (place < line.reach.size() && line.reach[place]) {
      const LaneReach& reach = *line.reach[place];
      said = text(reach.least) + " to " + text(reach.most) + ", mean " + said;
    }
    values.push_back({line.name, said});
  }
  return values;
}

}  // namespace longhaul
