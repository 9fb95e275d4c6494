#include "gui/widgets/map_symbols.h"

#include "gui/widgets/map_layout.h"

namespace longhaul {
namespace {

const char* sign_of(MapSymbol symbol) {
  switch (symbol) {
    case MapSymbol::primary:
    case MapSymbol::replica:
    case MapSymbol::cascade:
    case MapSymbol::standby_leader:
    case MapSymbol::standby:
      return icon::database;
    case MapSymbol::app:
      return icon::server;
    case MapSymbol::users:
      return icon::users;
    case MapSymbol::witness:
      return icon::good;
    case MapSymbol::cache:
      return icon::bolt;
  }
  return "";
}

ImU32 ink_of(MapSymbol symbol, Tint tint) {
  if (tint != Tint::text) return colour(tint);
  switch (symbol) {
    case MapSymbol::primary:
    case MapSymbol::replica:
    case MapSymbol::cascade:
    case MapSymbol::standby_leader:
    case MapSymbol::standby:
    case MapSymbol::witness:
      return category(0);
    case MapSymbol::app:
    case MapSymbol::cache:
      return category(1);
    case MapSymbol::users:
      return category(2);
  }
  return colour(tint);
}

}  // namespace

void draw_symbol(ImDrawList* list, ImVec2 centre, float size, MapSymbol symbol, Tint tint,
                 bool struck) {
  const ImU32 ink = ink_of(symbol, tint);
  const float half = size / 2;
  const ImVec2 from{centre.x - half, centre.y - half};
  const ImVec2 to{centre.x + half, centre.y + half};
  ImU32 sign_ink = ink;
  switch (symbol) {
    case MapSymbol::primary:  // the only one that is filled
      list->AddRectFilled(from, to, ink, px(4));
      sign_ink = colour(Tint::panel);
      break;
    case MapSymbol::replica:
      list->AddRect(from, to, ink, px(4), 0, px(1.3f));
      break;
    case MapSymbol::cascade:
      list->AddRect(from, to, ink, px(4), 0, px(1.3f));
      list->AddLine({from.x + px(3), to.y + px(2)}, {to.x - px(3), to.y + px(2)}, ink, px(1.3f));
      break;
    case MapSymbol::standby_leader:  // a primary in a frame of its own
    case MapSymbol::standby: {
      const float inset = px(2.4f);
      const ImVec2 inner_from{from.x + inset, from.y + inset};
      const ImVec2 inner_to{to.x - inset, to.y - inset};
      list->AddRect(from, to, ink, px(4), 0, px(1));
      if (symbol == MapSymbol::standby_leader) {
        list->AddRectFilled(inner_from, inner_to, ink, px(2));
        sign_ink = colour(Tint::panel);
      } else {
        list->AddRect(inner_from, inner_to, ink, px(2), 0, px(1));
      }
      break;
    }
    case MapSymbol::witness:
      list->AddCircle(centre, half, ink, 0, px(1.3f));
      break;
    case MapSymbol::app:
    case MapSymbol::users:
    case MapSymbol::cache:
      break;
  }
  ImFont* font = face(Face::small);
  const bool boxed = symbol == MapSymbol::primary || symbol == MapSymbol::replica ||
                     symbol == MapSymbol::cascade || symbol == MapSymbol::witness;
  const bool framed = symbol == MapSymbol::standby_leader || symbol == MapSymbol::standby;
  const float points = size * (framed ? 0.52f : boxed ? 0.66f : 0.86f);
  const char* sign = sign_of(symbol);
  const ImVec2 extent = font->CalcTextSizeA(points, 1e6f, 0, sign);
  list->AddText(font, points, {centre.x - extent.x / 2, centre.y - extent.y / 2}, sign_ink, sign);
  if (struck) {
    list->AddLine({from.x - px(1), to.y + px(1)}, {to.x + px(1), from.y - px(1)}, colour(Tint::bad),
                  px(2));
  }
}

std::string_view symbol_name(MapSymbol symbol) {
  switch (symbol) {
    case MapSymbol::primary:
      return "primary";
    case MapSymbol::replica:
      return "replica";
    case MapSymbol::cascade:
      return "cascading replica";
    case MapSymbol::standby_leader:
      return "leader of the standby cluster";
    case MapSymbol::standby:
      return "replica in the standby cluster";
    case MapSymbol::app:
      return "application";
    case MapSymbol::users:
      return "users";
    case MapSymbol::witness:
      return "witness";
    case MapSymbol::cache:
      return "cache";
  }
  return "";
}

void draw_small_warning(ImDrawList* list, ImVec2 corner, Tint tint) {
  ImFont* font = face(Face::small);
  const float size = font->FontSize * 0.75f;
  const ImVec2 at{corner.x - size * 0.7f, corner.y - size * 0.2f};
  list->AddText(font, size, at, colour(tint), icon::warning);
}

void draw_arrow(ImDrawList* list, const std::vector<ImVec2>& way, ImU32 ink) {
  const float length = length_of(way);
  if (length < px(40)) return;
  const ImVec2 tip = along(way, 1 - px(11) / length);
  const ImVec2 tail = along(way, 1 - px(22) / length);
  const ImVec2 d{(tip.x - tail.x) / px(11), (tip.y - tail.y) / px(11)};
  list->AddTriangleFilled(tip, {tail.x - d.y * px(6), tail.y + d.x * px(6)},
                          {tail.x + d.y * px(6), tail.y - d.x * px(6)}, ink);
}

ImVec2 pill_size(std::string_view text) {
  ImFont* font = face(Face::small);
  const ImVec2 size =
      font->CalcTextSizeA(font->FontSize, 1e6f, 0, text.data(), text.data() + text.size());
  return {size.x + px(10), size.y + px(4)};
}

void draw_pill(ImDrawList* list, ImVec2 from, std::string_view text, Tint ink, Tint border) {
  const ImVec2 size = pill_size(text);
  const ImVec2 to{from.x + size.x, from.y + size.y};
  list->AddRectFilled(from, to, colour(Tint::panel, 0.94f), px(8));
  list->AddRect(from, to, colour(border, 0.9f), px(8));
  ImFont* font = face(Face::small);
  list->AddText(font, font->FontSize, {from.x + px(5), from.y + px(2)}, colour(ink), text.data(),
                text.data() + text.size());
}

}  // namespace longhaul
