// Names of files side by side, where there is little room for each.
//
// Variants are called alike and differ at the end, so what goes first is what they have in common.
// Names of what there are many of differ at both ends: what goes first is their middle.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace longhaul {

// Of each title, of so many in a row: they share the room that is left beside the rest of each tab.
// Where none of them could be read with less than `least`, the active one has what there is.
std::vector<float> title_widths(float room, std::size_t count, std::size_t active, float rest,
                                float least);

// How much of the beginning is alike in all of them; none of a single one.
std::size_t common_beginning(const std::vector<std::string>& titles);

// The longest that fits: the title, with "..." in place of the end of the first `alike` bytes, and
// only then of what follows them. Empty when nothing of it fits.
std::string cut_title(const std::string& title, std::size_t alike,
                      const std::function<bool(const std::string&)>& fits);

// The longest that fits: with "..." in the middle, of as much of its end as of its beginning. Empty
// when nothing of it fits.
std::string cut_middle(const std::string& text,
                       const std::function<bool(const std::string&)>& fits);

// Likewise in place of its beginning, for paths: "...links[0].bandwidth".
std::string cut_beginning(const std::string& text,
                          const std::function<bool(const std::string&)>& fits);

}  // namespace longhaul
