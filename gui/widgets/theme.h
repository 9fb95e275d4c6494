// How everything looks: colours by role, fonts, and one scale for all sizes.
//
// Views name roles and never colours of their own. Categories have the colours of Okabe and Ito
// (2008) and, never by colour alone, a dash, a marker or a text beside them. Sizes in views are in
// pixels of a scale of 100 % and pass through px().
#pragma once

#include <imgui.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace longhaul {

enum class Look : std::uint8_t { dark, light, high_contrast };
std::string_view look_name(Look look);

enum class Tint : std::uint8_t {
  ground,  // behind everything
  panel,   // panels on it
  raised,  // fields, buttons, rows under the mouse
  line,    // borders, grids
  text,
  faint,   // text that is not needed at a glance
  accent,  // what is selected, what can be clicked
  good,
  warning,
  bad,
  sea,
  land,
  shore,
};
constexpr std::size_t tints = 13;

ImU32 colour(Tint tint, float alpha = 1.0f);
ImVec4 colour_vec(Tint tint, float alpha = 1.0f);
constexpr std::size_t category_count = 7;
ImU32 category(std::size_t index, float alpha = 1.0f);  // Okabe and Ito, in turn

enum class Face : std::uint8_t { body, small, strong, title, mono, icon };
ImFont* face(Face face);

// Pixels of a scale of 100 % in pixels of the screen.
float px(float at_100_percent);

// Sets colours, sizes and fonts of ImGui. Fonts are built for the scale, so that they stay sharp;
// call it between two frames, and hand the new atlas to the renderer afterwards.
void apply_theme(Look look, float scale);
Look current_look();
float current_scale();

// Icons of Font Awesome 4.7, as text in any face.
namespace icon {
constexpr const char* play = "\xef\x81\x8b";
constexpr const char* pause = "\xef\x81\x8c";
constexpr const char* step_forward = "\xef\x81\x91";
constexpr const char* step_back = "\xef\x81\x88";
constexpr const char* to_start = "\xef\x81\x89";
constexpr const char* to_end = "\xef\x81\x90";
constexpr const char* undo = "\xef\x83\xa2";
constexpr const char* redo = "\xef\x80\x9e";
constexpr const char* plus = "\xef\x81\xa7";
constexpr const char* minus = "\xef\x81\xa8";
constexpr const char* close = "\xef\x80\x8d";
constexpr const char* save = "\xef\x83\x87";
constexpr const char* open = "\xef\x81\xbc";
constexpr const char* copy = "\xef\x83\x85";
constexpr const char* branch = "\xef\x84\xa6";
constexpr const char* database = "\xef\x87\x80";
constexpr const char* users = "\xef\x83\x80";
constexpr const char* server = "\xef\x88\xb3";
constexpr const char* bolt = "\xef\x83\xa7";
constexpr const char* warning = "\xef\x81\xb1";
constexpr const char* error = "\xef\x81\xaa";
constexpr const char* good = "\xef\x80\x8c";
constexpr const char* search = "\xef\x80\x82";
constexpr const char* gear = "\xef\x80\x93";
constexpr const char* clock = "\xef\x80\x97";
constexpr const char* trash = "\xef\x87\xb8";
constexpr const char* bell = "\xef\x83\xb3";
constexpr const char* info = "\xef\x81\x9a";
constexpr const char* menu = "\xef\x83\x89";
constexpr const char* camera = "\xef\x80\xb0";
constexpr const char* right = "\xef\x81\x94";
constexpr const char* down = "\xef\x81\xb8";
constexpr const char* up = "\xef\x81\xb7";
}  // namespace icon

}  // namespace longhaul
