#include "gui/model/tab_titles.h"

#include <algorithm>

namespace longhaul {
namespace {

// Not within a character of several bytes.
std::size_t character_at(const std::string& text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) {
    at -= 1;
  }
  return at;
}

}  // namespace

std::vector<float> title_widths(float room, std::size_t count, std::size_t active, float rest,
                                float least) {
  const float left = std::max(0.0f, room - rest * static_cast<float>(count));
  const float each = left / static_cast<float>(std::max<std::size_t>(1, count));
  if (each >= least) return std::vector<float>(count, each);
  std::vector<float> widths(count, 0);
  if (active < count) widths[active] = left;
  return widths;
}

std::size_t common_beginning(const std::vector<std::string>& titles) {
  if (titles.size() < 2) return 0;
  std::size_t alike = titles[0].size();
  for (const std::string& title : titles) {
    const auto end = std::mismatch(titles[0].begin(), titles[0].end(), title.begin(), title.end());
    alike = std::min(alike, static_cast<std::size_t>(end.first - titles[0].begin()));
  }
  return character_at(titles[0], alike);
}

std::string cut_title(const std::string& title, std::size_t alike,
                      const std::function<bool(const std::string&)>& fits) {
  if (fits(title)) return title;
  const std::string own = title.substr(alike);
  for (std::size_t kept = alike; kept-- > 0;) {
    const std::string text = title.substr(0, character_at(title, kept)) + "..." + own;
    if (text != "..." && fits(text)) return text;
  }
  const std::string dots = alike == 0 ? "" : "...";
  for (std::size_t kept = own.size(); kept-- > 1;) {
    const std::string text = dots + own.substr(0, character_at(own, kept)) + "...";
    if (fits(text)) return text;
  }
  return "";
}

std::string cut_middle(const std::string& text,
                       const std::function<bool(const std::string&)>& fits) {
  if (fits(text)) return text;
  for (std::size_t kept = text.size(); kept-- > 2;) {
    const std::size_t end = kept / 2;
    std::size_t from = text.size() - end;
    while (from < text.size() && character_at(text, from) != from) from += 1;
    const std::string shown =
        text.substr(0, character_at(text, kept - end)) + "..." + text.substr(from);
    if (fits(shown)) return shown;
  }
  return "";
}

std::string cut_beginning(const std::string& text,
                          const std::function<bool(const std::string&)>& fits) {
  if (fits(text)) return text;
  for (std::size_t from = 1; from < text.size(); ++from) {
    if (character_at(text, from) != from) continue;
    const std::string shown = "..." + text.substr(from);
    if (fits(shown)) return shown;
  }
  return "";
}

}  // namespace longhaul
