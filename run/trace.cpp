#include "run/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/units_text.h"
#include "run/report.h"
#include "run/request_id.h"
#include "run/witness_text.h"

namespace longhaul {
namespace {

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + "\"";
}

// Whole microseconds, rounded down: readers add `dur` to `ts` in floating point, and what nests to
// the nanosecond would end behind what it is in.
std::int64_t micros(TimePoint at) { return at.ns / 1000; }

std::string millis(Duration time) {
  return fmt::format("{}.{:06}", time.ns / 1'000'000, time.ns % 1'000'000);
}

struct Track {
  std::uint32_t process = 0;
  std::uint32_t thread = 0;
};

// Collects events, and prints them in the order of time.
class Writer {
 public:
  void slice(Track track, std::string_view name, std::string_view category, TimePoint from,
             TimePoint to, const std::string& args) {
    if (micros(to) == micros(from)) return;
    put(from, fmt::format(R"("ph":"X","dur":{},"name":{},"cat":"{}",{})", micros(to) - micros(from),
                          quoted(name), category, where(track)) +
                  with(args));
  }
  void flow(Track from, TimePoint sent, Track to, TimePoint arrived, std::string_view name) {
    const std::uint64_t id = ++flows_;
    const std::string same = fmt::format(R"("id":{},"name":{},"cat":"message",)", id, quoted(name));
    put(sent, R"("ph":"s",)" + same + where(from));
    put(arrived, R"("ph":"f","bp":"e",)" + same + where(to));
  }
  void instant(Track track, std::string_view name, std::string_view category, TimePoint at,
               char scope, const std::string& args) {
    put(at, fmt::format(R"("ph":"i","s":"{}","name":{},"cat":"{}",{})", scope, quoted(name),
                        category, where(track)) +
                with(args));
  }
  void counter(std::uint32_t process, std::string_view name, TimePoint at,
               const std::string& args) {
    put(at,
        fmt::format(R"("ph":"C","name":{},"pid":{},"tid":0)", quoted(name), process) + with(args));
  }
  void name_process(std::uint32_t process, std::string_view name, std::uint32_t place) {
    meta("process_name", {process, 0}, fmt::format(R"("name":{})", quoted(name)));
    meta("process_sort_index", {process, 0}, fmt::format(R"("sort_index":{})", place));
  }
  void name_track(Track track, std::string_view name) {
    meta("thread_name", track, fmt::format(R"("name":{})", quoted(name)));
    meta("thread_sort_index", track, fmt::format(R"("sort_index":{})", track.thread));
  }

  std::string text(const std::string& other) {
    std::stable_sort(events_.begin(), events_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::string result =
        "{\"displayTimeUnit\":\"ms\",\"otherData\":{" + other + "},\n\"traceEvents\":[\n";
    for (const std::string& line : metas_) result += line + ",\n";
    for (const auto& [at, line] : events_) result += line + ",\n";
    if (result.ends_with(",\n")) result.erase(result.size() - 2);
    return result + "\n]}\n";
  }

 private:
  static std::string where(Track track) {
    return fmt::format(R"("pid":{},"tid":{})", track.process, track.thread);
  }
  static std::string with(const std::string& args) {
    return args.empty() ? "" : ",\"args\":{" + args + "}";
  }
  void put(TimePoint at, const std::string& rest) {
    events_.emplace_back(micros(at), "{\"ts\":" + std::to_string(micros(at)) + "," + rest + "}");
  }
  void meta(std::string_view name, Track track, const std::string& args) {
    metas_.push_back(
        fmt::format(R"({{"ph":"M","name":"{}",{},"args":{{{}}}}})", name, where(track), args));
  }

  std::uint64_t flows_ = 0;
  std::vector<std::string> metas_;
  std::vector<std::pair<std::int64_t, std::string>> events_;  // by microsecond
};

// ---- Lanes
// ---------------------------------------------------------------------------------------

// Tracks of one thing, as many as things happen in it at once.
struct Lanes {
  std::uint32_t process = 0;
  std::string name;
  std::uint32_t order = 0;  // among those of its process
  struct Lane {
    Track track;
    TimePoint free_from;
  };
  std::vector<Lane> lanes;
};

// A statement at its database.
struct Visit {
  const WitnessedPage* page = nullptr;
  const Note* statement = nullptr;
  TimePoint from;
  TimePoint to;
  std::vector<Stretch> parts;
  std::optional<TimePoint> sent;      // by the app
  std::optional<TimePoint> answered;  // back there
};

bool is_at_server(PagePart part) {
  return part == PagePart::cpu || part == PagePart::service || part == PagePart::locks ||
         part == PagePart::flush || part == PagePart::standbys;
}

std::vector<Visit> visits_of(const WitnessedPage& page, const std::vector<Stretch>& stretches) {
  std::vector<Visit> visits;
  bool open = false;
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    const Stretch& stretch = stretches[i];
    if (is_at_server(stretch.note->part)) {
      if (!open) {
        Visit visit{&page, stretch.note, stretch.note->at, stretch.ends, {}, {}, {}};
        if (i > 0 && is_leg(stretches[i - 1].note->part) && stretches[i - 1].note->sets_out) {
          visit.sent = stretches[i - 1].note->at;
        }
        visits.push_back(std::move(visit));
      }
      open = true;
      visits.back().to = stretch.ends;
      visits.back().parts.push_back(stretch);
      continue;
    }
    if (open && is_leg(stretch.note->part) && !stretch.note->sets_out) {
      visits.back().answered = stretch.ends;
    }
    open = false;
  }
  return visits;
}

class Tracer {
 public:
  Tracer(const Scenario& scenario, const RunResult& result, const TraceRecorder& recorder)
      : scenario_(scenario), result_(result), recorder_(recorder), plan_(*recorder.plan()) {}

  std::string text() {
    name_processes();
    for (const WitnessedPage& page : recorder_.pages()) {
      stretches_.push_back(stretches_of(page, recorder_.window().until));
    }
    add_pages();
    add_visits();
    add_log();
    add_lag();
    add_breakers();
    add_instants();
    std::string other = fmt::format(
        R"("scenario":{},"seed":"{}","window":"{} to {} s","pages":"{}")",
        quoted(scenario_.config.name), result_.seed, seconds_text(recorder_.window().from),
        seconds_text(recorder_.window().until), recorder_.pages().size());
    if (!recorder_.left_out().empty()) other += R"(,"left_out":)" + quoted(recorder_.left_out());
    return writer_.text(other);
  }

 private:
  static std::string seconds_text(TimePoint at) {
    return fmt::format("{}.{:03}", at.ns / 1'000'000'000, at.ns / 1'000'000 % 1000);
  }

  std::uint32_t process_of_region(std::uint32_t region) const { return region + 2; }
  std::uint32_t process_of(NodeId node) const {
    return process_of_region(plan_.places[plan_.nodes[node.value].place].region);
  }

  void name_processes() {
    writer_.name_process(1, "faults and failovers", 0);
    writer_.name_track({1, 1}, "faults");
    writer_.name_track({1, 2}, "failovers");
    const std::vector<std::string>& regions = plan_.labels[Label::region];
    for (std::uint32_t i = 0; i < regions.size(); ++i) {
      writer_.name_process(process_of_region(i), regions[i], i + 1);
    }
    next_thread_.assign(regions.size() + 2, 0);
    for (std::uint32_t i = 0; i < plan_.nodes.size(); ++i) {
      nodes_.push_back({process_of({i}), plan_.nodes[i].config.name, 0, {}});
      logs_.push_back({process_of({i}), "log to " + plan_.nodes[i].config.name, 0, {}});
      track(nodes_.back(), {});  // a database has a track even if nobody asks it
    }
  }

  // The first track that is free then.
  Track track(Lanes& lanes, TimePoint from, TimePoint to) {
    for (Lanes::Lane& lane : lanes.lanes) {
      if (lane.free_from > from) continue;
      lane.free_from = to;
      return lane.track;
    }
    const Track fresh{lanes.process, ++next_thread_[lanes.process]};
    const std::size_t number = lanes.lanes.size() + 1;
    writer_.name_track(fresh,
                       number == 1 ? lanes.name : fmt::format("{} ({})", lanes.name, number));
    lanes.lanes.push_back({fresh, to});
    return fresh;
  }
  void track(Lanes& lanes, TimePoint at) { track(lanes, at, at); }

  // Slices of one track end in the opposite order of their beginnings: a page, its statements, the
  // parts of their time.
  void add_pages() {
    std::map<std::pair<std::uint32_t, bool>, Lanes> sessions;
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < recorder_.pages().size(); ++i) order.push_back(i);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return recorder_.pages()[a].clicked < recorder_.pages()[b].clicked;
    });
    session_tracks_.resize(recorder_.pages().size());
    for (std::size_t i : order) {
      const WitnessedPage& page = recorder_.pages()[i];
      if (page.left_behind) continue;
      const bool beside = page.duty != Duty::page;
      Lanes& lanes = sessions[{page.session.value, beside}];
      if (lanes.lanes.empty()) {
        lanes.process = process_of_region(region_of(page));
        lanes.name = session_text(plan_, page.session) + (beside ? " beside its pages" : "");
      }
      session_tracks_[i] = track(lanes, page.clicked, page.ended);
      add_page(page, recorder_.is_open(i), stretches_[i], session_tracks_[i]);
    }
  }

  std::uint32_t region_of(const WitnessedPage& page) const {
    const std::vector<std::string>& regions = plan_.labels[Label::region];
    const auto found = std::find(regions.begin(), regions.end(), users_region(plan_, page));
    return static_cast<std::uint32_t>(found - regions.begin());
  }

  void add_page(const WitnessedPage& page, bool is_open, const std::vector<Stretch>& stretches,
                Track track) {
    const std::string id = request_text(plan_, {page.session, page.number});
    const std::string& name = plan_.labels[Label::page][plan_.pages[page.page].label];
    std::string args = fmt::format(R"("request":{},"app":{},"outcome":"{}")", quoted(id),
                                   quoted(instance_text(plan_, page.instance)),
                                   is_open       ? "open"
                                   : page.failed ? enum_text(page.error)
                                                 : "ok");
    if (page.worst.stale) args += R"(,"stale_ms":)" + millis(page.worst.staleness);
    if (page.worst.own_write_missed) args += R"(,"read_your_writes":"broken")";
    writer_.slice(track, name + " " + id, "page", page.clicked, page.ended, args);
    for (std::size_t i = 0; i < stretches.size();) {
      const Note& first = *stretches[i].note;
      if (first.part == PagePart::user || first.part == PagePart::retries) {
        add_part(page, stretches[i++], track);
        continue;
      }
      std::size_t end = i + 1;
      while (end < stretches.size() && is_same(first, *stretches[end].note)) ++end;
      const TimePoint ends = stretches[end - 1].ends;
      if (ends > first.at) {
        writer_.slice(track, statement_text(plan_, first), "statement", first.at, ends,
                      statement_args(page, first, ends));
      }
      for (; i < end; ++i) add_part(page, stretches[i], track);
    }
  }

  static bool is_same(const Note& first, const Note& other) {
    return other.part != PagePart::user && other.part != PagePart::retries &&
           other.ordinal == first.ordinal && other.tries == first.tries;
  }

  void add_part(const WitnessedPage& page, const Stretch& stretch, Track track) {
    if (stretch.took() == Duration{}) return;
    writer_.slice(track, what_text(plan_, page, stretch), name_of(stretch.note->part),
                  stretch.note->at, stretch.ends,
                  R"("where":)" + quoted(where_text(plan_, page, stretch)));
  }

  // The last word of the router on it, and what it knew of the database that it named.
  std::string statement_args(const WitnessedPage& page, const Note& first, TimePoint ends) {
    const DecisionNote* decision = nullptr;
    TimePoint decided;
    for (const Note& note : page.notes) {
      if (note.kind != NoteKind::decision || note.at < first.at || note.at > ends) continue;
      if (note.ordinal != first.ordinal) continue;
      decision = &page.decisions[note.detail];
      decided = note.at;
    }
    if (decision == nullptr) return "";
    std::string args =
        fmt::format(R"("reason":"{}")", longhaul::to_text(decision->decision.reason));
    for (const Sight& sight : decision->sights) {
      if (sight.node != decision->node) continue;
      args += fmt::format(R"(,"node":{})", quoted(plan_.nodes[sight.node.value].config.name));
      if (sight.seen) args += R"(,"seen_ms_ago":)" + millis(decided - sight.seen->measured_at);
      if (sight.seen && sight.seen->lag) {
        args += R"(,"lag_seen_ms":)" + millis(std::max(Duration{}, *sight.seen->lag));
      }
      if (sight.true_lag) args += R"(,"true_lag_ms":)" + millis(*sight.true_lag);
    }
    return args;
  }

  void add_visits() {
    struct Placed {
      Visit visit;
      std::size_t page = 0;
    };
    std::vector<Placed> all;
    for (std::size_t i = 0; i < recorder_.pages().size(); ++i) {
      for (Visit& visit : visits_of(recorder_.pages()[i], stretches_[i])) {
        if (visit.statement->node.valid()) all.push_back({std::move(visit), i});
      }
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Placed& a, const Placed& b) { return a.visit.from < b.visit.from; });
    for (const Placed& placed : all) add_visit(placed.visit, session_tracks_[placed.page]);
  }

  void add_visit(const Visit& visit, Track session) {
    if (micros(visit.to) == micros(visit.from)) return;
    const WitnessedPage& page = *visit.page;
    const Track track = this->track(nodes_[visit.statement->node.value], visit.from, visit.to);
    const std::string id = request_text(plan_, {page.session, page.number});
    std::string args = R"("request":)" + quoted(id);
    if (page.left_behind) args += R"(,"given_up":"by the app")";
    const std::string name = statement_text(plan_, *visit.statement);
    writer_.slice(track, name, "statement", visit.from, visit.to, args);
    for (const Stretch& part : visit.parts) {
      if (part.took() == Duration{}) continue;
      writer_.slice(track, what_text(plan_, page, part), name_of(part.note->part), part.note->at,
                    part.ends, "");
    }
    if (page.left_behind) return;
    if (visit.sent) writer_.flow(session, *visit.sent, track, visit.from, name);
    if (visit.answered) {
      writer_.flow(track, TimePoint{visit.to.ns - 1}, session, *visit.answered, "answer");
    }
  }

  void add_log() {
    for (const TraceRecorder::LogPiece& piece : recorder_.pieces()) {
      const Track track = this->track(logs_[piece.standby.value], piece.sent, piece.arrives);
      writer_.slice(track, "log", "wal", piece.sent, piece.arrives,
                    fmt::format(R"("from":"{}","to":"{}","bytes":{})", to_text(piece.from),
                                to_text(piece.to), (piece.to - piece.from).value));
    }
  }

  void add_lag() {
    for (const TraceRecorder::LagSample& sample : recorder_.lag()) {
      const std::string& node = plan_.nodes[sample.node.value].config.name;
      std::string args;
      if (sample.truth) args = R"("truth":)" + millis(*sample.truth);
      for (std::size_t i = 0; i < sample.believed.size(); ++i) {
        if (sample.believed[i] < 0) continue;
        args += fmt::format("{}{}:{}", args.empty() ? "" : ",",
                            quoted("seen by " + plan_.apps[i].config.name),
                            millis(Duration{sample.believed[i]}));
      }
      if (args.empty()) continue;
      writer_.counter(process_of(sample.node), "lag of " + node + " [ms]", sample.at, args);
    }
  }

  void add_breakers() {
    for (const TraceRecorder::BreakerMove& move : recorder_.moves()) {
      const Lanes::Lane& lane = nodes_[move.node.value].lanes.front();
      writer_.instant(lane.track,
                      fmt::format("breaker of {}: {}", instance_text(plan_, move.instance),
                                  longhaul::to_text(move.to)),
                      "breaker", move.at, 't',
                      fmt::format(R"("reason":"{}")", longhaul::to_text(move.reason)));
    }
  }

  void add_instants() {
    for (const FaultPlan& fault : plan_.faults) {
      std::string name(enum_text(fault.kind));
      if (fault.node.valid()) name += " " + plan_.nodes[fault.node.value].config.name;
      if (fault.app.valid()) name += " " + plan_.apps[fault.app.value].config.name;
      const TimePoint end = TimePoint{} + plan_.duration;
      if (fault.begins <= end) writer_.instant({1, 1}, name, "fault", fault.begins, 'g', "");
      if (fault.ends <= end) {
        writer_.instant({1, 1}, name + ": over", "fault", fault.ends, 'g', "");
      }
    }
    for (const FailoverRecord& failover : result_.failovers) {
      const std::string to = failover.promotion.to.valid()
                                 ? plan_.nodes[failover.promotion.to.value].config.name
                                 : "nobody";
      for (const FailoverPart& part : failover.parts) {
        writer_.instant({1, 2},
                        fmt::format("failover to {}: {}", to, longhaul::to_text(part.phase)),
                        "failover", part.began, 'g', "");
      }
      if (failover.promotion.opened != TimePoint::never()) {
        writer_.instant({1, 2}, to + " accepts writes", "failover", failover.promotion.opened, 'g',
                        "");
      }
    }
  }

  const Scenario& scenario_;
  const RunResult& result_;
  const TraceRecorder& recorder_;
  const Plan& plan_;
  Writer writer_;
  std::vector<std::vector<Stretch>> stretches_;  // of the pages
  std::vector<Track> session_tracks_;            // likewise
  std::vector<std::uint32_t> next_thread_;       // by process
  std::vector<Lanes> nodes_;
  std::vector<Lanes> logs_;
};

}  // namespace

std::string trace_json(const Scenario& scenario, const RunResult& result,
                       const TraceRecorder& recorder) {
  CHECK(recorder.plan() != nullptr);
  return Tracer(scenario, result, recorder).text();
}

}  // namespace longhaul
