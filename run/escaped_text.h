// Text of anybody inside markup: what could end it or mark something up stands as text.
#pragma once

#include <string>
#include <string_view>

namespace longhaul {

// Between tags and in attributes of HTML and XML; ends of lines survive in both. Characters that
// XML 1.0 does not know, not even escaped, and what is no UTF-8 become U+FFFD.
std::string escaped(std::string_view text);

// In a line of Markdown, the cell of a table among them.
std::string escaped_markdown(std::string_view text);

}  // namespace longhaul
