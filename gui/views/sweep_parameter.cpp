// Which parameter, over which values, and which figure of it.
#include <imgui.h>

#include <cstdio>

#include "gui/model/tab_titles.h"
#include "gui/views/sweep_view.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"

namespace longhaul {
namespace {

constexpr std::size_t found_most = 60;

struct FigureText {
  const char* title;
  const char* metric;
  const char* aggregation;
};
constexpr FigureText figures[] = {{"pages, p95", "page_latency", "p(95)"},
                                  {"pages, median", "page_latency", "med"},
                                  {"pages, p99", "page_latency", "p(99)"},
                                  {"reads, p95", "read_latency", "p(95)"},
                                  {"writes, p95", "write_latency", "p(95)"},
                                  {"stale reads", "stale_reads", "share"},
                                  {"errors", "errors", "count"},
                                  {"longest write outage", "write_outage", "max"},
                                  {"lost transactions", "lost_transactions", "count"},
                                  {"longest replication lag", "replication_lag", "max"}};

// Its end is what it is about.
std::string short_path(const std::string& path, float room) {
  return cut_beginning(
      path, [&](const std::string& text) { return ImGui::CalcTextSize(text.c_str()).x <= room; });
}

void put(char* place, std::size_t size, const std::string& text) {
  std::snprintf(place, size, "%s", text.c_str());
}

}  // namespace

void SweepView::draw_search(const ScenarioConfig& config) {
  ImGui::SetNextItemWidth(-1);
  ImGui::InputTextWithHint("###search", "Find a parameter: lag, pool size, bandwidth ...", search_,
                           sizeof search_);
  mark("sweep.search");
  const std::string key = config.name + "\n" + search_;
  if (key != found_for_) {
    found_ = find_parameters(config, search_, found_most);
    found_for_ = key;
  }
  ImGui::BeginChild("found", {0, px(118)}, true);
  for (const FoundParameter& one : found_) {
    ImGui::PushFont(face(Face::small));
    const float room = ImGui::GetContentRegionAvail().x;
    const float width = ImGui::CalcTextSize(one.value.c_str()).x;
    const std::string text = short_path(one.path, room - width - px(14));
    if (ImGui::Selectable((text + "###" + one.path).c_str(), wish_.axis.path == one.path)) {
      wish_.axis.path = one.path;
      std::string row;
      for (const std::string& value : values_around(config, one.path)) {
        row += (row.empty() ? "" : ", ") + value;
      }
      put(values_, sizeof values_, row);
    }
    mark("sweep.found." + one.path);
    if (text != one.path && ImGui::IsItemHovered()) hint(one.path);
    ImGui::SameLine();
    say_right(one.value, Tint::faint, Face::small);
    ImGui::PopFont();
  }
  if (found_.empty()) say("No number is called that here.", Tint::faint, Face::small);
  ImGui::EndChild();
}

void SweepView::draw_figure_choice() {
  ImGui::AlignTextToFramePadding();
  say("figure", Tint::faint, Face::small);
  ImGui::SameLine(px(92));
  ImGui::SetNextItemWidth(-1);
  const char* shown = own_figure_ ? "another one" : figures[figure_].title;
  if (ImGui::BeginCombo("###figure", shown)) {
    for (std::size_t i = 0; i < std::size(figures); ++i) {
      if (ImGui::Selectable(figures[i].title, !own_figure_ && i == figure_)) {
        figure_ = i;
        own_figure_ = false;
      }
      mark("sweep.figure." + std::to_string(i));
    }
    if (ImGui::Selectable("another one", own_figure_)) own_figure_ = true;
    ImGui::EndCombo();
  }
  mark("sweep.figure");
  if (!own_figure_) {
    put(metric_, sizeof metric_, figures[figure_].metric);
    put(aggregation_, sizeof aggregation_, figures[figure_].aggregation);
    return;
  }
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x * 0.68f);
  ImGui::InputTextWithHint("###metric", "read_latency{region:...}", metric_, sizeof metric_);
  mark("sweep.metric");
  ImGui::SameLine(0, px(4));
  ImGui::SetNextItemWidth(-1);
  ImGui::InputTextWithHint("###aggregation", "p(95)", aggregation_, sizeof aggregation_);
  mark("sweep.aggregation");
}

void SweepView::draw_parameter_choices(const ScenarioConfig& config) {
  draw_search(config);
  say("path", Tint::faint, Face::small);
  ImGui::SameLine(px(92));
  ImGui::PushFont(face(Face::small));
  const std::string path = wish_.axis.path.empty()
                               ? "none yet"
                               : short_path(wish_.axis.path, ImGui::GetContentRegionAvail().x);
  ImGui::PopFont();
  say(path, wish_.axis.path.empty() ? Tint::faint : Tint::text, Face::small);
  mark_text("sweep.path", wish_.axis.path);
  ImGui::AlignTextToFramePadding();
  say("values", Tint::faint, Face::small);
  ImGui::SameLine(px(92));
  ImGui::SetNextItemWidth(-1);
  ImGui::InputTextWithHint("###values", "1s, 2s, 5s", values_, sizeof values_);
  mark("sweep.values");
  mark_text("sweep.values", values_);
  draw_figure_choice();
}

}  // namespace longhaul
