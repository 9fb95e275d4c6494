#include "gui/views/run_tab_requests.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "gui/app.h"
#include "gui/model/clock_text.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/fit_text.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"
#include "run/plot.h"

namespace longhaul {
namespace {

constexpr ImGuiTableFlags table_flags =
    ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_PadOuterX;

const char* title_of(FoundKind kind) {
  switch (kind) {
    case FoundKind::slowest:
      return "Slowest";
    case FoundKind::stale:
      return "Stale";
    case FoundKind::error:
      return "Failed";
    case FoundKind::ryw_violation:
      return "Own write missed";
  }
  return "";
}

std::string time_text(Duration length) { return quantity_text(Quantity::duration, length.ns); }

void cell(std::string_view text, Tint tint = Tint::text, Face with = Face::small) {
  ImGui::PushFont(face(with));
  const std::string shown = fitted(text, ImGui::GetContentRegionAvail().x);
  ImGui::PopFont();
  say(shown, tint, with);
  if (shown != text && ImGui::IsItemHovered()) hint(text);
}

// A bar for each step, where it stands between the click and the answer.
void waterfall(const Explanation& explanation) {
  const float width = ImGui::GetContentRegionAvail().x;
  const float row = px(19);
  ImDrawList* list = ImGui::GetWindowDrawList();
  ImFont* font = face(Face::small);
  double whole = static_cast<double>(std::max<std::int64_t>(1, explanation.took.ns));
  for (const ExplainedStep& step : explanation.steps) {
    whole = std::max(whole, static_cast<double>((step.at + step.took).ns));
  }
  const float text_width = std::floor(width * 0.62f);
  const float bars = width - text_width - px(6);
  for (const ExplainedStep& step : explanation.steps) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy({width, row});
    const bool hovered = ImGui::IsItemHovered();
    if (!ImGui::IsItemVisible()) continue;
    if (hovered) {
      list->AddRectFilled(at, {at.x + width, at.y + row}, colour(Tint::raised), px(2));
      hint(step.where + ": " + step.what + (step.why.empty() ? "" : "\n" + step.why) + "\nat " +
           time_text(step.at) + ", took " + time_text(step.took));
    }
    const Tint tint = step.bad ? Tint::bad : step.took.ns == 0 ? Tint::faint : Tint::accent;
    const std::string text =
        (step.begins ? "" : "   ") + (step.where.empty() ? "" : step.where + ": ") + step.what;
    draw_fitted(list, font, {at.x + px(2), at.y + px(2)},
                colour(step.bad      ? Tint::bad
                       : step.begins ? Tint::text
                                     : Tint::faint),
                text, text_width - px(4));
    const float left = at.x + text_width;
    const auto x_of = [&](Duration since) {
      return left + bars * static_cast<float>(static_cast<double>(since.ns) / whole);
    };
    const float from = x_of(step.at);
    const float to = std::max(x_of(step.at + step.took), from + px(1.5f));
    list->AddRectFilled({from, at.y + px(5)}, {to, at.y + row - px(5)}, colour(tint, 0.85f), px(1));
    if (step.took.ns > 0) {
      const std::string took = time_text(step.took);
      const float wanted = font->CalcTextSizeA(font->FontSize, 1e9f, 0, took.c_str()).x;
      const bool behind = to + wanted + px(4) <= at.x + width;
      if (behind || from - wanted - px(4) >= left) {
        list->AddText(font, font->FontSize,
                      {behind ? to + px(3) : from - wanted - px(3), at.y + px(2)},
                      colour(Tint::faint), took.c_str());
      }
    }
  }
}

void sights(const ExplainedDecision& decision) {
  if (decision.sights.empty() || !ImGui::BeginTable("sights", 5, table_flags)) return;
  constexpr std::array<const char*, 5> titles{"server", "seen lag", "seen ago", "breaker",
                                              "true lag"};
  for (const char* title : titles) ImGui::TableSetupColumn(title);
  ImGui::TableNextRow();
  for (const char* title : titles) {
    ImGui::TableNextColumn();
    cell(title, Tint::faint);
  }
  for (const ExplainedSight& sight : decision.sights) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    cell(sight.node + (sight.is_primary ? ", primary" : ""),
         sight.node == decision.node ? Tint::accent : Tint::text);
    ImGui::TableNextColumn();
    cell(sight.lag ? time_text(*sight.lag) : "-");
    ImGui::TableNextColumn();
    cell(sight.age ? time_text(*sight.age) : "never");
    ImGui::TableNextColumn();
    cell(sight.breaker + (sight.admits ? "" : ", out"), sight.admits ? Tint::text : Tint::warning);
    ImGui::TableNextColumn();
    const bool primary = sight.truly_primary;
    cell(!sight.truly_up  ? "down"
         : primary        ? "primary"
         : sight.true_lag ? time_text(*sight.true_lag)
                          : "-",
         sight.truly_up ? Tint::text : Tint::bad);
  }
  ImGui::EndTable();
}

}  // namespace

void RunRequestsTab::list(App& app, const RunLook& look, const FoundRequests& found) {
  constexpr std::array kinds{FoundKind::slowest, FoundKind::stale, FoundKind::error,
                             FoundKind::ryw_violation};
  const auto list_of = [&](FoundKind kind) {
    return std::find_if(found.kinds.begin(), found.kinds.end(),
                        [&](const FoundKindList& one) { return one.kind == kind; });
  };
  const float right = ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x;
  for (const FoundKind kind : kinds) {
    const auto of = list_of(kind);
    std::string title = title_of(kind);
    if (of != found.kinds.end() && kind != FoundKind::slowest) title += " " + count_text(of->count);
    const std::string name = "requests." + std::string(to_text(kind));
    const float wanted = ImGui::CalcTextSize(title.c_str()).x + px(18);
    if (kind != kinds.front()) {
      ImGui::SameLine(0, px(4));
      if (ImGui::GetCursorPosX() + wanted > right) ImGui::NewLine();
    }
    if (tool_button(name.c_str(), "", title.c_str(), "", true, kind == kind_)) kind_ = kind;
    mark_text(name, of == found.kinds.end() ? "0" : std::to_string(of->count));
  }
  const auto of = list_of(kind_);
  if (of == found.kinds.end() || of->worst.empty()) {
    say("None.", Tint::faint);
    return;
  }
  if (!ImGui::BeginTable("found", 4, table_flags)) return;
  // Names differ at their end: they have the room that they need, if there is as much.
  float widest = 0;
  ImFont* small = face(Face::small);
  for (const FoundRequest& request : of->worst) {
    const float width = small->CalcTextSizeA(small->FontSize, 1e9f, 0, request.id.c_str()).x;
    widest = std::max(widest, width + px(4));
  }
  widest = std::min(widest, ImGui::GetContentRegionAvail().x * 0.42f);
  ImGui::TableSetupColumn("id", ImGuiTableColumnFlags_WidthFixed, widest);
  ImGui::TableSetupColumn("page", ImGuiTableColumnFlags_WidthStretch, 1.1f);
  ImGui::TableSetupColumn("at", ImGuiTableColumnFlags_WidthStretch, 1);
  ImGui::TableSetupColumn("took", ImGuiTableColumnFlags_WidthStretch, 0.9f);
  int row = 0;
  for (const FoundRequest& request : of->worst) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::PushFont(face(Face::small));
    const bool chosen = app.work.selection.request == request.id;
    const std::string shown = fitted_middle(request.id, ImGui::GetContentRegionAvail().x);
    if (ImGui::Selectable((shown + "###" + request.id).c_str(), chosen,
                          ImGuiSelectableFlags_SpanAllColumns)) {
      follow(app, look, request.id);
      app.work.go_to(TimePoint{} + request.clicked);
    }
    ImGui::PopFont();
    mark("request." + std::to_string(row++));
    if (ImGui::IsItemHovered()) {
      hint(request.page + " from " + request.region + ", " + request.outcome +
           (request.retries > 0 ? ", retries " + std::to_string(request.retries) : "") +
           (request.stale ? ", stale by " + time_text(request.staleness) : ""));
    }
    ImGui::TableNextColumn();
    cell(request.page, Tint::faint);
    ImGui::TableNextColumn();
    cell(clock_text(TimePoint{} + request.clicked), Tint::faint);
    ImGui::TableNextColumn();
    cell(kind_ == FoundKind::stale ? time_text(request.staleness) + " stale"
                                   : time_text(request.took));
  }
  ImGui::EndTable();
}

void RunRequestsTab::follow(App& app, const RunLook& look, const std::string& id) {
  app.work.selection.request = id;
  look.design->session.follow(id);
  followed_run_ = look.view->number;
}

void RunRequestsTab::by_name(App& app, const RunLook& look) {
  ImGui::PushFont(face(Face::small));
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x);
  const bool entered =
      ImGui::InputTextWithHint("##name", "Another by its name: eu/17#42 is page 42 of session 17",
                               name_, sizeof name_, ImGuiInputTextFlags_EnterReturnsTrue);
  ImGui::PopFont();
  mark("requests.name");
  if (entered && name_[0] != '\0') follow(app, look, name_);
}

void RunRequestsTab::explanation(const Explanation& explanation) {
  ImGui::Separator();
  ImGui::Dummy({0, px(2)});
  say(explanation.id, Tint::text, Face::strong);
  mark_text("request.followed", explanation.id);
  ImGui::SameLine();
  chip(explanation.outcome + ", " + time_text(explanation.took),
       explanation.outcome == "ok" ? Tint::good : Tint::bad);
  say(explanation.page + " of users in " + explanation.region + ", app " + explanation.app,
      Tint::faint, Face::small);
  if (!explanation.sentence.empty()) say_wrapped(explanation.sentence);
  mark_text("request.sentence", explanation.sentence);
  ImGui::Dummy({0, px(4)});
  heading("Path");
  waterfall(explanation);
  ImGui::Dummy({0, px(4)});
  int place = 0;
  for (const ExplainedDecision& decision : explanation.decisions) {
    ImGui::PushID(place++);
    heading("Statement " + std::to_string(decision.statement) + ", " + decision.text);
    say_wrapped((decision.node.empty() ? "nowhere" : "to " + decision.node) + ": " +
                decision.sentence);
    ImGui::PushFont(face(Face::small));
    chip(decision.reason, Tint::accent);
    ImGui::PopFont();
    if (decision.likewise > 0) {
      ImGui::SameLine();
      say("and " + std::to_string(decision.likewise) + " more alike", Tint::faint, Face::small);
    }
    sights(decision);
    ImGui::Dummy({0, px(4)});
    ImGui::PopID();
  }
  for (const ExplainedRead& read : explanation.reads) {
    if (!read.stale && !read.own_write_missed && !read.own_write_lost && !read.went_back) continue;
    const char* what = read.own_write_lost     ? "its own write, which is lost"
                       : read.own_write_missed ? "its own write"
                       : read.went_back        ? "what it had seen before"
                                               : "the newest version";
    say_wrapped(std::string(icon::warning) + "  " + read.row + " from " + read.served_by +
                    " lacked " + what + ", stale by " + time_text(read.staleness),
                Tint::warning);
  }
}

void RunRequestsTab::draw(App& app, const RunLook& look) {
  RunSession& session = look.design->session;
  if (!look.view || !look.view->complete() || look.view->number != session.started()) {
    empty_state("", "Requests are known when the run is complete.");
    return;
  }
  if (design_ != look.design || asked_run_ != look.view->number) {
    design_ = look.design;
    asked_run_ = look.view->number;
    session.find({});
    // The same name means the same request in every run with these users.
    if (!app.work.selection.request.empty()) {
      session.follow(app.work.selection.request);
      followed_run_ = asked_run_;
    }
  }
  const auto found = session.found();
  if (!found) {
    say("Looking through all requests of the run ...", Tint::faint);
    return;
  }
  list(app, look, *found);
  by_name(app, look);
  const auto followed = session.followed();
  if (app.work.selection.request.empty()) {
    say_wrapped("Choose one to follow it.", Tint::faint);
  } else if (!followed || followed->id != app.work.selection.request) {
    say("Following " + app.work.selection.request + " ...", Tint::faint);
  } else if (followed->page.empty()) {
    say_wrapped("This run has no request " + followed->id + ".", Tint::warning);
    mark("request.none");
  } else {
    explanation(*followed);
  }
}

}  // namespace longhaul
