#include "gui/views/run_tab_figures.h"

#include <imgui.h>

#include <algorithm>
#include <string>

#include "gui/app.h"
#include "gui/model/clock_text.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"
#include "run/plot.h"

namespace longhaul {
namespace {

constexpr ImGuiTableFlags table_flags =
    ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_PadOuterX;

float width_of(std::string_view text, Face with = Face::body) {
  ImFont* font = face(with);
  return font->CalcTextSizeA(font->FontSize, 1e9f, 0, text.data(), text.data() + text.size()).x;
}

// In the cell, cut to it; the whole on hover, and what it is about.
void cell(std::string_view text, Tint tint = Tint::text, Face with = Face::body, bool right = false,
          std::string_view about = {}) {
  ImGui::PushFont(face(with));
  const std::string shown = fitted_middle(text, ImGui::GetContentRegionAvail().x);
  ImGui::PopFont();
  if (right) {
    say_right(shown, tint, with);
  } else {
    say(shown, tint, with);
  }
  if (!ImGui::IsItemHovered() || (shown == text && about.empty())) return;
  const std::string between = shown != text && !about.empty() ? "\n" : "";
  hint((shown == text ? "" : std::string(text)) + between + std::string(about));
}

std::string fitted_small(std::string_view text, float width) {
  ImGui::PushFont(face(Face::small));
  std::string shown = fitted(text, width);
  ImGui::PopFont();
  return shown;
}

std::string text_of(const RunFigure& figure) {
  return figure.bad ? std::string(icon::warning) + " " + figure.text : figure.text;
}

void figure_cell(const RunFigure& figure) {
  cell(text_of(figure), figure.bad ? Tint::bad : Tint::text, Face::body, true);
  mark("figure." + figure.name);
  mark_text("figure." + figure.name, std::to_string(figure.value));
  mark_text("figure_text." + figure.name, figure.text);
}

// Those that hold, or those that do not: what is measured has the whole width, below it stands
// what was expected beside what was found.
void expectation_table(const Report& report, bool holds) {
  if (!ImGui::BeginTable(holds ? "held" : "missed", 2, table_flags)) return;
  ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthFixed, px(20));
  ImGui::TableSetupColumn("expected", ImGuiTableColumnFlags_WidthStretch);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {px(4), px(1)});
  for (const ExpectationReport& one : report.expectations) {
    if (one.verdict.holds != holds) continue;
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    say(holds ? icon::good : icon::error, holds ? Tint::good : Tint::bad);
    if (ImGui::IsItemHovered()) hint(verdict_word(one.verdict));
    ImGui::TableNextColumn();
    mark_text("expectation." + one.metric + "." + one.text, found_text(one));
    cell(one.metric, holds ? Tint::text : Tint::bad, Face::small);
    const std::string value = found_text(one);
    const std::string found = fitted_small(value, ImGui::GetContentRegionAvail().x / 2);
    const float room = ImGui::GetContentRegionAvail().x - width_of(found, Face::small) - px(8);
    const std::string expected = fitted_small(one.text, room);
    say(expected, Tint::faint, Face::small);
    if (expected != one.text && ImGui::IsItemHovered()) hint(one.text);
    ImGui::SameLine();
    say_right(found, holds ? Tint::text : Tint::bad, Face::small);
    if (found != value && ImGui::IsItemHovered()) hint(value);
  }
  ImGui::PopStyleVar();
  ImGui::EndTable();
  ImGui::Dummy({0, px(6)});
}

// Above all other figures: a run that misses one is not what its author expects.
void missed(const RunView& view) {
  const std::size_t count = missed_expectations(view);
  if (count == 0) return;
  const std::string title =
      std::to_string(count) + " of " + std::to_string(view.report->expectations.size()) + " missed";
  say(std::string(icon::warning) + "  Expectations, " + title, Tint::warning, Face::strong);
  mark_text("expectations.missed", title);
  expectation_table(*view.report, false);
}

void held(const RunView& view) {
  const std::size_t all = view.report->expectations.size();
  const std::size_t count = all - missed_expectations(view);
  if (all == 0) return;
  heading("Expectations, " + std::to_string(count) + " of " + std::to_string(all) + " hold");
  mark_text("expectations.held", std::to_string(count));
  if (count > 0) expectation_table(*view.report, true);
}

void failovers(App& app, const Report& report) {
  for (const FailoverReport& failover : report.failovers) {
    heading("Failover");
    const std::string title = (failover.from.empty() ? "" : failover.from + " > ") + failover.to;
    say(title, Tint::text, Face::strong);
    ImGui::SameLine();
    if (failover.needless) {
      chip("needless", Tint::warning);
    } else if (!failover.opened) {
      chip("did not succeed", Tint::bad);
    } else {
      chip("outage " + quantity_text(Quantity::duration, (failover.ended - failover.began).ns),
           Tint::warning);
    }
    if (!failover.why.empty()) say_wrapped(failover.why, Tint::faint, Face::small);
    ImGui::PushID(&failover);
    if (ImGui::BeginTable("phases", 3, table_flags)) {
      ImGui::TableSetupColumn("at", ImGuiTableColumnFlags_WidthFixed, px(76));
      ImGui::TableSetupColumn("phase", ImGuiTableColumnFlags_WidthStretch);
      ImGui::TableSetupColumn("took", ImGuiTableColumnFlags_WidthFixed, px(70));
      int row = 0;
      for (const FailoverReport::Part& part : failover.parts) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::PushID(row++);
        if (ImGui::Selectable(clock_text(part.began).c_str(), false,
                              ImGuiSelectableFlags_SpanAllColumns)) {
          app.work.go_to(part.began);
        }
        if (ImGui::IsItemHovered() && !part.why.empty()) hint(part.why);
        ImGui::PopID();
        ImGui::TableNextColumn();
        cell(part.phase, Tint::text, Face::small);
        ImGui::TableNextColumn();
        cell(quantity_text(Quantity::duration, (part.ended - part.began).ns), Tint::text,
             Face::small, true);
      }
      ImGui::EndTable();
    }
    ImGui::PopID();
    ImGui::Dummy({0, px(6)});
  }
}

// Who was not promoted since the last failover, and why: the table of `longhaul run`.
void refusals(App& app, const Report& report) {
  if (report.refusals.empty()) return;
  heading(report.failovers.empty() ? "No failover" : "Refused since then");
  for (const FailoverReport::Refusal& refusal : report.refusals) {
    ImGui::PushID(&refusal);
    if (ImGui::Selectable(clock_text(refusal.at).c_str(), false, 0, {px(76), 0})) {
      app.work.go_to(refusal.at);
    }
    ImGui::PopID();
    ImGui::SameLine(px(84));
    say_wrapped(refusal.node + ": " + refusal.why, Tint::warning, Face::small);
  }
  ImGui::Dummy({0, px(6)});
}

}  // namespace

std::string_view short_region(std::string_view region) {
  const std::size_t colon = region.find(':');
  return colon == region.npos ? region : region.substr(colon + 1);
}

namespace {

// So that neither titles nor figures are cut: what stands at the left, and each of the others.
struct FigureWidths {
  float titles = 0;
  float values = 0;
};

FigureWidths widths_of(const std::vector<const FigureGroup*>& groups) {
  FigureWidths widths;
  for (const FigureGroup* group : groups) {
    widths.values = std::max(widths.values, width_of(short_region(group->title), Face::small));
    for (const RunFigure& figure : group->figures) {
      widths.titles = std::max(widths.titles, width_of(figure.title));
      widths.values = std::max(widths.values, width_of(text_of(figure)));
    }
  }
  return widths;
}

}  // namespace

void draw_figure_tables(const std::vector<FigureGroup>& figures, std::string_view kind) {
  std::vector<const FigureGroup*> such;
  for (const FigureGroup& group : figures) {
    if (group.kind == kind) such.push_back(&group);
  }
  // As many side by side as have room; the rest below them, in the same columns.
  const FigureWidths widths = widths_of(such);
  ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, {px(4), ImGui::GetStyle().CellPadding.y});
  const float padding = px(9);
  const float room = ImGui::GetContentRegionAvail().x - widths.titles - padding;
  const auto fitting = static_cast<std::size_t>(std::max(1.0f, room / (widths.values + padding)));
  const std::size_t columns = std::min(fitting, such.size());
  for (std::size_t first = 0; first < such.size(); first += columns) {
    ImGui::PushID(static_cast<int>(first));
    if (ImGui::BeginTable(std::string(kind).c_str(), static_cast<int>(columns) + 1, table_flags)) {
      ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthStretch, widths.titles + padding);
      for (std::size_t i = 0; i < columns; ++i) {
        ImGui::TableSetupColumn("value", ImGuiTableColumnFlags_WidthStretch,
                                widths.values + padding);
      }
      const std::size_t shown = std::min(columns, such.size() - first);
      // One group by itself is named by the heading.
      const bool named = kind == "users" || kind == "replica";
      if (named) ImGui::TableNextRow();
      if (named) ImGui::TableNextColumn();
      for (std::size_t i = 0; i < shown && named; ++i) {
        ImGui::TableNextColumn();
        cell(short_region(such[first + i]->title), Tint::faint, Face::small, true);
      }
      for (std::size_t row = 0; row < such[first]->figures.size(); ++row) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        const RunFigure& figure = such[first]->figures[row];
        cell(figure.title, Tint::faint, Face::body, false, figure.about);
        for (std::size_t i = 0; i < shown; ++i) {
          ImGui::TableNextColumn();
          if (row < such[first + i]->figures.size()) figure_cell(such[first + i]->figures[row]);
        }
      }
      ImGui::EndTable();
    }
    ImGui::PopID();
    ImGui::Dummy({0, px(6)});
  }
  ImGui::PopStyleVar();
}

void RunFiguresTab::range(App& app, const RunLook& look) {
  const auto& range = app.work.selection.range;
  RunSession& session = look.design->session;
  if (!range || !look.view) return;
  const bool known = look.view->complete() || look.view->reached >= range->to;
  const std::uint64_t run = look.view->number;
  if (known && run == session.started() &&
      (run != asked_run_ || range->from != asked_from_ || range->to != asked_to_)) {
    session.measure(range->from, range->to);
    asked_run_ = run;
    asked_from_ = range->from;
    asked_to_ = range->to;
  }
  ImGui::AlignTextToFramePadding();
  say("Selected, " + short_clock_text(range->from) + " to " + short_clock_text(range->to),
      Tint::faint, Face::small);
  mark_text("range.from", clock_text(range->from));
  mark_text("range.to", clock_text(range->to));
  ImGui::SameLine();
  if (ImGui::SmallButton("Forget")) {
    app.work.selection.range.reset();
    return;
  }
  mark("range.forget");
  const auto figures = session.range();
  const bool of_this =
      figures && figures->number == run && figures->from == range->from && figures->to == range->to;
  if (!of_this) {
    say(known ? "measuring ..." : "not simulated yet", Tint::faint);
    return;
  }
  if (ImGui::BeginTable("range", 6, table_flags)) {
    for (const char* title : {"", "pages", "median", "p95", "p99", "errors"}) {
      ImGui::TableSetupColumn(title, ImGuiTableColumnFlags_WidthStretch, *title == '\0' ? 1.5f : 1);
    }
    ImGui::TableNextRow();
    for (const char* title : {"", "pages", "median", "p95", "p99", "errors"}) {
      ImGui::TableNextColumn();
      const bool timed = *title == 'm' || *title == 'p';
      cell(title, Tint::faint, Face::small, true,
           timed ? "Of all pages that ended in this range, those that failed too." : "");
    }
    for (const RangeRow& row : figures->rows) {
      ImGui::TableNextRow();
      ImGui::TableNextColumn();
      cell(short_region(row.region), Tint::faint, Face::small);
      const auto time = [&](const char* name, std::int64_t value) {
        ImGui::TableNextColumn();
        cell(row.pages.count == 0 ? "-" : quantity_text(Quantity::duration, value), Tint::text,
             Face::small, true);
        mark_text("range." + std::string(name) + "." + row.region, std::to_string(value));
      };
      ImGui::TableNextColumn();
      cell(count_text(row.pages.count), Tint::text, Face::small, true);
      mark_text("range.pages." + row.region, std::to_string(row.pages.count));
      time("page_p50", row.pages.med);
      time("page_p95", row.pages.p95);
      time("page_p99", row.pages.p99);
      ImGui::TableNextColumn();
      cell(count_text(row.errors), row.errors > 0 ? Tint::bad : Tint::text, Face::small, true);
    }
    ImGui::EndTable();
  }
  ImGui::Dummy({0, px(6)});
}

void RunFiguresTab::draw(App& app, const RunLook& look) {
  range(app, look);
  if (look.figures.empty() || !look.view || !look.view->report) {
    empty_state("", "Figures are known when the run is complete.");
    return;
  }
  const Report& report = *look.view->report;
  missed(*look.view);
  heading("Users; times are of all pages, failed ones too");
  draw_figure_tables(look.figures, "users");
  held(*look.view);
  if (!report.replicas.empty()) {
    heading("Replicas, true lag");
    draw_figure_tables(look.figures, "replica");
  }
  failovers(app, report);
  refusals(app, report);
  if (std::any_of(look.figures.begin(), look.figures.end(),
                  [](const FigureGroup& group) { return group.kind == "loss"; })) {
    heading("Lost after it was acknowledged");
    draw_figure_tables(look.figures, "loss");
  }
  heading("Cost a month");
  draw_figure_tables(look.figures, "cost");
  if (!report.warnings.empty()) {
    heading("Warnings");
    for (const std::string& warning : report.warnings) {
      say_wrapped(std::string(icon::warning) + "  " + warning, Tint::warning, Face::small);
    }
  }
}

}  // namespace longhaul
