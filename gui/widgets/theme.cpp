#include "gui/widgets/theme.h"

#include <imgui_freetype.h>

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <system_error>

namespace longhaul {
namespace {

struct Rgb {
  int r = 0;
  int g = 0;
  int b = 0;
};

using Palette = std::array<Rgb, tints>;

constexpr Rgb rgb(unsigned hex) {
  return {static_cast<int>(hex >> 16), static_cast<int>(hex >> 8 & 255),
          static_cast<int>(hex & 255)};
}

// In the order of Tint. Texts have a contrast of at least 4.5 to their ground (WCAG 2.1, AA), those
// of high contrast 7.
constexpr Palette dark = {rgb(0x101418), rgb(0x181e24), rgb(0x242c34), rgb(0x35414c), rgb(0xe6ebef),
                          rgb(0x9aa8b4), rgb(0x56b4e9), rgb(0x33c29b), rgb(0xf0b429), rgb(0xff7a5c),
                          rgb(0x12181e), rgb(0x26313a), rgb(0x3d4c58)};
constexpr Palette light = {rgb(0xeef1f4), rgb(0xffffff), rgb(0xe6ebef), rgb(0xc4cdd5),
                           rgb(0x17202a), rgb(0x55636f), rgb(0x0066a8), rgb(0x006b4f),
                           rgb(0x8a5a00), rgb(0xb23a00), rgb(0xdfe8ef), rgb(0xf7f6f1),
                           rgb(0xb4bfc8)};
constexpr Palette high_contrast = {rgb(0x000000), rgb(0x000000), rgb(0x1c1c1c), rgb(0xffffff),
                                   rgb(0xffffff), rgb(0xd8d8d8), rgb(0x5cc8ff), rgb(0x3dffb8),
                                   rgb(0xffd23d), rgb(0xff9a80), rgb(0x000000), rgb(0x1e1e1e),
                                   rgb(0x9a9a9a)};

// Okabe and Ito, "Color Universal Design" (2008); black becomes the text's colour. On dark ground
// blue is lightened, on light ground yellow, orange and sky blue are darkened.
constexpr std::array<Rgb, category_count> categories_dark = {
    rgb(0x56b4e9), rgb(0xe69f00), rgb(0x2fd0a3), rgb(0xf0e442),
    rgb(0x5aa2ff), rgb(0xff8a4c), rgb(0xe39ac4)};
constexpr std::array<Rgb, category_count> categories_light = {
    rgb(0x0072b2), rgb(0xb87400), rgb(0x00795a), rgb(0x8a7f00),
    rgb(0x2a8fcf), rgb(0xc04a00), rgb(0xa8548a)};

struct State {
  Look look = Look::dark;
  float scale = 1.0f;
  std::array<ImFont*, 6> faces{};
};
State state;

const Palette& palette() {
  switch (state.look) {
    case Look::light:
      return light;
    case Look::high_contrast:
      return high_contrast;
    case Look::dark:
      break;
  }
  return dark;
}

ImU32 packed(Rgb c, float alpha) {
  return IM_COL32(c.r, c.g, c.b, static_cast<int>(std::clamp(alpha, 0.0f, 1.0f) * 255.0f + 0.5f));
}

ImVec4 mixed(Tint a, Tint b, float share) {
  const ImVec4 x = colour_vec(a);
  const ImVec4 y = colour_vec(b);
  return {x.x + (y.x - x.x) * share, x.y + (y.y - x.y) * share, x.z + (y.z - x.z) * share, 1.0f};
}

std::string first_file(std::initializer_list<const char*> paths) {
  for (const char* path : paths) {
    std::error_code unknown;
    if (std::filesystem::exists(path, unknown)) return path;
  }
  return {};
}

ImFont* add_font(const std::string& path, float size, const std::string& icons) {
  ImFontAtlas* fonts = ImGui::GetIO().Fonts;
  static const ImWchar text_ranges[] = {0x20,   0x24f,  0x370,  0x3ff,  0x2010, 0x2027,
                                        0x2030, 0x205e, 0x20ac, 0x20ac, 0x2190, 0x21ff,
                                        0x2200, 0x22ff, 0x25a0, 0x25ff, 0};
  static const ImWchar icon_ranges[] = {0xf000, 0xf2e0, 0};
  ImFontConfig config;
  config.FontBuilderFlags = ImGuiFreeTypeBuilderFlags_LightHinting;
  config.PixelSnapH = true;
  ImFont* font = nullptr;
  if (path.empty()) {
    config.SizePixels = size;
    font = fonts->AddFontDefault(&config);
  } else {
    font = fonts->AddFontFromFileTTF(path.c_str(), size, &config, text_ranges);
  }
  // Signs that Roboto does not have.
  const std::string more = first_file({"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"});
  if (!more.empty() && more != path) {
    static const ImWchar sign_ranges[] = {0x2190, 0x21ff, 0x2200, 0x22ff, 0x25a0, 0x25ff, 0};
    ImFontConfig merge = config;
    merge.MergeMode = true;
    fonts->AddFontFromFileTTF(more.c_str(), size * 0.92f, &merge, sign_ranges);
  }
  if (!icons.empty()) {
    ImFontConfig merge = config;
    merge.MergeMode = true;
    merge.GlyphMinAdvanceX = size * 1.15f;
    fonts->AddFontFromFileTTF(icons.c_str(), size * 0.95f, &merge, icon_ranges);
  }
  return font;
}

void build_fonts(float scale) {
  ImGui::GetIO().Fonts->Clear();
  const std::string body =
      first_file({"/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf",
                  "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"});
  const std::string strong =
      first_file({"/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Medium.ttf",
                  "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"});
  const std::string mono = first_file({"/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"});
  const std::string icons =
      first_file({"/usr/share/fonts/truetype/font-awesome/fontawesome-webfont.ttf"});
  const auto size = [&](float points) {
    return static_cast<float>(static_cast<int>(points * scale + 0.5f));
  };
  state.faces = {add_font(body, size(16), icons),   add_font(body, size(13.5f), icons),
                 add_font(strong, size(16), icons), add_font(strong, size(22), icons),
                 add_font(mono, size(14), icons),   add_font(body, size(20), icons)};
  ImGui::GetIO().Fonts->FontBuilderIO = ImGuiFreeType::GetBuilderForFreeType();
}

}  // namespace

std::string_view look_name(Look look) {
  switch (look) {
    case Look::dark:
      return "dark";
    case Look::light:
      return "light";
    case Look::high_contrast:
      return "high contrast";
  }
  return "";
}

ImU32 colour(Tint tint, float alpha) {
  return packed(palette()[static_cast<std::size_t>(tint)], alpha);
}

ImVec4 colour_vec(Tint tint, float alpha) {
  return ImGui::ColorConvertU32ToFloat4(colour(tint, alpha));
}

ImU32 category(std::size_t index, float alpha) {
  const auto& all = state.look == Look::light ? categories_light : categories_dark;
  return packed(all[index % category_count], alpha);
}

ImFont* face(Face face) { return state.faces[static_cast<std::size_t>(face)]; }

float px(float at_100_percent) { return at_100_percent * state.scale; }

Look current_look() { return state.look; }
float current_scale() { return state.scale; }

void apply_theme(Look look, float scale) {
  const bool new_fonts = state.faces[0] == nullptr || scale != state.scale;
  state.look = look;
  state.scale = scale;
  if (new_fonts) build_fonts(scale);

  ImGuiStyle style;
  style.WindowPadding = {12, 10};
  style.FramePadding = {8, 5};
  style.CellPadding = {8, 4};
  style.ItemSpacing = {8, 7};
  style.ItemInnerSpacing = {6, 4};
  style.IndentSpacing = 16;
  style.ScrollbarSize = 12;
  style.GrabMinSize = 12;
  style.WindowBorderSize = look == Look::high_contrast ? 1 : 0;
  style.ChildBorderSize = look == Look::high_contrast ? 1 : 0;
  style.FrameBorderSize = look == Look::high_contrast ? 1 : 0;
  style.PopupBorderSize = 1;
  style.WindowRounding = 0;
  style.ChildRounding = 6;
  style.FrameRounding = 4;
  style.PopupRounding = 6;
  style.GrabRounding = 4;
  style.TabRounding = 4;
  style.ScrollbarRounding = 6;
  style.AntiAliasedLinesUseTex = true;
  style.ScaleAllSizes(scale);

  ImVec4* c = style.Colors;
  c[ImGuiCol_Text] = colour_vec(Tint::text);
  c[ImGuiCol_TextDisabled] = colour_vec(Tint::faint);
  c[ImGuiCol_WindowBg] = colour_vec(Tint::ground);
  c[ImGuiCol_ChildBg] = colour_vec(Tint::panel);
  c[ImGuiCol_PopupBg] = colour_vec(Tint::panel);
  c[ImGuiCol_Border] = colour_vec(Tint::line);
  c[ImGuiCol_BorderShadow] = {0, 0, 0, 0};
  c[ImGuiCol_FrameBg] = colour_vec(Tint::raised);
  c[ImGuiCol_FrameBgHovered] = mixed(Tint::raised, Tint::accent, 0.18f);
  c[ImGuiCol_FrameBgActive] = mixed(Tint::raised, Tint::accent, 0.3f);
  c[ImGuiCol_TitleBg] = c[ImGuiCol_TitleBgActive] = colour_vec(Tint::panel);
  c[ImGuiCol_MenuBarBg] = colour_vec(Tint::panel);
  c[ImGuiCol_ScrollbarBg] = {0, 0, 0, 0};
  c[ImGuiCol_ScrollbarGrab] = colour_vec(Tint::line);
  c[ImGuiCol_ScrollbarGrabHovered] = mixed(Tint::line, Tint::text, 0.25f);
  c[ImGuiCol_ScrollbarGrabActive] = mixed(Tint::line, Tint::text, 0.4f);
  c[ImGuiCol_CheckMark] = c[ImGuiCol_SliderGrab] = colour_vec(Tint::accent);
  c[ImGuiCol_SliderGrabActive] = mixed(Tint::accent, Tint::text, 0.2f);
  c[ImGuiCol_Button] = colour_vec(Tint::raised);
  c[ImGuiCol_ButtonHovered] = mixed(Tint::raised, Tint::accent, 0.25f);
  c[ImGuiCol_ButtonActive] = mixed(Tint::raised, Tint::accent, 0.45f);
  c[ImGuiCol_Header] = mixed(Tint::panel, Tint::accent, 0.25f);
  c[ImGuiCol_HeaderHovered] = mixed(Tint::panel, Tint::accent, 0.15f);
  c[ImGuiCol_HeaderActive] = mixed(Tint::panel, Tint::accent, 0.35f);
  c[ImGuiCol_Separator] = colour_vec(Tint::line);
  c[ImGuiCol_SeparatorHovered] = c[ImGuiCol_SeparatorActive] = colour_vec(Tint::accent);
  c[ImGuiCol_ResizeGrip] = {0, 0, 0, 0};
  c[ImGuiCol_ResizeGripHovered] = c[ImGuiCol_ResizeGripActive] = colour_vec(Tint::accent);
  c[ImGuiCol_Tab] = c[ImGuiCol_TabUnfocused] = colour_vec(Tint::panel);
  c[ImGuiCol_TabHovered] = mixed(Tint::panel, Tint::accent, 0.25f);
  c[ImGuiCol_TabActive] = c[ImGuiCol_TabUnfocusedActive] = mixed(Tint::panel, Tint::accent, 0.35f);
  c[ImGuiCol_TableHeaderBg] = colour_vec(Tint::panel);
  c[ImGuiCol_TableBorderStrong] = c[ImGuiCol_TableBorderLight] = colour_vec(Tint::line);
  c[ImGuiCol_TableRowBg] = {0, 0, 0, 0};
  c[ImGuiCol_TableRowBgAlt] = colour_vec(Tint::raised, 0.35f);
  c[ImGuiCol_TextSelectedBg] = colour_vec(Tint::accent, 0.35f);
  c[ImGuiCol_DragDropTarget] = colour_vec(Tint::accent);
  c[ImGuiCol_NavHighlight] = colour_vec(Tint::accent);
  c[ImGuiCol_NavWindowingHighlight] = colour_vec(Tint::accent);
  c[ImGuiCol_NavWindowingDimBg] = c[ImGuiCol_ModalWindowDimBg] = {0, 0, 0, 0.5f};
  ImGui::GetStyle() = style;
}

}  // namespace longhaul
