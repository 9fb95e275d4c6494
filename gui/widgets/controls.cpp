#include "gui/widgets/controls.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "gui/widgets/marks.h"

namespace longhaul {
namespace {

constexpr float hint_width = 420;

// In lines of that width. ImGui breaks behind a full stop too, and so in the middle of a figure.
std::string broken_at_spaces(std::string_view text, float width) {
  std::string lines(text);
  std::size_t line = 0;   // where it begins
  std::size_t space = 0;  // the last one before
  for (std::size_t i = 0; i <= lines.size(); ++i) {
    if (i < lines.size() && lines[i] != ' ' && lines[i] != '\n') continue;
    if (space > line && ImGui::CalcTextSize(&lines[line], lines.data() + i).x > width) {
      lines[space] = '\n';
      line = space + 1;
    }
    space = i;
    if (i < lines.size() && lines[i] == '\n') line = i + 1;
  }
  return lines;
}

std::string label_of(const char* icon, const char* text) {
  std::string label(icon);
  if (*text != '\0') label += (label.empty() ? "" : "  ") + std::string(text);
  return label;
}

}  // namespace

bool tool_button(const char* name, const char* icon, const char* text, const char* hint_text,
                 bool enabled, bool active) {
  const std::string label = label_of(icon, text) + "###" + name;
  ImGui::BeginDisabled(!enabled);
  if (active) {
    ImGui::PushStyleColor(ImGuiCol_Button, colour_vec(Tint::accent, 0.35f));
    ImGui::PushStyleColor(ImGuiCol_ButtonHovered, colour_vec(Tint::accent, 0.45f));
  }
  const bool pressed = ImGui::Button(label.c_str());
  if (active) ImGui::PopStyleColor(2);
  ImGui::EndDisabled();
  mark(name);
  if (*hint_text != '\0' && ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) {
    hint_below(hint_text);
  }
  return pressed;
}

float tool_button_width(const char* icon, const char* text) {
  return ImGui::CalcTextSize(label_of(icon, text).c_str()).x +
         2 * ImGui::GetStyle().FramePadding.x;
}

void centre_next(float width) {
  const float left = (ImGui::GetContentRegionAvail().x - width) / 2;
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(0.0f, left));
}

void beside_or_below(const char* icon, const char* text, float indent) {
  ImGui::SameLine(0, px(4));
  if (ImGui::GetContentRegionAvail().x >= tool_button_width(icon, text)) return;
  ImGui::NewLine();
  if (indent > 0) ImGui::SetCursorPosX(indent);
}

void say(std::string_view text, Tint tint, Face with) {
  ImGui::PushFont(face(with));
  ImGui::PushStyleColor(ImGuiCol_Text, colour(tint));
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

void say_wrapped(std::string_view text, Tint tint, Face with) {
  ImGui::PushFont(face(with));
  const std::string lines = broken_at_spaces(text, ImGui::GetContentRegionAvail().x);
  ImGui::PopFont();
  ImGui::PushTextWrapPos(0.0f);  // for words that are longer than a line
  say(lines, tint, with);
  ImGui::PopTextWrapPos();
}

void say_right(std::string_view text, Tint tint, Face with) {
  ImGui::PushFont(face(with));
  const float width = ImGui::CalcTextSize(text.data(), text.data() + text.size()).x;
  ImGui::PopFont();
  const float room = ImGui::GetContentRegionAvail().x;
  if (room > width) ImGui::SetCursorPosX(ImGui::GetCursorPosX() + room - width);
  say(text, tint, with);
}

void header_row(std::initializer_list<const char*> titles) {
  ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
  for (const char* title : titles) {
    ImGui::TableNextColumn();
    if (*title == '<') {
      title += 1;
      const float room = ImGui::GetContentRegionAvail().x - ImGui::CalcTextSize(title).x;
      if (room > 0) ImGui::SetCursorPosX(ImGui::GetCursorPosX() + room);
    }
    ImGui::TableHeader(title);
  }
}

void heading(std::string_view text) {
  say(text, Tint::faint, Face::small);
  ImGui::Dummy({0, px(1)});
}

void chip(std::string_view text, Tint tint) {
  ImGui::PushFont(face(Face::small));
  const ImVec2 size = ImGui::CalcTextSize(text.data(), text.data() + text.size());
  const ImVec2 pad{px(7), px(2)};
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const ImVec2 to{from.x + size.x + 2 * pad.x, from.y + size.y + 2 * pad.y};
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(from, to, colour(tint, 0.16f), px(9));
  list->AddRect(from, to, colour(tint, 0.7f), px(9));
  list->AddText({from.x + pad.x, from.y + pad.y}, colour(tint), text.data(),
                text.data() + text.size());
  ImGui::Dummy({to.x - from.x, to.y - from.y});
  ImGui::PopFont();
}

void empty_state(std::string_view title, std::string_view how) {
  const ImVec2 room = ImGui::GetContentRegionAvail();
  ImGui::Dummy({0, std::max(0.0f, room.y * 0.35f)});
  const auto centred = [&](std::string_view text, Tint tint, Face with) {
    ImGui::PushFont(face(with));
    std::string lines = broken_at_spaces(text, std::min(room.x * 0.8f, px(480)));
    while (!lines.empty()) {
      const std::string line = lines.substr(0, lines.find('\n'));
      lines.erase(0, line.size() + 1);
      centre_next(ImGui::CalcTextSize(line.c_str()).x);
      say(line, tint, with);
    }
    ImGui::PopFont();
  };
  centred(title, Tint::text, Face::title);
  centred(how, Tint::faint, Face::body);
}

void hint_below(std::string_view text) {
  const ImVec2 from = ImGui::GetItemRectMin();
  const ImVec2 to = ImGui::GetItemRectMax();
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  const ImVec2 pad = ImGui::GetStyle().WindowPadding;
  ImVec2 size =
      ImGui::CalcTextSize(text.data(), text.data() + text.size(), false, px(hint_width) - pad.x);
  size = {size.x + 2 * pad.x, size.y + 2 * pad.y};
  const float gap = px(5);
  const bool above = to.y + gap + size.y > screen.y;
  ImGui::SetNextWindowPos({std::max(gap, std::min(from.x, screen.x - size.x - gap)),
                           above ? from.y - gap - size.y : to.y + gap});
  hint(text);
}

void hint(std::string_view text) {
  ImGui::BeginTooltip();
  ImGui::PushTextWrapPos(px(hint_width));
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopTextWrapPos();
  const ImVec2 from = ImGui::GetWindowPos();
  mark_area("hint", from, {from.x + ImGui::GetWindowWidth(), from.y + ImGui::GetWindowHeight()});
  ImGui::EndTooltip();
}

void progress_bar(float share, std::string_view text) {
  const float width = ImGui::GetContentRegionAvail().x;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float height = px(6);
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(from, {from.x + width, from.y + height}, colour(Tint::raised), px(3));
  if (share >= 0) {
    list->AddRectFilled(from, {from.x + width * std::clamp(share, 0.0f, 1.0f), from.y + height},
                        colour(Tint::accent), px(3));
  }
  ImGui::Dummy({width, height});
  if (!text.empty()) say(text, Tint::faint, Face::small);
}

}  // namespace longhaul
