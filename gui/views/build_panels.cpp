// The panels beside the map: outline, catalogue, inspector.
#include <imgui.h>

#include <algorithm>
#include <utility>

#include "base/units_text.h"
#include "gui/app.h"
#include "gui/views/build_view.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/fit_text.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"
#include "run/catalogue.h"

namespace longhaul {
namespace {

constexpr const char* providers[] = {"all", "aws", "azure", "gcp", "ibm"};

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

const char* sign_of(const std::string& path) {
  if (path.starts_with("topology.nodes")) return icon::database;
  if (path.starts_with("topology.apps")) return icon::server;
  if (path.starts_with("topology.caches")) return icon::bolt;
  if (path.starts_with("topology.links")) return icon::branch;
  if (path.starts_with("workload")) return icon::users;
  if (path.starts_with("faults")) return icon::bolt;
  return icon::gear;
}

std::string fault_title(const FaultConfig& fault) {
  const FieldTable& table = FaultConfig::fields();
  std::string text;
  for (const char* key : {"at", "kind", "target"}) {
    for (const Field& field : table.fields) {
      const void* value = field.name == key ? field.slot.get(&fault) : nullptr;
      if (value != nullptr) text += (text.empty() ? "" : "  ") + place_text(field.type, value);
    }
  }
  return text;
}

std::string link_title(const LinkConfig& link) {
  const auto code = [](const std::string& id) { return id.substr(id.find(':') + 1); };
  if (link.between.size() == 2) return code(link.between[0]) + " - " + code(link.between[1]);
  return code(link.from.value_or("?")) + " to " + code(link.to.value_or("?"));
}

}  // namespace

void BuildView::outline_row(App& app, const std::string& path, const char* sign,
                            const std::string& text) {
  ImGui::PushID(path.c_str());
  const bool selected = app.work.selection.path == path;
  if (ImGui::Selectable("##row", selected, 0, {0, ImGui::GetTextLineHeight()})) {
    app.work.selection.path = path;
  }
  mark("outline." + path);
  bool wrong = false;
  const bool problem = has_problem(path, wrong);
  ImGui::SameLine(ImGui::GetCursorPosX());
  say(sign, Tint::faint, Face::small);
  ImGui::SameLine(0, px(6));
  ImGui::PushFont(face(Face::small));
  const float room = ImGui::GetContentRegionAvail().x - (problem ? px(22) : 0);
  const std::string shown = fitted(text, room);
  ImGui::PopFont();
  say(shown, Tint::text, Face::small);
  if (shown != text && ImGui::IsItemHovered()) hint(text);
  if (problem) {
    ImGui::SameLine(0, px(6));
    say(wrong ? icon::error : icon::warning, wrong ? Tint::bad : Tint::warning, Face::small);
  }
  ImGui::PopID();
}

void BuildView::outline_list(App& app, const char* title, const std::string& path,
                             const char* sign) {
  const ScenarioConfig& config = app.work.current()->document.scenario()->config;
  const auto place = find_place(ScenarioConfig::fields(), &config, path);
  if (!place || place->value == nullptr) return;
  const std::size_t size = place->type->list.size(place->value);
  bool wrong = false;
  ImGui::PushFont(face(Face::small));
  std::string text = title + std::string("  ") + std::to_string(size);
  if (has_problem(path, wrong)) text += std::string("  ") + (wrong ? icon::error : icon::warning);
  const bool few = size > 0 && size <= 12;
  ImGui::SetNextItemOpen(few && path != "data", ImGuiCond_Once);
  const bool open =
      ImGui::TreeNodeEx((text + "###" + path).c_str(),
                        ImGuiTreeNodeFlags_SpanAvailWidth | ImGuiTreeNodeFlags_OpenOnArrow |
                            (app.work.selection.path == path ? ImGuiTreeNodeFlags_Selected
                                                             : ImGuiTreeNodeFlags_None));
  ImGui::PopFont();
  mark("outline." + path);
  if (ImGui::IsItemClicked() && !ImGui::IsItemToggledOpen()) app.work.selection.path = path;
  if (!open) return;
  const ValueType& element = *place->type->element();
  for (std::size_t i = 0; i < size; ++i) {
    const void* value = place->type->list.at(place->value, i);
    const std::string segment = segment_of(element, value, i);
    std::string name = segment[0] == '.' ? segment.substr(1) : segment;
    if (path == "topology.links") name = link_title(config.topology.links[i]);
    if (path == "faults") name = fault_title(config.faults[i]);
    outline_row(app, path + segment, sign, name);
  }
  ImGui::TreePop();
}

void BuildView::draw_outline(App& app) {
  const ScenarioConfig& config = app.work.current()->document.scenario()->config;
  outline_row(app, "", icon::gear, config.name);
  if (ImGui::IsItemHovered()) hint(config.purpose);
  outline_list(app, "Servers", "topology.nodes", icon::database);
  outline_list(app, "Applications", "topology.apps", icon::server);
  if (!config.topology.caches.empty()) {
    outline_list(app, "Caches", "topology.caches", icon::bolt);
  }
  outline_list(app, "Links", "topology.links", icon::branch);
  outline_list(app, "Users", "workload", icon::users);
  outline_list(app, "Data", "data", icon::copy);
  outline_list(app, "Faults", "faults", icon::bolt);
  outline_row(app, "expect", icon::good, "Expectations  " + std::to_string(config.expect.size()));
  // The blocks of settings, policy first: it is what production loads.
  const auto blocks = [&](const FieldTable& table, const void* object, const std::string& path) {
    for (const FieldPlace& place : places_in(table, object, path)) {
      if (place.type->kind != FieldKind::object || place.value == nullptr) continue;
      if (place.path == "topology" || place.path == "policy") continue;
      outline_row(app, place.path, icon::gear, std::string(place.field->name));
    }
  };
  for (const char* group : {"policy", "settings"}) {
    ImGui::PushFont(face(Face::small));
    const bool open = ImGui::TreeNodeEx(group, ImGuiTreeNodeFlags_SpanAvailWidth);
    ImGui::PopFont();
    mark("outline." + std::string(group));
    if (!open) continue;
    if (group == std::string("policy")) {
      blocks(PolicyConfig::fields(), &config.policy, "policy");
    } else {
      blocks(ScenarioConfig::fields(), &config, "");
    }
    ImGui::TreePop();
  }
}

void BuildView::draw_catalogue(App& app) {
  const float width = ImGui::GetContentRegionAvail().x;
  const bool narrow = width < px(200);
  ImGui::SetNextItemWidth(-1);
  if (std::exchange(finds_, false)) ImGui::SetKeyboardFocusHere();
  const bool enters = ImGui::InputTextWithHint(
      "##search", narrow ? "Find a region" : "Find a region: tokyo, eu-west, gcp ...", search_,
      sizeof search_, ImGuiInputTextFlags_EnterReturnsTrue);
  mark("build.search");
  for (std::size_t i = 0; i < std::size(providers); ++i) {
    ImGui::PushFont(face(Face::small));
    if (i > 0) {
      ImGui::SameLine(0, px(3));
      const float wanted = ImGui::CalcTextSize(providers[i]).x + px(16);
      if (ImGui::GetContentRegionAvail().x < wanted) ImGui::NewLine();
    }
    const std::string name = std::string("build.provider.") + providers[i];
    if (tool_button(name.c_str(), "", providers[i], "", true, provider_ == i)) provider_ = i;
    ImGui::PopFont();
  }
  const float below = ImGui::GetFrameHeightWithSpacing() + px(4);
  const float height = std::max(px(40), ImGui::GetContentRegionAvail().y - below);
  ImGui::PushStyleColor(ImGuiCol_ChildBg, 0);
  ImGui::BeginChild("offers", {0, height});
  const Catalogue& catalogue = Catalogue::builtin();
  const std::string wanted = lower(search_);
  std::size_t shown = 0;
  for (const Offer& offer : offers_) {
    const Region& region = catalogue.regions()[offer.region];
    if (provider_ > 0 && region.provider != providers[provider_]) continue;
    if (offer.words.find(wanted) == std::string::npos) continue;
    shown += 1;
    ImGui::PushID(region.id.c_str());
    const bool first = enters && shown == 1 && !wanted.empty();
    if (ImGui::Selectable("##region", region_ == region.id, 0, {0, ImGui::GetTextLineHeight()}) ||
        first) {
      region_ = region.id;
    }
    mark("build.region." + region.id);
    if (ImGui::BeginDragDropSource(ImGuiDragDropFlags_SourceNoHoldToOpenOthers)) {
      ImGui::SetDragDropPayload(region_payload, region.id.c_str(), region.id.size() + 1);
      say(region.city.empty() ? region.name : region.city);
      say("onto the map: what is to be added there?", Tint::faint, Face::small);
      ImGui::EndDragDropSource();
    }
    if (ImGui::IsItemHovered()) {
      hint(region.name + ", " + region.country + "\n" + region.id + "\nround trip to the primary " +
           to_short_text(microseconds(offer.rtt_us)) + (offer.estimate ? ", an estimate" : "") +
           "\nDrag it onto the map to add something there");
    }
    const std::string rtt =
        offer.rtt_us == 0 ? "here"
                          : (offer.estimate ? "~" : "") + to_short_text(microseconds(offer.rtt_us));
    const float room = ImGui::GetContentRegionMax().x - px(62);
    ImGui::SameLine(px(4));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = face(Face::small);
    const float width = room - px(4);
    const float city = draw_fitted(list, font, at, colour(Tint::text),
                                   region.city.empty() ? region.name : region.city, width);
    draw_fitted(list, font, {at.x + city + px(6), at.y}, colour(Tint::faint), region.code,
                width - city - px(6));
    const float end = ImGui::GetContentRegionMax().x - px(6);
    ImGui::SameLine(end - font->CalcTextSizeA(font->FontSize, 1e6f, 0, rtt.c_str()).x);
    say(rtt, Tint::faint, Face::small);
    ImGui::PopID();
  }
  if (shown == 0) say("No region is called that.", Tint::faint, Face::small);
  ImGui::EndChild();
  ImGui::PopStyleColor();
  const bool picked = !region_.empty();
  const std::string where = picked ? region_ : "a region; pick one above";
  const char* sign = narrow ? "" : icon::plus;
  ImGui::PushFont(face(Face::small));
  if (tool_button("build.add_replica", sign, "replica",
                  ("Add a replica of the primary in " + where).c_str(), picked)) {
    add(app, add_replica, region_);
  }
  ImGui::SameLine(0, px(4));
  if (tool_button("build.add_app", sign, "app", ("Add an application in " + where).c_str(),
                  picked)) {
    add(app, add_app, region_);
  }
  ImGui::SameLine(0, px(4));
  if (tool_button("build.add_users", sign, "users", ("Add users in " + where).c_str(), picked)) {
    add(app, add_users, region_);
  }
  ImGui::PopFont();
}

// What can be done with what is selected.
void BuildView::draw_actions(App& app) {
  Document& document = app.work.current()->document;
  const std::string path = app.work.selection.path;
  const ScenarioConfig& config = document.scenario()->config;
  const auto place = find_place(ScenarioConfig::fields(), &config, path);
  if (!place || place->field != nullptr || place->type->kind != FieldKind::object) return;
  const bool named = place->type->table().named;
  bool replica = false;
  for (const NodeConfig& node : config.topology.nodes) {
    replica = replica || ("topology.nodes." + node.name == path && node.role != NodeRole::primary);
  }
  if (replica) {
    if (tool_button("inspector.make_primary", icon::database, "make primary",
                    "The others follow it from then on")) {
      take(app, make_primary(document, path));
    }
    beside_or_below(icon::copy, "");
  }
  if (named) {
    if (tool_button("inspector.duplicate", icon::copy, "", "Duplicate")) {
      take(app, duplicate_thing(document, path));
    }
    beside_or_below(icon::trash, "");
  }
  if (tool_button("inspector.delete", icon::trash, "", "Delete  Del")) {
    take(app, remove_thing(document, path));
  }
}

void BuildView::draw_inspector(App& app, Area area) {
  if (begin_panel("inspector", area)) {
    std::string& path = app.work.selection.path;
    Design& design = *app.work.current();
    const ScenarioConfig& config = design.document.scenario()->config;
    const auto place = find_place(ScenarioConfig::fields(), &config, path);
    std::string title = path.empty() ? config.name : path.substr(path.find_last_of(".") + 1);
    if (path.starts_with("expect.")) title = path.substr(7);
    say(sign_of(path), Tint::accent, Face::strong);
    ImGui::SameLine(0, px(8));
    say_wrapped(title, Tint::text, Face::strong);
    mark_text("inspector", path);
    if (!path.empty()) {
      ImGui::PushFont(face(Face::small));
      ImGui::PushStyleColor(ImGuiCol_Text, colour(Tint::faint));
      const std::string parent = parent_path(path);
      if (ImGui::Selectable((std::string("\xe2\x86\x90  ") +
                             (parent.empty() ? config.name : parent) + "###parent")
                                .c_str())) {
        path = parent;
      }
      mark("inspector.parent");
      ImGui::PopStyleColor();
      ImGui::PopFont();
      draw_actions(app);
    } else {
      say_wrapped("Pick something on the map or in the outline; this is all of the scenario.",
                  Tint::faint, Face::small);
    }
    ImGui::Separator();
    editor_.draw(design.document, path);
    if (const std::string note = editor_.take_note(); !note.empty()) app.tell(note);
  }
  end_panel();
}

}  // namespace longhaul
