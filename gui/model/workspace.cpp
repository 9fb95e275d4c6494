#include "gui/model/workspace.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace longhaul {
namespace {

std::string letter_of(std::size_t place) { return std::string(1, static_cast<char>('A' + place)); }

void name_all(const std::vector<std::unique_ptr<Design>>& designs) {
  for (std::size_t i = 0; i < designs.size(); ++i) designs[i]->name = letter_of(i);
}

// In a shell, quoted where it has to be.
std::string shell_word_of(const std::string& word) {
  const bool plain =
      !word.empty() && word.find_first_of(" '\"\\$`&|;<>()*?[]#~!{}\t\n") == word.npos;
  if (plain) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::vector<Error> Workspace::open(const std::string& path) {
  Result<Document> document = Document::open(path);
  if (!document) return document.errors();
  designs.clear();
  adopt(std::move(document).value());
  active = 0;
  clock = {};
  // Where figures begin to count: before, nothing has been probed yet.
  clock.now = TimePoint{} + designs[0]->document.scenario()->config.warmup;
  selection = {};
  seed.reset();
  return {};
}

std::vector<Error> Workspace::open_beside(const std::string& path) {
  if (designs.size() >= designs_max) {
    Error error;
    error.file = path;
    error.value = "a fifth design";
    error.expected = "at most four designs side by side";
    return {error};
  }
  Result<Document> document = Document::open(path);
  if (!document) return document.errors();
  adopt(std::move(document).value());
  active = designs.size() - 1;
  return {};
}

Design& Workspace::adopt(Document document) {
  CHECK(designs.size() < designs_max);
  designs.push_back(std::make_unique<Design>(std::move(document), wake));
  designs.back()->name = letter_of(designs.size() - 1);
  designs.back()->number = ++ever_open;
  return *designs.back();
}

Design* Workspace::duplicate() {
  const Design* from = current();
  if (from == nullptr || designs.size() >= designs_max) return nullptr;
  std::string path = from->document.path();
  const std::size_t dot = path.rfind(".json");
  if (dot != path.npos) path.erase(dot);
  // A variant of a variant is called after the first.
  const std::string own = "_" + std::string(1, static_cast<char>('a' + active));
  if (active > 0 && path.ends_with(own)) path.erase(path.size() - own.size());
  path += "_" + std::string(1, static_cast<char>('b' + designs.size() - 1)) + ".json";
  Design& made = adopt(Document::from_text(path, from->document.text()));
  active = designs.size() - 1;
  return &made;
}

Design* Workspace::put_saved_before() {
  const Design* now = current();
  const bool differs = now != nullptr && now->document.has_file() && now->document.dirty();
  if (!differs || designs.size() >= designs_max) return nullptr;
  std::string path = now->document.path();
  const std::size_t dot = path.rfind(".json");
  if (dot != path.npos) path.erase(dot);
  Design& made =
      adopt(Document::from_text(path + "_before.json", std::string(now->document.saved_text())));
  const auto at = designs.begin() + static_cast<std::ptrdiff_t>(active);
  std::rotate(at, designs.end() - 1, designs.end());
  name_all(designs);
  active += 1;
  return &made;
}

Design* Workspace::branch(TimePoint instant) {
  Design* made = duplicate();
  if (made != nullptr) clock.now = instant;
  return made;
}

void Workspace::close(std::size_t design) {
  if (design >= designs.size()) return;
  designs.erase(designs.begin() + static_cast<std::ptrdiff_t>(design));
  name_all(designs);
  active = designs.empty() ? 0 : std::min(active, designs.size() - 1);
  if (designs.empty()) mode = Mode::start;
}

std::uint64_t Workspace::seed_of(const Design& design) const {
  if (seed) return *seed;
  const auto& scenario = design.document.scenario();
  return scenario ? static_cast<std::uint64_t>(scenario->config.seeds.first) : 1;
}

void Workspace::update(double elapsed_s) {
  for (const auto& design : designs) {
    const Document& document = design->document;
    const std::uint64_t wanted_seed = seed_of(*design);
    if (!document.scenario() || !document.sound()) continue;
    if (design->started_revision == document.revision() && design->started_seed == wanted_seed) {
      continue;
    }
    design->started_revision = document.revision();
    design->started_seed = wanted_seed;
    design->session.start(document.scenario(), wanted_seed);
    design->cursor_at.reset();
  }
  if (clock.playing) {
    const double moved = elapsed_s * clock.speed * 1e9;
    clock.now.ns = std::min(end().ns, clock.now.ns + static_cast<std::int64_t>(moved));
    clock.at_event.reset();
    if (clock.now >= end()) clock.playing = false;
  }
  for (const auto& design : designs) {
    const auto view = design->session.view();
    if (!view || view->number != design->session.started()) continue;
    const TimePoint reachable = view->complete() ? view->end : view->reached;
    const bool by_event = clock.at_event && design.get() == current();
    const Design::Cursor wanted{by_event ? TimePoint{} : std::min(clock.now, reachable),
                                by_event ? *clock.at_event : 0, by_event, view->number};
    if (design->cursor_at == wanted) continue;
    design->cursor_at = wanted;
    if (by_event) {
      design->session.seek_event(*clock.at_event);
    } else {
      design->session.seek(wanted.instant);
    }
  }
}

TimePoint Workspace::end() const {
  TimePoint end;
  for (const auto& design : designs) {
    if (const auto& scenario = design->document.scenario()) {
      end = std::max(end, TimePoint{} + scenario->cluster.duration);
    }
  }
  return end;
}

void Workspace::step(std::int64_t events) {
  Design* design = current();
  if (design == nullptr) return;
  const auto scene = design->session.scene();
  if (!scene) return;
  clock.playing = false;
  const std::int64_t from = static_cast<std::int64_t>(clock.at_event.value_or(scene->events));
  clock.at_event = static_cast<std::uint64_t>(std::max<std::int64_t>(0, from + events));
}

void Workspace::go_to(TimePoint instant) {
  clock.now = std::clamp(instant, TimePoint{}, end());
  clock.at_event.reset();
}

std::string command_line(const Workspace& workspace) {
  const Design* design = workspace.current();
  if (design == nullptr) return "";
  std::string line = workspace.mode == Mode::drill ? "longhaul drill " : "longhaul run ";
  line += shell_word_of(design->document.path());
  if (workspace.seed) line += " --seed " + std::to_string(*workspace.seed);
  return once_saved(std::move(line), design->document.saved());
}

std::string once_saved(std::string line, bool saved) {
  return saved ? line : line + "   # save first";
}

}  // namespace longhaul
