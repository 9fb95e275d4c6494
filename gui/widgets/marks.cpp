#include "gui/widgets/marks.h"

#include <algorithm>
#include <utility>

#include "gui/widgets/widget_state.h"

namespace longhaul {
namespace {

// A script's words end at a space.
std::string one_word(std::string_view name) {
  std::string word(name);
  std::replace(word.begin(), word.end(), ' ', '_');
  return word;
}

}  // namespace

void begin_marks() {
  WidgetState& state = widget_state();
  state.finished = std::exchange(state.drawn, {});
}

void mark(std::string_view name) {
  if (ImGui::IsItemVisible()) mark_area(name, ImGui::GetItemRectMin(), ImGui::GetItemRectMax());
}

void mark_area(std::string_view name, ImVec2 from, ImVec2 to) {
  const ImVec2 clip_from = ImGui::GetWindowDrawList()->GetClipRectMin();
  const ImVec2 clip_to = ImGui::GetWindowDrawList()->GetClipRectMax();
  const MarkRect seen{{std::max(from.x, clip_from.x), std::max(from.y, clip_from.y)},
                      {std::min(to.x, clip_to.x), std::min(to.y, clip_to.y)}};
  if (seen.to.x <= seen.from.x || seen.to.y <= seen.from.y) return;
  widget_state().drawn.areas.insert_or_assign(one_word(name), seen);
}

void mark_text(std::string_view name, std::string_view text) {
  widget_state().drawn.texts.insert_or_assign(one_word(name), std::string(text));
}

std::optional<MarkRect> marked(std::string_view name) {
  const auto& areas = widget_state().finished.areas;
  const auto found = areas.find(name);
  if (found == areas.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> marked_text(std::string_view name) {
  const auto& texts = widget_state().finished.texts;
  const auto found = texts.find(name);
  if (found == texts.end()) return std::nullopt;
  return found->second;
}

const std::map<std::string, MarkRect, std::less<>>& all_marks() {
  return widget_state().finished.areas;
}

}  // namespace longhaul
