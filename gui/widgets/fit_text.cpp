#include "gui/widgets/fit_text.h"

#include <string>

namespace longhaul {
namespace {

float width_in(ImFont* font, std::string_view text) {
  return font
      ->CalcTextSizeA(font->FontSize, 1e9f, 0, text.data(), text.data() + text.size(), nullptr)
      .x;
}

std::string cut_to(ImFont* font, std::string_view text, float width) {
  if (width_in(font, text) <= width) return std::string(text);
  const float dots = width_in(font, "...");
  if (dots > width) return "";
  std::size_t size = text.size();
  while (size > 0 && width_in(font, text.substr(0, size)) + dots > width) {
    size -= 1;
    // Not within a character of several bytes.
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) size -= 1;
  }
  while (size > 0 && text[size - 1] == ' ') size -= 1;
  return size == 0 ? "" : std::string(text.substr(0, size)) + "...";
}

}  // namespace

float draw_fitted(ImDrawList* list, ImFont* font, ImVec2 at, ImU32 colour, std::string_view text,
                  float width) {
  const std::string shown = cut_to(font, text, width);
  if (shown.empty()) return 0;
  list->AddText(font, font->FontSize, at, colour, shown.data(), shown.data() + shown.size());
  return width_in(font, shown);
}

}  // namespace longhaul
