#include "run/explain_find.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "run/report.h"
#include "run/text_table.h"
#include "run/witness_text.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

constexpr std::array<std::string_view, found_kinds> names = {"stale", "slowest", "error",
                                                             "ryw_violation"};

bool is_of(FoundKind kind, const WitnessedPage& page) {
  switch (kind) {
    case FoundKind::stale:
      return page.worst.stale;
    case FoundKind::slowest:
      return true;
    case FoundKind::error:
      return page.failed;
    case FoundKind::ryw_violation:
      return page.worst.own_write_missed;
  }
  return false;
}

Duration took(const WitnessedPage& page) { return page.ended - page.clicked; }

// How bad it is of its kind.
Duration badness(FoundKind kind, const WitnessedPage& page) {
  const bool by_staleness = kind == FoundKind::stale || kind == FoundKind::ryw_violation;
  return by_staleness ? page.worst.staleness : took(page);
}

// The worst of one kind so far, the worst first; equals in the order of their ends.
class Worst {
 public:
  Worst(FoundKind kind, std::size_t most) : kind_(kind), most_(most) {}

  void offer(const WitnessedPage& page) {
    if (!is_of(kind_, page)) return;
    count_ += 1;
    const auto worse = [this](const WitnessedPage& a, const WitnessedPage& b) {
      return badness(kind_, a) > badness(kind_, b);
    };
    if (pages_.size() == most_ && !worse(page, pages_.back())) return;
    pages_.insert(std::upper_bound(pages_.begin(), pages_.end(), page, worse), page);
    if (pages_.size() > most_) pages_.pop_back();
  }

  FoundKind kind() const { return kind_; }
  std::int64_t count() const { return count_; }
  const std::vector<WitnessedPage>& pages() const { return pages_; }

 private:
  FoundKind kind_;
  std::size_t most_;
  std::int64_t count_ = 0;
  std::vector<WitnessedPage> pages_;
};

FoundRequest found(const Plan& plan, const WitnessedPage& page, bool over) {
  FoundRequest result;
  result.id = request_text(plan, {page.session, page.number});
  result.clicked = page.clicked - TimePoint{};
  result.took = took(page);
  result.page = plan.labels[Label::page][plan.pages[page.page].label];
  result.region = users_region(plan, page);
  result.app = instance_text(plan, page.instance);
  result.outcome = !over ? "unanswered" : page.failed ? std::string(enum_text(page.error)) : "ok";
  result.retries = page.retries;
  result.staleness = page.worst.staleness;
  result.stale = page.worst.stale;
  result.own_write_missed = page.worst.own_write_missed;
  return result;
}

std::string title_of(const FoundKindList& list) {
  switch (list.kind) {
    case FoundKind::stale:
      return fmt::format("STALE ({} pages)", count_text(list.count));
    case FoundKind::slowest:
      return fmt::format("SLOWEST ({} pages)", count_text(list.count));
    case FoundKind::error:
      return fmt::format("ERRORS ({} pages)", count_text(list.count));
    case FoundKind::ryw_violation:
      return fmt::format("OWN WRITES MISSED ({} pages)", count_text(list.count));
  }
  return "";
}

}  // namespace

std::string_view to_text(FoundKind kind) { return names[static_cast<std::size_t>(kind)]; }

FoundRequests find_requests(Cluster cluster, const FindOptions& options) {
  World& world = cluster.world();
  const Plan& plan = *world.plan;
  Witness what;
  what.notes = false;
  what.from = TimePoint{} + plan.warmup;
  watch_pages(world, what);
  std::vector<Worst> worst;
  for (std::size_t i = 0; i < found_kinds; ++i) {
    const auto kind = static_cast<FoundKind>(i);
    const bool wanted =
        options.kinds.empty() ||
        std::find(options.kinds.begin(), options.kinds.end(), kind) != options.kinds.end();
    if (wanted) worst.emplace_back(kind, options.each);
  }
  const auto offer = [&](const WitnessedPage& page) {
    if (page.duty != Duty::page) return;
    if (!options.region.empty() && users_region(plan, page) != options.region) return;
    for (Worst& list : worst) list.offer(page);
  };
  FoundRequests result;
  constexpr std::int64_t slices = 1000;
  const Duration slice{std::max<std::int64_t>(1, plan.duration.ns / slices)};
  for (TimePoint until = TimePoint{} + slice; true; until = until + slice) {
    const bool last = until >= cluster.end();
    if (options.go_on && !options.go_on(until)) {
      result.interrupted = true;
      return result;
    }
    cluster.run_until(last ? cluster.end() : until);
    for (const WitnessedPage& page : world.witness.ended) offer(page);
    world.witness.ended.clear();
    if (last) break;
  }
  for (WitnessedPage& page : world.witness.by_slot) {
    if (!page.watched) continue;
    page.ended = cluster.end();
    page.left_behind = true;  // stands for: has no answer
    offer(page);
  }
  for (const Worst& list : worst) {
    result.kinds.push_back({list.kind(), list.count(), {}});
    for (const WitnessedPage& page : list.pages()) {
      result.kinds.back().worst.push_back(found(plan, page, !page.left_behind));
    }
  }
  result.digest = world.scheduler.digest();
  return result;
}

std::string found_text(const FoundRequests& found, bool colour) {
  std::string text;
  for (const FoundKindList& list : found.kinds) {
    if (!text.empty()) text += "\n";
    if (list.worst.empty()) {
      text += toned(title_of(list), Tone::strong, colour) + "\n";
      continue;
    }
    TextTable table(
        {title_of(list), "clicked", "took", "<page", "<users in", "<app", "<outcome", "staleness"});
    for (const FoundRequest& request : list.worst) {
      const Tone tone = request.outcome == "ok" ? Tone::plain : Tone::bad;
      table.row({request.id,
                 since_begin_text(request.clicked),
                 to_short_text(request.took),
                 request.page,
                 request.region,
                 request.app,
                 {request.outcome, tone},
                 request.stale ? staleness_text(request.staleness) : "-"});
    }
    text += table.text(colour);
  }
  return text;
}

std::string found_json(const FoundRequests& found) {
  json object = {{"format", 1}, {"kinds", json::array()}};
  for (const FoundKindList& list : found.kinds) {
    json requests = json::array();
    for (const FoundRequest& request : list.worst) {
      requests.push_back({{"request", request.id},
                          {"clicked_ns", request.clicked.ns},
                          {"took_ns", request.took.ns},
                          {"page", request.page},
                          {"region", request.region},
                          {"app", request.app},
                          {"outcome", request.outcome},
                          {"retries", request.retries},
                          {"stale", request.stale},
                          {"staleness_ns", request.staleness.ns},
                          {"read_your_writes_violation", request.own_write_missed}});
    }
    object["kinds"].push_back(
        {{"kind", to_text(list.kind)}, {"count", list.count}, {"worst", std::move(requests)}});
  }
  return object.dump(2) + "\n";
}

}  // namespace longhaul
