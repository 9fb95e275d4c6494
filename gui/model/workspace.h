// What is open: up to four designs side by side on one clock, and what the user has selected.
//
// A design is a document with the run of it. Whenever the text of a sound document has changed, its
// run starts anew; all else (views, figures) follows from the newest view of each session.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gui/model/document.h"
#include "gui/model/run_session.h"

namespace longhaul {

constexpr std::size_t designs_max = 4;

enum class Mode : std::uint8_t { start, build, run, compare, sweep, drill };

struct Design {
  explicit Design(Document opened, std::function<void()> wake)
      : document(std::move(opened)), session(std::move(wake)) {}

  std::string name;          // "A", "B": its place in the row of designs says which
  std::uint64_t number = 0;  // of all that were ever open; stays
  Document document;
  RunSession session;
  std::uint64_t started_revision = 0;  // of the text that runs; 0: none
  std::uint64_t started_seed = 0;

  // Where the session's cursor was sent last.
  struct Cursor {
    TimePoint instant;
    std::uint64_t event = 0;
    bool by_event = false;
    std::uint64_t run = 0;
    friend bool operator==(const Cursor&, const Cursor&) = default;
  };
  std::optional<Cursor> cursor_at;
};

// The instant that all views show, and how it moves on.
struct Clock {
  TimePoint now;
  bool playing = false;
  double speed = 10;  // simulated seconds a second
  // Stepping goes by events of the active design; `now` follows.
  std::optional<std::uint64_t> at_event;
};

struct TimeRange {
  TimePoint from;
  TimePoint to;
};

struct Selection {
  std::string path;  // what the inspector shows: "topology.nodes.db-eu", "workload.eu"
  std::optional<TimeRange> range;  // of the timeline
  std::string request;             // that is followed
};

struct Workspace {
  explicit Workspace(std::function<void()> wake_up) : wake(std::move(wake_up)) {}

  std::vector<std::unique_ptr<Design>> designs;
  std::size_t active = 0;
  Mode mode = Mode::start;
  Clock clock;
  Selection selection;
  std::optional<std::uint64_t> seed;  // absent: the first of each scenario
  std::function<void()> wake;         // the frame loop, from any thread
  std::uint64_t ever_open = 0;        // designs

  Design* current() { return active < designs.size() ? designs[active].get() : nullptr; }
  const Design* current() const {
    return active < designs.size() ? designs[active].get() : nullptr;
  }

  // Opens a file as the only design, or beside the others. What is open stays when it is refused.
  std::vector<Error> open(const std::string& path);
  std::vector<Error> open_beside(const std::string& path);
  Design& adopt(Document document);  // beside the others; CHECKs that there is room
  // A copy of the active design beside it, active from then on. Null when there is no room.
  Design* duplicate();
  // The active design as it was saved, before it: what has changed since is seen by comparing. Null
  // when it has no changes, was never saved, or there is no room.
  Design* put_saved_before();
  // As duplicate(), with the clock at `instant`: whatever is thrown in from there on leaves what
  // was before as it is, for both run on the same luck.
  Design* branch(TimePoint instant);
  void close(std::size_t design);

  std::uint64_t seed_of(const Design& design) const;
  // Starts runs whose text has changed and moves the cursors to the clock. Once a frame;
  // `elapsed_s` is how long the frame before took.
  void update(double elapsed_s);
  // So many events on, or back, in the active design.
  void step(std::int64_t events);
  void go_to(TimePoint instant);
  // The longest of the designs' runs.
  TimePoint end() const;
};

// What identifies the view on the command line: "longhaul run x.json --seed 3".
std::string command_line(const Workspace& workspace);
// Such a line, with what has to be done before it gives the same.
std::string once_saved(std::string line, bool saved);

}  // namespace longhaul
