#include "gui/views/compare_view.h"

#include <imgui.h>

#include <algorithm>

#include "gui/app.h"
#include "gui/views/drill_veil.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "run/report.h"

namespace longhaul {
namespace {

constexpr std::int64_t seed_counts[] = {5, 20, 50};
constexpr float page_below = 480;  // of height, what is side by side has no room

std::string runs_text(std::uint64_t done, std::uint64_t whole) {
  return std::to_string(done) + " of " + std::to_string(whole) + " runs";
}

}  // namespace

// What is open; of a design that is being run anew, the run before.
void CompareView::take_designs(App& app) {
  std::vector<Shown> now;
  std::vector<ComparedDesign> designs;
  for (const auto& design : app.work.designs) {
    Shown shown{design.get(), nullptr};
    for (const Shown& before : complete_) {
      if (before.design == design.get()) shown.view = before.view;
    }
    const auto view = design->session.view();
    if (view && view->complete()) shown.view = view;
    designs.push_back({design->name, design->document.path(), design->document.scenario(),
                       shown.view, design->document.saved()});
    now.push_back(std::move(shown));
  }
  complete_ = std::move(now);
  model_.update(designs);
  const std::vector<std::string>& regions = model_.regions();
  if (std::find(regions.begin(), regions.end(), region_) == regions.end()) {
    region_ = regions.empty() ? "" : regions.front();
  }
  make_plots();
}

void CompareView::draw(App& app, Area area) {
  if (draw_drill_veil(app, area, true)) return;
  take_designs(app);
  if (app.work.designs.size() < 2) {
    draw_alone(app, area);
    return;
  }
  if (area.height() < px(page_below)) {
    draw_page(app, area);
    return;
  }
  const float controls = ImGui::GetFrameHeight() + px(18);
  const float height = controls + verdict_height(area.width() - px(40));
  Area top = area.cut_top(std::min(height, area.height() * 0.4f));
  area.cut_top(px(6));
  if (begin_panel("compare.verdicts", top, "", true)) {
    draw_controls(app);
    draw_verdicts(top.width());
  }
  end_panel();

  // More designs are more columns.
  const float share = app.work.designs.size() > 2 ? 0.56f : 0.46f;
  const float wanted = std::max(px(430), area.width() * share);
  const Area left = area.cut_left(std::min(wanted, area.width() * 0.58f));
  area.cut_left(px(6));
  if (begin_panel("compare.figures", left, "", false)) draw_figures(true);
  end_panel();
  if (begin_panel("compare.plots", area, "", true)) {
    draw_plots(app, ImGui::GetContentRegionAvail().y);
  }
  end_panel();
}

// Where the window is small or the letters are large: all below one another, and it scrolls.
void CompareView::draw_page(App& app, Area area) {
  if (begin_panel("compare.page", area)) {
    draw_controls(app);
    draw_verdicts(area.width());
    ImGui::Separator();
    draw_figures(false);
    ImGui::Dummy({0, px(6)});
    ImGui::Separator();
    draw_plots(app, px(560));
  }
  end_panel();
}

void CompareView::draw_figures(bool scrolls) {
  const DesignComparison* shown = model_.shown();
  if (shown == nullptr) {
    empty_state("Simulating ...", "Figures appear as soon as each design has run once.");
    return;
  }
  draw_changes(shown->report);
  draw_table(shown->report, scrolls);
}

void CompareView::draw_alone(App& app, Area area) {
  if (begin_panel("compare", area)) {
    empty_state("Nothing to compare with yet",
                "Two to four designs run with the same users and the same luck, side by side.");
    ImGui::Dummy({0, px(6)});
    const char* duplicate = "Duplicate as a variant";
    const char* open_beside = "Open beside";
    const Command* before = find_command("design.before");
    if (before->enabled(app)) {
      const char* saved = "The version before";
      centre_next(tool_button_width(icon::undo, saved));
      if (tool_button("compare.before", icon::undo, saved,
                      "This design beside itself as it was saved")) {
        before->run(app);
      }
    }
    centre_next(tool_button_width(icon::copy, duplicate) + px(10) +
                tool_button_width(icon::open, open_beside));
    if (tool_button("compare.duplicate", icon::copy, duplicate,
                    "A copy of this design beside it, to change  Ctrl+D")) {
      find_command("design.duplicate")->run(app);
    }
    ImGui::SameLine(0, px(10));
    if (tool_button("compare.open_beside", icon::open, open_beside,
                    "Another scenario file  Ctrl+Shift+O")) {
      find_command("file.open_beside")->run(app);
    }
  }
  end_panel();
}

void CompareView::draw_controls(App& app) {
  const Background<DesignComparison>& work = model_.work();
  ImGui::AlignTextToFramePadding();
  say("Over", Tint::faint);
  for (const std::int64_t count : seed_counts) {
    ImGui::SameLine(0, px(4));
    const std::string text = std::to_string(count);
    const std::string more = count < pairs_for_a_verdict
                                 ? text + " seeds: a first look. A verdict needs " +
                                       std::to_string(pairs_for_a_verdict) + " pairs."
                                 : text + " seeds, each under every design: enough for a verdict";
    if (tool_button(("compare.seeds." + text).c_str(), "", text.c_str(), more.c_str(),
                    !work.running(), seeds_ == count)) {
      seeds_ = count;
    }
  }
  ImGui::SameLine(0, px(6));
  say("seeds", Tint::faint);
  ImGui::SameLine(0, px(12));
  if (work.running()) {
    if (tool_button("compare.cancel", icon::close, "Cancel", "Stops the runs")) model_.cancel();
    ImGui::SameLine(0, px(12));
    const std::uint64_t whole = std::max<std::uint64_t>(1, work.whole());
    ImGui::BeginChild("progress", {px(220), ImGui::GetFrameHeight()}, false,
                      ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoBackground);
    ImGui::SetCursorPosY((ImGui::GetFrameHeight() - px(6)) / 2);
    progress_bar(static_cast<float>(work.done()) / static_cast<float>(whole), "");
    ImGui::EndChild();
    ImGui::SameLine(0, px(10));
    ImGui::AlignTextToFramePadding();
    say(runs_text(work.done(), work.whole()), Tint::faint, Face::small);
  } else {
    bool sound = true;
    for (const auto& design : app.work.designs) sound = sound && design->document.sound();
    if (tool_button("compare.start", icon::play, "Compare",
                    sound ? "Runs every design over these seeds, on half of the processors"
                          : "A design has a mistake: its last sound state would be compared",
                    sound)) {
      model_.start(seeds_, std::max(1u, default_jobs() / 2), app.work.wake);
    }
  }
}

namespace {

std::string_view verdict_sign(const std::string& sentence) {
  if (sentence.starts_with("Take") && sentence.find(" if ") == sentence.npos) return icon::good;
  if (sentence.starts_with("Keep")) return icon::close;
  if (sentence.starts_with("Take")) return icon::info;
  return icon::clock;
}

Tint verdict_tint(const std::string& sentence) {
  if (verdict_sign(sentence) == icon::good) return Tint::good;
  if (verdict_sign(sentence) == icon::close) return Tint::bad;
  return verdict_sign(sentence) == icon::info ? Tint::accent : Tint::faint;
}

std::string basis_text(const CompareModel& model, const CompareReport& report) {
  const std::int64_t count = report.seeds.last - report.seeds.first + 1;
  if (model.over_seeds()) {
    return "Mean of seeds " + std::to_string(report.seeds.first) + " to " +
           std::to_string(report.seeds.last) + ", " + std::to_string(count) +
           " pairs; differences with their 95 % interval.";
  }
  std::string text = "One run of each, seed " + std::to_string(report.seeds.first) + ".";
  if (model.outdated()) text += " A design has changed since the comparison: start it again.";
  if (model.mixed_seeds()) text += " The runs have different seeds, so luck differs as well.";
  return text;
}

}  // namespace

namespace {

// Cautions stand beside the verdicts where there is room for both.
bool are_beside(const CompareReport& report, float width) {
  return !report.cautions.empty() && width > px(860);
}

float wrapped_height(const std::vector<std::string>& texts, float width, Face with) {
  ImGui::PushFont(face(with));
  float height = 0;
  for (const std::string& text : texts) {
    height += ImGui::CalcTextSize(text.c_str(), nullptr, false, width).y + px(6);
  }
  ImGui::PopFont();
  return height;
}

constexpr float verdicts_share = 0.6f;

}  // namespace

float CompareView::verdict_height(float width) const {
  const DesignComparison* shown = model_.shown();
  if (shown == nullptr) return px(30);
  const CompareReport& report = shown->report;
  const bool beside = are_beside(report, width);
  const float left = beside ? width * verdicts_share : width;
  const float right = beside ? width * (1 - verdicts_share) : width;
  const float basis = px(26);
  const float verdicts = wrapped_height(report.verdicts, left - px(44), Face::body) + basis;
  const float cautions = wrapped_height(report.cautions, right - px(44), Face::small);
  return (beside ? std::max(verdicts, cautions) : verdicts + cautions) + px(8);
}

void CompareView::draw_verdicts(float width) {
  const DesignComparison* shown = model_.shown();
  if (shown == nullptr) {
    say("The first figures come with the first run of each design.", Tint::faint, Face::small);
    return;
  }
  const CompareReport& report = shown->report;
  const bool beside = are_beside(report, width - px(40));
  if (beside) {
    ImGui::BeginTable("verdicts", 2, ImGuiTableFlags_SizingStretchProp);
    ImGui::TableSetupColumn("", 0, verdicts_share);
    ImGui::TableSetupColumn("", 0, 1 - verdicts_share);
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
  }
  for (std::size_t i = 0; i < report.verdicts.size(); ++i) {
    const std::string& sentence = report.verdicts[i];
    say(verdict_sign(sentence), verdict_tint(sentence));
    ImGui::SameLine(px(34));
    say_wrapped(sentence, Tint::text, Face::body);
    mark_text("compare.verdict." + report.sides[i + 1].name, sentence);
    mark("compare.verdict." + report.sides[i + 1].name);
  }
  const std::string basis = basis_text(model_, report);
  const auto say_basis = [&] {
    say_wrapped(basis, model_.outdated() ? Tint::warning : Tint::faint, Face::small);
    mark_text("compare.basis", basis);
  };
  if (beside) {
    say_basis();
    ImGui::TableNextColumn();
  }
  for (const std::string& caution : report.cautions) {
    say(icon::warning, Tint::warning, Face::small);
    ImGui::SameLine(px(34));
    say_wrapped(caution, Tint::faint, Face::small);
  }
  if (beside) {
    ImGui::EndTable();
  } else {
    say_basis();
  }
}

}  // namespace longhaul
