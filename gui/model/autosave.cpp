#include "gui/model/autosave.h"

#include <algorithm>

#include "gui/model/settings.h"

namespace longhaul {
namespace {

constexpr double calm_s = 2;      // after the last edit
constexpr double longest_s = 10;  // while somebody edits all the time

}  // namespace

Autosave::Kept& Autosave::entry(const std::string& path) {
  for (Kept& kept : kept_) {
    if (kept.path == path) return kept;
  }
  kept_.push_back({path});
  return kept_.back();
}

void Autosave::update(const Workspace& work, double now_s) {
  std::erase_if(kept_, [&](const Kept& kept) {
    const bool still = std::any_of(
        work.designs.begin(), work.designs.end(), [&](const std::unique_ptr<Design>& design) {
          return design->document.path() == kept.path && design->document.dirty();
        });
    if (!still && kept.on_disk != 0) forget_unsaved(folder_, kept.path);
    return !still;
  });
  for (const auto& design : work.designs) {
    const Document& document = design->document;
    if (!document.dirty()) continue;
    Kept& kept = entry(document.path());
    if (kept.seen != document.revision()) {
      if (kept.seen == kept.on_disk) kept.waits_since = now_s;
      kept.seen = document.revision();
      kept.changed_at = now_s;
    }
    const bool due = now_s - kept.changed_at >= calm_s || now_s - kept.waits_since >= longest_s;
    if (kept.seen == kept.on_disk || !due) continue;
    keep_unsaved(folder_, document.path(), document.text());
    kept.on_disk = kept.seen;
  }
}

double Autosave::due_in(double now_s) const {
  double least = -1;
  for (const Kept& kept : kept_) {
    if (kept.seen == kept.on_disk) continue;
    const double left =
        std::max(0.0, std::min(kept.changed_at + calm_s, kept.waits_since + longest_s) - now_s);
    least = least < 0 ? left : std::min(least, left);
  }
  return least;
}

bool would_lose(const Workspace& work, std::size_t design) {
  const Document& document = work.designs[design]->document;
  if (!document.dirty()) return false;
  if (document.has_file()) return true;
  return std::none_of(
      work.designs.begin(), work.designs.end(), [&](const std::unique_ptr<Design>& other) {
        return other->document.has_file() && other->document.text() == document.text();
      });
}

std::vector<std::size_t> designs_that_would_lose(const Workspace& work) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < work.designs.size(); ++i) {
    if (would_lose(work, i)) found.push_back(i);
  }
  return found;
}

}  // namespace longhaul
