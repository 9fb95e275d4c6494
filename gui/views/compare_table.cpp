// The figures of the compare mode: what was changed, and a row a figure with a column a design.
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "gui/views/compare_view.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "run/compare.h"

namespace longhaul {
namespace {

constexpr std::size_t changes_most = 6;

struct EffectLook {
  const char* sign;
  Tint tint;
};

EffectLook look_of(const CompareRow& row, const CompareCell& cell) {
  switch (cell.verdict) {
    case PairedVerdict::equal:
      return {"=", Tint::faint};
    case PairedVerdict::too_few:
      return {"", Tint::faint};
    case PairedVerdict::no_difference:
      return {"~", Tint::faint};
    case PairedVerdict::lower:
    case PairedVerdict::higher:
      break;
  }
  switch (effect_of(row, cell)) {
    case CompareEffect::better:
      return {icon::good, Tint::good};
    case CompareEffect::worse:
      return {icon::warning, Tint::bad};
    default:
      return {"~", Tint::faint};
  }
}

// Of a difference, in words; of one pair just by how much.
std::string words_of(const CompareRow& row, const CompareCell& cell) {
  const std::string name(effect_name(row, cell));
  if (cell.difference.pairs == 0) return "-";
  if (cell.verdict == PairedVerdict::equal) return name;
  std::string change = change_text(row, cell);
  if (cell.difference.pairs == 1) return change.substr(0, change.find(" \xc2\xb1"));
  return change + "  " + name;
}

// Where there is little room: the word first, and no interval.
std::string short_words_of(const CompareRow& row, const CompareCell& cell) {
  if (cell.difference.pairs < 2 || cell.verdict == PairedVerdict::equal) return words_of(row, cell);
  std::string change = change_text(row, cell);
  change.resize(std::min(change.size(), change.find(" \xc2\xb1")));
  if (cell.verdict == PairedVerdict::too_few) return change;
  if (cell.verdict == PairedVerdict::no_difference) return "none seen";
  return std::string(effect_name(row, cell)) + "  " + change;
}

// The fullest of these that fits into the cell.
std::string that_fits(const std::vector<std::string>& texts, const Face with) {
  ImGui::PushFont(face(with));
  const float room = ImGui::GetContentRegionAvail().x;
  const auto fits = [&](const std::string& text) {
    return ImGui::CalcTextSize(text.c_str()).x <= room;
  };
  const auto found = std::find_if(texts.begin(), texts.end(), fits);
  ImGui::PopFont();
  return found != texts.end() ? *found : texts.back();
}

// A title of rows, which may go on over the columns beside it.
void across_columns(const std::string& title) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImFont* font = face(Face::strong);
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float right = ImGui::GetWindowPos().x + ImGui::GetWindowWidth();
  list->PushClipRect({at.x, list->GetClipRectMin().y}, {right, list->GetClipRectMax().y}, false);
  list->AddText(font, font->FontSize, at, colour(Tint::text), title.c_str());
  list->PopClipRect();
  ImGui::Dummy({1, font->FontSize});
}

bool differs(const CompareRow& row) {
  return std::any_of(row.cells.begin() + 1, row.cells.end(), [](const CompareCell& cell) {
    return cell.verdict != PairedVerdict::equal && cell.verdict != PairedVerdict::no_difference;
  });
}

std::string words_of(const ChangedParameter& parameter) {
  if (parameter.b.empty()) return "without " + parameter.path + ", which was " + parameter.a;
  if (parameter.a.empty()) return "with " + parameter.path + ": " + parameter.b;
  return parameter.path + ": " + parameter.a + " \xe2\x86\x92 " + parameter.b;
}

// At the right end of the cell, cut if it must be.
void figure_cell(std::string_view text, Tint tint, Face with) {
  ImGui::PushFont(face(with));
  const std::string shown = fitted(text, ImGui::GetContentRegionAvail().x);
  ImGui::PopFont();
  say_right(shown, tint, with);
  if (shown != text && ImGui::IsItemHovered()) hint(text);
}

}  // namespace

void CompareView::draw_changes(const CompareReport& report) {
  std::vector<std::pair<std::string, std::string>> lines;  // of which side, what
  for (std::size_t side = 1; side < report.sides.size(); ++side) {
    for (const ChangedParameter& parameter : report.changed[side]) {
      if (is_about_the_file(parameter)) continue;
      lines.emplace_back(report.sides[side].name, words_of(parameter));
    }
  }
  const std::string title = lines.empty() ? std::string("Nothing is changed against A")
                                          : "Changed against A: " + std::to_string(lines.size()) +
                                                (lines.size() == 1 ? " parameter" : " parameters");
  ImGui::PushFont(face(Face::small));
  const bool before = changes_open_.value_or(ImGui::GetContentRegionAvail().y > px(230));
  ImGui::SetNextItemOpen(before);
  ImGui::PushStyleColor(ImGuiCol_Header, colour(Tint::panel));
  const bool open = ImGui::CollapsingHeader((title + "###changes").c_str());
  if (open != before) changes_open_ = open;
  ImGui::PopStyleColor();
  mark("compare.changes");
  ImGui::PopFont();
  if (!open || lines.empty()) return;
  const float row = px(21);
  // No more than a third of a low panel; the rest scrolls.
  const float third = std::max(1.0f, std::floor(ImGui::GetContentRegionAvail().y / 3 / row));
  const auto rows = static_cast<float>(std::min(lines.size(), changes_most));
  const float height = row * std::min(rows, third) + px(6);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {px(8), px(3)});
  ImGui::BeginChild("changed", {0, height}, false, ImGuiWindowFlags_NoBackground);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    say(lines[i].first, Tint::accent, Face::small);
    ImGui::SameLine(px(24));
    ImGui::PushFont(face(Face::mono));
    const std::string shown = fitted(lines[i].second, ImGui::GetContentRegionAvail().x);
    ImGui::PopFont();
    say(shown, Tint::text, Face::mono);
    if (shown != lines[i].second && ImGui::IsItemHovered()) hint(lines[i].second);
    mark_text("compare.change." + lines[i].first + "." + std::to_string(i), lines[i].second);
  }
  ImGui::EndChild();
  ImGui::PopStyleVar();
}

void CompareView::draw_table(const CompareReport& report) {
  const std::size_t sides = report.sides.size();
  ImGui::Checkbox("only what differs", &only_differing_);
  mark("compare.only_differing");
  if (!report.zero.empty()) {
    ImGui::SameLine();
    const std::string zero = std::to_string(report.zero.size()) + " figures are 0 under all";
    say_right(zero, Tint::faint, Face::small);
    if (ImGui::IsItemHovered()) {
      std::string list;
      for (const CompareRow& row : report.zero) {
        list += row.title + (row.region.empty() ? "" : " in " + row.region) + "\n";
      }
      hint(list);
    }
  }
  // A column of its own for differences where they fit beside the figures.
  const float room = ImGui::GetContentRegionAvail().x;
  const float needed = px(150 + 84 * static_cast<float>(sides) +
                          (model_.over_seeds() ? 205.0f : 95.0f) * static_cast<float>(sides - 1));
  const bool wide = room >= needed;
  const int columns = static_cast<int>(wide ? 2 * sides : sides + 1);
  const ImGuiTableFlags flags = ImGuiTableFlags_ScrollY | ImGuiTableFlags_BordersInnerH |
                                ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_PadOuterX;
  ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, {px(6), px(3)});
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {px(8), px(2)});
  if (ImGui::BeginTable("figures", columns, flags, ImGui::GetContentRegionAvail())) {
    ImGui::TableSetupScrollFreeze(0, 1);
    ImGui::TableSetupColumn("figure", 0, 1.7f);
    for (std::size_t side = 0; side < sides; ++side) {
      ImGui::TableSetupColumn(report.sides[side].name.c_str(), 0, wide ? 0.9f : 1.6f);
      if (wide && side > 0) {
        ImGui::TableSetupColumn("difference", 0, model_.over_seeds() ? 2.5f : 1.1f);
      }
    }
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    for (std::size_t side = 0; side < sides; ++side) {
      ImGui::TableNextColumn();
      const std::string& name = report.sides[side].name;
      const std::string number = std::to_string(side);
      const float width = ImGui::CalcTextSize(name.c_str()).x + px(32);
      const float free = ImGui::GetContentRegionAvail().x;
      if (free > width) ImGui::SetCursorPosX(ImGui::GetCursorPosX() + free - width);
      series_key(side);
      say(name, Tint::text, Face::strong);
      if (ImGui::IsItemHovered())
        hint(report.sides[side].scenario + "\n" + report.sides[side].file);
      if (wide && side > 0) {
        ImGui::TableNextColumn();
        figure_cell(name + " \xe2\x88\x92 A", Tint::faint, Face::small);
      }
    }
    std::string region = "-";
    for (const CompareRow& row : report.rows) {
      if (only_differing_ && !differs(row)) continue;
      if (row.region != region) {
        region = row.region;
        ImGui::TableNextRow();
        ImGui::TableSetBgColor(ImGuiTableBgTarget_RowBg0, colour(Tint::raised, 0.5f));
        ImGui::TableNextColumn();
        across_columns(region.empty() ? "the whole system" : region);
      }
      draw_row(report, row, wide);
    }
    ImGui::EndTable();
  }
  ImGui::PopStyleVar(2);
}

void CompareView::draw_row(const CompareReport& report, const CompareRow& row, bool wide) {
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  ImGui::PushFont(face(Face::body));
  const std::string title = fitted(row.title, ImGui::GetContentRegionAvail().x);
  ImGui::PopFont();
  say(title, Tint::text);
  if (title != row.title && ImGui::IsItemHovered()) hint(row.title);
  for (std::size_t side = 0; side < row.cells.size(); ++side) {
    const CompareCell& cell = row.cells[side];
    ImGui::TableNextColumn();
    const std::string mean = mean_text(row, cell);
    const EffectLook look = look_of(row, cell);
    const std::string words = words_of(row, cell);
    const std::string name = "compare.row." + (row.region.empty() ? "system" : row.region) + "." +
                             row.key + "." + report.sides[side].name;
    figure_cell(mean, Tint::text, Face::body);
    mark(name);
    mark_text(name, side == 0 ? mean : mean + " | " + words);
    if (side == 0) continue;
    if (wide) ImGui::TableNextColumn();
    const auto signed_text = [&](const std::string& text) {
      return *look.sign == '\0' ? text : text + "  " + look.sign;
    };
    // The sign says what the word says; so it is the word that goes first.
    const std::string brief = short_words_of(row, cell);
    const Face with = wide ? Face::body : Face::small;
    std::vector<std::string> texts;
    if (wide) texts.push_back(signed_text(words));
    texts.push_back(signed_text(brief));
    const std::size_t gap = brief.rfind("  ");
    std::string change = gap == brief.npos ? brief : brief.substr(gap + 2);
    texts.push_back(signed_text(change));
    if (change.ends_with(" points"))
      texts.push_back(signed_text(change.replace(change.size() - 7, 7, " pp")));
    const std::string shown = that_fits(texts, with);
    figure_cell(shown, look.tint, with);
    if (shown != texts.front() || !wide) {
      if (ImGui::IsItemHovered()) hint(words);
    }
  }
}

}  // namespace longhaul
