#include "gui/views/build_view.h"

#include <GLFW/glfw3.h>
#include <imgui.h>

#include <algorithm>
#include <utility>

#include "gui/app.h"
#include "gui/views/drill_veil.h"
#include "gui/views/scenario_map.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/fit_text.h"
#include "gui/widgets/marks.h"
#include "run/catalogue.h"

namespace longhaul {
namespace {

// The path that a warning begins with, if it does.
std::string path_of(const std::string& warning) {
  const std::string path = warning.substr(0, warning.find(": "));
  const bool is_path = path.size() < warning.size() && path.find(' ') == std::string::npos;
  return is_path ? path : std::string();
}

std::string primary_region(const ScenarioConfig& config) {
  for (const NodeConfig& node : config.topology.nodes) {
    if (node.role == NodeRole::primary) return node.region;
  }
  return config.topology.regions.empty() ? std::string() : config.topology.regions.front();
}

}  // namespace

void BuildView::refresh(App& app) {
  const Design& design = *app.work.current();
  const Document& document = design.document;
  if (shown_design_ == &design && shown_revision_ == document.revision()) return;
  if (shown_design_ != &design) map_ = {};
  shown_design_ = &design;
  shown_revision_ = document.revision();

  shown_scenario_ = document.scenario();
  const Scenario& scenario = *shown_scenario_;
  content_ = scenario_map(scenario);
  add_catalogue(content_);
  problems_.clear();
  for (const Error& error : document.errors()) {
    problems_.push_back({true, error.path, to_text(error)});
  }
  for (const std::string& warning : scenario.warnings) {
    problems_.push_back({false, path_of(warning), warning});
  }

  const Catalogue& catalogue = Catalogue::builtin();
  const std::string home = primary_region(scenario.config);
  offers_.clear();
  for (std::size_t i = 0; i < catalogue.regions().size(); ++i) {
    const Region& region = catalogue.regions()[i];
    Offer offer;
    offer.region = i;
    if (region.id != home) {
      if (const auto pair = catalogue.between(home, region.id)) {
        offer.rtt_us = pair.value().rtt_us;
        offer.estimate = pair.value().estimate;
      }
    }
    offer.words = region.id + " " + region.name + " " + region.city + " " + region.country;
    std::transform(offer.words.begin(), offer.words.end(), offer.words.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    offers_.push_back(std::move(offer));
  }
  std::stable_sort(offers_.begin(), offers_.end(),
                   [](const Offer& a, const Offer& b) { return a.rtt_us < b.rtt_us; });
}

bool BuildView::has_problem(const std::string& path, bool& wrong) const {
  bool found = false;
  for (const Problem& problem : problems_) {
    if (!problem.path.starts_with(path) || path.empty()) continue;
    const std::string rest = problem.path.substr(path.size());
    if (!rest.empty() && rest[0] != '.' && rest[0] != '[') continue;
    found = true;
    wrong = wrong || problem.wrong;
  }
  return found;
}

// What the inspector should show for a path: the object around a single value.
std::string BuildView::shown_by(const std::string& path) const {
  const auto& config = shown_scenario_->config;
  std::string at = path;
  for (; !at.empty(); at = parent_path(at)) {
    const auto place = find_place(ScenarioConfig::fields(), &config, at);
    if (place && place->type->kind == FieldKind::object && place->value != nullptr) return at;
    if (at.starts_with("expect")) return "expect";
  }
  return at;
}

void BuildView::take(App& app, const EditAnswer& answer) {
  if (answer.error) {
    app.tell(std::string(icon::error) + "  " + to_text(*answer.error), Tint::bad);
    return;
  }
  if (!answer.path.empty()) app.work.selection.path = answer.path;
  if (!answer.note.empty()) app.tell(answer.note);
}

void BuildView::add(App& app, Addition what, const std::string& region) {
  take(app, what(app.work.current()->document, region));
}

void BuildView::ask_to_add(App& app, Addition what) {
  app.work.mode = Mode::build;
  asked_ = what;
  if (!region_.empty()) return;
  finds_ = true;
  shows_offers_ = true;
  app.tell("Where? Type a region and press Enter, or click one on the map; Escape leaves it.");
}

void BuildView::add_what_was_asked(App& app) {
  if (asked_ == nullptr) return;
  if (ImGui::IsKeyPressed(GLFW_KEY_ESCAPE)) asked_ = nullptr;
  if (asked_ == nullptr || region_.empty()) return;
  const Addition what = std::exchange(asked_, nullptr);
  const EditAnswer answer = what(app.work.current()->document, region_);
  take(app, answer);
  if (!answer.error && answer.note.empty()) app.tell("Added in " + region_);
}

void BuildView::draw_canvas(App& app, Area area) {
  if (begin_panel("build.canvas", area, "", false)) {
    if (!app.work.current()->document.sound()) draw_mistakes(app, area);
    const MapAnswer answer = draw_map("build.map", area, content_, map_, app.work.selection.path);
    if (!answer.clicked_path.empty()) app.work.selection.path = answer.clicked_path;
    if (!answer.clicked_region.empty()) region_ = answer.clicked_region;
    if (!answer.dropped_path.empty()) {
      take(app,
           move_thing(app.work.current()->document, answer.dropped_path, answer.dropped_region));
    }
    if (!answer.brought_region.empty()) {
      region_ = answer.brought_region;
      menu_region_ = answer.brought_region;
      menu_path_.clear();
      ImGui::OpenPopup("build.menu");
    }
    if (!answer.right_clicked_region.empty() || !answer.right_clicked_path.empty()) {
      menu_region_ = answer.right_clicked_region;
      menu_path_ = answer.right_clicked_path;
      ImGui::OpenPopup("build.menu");
    }
    ImGui::SetCursorScreenPos({area.from.x + px(10), area.from.y + px(10)});
    if (map_.zoom > 0 && tool_button("build.fit", icon::search, "Show everything",
                                     "All regions of the scenario; also a double click on the "
                                     "sea")) {
      map_.zoom = 0;
    }
    draw_menu(app);
  }
  end_panel();
}

// Above the map while the text has mistakes: that it shows another text, and the ways out. Leaves
// `area` to the map.
void BuildView::draw_mistakes(App& app, Area& area) {
  Document& document = app.work.current()->document;
  const Error& first = document.errors().front();
  const std::size_t count = document.errors().size();
  const std::string mistakes = count == 1 ? "1 mistake" : std::to_string(count) + " mistakes";
  std::string title = "The map shows the last sound version: " + mistakes + " in the text";
  const ImVec2 pad{px(12), px(8)};
  const float gap = ImGui::GetStyle().ItemSpacing.y;
  const float sign = px(24);
  const float room = area.width() - px(16) - 2 * pad.x - sign;
  const auto height_of = [&](const std::string& text, Face with) {
    ImGui::PushFont(face(with));
    const float height = ImGui::CalcTextSize(text.c_str(), nullptr, false, room).y;
    ImGui::PopFont();
    return height + gap;
  };
  const float around = ImGui::GetFrameHeight() + 2 * pad.y + px(2);
  float wanted = height_of(title, Face::strong) + height_of(to_text(first), Face::small) + around;
  // In a low window the list of problems alone says what they are.
  const bool briefly = wanted > area.height() * 0.4f;
  if (briefly) {
    title = mistakes + ": this is the last sound version";
    wanted = height_of(title, Face::strong) + around;
  }
  // Within the panel's padding, which clips.
  const float margin = px(8);
  const Area banner =
      area.cut_top(std::min(wanted, area.height() * 0.6f) + 2 * margin).inset(margin);
  ImGui::SetCursorScreenPos(banner.from);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, pad);
  ImGui::PushStyleVar(ImGuiStyleVar_ChildBorderSize, px(1.5f));
  ImGui::PushStyleColor(ImGuiCol_Border, colour(Tint::bad));
  ImGui::PushStyleColor(ImGuiCol_ChildBg, colour(Tint::panel));
  ImGui::BeginChild("build.mistakes", {banner.width(), banner.height()}, true);
  say(icon::error, Tint::bad);
  ImGui::SameLine(pad.x + sign);
  ImGui::BeginGroup();
  say_wrapped(title, Tint::text, Face::strong);
  if (!briefly) say_wrapped(to_text(first), Tint::text, Face::small);
  mark_text("build.mistakes", title + "\n" + to_text(first));
  if (tool_button("build.mistakes.show", icon::right, count == 1 ? "Show it" : "Show the first",
                  "In the inspector, where it can be mended")) {
    app.work.selection.path = shown_by(first.path);
    editor_.reveal(first.path);
  }
  ImGui::SameLine(0, px(6));
  if (tool_button("build.mistakes.undo", icon::undo, "Undo", "Takes the last edit back  Ctrl+Z",
                  document.can_undo())) {
    document.undo();
  }
  ImGui::EndGroup();
  ImGui::EndChild();
  mark_area("build.mistakes", banner.from, banner.to);
  ImGui::PopStyleColor(2);
  ImGui::PopStyleVar(2);
}

void BuildView::draw_menu(App& app) {
  if (!ImGui::BeginPopup("build.menu")) return;
  Document& document = app.work.current()->document;
  const auto item = [](const char* name, const char* sign, const std::string& text) {
    const bool chosen = ImGui::MenuItem((std::string(sign) + "  " + text + "##" + name).c_str());
    mark(name);
    return chosen;
  };
  if (!menu_path_.empty()) {
    const std::string name = menu_path_.substr(menu_path_.rfind('.') + 1);
    say(name, Tint::faint, Face::small);
    const bool node = menu_path_.starts_with("topology.nodes.");
    if (node && item("build.menu.make_primary", icon::database, "Make it the primary")) {
      take(app, make_primary(document, menu_path_));
    }
    const bool link = menu_path_.find("links[") != std::string::npos;
    if (!link && item("build.menu.duplicate", icon::copy, "Duplicate")) {
      take(app, duplicate_thing(document, menu_path_));
    }
    if (item("build.menu.delete", icon::trash, "Delete")) {
      take(app, remove_thing(document, menu_path_));
    }
    if (!menu_region_.empty()) ImGui::Separator();
  }
  if (!menu_region_.empty()) {
    const Region* region = Catalogue::builtin().find(menu_region_);
    say(region != nullptr ? region->name + "  " + menu_region_ : menu_region_, Tint::faint,
        Face::small);
    if (item("build.menu.add_replica", icon::database, "Add a replica here")) {
      add(app, add_replica, menu_region_);
    }
    if (item("build.menu.add_app", icon::server, "Add an application here")) {
      add(app, add_app, menu_region_);
    }
    if (item("build.menu.add_users", icon::users, "Add users here")) {
      add(app, add_users, menu_region_);
    }
    if (ImGui::BeginMenu((std::string(icon::branch) + "  Set the link to").c_str())) {
      for (const std::string& other : document.scenario()->config.topology.regions) {
        if (other == menu_region_) continue;
        if (item(("build.menu.connect." + other).c_str(), "", other)) {
          take(app, connect_regions(document, menu_region_, other));
        }
      }
      ImGui::EndMenu();
    }
    mark("build.menu.connect");
  }
  ImGui::EndPopup();
}

void BuildView::draw_problems(App& app, Area area) {
  if (begin_panel("problems", area)) {
    const auto count = [&](bool wrong) {
      return std::count_if(problems_.begin(), problems_.end(),
                           [&](const Problem& problem) { return problem.wrong == wrong; });
    };
    mark_text("problems", std::to_string(count(true)) + " errors, " + std::to_string(count(false)) +
                              " warnings");
    if (problems_.empty()) {
      const auto& scenario = app.work.current()->document.scenario();
      const std::size_t estimates = scenario->estimates.size();
      say(std::string(icon::good) + "  No problems", Tint::good, Face::small);
      if (estimates > 0) {
        ImGui::SameLine(0, px(16));
        const std::string note =
            "~  " + std::to_string(estimates) +
            (estimates == 1 ? " round trip is an estimate" : " round trips are estimates") +
            ", dashed on the map";
        const float room = ImGui::GetContentRegionAvail().x;
        draw_fitted(ImGui::GetWindowDrawList(), face(Face::small), ImGui::GetCursorScreenPos(),
                    colour(Tint::faint), note, room);
        ImGui::Dummy({room, face(Face::small)->FontSize});
        if (ImGui::IsItemHovered()) hint(note);
      }
    }
    for (std::size_t i = 0; i < problems_.size(); ++i) {
      const Problem& problem = problems_[i];
      ImGui::PushID(static_cast<int>(i));
      const Tint tint = problem.wrong ? Tint::bad : Tint::warning;
      const ImVec2 from = ImGui::GetCursorScreenPos();
      const float width = ImGui::GetContentRegionAvail().x;
      ImGui::PushFont(face(Face::small));
      const float wrap = width - px(28);
      const ImVec2 size = ImGui::CalcTextSize(problem.text.c_str(), nullptr, false, wrap);
      if (ImGui::Selectable("##problem", false, 0, {width, size.y})) {
        app.work.selection.path = shown_by(problem.path);
        editor_.reveal(problem.path);
      }
      mark("problems." + std::to_string(i));
      mark_text("problems." + std::to_string(i), problem.text);
      ImDrawList* list = ImGui::GetWindowDrawList();
      ImFont* font = face(Face::small);
      list->AddText(font, font->FontSize, from, colour(tint),
                    problem.wrong ? icon::error : icon::warning);
      list->AddText(font, font->FontSize, {from.x + px(24), from.y}, colour(Tint::text),
                    problem.text.c_str(), nullptr, wrap);
      ImGui::PopFont();
      ImGui::PopID();
    }
  }
  end_panel();
}

// What is there and what could be, below one another or, in a low window, one of them.
void BuildView::draw_left(App& app, Area area) {
  if (area.height() < px(420)) {
    if (begin_panel("build.left", area, "", !shows_offers_)) {
      if (tool_button("build.left.outline", "", "Scenario", "", true, !shows_offers_)) {
        shows_offers_ = false;
      }
      ImGui::SameLine(0, px(4));
      if (tool_button("build.left.regions", "", "Regions", "", true, shows_offers_)) {
        shows_offers_ = true;
      }
      if (shows_offers_) {
        draw_catalogue(app);
      } else {
        draw_outline(app);
      }
    }
    end_panel();
    return;
  }
  const float most = area.height() * 0.7f / current_scale();
  const Area offers = area.cut_bottom(px(std::min(offers_height_, most)));
  splitter("build.split_offers", area.cut_bottom(px(6)), false, offers_height_, 160, 620, true);
  if (begin_panel("build.outline", area, "Scenario")) draw_outline(app);
  end_panel();
  if (begin_panel("build.catalogue", offers, "Regions", false)) draw_catalogue(app);
  end_panel();
}

void BuildView::draw(App& app, Area area) {
  Design* design = app.work.current();
  if (design == nullptr || draw_drill_veil(app, area, false)) return;
  if (!design->document.scenario()) {
    if (begin_panel("build", area)) {
      empty_state("This text has no sound scenario yet",
                  to_text(design->document.errors().front()));
    }
    end_panel();
    return;
  }
  mark_area("build", area.from, area.to);
  add_what_was_asked(app);
  refresh(app);
  const float gap = px(6);
  const float line = face(Face::small)->FontSize + ImGui::GetStyle().ItemSpacing.y;
  const auto rows = static_cast<float>(std::clamp<std::size_t>(problems_.size() * 2, 1, 6));
  const float most = std::max(px(150), area.width() * 0.3f) / current_scale();

  Area left = area.cut_left(px(std::min(left_, most)));
  splitter("build.split_left", area.cut_left(gap), true, left_, 200, 460);
  const Area right = area.cut_right(px(std::min(right_, most)));
  splitter("build.split_right", area.cut_right(gap), true, right_, 260, 560, true);
  const Area below = area.cut_bottom(rows * line + px(22));
  area.cut_bottom(gap);

  draw_left(app, left);
  draw_canvas(app, area);
  draw_inspector(app, right);
  draw_problems(app, below);

  const std::string& path = app.work.selection.path;
  const bool may_go = path.starts_with("topology.nodes.") || path.starts_with("topology.apps.") ||
                      path.starts_with("topology.caches.") || path.starts_with("topology.links[") ||
                      path.starts_with("workload.") || path.starts_with("faults[") ||
                      path.starts_with("data.");
  if (may_go && !ImGui::GetIO().WantTextInput &&
      ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Delete), false)) {
    take(app, remove_thing(design->document, path));
  }
}

}  // namespace longhaul
