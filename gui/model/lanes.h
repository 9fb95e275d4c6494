// What happened when, as lanes on one axis of time: faults, outages, roles, lag, breakers, routing,
// errors, latency, processors.
//
// Read off the looks of a run (run/series.h), and off its report where that is more exact: a look
// tells of the interval that ends at it, so what is seen first at one began with the one before.
// Positions of nodes and of users' regions in the scenario are the series, here as everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gui/model/run_session.h"
#include "run/plot.h"

namespace longhaul {

enum class LaneTone : std::uint8_t { plain, accent, good, warning, bad };

// Something that lasts; of no length: a moment.
struct LaneSpan {
  TimePoint from;
  TimePoint to;
  std::string text;
  LaneTone tone = LaneTone::plain;
  bool hatched = false;
  std::string note = {};  // the whole of it, in place of the text, for a hint
};

// A share of the whole that changes, one above another.
struct LaneShare {
  std::string name;
  std::size_t series = 0;
  std::vector<PlotSample> samples;  // ppm
};

struct LaneRow {
  std::string name;
  std::string path;  // of the scenario, or empty
  std::vector<LaneSpan> spans;
  std::vector<LaneShare> shares;
};

// What a quantity ran through in the interval that ends at a sample.
struct LaneReach {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

struct LaneLine {
  std::string name;
  std::size_t series = 0;
  bool faint = false;  // a companion: observed beside true
  std::vector<PlotSample> samples;
  std::vector<std::optional<LaneReach>> reach = {};  // by sample, which is then the mean; or empty
};

struct LaneLevel {
  std::int64_t value = 0;
  std::string text;
};

// Either rows or lines.
struct Lane {
  std::string id;  // "lag"
  std::string title;
  std::string about;  // a sentence for a hint
  std::vector<LaneRow> rows;
  std::vector<LaneLine> lines;
  PlotAxis axis;  // of lines
  std::optional<LaneLevel> level;
  std::string note;  // instead of content: "none"
};

std::vector<Lane> lanes_of(const RunView& view);

// What a lane says at an instant; of moments also of those that are so near.
struct LaneValue {
  std::string name;
  std::string text;
};
std::vector<LaneValue> values_at(const Lane& lane, TimePoint at, Duration near = {});

}  // namespace longhaul
