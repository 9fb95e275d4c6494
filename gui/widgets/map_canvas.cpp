#include "gui/widgets/map_canvas.h"

#include <algorithm>
#include <cmath>

#include "gui/widgets/controls.h"
#include "gui/widgets/map_ground.h"
#include "gui/widgets/map_layout.h"
#include "gui/widgets/map_symbols.h"
#include "gui/widgets/marks.h"

namespace longhaul {
namespace {

constexpr float near_enough = 14;  // to a mark, for the mouse
constexpr float reach = 60;        // of an item that is dropped

float distance(ImVec2 a, ImVec2 b) { return std::hypot(a.x - b.x, a.y - b.y); }

void put_text(ImDrawList* list, ImVec2 at, Face with, ImU32 ink, std::string_view text) {
  ImFont* font = face(with);
  list->AddText(font, font->FontSize, at, ink, text.data(), text.data() + text.size());
}

class Drawing {
 public:
  Drawing(const char* id, Area area, const MapContent& content, MapState& state,
          const std::string& selected)
      : id_(id), area_(area), content_(content), state_(state), selected_(selected) {}

  MapAnswer run() {
    ImGui::SetCursorScreenPos(area_.from);
    ImGui::InvisibleButton(id_, {std::max(1.0f, area_.width()), std::max(1.0f, area_.height())},
                           ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight |
                               ImGuiButtonFlags_MouseButtonMiddle);
    mark(id_);
    ImGui::SetItemAllowOverlap();  // buttons may lie over it
    hovered_ = ImGui::IsItemHovered();
    active_ = ImGui::IsItemActive();
    take_region();
    mouse_ = ImGui::GetIO().MousePos;
    list_ = ImGui::GetWindowDrawList();
    look();
    list_->PushClipRect(area_.from, area_.to, false);  // beyond the panel's padding
    list_->AddRectFilled(area_.from, area_.to, colour(Tint::ground));
    draw_ground(list_, view_);
    layout_ = lay_out_map(content_, view_, state_.memory, ImGui::GetTime());
    find_hovered();
    draw_faint_places();
    draw_ways();
    draw_leaders();
    draw_markers();
    draw_way_labels();
    draw_cards();
    draw_hidden();
    act();
    draw_brought();
    list_->PopClipRect();
    return answer_;
  }

 private:
  // ---- What is seen

  float whole() const { return area_.width() / world_width; }

  void look() {
    if (state_.zoom <= 0) {
      view_ = fitting_view(content_, area_);
    } else {
      view_ = {area_, {state_.x, state_.y}, state_.zoom * whole()};
    }
    const ImGuiIO& io = ImGui::GetIO();
    if (hovered_ && io.MouseWheel != 0) {
      const PlanePoint under = view_.from(mouse_);
      const float zoom = std::clamp(view_.scale / whole() * std::pow(1.2f, io.MouseWheel),
                                    map_zoom_least, map_zoom_most);
      view_.scale = zoom * whole();
      const PlanePoint now = view_.from(mouse_);
      keep({view_.centre.x + under.x - now.x, view_.centre.y + under.y - now.y});
    }
    const bool drags = active_ && state_.pressed.empty() &&
                       (ImGui::IsMouseDragging(ImGuiMouseButton_Left, px(4)) ||
                        ImGui::IsMouseDragging(ImGuiMouseButton_Middle, 0));
    if (drags || (state_.moves && active_)) {
      state_.moves = true;
      keep({view_.centre.x - io.MouseDelta.x / view_.scale,
            view_.centre.y + io.MouseDelta.y / view_.scale});
    }
  }

  void keep(PlanePoint centre) {
    view_.centre = centre;
    view_ = within_world(view_);
    state_.x = view_.centre.x;
    state_.y = view_.centre.y;
    state_.zoom = view_.scale / whole();
  }

  // ---- What is under the mouse

  const MapCard* card_at(ImVec2 p) const {
    for (const MapCard& card : layout_.cards) {
      const LabelBox& b = card.box;
      if (p.x >= b.x && p.x < b.x + b.width && p.y >= b.y && p.y < b.y + b.height) return &card;
    }
    return nullptr;
  }

  const MapItem* item_at(const MapCard& card, ImVec2 p) const {
    for (std::size_t i = 0; i < card.items.size(); ++i) {
      const LabelBox& b = card.items[i];
      const bool has = p.x >= b.x && p.x < b.x + b.width && p.y >= b.y && p.y < b.y + b.height;
      if (has) return &content_.places[card.place].items[i];
    }
    return nullptr;
  }

  const MapPlace* place_at(ImVec2 p, float within) const {
    const MapPlace* nearest = nullptr;
    float least = within;
    for (const MapPlace& place : content_.places) {
      // What runs comes before what is only known.
      const float far = distance(p, pixel_of(place, view_)) + (place.faint ? px(3) : 0);
      if (far >= least) continue;
      least = far;
      nearest = &place;
    }
    return nearest;
  }

  void find_hovered() {
    if (!hovered_ && !active_) return;
    if (const MapCard* card = card_at(mouse_)) {
      hovered_detail_ = card->detail;
      hovered_place_ = &content_.places[card->place];
      hovered_item_ = item_at(*card, mouse_);
      return;
    }
    hovered_place_ = place_at(mouse_, px(near_enough));
    if (hovered_place_ != nullptr) return;
    float least = px(7);
    for (std::size_t i = 0; i < layout_.ways.size(); ++i) {
      for (const auto& piece : layout_.ways[i].pieces) {
        const float far = distance_to(piece, mouse_);
        if (far >= least) continue;
        least = far;
        hovered_way_ = &content_.ways[i];
      }
    }
  }

  // ---- Drawing

  void draw_faint_places() {
    const bool names = view_.scale / whole() > 5;
    std::vector<LabelBox> taken;
    for (const MapCard& card : layout_.cards) taken.push_back(card.box);
    for (const MapPlace& place : content_.places) {
      if (!place.faint) continue;
      const ImVec2 at = pixel_of(place, view_);
      if (!area_.has(at)) continue;
      const bool here = &place == hovered_place_;
      list_->AddCircleFilled(at, px(here ? 4 : 2.2f), colour(Tint::faint, here ? 1 : 0.55f),
                             here ? 0 : 6);
      mark_area("map.region." + place.region, {at.x - px(5), at.y - px(5)},
                {at.x + px(5), at.y + px(5)});
      if (!names || here) continue;
      const ImVec2 size = text_size(Face::small, place.title);
      const LabelBox box{at.x + px(6), at.y - size.y / 2, size.x, size.y};
      const auto covers = [&](const LabelBox& other) { return overlap(box, other) > 0; };
      if (std::any_of(taken.begin(), taken.end(), covers)) continue;
      taken.push_back(box);
      put_text(list_, {box.x, box.y}, Face::small, colour(Tint::faint, 0.8f), place.title);
    }
  }

  void draw_ways() {
    for (std::size_t i = 0; i < layout_.ways.size(); ++i) {
      const MapWay& way = content_.ways[i];
      const bool strong = &way == hovered_way_ || (!way.path.empty() && way.path == selected_);
      float width = px(way.replication ? 3.2f : 1.6f);
      if (strong) width += px(1.5f);
      const ImU32 ink = way.cut           ? colour(Tint::bad)
                        : strong          ? colour(Tint::accent)
                        : way.replication ? category(way.series)
                                          : colour(Tint::faint, 0.75f);
      for (const auto& piece : layout_.ways[i].pieces) {
        if (way.estimate || way.cut) {
          draw_dashes(list_, piece, ink, width, px(way.cut ? 4 : 9), px(way.cut ? 5 : 6));
        } else {
          list_->AddPolyline(piece.data(), static_cast<int>(piece.size()), ink, 0, width);
        }
        if (way.flow > 0 && !way.cut) draw_flow(piece, way);
      }
      if (way.replication && !way.cut && !layout_.ways[i].pieces.empty()) {
        draw_arrow(list_, layout_.ways[i].pieces.back(), ink);
      }
      if (!way.path.empty() && !layout_.ways[i].pieces.empty()) {
        const ImVec2 middle = along(layout_.ways[i].longest(), 0.5f);
        mark_area("map.way." + way.path, {middle.x - px(3), middle.y - px(3)},
                  {middle.x + px(3), middle.y + px(3)});
      }
    }
  }

  void draw_flow(const std::vector<ImVec2>& piece, const MapWay& way) {
    const int dots = std::max(1, static_cast<int>(length_of(piece) / px(26)));
    const float size = px(2.2f + 2.2f * std::min(1.0f, way.flow));
    for (int k = 0; k < dots; ++k) {
      const float share = (static_cast<float>(k) + way.phase) / static_cast<float>(dots);
      const ImVec2 at = along(piece, std::min(1.0f, share));
      list_->AddCircleFilled(at, size + px(1), colour(Tint::ground, 0.8f));
      list_->AddCircleFilled(at, size, colour(Tint::text));
    }
  }

  void draw_way_labels() {
    for (const MapTag& tag : layout_.tags) {
      const MapWay& way = content_.ways[tag.way];
      if (tag.away) {
        draw_leader(tag.at, tag.box);
        list_->AddCircleFilled(tag.at, px(2.5f), colour(Tint::faint));
      }
      draw_pill(list_, {tag.box.x, tag.box.y}, tag.text, way.cut ? Tint::bad : Tint::text,
                way.cut ? Tint::bad : Tint::line);
      mark_text("map.tag." + std::min(way.from, way.to) + "-" + std::max(way.from, way.to),
                tag.text);
    }
  }

  // What is there and has no room.
  void draw_hidden() {
    std::string text;
    const auto add = [&](std::size_t count, const char* one, const char* more) {
      if (count == 0) return;
      text += (text.empty() ? "+" : ", +") + std::to_string(count) + (count == 1 ? one : more);
    };
    add(layout_.hidden_places.size(), " region", " regions");
    add(layout_.hidden_ways.size(), " round trip", " round trips");
    if (text.empty()) return;
    const std::size_t count = layout_.hidden_places.size() + layout_.hidden_ways.size();
    std::optional<ImVec2> corner = free_corner(layout_, area_, pill_size(text));
    if (!corner) {
      text = "+" + std::to_string(count);
      corner = free_corner(layout_, area_, pill_size(text));
    }
    const ImVec2 size = pill_size(text);
    const ImVec2 from = corner.value_or(ImVec2{area_.from.x + px(8), area_.to.y - px(8) - size.y});
    const ImVec2 to{from.x + size.x, from.y + size.y};
    draw_pill(list_, from, text, Tint::faint, Tint::line);
    mark_area("map.hidden", from, to);
    mark_text("map.hidden", text);
    if (!hovered_ || !Area{from, to}.has(mouse_)) return;
    std::string more = "No room in this view; the wheel zooms, a drag moves it:";
    for (const std::size_t place : layout_.hidden_places) {
      more += "\n" + content_.places[place].title;
    }
    for (const std::size_t way : layout_.hidden_ways) {
      more += "\n" + content_.ways[way].from + " - " + content_.ways[way].to + "  " +
              content_.ways[way].text;
    }
    hint(more);
  }

  void draw_leader(ImVec2 at, const LabelBox& box) {
    const PlanePoint end = line_to(box, {at.x, at.y}).end;
    list_->AddLine(at, {end.x, end.y}, colour(Tint::faint, 0.75f), px(1));
  }

  void draw_leaders() {
    for (const MapCard& card : layout_.cards) draw_leader(card.marker, card.box);
  }

  void draw_markers() {
    for (const MapPlace& place : content_.places) {
      if (place.faint) continue;
      const ImVec2 at = pixel_of(place, view_);
      if (!area_.has(at)) continue;
      const bool here = &place == hovered_place_;
      const ImU32 ink = colour(place.dark ? Tint::bad : Tint::accent);
      list_->AddCircleFilled(at, px(here ? 9 : 8), colour(Tint::ground, 0.85f));
      if (place.dark) {
        list_->AddCircle(at, px(6), ink, 0, px(2));
        list_->AddLine({at.x - px(4), at.y - px(4)}, {at.x + px(4), at.y + px(4)}, ink, px(2));
        list_->AddLine({at.x - px(4), at.y + px(4)}, {at.x + px(4), at.y - px(4)}, ink, px(2));
      } else {
        list_->AddCircleFilled(at, px(here ? 6 : 5), ink);
      }
      mark_area("map.region." + place.region, {at.x - px(6), at.y - px(6)},
                {at.x + px(6), at.y + px(6)});
    }
  }

  void draw_cards() {
    for (const MapCard& card : layout_.cards) {
      const MapPlace& place = content_.places[card.place];
      const ImVec2 from{card.box.x, card.box.y};
      const ImVec2 to{from.x + card.box.width, from.y + card.box.height};
      list_->AddRectFilled(from, to, colour(Tint::panel, 0.95f), px(6));
      const bool here = &place == hovered_place_;
      list_->AddRect(from, to,
                     colour(place.dark ? Tint::bad
                            : here     ? Tint::accent
                                       : Tint::line),
                     px(6), 0, px(place.dark ? 1.6f : 1));
      mark_area("map.card." + place.region, from, to);
      ImVec2 at{from.x + px(9), from.y + px(7)};
      if (place.dark) {
        put_text(list_, at, Face::small, colour(Tint::bad), icon::close);
        at.x += px(18);
      }
      const std::string title = card_title(place, card.detail);
      put_text(list_, at, Face::small, colour(place.dark ? Tint::bad : Tint::faint), title);
      if (card.detail == CardDetail::title) {
        draw_trouble_of(place, {to.x, from.y});
        continue;
      }
      for (std::size_t i = 0; i < card.items.size(); ++i) {
        draw_item(place.items[i], card.items[i], card.detail);
      }
      if (place.items.size() <= card_rows_max) continue;
      const std::string more = std::to_string(place.items.size() - card_rows_max);
      if (card.detail == CardDetail::signs) {
        const float width = text_size(Face::small, "+" + more).x;
        put_text(list_, {to.x - width - px(6), from.y + px(7)}, Face::small, colour(Tint::faint),
                 "+" + more);
      } else {
        put_text(list_, {from.x + px(9), to.y - row_height() - px(3)}, Face::small,
                 colour(Tint::faint), "and " + more + " more");
      }
    }
  }

  // On a card that shows none of its items.
  void draw_trouble_of(const MapPlace& place, ImVec2 corner) {
    const auto& items = place.items;
    const auto troubled = [](const MapItem& item) { return item.tint != Tint::text; };
    const auto one = std::find_if(items.begin(), items.end(), troubled);
    if (one != items.end()) draw_small_warning(list_, corner, one->tint);
  }

  void draw_item(const MapItem& item, const LabelBox& box, CardDetail detail) {
    const ImVec2 from{box.x, box.y};
    const ImVec2 to{from.x + box.width, from.y + box.height};
    if (!item.path.empty() && item.path == selected_) {
      list_->AddRectFilled(from, to, colour(Tint::accent, 0.3f), px(4));
    } else if (&item == hovered_item_) {
      list_->AddRectFilled(from, to, colour(Tint::raised), px(4));
    }
    if (!item.path.empty()) {
      mark_area("map.item." + item.path, from, to);
      mark_text("map.item." + item.path, item.text + "  " + item.note);
    }
    const float middle = (from.y + to.y) / 2;
    const bool sign_only = detail == CardDetail::signs;
    draw_symbol(list_, {sign_only ? (from.x + to.x) / 2 : from.x + px(13), middle},
                row_height() - px(5), item.symbol, item.tint, item.struck);
    // Trouble that there is no room to name.
    const bool trouble = item.tint != Tint::text && !item.struck;
    if (sign_only) {
      if (trouble) draw_small_warning(list_, {to.x, from.y}, item.tint);
      return;
    }
    const float top = middle - face(Face::small)->FontSize / 2;
    put_text(list_, {from.x + px(27), top}, Face::small, colour(item.tint), item.text);
    if (detail == CardDetail::names && trouble) {
      const float behind = from.x + px(31) + text_size(Face::small, item.text).x;
      put_text(list_, {behind, top}, Face::small, colour(item.tint), icon::warning);
    }
    if (item.note.empty() || detail != CardDetail::full) return;
    const float note = text_size(Face::small, item.note).x;
    const bool plain = item.tint == Tint::text;
    put_text(list_, {to.x - px(4) - note, top}, Face::small,
             colour(plain ? Tint::faint : item.tint), item.note);
  }

  // ---- What the user does

  void act() {
    if (hovered_place_ != nullptr) answer_.hovered_region = hovered_place_->region;
    const std::string path = hovered_item_ != nullptr  ? hovered_item_->path
                             : hovered_way_ != nullptr ? hovered_way_->path
                                                       : std::string();
    if (hovered_ && ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
      state_.pressed = hovered_item_ != nullptr ? hovered_item_->path : std::string();
      state_.moves = false;
    }
    if (!state_.pressed.empty() && active_ &&
        ImGui::IsMouseDragging(ImGuiMouseButton_Left, px(6))) {
      state_.dragging = state_.pressed;
    }
    if (!state_.dragging.empty()) drag();
    if (ImGui::IsMouseReleased(ImGuiMouseButton_Left)) {
      if (hovered_ && state_.dragging.empty() && !state_.moves && ImGui::IsItemDeactivated()) {
        answer_.clicked_path = path;
        answer_.clicked_region = answer_.hovered_region;
      }
      state_.pressed.clear();
      state_.dragging.clear();
      state_.moves = false;
    }
    if (hovered_ && ImGui::IsMouseReleased(ImGuiMouseButton_Right)) {
      answer_.right_clicked_region = answer_.hovered_region;
      answer_.right_clicked_path = path;
    }
    if (hovered_ && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left) &&
        hovered_place_ == nullptr && hovered_way_ == nullptr) {
      state_.zoom = 0;
    }
    if (hovered_ && !active_) tell();
  }

  void drag() {
    const MapCard* card = card_at(mouse_);
    const MapPlace* target =
        card != nullptr ? &content_.places[card->place] : place_at(mouse_, px(reach));
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    std::string text = state_.dragging.substr(state_.dragging.rfind('.') + 1);
    if (target != nullptr) {
      const ImVec2 at = pixel_of(*target, view_);
      list_->AddCircle(at, px(13), colour(Tint::accent), 0, px(2));
      text += std::string("  ") + icon::right + "  " + target->title;
    }
    draw_pill(list_, {mouse_.x + px(14), mouse_.y + px(4)}, text, Tint::text, Tint::accent);
    if (target == nullptr || !ImGui::IsMouseReleased(ImGuiMouseButton_Left)) return;
    answer_.dropped_path = state_.dragging;
    answer_.dropped_region = target->region;
  }

  // A region that is dragged here from a list: it has a place of its own.
  void take_region() {
    if (!ImGui::BeginDragDropTarget()) return;
    const ImGuiPayload* payload = ImGui::AcceptDragDropPayload(
        region_payload,
        ImGuiDragDropFlags_AcceptBeforeDelivery | ImGuiDragDropFlags_AcceptNoDrawDefaultRect);
    if (payload != nullptr) {
      brought_ = static_cast<const char*>(payload->Data);
      if (payload->IsDelivery()) answer_.brought_region = brought_;
    }
    ImGui::EndDragDropTarget();
  }

  void draw_brought() {
    for (const MapPlace& place : content_.places) {
      if (brought_.empty() || place.region != brought_) continue;
      const ImVec2 at = pixel_of(place, view_);
      list_->AddLine(mouse_, at, colour(Tint::accent), px(1.5f));
      list_->AddCircleFilled(at, px(6), colour(Tint::accent));
      list_->AddCircle(at, px(13), colour(Tint::accent), 0, px(2));
      return;
    }
  }

  void tell() const {
    if (hovered_item_ != nullptr) {
      const MapItem& item = *hovered_item_;
      std::string text = item.hint.empty() ? std::string(symbol_name(item.symbol)) : item.hint;
      if (hovered_detail_ != CardDetail::full) text = item.text + "  " + item.note + "\n" + text;
      hint(text);
    } else if (hovered_place_ != nullptr) {
      const MapPlace& place = *hovered_place_;
      std::string text = place.hint.empty() ? place.title + "\n" + place.region : place.hint;
      for (const MapItem& item : place.items) text += "\n" + item.text + "  " + item.note;
      hint(text);
    } else if (hovered_way_ != nullptr && !hovered_way_->hint.empty()) {
      hint(hovered_way_->hint);
    }
  }

  const char* id_;
  Area area_;
  const MapContent& content_;
  MapState& state_;
  const std::string& selected_;
  bool hovered_ = false;
  bool active_ = false;
  ImVec2 mouse_;
  ImDrawList* list_ = nullptr;
  MapView view_;
  MapLayout layout_;
  const MapPlace* hovered_place_ = nullptr;
  CardDetail hovered_detail_ = CardDetail::full;  // of its card
  const MapItem* hovered_item_ = nullptr;
  const MapWay* hovered_way_ = nullptr;
  std::string brought_;
  MapAnswer answer_;
};

}  // namespace

MapAnswer draw_map(const char* id, Area area, const MapContent& content, MapState& state,
                   const std::string& selected_path) {
  return Drawing(id, area, content, state, selected_path).run();
}

}  // namespace longhaul
