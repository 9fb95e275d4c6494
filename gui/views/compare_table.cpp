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

// By how much, with its interval unless it is of one pair.
std::string size_of(const CompareRow& row, const CompareCell& cell) {
  if (cell.difference.pairs == 0) return "-";
  if (cell.verdict == PairedVerdict::equal) return std::string(effect_name(row, cell));
  const std::string change = change_text(row, cell);
  return cell.difference.pairs > 1 ? change : change.substr(0, change.find(" \xc2\xb1"));
}

// The same and what it says.
std::string words_of(const CompareRow& row, const CompareCell& cell) {
  const std::string size = size_of(row, cell);
  if (cell.difference.pairs < 2 || cell.verdict == PairedVerdict::equal) return size;
  return size + "  " + std::string(effect_name(row, cell));
}

// The unit once, where both have it: "-31.4 ± 2.1ms".
std::string with_one_unit(const std::string& size) {
  const std::size_t pm = size.find(" \xc2\xb1 ");
  if (pm == size.npos) return size;
  const auto unit_at = [&](std::size_t from) {
    return std::min(size.find_first_not_of("+-.,0123456789", from), size.size());
  };
  const std::size_t first = unit_at(0);
  const std::size_t second = unit_at(pm + 4);
  if (size.substr(first, pm - first) != size.substr(second)) return size;
  return size.substr(0, first) + size.substr(pm);
}

std::string with_short_units(std::string size) {
  for (std::size_t at = size.find(" points"); at != size.npos; at = size.find(" points", at)) {
    size.replace(at, 7, " pp");
  }
  return size;
}

bool fits(const std::string& text, Face with) {
  ImGui::PushFont(face(with));
  const float width = ImGui::CalcTextSize(text.c_str()).x;
  ImGui::PopFont();
  return width <= ImGui::GetContentRegionAvail().x;
}

constexpr const char* what_succeeded = "latencies of what succeeded";
constexpr const char* about_success =
    "Latencies here are those of pages and statements that succeeded; pages that failed have a row "
    "of their own. The plot of p95 over time, cost against latency and the figures of Run are of "
    "all pages, failed ones as well.";

// A title of rows, which may go on over the columns beside it, and a note at their right end.
void across_columns(const std::string& title, const std::string& note) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImFont* font = face(Face::strong);
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float window = ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x;
  list->PushClipRect({at.x, list->GetClipRectMin().y}, {window, list->GetClipRectMax().y}, false);
  list->AddText(font, font->FontSize, at, colour(Tint::text), title.c_str());
  ImFont* small = face(Face::small);
  const float width = small->CalcTextSizeA(small->FontSize, 1e6f, 0, note.c_str()).x;
  const float from = window - width - px(6);
  const float title_width = font->CalcTextSizeA(font->FontSize, 1e6f, 0, title.c_str()).x;
  if (from > at.x + title_width + px(12)) {
    list->AddText(small, small->FontSize, {from, at.y + (font->FontSize - small->FontSize) / 2},
                  colour(Tint::faint), note.c_str());
  }
  list->PopClipRect();
  ImGui::Dummy({1, font->FontSize});
  const bool over = ImGui::IsMouseHoveringRect(at, {window, at.y + font->FontSize}, false);
  if (!note.empty() && over && ImGui::IsWindowHovered()) hint(about_success);
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

// The fullest that fits: with words, with one unit, and then the interval in a line of its own.
void draw_difference(const CompareRow& row, const CompareCell& cell, const std::string& words,
                     Face with) {
  const EffectLook look = look_of(row, cell);
  const auto with_sign = [&](const std::string& text) {
    return *look.sign == '\0' ? text : text + "  " + look.sign;
  };
  const std::string size = size_of(row, cell);
  const std::string brief = with_one_unit(with_short_units(size));
  std::string shown;
  for (const std::string& text : {with_sign(words), with_sign(size), with_sign(brief)}) {
    shown = text;
    if (fits(text, with)) break;
  }
  const std::size_t pm = size.find(" \xc2\xb1 ");
  if (pm == size.npos || fits(shown, with)) {
    figure_cell(shown, look.tint, with);
  } else {
    figure_cell(with_sign(with_short_units(size.substr(0, pm))), look.tint, with);
    if (ImGui::IsItemHovered()) hint(words);
    figure_cell(with_short_units(size.substr(pm + 1)), Tint::faint, Face::small);
  }
  if (shown != with_sign(words) && ImGui::IsItemHovered()) hint(words);
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
  const float row = face(Face::mono)->FontSize + px(3);
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

void CompareView::draw_table(const CompareReport& report, bool scrolls) {
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
  const ImGuiTableFlags flags = (scrolls ? ImGuiTableFlags_ScrollY : ImGuiTableFlags_None) |
                                ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_SizingStretchProp |
                                ImGuiTableFlags_PadOuterX;
  ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, {px(6), px(3)});
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {px(8), px(2)});
  const ImVec2 size{0, scrolls ? ImGui::GetContentRegionAvail().y : 0};
  if (ImGui::BeginTable("figures", columns, flags, size)) {
    if (scrolls) ImGui::TableSetupScrollFreeze(0, 1);
    ImGui::TableSetupColumn("figure", 0, 1.7f);
    for (std::size_t side = 0; side < sides; ++side) {
      ImGui::TableSetupColumn(report.sides[side].name.c_str(), 0, wide || side == 0 ? 0.9f : 1.6f);
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
      if (side == 0) continue;
      if (wide) ImGui::TableNextColumn();
      figure_cell(name + " \xe2\x88\x92 A", Tint::faint, Face::small);
    }
    std::string region = "-";
    for (const CompareRow& row : report.rows) {
      if (only_differing_ && !differs(row)) continue;
      if (row.region != region) {
        region = row.region;
        ImGui::TableNextRow();
        ImGui::TableSetBgColor(ImGuiTableBgTarget_RowBg0, colour(Tint::raised, 0.5f));
        ImGui::TableNextColumn();
        const bool system = region.empty();
        across_columns(system ? "the whole system" : region, system ? "" : what_succeeded);
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
  const bool latency =
      !row.region.empty() && row.unit == Quantity::duration && row.key != "write_outage_longest";
  if (ImGui::IsItemHovered() && (latency || title != row.title)) {
    hint(latency ? row.title + "\n" + about_success : row.title);
  }
  mark_text("compare.title." + row.key, latency ? about_success : row.title);
  for (std::size_t side = 0; side < row.cells.size(); ++side) {
    const CompareCell& cell = row.cells[side];
    ImGui::TableNextColumn();
    const std::string mean = mean_text(row, cell);
    const std::string words = words_of(row, cell);
    const std::string name = "compare.row." + (row.region.empty() ? "system" : row.region) + "." +
                             row.key + "." + report.sides[side].name;
    figure_cell(mean, Tint::text, Face::body);
    mark(name);
    mark_text(name, side == 0 ? mean : mean + " | " + words);
    if (side == 0) continue;
    if (wide) ImGui::TableNextColumn();
    draw_difference(row, cell, words, wide ? Face::body : Face::small);
  }
}

}  // namespace longhaul
