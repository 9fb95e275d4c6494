// Small things that all views share: buttons with icons, tables of figures, chips, empty states.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "gui/widgets/theme.h"

namespace longhaul {

// A button with an icon, a text, or both; `hint` is shown on hover and says the key as well. Marked
// as `name`.
bool tool_button(const char* name, const char* icon, const char* text, const char* hint,
                 bool enabled = true, bool active = false);

float tool_button_width(const char* icon, const char* text);
// The next item, or row of items, of that width stands in the middle of the panel.
void centre_next(float width);

// The next such button stands beside the last one, or below it where there is no room; then this
// far from the panel's edge, unless zero.
void beside_or_below(const char* icon, const char* text, float indent = 0);

// Text in a tint and face.
void say(std::string_view text, Tint tint = Tint::text, Face face = Face::body);
// Wrapped at the end of the panel.
void say_wrapped(std::string_view text, Tint tint = Tint::text, Face face = Face::body);
// At the right end of the table's cell or the panel.
void say_right(std::string_view text, Tint tint = Tint::text, Face face = Face::body);
// Names the columns of ImGui's table; "<" at the beginning: it holds figures, at its right end.
void header_row(std::initializer_list<const char*> titles);
// A heading inside of a panel.
void heading(std::string_view text);
// A small rounded label: a role, a state.
void chip(std::string_view text, Tint tint);
// In place of content that is not there yet: what it would be and how to get it.
void empty_state(std::string_view title, std::string_view hint);
// Shown on hover over the last item, wrapped.
void hint(std::string_view text);
// Likewise, below it or else above it, so that it covers no neighbour.
void hint_below(std::string_view text);
// A bar of work under way; 0 to 1, below zero: not known.
void progress_bar(float share, std::string_view text);

}  // namespace longhaul
