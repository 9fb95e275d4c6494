#include "gui/views/sweep_view.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "base/units_text.h"
#include "gui/app.h"
#include "gui/views/drill_veil.h"
#include "gui/views/sweep_pictures.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"
#include "run/sweep.h"

namespace longhaul {
namespace {

constexpr float choices_from = 92;   // their titles are before
constexpr float picture_high = 400;  // at least; below that it scrolls

struct KindText {
  SweepKind kind;
  const char* title;
  const char* about;
};
constexpr std::array<KindText, 4> kinds{
    {{SweepKind::lag_threshold, "Lag threshold",
      "At which lag to stop reading from a replica: stale reads against the primary's load."},
     {SweepKind::data_loss, "Data loss",
      "What a crash loses, over many instants of it: how wide the window is."},
     {SweepKind::outage, "Outage by phase",
      "How long writes are out after a crash, and which phase the time goes into."},
     {SweepKind::parameter, "Any parameter", "One number over a row of values, and any figure."}}};

const char* title_of_kind(SweepKind kind) {
  for (const KindText& text : kinds) {
    if (text.kind == kind) return text.title;
  }
  return "";
}

bool is_crash(SweepKind kind) { return kind == SweepKind::data_loss || kind == SweepKind::outage; }

// "1 of 3 runs": what a cell is called.
std::string progress_text(const SweepModel& model) {
  const std::string what = is_crash(model.asked().kind) ? " crashes" : " runs";
  std::string text = std::to_string(model.done()) + " of " + std::to_string(model.whole()) + what;
  if (const auto left = model.left()) {
    text +=
        ", about " + to_short_text(Duration{left->ns / 1'000'000'000 * 1'000'000'000}) + " left";
  }
  return text;
}

std::string picture_path(const std::string& document, SweepKind kind, const char* ending) {
  std::string path = document;
  if (path.ends_with(".json")) path.resize(path.size() - 5);
  return path + "_" + std::string(name_of(kind)) + ending;
}

bool write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  return static_cast<bool>(file.flush());
}

}  // namespace

void SweepView::draw(App& app, Area area) {
  const Design* design = app.work.current();
  if (design == nullptr || !design->document.scenario()) {
    if (begin_panel("sweep", area)) empty_state("Nothing to sweep", "Open a scenario first.");
    end_panel();
    return;
  }
  if (draw_drill_veil(app, area, false)) return;
  const ScenarioConfig& config = design->document.scenario()->config;
  const float wanted = std::clamp(area.width() * 0.27f, px(300), px(400));
  const Area left = area.cut_left(std::min(wanted, area.width() * 0.46f));
  area.cut_left(px(6));
  if (begin_panel("sweep.choices", left, "What to sweep", false)) {
    // Start stays in sight while the rest scrolls.
    const float start = ImGui::GetFrameHeight() + px(model_.running() ? 46 : 12);
    const float room = ImGui::GetContentRegionAvail().y - start;
    ImGui::BeginChild("choices", {0, std::min(room, choices_height_)}, false,
                      ImGuiWindowFlags_NoBackground);
    draw_kinds(config, room);
    ImGui::Dummy({0, px(4)});
    draw_choices(config);
    choices_height_ = ImGui::GetCursorPosY() + px(6);
    ImGui::EndChild();
    draw_start(app, config);
  }
  end_panel();
  if (begin_panel("sweep.picture", area, "", false)) draw_picture(app);
  end_panel();
}

void SweepView::draw_kinds(const ScenarioConfig& config, float room) {
  const float width = ImGui::GetContentRegionAvail().x;
  const bool briefly = room < px(440);  // a hint tells the rest
  const float pad = briefly ? px(4) : px(9);
  for (const KindText& text : kinds) {
    const std::string reason = why_not(text.kind, config);
    const bool fits = reason.empty();
    const bool told = !briefly || !fits;  // why it cannot be swept is told in any case
    const bool chosen = wish_.kind == text.kind;
    const std::string about = fits ? text.about : reason;
    ImGui::PushFont(face(Face::small));
    const float small =
        told ? ImGui::CalcTextSize(about.c_str(), nullptr, false, width - 2 * pad).y : 0;
    ImGui::PopFont();
    const float height = ImGui::GetTextLineHeight() + small + 2 * pad;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const std::string name = "sweep.kind." + std::string(name_of(text.kind));
    if (ImGui::InvisibleButton(name.c_str(), {width, height}) && fits) wish_.kind = text.kind;
    mark(name);
    mark_text(name, fits ? "fits" : reason);
    const bool hovered = ImGui::IsItemHovered() && fits;
    if (!told && ImGui::IsItemHovered()) hint(about);
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 to{at.x + width, at.y + height};
    const Tint ground = chosen ? Tint::accent : Tint::raised;
    if (fits)
      list->AddRectFilled(at, to, colour(ground, chosen ? 0.16f : hovered ? 0.9f : 0.5f), px(5));
    if (chosen) list->AddRect(at, to, colour(Tint::accent), px(5), 0, px(1.5f));
    if (!fits) list->AddRect(at, to, colour(Tint::line), px(5));
    list->AddText(face(Face::strong), face(Face::strong)->FontSize,
                  {at.x + pad, at.y + pad - px(1)}, colour(fits ? Tint::text : Tint::faint),
                  text.title);
    if (!told) continue;
    mark_area(name + ".about", {at.x, at.y + pad + ImGui::GetTextLineHeight()}, to);
    list->AddText(face(Face::small), face(Face::small)->FontSize,
                  {at.x + pad, at.y + pad + ImGui::GetTextLineHeight() + px(1)},
                  colour(Tint::faint), about.c_str(), nullptr, width - 2 * pad);
  }
  // What was chosen before may not fit what is open now.
  if (!why_not(wish_.kind, config).empty()) wish_.kind = SweepKind::parameter;
}

void SweepView::draw_choices(const ScenarioConfig& config) {
  const auto row = [](const char* title) {
    ImGui::AlignTextToFramePadding();
    say(title, Tint::faint, Face::small);
    ImGui::SameLine(px(choices_from));
  };
  if (wish_.kind == SweepKind::parameter) draw_parameter_choices(config);
  row("seeds");
  for (const std::int64_t count : {1, 5, 20, 50}) {
    const std::string text = std::to_string(count);
    if (count > 1) beside_or_below("", text.c_str(), px(choices_from));
    if (tool_button(("sweep.seeds." + text).c_str(), "", text.c_str(),
                    "So many seeds from the scenario's first on; more make intervals narrow", true,
                    wish_.seeds == count)) {
      wish_.seeds = count;
    }
  }
  if (is_crash(wish_.kind)) draw_crash_choices(config);
  row("run length");
  struct Length {
    const char* text;
    Duration length;
  };
  for (const Length& one : {Length{"", config.duration}, Length{"1min", minutes(1)},
                            Length{"2min", minutes(2)}, Length{"5min", minutes(5)}}) {
    const bool own = *one.text == '\0';
    if (!own && one.length >= config.duration) continue;
    const std::string name = "sweep.length." + std::string(own ? "own" : one.text);
    const std::string text = own ? to_short_text(config.duration) : one.text;
    if (!own) beside_or_below("", text.c_str(), px(choices_from));
    if (tool_button(name.c_str(), "", text.c_str(),
                    own ? "As the scenario says" : "Shorter runs: rough, and there soon", true,
                    wish_.duration == one.text)) {
      wish_.duration = one.text;
    }
  }
}

void SweepView::draw_crash_choices(const ScenarioConfig& config) {
  const auto row = [](const char* title) {
    ImGui::AlignTextToFramePadding();
    say(title, Tint::faint, Face::small);
    ImGui::SameLine(px(choices_from));
  };
  row("instants");
  for (const std::int64_t count : {10, 20, 40, 100}) {
    const std::string text = std::to_string(count);
    if (count > 10) beside_or_below("", text.c_str(), px(choices_from));
    if (tool_button(("sweep.instants." + text).c_str(), "", text.c_str(),
                    "Crashes of each seed, evenly over the run", true, wish_.instants == count)) {
      wish_.instants = count;
    }
  }
  row("followed for");
  for (const Duration horizon : {seconds(30), seconds(90), minutes(3)}) {
    const std::string text = to_text(horizon);
    if (horizon > seconds(30)) beside_or_below("", text.c_str(), px(choices_from));
    if (tool_button(("sweep.horizon." + text).c_str(), "", text.c_str(),
                    "How long each crash is watched", true, wish_.horizon == horizon)) {
      wish_.horizon = horizon;
    }
  }
  row("failure");
  const std::vector<std::size_t> movable = movable_faults(config);
  if (movable.empty()) {
    wish_.fault.reset();
    say_wrapped("the primary's host is lost", Tint::text, Face::small);
    return;
  }
  if (!wish_.fault || std::find(movable.begin(), movable.end(), *wish_.fault) == movable.end()) {
    wish_.fault = movable.front();
  }
  ImGui::SetNextItemWidth(-1);
  if (ImGui::BeginCombo("###fault", fault_text(config.faults[*wish_.fault]).c_str())) {
    for (const std::size_t fault : movable) {
      const std::string label = fault_text(config.faults[fault]) + "##" + std::to_string(fault);
      if (ImGui::Selectable(label.c_str(), fault == *wish_.fault)) wish_.fault = fault;
    }
    ImGui::EndCombo();
  }
  mark("sweep.fault");
}

std::string SweepView::missing(const ScenarioConfig&) const {
  if (wish_.kind != SweepKind::parameter) return "";
  if (wish_.axis.path.empty()) return "Choose a parameter first.";
  if (values_[0] == '\0') return "Give it values, with commas between them.";
  return "";
}

SweepAsked SweepView::asked_now(const App& app) const {
  SweepAsked asked = wish_;
  const Design& design = *app.work.designs[app.work.active];
  asked.file = design.document.path();
  asked.text = design.document.text();
  asked.jobs = std::max(1u, default_jobs() / 2);
  if (!is_crash(asked.kind)) asked.fault.reset();
  asked.axis.values.clear();
  std::string value;
  for (const char* at = values_;; ++at) {
    if (*at != ',' && *at != '\0') {
      if (*at != ' ' || !value.empty()) value += *at;
      continue;
    }
    while (value.ends_with(' ')) value.pop_back();
    if (!value.empty()) asked.axis.values.push_back(value);
    value.clear();
    if (*at == '\0') break;
  }
  asked.figure = {metric_, aggregation_};
  return asked;
}

void SweepView::draw_start(App& app, const ScenarioConfig& config) {
  if (model_.running()) {
    if (tool_button("sweep.cancel", icon::close, "Cancel", "Keeps what is finished")) {
      model_.cancel();
    }
    ImGui::Dummy({0, px(2)});
    const auto whole = static_cast<float>(std::max<std::uint64_t>(1, model_.whole()));
    progress_bar(static_cast<float>(model_.done()) / whole, progress_text(model_));
    return;
  }
  const Design& design = *app.work.designs[app.work.active];
  std::string why = missing(config);
  if (!design.document.sound()) why = "The scenario has a mistake.";
  if (tool_button("sweep.start", icon::play, "Start", why.c_str(), why.empty())) {
    model_.start(asked_now(app), config, app.work.wake);
  }
  if (!why.empty()) {
    ImGui::SameLine(0, px(10));
    ImGui::AlignTextToFramePadding();
    say(why, Tint::faint, Face::small);
  }
}

void SweepView::draw_picture(App& app) {
  const auto picture = model_.newest();
  const bool shown = picture != nullptr && picture->has(wish_.kind);
  const float below = ImGui::GetFrameHeight() + px(12);
  if (picture != nullptr && !picture->errors.empty() && picture->kind == wish_.kind) {
    say(std::string(icon::error) + "  This cannot be swept", Tint::bad, Face::strong);
    for (const Error& error : picture->errors) say_wrapped(to_text(error), Tint::text);
    mark_text("sweep.error", to_text(picture->errors.front()));
    return;
  }
  if (!shown) {
    ImGui::BeginChild("empty", {0, -below}, false, ImGuiWindowFlags_NoBackground);
    if (model_.running() && model_.asked().kind == wish_.kind) {
      empty_state("The first cells are under way", progress_text(model_));
    } else {
      empty_state(title_of_kind(wish_.kind),
                  "Start draws it, cell by cell. Nothing of the scenario is changed.");
    }
    ImGui::EndChild();
    draw_exports(app, nullptr);
    return;
  }
  SweepPicture as_wished = *picture;
  as_wished.kind = wish_.kind;
  const std::string sentence = as_wished.sentence();
  ImGui::BeginChild("drawn", {0, -below}, false, ImGuiWindowFlags_NoBackground);
  say_wrapped(sentence, Tint::text, Face::strong);
  mark("sweep.sentence");
  mark_text("sweep.sentence", sentence);
  const bool whole = picture->complete && !model_.running();
  std::string state = whole ? "" : model_.running() ? "So far: " + progress_text(model_) : "";
  if (!whole && !model_.running()) state = "Cancelled: of the cells that were finished.";
  const Design& design = *app.work.designs[app.work.active];
  if (model_.asked().text != design.document.text() ||
      model_.asked().file != design.document.path()) {
    state += state.empty() ? "" : " ";
    state += "Of the scenario as it was when the sweep began.";
  }
  if (!state.empty()) say_wrapped(state, Tint::warning, Face::small);
  mark_text("sweep.state", state);
  ImGui::Dummy({0, px(4)});
  const float high = std::max(ImGui::GetContentRegionAvail().y, px(picture_high));
  ImGui::BeginChild("sheet", {0, high}, false,
                    ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoScrollbar |
                        ImGuiWindowFlags_NoScrollWithMouse);
  switch (wish_.kind) {
    case SweepKind::lag_threshold:
      draw_lag_threshold(*picture->lag_threshold);
      break;
    case SweepKind::data_loss:
      draw_data_loss(*picture->data_loss);
      break;
    case SweepKind::outage:
      draw_outages(*picture->outages);
      break;
    case SweepKind::parameter:
      draw_parameter(*picture->parameter);
      break;
  }
  ImGui::EndChild();
  ImGui::EndChild();
  draw_exports(app, picture.get());
}

std::string SweepView::command_line(const App& app) const {
  const Design* design = app.work.current();
  if (design == nullptr || !design->document.scenario()) return "";
  const auto picture = model_.newest();
  if (picture != nullptr && picture->has(wish_.kind)) {
    return model_.command_line(wish_.kind, design->document);
  }
  const ScenarioConfig& config = design->document.scenario()->config;
  if (!missing(config).empty()) return "";
  return once_saved(sweep_command_line(asked_now(app), config), design->document.saved());
}

void SweepView::draw_exports(App& app, const SweepPicture* picture) {
  const std::string& document = model_.asked().file;
  const bool ready = picture != nullptr;
  if (tool_button("sweep.export_svg", icon::save, "SVG", "The picture as a file ...", ready)) {
    const std::string svg = picture->svg(wish_.kind);
    app.start.ask_for_path({"Save the picture", "Save", ".svg",
                            picture_path(document, wish_.kind, ".svg"),
                            [svg](App& to, const std::string& path) {
                              if (!write_text(path, svg)) return "Cannot write " + path;
                              to.tell("Wrote " + path);
                              return std::string();
                            }});
  }
  ImGui::SameLine(0, px(4));
  if (tool_button("sweep.export_png", icon::camera, "PNG", "What the window shows, as a file ...",
                  ready)) {
    app.start.ask_for_path({"Save a picture of the view", "Save", ".png",
                            picture_path(document, wish_.kind, ".png"),
                            [](App& to, const std::string& path) {
                              to.take_picture(path);
                              return std::string();
                            }});
  }
}

}  // namespace longhaul
